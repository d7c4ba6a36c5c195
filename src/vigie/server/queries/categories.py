"""Dimensions and their categories as whoever asks sees them: trees, counts of a window, how far they are applied."""

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import zip_longest

from django.db.models import QuerySet

from vigie.enrich.categories import MAX_DEPTH, Place, chain
from vigie.schema.vocab import FindingKind
from vigie.server import mirroring
from vigie.server.models import Category, Dimension, Finding, Work
from vigie.server.models.work import OPEN_STATES
from vigie.server.permissions import Asker
from vigie.server.queries import filters as filtering
from vigie.server.queries import mentions, scope
from vigie.server.queries.filters import Filters
from vigie.store.filters import Filter

MOST_DIMENSIONS = 40
"""Dimensions of a page and of the menus: more ways to sort posts are no way any more."""

CHARTED = 3
"""Dimensions drawn on the dashboard, the first by name: each costs two counts."""


@dataclass(frozen=True, slots=True)
class Node:
    """A category in its tree."""

    category: Category
    depth: int
    """0 at the top."""


@dataclass(frozen=True, slots=True)
class Tree:
    """A dimension with its open categories, each followed by those within it, by name."""

    dimension: Dimension
    nodes: tuple[Node, ...]

    @property
    def ids(self) -> tuple[str, ...]:
        """Return the categories as findings hold them."""
        return tuple(str(node.category.pk) for node in self.nodes)

    def within(self, parent: int | None) -> tuple[Category, ...]:
        """Return the categories directly within one, or at the top."""
        return tuple(node.category for node in self.nodes if node.category.parent_id == parent)


def trees(who: Asker) -> list[Tree]:
    """Return the open dimensions that somebody sees, by name; two statements."""
    return _trees(scope.dimensions(who).filter(closed_at=None))


def tree(dimension: Dimension) -> Tree:
    """Return one dimension; two statements."""
    return _trees(Dimension.objects.filter(pk=dimension.pk))[0]


def _trees(dimensions: QuerySet[Dimension]) -> list[Tree]:
    shown = list(dimensions.select_related("brand").order_by("name")[:MOST_DIMENSIONS])
    rows: dict[int, dict[int | None, list[Category]]] = {one.pk: {} for one in shown}
    for category in Category.objects.filter(dimension__in=shown, closed_at=None).order_by("name", "pk"):
        rows[category.dimension_id].setdefault(category.parent_id, []).append(category)
    return [Tree(one, tuple(_nodes(rows[one.pk], None, 0))) for one in shown]


def _nodes(by_parent: Mapping[int | None, Sequence[Category]], parent: int | None, depth: int) -> Iterator[Node]:
    if depth >= MAX_DEPTH:
        return
    for category in by_parent.get(parent, ()):
        yield Node(category, depth)
        yield from _nodes(by_parent, category.pk, depth + 1)


@dataclass(frozen=True, slots=True)
class Sorted:
    """What a post is sorted into, of one dimension."""

    dimension: Dimension
    paths: tuple[tuple[Category, ...], ...]
    """The categories that hold it and none within them, each after those it stands within, the widest first."""


def of_post(post_id: int, who: Asker) -> tuple[Sorted, ...]:
    """Return what a post is sorted into, of the dimensions that somebody sees; one of which no category holds it is absent.

    Cost: three statements.
    """
    held = set(Finding.objects.filter(post=post_id, kind=FindingKind.CATEGORY.value).values_list("value", flat=True))
    found = (Sorted(one.dimension, tuple(_paths(one.nodes, held))) for one in (trees(who) if held else ()))
    return tuple(one for one in found if one.paths)


def _paths(nodes: Sequence[Node], held: Container[str]) -> Iterator[tuple[Category, ...]]:
    # What holds a post holds it within all that it stands within.
    holding = [node for node in nodes if str(node.category.pk) in held]
    path: list[Category] = []
    for node, following in zip_longest(holding, holding[1:]):
        path = [*path[: node.depth], node.category]
        if following is None or following.depth <= node.depth:
            yield tuple(path)


