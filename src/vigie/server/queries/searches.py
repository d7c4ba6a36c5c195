"""What a search may look at, and what it could not have heard."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from vigie.schema.vocab import Ownership, SpaceState
from vigie.server.models import Space
from vigie.server.permissions import Asker, Permission
from vigie.server.queries import hearing
from vigie.server.queries.hearing import Gap

NAMES = 5
"""Names of spaces and gaps in one sentence; the page says how many more there are."""

OFFERED = 500
"""Spaces offered to choose from; `space:NAME` in the query chooses any."""


@dataclass(frozen=True, slots=True)
class Holes:
    """What is missing from what was heard in a time."""

    gaps: tuple[Gap, ...]
    more_gaps: int
    firehoses: tuple[str, ...]
    """Titles of spaces that keep only what a watch asked for."""
    more_firehoses: int


def spaces(who: Asker) -> list[tuple[int, str]]:
    """Return the spaces that may be looked into: all but those of brands whose mentions they do not see."""
    return list(_allowed(who).order_by("title", "pk").values_list("pk", "title")[:OFFERED])


def space_ids(who: Asker, chosen: Sequence[int]) -> tuple[int, ...] | None:
    """Return which spaces are looked into; `None` when it is all of them."""
    if who.brands(Permission.SEE_MENTIONS) is None and not chosen:
        return None
    rows = _allowed(who)
    return tuple((rows.filter(pk__in=chosen) if chosen else rows).order_by("pk").values_list("pk", flat=True))


def _allowed(who: Asker):  # type: ignore[no-untyped-def] -- a queryset
    """In a brand's own space each post is its mention: it is looked into by those who see them."""
    brands = who.brands(Permission.SEE_MENTIONS)
    rows = Space.objects.all()
    return rows if brands is None else rows.filter(Q(ownership=Ownership.EXTERNAL.value) | Q(brand_id__in=brands))


def holes(since: datetime, until: datetime, ids: tuple[int, ...] | None) -> Holes:
    """Return what could not be heard; three statements."""
    found, _total = hearing.gaps(since, until, space_ids=ids)
    gaps = [gap for gap in found if gap.state != SpaceState.SILENT]
    streams = Space.objects.filter(stream_counts__hour__lt=until, stream_counts__hour__gte=since)
    if ids is not None:
        streams = streams.filter(pk__in=ids)
    titles = list(streams.order_by("title").distinct().values_list("title", flat=True)[: OFFERED + 1])
    return Holes(
        tuple(gaps[:NAMES]), max(len(gaps) - NAMES, 0), tuple(titles[:NAMES]), max(len(titles) - NAMES, 0)
    )  # fmt: skip
