"""One DuckDB connection a process, a cursor a read, bounded in memory and time.

The library is loaded with the first read: an import writes files and reads none, and does without its 20 MB.
"""

import os
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from vigie.errors import RetryableError

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

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


def _spill_folder() -> str:
    """Return where sorts larger than the memory go: a folder of this process alone, never the working one."""
    return str(Path(tempfile.gettempdir()) / f"vigie-figures-{os.getpid()}-{os.urandom(4).hex()}")


@cache
def _connection() -> "DuckDBPyConnection":
    import duckdb  # noqa: PLC0415 -- see above

    connection = duckdb.connect(":memory:", config={**CONFIGURATION, "temp_directory": _spill_folder()})
    connection.execute("SET GLOBAL TimeZone = 'UTC'")
    return connection


_opening = threading.Lock()


@contextmanager
def opened(**tables: pa.Table) -> Iterator["DuckDBPyConnection"]:
    """Open a cursor with some tables."""
    with _opening:
        cursor = _connection().cursor()
    try:
        for name, table in tables.items():
            cursor.register(name, table)
        yield cursor
    finally:
        cursor.close()


@contextmanager
def bounded(cursor: "DuckDBPyConnection") -> Iterator[None]:
    """Interrupt what takes too long, and say in a sentence what a reader can do about it."""
    import duckdb  # noqa: PLC0415 -- see above

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
        raise moved() from exc
    finally:
        timer.cancel()
        # Wait until its thread is gone: it could interrupt the next read, or hold the cursor when the process ends.
        timer.join()


def moved() -> RetryableError:
    """Return the error of a read whose files went away."""
    return RetryableError("These figures were being written anew; ask again.", code="figures.moved")
