"""Look at a file before it is taken in: its format, columns, likely mapping, and the first posts as they would be."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

from vigie.collect.imports import values
from vigie.collect.imports.mapping import Mapping, dialect_of, suggest
from vigie.collect.imports.read import KNOWN_NAMES, read
from vigie.collect.imports.rows import Decoder, as_text, layout_of, rows

SAMPLED = 1_000
"""Rows looked at: enough to settle the order of dates in all but odd files."""

STRETCHES, STRETCH_BYTES = 64, 32_768
"""Places of a file where lines are counted, and bytes at each: two megabytes in all, read in milliseconds."""

PREVIEWED = 10
"""Posts of a preview."""


@dataclass(frozen=True, slots=True)
class Inspected:
    """What a file looks like."""

    format: str
    encoding: str
    delimiter: str
    header: tuple[str, ...]
    dialect: str | None
    """The tool whose export it is."""
    suggested: Mapping
    date_order_is_sure: bool
    """False when no date of the sample settles which of day and month comes first."""
    redecoded: int
    """Lines of the sample that were not UTF-8 and were read as Windows-1252."""
    rows_estimated: int
    examples: tuple[dict[str, str], ...]
    """The first rows as they stand, by column."""


def inspect(path: Path) -> Inspected:
    """Look at a file.

    Raises:
        SchemaError: it can't be read at all.
    """
    layout = layout_of(path, KNOWN_NAMES)
    decoder = Decoder()
    sample = list(islice(rows(path, layout, None, decoder), SAMPLED))
    suggested = suggest(layout.header)
    columns = suggested.columns.get("published_at", ())
    dates = [as_text(row.cells.get(column)) for row in sample for column in columns[:1]]
    order, sure = values.order_of(dates)
    return Inspected(
        format=layout.format,
        encoding=layout.encoding,
        delimiter=layout.delimiter,
        header=layout.header,
        dialect=dialect_of(layout.header),
        suggested=replace(suggested, date_order=order),
        date_order_is_sure=sure,
        redecoded=decoder.redecoded,
        rows_estimated=layout.rows if layout.rows is not None else _estimated(path, len(sample), decoder.at),
        examples=tuple(
            {name: as_text(row.cells.get(name))[:200] for name in layout.header} for row in sample[:PREVIEWED]
        ),
    )


def _estimated(path: Path, sampled: int, read_bytes: int) -> int:
    """Return the rows of a file by its lines at stretches all along it; exact when the sample was all.

    The first rows alone mislead: numbers and texts grow along many an export. A row may hold several lines, as many as
    those of the sample.
    """
    size = path.stat().st_size
    if not read_bytes or read_bytes >= size:
        return sampled
    with path.open("rb") as file:
        head = file.read(read_bytes).count(b"\n")
        lines = looked = 0
        for n in range(STRETCHES):
            file.seek(n * size // STRETCHES)
            stretch = file.read(min(STRETCH_BYTES, size // STRETCHES))
            lines, looked = lines + stretch.count(b"\n"), looked + len(stretch)
    if not head or not lines:
        return round(sampled * size / read_bytes)
    return round(lines * size / looked * sampled / head)


def previewed(path: Path, mapping: Mapping, *, space: str, n: int = PREVIEWED) -> Sequence[dict[str, Any]]:
    """Return the first posts of a file as they would be taken in.

    Raises:
        SchemaError: the mapping does not fit the file.
    """
    batches = read(path, mapping, batch_rows=n, imported_at=datetime(1970, 1, 1, tzinfo=UTC), space=space)
    return next((batch.posts.to_pylist() for batch in batches), [])
