"""Figures and lists over mirror and tail, a cursor a read.

Values reach a statement as parameters alone; columns and orders come from the closed lists of this module.
"""

import re
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache, cached_property, partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from vigie.errors import SchemaError
from vigie.schema.tables import MENTIONS
from vigie.store import orders
from vigie.store.cursors import bounded, moved, opened
from vigie.store.filters import Filter, condition_of, passing, within_months
from vigie.store.mirror import Manifest, Mirror
from vigie.store.months import month_of, months_of, next_month
from vigie.store.orders import Key, Order
from vigie.store.remembered import Remembered, greatest_post
from vigie.store.steps import Answer, Part, Steps, growing
from vigie.store.sums import FOUND_DIMENSIONS, NUMBERS, SIGN, added, counted, dense, summed
from vigie.store.tail import Tail
from vigie.store.tops import Tops
from vigie.store.totals import Groups, Totals
from vigie.store.totals import summed as summed_totals

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

DIMENSIONS = (
    "day", "network", "language", "tone", "space_id", "watch_id", "author_id", "story_id", "subject", *FOUND_DIMENSIONS,
)  # fmt: skip
"""What figures may be counted by; `subject` through the table of watches that is handed in."""

ROWS_A_POST = 4
"""Rows first looked at for each post of a page: most posts have fewer mentions; when they have more, more is read."""

ROWS_A_BATCH = 10_000
"""Rows of a batch of an export: about 2 MB."""

ROWS_A_COUNT = 200_000
"""Rows of a batch of ids that are counted: 1.6 MB."""

FIRST_BYTES = 4_000_000
"""Bytes of answers that a view remembers: the first pages of some hundred filters; they go with the view."""

_COUNTED = (
    SIGN, "post_id", *(n for n in DIMENSIONS if n not in (*FOUND_DIMENSIONS, "subject")), *FOUND_DIMENSIONS.values(),
)  # fmt: skip
"""Columns of changes that figures may be counted by."""


@dataclass(frozen=True, slots=True)
class Found:
    """A page of posts."""

    rows: pa.Table
    """One row per post: post_id, mention_ids, watch_ids, published_at, language, tone."""
    next_key: str | None


@cache
def _remembered() -> Remembered:
    return Remembered()


def forget() -> None:
    """Forget what files said: the next question of each is read from it."""
    _remembered.cache_clear()


