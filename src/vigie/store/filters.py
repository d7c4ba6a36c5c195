"""Which mentions count: filters, as conditions of a statement whose values are parameters, and over few rows at hand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from vigie.schema.tables import FOUND_COLUMNS
from vigie.schema.vocab import FindingKind
from vigie.store.months import first_day, next_month

NO_VALUE = "none"
"""What a filter says for “absent”."""


@dataclass(frozen=True, slots=True)
class Sorted:
    """What is asked of the categories of one dimension."""

    among: tuple[str, ...] = ()
    """Rows that hold any of these."""
    none_of: tuple[str, ...] | None = None
    """Or that hold none of these."""


@dataclass(frozen=True, slots=True)
class Filter:
    """Which mentions count; `watches` are those the asker may see, and come first: none of them means nothing."""

    watches: tuple[int, ...] | None
    """`None` is everything: for checks alone, never for a page."""
    from_day: date | None = None
    to_day: date | None = None
    networks: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    tones: tuple[str, ...] = ()
    spaces: tuple[int, ...] = ()
    authors: tuple[int, ...] = ()
    stories: tuple[int, ...] = ()
    found: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """By kind of finding: rows that have any of these values; `none` is the absence of all."""
    sorted_into: tuple[Sorted, ...] = ()
    """Categories, dimension by dimension: each must be answered."""
    lapsed: str = "without"
    """`without`, `only` or `all`."""
    include_not_about_us: bool = False
    subjects: Mapping[int, int | None] = field(default_factory=dict)
    """Subject of each watch, for counts by subject."""


ALL = Filter(None)
"""Every live mention."""


def condition_of(chosen: Filter) -> tuple[str, list[Any]]:
    """Return the filter as a condition and its values."""
    tests: list[str] = ["in_watch"]
    values: list[Any] = []
    for column, allowed in _by_column(chosen):
        own_tests, own_values = _among(column, allowed, always=column == "watch_id")
        tests += own_tests
        values += own_values
    for kind, wanted in chosen.found.items():
        own_tests, own_values = _holding(FOUND_COLUMNS[FindingKind(kind)], wanted)
        tests += own_tests
        values += own_values
    for asked in chosen.sorted_into:
        own_tests, own_values = _sorted(asked)
        tests += own_tests
        values += own_values
    for test, day in (("day >= ?", chosen.from_day), ("day <= ?", chosen.to_day)):
        if day is not None:
            tests.append(test)
            values.append(day)
    tests += {"without": ["NOT lapsed"], "only": ["lapsed"], "all": []}[chosen.lapsed]
    if not chosen.include_not_about_us:
        tests.append("NOT not_about_us")
    return " AND ".join(tests), values


def _by_column(chosen: Filter) -> tuple[tuple[str, Sequence[Any] | None], ...]:
    return (
        ("watch_id", chosen.watches), ("network", chosen.networks), ("space_id", chosen.spaces),
        ("author_id", chosen.authors), ("story_id", chosen.stories), ("language", chosen.languages), ("tone", chosen.tones),
    )  # fmt: skip


def passing(rows: pa.Table, chosen: Filter) -> pa.Array:
    """Say of each row whether a filter lets it through, the same as by `condition_of`.

    For rows at hand, a few thousand: to plan a statement of DuckDB takes 3 ms, this 0.3 (measured).
    """
    tests = [_true(rows["in_watch"])]
    for column, allowed in _by_column(chosen):
        if allowed or (allowed is not None and column == "watch_id"):
            tests.append(_is_among(rows[column], allowed))
    for kind, wanted in chosen.found.items():
        if wanted:
            column = rows[FOUND_COLUMNS[FindingKind(kind)]]
            known = [value for value in wanted if value != NO_VALUE]
            tests.append(_holds_any(column, known) | (_true(pc.is_null(column)) & (len(known) < len(wanted))))
    tests += [_is_sorted(rows[FOUND_COLUMNS[FindingKind.CATEGORY]], asked) for asked in chosen.sorted_into]
    for compare, day in ((pc.greater_equal, chosen.from_day), (pc.less_equal, chosen.to_day)):
        if day is not None:
            tests.append(_true(compare(rows["day"], pa.scalar(day, pa.date32()))))
    if chosen.lapsed != "all":
        tests.append(_true(rows["lapsed"]) == (chosen.lapsed == "only"))
    if not chosen.include_not_about_us:
        tests.append(~_true(rows["not_about_us"]))
    return pa.array(np.logical_and.reduce(tests))


def _true(test: pa.Array | pa.ChunkedArray) -> np.ndarray:
    return np.asarray(pc.fill_null(test, False), np.bool_)


def _is_among(column: pa.ChunkedArray, allowed: Sequence[Any]) -> np.ndarray:
    known = pa.array([None if value == NO_VALUE else value for value in allowed], column.type)
    return _true(pc.is_in(column, known))


def _holds_any(column: pa.ChunkedArray, values: Sequence[str]) -> np.ndarray:
    """Say of each list whether it holds one of some values."""
    lists = column.combine_chunks()
    found = np.zeros(len(lists), np.bool_)
    held = _true(pc.is_in(pc.list_flatten(lists), pa.array(values, pa.string())))
    found[pc.list_parent_indices(lists).to_numpy()[held]] = True
    return found


def _is_sorted(column: pa.ChunkedArray, asked: Sorted) -> np.ndarray:
    found = _holds_any(column, asked.among)
    return found if asked.none_of is None else found | ~_holds_any(column, asked.none_of)


def _among(column: str, allowed: Sequence[Any] | None, *, always: bool) -> tuple[list[str], list[Any]]:
    """Return the test that a column has one of some values; `none` is its absence."""
    if allowed is None or (not allowed and not always):
        return [], []
    known = [value for value in allowed if value != NO_VALUE]
    tests = [f"{column} IN ({', '.join('?' for _ in known)})"] if known else []
    if len(known) < len(allowed):
        tests.append(f"{column} IS NULL")
    return [f"({' OR '.join(tests) or 'FALSE'})"], known


def _holding(column: str, wanted: Sequence[str]) -> tuple[list[str], list[Any]]:
    """Return the test that a column of lists holds one of some values; `none` is its absence."""
    if not wanted:
        return [], []
    known = [value for value in wanted if value != NO_VALUE]
    tests = [_has_any(column, known)] if known else []
    if len(known) < len(wanted):
        tests.append(f"{column} IS NULL")
    return [f"({' OR '.join(tests)})"], known


def _sorted(asked: Sorted) -> tuple[list[str], list[Any]]:
    """Return the test of one dimension; nothing asked is nothing found."""
    column = FOUND_COLUMNS[FindingKind.CATEGORY]
    tests, values = [], [*asked.among, *(asked.none_of or ())]
    if asked.among:
        tests.append(_has_any(column, asked.among))
    if asked.none_of is not None:
        none = f"NOT {_has_any(column, asked.none_of)}" if asked.none_of else "TRUE"
        tests.append(f"{column} IS NULL OR {none}")
    return [f"({' OR '.join(tests) or 'FALSE'})"], values


def _has_any(column: str, values: Sequence[str]) -> str:
    return f"list_has_any({column}, [{', '.join('?' for _ in values)}])"


def within_months(chosen: Filter, month: str, until: str) -> Filter:
    """Return the filter from the first day of a month to the last day of another, or narrower if it was."""
    first, following = first_day(month), first_day(next_month(until))
    last = following - timedelta(days=1)
    return replace(
        chosen,
        from_day=max(first, chosen.from_day) if chosen.from_day else first,
        to_day=min(last, chosen.to_day) if chosen.to_day else last,
    )
