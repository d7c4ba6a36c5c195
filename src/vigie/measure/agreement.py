"""How far people agree when they label the same things without seeing each other, chance taken out."""

from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from typing import TypeVar

import numpy as np

T = TypeVar("T", bound=Hashable)

RESAMPLES = 1_000
"""Bootstrap samples of an interval (as for accuracy: the quantiles then move by less than 0.3 points)."""


def cohen_kappa(first: Sequence[Hashable], second: Sequence[Hashable]) -> float | None:
    """Return Cohen's kappa of two people over the same things, at most 1; 0 is what chance gives.

    Absent when there is nothing, or when both always said one and the same: chance alone then gives all there is.
    Source: Cohen 1960, Educational and Psychological Measurement 20.
    """
    n = len(first)
    if n == 0:
        return None
    ours, theirs = Counter(first), Counter(second)
    seen = sum(a == b for a, b in zip(first, second, strict=True)) / n
    chance = sum(ours[value] * theirs[value] for value in ours) / n**2
    return None if chance == 1.0 else (seen - chance) / (1.0 - chance)


def nominal(a: Hashable, b: Hashable) -> float:
    """Return the distance of two values: 0 when they are the same, else 1."""
    return 0.0 if a == b else 1.0


def masi(a: frozenset[str], b: frozenset[str]) -> float:
    """Return the distance of two sets of values, 0-1: what they share, and whether one holds the other.

    Source: Passonneau 2006, LREC: 1 - Jaccard x (1 the same, 2/3 one within the other, 1/3 some in common, 0 none).
    """
    if a == b:
        return 0.0
    common = a & b
    if not common:
        return 1.0
    within = 2 / 3 if a < b or b < a else 1 / 3
    return 1.0 - within * len(common) / len(a | b)


def krippendorff_alpha(units: Sequence[Sequence[T]], distance: Callable[[T, T], float] = nominal) -> float | None:
    """Return Krippendorff's alpha, at most 1, for any number of people of whom some did not label everything.

    Args:
        units: What people said of each thing; those with fewer than two values say nothing.
        distance: How far two values are apart, 0-1, squared already where the measure asks for it.

    Absent when fewer than two values can be compared, or when all of them are the same.
    Source: Krippendorff 2011, Computing Krippendorff's Alpha-Reliability, by coincidences of values.
    """
    compared = [Counter(unit) for unit in units if len(unit) > 1]
    whole: Counter[T] = Counter()
    for unit in compared:
        whole.update(unit)
    n = whole.total()
    if n == 0:
        return None
    apart = {(a, b): distance(a, b) for a in whole for b in whole}
    seen = sum(_apart(unit, apart) / (unit.total() - 1) for unit in compared) / n
    chance = _apart(whole, apart) / (n * (n - 1))
    return None if chance == 0.0 else 1.0 - seen / chance


def _apart(values: "Counter[T]", apart: dict[tuple[T, T], float]) -> float:
    """Return the sum of the distances of all ordered pairs of different places."""
    return sum(n * m * apart[a, b] for a, n in values.items() for b, m in values.items())


def kappa_interval(
    first: Sequence[Hashable], second: Sequence[Hashable], *, rng: np.random.Generator
) -> tuple[float, float] | None:
    """Return the interval of kappa at 95 %: bootstrap percentile over things; absent where kappa is."""
    if cohen_kappa(first, second) is None:
        return None
    n = len(first)
    draws = []
    for _ in range(RESAMPLES):
        rows = rng.integers(0, n, n).tolist()
        found = cohen_kappa([first[i] for i in rows], [second[i] for i in rows])
        if found is not None:
            draws.append(found)
    low, high = np.quantile(draws, (0.025, 0.975)) if draws else (0.0, 1.0)
    return float(low), float(high)
