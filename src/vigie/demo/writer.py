"""Write one post: who speaks, of what, in which form; the text as typed and what is true of it."""

import re
from dataclasses import dataclass, field
from typing import NamedTuple

from vigie.demo import cast
from vigie.demo.grammar import HOLES, Draw
from vigie.demo.noise import typed
from vigie.demo.people import Author
from vigie.demo.voices import Voice, events, voice

TOPICS = (
    ("effet_bon", "positive", 13), ("effet_nul", "negative", 8), ("prix", "negative", 8), ("rupture", "negative", 13), ("paquet", "negative", 7), ("officine", "positive", 6),
    ("medecin", "neutral", 9), ("question", "neutral", 14), ("voyage", "neutral", 5), ("labo", "neutral", 8), ("compare", "neutral", 6), ("sans_effet_secondaire", "positive", 4),
)  # fmt: skip
"""Topics of ordinary posts about a product: name, tone unless the frame says another, how often (parts of the sum)."""

TOPIC_NAMES = {
    "effet_bon": "efficacy", "effet_nul": "no_effect", "prix": "price", "rupture": "stock_out", "paquet": "packaging", "officine": "pharmacy", "medecin": "doctor", "question": "question",
    "voyage": "travel", "labo": "company", "compare": "comparison", "sans_effet_secondaire": "no_side_effect", "domaine": "field", "bavardage": "chat", "video": "video", "spam": "spam",
    "presse": "press", "pro": "practice", "blog": "blog", "rumeur": "new_formula", "rumeur_calme": "new_formula", "temoin_flou": "new_formula", "pro_calme": "new_formula",
    "rep_accord": "answer", "rep_conseil": "answer", "influence": "new_formula", "chaine": "new_formula", "depeche": "new_formula",
}  # fmt: skip
"""Topics as the truth calls them."""

RELATIVES = {"effet_bon", "effet_nul", "rupture", "paquet", "question"}
"""Topics that people also tell of a relative (frames `TOPIC_r`)."""

_TOPIC_TABLE = tuple((name, tone) for name, tone, weight in TOPICS for _ in range(weight))
_ELISION = re.compile(r"\b([Dd]|[Qq]u|[Ll]orsqu|[Jj]usqu)e (?=[aeéèêiîoôuAEÉIOU])")
_STARTS = re.compile(r"[«“(\s]*\w")


class Said(NamedTuple):
    """A text and what is true of it."""

    title: str | None
    text: str
    topic: str
    """A key of `TOPIC_NAMES`."""
    tone: str
    speaker: str
    product: str | None


@dataclass(slots=True)
class Pen:
    """One author writing one post: the draw, the voice, and what stands in the holes."""

    draw: Draw
    language: str
    author: Author
    care: float
    product: str
    voice: Voice
    holes: dict[str, str] = field(default_factory=dict)

    def fill(self, text: str) -> str:
        """Put the post's own words into the holes."""
        for hole, word in self.holes.items():
            if hole in text:
                text = text.replace(hole, word)
        return text

    def say(self, symbol: str) -> str:
        """Return a sentence without its stop."""
        return self.fill(self.voice.say(symbol, self.draw))


PRINTED = 0.95
"""Care from which texts are read over before they appear, so that no habit of the author shows."""


def pen(draw: Draw, *, language: str, about: str, author: Author, care: float, product: str | None = None) -> Pen:
    """Give an author a product to speak of, ours rather than others', and the way they write it."""
    if product is None:
        product = _product(draw, about)
    is_thyroid = product in cast.THYROID_PRODUCTS
    rivals = cast.THYROID_PRODUCTS if is_thyroid else cast.ASTHMA_PRODUCTS
    relative_f = draw() < 0.6  # noqa: PLR2004 -- women are spoken of a little more
    own = care if care >= PRINTED else min(1.0, max(0.0, care + (author.luck * 7 % 1 - 0.5) * 0.75))
    made = Pen(draw, language, author, own, product, _voice(language, is_thyroid, author, relative_f))
    other = rivals[(rivals.index(product) + 1 + int(draw() * 2)) % 3]
    makers = cast.MAKERS[product]
    lab = makers[int(draw() * len(makers))] if language == "fr" else makers[0]
    made.holes = {
        HOLES["p"]: _spelt(draw, product, own),
        HOLES["q"]: other,
        HOLES["lab"]: lab,
        HOLES["R"]: made.voice.say("relation", draw),
    }
    return made


