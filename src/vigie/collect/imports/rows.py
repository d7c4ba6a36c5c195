"""Rows of a file, one by one, with where to go on after each; memory does not grow with the file."""

import csv
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import msgspec
import pyarrow.parquet as pq

from vigie.errors import SchemaError

FORMATS = {
    ".csv": "csv",
    ".tsv": "csv",
    ".txt": "csv",
    ".tab": "csv",
    ".ndjson": "ndjson",
    ".jsonl": "ndjson",
    ".json": "ndjson",
    ".parquet": "parquet",
}
"""Formats by ending of the file's name."""

FIELD_LIMIT = 2_000_000
"""Characters of one cell: longer ones are no posts, and would fill the memory."""

DELIMITERS = ("\t", ";", ",", "|")
"""What parts cells, tried in this order where counts are equal."""

PREAMBLE_LINES = 15
"""Lines before the header that exports of some tools begin with (a report's name, its dates)."""

LEAST_KNOWN = 3
"""Known names that make a line after others the header."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its number from 1, its cells by column, and the token that goes on after it."""

    number: int
    cells: dict[str, Any]
    resume: str
    fault: str = ""
    """Why it can't be read; then it has no cells."""


@dataclass(frozen=True, slots=True)
class Layout:
    """How the cells of a file stand."""

    format: str
    header: tuple[str, ...]
    delimiter: str = ","
    encoding: str = "utf-8"
    """`utf-8`, or `utf-16` by its byte order mark; bytes that are not UTF-8 are read as Windows-1252, line by line."""
    first_byte: int = 0
    """Where the rows begin, for files of lines."""
    rows: int | None = None
    """Known from the start for Parquet alone."""


@dataclass
class Decoder:
    """Turns lines of bytes into text and counts those that were not UTF-8."""

    redecoded: int = 0
    at: int = 0
    lines: list[int] = field(default_factory=list)

    def decode(self, line: bytes) -> str:
        """Decode one line; each line has its own encoding, so a file of mixed ones loses nothing."""
        try:
            return line.decode("utf-8")
        except UnicodeDecodeError:
            self.redecoded += 1
            return line.decode("cp1252", "replace")


def format_of(path: Path) -> str:
    """Return a file's format by its name.

    Raises:
        SchemaError: the ending is none we read.
    """
    found = FORMATS.get(path.suffix.lower())
    if found is None:
        raise SchemaError(
            f"Files ending in “{path.suffix}” are not read; use CSV, TSV, NDJSON or Parquet.",
            code="import.format",
            facts={"suffix": path.suffix},
        )
    return found


def layout_of(path: Path, known: frozenset[str]) -> Layout:
    """Find out how a file's cells stand; `known` names help to find a header below a preamble.

    Raises:
        SchemaError: the format is none we read, the file is empty, or it has no header.
    """
    kind = format_of(path)
    if kind == "parquet":
        file = _parquet(path)
        return Layout("parquet", tuple(file.schema_arrow.names), rows=file.metadata.num_rows)
    if path.stat().st_size == 0:
        raise SchemaError("The file is empty.", code="import.empty")
    return _ndjson_layout(path) if kind == "ndjson" else _csv_layout(path, known)


def _parquet(path: Path) -> pq.ParquetFile:
    import pyarrow as pa  # noqa: PLC0415 -- beside its one use

    try:
        return pq.ParquetFile(path)
    except (pa.ArrowInvalid, OSError) as exc:
        raise SchemaError(f"The file is not Parquet: {exc}.", code="import.not_parquet") from exc


def _ndjson_layout(path: Path) -> Layout:
    names: dict[str, None] = {}
    for row in rows(path, Layout("ndjson", ()), None):
        names.update(dict.fromkeys(row.cells))
        if row.number >= 200:  # noqa: PLR2004 -- enough to meet every key
            break
    if not names:
        raise SchemaError("No line of the file is a JSON object; write one post a line.", code="import.not_ndjson")
    return Layout("ndjson", tuple(names))


