"""Why a linear model answered as it did: what each piece of a text added to each answer's score.

    score of an answer = what it starts from + the sum over the pieces of what they add      (a test holds it)

Scores are shown less their mean over the answers: that changes no probability, and what speaks for all answers alike
then speaks for none.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from vigie.enrich import language as languages
from vigie.enrich import tone_grams
from vigie.enrich.tone import LISTS, care_words
from vigie.enrich.tone import read as read_list
from vigie.enrich.valences import spellings, valences
from vigie.schema.vocab import UNDETERMINED
from vigie.text import grams
from vigie.text.features import batches, letters_of, spelt, spoken
from vigie.text.words import words

Weights = NDArray[np.float64]

OF_LISTS = ("ups", "downs", "last", "peak", "sum", "later")
"""What each lexicon says of a text, in the order of the facts (`text.grams.express`)."""

OF_SIGNS = (
    "pictures", "smiles", "frowns", "last_picture", "shouts", "asks", "dots", "links", "names", "tags", "capitals", "drawn_out",
    "turned", "words", "quotes", "digits", "family_ups", "family_downs", "family_sum",
)  # fmt: skip
"""What else is counted of it, in that order."""

FACTS = tuple(f"list{book + 1}_{name}" for book in range(grams.LISTS) for name in OF_LISTS) + OF_SIGNS


class PieceKind(StrEnum):
    """What a piece is."""

    WORD = "word"
    PAIR = "pair"
    LETTERS = "letters"
    FACT = "fact"


class Rule(StrEnum):
    """A rule that answered in the model's place."""

    CARE = "care"
    """Illness is named, and the probability of a negative tone is under `tone_grams.SURE`: neutral."""
    FEW_LETTERS = "few_letters"
    UNSURE = "unsure"
    """The most probable language is not probable enough for so few letters."""
    SCRIPT = "script"
    """Letters that the language does not have."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of the text, or what is counted of it, with what it added to each answer's score."""

    kind: PieceKind
    text: str
    """As the model reads it; of a fact its name, one of `FACTS`."""
    times: int
    added: Weights
    """By answer, in the order of `Reasons.answers`."""


@dataclass(frozen=True, slots=True)
class Reasons:
    """What made an answer."""

    value: str
    score: float
    answers: tuple[str, ...]
    start: Weights
    """What each answer's score starts from."""
    pieces: tuple[Piece, ...]
    shares: Weights
    """The probability of each answer; the score over the temperature makes it."""
    temperature: float
    best: str
    """The most probable answer, before rules."""
    rule: Rule | None = None

    @property
    def scores(self) -> Weights:
        """Return each answer's score: exactly what the pieces add up to."""
        return np.asarray(self.start + sum((piece.added for piece in self.pieces), np.zeros(len(self.answers))))

    def counted(self, *, most: int) -> "Counted":
        """Return what counted most for and against the most probable answer, and what all else adds up to."""
        at = self.answers.index(self.best)
        found = [(piece, float(piece.added[at] - piece.added.mean())) for piece in self.pieces]
        found.sort(key=lambda row: (-row[1], row[0].kind, row[0].text))
        on = [row for row in found if row[1] > 0][:most]
        against = [row for row in reversed(found) if row[1] < 0][:most]
        start = float(self.start[at] - self.start.mean())
        total = float(self.scores[at] - self.scores.mean())
        shown = sum(weight for _, weight in (*on, *against))
        return Counted(tuple(on), tuple(against), start, total - start - shown, total)


@dataclass(frozen=True, slots=True)
class Counted:
    """What counted most; `start`, all weights shown and `others` add up to `total`."""

    on: tuple[tuple[Piece, float], ...]
    against: tuple[tuple[Piece, float], ...]
    start: float
    others: float
    total: float


