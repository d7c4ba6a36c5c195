"""Tone by lexicon: the valence of each word, turned by negation, strengthened by intensifiers, weighed around “but”.

    polarity = x / sqrt(x² + 1)
    x = sum of the valences, those before and after “but” weighed, a tenth more per exclamation mark (three at most)

Two thresholds of a language make a polarity negative, neutral or positive. They, and the score of an answer, are tuned
on training tweets alone (`lexicons/tuned.toml`, written by `cards/measure.py`); `cards/tone-lexicon.toml` says what
they reach on others. The rules are those that lexicon tools share (Hutto and Gilbert, VADER, ICWSM 2014); the lists
and their XX"""

import math
import re
import tomllib
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import cache
from pathlib import Path

from vigie.schema.vocab import LabelKind, Tone
from vigie.text.words import Word, fold, pattern

LEXICONS = Path(__file__).parent / "lexicons"

LISTS: Mapping[str, Mapping[str, float]] = {
    "fr": {"vader-fr.tsv": 1.0, "afinn-fr.tsv": 1.5, "pattern-fr.tsv": 0.5},
    "en": {"vader-en.tsv": 1.0, "afinn-en.tsv": 1.5, "opinion-en.tsv": 0.5},
}
"""The lists of a language and their weights. Chosen among 0.5, 1 and 1.5 on UMSAB train: rated entries say more than
Pattern's inferred ones or the opinion lexicon's bare signs (macro-F1 from 0.576 to 0.586 in French, from 0.599 to
0.608 in English)."""

NEGATION_WINDOW = 4
"""Words after a negator that it turns, until a sign of punctuation (3 and 5 differ by less than 0.3 points)."""

NEGATED = -0.6
"""What a negated valence is multiplied by: “not good” is less than “bad” (Hutto and Gilbert give -0.74)."""

INTENSIFIED = 1.3
"""What a valence is multiplied by after an intensifier (Hutto and Gilbert add 0.293 to values near 1)."""

BEFORE_BUT, AFTER_BUT = 0.7, 1.3
"""Weights of what stands before and after the last “but”: what follows is meant (Hutto and Gilbert: 0.5, 1.5)."""

EXCLAMATION, MOST_EXCLAMATIONS = 0.1, 3
"""What each “!” adds to the strength of a text, and how many count (Hutto and Gilbert: 0.292 each, four)."""

NEGATORS: Mapping[str, frozenset[str]] = {
    "fr": frozenset(
        ["ne", "n", "pas", "jamais", "aucun", "aucune", "aucuns", "aucunes", "rien", "sans", "ni", "guère", "guere"]
    ),
    "en": frozenset(
        [
            "not",
            "no",
            "never",
            "none",
            "nobody",
            "nothing",
            "neither",
            "nor",
            "nowhere",
            "without",
            "cannot",
            "cant",
            "dont",
            "doesnt",
            "didnt",
            "isnt",
            "wasnt",
            "arent",
            "wont",
            "couldnt",
            "shouldnt",
            "wouldnt",
            "aint",
            "hardly",
            "barely",
        ]
    ),
}
"""Words that turn what follows; in English also every word that ends in n't."""

INTENSIFIERS: Mapping[str, frozenset[str]] = {
    "fr": frozenset(
        [
            "très",
            "tres",
            "trop",
            "tellement",
            "vraiment",
            "super",
            "hyper",
            "extrêmement",
            "si",
            "vachement",
            "totalement",
            "ultra",
            "complètement",
            "absolument",
            "particulièrement",
            "plus",
            "fort",
        ]
    ),
    "en": frozenset(
        [
            "very",
            "really",
            "so",
            "too",
            "extremely",
            "totally",
            "absolutely",
            "super",
            "incredibly",
            "completely",
            "fucking",
            "such",
            "most",
            "much",
            "damn",
        ]
    ),
}
"""Words that strengthen the next one."""

TURNS: Mapping[str, frozenset[str]] = {
    "fr": frozenset({"mais", "pourtant", "cependant", "néanmoins", "toutefois"}),
    "en": frozenset({"but", "however"}),
}
"""Words after which the point is made."""

REMEMBERED = 30_000
"""Different pieces of text whose part is remembered per language: the words of nearly all posts, about 5 MB. More are
numbers and names met once (measured: a hundred thousand cost ten times the memory for no speed)."""

_RUN = re.compile(r"(.)\1{2,}")


class Part(IntEnum):
    """What a piece of text does."""

    WORD = 0
    NEGATOR = 1
    INTENSIFIER = 2
    TURN = 3
    STOP = 4
    SIGN = 5
    """An emoji or emoticon: its valence stands as it is."""
    NOTHING = 6


@dataclass(frozen=True, slots=True)
class Tuned:
    """What training fixed for a language."""

    negative: float
    """Polarity under which a text is negative."""
    positive: float
    """Polarity from which a text is positive."""
    edges: tuple[float, ...]
    """Polarities at which the score changes."""
    scores: tuple[float, ...]
    """Share of the training tweets, between two edges, whose label was the one given here; one more than edges."""


class ToneLabeller:
    """Tone of French and English texts; absent for other languages."""

    kind = LabelKind.TONE.value
    name = "tone-lexicon"
    version = "1"

    def label(self, texts: Sequence[str], languages: Sequence[str | None]) -> tuple[list[str | None], list[float]]:
        """Return negative, neutral or positive, and how often such an answer was right on tweets (0-1)."""
        answers = [tone_of(text, language) for text, language in zip(texts, languages, strict=True)]
        return [a[0] for a in answers], [a[1] for a in answers]


def tone_of(text: str, language: str | None) -> tuple[str | None, float]:
    """Return the tone of a text and the score of the answer; absent when no list reads the language."""
    base = (language or "").split("-")[0]
    if base not in LISTS:
        return None, 0.0
    return decide(polarity(text, base), tuned()[base])


