"""Shares of a whole, with the interval that their number of posts allows."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

Z_95 = 1.959964
"""Standard normal quantile at 97.5 %: two-sided intervals of 95 %."""


@dataclass(frozen=True, slots=True)
class Share:
    """One part of a whole."""

    key: int
    n: int
    ratio: float
    """0-1."""
    low: float
    high: float


def wilson(n: int, total: int) -> tuple[float, float]:
    """Return the interval of a share at 95 %; nothing counted gives 0 to 1.

    Source: Wilson 1927, JASA 22; recommended for all n by Brown, Cai and DasGupta 2001, Statistical Science 16.
    """
    if total <= 0:
        return 0.0, 1.0
    p, z2 = n / total, Z_95**2
    centre = (p + z2 / (2 * total)) / (1 + z2 / total)
    half = Z_95 / (1 + z2 / total) * math.sqrt(p * (1 - p) / total + z2 / (4 * total**2))
    return max(0.0, centre - half), min(1.0, centre + half)


def share_of_voice(posts: Mapping[int, int], *, total: int) -> list[Share]:
    """Measure each subject's share of the posts that speak of any subject.

    Args:
        posts: Different posts by subject; a post counts once per subject.
        total: Different posts about any subject.

    Returns:
        One share per subject, the largest first. They add up to more than 1 when posts speak of several subjects;
        the page says so.

    Source: docs/explanation/figures.md, “Share of voice”.
    """
    shares = [Share(key, n, n / total if total else 0.0, *wilson(n, total)) for key, n in posts.items()]
    return sorted(shares, key=lambda s: (-s.n, s.key))