def _csv_layout(path: Path, known: frozenset[str]) -> Layout:
    with path.open("rb") as file:
        head = [line for _ in range(PREAMBLE_LINES) if (line := file.readline(FIELD_LIMIT))]
    encoding = "utf-16" if head[0][:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8"
    if encoding == "utf-16":
        head = [line.encode() for line in path.read_text("utf-16").splitlines(keepends=True)[:PREAMBLE_LINES]]
    texts = [Decoder().decode(line.removeprefix(b"\xef\xbb\xbf")) for line in head]
    place, delimiter, header = _header(texts, known)
    _check_header(header)
    return Layout("csv", header, delimiter, encoding, first_byte=sum(len(line) for line in head[: place + 1]))


def _header(texts: Sequence[str], known: frozenset[str]) -> tuple[int, str, tuple[str, ...]]:
    """Return the header's line, its delimiter and its names: the first line, or one below that names known columns."""
    for place, text in enumerate(texts):
        delimiter = max(DELIMITERS, key=text.count)
        names = tuple(name.strip() for name in next(csv.reader([text], delimiter=delimiter), []))
        if len(known.intersection(names)) >= LEAST_KNOWN:
            return place, delimiter, names
    delimiter = max(DELIMITERS, key=texts[0].count)
    return 0, delimiter, tuple(name.strip() for name in next(csv.reader([texts[0]], delimiter=delimiter), []))


def _check_header(header: Sequence[str]) -> None:
    """Refuse a first line that is a post rather than names."""
    bad = [name for name in header if len(name) > 120 or name.replace(".", "").replace("-", "").isdigit()]  # noqa: PLR2004 -- no name is as long
    if not any(header) or bad:
        raise SchemaError(
            "The first line does not name the columns. Add a line with their names above the posts.",
            code="import.no_header",
        )


def rows(path: Path, layout: Layout, resume: str | None, decoder: Decoder | None = None) -> Iterator[Row]:
    """Yield the rows after a resume token (from the start without one)."""
    decoder = decoder or Decoder()
    if layout.format == "parquet":
        return _parquet_rows(path, int(resume or 0))
    if layout.encoding == "utf-16":
        return _utf16_rows(path, layout, int(resume or 0))
    at, number = (int(part) for part in (resume or f"{layout.first_byte}:0").split(":"))
    return _line_rows(path, layout, at, number, decoder)


def _parquet_rows(path: Path, start: int) -> Iterator[Row]:
    number = 0
    for batch in _parquet(path).iter_batches(batch_size=1_000):
        if number + batch.num_rows <= start:
            number += batch.num_rows
            continue
        for cells in batch.to_pylist():
            number += 1
            if number > start:
                yield Row(number, cells, str(number))


def _utf16_rows(path: Path, layout: Layout, start: int) -> Iterator[Row]:
    with path.open(encoding="utf-16", newline="") as file:
        for number, cells in enumerate(csv.reader(file, delimiter=layout.delimiter)):
            if number > start:
                yield Row(number, _named(layout, cells), str(number))


class _Lines:
    """Lines of a file as text, remembering how many bytes were read."""

    def __init__(self, file: IO[bytes], decoder: Decoder) -> None:
        self.file, self.decoder = file, decoder

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = self.file.readline(FIELD_LIMIT)
        if not line:
            raise StopIteration
        self.decoder.at += len(line)
        return self.decoder.decode(line)


def _line_rows(path: Path, layout: Layout, at: int, number: int, decoder: Decoder) -> Iterator[Row]:
    csv.field_size_limit(FIELD_LIMIT)
    with path.open("rb") as file:
        file.seek(at)
        decoder.at = at
        lines = _Lines(file, decoder)
        source = _csv_cells(lines, layout) if layout.format == "csv" else _json_cells(lines)
        for cells, fault in source:
            number += 1
            yield Row(number, cells, f"{decoder.at}:{number}", fault)


def _csv_cells(lines: _Lines, layout: Layout) -> Iterator[tuple[dict[str, Any], str]]:
    reader = csv.reader(lines, delimiter=layout.delimiter)
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield {}, str(error)
            continue
        if cells:
            yield _named(layout, cells), ""


def _named(layout: Layout, cells: Sequence[str]) -> dict[str, Any]:
    return dict(zip(layout.header, cells, strict=False))


def _json_cells(lines: _Lines) -> Iterator[tuple[dict[str, Any], str]]:
    for line in lines:
        if not line.strip():
            continue
        try:
            value = msgspec.json.decode(line.removeprefix("\ufeff"))
        except msgspec.DecodeError as error:
            yield {}, str(error)
            continue
        yield (value, "") if isinstance(value, dict) else ({}, "not a JSON object")


def as_text(value: Any) -> str:
    """Return a cell as text; absent and empty are the same."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if hasattr(value, "isoformat"):
        return str(value.isoformat())
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False)
    return str(value)
