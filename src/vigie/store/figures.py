"""Figures and lists over mirror and tail: one DuckDB connection a process, a cursor a read.

Values reach a statement as parameters alone; columns and orders come from the closed lists of this module.
"""

import os
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from vigie.errors import RetryableError, SchemaError
from vigie.store import orders
from vigie.store.mirror import Manifest, Mirror
from vigie.store.orders import Key, Order
from vigie.store.tail import Snapshot, Tail

MEMORY = "1GB"
"""Memory of all reads together: the web process stays small beside the database."""

THREADS = 2
"""Threads of a read: as many as the smallest machine has cores."""

CONFIGURATION: Mapping[str, str | int | float | list[str]] = {
    "threads": THREADS,
    "memory_limit": MEMORY,
    "max_temp_directory_size": "10GB",
    # Never a download in the middle of a read: what is needed is in the wheel.
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
}
"""How the process's one connection is opened."""

TIME_LIMIT_S = 20.0
"""Seconds after which a read is interrupted: ten times the goal for a whole year."""

DIMENSIONS = ("day", "network", "language", "tone", "space_id", "watch_id", "author_id", "subject")
"""What figures may be counted by; `subject` through the table of watches that is handed in."""

ROWS_A_POST = 4
"""Rows first looked at for each post of a page: most posts have fewer mentions; when they have more, more is read."""

ROWS_A_BATCH = 10_000
"""Rows of a batch of an export: about 2 MB."""

ROWS_A_COUNT = 200_000
"""Rows of a batch of ids that are counted: 1.6 MB."""

FIRST_IDS = 1 << 16
"""Ids that a table of flags first has room for; it doubles."""

GREATEST_ID = 1 << 27
"""Ids beyond are counted by a hash table: a table of flags would take more than 128 MB."""

NO_VALUE = "none"
"""What a filter says for “absent”."""


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
    lapsed: str = "without"
    """`without`, `only` or `all`."""
    include_not_about_us: bool = False
    subjects: Mapping[int, int | None] = field(default_factory=dict)
    """Subject of each watch, for counts by subject."""


ALL = Filter(None)
"""Every live mention."""


@dataclass(frozen=True, slots=True)
class Found:
    """A page of posts."""

    rows: pa.Table
    """One row per post: post_id, mention_ids, watch_ids, published_at, language, tone."""
    next_key: str | None


def _spill_folder() -> str:
    """Return where sorts larger than the memory go: a folder of this process alone, never the working one."""
    return str(Path(tempfile.gettempdir()) / f"vigie-figures-{os.getpid()}-{os.urandom(4).hex()}")


@cache
def _connection() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(":memory:", config={**CONFIGURATION, "temp_directory": _spill_folder()})
    connection.execute("SET GLOBAL TimeZone = 'UTC'")
    return connection


_opening = threading.Lock()


