"""A space's rhythm: silence that chance and habit explain is quiet, any other is unusual; failures have states."""

import itertools
import random
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vigie.collect.rhythm import Heard, Rhythm, expected, is_unusual, learn, state_after
from vigie.schema.vocab import SpaceState

PARIS = ZoneInfo("Europe/Paris")
START = datetime(2026, 8, 3, tzinfo=UTC)


def stream(rng: random.Random, days: int, a_day: float, *, burst: int = 1) -> list[datetime]:
    """Draw moments by day, in bursts, more by day than by night and fewer at weekends."""
    found, at = [], START
    while at < START + timedelta(days=days):
        local = at.astimezone(PARIS)
        rate = a_day / 24 / burst * (1.8 if 8 <= local.hour < 23 else 0.2) * (0.5 if local.weekday() >= 5 else 1.2)
        if rng.random() < rate / 6:
            found += [at + timedelta(minutes=rng.random() * 60) for _ in range(burst)]
        at += timedelta(minutes=10)
    return sorted(found)


def test_nothing_is_judged_before_enough_was_heard() -> None:
    moments = [START + timedelta(hours=n) for n in range(11)]
    assert learn(moments, until=START + timedelta(days=30), zone=PARIS) is None
    many = [START + timedelta(hours=n) for n in range(100)]
    assert learn(many, until=START + timedelta(days=5), zone=PARIS) is None


@pytest.mark.parametrize(("a_day", "burst"), [(0.7, 1), (3, 1), (20, 1), (200, 1), (10, 5)])
def test_false_alarms_are_rare_and_a_dead_space_is_noticed(a_day: float, burst: int) -> None:
    alarms, judged, delays = 0, 0, []
    for seed in range(8):
        moments = stream(random.Random(seed), 70, a_day, burst=burst)
        known = [m for m in moments if m < START + timedelta(days=56)]
        rhythm = learn(known, until=START + timedelta(days=56), zone=PARIS)
        if rhythm is None:
            continue
        later = [known[-1], *(m for m in moments if m >= START + timedelta(days=56))]
        for last, following in itertools.pairwise(later):
            judged += 1
            alarms += is_unusual(rhythm, last, following - timedelta(seconds=1), zone=PARIS)
        at = later[-1]
        while not is_unusual(rhythm, later[-1], at, zone=PARIS):
            at += timedelta(minutes=30)
        delays.append((at - later[-1]).total_seconds() / 86_400 * a_day)
    assert judged and alarms <= max(1, judged // 200), f"{alarms} false alarms among {judged} pauses"
    assert sorted(delays)[len(delays) // 2] < 60, "a dead space is noticed after some tens of posts that did not come"


def test_night_is_no_silence() -> None:
    rhythm = learn(stream(random.Random(3), 56, 40), until=START + timedelta(days=56), zone=PARIS)
    assert rhythm is not None
    evening = datetime(2026, 10, 5, 21, tzinfo=UTC)
    assert not is_unusual(rhythm, evening, evening + timedelta(hours=8), zone=PARIS)
    assert expected(rhythm, evening, evening + timedelta(hours=8), zone=PARIS) < 10


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(0, 56 * 24 * 60), min_size=12, max_size=200), st.integers(1, 100), st.integers(1, 100))
def test_longer_silence_is_never_less_unusual(minutes: list[int], first: int, more: int) -> None:
    moments = sorted(START + timedelta(minutes=m) for m in minutes)
    rhythm = learn(moments, until=START + timedelta(days=57), zone=PARIS)
    if rhythm is None:
        return
    assert rhythm.a_day > 0
    since = moments[-1]
    if is_unusual(rhythm, since, since + timedelta(days=first), zone=PARIS):
        assert is_unusual(rhythm, since, since + timedelta(days=first + more), zone=PARIS)


STEADY = Rhythm(tuple([1.0] * 48), 7_200.0, 500)
NOW = datetime(2026, 10, 30, 12, tzinfo=UTC)

STATES = [
    # what the read gave, when something new last came, the state
    (Heard(posts=3, new=2), None, SpaceState.READING),
    (Heard(posts=3), NOW - timedelta(hours=1), SpaceState.READING),
    (Heard(), NOW - timedelta(hours=12), SpaceState.SILENT),
    (Heard(), None, SpaceState.QUIET),
    (Heard("net.login"), NOW, SpaceState.LOGIN),
    (Heard("net.refused"), NOW, SpaceState.REFUSED),
    (Heard("net.robots"), NOW, SpaceState.REFUSED),
    (Heard("net.gone"), NOW, SpaceState.GONE),
    (Heard("net.too_many"), NOW, SpaceState.LIMITED),
    (Heard("net.unreachable"), NOW, SpaceState.LIMITED),
    (Heard("net.cut"), NOW, SpaceState.LIMITED),
    (Heard("feed.not_xml"), NOW, SpaceState.BROKEN),
    (Heard(skipped=4), NOW, SpaceState.BROKEN),
    (Heard(posts=9, skipped=1), NOW, SpaceState.READING),
]


@pytest.mark.parametrize(("heard", "last", "state"), STATES)
def test_state_after_a_read(heard: Heard, last: datetime | None, state: SpaceState) -> None:
    assert state_after(heard, rhythm=STEADY, last_new=last, now=NOW, zone=PARIS) == state


def test_space_of_unknown_rhythm_is_quiet_never_silent() -> None:
    last = NOW - timedelta(days=300)
    assert state_after(Heard(), rhythm=None, last_new=last, now=NOW, zone=PARIS) == SpaceState.QUIET
