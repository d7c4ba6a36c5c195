"""Whether a model became better: two models beside one another on the same texts, and what that says."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from vigie.enrich.accuracy import RESAMPLES, f1_of

Labels = NDArray[np.int64]

LOSS = 0.01
"""Share of right answers that may be lost elsewhere, at the bound of the interval: one post in a hundred."""


@dataclass(frozen=True, slots=True)
class Compared:
    """Two models on the same texts; shares are 0-1."""

    posts: int
    before: float
    """Share of right answers."""
    after: float
    macro_f1_before: float
    macro_f1_after: float
    interval: tuple[float, float]
    """Of the difference of the shares, after less before: 95 % bootstrap percentile over posts."""


class Verdict(StrEnum):
    """What two comparisons say of a new model."""

    BETTER = "better"
    """On corrections it had not seen, and not worse elsewhere."""
    BETTER_HERE = "better_here"
    """On corrections it had not seen; elsewhere it was not measured."""
    SAME = "same"
    """No difference that chance could not make."""
    WORSE = "worse"


def compared(truth: Labels, before: Labels, after: Labels, *, answers: int, rng: np.random.Generator) -> Compared:
    """Compare the answers of two models; of no text all shares are 0."""
    gain = (after == truth).astype(np.float64) - (before == truth)
    n = len(truth)
    draws = [gain[rng.integers(0, n, n)].mean() for _ in range(RESAMPLES)] if n else [0.0]
    low, high = np.quantile(draws, (0.025, 0.975))
    return Compared(
        n, _mean(before == truth), _mean(after == truth), _macro_f1(truth, before, answers), _macro_f1(truth, after, answers),
        (float(low), float(high)),
    )  # fmt: skip


def _mean(right: NDArray[np.bool_]) -> float:
    return float(right.mean()) if len(right) else 0.0


def _macro_f1(truth: Labels, given: Labels, answers: int) -> float:
    table = np.bincount(truth * answers + given, minlength=answers * answers).reshape(answers, answers)
    return float(f1_of(table).mean())


def verdict(corrections: Compared, elsewhere: Compared | None) -> Verdict:
    """Say whether a model became better; only then is it worth the place of the one before it."""
    if corrections.interval[1] < 0 or (elsewhere is not None and elsewhere.interval[1] < 0):
        return Verdict.WORSE
    if corrections.interval[0] <= 0 or (elsewhere is not None and elsewhere.interval[0] < -LOSS):
        return Verdict.SAME
    return Verdict.BETTER_HERE if elsewhere is None else Verdict.BETTER
