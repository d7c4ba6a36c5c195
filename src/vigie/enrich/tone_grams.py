"""Tone by a trained model, one a language: hashed words and characters, and what the free lexicons say of a text.

Trained by `vigie tone train` (`enrich/training/tone.py`); `cards/tone-grams.toml` says on what, and what it reaches. A
word of illness or care makes no feature: a symptom is not a complaint. The lexicon tone (`vigie.enrich.tone`) came
before it, and is what it is compared with.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from vigie.enrich.valences import valences
from vigie.schema.vocab import LabelKind, Tone
from vigie.text.features import batches, weighed

MODELS = Path(__file__).parent / "models"

LANGUAGES = ("fr", "en")
"""Languages with a model; texts in others have no tone."""

TONES = tuple(tone.value for tone in Tone)

LONGEST = 20_000
"""Letters that are read: three pages, and a bound on the work."""

WORD_SHARE = 1.4
"""How much more the words of a text count than its characters (0.7 to 1.4 differ by 0.3 points of macro-F1)."""

SURE = 0.5
"""Probability under which a text that names illness or care is not called negative: what is left of it once those words
are out (“I have … and …”) is seldom a complaint by itself."""

Scores = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Model:
    """Weights by tone, of hashed features and of facts."""

    language: str
    weights: NDArray[np.float32]
    facts: NDArray[np.float32]
    """One row a tone."""
    offset: NDArray[np.float32]
    temperature: float
    """What scores are divided by, so that a probability is how often such an answer is right."""

    @property
    def bits(self) -> int:
        """Return how many bits a slot's number has."""
        return int(self.weights.shape[0]).bit_length() - 1

    def read(self, texts: Sequence[str]) -> tuple[Scores, NDArray[np.bool_]]:
        """Return a score by tone, a row a text, and which texts name illness or care."""
        found = np.zeros((len(texts), len(TONES)), np.float32)
        cares = np.zeros(len(texts), np.bool_)
        for rows, data, offsets, room in batches(texts, LONGEST):
            read = weighed(
                data, offsets, room, bits=self.bits, most=LONGEST, valences=valences(self.language),
                weights=self.weights, word_share=WORD_SHARE,
            )  # fmt: skip
            found[rows] = read.scores + (read.facts @ self.facts.T + self.offset)
            cares[rows] = read.cares > 0
        return found, cares

    def scores(self, texts: Sequence[str]) -> Scores:
        """Return a score by tone, a row a text."""
        return self.read(texts)[0]

    def shares(self, texts: Sequence[str]) -> Scores:
        """Return the probability of each tone, a row a text."""
        return softmax(self.scores(texts) / np.float32(self.temperature))

    def told(self, texts: Sequence[str]) -> tuple[NDArray[np.int64], Scores]:
        """Return the place of each text's tone among `TONES`, and the probability of each tone."""
        scores, cares = self.read(texts)
        shares = softmax(scores / np.float32(self.temperature))
        best = shares.argmax(axis=1)
        best[cares & (best == 0) & (shares[:, 0] < SURE)] = TONES.index(Tone.NEUTRAL)
        return best, shares


def softmax(scores: Scores) -> Scores:
    """Return scores as shares of one, a row each."""
    found = np.exp(scores - scores.max(axis=1, keepdims=True, initial=-np.inf))
    return np.asarray(found / found.sum(axis=1, keepdims=True), np.float32)


class ToneLabeller:
    """Tone of French and English texts; absent for other languages."""

    kind = LabelKind.TONE.value
    name = "tone-grams"
    version = "1"

    def __init__(self, models: Mapping[str, Model] | None = None, version: str | None = None) -> None:
        """Take models in the place of those committed, by language, and the version that says so."""
        self._models = models or {}
        self.version = version or type(self).version

    def label(self, texts: Sequence[str], languages: Sequence[str | None]) -> tuple[list[str | None], list[float]]:
        """Return negative, neutral or positive, and the probability that this is right (0-1)."""
        values: list[str | None] = [None] * len(texts)
        scores = [0.0] * len(texts)
        known = {language: (language or "").split("-")[0] for language in set(languages)}
        bases = [known[language] for language in languages]
        for language in LANGUAGES:
            rows = [n for n, base in enumerate(bases) if base == language]
            if not rows:
                continue
            model = self._models.get(language) or committed(language)
            best, shares = model.told([texts[n] for n in rows])
            given = shares[np.arange(len(rows)), best]
            for n, tone, share in zip(rows, best.tolist(), given.tolist(), strict=True):
                values[n], scores[n] = TONES[tone], round(share, 4)
        return values, scores


def tone_of(text: str, language: str | None) -> tuple[str | None, float]:
    """Return the tone of a text and the probability of the answer; absent when no model reads the language."""
    (value,), (score,) = ToneLabeller().label([text], [language])
    return value, score


@cache
def committed(language: str) -> Model:
    """Return the committed model of a language."""
    return load(MODELS / f"tone-{language}.npz", language)


def save(model: Model, file: Path | BinaryIO, *, whole: type[np.signedinteger[Any]] = np.int8) -> None:
    """Write a model, its weights as whole numbers of a kind and their scale; the same model gives the same bytes."""
    scale = float(np.float32(np.abs(model.weights).max() / np.iinfo(whole).max))
    numbers = np.round(model.weights / scale).astype(whole)
    np.savez_compressed(
        file, weights=numbers, scale=np.float32(scale), facts=model.facts, offset=model.offset,
        temperature=np.float64(model.temperature),
    )  # fmt: skip


def load(file: Path | BinaryIO, language: str) -> Model:
    """Read a model that `save` wrote."""
    with np.load(file, allow_pickle=False) as found:
        weights = found["weights"].astype(np.float32) * np.float32(found["scale"])
        return Model(
            language, np.ascontiguousarray(weights), found["facts"], found["offset"], float(found["temperature"])
        )