def _voice(language: str, is_thyroid: bool, author: Author, relative_f: bool) -> Voice:  # noqa: FBT001 -- passed on by name below
    return voice(language, "thyroid" if is_thyroid else "asthma", author_f=author.female, relative_f=relative_f)


def _product(draw: Draw, about: str) -> str:
    pick = draw()
    thyroid = about == "thyroid" or (about == "both" and draw() < 0.62)  # noqa: PLR2004 -- the older product is spoken of more
    return (cast.THYROID_PRODUCTS if thyroid else cast.ASTHMA_PRODUCTS)[0 if pick < 0.57 else 1 if pick < 0.83 else 2]  # noqa: PLR2004 -- shares of voice


def _spelt(draw: Draw, product: str, care: float) -> str:
    if care > 0.85 or draw() < 0.4 + care * 0.6:  # noqa: PLR2004 -- the careful write it right
        return product
    forms = cast.SPELLINGS[product]
    return forms[int(draw() * len(forms))]


def told(pen: Pen, sentences: list[str]) -> str:
    """Join sentences as this author does, and type them."""
    french, out = pen.language == "fr", []
    for text in sentences:
        begun = _begun(text) if pen.care > 0.3 or pen.draw() < 0.5 else text  # noqa: PLR2004 -- the careless begin in small
        out.append(begun + _stop(pen, text))
    joined = _joined(pen, out)
    joined = _ELISION.sub(r"\1'", joined) if french else joined
    return typed(joined, pen.draw, care=pen.care, french=french)


def _begun(text: str) -> str:
    """Begin with a capital, after a quotation mark too."""
    first = text[:1]
    if first.isalpha():
        return first.upper() + text[1:]
    return _STARTS.sub(lambda m: m.group().upper(), text, count=1)


def _stop(pen: Pen, text: str) -> str:
    last = text[-1:]
    if not (last.isalnum() or last in "€%»”)+") or text.endswith(".example"):
        return ""
    chance = pen.draw()
    if pen.care > 0.8 or chance < 0.72:  # noqa: PLR2004 -- most sentences end with a stop
        return "."
    return "…" if chance < 0.82 else " !" if pen.language == "fr" and chance < 0.93 else "!" if chance < 0.93 else "..."  # noqa: PLR2004 -- by taste


def _joined(pen: Pen, sentences: list[str]) -> str:
    if len(sentences) > 3 and pen.draw() < 0.5:  # noqa: PLR2004 -- long messages have paragraphs
        half = 1 + int(pen.draw() * (len(sentences) - 1))
        return " ".join(sentences[:half]) + "\n\n" + " ".join(sentences[half:])
    return " ".join(sentences)


def _lead(pen: Pen, topic: str, tone: str) -> tuple[str, str, str]:
    """Return a sentence on a topic, its tone, and who speaks."""
    speaker = "self"
    if topic in RELATIVES and pen.draw() < 0.24:  # noqa: PLR2004 -- one in four writes for a relative
        topic, speaker = f"{topic}_r", "relative"
    text, own = pen.voice.lead(topic, pen.draw)
    return pen.fill(text), own or tone, speaker


def topic_of(draw: Draw) -> tuple[str, str]:
    """Draw a topic and its tone."""
    return _TOPIC_TABLE[int(draw() * len(_TOPIC_TABLE))]


TONES = {name: tone for name, tone, _ in TOPICS}
"""Tone of each topic."""


