"""How often labels are right, against what people settled on the same posts: for one value a post, or any number."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vigie.measure.shares import wilson

RESAMPLES = 1_000
"""Bootstrap samples: the 2.5 % quantile then moves by less than 0.3 points from seed to seed (`enrich.accuracy`)."""

ENOUGH = 200
"""Settled posts of a label and language from which their figure stands beside every chart: a share of one half is then
known to 7 points either way (Wilson)."""

Values = frozenset[str]
Table = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Part:
    """One value; ratios in 0-1, absent where there is nothing to divide by."""

    value: str
    true: int
    """Posts that have it, as people say."""
    given: int
    """Posts that have it, as the model says."""
    right: int
    precision: float | None
    precision_interval: tuple[float, float]
    """Wilson, 95 %."""
    recall: float | None
    recall_interval: tuple[float, float]
    f1: float


@dataclass(frozen=True, slots=True)
class Judged:
    """What settled posts say of a label."""

    posts: int
    accuracy: float
    """Share of posts whose values are all right; 0-1."""
    accuracy_interval: tuple[float, float]
    """Wilson, 95 %."""
    macro_f1: float
    """Mean F1 of the values; 0-1."""
    macro_interval: tuple[float, float]
    """95 % bootstrap percentile over posts."""
    parts: tuple[Part, ...]
    together: Part
    """All values of all posts as one, each (post, value) a case: what a kind with many rare values is read by."""


def judged(
    truth: Sequence[Values], given: Sequence[Values], *, values: Sequence[str], rng: np.random.Generator
) -> Judged | None:
    """Compare what a model gave with what people settled, post by post; absent when there is no post.

    Args:
        values: Over which macro-F1 is averaged. What else is given is wrong.
    """
    n = len(truth)
    if n == 0:
        return None
    true, told = _table(truth, values), _table(given, values)
    exact = sum(a == b for a, b in zip(truth, given, strict=True))
    weights = rng.multinomial(n, np.full(n, 1 / n), RESAMPLES).astype(np.float64)
    draws = _f1(weights @ (true * told), weights @ true, weights @ told).mean(axis=1)
    low, high = np.quantile(draws, (0.025, 0.975))
    sums = (true * told).sum(axis=0), true.sum(axis=0), told.sum(axis=0)
    parts = tuple(
        _part(value, *(int(column[place]) for column in (sums[1], sums[2], sums[0])))
        for place, value in enumerate(values)
    )
    macro = float(_f1(*(column[None, :] for column in sums)).mean())
    right = sum(len(a & b) for a, b in zip(truth, given, strict=True))
    together = _part("", sum(map(len, truth)), sum(map(len, given)), right)
    return Judged(n, exact / n, wilson(exact, n), macro, (float(low), float(high)), parts, together)


def _table(rows: Sequence[Values], values: Sequence[str]) -> Table:
    return np.array([[value in row for value in values] for row in rows], np.float64).reshape(len(rows), len(values))


def _f1(right: Table, true: Table, told: Table) -> Table:
    """Return F1; a value that is nowhere has 0, as for the cards."""
    return np.asarray(2 * right / np.maximum(true + told, 1))


def _part(value: str, true: int, told: int, right: int) -> Part:
    return Part(
        value, true, told, right, right / told if told else None, wilson(right, told), right / true if true else None,
        wilson(right, true), 2 * right / (true + told) if true + told else 0.0,
    )  # fmt: skip
