"""The figures of the dashboard, all over one view of mirror and tail."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from django.conf import settings

from vigie.measure.shares import Share, share_of_voice
from vigie.schema.vocab import SpaceKind, Tone, WorkState
from vigie.server import mirroring
from vigie.server.models import Brand, SpaceRead, Watch, Work
from vigie.server.permissions import Asker, Permission
from vigie.server.queries import filters as filtering
from vigie.server.queries import hearing, mentions, names, scope
from vigie.server.queries.filters import Filters
from vigie.store.figures import Filter, View

MOST_SEEN = 5
"""Posts of the box of most-seen ones."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What the dashboard shows of a window."""

    mentions: int
    posts: int
    before: int
    """Mentions of the window just before, as long."""
    by_day_and_tone: dict[tuple[date, str | None], int]
    by_day_and_network: dict[tuple[date, str], int]
    voices: tuple[tuple[Brand, Share], ...]
    voice_posts: int
    """Different posts about any subject."""
    most_seen: tuple[mentions.PostRow, ...]
    watches: int

    @property
    def tones(self) -> dict[str | None, int]:
        """Return mentions by tone; `None` are those that no model reads."""
        totals: dict[str | None, int] = {}
        for (_, tone), n in self.by_day_and_tone.items():
            totals[tone] = totals.get(tone, 0) + n
        return totals

    @property
    def networks(self) -> dict[str, int]:
        """Return mentions by network, the largest first."""
        totals: dict[str, int] = {}
        for (_, network), n in self.by_day_and_network.items():
            totals[network] = totals.get(network, 0) + n
        return dict(sorted(totals.items(), key=lambda pair: (-pair[1], pair[0])))

    @property
    def days(self) -> dict[date, int]:
        """Return mentions by day."""
        totals: dict[date, int] = {}
        for (day, _), n in self.by_day_and_network.items():
            totals[day] = totals.get(day, 0) + n
        return totals


def figures(chosen: Filters, *, who: Asker, now: datetime) -> Figures:
    """Count everything the dashboard shows; each number is a filter of the list."""
    view = mirroring.view(now=now)
    subjects = mentions.subjects_of(who)
    filter_ = filtering.to_store(chosen, who, subjects)
    total, posts = view.total(filter_)
    before, _ = view.total(filtering.to_store(chosen.previous(), who, subjects))
    voices, voice_posts = _voices(view, replace(filter_, subjects=subjects))
    return Figures(
        mentions=total,
        posts=posts,
        before=before,
        by_day_and_tone=_pairs(view, filter_, "tone"),
        by_day_and_network=_pairs(view, filter_, "network"),
        voices=voices,
        voice_posts=voice_posts,
        most_seen=mentions.page(replace(chosen, order="seen"), who=who, now=now, limit=MOST_SEEN).rows,
        watches=len(filter_.watches or ()),
    )


def _pairs(view: View, chosen: Filter, dimension: str) -> dict[tuple[date, str], int]:
    rows = view.counts(chosen, ("day", dimension)).to_pylist()
    return {(row["day"], row[dimension]): row["mentions"] for row in rows}


def _voices(view: View, chosen: Filter) -> tuple[tuple[tuple[Brand, Share], ...], int]:
    rows = view.counts(chosen, ("subject",), posts=True).to_pylist()
    with_subject = tuple(w for w in chosen.watches or () if chosen.subjects.get(w) is not None)
    _, total = view.total(replace(chosen, watches=with_subject))
    shares = share_of_voice({row["subject"]: row["posts"] for row in rows}, total=total)
    brands = Brand.objects.in_bulk([s.key for s in shares])
    return tuple((brands[s.key], s) for s in shares), total


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
    total, _ = mirroring.view(now=now).total(filtering.to_store(recent, who, mentions.subjects_of(who)))
    return [Notice("negative_seen", now, n=total)] if total else []


def ours(voices: Sequence[tuple[Brand, Share]]) -> tuple[Brand, Share] | None:
    """Return the largest share among our own brands."""
    return next(((brand, share) for brand, share in voices if brand.is_ours), None)