class View:
    """Mirror files and tail as of one moment; every read of a page should use the same one."""

    def __init__(self, mirror: Mirror | None, manifest: Manifest | None, tail: Tail) -> None:
        self.manifest = manifest
        self._files = {m: str(mirror.path(f)) for m, f in manifest.months.items()} if mirror and manifest else {}
        self._tail = tail.snapshot()
        self._hidden = _hidden(self._tail, manifest)

    def counts(self, chosen: Filter, by: Sequence[str], *, posts: bool = False) -> pa.Table:
        """Return one row per combination met: the columns of `by`, `mentions`, and `posts` (different ones) when asked.

        A combination without mentions is absent. Raises SchemaError for an unknown dimension.
        """
        bad = next((name for name in by if name not in DIMENSIONS), None)
        if bad is not None:
            raise SchemaError(f"Figures can't be counted by “{bad}”.", code="figures.dimension", facts={"name": bad})
        source, values = self._source(chosen)
        if "subject" in by:
            source += " JOIN subjects USING (watch_id)"
        keys = ", ".join(by)
        # Within one watch a post has one mention: counting different posts would sort them for nothing.
        alone = "watch_id" in by or (chosen.watches is not None and len(chosen.watches) == 1)
        distinct = f", COUNT({'*' if alone else 'DISTINCT post_id'}) AS posts" if posts else ""
        group = f" GROUP BY {keys}" if by else ""
        return self._run(
            f"SELECT {keys}{', ' if by else ''}COUNT(*) AS mentions{distinct} FROM {source}{group}", values, chosen
        )

    def mentions(self, chosen: Filter) -> int:
        """Return how many mentions there are: less work than `total` where posts are not asked."""
        return int(self.counts(chosen, ())["mentions"][0].as_py())

    def total(self, chosen: Filter) -> tuple[int, int]:
        """Return mentions and different posts."""
        if chosen.watches is not None and len(chosen.watches) < 2:
            return self._total(chosen)
        source, values = self._source(chosen)
        seen, mentions = np.zeros(FIRST_IDS, dtype=bool), 0
        with self._cursor(chosen) as cursor, _bounded(cursor):
            for batch in cursor.sql(f"SELECT post_id FROM {source}", params=values).to_arrow_reader(ROWS_A_COUNT):
                ids = batch["post_id"].to_numpy()
                if ids.size and not 0 <= ids.min() <= ids.max() < GREATEST_ID:
                    break
                seen, mentions = _ticked(seen, ids), mentions + ids.size
            else:
                return mentions, int(np.count_nonzero(seen))
        return self._total(chosen)

    def _total(self, chosen: Filter) -> tuple[int, int]:
        row = self.counts(chosen, (), posts=True)
        return int(row["mentions"][0].as_py()), int(row["posts"][0].as_py())

    def page(self, chosen: Filter, *, order: str = "newest", after: str | None = None, limit: int = 50) -> Found:
        """Return the next posts of a list after a key; mentions of the same post stand in one row.

        Orders: `newest`; or `seen`, by views where known, then by likes, reposts and replies together. Cost grows with
        the rows of the window, of which only the best are read whole. Raises SchemaError for another order or key.
        """
        by = orders.order(order)
        key, n = by.read(after), ROWS_A_POST * (limit + 1)
        while True:
            window, bound = self._bound(chosen, by, key, n)
            table = self._posts(window, by, key, bound, limit + 1)
            if bound is None or table.num_rows > limit:
                return _cut(table, limit, by)
            n *= 2 * ROWS_A_POST

    def rows(self, chosen: Filter) -> Iterator[pa.RecordBatch]:
        """Yield the mention rows of a filter, newest first, for exports."""
        source, values = self._source(chosen)
        statement = f"SELECT * FROM {source} ORDER BY published_at DESC, mention_id DESC"
        with self._cursor(chosen) as cursor:
            # The sort is bounded in time, not how long a slow reader takes to fetch what is sorted.
            with _bounded(cursor):
                reader = cursor.sql(statement, params=values).to_arrow_reader(ROWS_A_BATCH)
                first = next(reader, None)
            if first is not None:
                yield first
                yield from reader

    def _bound(self, chosen: Filter, by: Order, after: Key | None, n: int) -> tuple[Filter, Key | None]:
        """Return the rank of the n-th row of the last months that hold so many, and where to look for better ones.

        No row among the first n of the whole can rank below the n-th of a part. Without so many rows, no bound.
        """
        window = chosen
        for window in self._windows(chosen, after[0] if after and by.by_time else None):
            source, values = self._source(window)
            below, own = by.below(after)
            statement = f"SELECT {by.columns} FROM {source} WHERE {below} ORDER BY {by.descending} LIMIT ?"
            top = self._run(statement, [*values, *own, n], chosen)
            if top.num_rows == n:
                return window if by.by_time else chosen, tuple(top.slice(n - 1).to_pylist()[0].values())
        return chosen, None

    def _posts(self, chosen: Filter, by: Order, after: Key | None, bound: Key | None, limit: int) -> pa.Table:
        """Return the first posts that rank below `after`, of those that do not rank below `bound`."""
        source, values = self._source(chosen)
        (below, first), (above, second) = by.below(after), by.not_below(bound)
        statement = (
            f"SELECT post_id, {_POST_COLUMNS}, {by.grouped} FROM {source} WHERE {below} AND {above} "
            f"GROUP BY post_id ORDER BY {by.descending} LIMIT ?"
        )
        return self._run(statement, [*values, *first, *second, limit], chosen)

    def _windows(self, chosen: Filter, upto: datetime | None) -> Iterator[Filter]:
        """Yield the filter over the last month that holds anything, then over the last 2, 4, 8 … of them."""
        first, last = _edge(chosen.from_day, "0000-00"), _edge(chosen.to_day, "9999-99")
        if upto is not None:
            # A day in the company's time zone may lie in the month after the key's in UTC: one month of slack.
            last = min(last, _next_month(upto.isoformat()[:7]))
        months = set(self._files) | _months(self._tail.table)
        inside = sorted((m for m in months if first <= m <= last), reverse=True)
        size = 1
        while size < 2 * len(inside):
            yield _within_months(chosen, inside[min(size, len(inside)) - 1], inside[0])
            size *= 2

    def _source(self, chosen: Filter) -> tuple[str, list[Any]]:
        """Return the rows of files and tail that the filter lets through, and its values, once for each."""
        condition, values = _condition(chosen)
        files = self._files_of(chosen)
        if not files:
            return f"(SELECT * FROM tail WHERE {condition}) AS m", values
        hidden = " AND mention_id NOT IN (SELECT id FROM hidden)" if self._hidden.num_rows else ""
        places = ", ".join("?" for _ in files)
        union = (
            f"(SELECT * FROM read_parquet([{places}]) WHERE {condition}{hidden} "
            f"UNION ALL BY NAME SELECT * FROM tail WHERE {condition}) AS m"
        )
        return union, [*files, *values, *values]

    def _files_of(self, chosen: Filter) -> list[str]:
        if chosen.watches == ():
            return []
        first, last = _edge(chosen.from_day, "0000-00"), _edge(chosen.to_day, "9999-99")
        return [path for month, path in sorted(self._files.items()) if first <= month <= last]

    @contextmanager
    def _cursor(self, chosen: Filter) -> Iterator[duckdb.DuckDBPyConnection]:
        with _opening:
            cursor = _connection().cursor()
        try:
            cursor.register("tail", self._tail.table)
            cursor.register("hidden", self._hidden)
            cursor.register("subjects", _subjects(chosen.subjects))
            yield cursor
        finally:
            cursor.close()

    def _run(self, statement: str, values: Sequence[Any], chosen: Filter) -> pa.Table:
        with self._cursor(chosen) as cursor, _bounded(cursor):
            return cursor.sql(statement, params=list(values)).to_arrow_table()


