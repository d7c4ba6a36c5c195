"""What is said when: the rhythm of days and hours, the bad buzz, and who writes what."""

import math
import random
from dataclasses import dataclass

BUZZ_STARTS, BUZZ_PEAKS = 12, 8
"""Days before the end at which the rumour begins on a forum, and at which it is loudest."""

BUZZ_SHARE = 0.16
"""Of all posts of a 90-day story that belong to the bad buzz."""

WEEK = (1.0, 1.05, 1.02, 1.0, 0.95, 0.72, 0.78)
"""How much is written from Monday to Sunday."""

HOURS = (2, 1, 1, 1, 1, 2, 5, 9, 11, 10, 9, 9, 11, 10, 8, 8, 8, 9, 10, 11, 13, 14, 10, 5)
"""How much is written from midnight on: mornings, noon, and most of all evenings."""

ADVERSE_EVENTS = 42
"""Adverse-event posts of a story of 20,000; fewer or more with its size."""

SPAM_SHARE, FIELD_SHARE, RIVAL_SHARE = 0.02, 0.22, 0.3
"""Shares of posts that are spam, of the field without a product, and of competitors."""

CREATOR, CREATOR_FOLLOWERS = "docteur_elise", 184_000
"""The influencer: a doctor of the story with many followers."""


@dataclass(frozen=True, slots=True)
class Day:
    """How many posts of each sort a day has."""

    from_end: int
    """Days before the end, 0 being the last."""
    ordinary: int
    buzz: int
    adverse: int


def weight(from_end: int, weekday: int, rng: random.Random) -> float:
    """Return how much is written on a day, apart from the buzz."""
    return WEEK[weekday] * rng.uniform(0.85, 1.15)


def buzz_weight(from_end: int) -> float:
    """Return how loud the buzz is on a day: a steep rise, a slow fall."""
    since = BUZZ_STARTS - from_end
    if since < 0:
        return 0.0
    peak = BUZZ_STARTS - BUZZ_PEAKS
    return math.exp(-((since - peak) ** 2) / 4) if since <= peak else math.exp(-(since - peak) / 3.2)


def days(*, posts: int, n_days: int, last_weekday: int, seed: int) -> list[Day]:
    """Return the plan of each day, the first one first; the numbers add up to `posts`."""
    rngs = [random.Random(f"{seed}:plan:{d}") for d in range(n_days)]  # noqa: S311 -- a story, no secret
    ordinary = [weight(d, (last_weekday - d) % 7, rngs[d]) for d in range(n_days)]
    buzz = [buzz_weight(d) for d in range(n_days)]
    n_buzz = round(posts * BUZZ_SHARE * min(1.0, 90 / n_days))
    n_adverse = max(2, round(ADVERSE_EVENTS * posts / 20_000))
    shares = _split(posts - n_buzz - n_adverse, ordinary)
    loud = _split(n_buzz, buzz)
    harm = _split(n_adverse, [1 + 3 * b for b in buzz])
    return [Day(d, shares[d], loud[d], harm[d]) for d in reversed(range(n_days))]


def _split(total: int, weights: list[float]) -> list[int]:
    """Part a number by weights, so that the parts add up to it."""
    whole, given, parts = sum(weights) or 1.0, 0, []
    reached = 0.0
    for one in weights:
        reached += one
        upto = round(total * reached / whole)
        parts.append(upto - given)
        given = upto
    return parts