def of_tone(text: str, model: tone_grams.Model) -> Reasons:
    """Return why a model of tone answers as it does."""
    ((_, data, offsets, room),) = batches([text], tone_grams.LONGEST)
    read = spoken(
        data, offsets, room, bits=model.bits, most=tone_grams.LONGEST, valences=valences(model.language), placed=True
    )
    letters = letters_of(data, offsets, tone_grams.LONGEST)
    n_words, n = int(read.middle[0]), len(read.slots)
    each = np.concatenate(
        [
            np.full(n_words, tone_grams.WORD_SHARE / sqrt(max(n_words, 1))),
            np.full(n - n_words, 1 / sqrt(max(n - n_words, 1))),
        ]
    )
    added = model.weights[read.slots].astype(np.float64) * each[:, None]
    kinds = [PieceKind.WORD, PieceKind.PAIR] * (n_words // 2) + [PieceKind.LETTERS] * (n - n_words)
    hashed = _grouped(kinds, read.begins, read.ends, added, letters)
    facts = [
        Piece(PieceKind.FACT, name, 1, float(value) * model.facts[:, place].astype(np.float64))
        for place, (name, value) in enumerate(zip(FACTS, read.facts[0], strict=True))
        if value
    ]
    (best,), shares = model.told([text])
    top = int(shares[0].argmax())
    return Reasons(
        tone_grams.TONES[best], float(shares[0, best]), tone_grams.TONES, model.offset.astype(np.float64), (*hashed, *facts),
        shares[0].astype(np.float64), model.temperature, tone_grams.TONES[top], Rule.CARE if top != best else None,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Rated:
    """A word that a lexicon rates; it speaks through the facts."""

    word: str
    valence: float
    """-1 to 1, as the list says it; negation and intensifiers change it afterwards."""
    source: str
    """The list."""


def rated(text: str, language: str) -> tuple[Rated, ...]:
    """Return the words of a text that a language's lexicons rate, in the order of the text; none of illness and care."""
    lists = {name: _spellings(name, language) for name in LISTS[language]}
    found: dict[Rated, None] = {}
    for word in words(text[: tone_grams.LONGEST]):
        for name, known in lists.items():
            value = known.get(word.exact, known.get(word.plain))
            if value:
                found[Rated(word.exact, value, name.removesuffix(".tsv"))] = None
    return tuple(found)


@cache
def _spellings(name: str, language: str) -> dict[str, float]:
    return spellings(read_list(name), care_words(language))


def of_language(text: str, model: languages.Model) -> Reasons:
    """Return why the model of languages answers as it does."""
    ((_, data, offsets, room),) = batches([text], languages.LONGEST)
    read = spelt(data, offsets, room, bits=model.bits, most=languages.LONGEST, placed=True)
    letters = letters_of(data, offsets, languages.LONGEST)
    added = model.weights[read.slots].astype(np.float64) / sqrt(max(len(read.slots), 1))
    pieces = _grouped([PieceKind.LETTERS] * len(read.slots), read.begins, read.ends, added, letters)
    shares, counts = model.shares([text])
    (value,), (score,) = languages.LanguageLabeller(model).label([text])
    best = model.languages[int(shares[0].argmax())]
    answer = str(value)
    return Reasons(
        answer, score, model.languages, np.zeros(len(model.languages)), pieces, shares[0].astype(np.float64), 1.0, best,
        _rule(answer, best, int(counts[0]), sure=score == 1.0),
    )  # fmt: skip


def _rule(answer: str, best: str, letters: int, *, sure: bool) -> Rule | None:
    if answer == best:
        return None
    if sure or answer != UNDETERMINED:
        return Rule.SCRIPT
    return Rule.FEW_LETTERS if letters < languages.FEWEST_LETTERS else Rule.UNSURE


def _grouped(
    kinds: Sequence[PieceKind],
    begins: NDArray[np.int32],
    ends: NDArray[np.int32],
    added: Weights,
    letters: NDArray[np.int32],
) -> tuple[Piece, ...]:
    """Return one piece for all that read the same."""
    times: dict[tuple[PieceKind, str], int] = {}
    sums: dict[tuple[PieceKind, str], Weights] = {}
    for kind, begin, end, row in zip(kinds, begins.tolist(), ends.tolist(), added, strict=True):
        key = kind, _written(letters, begin, end, kind)
        times[key] = times.get(key, 0) + 1
        sums[key] = sums[key] + row if key in sums else row
    return tuple(Piece(kind, text, times[kind, text], row) for (kind, text), row in sums.items())


EDGE = "\u00b7"
"""Stands for the edge of a word in a run of letters."""


def _written(letters: NDArray[np.int32], begin: int, end: int, kind: PieceKind) -> str:
    """Write letters as they are read; in runs of letters what parts words is their edge."""
    before = EDGE if begin < 0 and kind is not PieceKind.WORD else ""
    after = EDGE if end > len(letters) else ""
    signs = [_sign(code) for code in letters[max(begin, 0) : end].tolist()]
    if kind is PieceKind.LETTERS and signs:
        signs[0] = signs[0] if begin < 0 or signs[0].isalnum() else EDGE
        signs[-1] = signs[-1] if end > len(letters) or signs[-1].isalnum() or len(signs) == 1 else EDGE
    return before + "".join(signs) + after


def _sign(code: int) -> str:
    return {grams.LINK: "<link>", grams.MENTION: "<@>"}.get(code) or chr(code)
