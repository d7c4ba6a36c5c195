"""The user's own categories: nested, and each, by itself or by those within it, a value of the posts it holds."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from vigie.enrich.finder import FINDINGS
from vigie.schema.vocab import FindingKind

NAME, VERSION = "categories", "1"
"""Who says it: queries that people wrote. Which wording of which query stands beside each finding as its source."""

MAX_DEPTH = 4
"""Levels of a dimension: a deeper tree is read by nobody, and its menu does not fit a telephone's width."""

MAX_CATEGORIES = 200
"""Open categories of a dimension: those that a menu of filters still shows at once."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a category stands, and which wording of it counts."""

    parent: int | None
    version: int


def chain(category: int, places: Mapping[int, Place]) -> tuple[int, ...]:
    """Return a category and those it stands within, the nearest first; a circle is followed once."""
    found: list[int] = []
    at: int | None = category
    while at is not None and at in places and at not in found:
        found.append(at)
        at = places[at].parent
    return tuple(found)


def inside(category: int, places: Mapping[int, Place]) -> frozenset[int]:
    """Return a category and all that stand within it."""
    return frozenset(one for one in places if category in chain(one, places))


def source(category: int, version: int) -> str:
    """Return what made a finding of a category: whose query, in which wording."""
    return f"category {category} v{version}"


class Sorter:
    """Turns the queries that hold into findings: the category of each, and those it stands within."""

    def __init__(self, ids: tuple[str, ...], places: Mapping[int, Place]) -> None:
        """Take the queries' ids, in the order they are numbered, and the place of every open category."""
        chains = [chain(int(one), places) for one in ids]
        self._lengths = np.array([len(some) for some in chains], np.int64)
        self._starts = np.cumsum(self._lengths) - self._lengths
        self._values = np.array([value for some in chains for value in some], np.int64)
        self._sources = pa.array([source(int(one), places[int(one)].version) for one in ids], pa.string())

    def sort(self, rows: NDArray[np.int64], queries: NDArray[np.int64]) -> pa.Table:
        """Return `FINDINGS`: one row per post and category, in the order of posts, then of categories.

        A category's own query says why it holds, before those of the categories within it.

        Args:
            rows: Place of the post of each pair of a post and a query that holds.
            queries: Number of the query of each pair.
        """
        lengths = self._lengths[queries]
        ends = np.cumsum(lengths)
        depth = np.arange(lengths.sum()) - np.repeat(ends - lengths, lengths)
        row, query = np.repeat(rows, lengths), np.repeat(queries, lengths)
        value = self._values[self._starts[query] + depth]
        order = np.lexsort((query, depth, value, row))
        row, value, query = row[order], value[order], query[order]
        first = np.ones(len(row), np.bool_)
        first[1:] = (row[1:] != row[:-1]) | (value[1:] != value[:-1])
        return _findings(row[first], value[first], self._sources.take(pa.array(query[first], pa.int64())))


def _findings(rows: NDArray[np.int64], values: NDArray[np.int64], sources: pa.Array) -> pa.Table:
    n = len(rows)
    columns = {
        "row": pa.array(rows, pa.int64()),
        "kind": pa.repeat(pa.scalar(FindingKind.CATEGORY.value), n),
        "value": pa.array(values, pa.int64()).cast(pa.string()),
        "score": pa.repeat(pa.scalar(1.0), n),
        "source": sources,
    }
    no = pa.repeat(pa.scalar(False), n)
    return pa.table(
        [columns.get(f.name, no if f.type == pa.bool_() else pa.nulls(n, f.type)) for f in FINDINGS], schema=FINDINGS
    )
