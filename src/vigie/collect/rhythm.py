"""The rhythm of a space: how often something new comes there, learnt from the past, and when its silence is unusual.

Moments at which something new came are a point process whose rate follows the hour and whether it is a weekend, as
people write. Silence since the last one has the odds exp(−Λ), Λ being the moments that should have come meanwhile
(an inhomogeneous Poisson process: Cox & Lewis 1966, ch. 2). Real posts come in bursts, which makes pauses longer than
that process knows: so a silence must also be longer than any that was seen before.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from math import exp

from vigie.schema.vocab import HEARD_STATES, SpaceState

BINS = 48
"""Rates: 24 hours of working days, then 24 of weekends; a finer week would need months to be learnt."""

MOMENTS_LEAST = 12
"""Moments before anything is judged: with fewer the rate is known to no better than a third (1/√12)."""

SPAN_LEAST = timedelta(days=7)
"""Time over which they must spread: a week holds each kind of day."""

PRIOR_MOMENTS = 1.0
"""Weight, in moments, with which each hour leans towards the mean of all: a rate of zero would hide a silence for ever."""

UNUSUAL = 1e-3
"""Odds below which a silence is unusual: at a few judged pauses a day that is less than one false alarm a season."""

LONGER = 1.25
"""How much longer than the longest pause seen a silence must be: bursts are not Poisson."""

PAST = timedelta(weeks=8)
"""Past that is learnt from: long enough for a weekly forum, short enough to follow a change."""

REFUSALS = {
    "net.login": SpaceState.LOGIN,
    "net.refused": SpaceState.REFUSED,
    "net.robots": SpaceState.REFUSED,
    "net.private": SpaceState.REFUSED,
    "net.certificate": SpaceState.REFUSED,
    "net.gone": SpaceState.GONE,
    "net.too_many": SpaceState.LIMITED,
    "net.server_error": SpaceState.LIMITED,
    "net.timeout": SpaceState.LIMITED,
    "net.slow": SpaceState.LIMITED,
    "net.dns": SpaceState.LIMITED,
    "net.unreachable": SpaceState.LIMITED,
    "net.broken": SpaceState.LIMITED,
    "net.cut": SpaceState.LIMITED,
    "net.too_large": SpaceState.LIMITED,
    "disk.full": SpaceState.LIMITED,
    "read.interrupted": SpaceState.LIMITED,
}
"""What each failure means for hearing; every other one means that the answer is not understood."""


@dataclass(frozen=True, slots=True)
class Rhythm:
    """What usually comes."""

    rates: tuple[float, ...]
    """Moments an hour, by `BINS`."""
    longest_s: float
    """Seconds of the longest pause seen."""
    moments: int

    @property
    def a_day(self) -> float:
        """Return the moments of a mean day."""
        return (5 * sum(self.rates[:24]) + 2 * sum(self.rates[24:])) / 7


def learn(moments: Sequence[datetime], *, until: datetime, zone: tzinfo) -> Rhythm | None:
    """Learn the rhythm from moments at which something new came, in their order; `None` when they are too few.

    Cost: linear in the moments.
    """
    if len(moments) < MOMENTS_LEAST or until - moments[0] < SPAN_LEAST:
        return None
    counts, hours = [0.0] * BINS, [0.0] * BINS
    for moment in moments[1:]:
        counts[_bin(moment.astimezone(zone))] += 1
    whole = int((until - moments[0]).total_seconds() // 3600)
    for n in range(whole):
        hours[_bin((moments[0] + timedelta(hours=n)).astimezone(zone))] += 1
    mean = sum(counts) / max(whole, 1)
    rates = tuple((n + PRIOR_MOMENTS) / (h + PRIOR_MOMENTS / mean) for n, h in zip(counts, hours, strict=True))
    pauses = [(b - a).total_seconds() for a, b in itertools.pairwise(moments)]
    return Rhythm(rates, max(pauses), len(moments))


def _bin(local: datetime) -> int:
    return local.hour + (24 if local.weekday() >= 5 else 0)  # noqa: PLR2004 -- Saturday and Sunday


def expected(rhythm: Rhythm, since: datetime, now: datetime, *, zone: tzinfo) -> float:
    """Return the moments that should have come between two instants."""
    total, at = 0.0, since
    while at < now:
        step = min(now - at, timedelta(hours=1))
        total += rhythm.rates[_bin(at.astimezone(zone))] * step.total_seconds() / 3600
        at += step
        if exp(-total) < UNUSUAL / 1000:
            break
    return total


def is_unusual(rhythm: Rhythm, since: datetime, now: datetime, *, zone: tzinfo) -> bool:
    """Say whether a silence is longer than chance and habit explain."""
    pause = (now - since).total_seconds()
    return pause > LONGER * rhythm.longest_s and exp(-expected(rhythm, since, now, zone=zone)) < UNUSUAL


@dataclass(frozen=True, slots=True)
class Heard:
    """What a read gave, as far as the state of its space goes."""

    code: str = ""
    """Why it failed; empty when it did not."""
    posts: int = 0
    """Posts met, new or not."""
    new: int = 0
    skipped: int = 0
    """Items that could not be read."""


def state_after(
    heard: Heard, *, rhythm: Rhythm | None, last_new: datetime | None, now: datetime, zone: tzinfo
) -> SpaceState:
    """Return the state of a space after a read.

    A space that nobody could judge yet is quiet, never silent.
    """
    if heard.code:
        return REFUSALS.get(heard.code, SpaceState.BROKEN)
    if heard.skipped and not heard.posts:
        return SpaceState.BROKEN
    if heard.new or last_new is None:
        return SpaceState.READING if heard.new else SpaceState.QUIET
    if rhythm is not None and is_unusual(rhythm, last_new, now, zone=zone):
        return SpaceState.SILENT
    return SpaceState.READING if now - last_new < timedelta(hours=24) else SpaceState.QUIET


def is_heard(state: str) -> bool:
    """Say whether what is written in a space of this state reaches us; an unusual silence is not known to."""
    return state in HEARD_STATES
