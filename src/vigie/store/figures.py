"""Figures and lists over mirror and tail: one DuckDB connection a process, a cursor a read.

Values reach a statement as parameters alone; columns and orders come from the closed lists of this module.
"""

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from functools import cache
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from vigie.errors import RetryableError, SchemaError
from vigie.store.mirror import Manifest, Mirror
from vigie.store.tail import Tail

MEMORY = "1GB"
"""Memory of all reads together: the web process stays small beside the database."""

THREADS = 2
"""Threads of a read: as many as the smallest machine has cores."""

TIME_LIMIT_S = 20.0
"""Seconds after which a read is interrupted: ten times the goal for a whole year."""

DIMENSIONS = ("day", "network", "language", "tone", "space_id", "watch_id", "author_id", "subject")
"""What figures may be counted by; `subject` through the table of watches that is handed in."""

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


@cache
def _connection() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(":memory:", config={"threads": THREADS, "memory_limit": MEMORY})
    connection.execute("SET GLOBAL TimeZone = 'UTC'")
    return connection


_opening = threading.Lock()


class View:
    """Mirror files and tail as of one moment; every read of a page should use the same one."""

    def __init__(self, mirror: Mirror | None, manifest: Manifest | None, tail: Tail) -> None:
        self.manifest = manifest
        self._files = {m: str(mirror.path(f)) for m, f in manifest.months.items()} if mirror and manifest else {}
        self._tail = tail.snapshot()

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
        distinct = ", COUNT(DISTINCT post_id) AS posts" if posts else ""
        group = f" GROUP BY {keys}" if by else ""
        return self._run(
            f"SELECT {keys}{', ' if by else ''}COUNT(*) AS mentions{distinct} FROM {source}{group}", values, chosen
        )

    def total(self, chosen: Filter) -> tuple[int, int]:
        """Return mentions and different posts."""
        row = self.counts(chosen, (), posts=True)
        return int(row["mentions"][0].as_py()), int(row["posts"][0].as_py())

    def page(self, chosen: Filter, *, order: str = "newest", after: str | None = None, limit: int = 50) -> Found:
        """Return the next posts of a list after a key; mentions of the same post stand in one row."""
        return self._newest(chosen, after, limit) if order == "newest" else self._seen(chosen, after, limit)

    def rows(self, chosen: Filter) -> Iterator[pa.RecordBatch]:
        """Yield the mention rows of a filter, newest first, for exports."""
        source, values = self._source(chosen)
        with self._cursor(chosen) as cursor:
            statement = f"SELECT * FROM {source} ORDER BY published_at DESC, mention_id DESC"
            yield from cursor.sql(statement, params=values).to_arrow_reader(10_000)

    def _newest(self, chosen: Filter, after: str | None, limit: int) -> Found:
        """Look into the last months first, and stop when the page is full."""
        key = _instant_key(after)
        pieces: list[pa.Table] = []
        for window in self._windows(chosen, key):
            missing = limit + 1 - sum(piece.num_rows for piece in pieces)
            if missing <= 0:
                break
            pieces.append(self._newest_in(window, key, missing))
        table = pa.concat_tables(pieces) if pieces else self._newest_in(chosen, key, limit + 1)
        return _cut(table, limit, lambda row: f"{_micros(row['published_at'])}.{row['post_id']}")

    def _newest_in(self, chosen: Filter, key: tuple[datetime, int] | None, limit: int) -> pa.Table:
        source, values = self._source(chosen)
        beyond = " WHERE (published_at, post_id) < (?, ?)" if key else ""
        statement = (
            f"SELECT post_id, {_POST_COLUMNS} FROM {source}{beyond} "
            "GROUP BY post_id ORDER BY published_at DESC, post_id DESC LIMIT ?"
        )
        return self._run(statement, [*values, *(key or ()), limit], chosen)

    def _windows(self, chosen: Filter, key: tuple[datetime, int] | None) -> Iterator[Filter]:
        """Yield the filter cut into the months that hold anything, the last first."""
        months = set(self._files) | _months(self._tail.table)
        first, last = _edge(chosen.from_day, "0000-00"), _edge(chosen.to_day, "9999-99")
        upto = key[0].strftime("%Y-%m") if key else last
        for month in sorted((m for m in months if first <= m <= last), reverse=True):
            # A day in the company's time zone may lie in the month after the key's in UTC: one month of slack.
            if month <= _next_month(upto):
                yield _within_month(chosen, month)

    def _seen(self, chosen: Filter, after: str | None, limit: int) -> Found:
        source, values = self._source(chosen)
        key = _number_key(after)
        beyond = " WHERE (seen, engaged, post_id) < (?, ?, ?)" if key else ""
        statement = (
            f"SELECT * FROM (SELECT post_id, {_POST_COLUMNS}, COALESCE(MAX(views), -1) AS seen, "
            "MAX(COALESCE(likes, 0) + COALESCE(reposts, 0) + COALESCE(replies, 0)) AS engaged "
            f"FROM {source} GROUP BY post_id){beyond} ORDER BY seen DESC, engaged DESC, post_id DESC LIMIT ?"
        )
        table = self._run(statement, [*values, *(key or ()), limit + 1], chosen)
        return _cut(table, limit, lambda row: f"{row['seen']}.{row['engaged']}.{row['post_id']}")

    def _source(self, chosen: Filter) -> tuple[str, list[Any]]:
        """Return the rows of files and tail that the filter lets through, and its values, once for each."""
        condition, values = _condition(chosen)
        files = self._files_of(chosen)
        if not files:
            return f"(SELECT * FROM tail WHERE {condition}) AS m", values
        hidden = " AND mention_id NOT IN (SELECT id FROM hidden)" if self._hidden().size else ""
        places = ", ".join("?" for _ in files)
        union = (
            f"(SELECT * FROM read_parquet([{places}]) WHERE {condition}{hidden} "
            f"UNION ALL BY NAME SELECT * FROM tail WHERE {condition}) AS m"
        )
        return union, [*files, *values, *values]

    def _files_of(self, chosen: Filter) -> list[str]:
        first, last = _edge(chosen.from_day, "0000-00"), _edge(chosen.to_day, "9999-99")
        return [path for month, path in sorted(self._files.items()) if first <= month <= last]

    def _hidden(self) -> np.ndarray:
        """Return the ids that files may hold and the tail knows better: newer mentions are in no file."""
        highest = self.manifest.max_mention_id if self.manifest else -1
        ids = np.concatenate([self._tail.table["mention_id"].to_numpy(), self._tail.removed])
        return ids[ids <= highest]

    @contextmanager
    def _cursor(self, chosen: Filter) -> Iterator[duckdb.DuckDBPyConnection]:
        with _opening:
            cursor = _connection().cursor()
        timer = threading.Timer(TIME_LIMIT_S, cursor.interrupt)
        timer.daemon = True
        try:
            timer.start()
            cursor.register("tail", self._tail.table)
            cursor.register("hidden", pa.table({"id": self._hidden()}))
            cursor.register("subjects", _subjects(chosen.subjects))
            yield cursor
        except duckdb.InterruptException as exc:
            sentence = "These figures took too long; choose a shorter window or fewer watches."
            raise RetryableError(sentence, code="figures.too_long") from exc
        finally:
            timer.cancel()
            cursor.close()

    def _run(self, statement: str, values: Sequence[Any], chosen: Filter) -> pa.Table:
        with self._cursor(chosen) as cursor:
            return cursor.sql(statement, params=list(values)).to_arrow_table()


