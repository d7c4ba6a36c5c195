"""The register of names as who asks may see it: overdue decisions first, then what waits for one."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.db.models import Case, Count, DateField, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce

from vigie.server.models import Mention, NameEntry
from vigie.server.permissions import Asker, Permission
from vigie.server.queries import paging, scope

STATES = ("open", "decide", "others", "ours", "closed")
"""What a list shows: all that is open, or one part of it, or what was put aside."""

NEVER = date(9999, 12, 31)
"""Stands for a day that is not set, so that it comes last."""

MOST_EXPORTED = 10_000
"""Rows of an export: far beyond a register that people keep."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A mention in which a name was met."""

    mention_id: int
    watch: str


def visible(who: Asker) -> QuerySet[NameEntry]:
    """Return the entries of the brands they may see; one without a brand is everybody's."""
    brands = who.brands(Permission.SEE_SPACES)
    rows = NameEntry.objects.select_related("brand", "owner")
    return rows if brands is None else rows.filter(Q(brand_id__in=brands) | Q(brand=None))


def _overdue(today: date) -> Q:
    return Q(is_ours=False, closed_at=None, due__lt=today)


_PARTS = {
    "open": Q(closed_at=None),
    "decide": Q(closed_at=None, is_ours=None),
    "others": Q(closed_at=None, is_ours=False),
    "ours": Q(closed_at=None, is_ours=True),
    "closed": Q(closed_at__isnull=False),
}


def chosen(state: str, *, who: Asker, today: date, brand_id: int | None = None) -> QuerySet[NameEntry]:
    """Return the entries of a part with their rank: overdue, to decide, decided."""
    rows = visible(who).filter(_PARTS[state])
    if brand_id is not None:
        rows = rows.filter(Q(brand_id=brand_id) | Q(brand=None))
    rank = Case(When(_overdue(today), then=Value(0)), When(is_ours=None, then=Value(1)), default=Value(2))
    by = Coalesce("due", Value(NEVER, output_field=DateField()))
    return rows.annotate(rank=rank, by=by)


def listed(
    state: str, *, who: Asker, today: date, brand_id: int | None = None, after: int | None = None
) -> paging.Page[NameEntry]:
    """Return a page of a part of the register."""
    return paging.page(chosen(state, who=who, today=today, brand_id=brand_id), ("rank", "by"), after=after)


def exported(state: str, *, who: Asker, today: date, brand_id: int | None = None) -> Iterator[NameEntry]:
    """Give the entries of a part, in the order of the list."""
    rows = chosen(state, who=who, today=today, brand_id=brand_id)
    yield from rows.order_by("rank", "by", "pk")[:MOST_EXPORTED].iterator()


def counts(*, who: Asker, brand_id: int | None = None) -> dict[str, int]:
    """Count each part, in one statement."""
    rows = visible(who)
    if brand_id is not None:
        rows = rows.filter(Q(brand_id=brand_id) | Q(brand=None))
    found: dict[str, int] = rows.aggregate(**{state: Count("pk", filter=part) for state, part in _PARTS.items()})
    return found


def overdue(*, who: Asker, today: date) -> tuple[NameEntry | None, int]:
    """Return the entry whose decision has waited longest past its day, and how many there are."""
    rows = visible(who).filter(_overdue(today))
    return rows.order_by("due", "pk").first(), rows.count()


def met_in(entry: NameEntry, *, who: Asker) -> list[Seen]:
    """Return the mentions that show a name, those that they may read."""
    ids = [i for i in entry.reason.get("mentions", []) if isinstance(i, int)]
    rows = Mention.objects.filter(pk__in=ids, watch_id__in=scope.watch_ids(who)).order_by("pk")
    return [Seen(i, name) for i, name in rows.values_list("pk", "watch__name")]