def decide(value: float, given: Tuned) -> tuple[str, float]:
    """Return the tone that a polarity stands for, and its score."""
    score = given.scores[bisect_right(given.edges, value)]
    if value < given.negative:
        return Tone.NEGATIVE.value, score
    return (Tone.POSITIVE.value if value >= given.positive else Tone.NEUTRAL.value), score


def polarity(text: str, language: str) -> float:
    """Return the polarity of a text, -1 to 1; 0 where nothing of the lists stands."""
    reader = _reader(language)
    known, learn = reader.known, reader.learn
    before = total = 0.0
    strength, negated, exclamations, turned = 1.0, 0, 0, False
    for piece in _pieces().findall(text):
        part, value = known.get(piece) or learn(piece)
        if part == Part.WORD:
            total += value * strength * NEGATED if negated else value * strength
            strength, negated = 1.0, negated - 1 if negated else 0
        elif part == Part.STOP:
            exclamations += piece.count("!")
            strength, negated = 1.0, 0
        elif part == Part.SIGN:
            total += value
        elif part == Part.NEGATOR:
            strength, negated = 1.0, NEGATION_WINDOW
        elif part == Part.INTENSIFIER:
            total += value * strength * NEGATED if negated else value * strength
            strength, negated = INTENSIFIED, negated - 1 if negated else 0
        elif part == Part.TURN:
            before, total, turned = before + total, 0.0, True
            strength, negated = 1.0, 0
    if turned:
        total = BEFORE_BUT * before + AFTER_BUT * total if total else before
    total *= 1 + EXCLAMATION * min(exclamations, MOST_EXCLAMATIONS)
    return total / math.sqrt(total * total + 1)


@cache
def _pieces() -> re.Pattern[str]:
    emoticons = "|".join(re.escape(sign) for sign in sorted(read("emoticons.tsv"), key=len, reverse=True))
    return re.compile(rf"https?://\S+|{pattern().pattern}|(?<!\w)(?:{emoticons})(?!\w)|[.!?;:,…\n]+")


class Reader:
    """Says what the pieces of a language's texts do, and remembers what it said."""

    def __init__(self, language: str) -> None:
        self.known: dict[str, tuple[Part, float]] = {}
        self._language = language
        self._lists = valences(language), read("emoji.tsv"), read("emoticons.tsv")

    def learn(self, piece: str) -> tuple[Part, float]:
        """Work out what a piece does."""
        if len(self.known) >= REMEMBERED:
            self.known.clear()
        found = self.known[piece] = _part(piece, self._language, *self._lists)
        return found


_reader = cache(Reader)


def _part(
    piece: str, language: str, words: Mapping[str, float], emoji: Mapping[str, float], emoticons: Mapping[str, float]
) -> tuple[Part, float]:
    if piece in emoticons:
        return Part.SIGN, emoticons[piece]
    if piece.startswith(("http://", "https://", "@")):
        return Part.NOTHING, 0.0
    if pattern().match(piece) is None:
        return Part.STOP, 0.0
    word = fold(piece)
    if word.exact in emoji:
        return Part.SIGN, emoji[word.exact]
    part = _grammar(word.exact, language)
    return part, _valence(word, words) if part in (Part.WORD, Part.INTENSIFIER) else 0.0


def _grammar(word: str, language: str) -> Part:
    """Return what a word does to the others."""
    if word in TURNS[language]:
        return Part.TURN
    if word in NEGATORS[language] or (language == "en" and word.endswith("n't")):
        return Part.NEGATOR
    return Part.INTENSIFIER if word in INTENSIFIERS[language] else Part.WORD


def _valence(word: Word, words: Mapping[str, float]) -> float:
    """Return the valence of a word: as written, without accents, or with its drawn-out letters made two, then one."""
    spellings = [word.exact, word.plain]
    if _RUN.search(word.plain):
        spellings += [_RUN.sub(once, form) for once in (r"\1\1", r"\1") for form in (word.exact, word.plain)]
    return next((words[form] for form in spellings if form in words), 0.0)


@cache
def valences(language: str) -> Mapping[str, float]:
    """Return the weighed valence of each word of a language, and of its spelling without accents.

    The latter is taken when all the words so spelt have the same sign: people leave accents out. Words of illness and
    care have none.
    """
    values: dict[str, float] = defaultdict(float)
    for name, weight in LISTS[language].items():
        for word, value in read(name).items():
            values[word] += weight * value
    bare: dict[str, list[float]] = defaultdict(list)
    for word, value in values.items():
        bare[fold(word).plain].append(value)
    for word in care_words(language):
        values.pop(word, None)
        bare.pop(fold(word).plain, None)
    same = {word: found for word, found in bare.items() if min(found) > 0 or max(found) < 0}
    return {word: sum(found) / len(found) for word, found in same.items()} | values


@cache
def care_words(language: str) -> frozenset[str]:
    """Return the words of illness and care, which say nothing of what somebody thinks."""
    found = tomllib.loads((LEXICONS / "care.toml").read_text("utf-8"))
    return frozenset(found[language].split())


@cache
def read(name: str) -> Mapping[str, float]:
    """Return the valence of each entry of a list, -1 to 1."""
    lines = (LEXICONS / name).read_text("utf-8").splitlines()
    return {word: float(value) for word, _, value in (line.rpartition("\t") for line in lines)}


@cache
def tuned() -> Mapping[str, Tuned]:
    """Return what training fixed for each language."""
    found = tomllib.loads((LEXICONS / "tuned.toml").read_text("utf-8"))
    return {
        language: Tuned(row["negative"], row["positive"], tuple(row["edges"]), tuple(row["scores"]))
        for language, row in found.items()
    }