@contextmanager
def _bounded(cursor: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Interrupt what takes too long, and say in a sentence what a reader can do about it."""
    timer = threading.Timer(TIME_LIMIT_S, cursor.interrupt)
    timer.daemon = True
    timer.start()
    try:
        yield
    except (duckdb.InterruptException, duckdb.OutOfMemoryException) as exc:
        sentence = "These figures took too long; choose a shorter window or fewer watches."
        raise RetryableError(sentence, code="figures.too_long") from exc
    except duckdb.IOException as exc:
        # The folder was deleted, or an erasure took the old files away while they were read.
        raise RetryableError("These figures were being written anew; ask again.", code="figures.moved") from exc
    finally:
        timer.cancel()
        # Wait until its thread is gone: it could interrupt the next read, or hold the cursor when the process ends.
        timer.join()


def _ticked(seen: np.ndarray, ids: np.ndarray) -> np.ndarray:
    """Tick ids off in a table of flags, larger when it must be.

    Ids of the record are dense: ticking ten million off took 0.35 s where a hash table took 0.85 s (measured).
    """
    if ids.size and ids.max() >= seen.size:
        seen = np.concatenate([seen, np.zeros(max(int(ids.max()) + 1 - seen.size, seen.size), dtype=bool)])
    seen[ids] = True
    return seen


def _hidden(tail: Snapshot, manifest: Manifest | None) -> pa.Table:
    """Return the ids that files may hold and the tail knows better: newer mentions are in no file."""
    ids = np.concatenate([tail.table["mention_id"].to_numpy(), tail.removed])
    return pa.table({"id": ids[ids <= (manifest.max_mention_id if manifest else -1)]})


_POST_COLUMNS = (
    "MAX(published_at) AS published_at, LIST(mention_id ORDER BY mention_id) AS mention_ids, "
    "LIST(watch_id ORDER BY mention_id) AS watch_ids, ARG_MIN_NULL(language, mention_id) AS language, "
    "ARG_MIN_NULL(tone, mention_id) AS tone"
)
"""What a list row shows of a post's mentions; labels are those of its first mention."""


def _condition(chosen: Filter) -> tuple[str, list[Any]]:
    """Return the filter as a condition and its values."""
    tests: list[str] = ["in_watch"]
    values: list[Any] = []
    for column, allowed in (("watch_id", chosen.watches), ("network", chosen.networks), ("space_id", chosen.spaces),
                            ("author_id", chosen.authors), ("language", chosen.languages), ("tone", chosen.tones)):  # fmt: skip
        own_tests, own_values = _among(column, allowed, always=column == "watch_id")
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


def _among(column: str, allowed: Sequence[Any] | None, *, always: bool) -> tuple[list[str], list[Any]]:
    """Return the test that a column has one of some values; `none` is its absence."""
    if allowed is None or (not allowed and not always):
        return [], []
    known = [value for value in allowed if value != NO_VALUE]
    tests = [f"{column} IN ({', '.join('?' for _ in known)})"] if known else []
    if len(known) < len(allowed):
        tests.append(f"{column} IS NULL")
    return [f"({' OR '.join(tests) or 'FALSE'})"], known


def _subjects(subjects: Mapping[int, int | None]) -> pa.Table:
    rows = [(w, s) for w, s in subjects.items() if s is not None]
    return pa.table(
        {"watch_id": pa.array([r[0] for r in rows], pa.int64()), "subject": pa.array([r[1] for r in rows], pa.int64())}
    )


def _cut(table: pa.Table, limit: int, by: Order) -> Found:
    shown = table.slice(0, limit).drop_columns(by.names)
    return Found(shown, by.write(table.slice(limit - 1, 1).to_pylist()[0]) if table.num_rows > limit else None)


def _months(table: pa.Table) -> set[str]:
    days = table["day"].unique().to_pylist()
    return {day.isoformat()[:7] for day in days}


def _edge(day: date | None, otherwise: str) -> str:
    return day.isoformat()[:7] if day else otherwise


def _next_month(month: str) -> str:
    if month == "9999-99":
        return month
    year, number = int(month[:4]), int(month[5:])
    return f"{year + number // 12:04d}-{number % 12 + 1:02d}"


def _within_months(chosen: Filter, month: str, until: str) -> Filter:
    """Return the filter from the first day of a month to the last day of another, or narrower if it was."""
    first, following = _first_day(month), _first_day(_next_month(until))
    last = following - timedelta(days=1)
    return replace(
        chosen,
        from_day=max(first, chosen.from_day) if chosen.from_day else first,
        to_day=min(last, chosen.to_day) if chosen.to_day else last,
    )


def _first_day(month: str) -> date:
    return date(int(month[:4]), int(month[5:]), 1)