def message(pen: Pen, topic: str) -> Said:
    """Write a message of a forum: greeting, matter, story, question, farewell; long ones and short ones."""
    draw = pen.draw
    lead, tone, speaker = _lead(pen, topic, TONES[topic])
    sentences = [pen.say("salut")] if draw() < 0.55 else []  # noqa: PLR2004 -- half of them greet
    sentences.append(lead)
    more = int(draw() * draw() * draw() * 9)
    sentences += [pen.fill(text) for text in pen.voice.several("recit", more, draw)]
    if draw() < 0.3:  # noqa: PLR2004 -- a second thing on the same matter
        sentences.insert(-1 if more else len(sentences), _lead(pen, topic, tone)[0])
    if draw() < 0.35 and not lead.endswith("?"):  # noqa: PLR2004 -- a third ask
        sentences.append(pen.say("demande"))
    if draw() < 0.45:  # noqa: PLR2004 -- not all say goodbye
        sentences.append(pen.say("fin"))
    if len(lead) < 60 and len(sentences) > 2 and draw() < 0.5:  # noqa: PLR2004 -- the matter is the title
        sentences.remove(lead)
        title = told(pen, [lead]).rstrip(".…!")
    else:
        title = told(pen, [pen.fill(_short_title(pen, topic))]).rstrip(".…!")
    return Said(title, told(pen, _unique(sentences)), topic, tone, speaker, pen.product)


def _unique(sentences: list[str]) -> list[str]:
    """Leave out what begins as an earlier sentence does: nobody says the same thing twice in one breath."""
    return list({text[:ALIKE].lower(): text for text in reversed(sentences)}.values())[::-1]


ALIKE = 9
"""Characters that two sentences share at their beginning when they come from one frame, mostly."""


TITLES = {
    "fr": {"effet_bon": "retour positif", "effet_nul": "aucun effet", "prix": "prix, remboursement", "rupture": "rupture", "paquet": "l'emballage", "officine": "ma pharmacie", "medecin": "suivi", "question": "question",
           "voyage": "voyage", "labo": "le labo", "compare": "comparaison", "sans_effet_secondaire": "tout va bien"},
    "en": {"effet_bon": "good news", "effet_nul": "no effect", "prix": "price", "rupture": "shortage", "paquet": "the box", "officine": "my pharmacy", "medecin": "appointments", "question": "question", "voyage": "travel",
           "labo": "the maker", "compare": "comparison", "sans_effet_secondaire": "all fine"},
}  # fmt: skip
"""Short titles of discussions."""


def _short_title(pen: Pen, topic: str) -> str:
    name, draw = TITLES[pen.language][topic], pen.draw()
    shapes = (
        "{t} {p}",
        "{p} : {t}",
        "{p}, {t}",
        "{t}",
        "{t} ?",
        "{p} {d} : {t}",
        "{p}",
        "{p} {d}",
        "{t} {l}",
        "{t} / {p}",
    )
    shape = shapes[int(draw * len(shapes))].format(t=name, p=HOLES["p"], d=pen.say("dose"), l=pen.say("lieu"))
    return shape if pen.language == "fr" else shape.replace(" :", ":").replace(" ?", "?")


def short(pen: Pen, topic: str, *, tags: float) -> Said:
    """Write a short post of a microblog or a comment."""
    draw = pen.draw
    lead, tone, speaker = _lead(pen, topic, TONES[topic])
    sentences = [lead]
    chance = draw()
    if chance < 0.2:  # noqa: PLR2004 -- some say how they feel first
        if tone == "neutral":
            sentences = [f"{pen.say('franch')}, {lead}"]
        else:
            sentences.insert(0, pen.say("joie" if tone == "positive" else "colere"))
    elif chance < 0.4:  # noqa: PLR2004 -- some go on
        sentences.append(pen.say("recit" if chance < 0.32 else "demande"))  # noqa: PLR2004 -- more tell than ask
    text = told(pen, sentences)
    return Said(None, text + _tail(pen, tone, tags, text), topic, tone, speaker, pen.product)


def _tail(pen: Pen, tone: str, tags: float, text: str) -> str:
    """Return the emoji and the tags after a text; none after an emoji."""
    chance = pen.draw() if text[-1:] < "\u2600" else 1.0
    tail = (
        f" {pen.say('gai' if tone == 'positive' else 'triste' if tone == 'negative' else 'pensif')}"
        if chance < (0.5 if tone != "neutral" else 0.28) * (1.1 - pen.care)
        else ""
    )
    if pen.draw() < tags:
        tail += " " + " ".join(dict.fromkeys(pen.say("tag") for _ in range(1 if chance < 0.6 else 2)))  # noqa: PLR2004 -- one tag or two
    return tail


