"""When people write: the rhythm of days and hours, the bad buzz, and how many posts each day gets.

Everything is counted back from the end of the story, so that another end shifts everything exactly. The rhythm takes
the end for a Friday at five in the afternoon: ended there, nights are nights and Sundays are Sundays.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

DAY_S, HOUR_S = 86_400, 3_600
"""Seconds."""

END_HOUR, END_WEEKDAY = 17, 4
"""The clock and weekday (Monday is 0) that the rhythm takes the end for: the hour when a report of the week is read."""

WEEK = (1.06, 1.08, 1.04, 1.02, 0.98, 0.74, 0.78)
"""How much is written from Monday to Sunday, a plain day being 1: people write less on their days off."""

CLOCK = (3, 1, 1, 1, 1, 2, 5, 9, 10, 9, 9, 10, 12, 11, 9, 8, 8, 9, 10, 11, 13, 14, 11, 6)
"""How much is written in each hour from midnight on: mornings, noon, and most of all evenings."""

BUZZ_STARTS = 10
"""Days before the end at which the rumour begins, on a forum."""

BUZZ = (0.022, 0.03, 0.045, 0.06, 0.085, 0.12, 0.19, 0.23, 0.145, 0.06, 0.013)
"""Share of the bad buzz on each day, the last one first: a steep rise from day 10, a slow fall."""

BUZZ_SHARE, BUZZ_OVER_DAYS = 0.115, 90
"""Of the posts of a story of so many days that belong to the buzz; a longer story has the same buzz, hence a smaller share."""

EVENTS_PER_POST, FEWEST_EVENTS = 42 / 20_000, 4
"""Adverse-event posts: some forty in the usual story, never less than four."""

RECENT_EVENTS = 4.0
"""How much likelier an adverse event is on the last three days: the newcomer shall find some fresh."""


@dataclass(frozen=True, slots=True)
class DayPlan:
    """How many posts of each sort a day has."""

    back: int
    """Days before the end; 0 is the last day."""
    ordinary: int
    buzz: int
    events: int


def plans(*, posts: int, days: int) -> list[DayPlan]:
    """Return the plan of each day, the earliest first; the numbers add up to `posts`."""
    loud = [BUZZ[d] if d < len(BUZZ) else 0.0 for d in range(days)]
    n_buzz = round(posts * BUZZ_SHARE * min(1.0, BUZZ_OVER_DAYS / days) * sum(loud))
    n_events = min(max(FEWEST_EVENTS, round(posts * EVENTS_PER_POST)), posts - n_buzz)
    ordinary = shared(posts - n_buzz - n_events, [_weight(d) for d in range(days)])
    buzz = shared(n_buzz, loud)
    events = shared(n_events, [(RECENT_EVENTS if d < 3 else 1.0) + 30 * loud[d] for d in range(days)])  # noqa: PLR2004 -- three days are recent
    return [DayPlan(d, ordinary[d], buzz[d], events[d]) for d in reversed(range(days))]


@cache
def hours_back(weekday: int) -> tuple[int, ...]:
    """Return whole hours before the end of a day that ends on a weekday, each as often as people write then.

    A day of the story ends at `END_HOUR`, so its first hours are the evening of the weekday before.
    """
    hours = ((back, (END_HOUR - 1 - back) % 24) for back in range(24))
    shares = ((back, CLOCK[hour] * WEEK[weekday if hour < END_HOUR else weekday - 1]) for back, hour in hours)
    return tuple(back for back, share in shares for _ in range(round(share * 10)))


def weekday_of(back: int) -> int:
    """Return the weekday on which a day of the story ends."""
    return (END_WEEKDAY - back) % 7


def _weight(back: int) -> float:
    """Return how much is written on a day: the week, some chance, and a slow rise over the story."""
    wave = 1 + 0.06 * ((back * 7919 % 13) / 6 - 1)
    return len(hours_back(weekday_of(back))) * wave * max(0.8, 1.08 - 0.0022 * back)


def shared(total: int, weights: Sequence[float]) -> list[int]:
    """Part a number by weights; the parts add up to it, and differ from their due by less than one."""
    whole = sum(weights) or 1.0
    parts, reached, given = [], 0.0, 0
    for weight in weights:
        reached += weight
        upto = int(total * reached / whole + 0.5)
        parts.append(upto - given)
        given = upto
    return parts
