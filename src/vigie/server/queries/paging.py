"""Pages by key: a page goes on after a row, never by counting rows that may have moved (DESIGN §1, rule 4)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db.models import Model, Q, QuerySet

M = TypeVar("M", bound=Model)

ROWS = 50
"""Rows of a page: what one reads without losing one's place, and a bounded answer however long a list grows."""


@dataclass(frozen=True, slots=True)
class Page(Generic[M]):
    """Rows in their order, and the key of the last when more come."""

    rows: list[M]
    more_after: int | None


def page(rows: QuerySet[M], order: Sequence[str], *, after: int | None, size: int = ROWS) -> Page[M]:
    """Return the rows that come after one of them.

    Args:
        order: Names of fields or annotations, none of them null, "-" before those that fall; `pk` is added as the last.
        after: Key of the row to go on after; the first page without one, or when the row is no longer there.
    """
    names = [*order, "pk"]
    last = rows.filter(pk=after).values(*(name.lstrip("-") for name in names)).first() if after else None
    found = list((rows.filter(_beyond(names, last)) if last else rows).order_by(*names)[: size + 1])
    return Page(found[:size], found[size - 1].pk if len(found) > size else None)


def _beyond(names: Sequence[str], last: dict[str, Any]) -> Q:
    """Compare rows as tuples: equal up to some name, and beyond at it."""
    beyond, equal = Q(), Q()
    for name in names:
        field, step = (name[1:], "lt") if name.startswith("-") else (name, "gt")
        beyond |= equal & Q(**{f"{field}__{step}": last[field]})
        equal &= Q(**{field: last[field]})
    return beyond
