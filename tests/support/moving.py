"""Move the rows of an SQLite file into a PostgreSQL that has the same tables, with their keys."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql


def migrations_of(path: Path) -> list[tuple[str, str]]:
    """Return the migrations that an SQLite file has seen, in their order."""
    with closing(sqlite3.connect(path)) as record:
        return list(record.execute("SELECT app, name FROM django_migrations ORDER BY id"))


def move(path: Path, url: str) -> dict[str, int]:
    """Copy every row, table by table; return how many by table."""
    moved = {}
    with closing(sqlite3.connect(path)) as source, psycopg.connect(url) as target:
        # Foreign keys and triggers stand aside: tables come in any order, and the audit log is append-only.
        target.execute("SET session_replication_role = replica; SET TIME ZONE 'UTC'")
        for table in _tables(source):
            moved[table] = _move_table(source, target, table)
    return moved


def _tables(source: sqlite3.Connection) -> list[str]:
    rows = source.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
    return [name for (name,) in rows if not name.startswith("sqlite_") and name != "django_migrations"]


def _move_table(source: sqlite3.Connection, target: psycopg.Connection[Any], table: str) -> int:
    types = dict(
        target.execute("SELECT column_name, udt_name FROM information_schema.columns WHERE table_name = %s", [table])
    )
    names = [row[1] for row in source.execute(f"PRAGMA table_info({table})")]
    assert set(names) == set(types), (table, set(names) ^ set(types))
    rows = [
        [bool(v) if types[n] == "bool" and v is not None else v for n, v in zip(names, row, strict=True)]
        for row in source.execute("SELECT " + ",".join(f'"{name}"' for name in names) + f" FROM {table}")
    ]
    into = sql.SQL("INSERT INTO {} ({}) OVERRIDING SYSTEM VALUE VALUES ({})").format(
        sql.Identifier(table),
        sql.SQL(",").join(map(sql.Identifier, names)),
        sql.SQL(",").join(sql.SQL("%s::{}").format(sql.Identifier(types[name])) for name in names),
    )
    with target.cursor() as cursor:
        cursor.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table)))
        cursor.executemany(into, rows)
        if types.get("id", "").startswith("int"):
            cursor.execute(
                sql.SQL("SELECT setval(pg_get_serial_sequence(%s, 'id'), GREATEST(MAX(id), 1)) FROM {}").format(
                    sql.Identifier(table)
                ),
                [table],
            )
    return len(rows)