class View:
    """Mirror files and tail as of one moment; every read of a page should use the same one."""

    def __init__(self, mirror: Mirror | None, manifest: Manifest | None, tail: Tail) -> None:
        self.manifest = manifest
        self._files = {m: str(mirror.path(f)) for m, f in manifest.months.items()} if mirror and manifest else {}
        self._tail = tail.snapshot()
        self._steps = growing(tuple(self._files.values()), self._tail, self._of_files)
        self._asked_of_view = Remembered(most=FIRST_BYTES)

    def is_of(self, manifest: Manifest | None, tail: Tail) -> bool:
        """Say whether a view of these would be the same."""
        return self.manifest == manifest and self._tail is tail.snapshot()

    def counts(self, chosen: Filter, by: Sequence[str], *, posts: bool = False, absent: bool = False) -> pa.Table:
        """Return one row per combination met: the columns of `by`, `mentions`, and `posts` (different ones) when asked.

        A combination without mentions is absent. By a kind of finding a mention counts once for each value that it has, and
        not at all without one, or under the absent value when `absent` is asked. Raises SchemaError for an unknown dimension.
        """
        bad = next((name for name in by if name not in DIMENSIONS), None)
        if bad is not None:
            raise SchemaError(f"Figures can't be counted by “{bad}”.", code="figures.dimension", facts={"name": bad})
        # Within one watch a post has one mention: counting different posts would sort them for nothing.
        alone = "watch_id" in by or (chosen.watches is not None and len(chosen.watches) == 1)
        numbers = ["mentions", *(["mentions AS posts" if alone else "posts"] if posts else [])]
        parts = self._in_parts(chosen, by, numbers, absent=absent)
        return added(list(parts), by)

    def _in_parts(
        self, chosen: Filter, by: Sequence[str], numbers: Sequence[str], *, absent: bool
    ) -> Iterator[pa.Table]:
        """Yield the numbers of each file, remembered by what is asked, then what must be added to them since.

        Without files all is in the tail.
        """
        condition, values = condition_of(chosen)
        joined = " JOIN subjects USING (watch_id)" if "subject" in by else ""
        group = f" GROUP BY {', '.join(by)}" if by else ""

        def statement(source: str) -> str:
            shown = ", ".join([*by, *(NUMBERS[number] for number in numbers)])
            return f"SELECT {shown} FROM (SELECT *{each} FROM {source} WHERE {condition}){joined}{group}"

        lists = "COALESCE({}, [NULL])" if absent else "{}"
        each = "".join(
            f", UNNEST({lists.format(FOUND_DIMENSIONS[name])}) AS {name}" for name in by if name in FOUND_DIMENSIONS
        )
        of_file = statement("read_parquet(?)")
        asked = (of_file, tuple(values), tuple(chosen.subjects.items()) if joined else ())
        for path in self._files_of(chosen).values():
            yield _remembered().of((path, asked), partial(self._run, of_file, [path, *values], chosen))
        if self._files:
            count = partial(counted, by=by, numbers=numbers, subjects=chosen.subjects, absent=absent)
            yield self._since(asked, chosen, count, lambda known, more: summed([known, more], by))
        else:
            yield self._of_tail(statement("tail"), values, chosen)

    def mentions(self, chosen: Filter) -> int:
        """Return how many mentions there are: less work than `total` where posts are not asked."""
        return int(self.counts(chosen, ())["mentions"][0].as_py())

    def total(self, chosen: Filter) -> tuple[int, int]:
        """Return mentions and different posts."""
        found = self.totals(replace(chosen, subjects={}))
        return found.mentions, found.posts

    def totals(self, chosen: Filter) -> Totals:
        """Return mentions and different posts, those of each subject and of any too, by one pass over their ids."""
        condition, values = condition_of(chosen)
        columns = "post_id, watch_id" if chosen.subjects else "post_id"
        statement = f"SELECT {columns} FROM {{source}} WHERE {condition}"
        of_file = statement.format(source="read_parquet(?)")
        asked = (of_file, tuple(values), tuple(chosen.subjects.items()))
        try:
            parts = [
                _remembered().of((path, asked), partial(self._ticked, of_file, [path, *values], chosen))
                for path in self._files_of(chosen).values()
            ]
            if not self._files:
                return self._ticked(statement.format(source="tail"), values, chosen)
            ticked = partial(_ticked_of, subjects=chosen.subjects)
            return summed_totals([*parts, self._since(asked, chosen, ticked, lambda *both: summed_totals(both))])
        except OverflowError:
            return self._hashed(chosen)

    def _ticked(self, statement: str, values: Sequence[Any], chosen: Filter) -> Totals:
        groups = Groups(chosen.subjects)
        with self._cursor(statement, chosen) as cursor, bounded(cursor):
            for batch in cursor.sql(statement, params=list(values)).to_arrow_reader(ROWS_A_COUNT):
                groups.take(*(column.to_numpy() for column in batch.columns))
        return groups.totals()

    def _hashed(self, chosen: Filter) -> Totals:
        """Return the same by hash tables, for ids beyond what flags have room for."""
        whole = self.counts(chosen, (), posts=True).to_pylist()[0]
        rows = self.counts(chosen, ("subject",), posts=True).to_pylist() if chosen.subjects else []
        with_subject = [w for w, subject in chosen.subjects.items() if subject is not None]
        narrowed = tuple(w for w in with_subject if chosen.watches is None or w in chosen.watches)
        about = self.counts(replace(chosen, watches=narrowed), (), posts=True).to_pylist()[0] if rows else {"posts": 0}
        by_subject = {row["subject"]: row["posts"] for row in rows}
        return Totals(whole["mentions"], whole["posts"], by_subject, about["posts"])

    def page(self, chosen: Filter, *, order: str = "newest", after: str | None = None, limit: int = 50) -> Found:
        """Return the next posts of a list after a key; mentions of the same post stand in one row.

        Orders: `newest`; or `seen`, by views where known, then by likes, reposts and replies together. Cost grows with
        the rows of the window, of which only the best are read whole. Raises SchemaError for another order or key.
        """
        by = orders.order(order)
        key, n = by.read(after), ROWS_A_POST * (limit + 1)
        first = self._first_of(chosen, order, n, limit + 1) if key is None else None
        if first is not None:
            return _cut(first, limit, by)
        while True:
            window, bound = self._bound(chosen, by, key, n)
            table = self._posts(window, by, key, bound, limit + 1)
            if bound is None or table.num_rows > limit:
                return _cut(table, limit, by)
            n *= 2 * ROWS_A_POST

    def _first_of(self, chosen: Filter, order: str, n: int, limit: int) -> pa.Table | None:
        """Return the first posts of a list, remembered while nothing changes."""
        condition, values = condition_of(chosen)
        asked = "first", order, n, limit, condition, tuple(values)
        return self._asked_of_view.of(asked, lambda: self._first(chosen, orders.order(order), n, limit))

    def _first(self, chosen: Filter, by: Order, n: int, limit: int) -> pa.Table | None:
        """Return the first posts of a list by the best rows of each file, remembered, and those of the tail.

        Nothing when they don't suffice: too many of them changed since, or a post stands in many watches.
        """
        tops = Tops(by, n, self._hidden["id"].to_numpy())
        condition, values = condition_of(chosen)
        statement = (
            f"SELECT mention_id, post_id, watch_id, published_at, language, tone, {by.columns()} "
            f"FROM {{source}} WHERE {condition} ORDER BY {by.descending()} LIMIT {2 * n}"
        )
        tops.take_fresh(self._of_tail(statement.format(source="tail"), values, chosen))
        for month, path in reversed(self._files_of(chosen).items()):
            if tops.are_beyond(month):
                break
            asked = path, statement, tuple(values)
            tops.take(
                _remembered().of(
                    asked, partial(self._run, statement.format(source="read_parquet(?)"), [path, *values], chosen)
                )
            )
        best = tops.best()
        if best is None:
            return None
        grouped = ", ".join(f"MAX({name}) AS {name}" for name in by.names)
        ranked = (
            f"SELECT post_id, {_POST_COLUMNS}, {grouped} FROM best GROUP BY post_id ORDER BY {by.descending()} LIMIT ?"
        )
        found = self._run(ranked, [limit], chosen, best=best)
        return found if found.num_rows == limit or tops.are_all else None

    def rows(self, chosen: Filter) -> Iterator[pa.RecordBatch]:
        """Yield the mention rows of a filter, newest first, for exports."""
        source, values = self._source(chosen)
        statement = f"SELECT * FROM {source} ORDER BY published_at DESC, mention_id DESC"
        with self._cursor(statement, chosen) as cursor:
            # The sort is bounded in time, not how long a slow reader takes to fetch what is sorted.
            with bounded(cursor):
                reader = cursor.sql(statement, params=values).to_arrow_reader(ROWS_A_BATCH)
                first = next(reader, None)
            if first is not None:
                yield first
                yield from reader

    def posts(self, chosen: Filter) -> np.ndarray:
        """Return the ids of the different posts of a filter, in order; eight bytes each."""
        source, values = self._source(chosen)
        table = self._run(f"SELECT DISTINCT post_id FROM {source} ORDER BY post_id", values, chosen)
        return np.asarray(table["post_id"].to_numpy())

    def asked(self, statement: str, chosen: Filter, more: Sequence[Any] = ()) -> pa.Table:
        """Run a statement of this package, in which `{source}`, named once, stands for the rows that a filter lets through."""
        source, values = self._source(chosen)
        return self._run(statement.format(source=source), [*values, *more], chosen)

    def posts_of(self, chosen: Filter) -> pa.Table:
        """Return `mention_id` and `post_id` of the rows of a filter, in the order of mentions."""
        source, values = self._source(chosen)
        return self._run(f"SELECT mention_id, post_id FROM {source} ORDER BY mention_id", values, chosen)

    def _bound(self, chosen: Filter, by: Order, after: Key | None, n: int) -> tuple[Filter, Key | None]:
        """Return the rank of the n-th row of the last months that hold so many, and where to look for better ones.

        No row among the first n of the whole can rank below the n-th of a part. Without so many rows, no bound.
        """
        window = chosen
        for window in self._windows(chosen, after[0] if after and by.by_time else None):
            top = self._nth(window, by, after, n)
            if top is not None:
                return window if by.by_time else chosen, top
        return chosen, None

    def _nth(self, chosen: Filter, by: Order, after: Key | None, n: int) -> Key | None:
        """Return the rank of the n-th row, or one a little lower: its first expression alone where that says enough."""
        source, values = self._source(chosen)
        below, own = by.below(after)
        for width in (1, len(by.rank)):
            statement = (
                f"SELECT {by.columns(width)} FROM {source} WHERE {below} ORDER BY {by.descending(width)} LIMIT ?"
            )
            top = self._run(statement, [*values, *own, n], chosen)
            if top.num_rows < n:
                return None
            found = tuple(top.slice(n - 1).to_pylist()[0].values())
            if by.says_enough(found):
                return found
        return None

    def _posts(self, chosen: Filter, by: Order, after: Key | None, bound: Key | None, limit: int) -> pa.Table:
        """Return the first posts that rank below `after`, of those that do not rank below `bound`."""
        source, values = self._source(chosen)
        (below, first), (above, second) = by.below(after), by.not_below(bound)
        statement = (
            f"SELECT post_id, {_POST_COLUMNS}, {by.grouped} FROM {source} WHERE {below} AND {above} "
            f"GROUP BY post_id ORDER BY {by.descending()} LIMIT ?"
        )
        return self._run(statement, [*values, *first, *second, limit], chosen)

    def _windows(self, chosen: Filter, upto: datetime | None) -> Iterator[Filter]:
        """Yield the filter over the last month that holds anything, then over the last 2, 4, 8 … of them."""
        first, last = month_of(chosen.from_day, "0000-00"), month_of(chosen.to_day, "9999-99")
        if upto is not None:
            # A day in the company's time zone may lie in the month after the key's in UTC: one month of slack.
            last = min(last, next_month(upto.isoformat()[:7]))
        months = set(self._files) | months_of(self._tail.table)
        inside = sorted((m for m in months if first <= m <= last), reverse=True)
        size = 1
        while size < 2 * len(inside):
            yield within_months(chosen, inside[min(size, len(inside)) - 1], inside[0])
            size *= 2

    def _source(self, chosen: Filter) -> tuple[str, list[Any]]:
        """Return the rows of files and tail that the filter lets through, and its values, once for each."""
        condition, values = condition_of(chosen)
        files = list(self._files_of(chosen).values())
        if not files:
            return f"(SELECT * FROM tail WHERE {condition}) AS m", values
        hidden = " AND mention_id NOT IN (SELECT id FROM hidden)" if self._hidden.num_rows else ""
        places = ", ".join("?" for _ in files)
        union = (
            f"(SELECT * FROM read_parquet([{places}]) WHERE {condition}{hidden} "
            f"UNION ALL BY NAME SELECT * FROM tail WHERE {condition}) AS m"
        )
        return union, [*files, *values, *values]

    def _files_of(self, chosen: Filter) -> dict[str, str]:
        """Return the files that may hold what a filter lets through, by their months, in order."""
        if chosen.watches == ():
            return {}
        first, last = month_of(chosen.from_day, "0000-00"), month_of(chosen.to_day, "9999-99")
        return {month: path for month, path in sorted(self._files.items()) if first <= month <= last}

    @cached_property
    def _hidden(self) -> pa.Table:
        """Return the ids that files may hold and the tail knows better: newer mentions are in no file."""
        ids = np.concatenate([self._tail.table["mention_id"].to_numpy(), self._tail.removed])
        return pa.table({"id": ids[ids <= (self.manifest.max_mention_id if self.manifest else -1)]})

    def _since(
        self,
        asked: Hashable,
        chosen: Filter,
        count: Callable[[pa.Table], Answer],
        add: Callable[[Answer, Answer], Answer],
    ) -> Answer:
        """Return what changes since the files say, of the rows that a filter lets through: each step is counted once."""
        if not self._steps.reaches(self._tail):
            self._steps = Steps(self._of_files, self._tail.base)
        steps, (condition, values) = self._steps, condition_of(chosen)

        def read(part: Part) -> Answer:
            def passed() -> pa.Table:
                return part.rows.select(_COUNTED).filter(passing(part.rows, chosen))

            return count(steps.passed(part, (condition, tuple(values)), passed))

        return steps.answer(asked, self._tail, read, add)

    def _of_files(self, column: str, ids: np.ndarray) -> pa.Table:
        """Return the rows of all files of which a column has one of some ids."""
        files = list(self._files.values())
        if column == "post_id":
            ids = ids[ids <= self._last_post(files)]
        if not ids.size:
            return MENTIONS.empty_table()
        statement = (
            f"SELECT * FROM read_parquet([{', '.join('?' for _ in files)}]) WHERE {column} IN (SELECT id FROM wanted)"
        )
        with opened(wanted=pa.table({"id": ids})) as cursor, bounded(cursor):
            return cursor.sql(statement, params=files).to_arrow_table().cast(MENTIONS)

    @staticmethod
    def _last_post(files: Sequence[str]) -> int:
        """Return the greatest post of some files: newer ones are not looked for there."""
        try:
            return max(_remembered().of((path, "greatest post"), partial(greatest_post, path)) for path in files)
        except FileNotFoundError as exc:
            raise moved() from exc

    def _cursor(
        self, statement: str, chosen: Filter, **tables: pa.Table
    ) -> "AbstractContextManager[DuckDBPyConnection]":
        """Open a cursor with the tables that a statement names."""
        known: dict[str, Callable[[], pa.Table]] = {
            "tail": lambda: self._tail.table,
            "hidden": lambda: self._hidden,
            "subjects": lambda: _subjects(chosen.subjects),
        }
        named = set(re.findall(r"\w+", statement))
        return opened(**{name: table() for name, table in known.items() if name in named}, **tables)

    def _of_tail(self, statement: str, values: Sequence[Any], chosen: Filter) -> pa.Table:
        """Return what the tail says, remembered while nothing changes: this view is then given again."""
        asked = statement, tuple(values), tuple(chosen.subjects.items())
        return self._asked_of_view.of(asked, partial(self._run, statement, values, chosen))

    def _run(self, statement: str, values: Sequence[Any], chosen: Filter, **tables: pa.Table) -> pa.Table:
        with self._cursor(statement, chosen, **tables) as cursor, bounded(cursor):
            return cursor.sql(statement, params=list(values)).to_arrow_table()