def review(pen: Pen, topic: str) -> Said:
    """Write a review of a product."""
    lead, tone, speaker = _lead(pen, topic, TONES[topic])
    sentences = [lead]
    for _ in range(int(pen.draw() * 2.6)):
        sentences.append(pen.say("recit") if pen.draw() < 0.6 else _lead(pen, topic, tone)[0])  # noqa: PLR2004 -- stories rather than facts
    mood = pen.say("joie" if tone == "positive" else "colere" if tone == "negative" else "bof")
    return Said(told(pen, [mood]).rstrip(".…"), told(pen, _unique(sentences)), topic, tone, speaker, pen.product)


def answer(pen: Pen, topic: str) -> Said:
    """Answer in a conversation on a topic."""
    draw = pen.draw
    chance = draw()
    kind = (
        "rep_accord"
        if chance < 0.34
        else "rep_conseil"
        if chance < 0.6
        else "rep_merci"
        if chance < 0.8
        else "rep_doute"
    )  # noqa: PLR2004 -- more agree than doubt
    sentences, tone, speaker, product = [pen.say(kind)], "neutral", "self", None
    if topic in TONES and kind != "rep_merci" and draw() < 0.55:  # noqa: PLR2004 -- half go on about the matter
        lead, tone, speaker = _lead(pen, topic, TONES[topic])
        sentences.append(lead)
        product = pen.product
    elif draw() < 0.3:  # noqa: PLR2004 -- some tell of themselves
        sentences.append(pen.say("recit"))
    text = told(pen, sentences)
    return Said(None, text + _tail(pen, tone, 0.0, text), topic, tone, speaker, product)


def plain_post(
    pen: Pen,
    symbol: str,
    *,
    tone: str = "neutral",
    speaker: str = "self",
    more: float = 0.0,
    tags: float = 0.0,
    names: bool = False,
) -> Said:
    """Write a post that is one frame of a symbol, with a second one by chance."""
    sentences = [pen.say(symbol)]
    if pen.draw() < more:
        again = speaker == "professional" or pen.draw() < 0.5  # noqa: PLR2004 -- more of it, or of themselves
        sentences.append(pen.say(symbol if again else "recit"))
    text = told(pen, _unique(sentences))
    return Said(None, text + _tail(pen, tone, tags, text), symbol, tone, speaker, pen.product if names else None)


def article(pen: Pen, title: str, body: str, sentences: int, *, topic: str, speaker: str) -> Said:
    """Write an article of the press or of the company: a title and a body."""
    lines = [pen.fill(text) for text in pen.voice.several(body, sentences, pen.draw)]
    return Said(told(pen, [pen.say(title)]).rstrip("."), told(pen, lines), topic, "neutral", speaker, pen.product)


class Event(NamedTuple):
    """An adverse-event post."""

    said: Said
    reaction: str
    criteria: tuple[str, ...]


def fitting(language: str, product: str, rank: int) -> tuple[str, int, tuple[str, str, str]]:
    """Return the frame of the nth adverse event: each is used in turn; one in four lacks a criterion."""
    other = "T:" if product == cast.AERIVANE else "A:"
    kind = ("complet", "complet", "complet", "sans_patient", "complet", "complet", "complet", "sans_declarant")[
        rank * 3 % 8
    ]
    frames = [e for e in events(language) if e[0] == kind and not e[2][0].startswith(other)]
    step = 5 if len(frames) % 5 else 7
    return frames[(rank * 2 // 3 if kind == "complet" else rank // 8 + rank // 3) * step % len(frames)]


def event(pen: Pen, rank: int) -> Event:
    """Write an adverse-event post: a drug and a reaction, a patient and a reporter in most."""
    kind, number, (_, reaction, speaker) = fitting(pen.language, pen.product, rank)
    text = pen.say(f"ei_{kind}_{number}").replace("§", reaction)
    said = Said(None, told(pen, [text]), "adverse_event", "negative", speaker, pen.product)
    criteria = tuple(
        c
        for c in ("patient", "reporter", "drug", "reaction")
        if c != {"sans_patient": "patient", "sans_declarant": "reporter"}.get(kind)
    )
    return Event(said, reaction, criteria)
