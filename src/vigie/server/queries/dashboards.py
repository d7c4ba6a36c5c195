"""The figures of the dashboard, all over one view of mirror and tail."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import Any, TypeVar

from django.conf import settings

from vigie.measure.shares import Share, share_of_voice
from vigie.schema.vocab import SpaceKind, Tone, WorkState
from vigie.server import mirroring
from vigie.server.models import Brand, SpaceRead, Watch, Work
from vigie.server.permissions import Asker, Permission
from vigie.server.queries import filters as filtering
from vigie.server.queries import hearing, mentions, names, scope, speaking
from vigie.server.queries.filters import Filters
from vigie.store.figures import View
from vigie.store.filters import Filter
from vigie.store.totals import Totals

MOST_SEEN = 5
"""Posts of the box of most-seen ones."""


Key = TypeVar("Key")


@dataclass(frozen=True)
class Figures:
    """What the dashboard shows of a window."""

    mentions: int
    posts: int
    before: int
    """Mentions of the window just before, as long."""
    by_day: Mapping[tuple[date, str | None, str], int]
    """Mentions by day, tone and network."""
    voices: tuple[tuple[Brand, Share], ...]
    voice_posts: int
    """Different posts about any subject."""
    most_seen: tuple[mentions.PostRow, ...]
    watches: int
    speaking: Mapping[str, speaking.Counted]
    """Mentions by who speaks and by what for."""

    @cached_property
    def by_day_and_tone(self) -> dict[tuple[date, str | None], int]:
        """Return mentions by day and tone; `None` are those that no model reads."""
        return _added(((day, tone), n) for (day, tone, _), n in self.by_day.items())

    @cached_property
    def by_day_and_network(self) -> dict[tuple[date, str], int]:
        """Return mentions by day and network."""
        return _added(((day, network), n) for (day, _, network), n in self.by_day.items())

    @cached_property
    def tones(self) -> dict[str | None, int]:
        """Return mentions by tone."""
        return _added((tone, n) for (_, tone, _), n in self.by_day.items())

    @cached_property
    def networks(self) -> dict[str, int]:
        """Return mentions by network, the largest first."""
        totals = _added((network, n) for (*_, network), n in self.by_day.items())
        return dict(sorted(totals.items(), key=lambda pair: (-pair[1], pair[0])))

    @cached_property
    def days(self) -> dict[date, int]:
        """Return mentions by day."""
        return _added((day, n) for (day, *_), n in self.by_day.items())


def _added(pairs: Iterable[tuple[Key, int]]) -> dict[Key, int]:
    """Add numbers up by what they belong to."""
    totals: dict[Key, int] = {}
    for key, n in pairs:
        totals[key] = totals.get(key, 0) + n
    return totals


def figures(chosen: Filters, *, who: Asker, now: datetime) -> Figures:
    """Count everything the dashboard shows; each number is a filter of the list."""
    view = mirroring.view(now=now)
    subjects = mentions.subjects_of(who)
    filter_ = filtering.to_store(chosen, who, subjects)
    totals = view.totals(replace(filter_, subjects=subjects))
    return Figures(
        mentions=totals.mentions,
        posts=totals.posts,
        before=view.mentions(replace(filter_, from_day=chosen.previous().first, to_day=chosen.previous().last)),
        by_day=_by_day(view, filter_),
        voices=_voices(totals),
        voice_posts=totals.about,
        most_seen=mentions.first(filter_, view, order="seen", who=who, limit=MOST_SEEN),
        watches=len(filter_.watches or ()),
        speaking=speaking.counted(view, filter_),
    )


def _by_day(view: View, chosen: Filter) -> dict[tuple[date, str | None, str], int]:
    columns = view.counts(chosen, ("day", "tone", "network")).to_pydict()
    keys = zip(columns["day"], columns["tone"], columns["network"], strict=True)
    return dict(zip(keys, columns["mentions"], strict=True))


def _voices(totals: Totals) -> tuple[tuple[Brand, Share], ...]:
    shares = share_of_voice(totals.by_subject, total=totals.about)
    brands = Brand.objects.in_bulk([s.key for s in shares])
    return tuple((brands[s.key], s) for s in shares)


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that needs a person now; the shell writes its sentence."""

    kind: str
    """`space_state`, `work_failed`, `watch_running`, `negative_seen`, `import_failed`, or `name_overdue`."""
    at: datetime
    name: str = ""
    target: int = 0
    n: int = 0
    code: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)