def path_of(category: Category) -> str:
    """Return the names of a category and of those it stands within, the widest first."""
    rows = {c.pk: c for c in Category.objects.filter(dimension=category.dimension_id)}
    places = {i: Place(c.parent_id, c.version) for i, c in rows.items()}
    return " › ".join(rows[i].name for i in reversed(chain(category.pk, places)))


@dataclass(frozen=True, slots=True)
class Bars:
    """Mentions of a window by the categories of a dimension, whatever is chosen of that dimension."""

    dimension: Dimension
    parent: Category | None
    """Whose categories these are, when one is chosen that holds others; absent at the top."""
    filters: Filters
    """What lets the counted mentions through: all that is chosen but the dimension's own categories."""
    total: int
    """Mentions that the filters let through, and that the parent holds."""
    bars: tuple[tuple[Category, int], ...]
    """The largest first."""
    others: int
    """Mentions of the total that no category of the dimension holds; 0 within a parent."""


def counts(filters: Filters, *, who: Asker, now: datetime) -> dict[str, int]:
    """Return the mentions of each category in a window; one without any is absent."""
    return _Counts(who, now).by_category(filters)


class _Counts:
    """What one page counts of some filters, each once, over one view."""

    def __init__(self, who: Asker, now: datetime, known: Mapping[Filters, int] | None = None) -> None:
        """Take who asks, and mentions that are known already, by their filters."""
        self._who, self._view, self._subjects = who, mirroring.view(now=now), mentions.subjects_of(who)
        self._mentions, self._by_category = dict(known or {}), dict[Filters, dict[str, int]]()

    def by_category(self, filters: Filters) -> dict[str, int]:
        """Return the mentions of each category; one without any is absent."""
        if filters not in self._by_category:
            table = self._view.counts(self._stored(filters), (FindingKind.CATEGORY.value,))
            rows = zip(table["category"].to_pylist(), table["mentions"].to_pylist(), strict=True)
            self._by_category[filters] = dict(rows)
        return self._by_category[filters]

    def mentions(self, filters: Filters) -> int:
        """Return all that the filters let through."""
        if filters not in self._mentions:
            self._mentions[filters] = self._view.mentions(self._stored(filters))
        return self._mentions[filters]

    def _stored(self, filters: Filters) -> Filter:
        return filtering.to_store(filters, self._who, self._subjects)


def charted(
    filters: Filters, seen: Sequence[Tree], *, who: Asker, now: datetime, total: int | None = None
) -> list[Bars]:
    """Count the first dimensions for the dashboard: those at the top, or those within the one that is chosen.

    Args:
        seen: The dimensions that they see (`trees`).
        total: The mentions that the filters let through, when they are known.
    """
    shown = [one for one in seen if one.nodes][:CHARTED]
    if not shown:
        return []
    counted = _Counts(who, now, {} if total is None else {filters: total})
    return [_bars(one, filters, counted) for one in shown]


def _bars(one: Tree, filters: Filters, counted: _Counts) -> Bars:
    own = {*one.ids, filtering.without(one.dimension.pk)}
    rest = replace(filters, categories=tuple(v for v in filters.categories if v not in own))
    by_category = counted.by_category(rest)
    chosen = [node.category for node in one.nodes if str(node.category.pk) in filters.categories]
    parent = chosen[0] if len(chosen) == 1 and one.within(chosen[0].pk) else None
    shown = one.within(parent.pk if parent else None)
    bars = sorted(((c, by_category.get(str(c.pk), 0)) for c in shown), key=lambda pair: (-pair[1], pair[0].name))
    if parent:
        return Bars(one.dimension, parent, rest, by_category.get(str(parent.pk), 0), tuple(bars), 0)
    none = replace(rest, categories=(*rest.categories, filtering.without(one.dimension.pk)))
    return Bars(one.dimension, None, rest, counted.mentions(rest), tuple(bars), counted.mentions(none))


def under_way() -> Work | None:
    """Return the walk that applies what changed to the past, while it is open."""
    keys = ("categorise", "categorise:language", "categorise:list")
    return Work.objects.filter(kind="categorise", key__in=keys, state__in=OPEN_STATES).order_by("pk").first()


def share_done(work: Work | None) -> float | None:
    """Return how much of the past the walk has seen, 0 to 1; absent while it has not begun."""
    return min(work.done / work.total, 1.0) if work and work.total else None
