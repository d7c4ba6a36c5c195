"""Grammars ready to speak: one for each language, field and gender, compiled at first use."""

from dataclasses import dataclass
from functools import cache

from vigie.demo import en_life, en_public, en_story, en_words, fr_life, fr_public, fr_story, fr_words
from vigie.demo.grammar import Choice, Draw, Grammar, compiled, write

SIGNS = {"+": "positive", "-": "negative", "=": "neutral"}
"""First character of a frame whose tone is not that of its topic."""


@dataclass(frozen=True, slots=True)
class Lead:
    """Frames of one topic, with the tone of each."""

    choice: Choice
    tones: tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class Voice:
    """What somebody can say."""

    grammar: Grammar
    leads: dict[str, Lead]
    """By topic; `TOPIC_r` are those about a relative."""

    def say(self, symbol: str, draw: Draw) -> str:
        """Return one sentence of a symbol."""
        return write(self.grammar[symbol], draw)

    def several(self, symbol: str, count: int, draw: Draw) -> list[str]:
        """Return sentences of a symbol, each from another frame, at most as many as there are frames."""
        choice = self.grammar[symbol]
        start = int(draw() * choice.n)
        return [write(_only(choice, (start + i) % choice.n), draw) for i in range(min(count, choice.n))]

    def lead(self, topic: str, draw: Draw) -> tuple[str, str | None]:
        """Return one sentence of a topic, and its tone where it has one of its own."""
        lead = self.leads[topic]
        at = int(draw() * lead.choice.n)
        return write(_only(lead.choice, at), draw), lead.tones[at]


def _only(choice: Choice, at: int) -> Choice:
    one = Choice()
    one.fill(choice.options[at : at + 1])
    return one


@cache
def voice(language: str, field: str, *, author_f: bool, relative_f: bool) -> Voice:
    """Return the voice of somebody: `fr` or `en`, `thyroid` or `asthma`."""
    rules = _rules(language, field, relative_f=relative_f)
    topics = {
        name: texts for name, texts in rules.items() if any(t[:1] in SIGNS for t in texts) or name in _life(language)
    }
    clean = {name: [t[1:] if name in topics and t[:1] in SIGNS else t for t in texts] for name, texts in rules.items()}
    grammar = compiled(clean, author_f=author_f, relative_f=relative_f)
    leads = {n: Lead(grammar[n], tuple(SIGNS.get(t[:1]) for t in texts)) for n, texts in topics.items()}
    return Voice(grammar, leads)


def _life(language: str) -> dict[str, list[str]]:
    return fr_life.LIFE if language == "fr" else en_life.LIFE


def _rules(language: str, field: str, *, relative_f: bool) -> dict[str, list[str]]:
    rules = _french(field) if language == "fr" else _english(field)
    rules |= {f"c{tens}": [f"{tens}{units}" for units in range(1, 10)] for tens in range(2, 7)}
    rules |= {
        "c1": list("123456789"),
        "mail": ["{prenom}.{d}{d}@courriel.example"],
        "prenom": ["anne", "paul", "zoe", "karim", "luc", "mina"],
    }
    rules |= {f"ei_{kind}_{i}": [frame[0].removeprefix("A:").removeprefix("T:")] for kind, i, frame in events(language)}
    rules["relation"] = rules["relation_f" if relative_f else "relation_m"]
    return rules


def _french(field: str) -> dict[str, list[str]]:
    words = {**fr_words.WORDS, **(fr_words.THYROID if field == "thyroid" else fr_words.ASTHMA)}
    public = {**fr_public.PRESS, **fr_public.PRO, **fr_public.OWN, **fr_public.FIELD}
    return {**words, **fr_life.LIFE, **fr_life.TELLING, **public, **fr_story.BUZZ, "moi": fr_story.WHO}


def _english(field: str) -> dict[str, list[str]]:
    words = {**en_words.WORDS, **(en_words.THYROID if field == "thyroid" else en_words.ASTHMA)}
    public = {**en_public.PRESS, **en_public.PRO, **en_public.OWN, **en_public.FIELD}
    return {**words, **en_life.LIFE, **en_life.TELLING, **public, **en_story.BUZZ, "moi": en_story.WHO}


@cache
def events(language: str) -> tuple[tuple[str, int, tuple[str, str, str]], ...]:
    """Return the frames of adverse events: kind, number within the kind, (text, reaction, speaker)."""
    frames = fr_story.EVENTS if language == "fr" else en_story.EVENTS
    return tuple(
        (kind, i, frame)
        for kind in ("complet", "sans_patient", "sans_declarant")
        for i, frame in enumerate(frames[kind])
    )
