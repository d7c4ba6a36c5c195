"""Tone by lexicon: a word's valence, turned by negation, strengthened by intensifiers, weighed around “but”.

The rules and their weights are those that lexicon tools share (Hutto and Gilbert, ICWSM 2014); the two thresholds of a
language are tuned on training tweets alone. The card says what it reaches: `cards/tone-lexicon.toml`.
"""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from vigie.schema.vocab import LabelKind, Tone
from vigie.text.words import fold, pattern

LEXICONS = Path(__file__).parent / "lexicons"

NEGATION_WINDOW = 4
"""Words after a negator that it turns, until punctuation (reference measured with the same window)."""

NEGATED = -0.6
"""What a negated valence is multiplied by: “not good” is less than “bad” (Hutto and Gilbert give -0.74)."""

INTENSIFIED = 1.3
"""What a valence is multiplied by after an intensifier (Hutto and Gilbert add 0.293 to values near 1)."""

BEFORE_BUT, AFTER_BUT = 0.6, 1.4
"""Weights of the words before and after “but”: what follows is what is meant (Hutto and Gilbert: 0.5 and 1.5)."""

EMOJI_WEIGHT = 1.0
"""Weight of an emoji beside a word."""

SQUASH = 1.5
"""Sum of valences at which the score is 0.55: x / sqrt(x² + SQUASH²) keeps it between -1 and 1."""

NEGATORS: Mapping[str, frozenset[str]] = {
    "fr": frozenset("ne n pas jamais aucun aucune rien sans ni plus guère personne".split()) - {"plus"},
    "en": frozenset("not no never without cannot cant dont doesnt didnt isnt wasnt arent wont nor neither t".split()),
}
"""Words that turn what follows; apostrophes part words, so `n't` leaves `t` and `n'` leaves `n`."""

INTENSIFIERS: Mapping[str, frozenset[str]] = {
    "fr": frozenset("très trop tellement vraiment super hyper extrêmement si vachement totalement tres".split()),
    "en": frozenset("very really so too extremely totally absolutely super incredibly completely".split()),
}
"""Words that strengthen the next one."""

TURNS: Mapping[str, frozenset[str]] = {
    "fr": frozenset({"mais", "pourtant", "cependant"}),
    "en": frozenset({"but", "however", "yet"}),
}
"""Words after which the point is made."""

_BREAK = re.compile(r"[.!?;:,…\n]")


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Scores under which a text is negative, and over which it is positive; between, neutral."""

    negative: float
    positive: float


THRESHOLDS: Mapping[str, Thresholds] = {"fr": Thresholds(-0.02, 0.32), "en": Thresholds(-0.02, 0.28)}
"""Tuned for macro-F1 on the training tweets of UMSAB, near-duplicates of its test left out."""


class ToneLabeller:
    """Tone of French and English texts; absent for other languages."""

    kind = LabelKind.TONE.value
    name = "tone-lexicon"
    version = "1"

    def label(self, texts: Sequence[str], languages: Sequence[str | None]) -> tuple[list[str | None], list[float]]:
        """Return negative, neutral or positive, and how sure the rules are (0-1)."""
        answers = [tone_of(text, language) for text, language in zip(texts, languages, strict=True)]
        return [a[0] for a in answers], [a[1] for a in answers]


def tone_of(text: str, language: str | None) -> tuple[str | None, float]:
    """Return the tone of a text and a score; absent when no lexicon reads the language."""
    base = (language or "").split("-")[0]
    if base not in THRESHOLDS:
        return None, 0.0
    return decide(polarity(text, base), THRESHOLDS[base])


def decide(score: float, thresholds: Thresholds) -> tuple[str, float]:
    """Return the tone that a polarity stands for, and how far it is from the other ones, 0-1."""
    if score < thresholds.negative:
        return Tone.NEGATIVE.value, min(1.0, 0.5 + (thresholds.negative - score) / 2)
    if score > thresholds.positive:
        return Tone.POSITIVE.value, min(1.0, 0.5 + (score - thresholds.positive) / 2)
    middle = (thresholds.negative + thresholds.positive) / 2
    half = (thresholds.positive - thresholds.negative) / 2 or 1.0
    return Tone.NEUTRAL.value, 1.0 - 0.5 * abs(score - middle) / half


def polarity(text: str, language: str) -> float:
    """Return the polarity of a text, -1 to 1; 0 where no word of the lists stands."""
    words, emoji = lexicon(f"{language}.tsv"), lexicon("emoji.tsv")
    negators, intensifiers, turns = NEGATORS[language], INTENSIFIERS[language], TURNS[language]
    before, after, negated, strength, last = 0.0, 0.0, 0, 1.0, 0
    turned = False
    for match in pattern().finditer(text):
        word = fold(match.group()).exact
        if negated and _BREAK.search(text, last, match.start()):
            negated = 0
        last = match.end()
        value = words.get(word)
        if value is None:
            value = emoji.get(word, 0.0) * EMOJI_WEIGHT
        if value:
            value *= strength * (NEGATED if negated else 1.0)
            after, before = (after + value, before) if turned else (after, before + value)
        strength = INTENSIFIED if word in intensifiers else 1.0
        negated = NEGATION_WINDOW if word in negators else max(0, negated - 1)
        turned = turned or word in turns
    total = BEFORE_BUT * before + AFTER_BUT * after if turned else before
    return total / math.sqrt(total * total + SQUASH * SQUASH)


@cache
def lexicon(name: str) -> dict[str, float]:
    """Return the valence of each word of a list, -1 to 1."""
    lines = (LEXICONS / name).read_text("utf-8").splitlines()
    return {word: float(value) for word, _, value in (line.partition("\t") for line in lines)}