def notices(chosen: Filters, *, who: Asker, now: datetime) -> list[Notice]:
    """Return what needs a person now, the newest first; empty when nothing does."""
    found = [*_lost_spaces(who), *_failed_imports(who, now), *_failed_work(who, now), *_running_watches(who)]
    found += _overdue_names(who, now)
    negative = _negative_since_yesterday(chosen, who, now)
    return sorted([*found, *negative], key=lambda notice: notice.at, reverse=True)[:8]


def _lost_spaces(who: Asker) -> list[Notice]:
    return [
        Notice("space_state", n.at, str(n.facts.get("title", "")), n.space_id or 0, n.pk, n.code, n.facts)
        for n in hearing.notices(who)
    ]


def _failed_imports(who: Asker, now: datetime) -> list[Notice]:
    if not who.may(Permission.IMPORT_FILES):
        return []
    reads = SpaceRead.objects.filter(space__kind=SpaceKind.IMPORT.value, started_at__gte=now - timedelta(days=7))
    failed = reads.exclude(code="").select_related("space").order_by("-pk")[:5]
    return [Notice("import_failed", r.started_at, r.space.title, r.space_id, 0, r.code, r.facts) for r in failed]


def _failed_work(who: Asker, now: datetime) -> list[Notice]:
    if not who.may(Permission.SEE_WORK):
        return []
    failed = Work.objects.filter(state=WorkState.FAILED.value, finished_at__gte=now - timedelta(days=7))
    last = failed.order_by("-pk").first()
    if last is None or last.finished_at is None:
        return []
    return [Notice("work_failed", last.finished_at, last.kind, last.pk, failed.count(), last.code)]


def _overdue_names(who: Asker, now: datetime) -> list[Notice]:
    """Tell decisions about names in our name that nobody carried out by their day."""
    if not who.may(Permission.SEE_SPACES):
        return []
    zone = settings.VIGIE.time_zone
    entry, n = names.overdue(who=who, today=now.astimezone(zone).date())
    if entry is None or entry.due is None:
        return []
    return [Notice("name_overdue", datetime.combine(entry.due, time.max, zone), entry.name, entry.pk, n)]


def _running_watches(who: Asker) -> list[Notice]:
    keys = {f"backfill:{i}": i for i in scope.watch_ids(who, with_closed=False)}
    open_work = Work.objects.filter(key__in=keys, state__in=(WorkState.WAITING.value, WorkState.RUNNING.value))
    names = dict(Watch.objects.filter(pk__in=keys.values()).values_list("id", "name"))
    return [Notice("watch_running", w.created_at, names[keys[w.key]], keys[w.key]) for w in open_work[:5]]


def _negative_since_yesterday(chosen: Filters, who: Asker, now: datetime) -> list[Notice]:
    """Count negative mentions of the last two days of the window: what a person reads first."""
    recent = replace(chosen, first=max(chosen.first, chosen.last - timedelta(days=1)), tones=(Tone.NEGATIVE.value,))
    total = mirroring.view(now=now).mentions(filtering.to_store(recent, who, mentions.subjects_of(who)))
    return [Notice("negative_seen", now, n=total)] if total else []


def ours(voices: Sequence[tuple[Brand, Share]]) -> tuple[Brand, Share] | None:
    """Return the largest share among our own brands."""
    return next(((brand, share) for brand, share in voices if brand.is_ours), None)