_POST_COLUMNS = (
    "MAX(published_at) AS published_at, LIST(mention_id ORDER BY mention_id) AS mention_ids, "
    "LIST(watch_id ORDER BY mention_id) AS watch_ids, ARG_MIN(language, mention_id) AS language, "
    "ARG_MIN(tone, mention_id) AS tone"
)
"""What a list row shows of a post's mentions; labels are those of its first mention."""


def _condition(chosen: Filter) -> tuple[str, list[Any]]:
    """Return the filter as a condition and its values."""
    tests, values = ["in_watch"], []
    for column, allowed in (("watch_id", chosen.watches), ("network", chosen.networks), ("space_id", chosen.spaces),
                            ("author_id", chosen.authors), ("language", chosen.languages), ("tone", chosen.tones)):  # fmt: skip
        test, own = _among(column, allowed, always=column == "watch_id")
        tests += test
        values += own
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


def _cut(table: pa.Table, limit: int, key: Any) -> Found:
    if table.num_rows <= limit:
        return Found(table, None)
    last = table.slice(limit - 1, 1).to_pylist()[0]
    return Found(table.slice(0, limit), key(last))


def _micros(instant: datetime) -> int:
    return int(np.datetime64(instant.astimezone(UTC).replace(tzinfo=None), "us").astype(np.int64))


def _instant_key(after: str | None) -> tuple[datetime, int] | None:
    numbers = _numbers(after, 2)
    if numbers is None:
        return None
    return np.datetime64(numbers[0], "us").astype(datetime).replace(tzinfo=UTC), numbers[1]


def _number_key(after: str | None) -> tuple[int, ...] | None:
    return _numbers(after, 3)


def _numbers(after: str | None, n: int) -> tuple[int, ...] | None:
    """Read the numbers of a key; SchemaError when it is none of ours."""
    if after is None:
        return None
    try:
        numbers = tuple(int(part) for part in after.split("."))
    except ValueError:
        numbers = ()
    if len(numbers) != n or any(abs(number) >= 2**62 for number in numbers):
        raise SchemaError("This page of the list does not exist; go back to its beginning.", code="figures.key")
    return numbers


def _months(table: pa.Table) -> set[str]:
    days = table["day"].unique().to_pylist()
    return {day.strftime("%Y-%m") for day in days}


def _edge(day: date | None, otherwise: str) -> str:
    return day.strftime("%Y-%m") if day else otherwise


def _next_month(month: str) -> str:
    if month == "9999-99":
        return month
    year, number = int(month[:4]), int(month[5:])
    return f"{year + number // 12:04d}-{number % 12 + 1:02d}"


def _within_month(chosen: Filter, month: str) -> Filter:
    first = date(int(month[:4]), int(month[5:]), 1)
    following = _next_month(month)
    last = date.fromordinal(date(int(following[:4]), int(following[5:]), 1).toordinal() - 1)
    return replace(
        chosen,
        from_day=max(first, chosen.from_day) if chosen.from_day else first,
        to_day=min(last, chosen.to_day) if chosen.to_day else last,
    )
