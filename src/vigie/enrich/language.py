"""Tell the language of a post: our model of hashed letters and words, on what is left without links, names and digits.

It is trained by `vigie language train` (`enrich/training/language.py`); `cards/language-grams.toml` says on what, and
what it reaches. What has too few letters, or no language by far the most probable, is undetermined.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vigie.schema.vocab import UNDETERMINED, LabelKind
from vigie.text.features import batches, told

MODEL = Path(__file__).parent / "models" / "language.npz"

FEWEST_LETTERS = 6
"""Letters under which the answer is “undetermined”: such texts are names, interjections and laughter."""

LONGEST = 2_000
"""Letters that are read: enough for any language, and a bound on the work."""

LEAST_PROBABLE = ((12, 0.8), (30, 0.5), (LONGEST, 0.4))
"""Probabilities under which the answer is “undetermined”, of texts of so many letters at most: one word may be a name,
four words hold one. They are bounds on mistakes, set on tweets that the model had not seen (the card says how many
answers they leave wrong, and how many undetermined)."""

BY_SCRIPT: Mapping[str, tuple[tuple[re.Pattern[str], str], ...]] = {
    "zh": ((re.compile("[\u3040-\u30ff]"), "ja"), (re.compile("[\uac00-\ud7af]"), "ko")),
    UNDETERMINED: (
        (re.compile("[\u3040-\u30ff]"), "ja"),
        (re.compile("[\uac00-\ud7af]"), "ko"),
        (re.compile("[\u4e00-\u9fff]{2}"), "zh"),
    ),
    "ar": ((re.compile("(?s)(?:[\u067e\u0686\u0698\u06a9\u06af\u06cc\u0679\u0688\u0691\u06d2].*?){3}"), UNDETERMINED),),
    "ru": ((re.compile("[\u0454\u0456\u0457\u0491]"), "uk"), (re.compile("[\u045e]"), UNDETERMINED)),
    "bg": ((re.compile("[\u0454\u0456\u0457\u0491]"), "uk"), (re.compile("[\u045e]"), UNDETERMINED)),
}
"""Letters that the language told does not have, and what they speak for instead: kana, Hangul, Han; the letters of Ukrainian;
those of Persian and Urdu, and of Belarusian, for a language that is not told apart."""


@dataclass(frozen=True, slots=True)
class Model:
    """Weights of hashed features by language."""

    weights: NDArray[np.float32]
    languages: tuple[str, ...]

    @property
    def bits(self) -> int:
        """Return how many bits a slot's number has."""
        return int(self.weights.shape[0]).bit_length() - 1

    def shares(self, texts: Sequence[str]) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        """Return the probability of each language, a row a text, and how many letters each text has."""
        found = np.zeros((len(texts), len(self.languages)), np.float32)
        letters = np.zeros(len(texts), np.int64)
        for rows, data, offsets, _ in batches(texts, LONGEST):
            found[rows], letters[rows] = told(data, offsets, bits=self.bits, most=LONGEST, weights=self.weights)
        found = np.exp(found - found.max(axis=1, keepdims=True, initial=-np.inf))
        return found / found.sum(axis=1, keepdims=True), letters


class LanguageLabeller:
    """The language of each text, BCP 47, `und` when it can't be told."""

    kind = LabelKind.LANGUAGE.value
    name = "language-grams"
    version = "1"

    def __init__(self, model: Model | None = None) -> None:
        self._model = model

    def label(self, texts: Sequence[str], languages: Sequence[str | None] = ()) -> tuple[list[str | None], list[float]]:
        """Return a language and its probability for each text; never absent.

        A language told by its script alone is sure.
        """
        if not texts:
            return [], []
        model = self._model or committed()
        shares, letters = model.shares(texts)
        best = shares.argmax(axis=1)
        scores = shares[np.arange(len(texts)), best]
        edges, bounds = zip(*LEAST_PROBABLE, strict=True)
        least = np.array(bounds)[np.searchsorted(edges, np.minimum(letters, LONGEST))]
        is_told = (letters >= FEWEST_LETTERS) & (scores >= least)
        names = [
            model.languages[n] if told else UNDETERMINED
            for n, told in zip(best.tolist(), is_told.tolist(), strict=True)
        ]
        values: list[str | None] = [
            by_script(name, text) if name in BY_SCRIPT else name for name, text in zip(names, texts, strict=True)
        ]
        sure = np.array([name != value != UNDETERMINED for name, value in zip(names, values, strict=True)])
        scores = np.where(letters >= FEWEST_LETTERS, scores.astype(np.float64), 0.0)
        return values, np.where(sure, 1.0, scores).round(4).tolist()


def by_script(language: str, text: str) -> str:
    """Return the language, or what letters that it does not have speak for."""
    for letters, instead in BY_SCRIPT.get(language, ()):
        if letters.search(text, 0, LONGEST):
            return instead
    return language


def language_of(text: str) -> tuple[str, float]:
    """Return the language of a text and its probability."""
    (value,), (score,) = LanguageLabeller().label([text])
    return str(value), score


def told_apart() -> tuple[str, ...]:
    """Return all languages that an answer may be."""
    by_letters = {instead for rules in BY_SCRIPT.values() for _, instead in rules} - {UNDETERMINED}
    return tuple(sorted({*committed().languages, *by_letters}))


@cache
def committed() -> Model:
    """Return the committed model."""
    return load(MODEL)


def load(path: Path) -> Model:
    """Read a model: weights in int8, their scale, the languages."""
    with np.load(path, allow_pickle=False) as found:
        weights = found["weights"].astype(np.float32) * np.float32(found["scale"])
        return Model(np.ascontiguousarray(weights), tuple(found["languages"].tolist()))
