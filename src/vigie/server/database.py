"""What the two databases say differently: the clock, many rows at once, and the counter of revisions."""

import errno
import threading
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from functools import lru_cache
from itertools import islice
from typing import Any, TypeVar

from django.db import OperationalError, connection
from django.db.models import Model

T = TypeVar("T")

CLOCK = {
    "sqlite": "(julianday('now') - 2440587.5) * 86400.0",
    "postgresql": "extract(epoch from clock_timestamp())::double precision",
}
"""The database's clock as seconds since 1970: leases are compared with it alone, so machines need not agree."""

MAX_PARAMETERS = 10_000
"""Parameters of one statement: SQLite takes 32,766 and PostgreSQL 65,535; less keeps statements small."""


DESKS = {"sqlite": threading.BoundedSemaphore(1), "postgresql": threading.BoundedSemaphore(4)}
"""Threads of this process that read or write what a space gave, at once; the others wait for networks, or in turn here.

SQLite has one writer, and who finds it busy sleeps longer each time: thirty threads that do so write half as much as one
after the other (benchmarks/collect.py). Parsing and matching keep a core busy too, and hold memory while they do.
"""


def desk() -> threading.BoundedSemaphore:
    """Return what admits a thread to the record; never to be held while a network is waited for."""
    return DESKS[connection.vendor]


def for_share() -> str:
    """Return the lock clause that keeps a row from changing before the commit; SQLite has one writer anyway."""
    return " FOR SHARE" if connection.vendor == "postgresql" else ""


def for_update() -> str:
    """Return the lock clause that keeps a row for the transaction that may change it; SQLite has one writer anyway."""
    return " FOR UPDATE" if connection.vendor == "postgresql" else ""


def clock_sql() -> str:
    """Return the expression that reads the database's clock."""
    return CLOCK[connection.vendor]


def clock_s() -> float:
    """Read the database's clock, in seconds since 1970."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {clock_sql()}")
        return float(cursor.fetchone()[0])


def chunks(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """Cut items into lists of at most `size`."""
    iterator = iter(items)
    while piece := list(islice(iterator, size)):
        yield piece


def instant(value: datetime | None) -> Any:
    """Return an instant as the database stores it; raw statements do not pass through Django's fields."""
    return _instant(value, connection.vendor)


@lru_cache(maxsize=10_000)
def _instant(value: datetime | None, _vendor: str) -> Any:
    # A batch has one time of hearing: four of the five instants of a post are the last one's (6 µs each).
    return connection.ops.adapt_datetimefield_value(value)


def select(sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    """Run a query and return its rows."""
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return list(cursor.fetchall())


def select_pieces(sql: str, parameters: Sequence[Any] = (), *, size: int) -> Iterator[list[tuple[Any, ...]]]:
    """Run a query and yield its rows in pieces of a size."""
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        while rows := cursor.fetchmany(size):
            yield list(rows)


def select_in(sql: str, values: Sequence[Any], *, before: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    """Run a query whose `{in}` stands for a list of values; one statement for every 10,000 of them."""
    rows: list[tuple[Any, ...]] = []
    for piece in chunks(values, MAX_PARAMETERS):
        rows.extend(select(sql.replace("{in}", ",".join(["%s"] * len(piece))), [*before, *piece]))
    return rows


def insert(table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]], *, ignore: bool = False) -> None:
    """Insert many rows in one prepared statement; `ignore` leaves rows alone whose unique keys stand already.

    Django's `bulk_create` builds a model per row (about 30 µs each); the door writes eight rows a post.
    """
    if not rows:
        return
    conflict = " ON CONFLICT DO NOTHING" if ignore else ""
    sql = f"INSERT INTO {table} ({','.join(columns)}) VALUES ({','.join(['%s'] * len(columns))}){conflict}"
    with connection.cursor() as cursor:
        cursor.executemany(sql, rows)


Row = TypeVar("Row", bound=Model)


def made(row: Row) -> Row:
    """Insert a new row and give it its id, as `create` does: Django writes the statement anew each time, five times as long."""
    sql, fields = _insert_of(type(row))
    values = [field.get_db_prep_save(field.pre_save(row, add=True), connection) for field in fields]
    row.pk = select(sql, values)[0][0]
    row._state.adding, row._state.db = False, connection.alias
    return row


@lru_cache(maxsize=64)
def _insert_of(model: type[Model]) -> tuple[str, tuple[Any, ...]]:
    fields = tuple(field for field in model._meta.concrete_fields if not field.primary_key)
    names = ",".join(connection.ops.quote_name(field.column) for field in fields)
    marks = ",".join(["%s"] * len(fields))
    return f"INSERT INTO {model._meta.db_table} ({names}) VALUES ({marks}) RETURNING id", fields


def update(sql: str, rows: Sequence[Sequence[Any]]) -> None:
    """Run one statement for many rows of parameters."""
    if rows:
        with connection.cursor() as cursor:
            cursor.executemany(sql, rows)


def next_revisions(n: int) -> int:
    """Take the next `n` revisions and return the first.

    The row of the counter is the last lock of a transaction, taken just before the mention rows are written: whoever
    commits later has higher numbers, so a reader that goes on from the last revision it saw misses nothing.
    """
    assert connection.in_atomic_block, "revisions are given inside a transaction"  # noqa: S101 -- a bug of ours
    row = select("UPDATE vigie_counter SET value = value + %s WHERE name = 'revision' RETURNING value", [n])[0]
    return int(row[0]) - n + 1


NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT})
"""What the system says when a disk, or the share of one that this user has, is full (errno(3))."""

POSTGRES_FULL = "53100"
"""`disk_full` (PostgreSQL, appendix A: error codes)."""

SQLITE_FULL = "database or disk is full"
"""Message of SQLITE_FULL (sqlite.org/rescode.html#full), of the record or of a temporary file."""


def is_full(error: Exception) -> bool:
    """Say whether an error means that the disk of the record or of a file has no room left."""
    if isinstance(error, OperationalError):
        return getattr(error.__cause__, "sqlstate", "") == POSTGRES_FULL or SQLITE_FULL in str(error)
    return isinstance(error, OSError) and error.errno in NO_ROOM
