"""Spaces with their last reads and mentions; a fixed number of statements whatever their number."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from django.db.models import BooleanField, ExpressionWrapper, Max, Q
from django.db.models.functions import Lower

from vigie.schema.vocab import WorkState
from vigie.server import mirroring
from vigie.server.models import Space, SpaceRead, Work
from vigie.server.models.work import OPEN_STATES
from vigie.server.permissions import Asker
from vigie.server.queries import filters as filtering
from vigie.server.queries import mentions, paging
from vigie.server.queries.filters import Filters

READS_SHOWN = 30
"""Reads on a space's page: a day of one every hour, and a look further back."""


@dataclass(frozen=True, slots=True)
class SpaceRow:
    """A space in the list."""

    space: Space
    last: SpaceRead | None
    mentions: int
    """Of the window, of watches that the asker sees."""


def listed(
    filters: Filters, *, who: Asker, now: datetime, after: int | None = None
) -> tuple[list[SpaceRow], int | None]:
    """Return a page of spaces, those that fail first, then by name, closed ones last; and where the next goes on."""
    spaces = Space.objects.select_related("brand").annotate(
        closed=ExpressionWrapper(Q(closed_at__isnull=False), BooleanField()),
        sound=ExpressionWrapper(Q(failures=0), BooleanField()),
        folded=Lower("title"),
    )
    page = paging.page(spaces, ("closed", "sound", "folded"), after=after)
    chosen = filtering.to_store(replace(filters, spaces=()), who, mentions.subjects_of(who))
    counts = {r["space_id"]: r["mentions"] for r in mirroring.view(now=now).counts(chosen, ("space_id",)).to_pylist()}
    reads = SpaceRead.objects.filter(space__in=[s.pk for s in page.rows])
    last_ids = reads.values("space_id").annotate(last=Max("pk")).values_list("last", flat=True)
    lasts = {read.space_id: read for read in SpaceRead.objects.filter(pk__in=list(last_ids))}
    return [SpaceRow(s, lasts.get(s.pk), counts.get(s.pk, 0)) for s in page.rows], page.more_after


def reads_of(space: Space) -> list[SpaceRead]:
    """Return the last reads of a space, newest first."""
    return list(SpaceRead.objects.filter(space=space).order_by("-pk")[:READS_SHOWN])


def work_of(space: Space) -> Work | None:
    """Return the read or import of a space that is under way."""
    keys = [
        f"collect:{space.pk}",
        *(f"import:{i}" for i in space.fetch_set.filter(ingested_at=None).values_list("pk", flat=True)),
    ]
    return Work.objects.filter(key__in=keys, state__in=OPEN_STATES).order_by("-state", "pk").first()


def next_read_of(space: Space, work: Work | None) -> datetime | None:
    """Return when a space is read next: as planned, or earlier where a read that failed is tried again; absent when never."""
    if space.next_read_at is None or work is None or work.state != WorkState.WAITING.value:
        return space.next_read_at
    return min(space.next_read_at, datetime.fromtimestamp(work.due_s, UTC))


def mentions_of(space: Space, filters: Filters, *, who: Asker, now: datetime) -> int:
    """Count the mentions of a space in the window."""
    own = filtering.to_store(replace(filters, spaces=(space.pk,)), who, mentions.subjects_of(who))
    return mirroring.view(now=now).mentions(own)