def _ticked_of(rows: pa.Table, subjects: Mapping[int, int | None]) -> Totals:
    """Return mentions and posts of rows with a sign."""
    signs, posts, watches = rows[SIGN].to_numpy(), dense(rows["post_id"].to_numpy()), rows["watch_id"].to_numpy()
    found = []
    for sign in (-1, 1):
        groups = Groups(subjects)
        groups.take(posts[signs == sign], watches[signs == sign] if subjects else None)
        found.append(groups.totals().times(sign))
    return summed_totals(found)


_POST_COLUMNS = (
    "MAX(published_at) AS published_at, LIST(mention_id ORDER BY mention_id) AS mention_ids, "
    "LIST(watch_id ORDER BY mention_id) AS watch_ids, ARG_MIN_NULL(language, mention_id) AS language, "
    "ARG_MIN_NULL(tone, mention_id) AS tone"
)
"""What a list row shows of a post's mentions; labels are those of its first mention."""


def _subjects(subjects: Mapping[int, int | None]) -> pa.Table:
    rows = [(w, s) for w, s in subjects.items() if s is not None]
    return pa.table(
        {"watch_id": pa.array([r[0] for r in rows], pa.int64()), "subject": pa.array([r[1] for r in rows], pa.int64())}
    )


def _cut(table: pa.Table, limit: int, by: Order) -> Found:
    shown = table.slice(0, limit).drop_columns(by.names)
    return Found(shown, by.write(table.slice(limit - 1, 1).to_pylist()[0]) if table.num_rows > limit else None)
