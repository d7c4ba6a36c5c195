"""What was heard and what was not: shares, gaps, the log that proves how often spaces of ours were read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Count, F, Q, Window
from django.db.models.functions import Lag, TruncDate

from vigie.schema.vocab import HEARD_STATES, Ownership, SpaceKind, SpaceState
from vigie.server.models import Notice, Space, SpaceRead, SpaceStateRow
from vigie.server.permissions import Asker, Permission

LATE = 3
"""Intervals after which a space that was not read is not heard, whatever its state says: the worker stands still."""

GAPS_SHOWN = 20
"""Gaps that a page lists; it says how many more there are."""

NOT_HEARD = tuple(s.value for s in SpaceState if s not in HEARD_STATES and s is not SpaceState.NEW)


@dataclass(frozen=True, slots=True)
class Hearing:
    """How many of the spaces that are read by themselves are heard now."""

    heard: int
    spaces: int
    late: int
    """Of those not heard, spaces that the worker should have read and did not."""


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch of time from which nothing of a space reached us, or nothing came where something should have."""

    space_id: int
    title: str
    state: str
    since: datetime
    until: datetime | None
    code: str
    facts: dict[str, str | int | float]


def now_heard(*, now: datetime) -> Hearing:
    """Count the open spaces that are heard now."""
    spaces = Space.objects.filter(closed_at=None).exclude(kind=SpaceKind.IMPORT.value)
    rows = list(spaces.values_list("state", "next_read_at", "interval_s"))
    late = [due is not None and now - due > timedelta(seconds=LATE * interval) for _, due, interval in rows]
    heard = sum(state in HEARD_STATES and not is_late for (state, *_), is_late in zip(rows, late, strict=True))
    return Hearing(heard, len(rows), sum(late))


def gaps(since: datetime, until: datetime, *, space_ids: Sequence[int] | None = None) -> tuple[list[Gap], int]:
    """Return the gaps of a time that last longer than the space's interval, the longest first, and how many there are."""
    rows = SpaceStateRow.objects.filter(state__in=NOT_HEARD, since__lt=until).filter(Q(until=None) | Q(until__gt=since))
    if space_ids is not None:
        rows = rows.filter(space_id__in=space_ids)
    found = _joined(rows.select_related("space").order_by("space_id", "since"), until)
    found.sort(key=lambda gap: gap.since - (gap.until or until))
    return found[:GAPS_SHOWN], len(found)


def _joined(rows: Sequence[SpaceStateRow], until: datetime) -> list[Gap]:
    """Return one gap for states of a space that follow each other without a break, those that matter."""
    found: list[Gap] = []
    least: list[timedelta] = []
    for row in rows:
        gap = Gap(row.space_id, row.space.title, row.state, row.since, row.until, row.code, row.facts)
        last = found[-1] if found else None
        if last is not None and last.space_id == gap.space_id and last.until == gap.since:
            found[-1] = Gap(gap.space_id, gap.title, gap.state, last.since, gap.until, gap.code, gap.facts)
        else:
            found.append(gap)
            least.append(timedelta(seconds=row.space.interval_s))
    return [gap for gap, short in zip(found, least, strict=True) if (gap.until or until) - gap.since > short]


def states_of(space: Space, *, limit: int = 30) -> list[SpaceStateRow]:
    """Return the last states of a space, newest first."""
    return list(SpaceStateRow.objects.filter(space=space).order_by("-since", "-pk")[:limit])


def notices(who: Asker, *, limit: int = 5) -> list[Notice]:
    """Return what was not seen yet of lost and regained hearing, the newest of each space, for those who may act."""
    if not who.may(Permission.EDIT_SPACES):
        return []
    brands = who.brands(Permission.EDIT_SPACES)
    rows = Notice.objects.filter(kind="space.state", seen_at=None, space__closed_at=None).select_related("space")
    if brands is not None:
        rows = rows.filter(Q(brand_id__in=brands) | Q(brand=None))
    newest: dict[int | None, Notice] = {}
    for notice in rows.order_by("-pk")[:200]:
        newest.setdefault(notice.space_id, notice)
    return list(newest.values())[:limit]


@dataclass(frozen=True, slots=True)
class Screened:
    """One day of one space of ours: how often it was read."""

    space_id: int
    title: str
    day: date
    reads: int
    failed: int
    longest_s: float
    """Seconds of the longest time between two reads that succeeded and began that day, or before it."""


def screening(first: date, last: date, *, zone: ZoneInfo, now: datetime) -> list[Screened]:
    """Return the reads of owned and sponsored spaces, day by day; days without a read stand with zero.

    Source of the duty: EMA GVP Module VI rev. 2, VI.B.1.1.4 (a company regularly screens media under its responsibility).
    """
    begin = datetime(first.year, first.month, first.day, tzinfo=zone)
    end = datetime(last.year, last.month, last.day, tzinfo=zone) + timedelta(days=1)
    spaces = list(
        Space.objects.exclude(ownership=Ownership.EXTERNAL.value)
        .exclude(kind=SpaceKind.IMPORT.value)
        .filter(Q(closed_at=None) | Q(closed_at__gt=begin), created_at__lt=end)
        .order_by("title", "pk")
    )
    ids = [space.pk for space in spaces]
    reads = SpaceRead.objects.filter(space_id__in=ids, started_at__gte=begin, started_at__lt=end)
    days = reads.annotate(day=TruncDate("started_at", tzinfo=zone)).values("space_id", "day")
    counts = {
        (r["space_id"], r["day"]): (r["n"], r["bad"])
        for r in days.annotate(n=Count("pk"), bad=Count("pk", filter=~Q(code=""))).order_by()
    }
    longest = _longest(ids, begin, end, zone)
    return [
        Screened(
            s.pk,
            s.title,
            day,
            *counts.get((s.pk, day), (0, 0)),
            longest.get((s.pk, day), _unread(day, max(begin, s.created_at), min(end, now), zone)),
        )
        for s in spaces
        for day in _days(max(begin, s.created_at), min(end, now, s.closed_at or end), zone)
    ]


def _unread(day: date, begin: datetime, end: datetime, zone: ZoneInfo) -> float:
    """Return the seconds of a day, as far as it lies between two instants: all of it went by without two reads."""
    first = datetime(day.year, day.month, day.day, tzinfo=zone)
    return max(0.0, (min(first + timedelta(days=1), end) - max(first, begin)).total_seconds())


def _days(begin: datetime, end: datetime, zone: ZoneInfo) -> list[date]:
    first, last = begin.astimezone(zone).date(), (end - timedelta(seconds=1)).astimezone(zone).date()
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def _longest(ids: list[int], begin: datetime, end: datetime, zone: ZoneInfo) -> dict[tuple[int, date], float]:
    """Return the longest time between reads that succeeded, by space and day of the later one."""
    good = SpaceRead.objects.filter(
        space_id__in=ids,
        code="",
        finished_at__isnull=False,
        started_at__gte=begin - timedelta(days=7),
        started_at__lt=end,
    )
    before = Window(Lag("started_at"), partition_by=[F("space_id")], order_by=F("started_at").asc())
    found: dict[tuple[int, date], float] = {}
    for space_id, at, last in good.annotate(last=before).values_list("space_id", "started_at", "last").iterator():
        if last is not None and at >= begin:
            key = (space_id, at.astimezone(zone).date())
            found[key] = max(found.get(key, 0.0), (at - last).total_seconds())
    return found
