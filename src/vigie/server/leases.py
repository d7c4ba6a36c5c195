"""Leases by the database's clock: who alone may merge the mirror of a machine, or write the archive."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

from vigie.server.database import clock_sql, insert, select


def take(name: str, *, holder: str, seconds: float) -> bool:
    """Take or renew a lease; `False` when another holds it still."""
    insert("vigie_lease", ("name", "holder", "until_s"), [(name, "", 0.0)], ignore=True)
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE vigie_lease SET holder = %s, until_s = {clock_sql()} + %s "
            f"WHERE name = %s AND (holder = %s OR until_s < {clock_sql()})",
            [holder, seconds, name, holder],
        )
        return bool(cursor.rowcount == 1)


def give_back(name: str, *, holder: str) -> None:
    """Give a lease back before it runs out."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE vigie_lease SET until_s = 0 WHERE name = %s AND holder = %s", [name, holder])


def held(name: str, *, holder: str) -> bool:
    """Say whether we hold a lease still."""
    sql = f"SELECT 1 FROM vigie_lease WHERE name = %s AND holder = %s AND until_s >= {clock_sql()}"
    return bool(select(sql, [name, holder]))


def holder_of(name: str) -> tuple[str, float] | None:
    """Return who holds a lease now and for how many seconds more; `None` when it is free."""
    sql = f"SELECT holder, until_s - {clock_sql()} FROM vigie_lease WHERE name = %s AND until_s >= {clock_sql()}"
    return next(((str(holder), float(left)) for holder, left in select(sql, [name])), None)


@contextmanager
def lease(name: str, *, holder: str, seconds: float) -> Iterator[bool]:
    """Hold a lease for a block; the block is told whether it holds it."""
    taken = take(name, holder=holder, seconds=seconds)
    try:
        yield taken
    finally:
        if taken:
            give_back(name, holder=holder)
