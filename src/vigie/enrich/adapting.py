"""Bring a tone model closer to what people corrected, beginning from its weights: NumPy alone, no other set needed.

    least over the change of weights:  Σ corrections surprise + Σ others surprise + PULL / 2 · |change|²

A Gaussian prior around the weights one begins from (Chelba and Acero, EMNLP 2004): what corrections do not speak of
stays. People correct what they find wrong, so corrections alone would teach that the model is always wrong; posts
that nobody corrected stand beside them with the model's own probabilities (Li and Hoiem, ECCV 2016). Offset and facts
stay as they are. The change is a sum over texts, so it is found among texts, whatever the number of features.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from vigie.enrich.tone_grams import LONGEST, TONES, WORD_SHARE, Model, softmax
from vigie.enrich.valences import valences
from vigie.text.features import batches, spoken

PULL = 1.0
"""How strongly weights are held to where they began: a prior of standard deviation 1, that of weights that count. Not
tuned: corrections are too few to choose it by."""

ROUNDS = 300
"""Most steps; with the momentum below the change then moves by less than 1e-4 a step on 3,000 texts."""

SETTLED = 1e-4
"""Largest change of a step under which it is over."""

FOLDS = 5
"""Parts into which corrections are cut to be measured: each is answered by a model that has not seen it."""

Labels = NDArray[np.int64]
Table = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Given:
    """What a model is brought closer to."""

    texts: tuple[str, ...]
    labels: Labels
    """Places among `TONES`."""
    others: tuple[str, ...]
    """Posts that nobody corrected."""


@dataclass(frozen=True, slots=True)
class Answers:
    """What models say of the corrected texts and of the others, by models that have not seen them."""

    before: Labels
    after: Labels
    others_before: Labels
    others_after: Labels


@dataclass(frozen=True, slots=True)
class Features:
    """Hashed features of texts, a row each: slots [first, next first) with their values."""

    first: NDArray[np.int64]
    slots: NDArray[np.int32]
    values: Table

    def row(self, n: int) -> tuple[NDArray[np.int32], Table]:
        """Return slots and values of a text."""
        part = slice(int(self.first[n]), int(self.first[n + 1]))
        return self.slots[part], self.values[part]


def features(texts: Sequence[str], model: Model) -> Features:
    """Return features of texts as the model weighs them."""
    lengths, slots, values = [], [], []
    for _, data, offsets, room in batches(texts, LONGEST):
        read = spoken(data, offsets, room, bits=model.bits, most=LONGEST, valences=valences(model.language))
        for n in range(len(read.middle)):
            words, characters = int(read.middle[n] - read.first[n]), int(read.first[n + 1] - read.middle[n])
            lengths.append(words + characters)
            values.append(np.full(words, WORD_SHARE / sqrt(max(words, 1)), np.float32))
            values.append(np.full(characters, 1 / sqrt(max(characters, 1)), np.float32))
        slots.append(read.slots)
    first = np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)]).astype(np.int64)
    empty = np.zeros(0, np.float32)
    return Features(first, np.concatenate([*slots, np.zeros(0, np.int32)]), np.concatenate([*values, empty]))


def likeness(some: Features, bits: int) -> Table:
    """Return the inner products of all texts with one another."""
    n = len(some.first) - 1
    found = np.zeros((n, n), np.float32)
    starts, ends = some.first[:-1], some.first[1:]
    for row in range(n):
        slots, values = some.row(row)
        dense = np.bincount(slots, values, minlength=1 << bits).astype(np.float32)
        sums = np.concatenate([[0.0], np.cumsum(dense[some.slots].astype(np.float64) * some.values)])
        found[row] = sums[ends] - sums[starts]
    return found


def change(likeness_: Table, scores: Table, wanted: Table, temperature: float) -> Table:
    """Return how much of each text's features is added to the weights of each tone: accelerated descent."""
    shares = np.zeros_like(scores)
    before = shares
    steepest = PULL + 0.5 / temperature**2 * _largest(likeness_)
    momentum = (sqrt(steepest) - sqrt(PULL)) / (sqrt(steepest) + sqrt(PULL))
    for _ in range(ROUNDS):
        ahead = shares + momentum * (shares - before)
        told = softmax((scores + likeness_ @ ahead) / np.float32(temperature))
        step = (PULL * ahead + (told - wanted) / np.float32(temperature)) / np.float32(steepest)
        before, shares = shares, (ahead - step).astype(np.float32)
        if float(np.abs(step).max(initial=0.0)) < SETTLED:
            break
    return shares


def _largest(likeness_: Table) -> float:
    """Return a bound on the largest eigenvalue: the largest sum of a row (Gershgorin)."""
    return float(np.abs(likeness_).sum(axis=1).max(initial=0.0))


def adapted(model: Model, given: Given) -> Model:
    """Return the model brought closer to all that is given."""
    work = _Work(model, given)
    rows = np.arange(len(given.texts) + len(given.others))
    return work.fitted(rows)


def crossed(
    model: Model, given: Given, *, rng: np.random.Generator, told: Callable[[], None] = lambda: None
) -> Answers:
    """Answer each text by a model that was not brought closer to it; `told` is called after each fold."""
    work = _Work(model, given)
    n = len(given.texts)
    fold = np.concatenate([folds(n, rng), folds(len(given.others), rng)])
    after = np.zeros(len(fold), np.int64)
    for part in range(FOLDS):
        seen, asked = np.flatnonzero(fold != part), np.flatnonzero(fold == part)
        if len(asked):
            scores = work.scores[asked] + work.likeness[np.ix_(asked, seen)] @ work.change_of(seen)
            after[asked] = scores.argmax(axis=1)
        told()
    before = work.scores.argmax(axis=1)
    return Answers(before[:n], after[:n], before[n:], after[n:])


def folds(n: int, rng: np.random.Generator) -> Labels:
    """Return the fold of each of n texts, as many in each as can be."""
    return np.asarray(rng.permutation(np.arange(n) % FOLDS), np.int64)


class _Work:
    """What all fits of one training share."""

    def __init__(self, model: Model, given: Given) -> None:
        texts = [*given.texts, *given.others]
        self.model = model
        self.features = features(texts, model)
        self.likeness = likeness(self.features, model.bits)
        self.scores = model.scores(texts)
        own = softmax(self.scores / np.float32(model.temperature))
        own[: len(given.texts)] = np.eye(len(TONES), dtype=np.float32)[given.labels]
        self.wanted = own

    def change_of(self, rows: Labels) -> Table:
        return change(
            self.likeness[np.ix_(rows, rows)], self.scores[rows], self.wanted[rows], self.model.temperature
        )  # fmt: skip

    def fitted(self, rows: Labels) -> Model:
        weights = self.model.weights.copy()
        for n, share in zip(rows.tolist(), self.change_of(rows), strict=True):
            slots, values = self.features.row(n)
            np.add.at(weights, slots, values[:, None] * share)
        return Model(self.model.language, weights, self.model.facts, self.model.offset, self.model.temperature)
