"""Posts in, results out: files by name or `-`, NDJSON on pipes, a table on a terminal, progress on standard error."""

import json
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from vigie.errors import SchemaError

BATCH_ROWS = 1_000
"""Posts handed to the library at once."""

TABLE_ROWS = 200
"""Rows of a table on a terminal; more scroll away unread, so the rest is counted."""


WELL, NOT_WELL = "ok     ", "WRONG  "
"""What stands before a sentence, one below the other."""

LOG_EVERY = 5_000
"""Steps between two lines of progress in a log."""


@contextmanager
def as_file(name: str) -> Iterator[Path]:
    """Give a file by its name; `-` is standard input, kept in a temporary file so that it can be looked at first."""
    if name != "-":
        path = Path(name)
        if not path.is_file():
            raise SchemaError(f"There is no file “{name}”.", code="file.missing", facts={"name": name})
        yield path
        return
    with tempfile.NamedTemporaryFile(suffix=".ndjson") as file:
        shutil.copyfileobj(sys.stdin.buffer, file)
        file.flush()
        yield Path(file.name)


def posts_from(path: Path) -> Iterator[Any]:
    """Yield tables of `tables.POSTS`, with `id` as the file gives it, from a file of posts.

    Raises:
        SchemaError: the file can't be read, or lacks a column of its own.
    """
    from vigie.collect.imports import inspect, read  # noqa: PLC0415 -- pyarrow, 0.1 s

    mapping = inspect(path).suggested
    for batch in read(path, mapping, batch_rows=BATCH_ROWS, imported_at=datetime.now(UTC), space="stdin"):
        for skipped in batch.skipped:
            sys.stderr.write(f"vigie: {skipped.where}: {skipped.sentence}\n")
        yield batch.posts


def write(rows: Iterable[Mapping[str, Any]]) -> None:
    """Write results: one JSON object a line, or a table when a person looks."""
    if sys.stdout.isatty():
        _table(rows)
        return
    for row in rows:
        sys.stdout.write(json.dumps(row, ensure_ascii=False, default=str) + "\n")


def tell(
    rows: Iterable[Mapping[str, Any]], as_sentence: Callable[[Mapping[str, Any]], tuple[bool, str]], *, as_json: bool
) -> None:
    """Write what was looked at: whether it is well, and a sentence; or one JSON object a line when asked."""
    for row in rows:
        is_well, sentence = as_sentence(row)
        line = (
            json.dumps(row, ensure_ascii=False, default=str)
            if as_json
            else f"{WELL if is_well else NOT_WELL}{sentence}"
        )
        sys.stdout.write(line + "\n")


def say(sentence: str) -> None:
    """Write a sentence to standard error, beside the results."""
    sys.stderr.write(f"{sentence}\n")


def _table(rows: Iterable[Mapping[str, Any]]) -> None:
    from rich.console import Console  # noqa: PLC0415 -- only when a person looks
    from rich.markup import escape  # noqa: PLC0415 -- only when a person looks
    from rich.table import Table  # noqa: PLC0415 -- only when a person looks

    kept, n = [], 0
    for row in rows:
        n += 1
        if len(kept) < TABLE_ROWS:
            kept.append(row)
    names = list(dict.fromkeys(name for row in kept for name in row))
    table = Table(*names)
    for row in kept:
        table.add_row(*(escape(_short(row.get(name))) for name in names))
    console = Console()
    console.print(table)
    if n > len(kept):
        console.print(f"{n - len(kept)} more rows: send the output to a file.")


def _short(value: Any) -> str:
    text = (
        "" if value is None else value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    )
    return text if len(text) <= 120 else f"{text[:117]}..."  # noqa: PLR2004 -- the width of a wide terminal


class Progress:
    """Progress on standard error: a bar for a person, a line every now and then for a log."""

    def __init__(self) -> None:
        self._shown, self._told = "", -LOG_EVERY

    def __call__(self, what: str, done: int, total: int | None) -> None:
        of = f" / {total:,}" if total else ""
        line = f"{what}: {done:,}{of}"
        if line == self._shown:
            return
        self._shown = line
        if sys.stderr.isatty():
            sys.stderr.write(f"\r\x1b[2K{line}")
            sys.stderr.flush()
        elif done - self._told >= LOG_EVERY or done == total:
            self._told = done
            sys.stderr.write(line + "\n")

    def over(self) -> None:
        """End the line of a bar."""
        if sys.stderr.isatty() and self._shown:
            sys.stderr.write("\n")
