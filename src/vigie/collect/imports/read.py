"""Turn the rows of a file into batches of posts, from any row on."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pyarrow as pa

from vigie.collect.columns import table_of_rows
from vigie.collect.imports import values
from vigie.collect.imports.mapping import DIALECTS, Mapping
from vigie.collect.imports.rows import Decoder, Row, as_text, layout_of, rows
from vigie.collect.source import Skipped
from vigie.errors import SchemaError
from vigie.schema import ids
from vigie.schema.vocab import Network

TEXT_MOST = 100_000
"""Characters of a post's text: no network's posts are longer; what is over is cut and counted."""

SHORT_MOST = 2_000
"""Characters of any other cell."""

KNOWN_NAMES = frozenset(name for columns in DIALECTS.values() for names in columns.values() for name in names)
"""Columns of all tools we know, by which a header is found below a preamble."""


@dataclass(frozen=True, slots=True)
class ImportBatch:
    """A batch of a file's posts."""

    posts: pa.Table
    """`tables.POSTS`; (origin, native id) unique within the batch."""
    rows: tuple[int, int]
    """First and last row of the file, from 1."""
    skipped: tuple[Skipped, ...]
    repeated: int
    """Rows that are the same post as another of the batch."""
    undated: int
    """Posts without a date that can be read."""
    cut: int
    """Texts that were too long."""
    resume: str
    """Where to go on after this batch."""


@dataclass(slots=True)
class _Counts:
    skipped: list[Skipped] = field(default_factory=list)
    repeated: int = 0
    undated: int = 0
    cut: int = 0


@dataclass(frozen=True, slots=True)
class _How:
    """How the cells of a file become posts, worked out once."""

    fields: tuple[tuple[str, tuple[str, ...], str], ...]
    """Our field, their columns, its constant."""
    date_order: str
    zone: ZoneInfo
    space: str
    has_date_column: bool
    """The date stands in a column “Date”, the time of day perhaps in “Time” beside it."""

    @classmethod
    def of(cls, mapping: Mapping, space: str) -> "_How":
        names = dict.fromkeys((*mapping.columns, *mapping.constants))
        fields = tuple((name, mapping.columns.get(name, ()), mapping.constants.get(name, "")) for name in names)
        dated = "Date" in mapping.columns.get("published_at", ())
        return cls(fields, mapping.date_order, _zone(mapping.time_zone), space, dated)


def read(
    path: Path,
    mapping: Mapping,
    *,
    resume: str | None = None,
    batch_rows: int = 1_000,
    imported_at: datetime,
    space: str,
) -> Iterator[ImportBatch]:
    """Yield a file's posts in batches, after a resume token; memory does not grow with the file.

    Raises:
        SchemaError: a column of the mapping is not in the file, no column holds the text, or the file can't be read.
    """
    layout = layout_of(path, KNOWN_NAMES)
    check_mapping(mapping, layout.header)
    how = _How.of(mapping, space)
    pending: list[Row] = []
    for row in rows(path, layout, resume, Decoder()):
        pending.append(row)
        if len(pending) == batch_rows:
            yield _batch(pending, how)
            pending = []
    if pending:
        yield _batch(pending, how)


def check_mapping(mapping: Mapping, header: tuple[str, ...]) -> None:
    """Refuse a mapping that the file can't serve.

    Raises:
        SchemaError: naming the column that is missing, and those that are there.
    """
    if not mapping.columns.get("text") and not mapping.columns.get("title"):
        there = ", ".join(header[:30])
        raise SchemaError(
            f"No column is mapped to the text. The file has: {there}. A TOML file given with --map says which: [columns], "
            'text = "…".',
            code="import.no_text",
            facts={"columns": there},
        )
    wanted = {column for columns in mapping.columns.values() for column in columns}
    missing = next((column for column in sorted(wanted) if column not in header), None)
    if missing is not None:
        there = ", ".join(header[:30])
        raise SchemaError(
            f"The file has no column “{missing}”. It has: {there}.",
            code="import.no_column",
            facts={"column": missing, "columns": there},
        )


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as exc:
        raise SchemaError(f"“{name}” is not a time zone.", code="import.time_zone", facts={"name": name}) from exc


def _batch(pending: list[Row], how: _How) -> ImportBatch:
    counts = _Counts()
    posts: dict[tuple[str, str], dict[str, Any]] = {}
    for row in pending:
        post = _post(row, how, counts)
        if post is None:
            continue
        key = (post["origin"], post["native_id"])
        counts.repeated += key in posts
        posts[key] = post
    table = table_of_rows(list(posts.values()))
    return ImportBatch(
        table, (pending[0].number, pending[-1].number), tuple(counts.skipped), counts.repeated, counts.undated, counts.cut,
        pending[-1].resume,
    )  # fmt: skip


def _post(row: Row, how: _How, counts: _Counts) -> dict[str, Any] | None:
    """Return one row as a post; `None`, and counted, when it can't be one."""
    if row.fault:
        counts.skipped.append(_skip(row, "import.row", f"The line can't be read: {row.fault}."))
        return None
    cells = {name: _cell(row, name, columns, constant) for name, columns, constant in how.fields}
    text, title = cells.get("text", ""), cells.get("title", "")
    if not text.strip() and not title.strip():
        counts.skipped.append(_skip(row, "import.no_words", "The line has no text."))
        return None
    counts.cut += len(text) > TEXT_MOST
    raw_date = _dated(row, cells.get("published_at", "")) if how.has_date_column else cells.get("published_at", "")
    published = values.instant(raw_date, order=how.date_order, zone=how.zone) if raw_date.strip() else None
    counts.undated += published is None
    return _shaped(cells, text[:TEXT_MOST], title, raw_date, published, how.space)


def _dated(row: Row, date: str) -> str:
    """Add the time of day from the column beside it, as Meltwater gives it."""
    if not values.lacks_time(date):
        return date
    return f"{date.strip()} {as_text(row.cells.get('Time')).strip()}".strip()


def _skip(row: Row, code: str, sentence: str) -> Skipped:
    return Skipped(f"line {row.number}", code, sentence, {"line": row.number})


def _cell(row: Row, name: str, columns: tuple[str, ...], constant: str) -> str:
    """Return the first cell of a field that holds something, else its constant; NUL characters go."""
    for column in columns:
        value = as_text(row.cells.get(column))
        if value and not value.isspace():
            whole = value.replace("\0", "")
            return whole if name in ("text", "title") else whole.strip()[:SHORT_MOST]
    return constant


def _shaped(
    cells: dict[str, str], text: str, title: str, raw_date: str, published: datetime | None, space: str
) -> dict[str, Any]:
    url, author = cells.get("url", ""), cells.get("author", "")
    network = values.network(cells.get("network", "")) or values.network(cells.get("site", "") or url) or Network.OTHER
    native = cells.get("id") or (
        ids.canonical_link(url) if url else ids.text_id(author or None, raw_date or None, (text or title).strip())
    )
    return {
        "origin": _origin(cells, space),
        "native_id": native,
        "network": network.value,
        "site": cells.get("site") or None,
        "url": url or None,
        "title": title.strip() or None,
        "text": text.strip(),
        "author": author or None,
        "author_name": cells.get("author_name") or None,
        "author_verified": values.truth(cells.get("author_verified", "")),
        "lang_claimed": values.language(cells["lang"]) if cells.get("lang") else None,
        "country": values.country(cells["country"]) if cells.get("country") else None,
        "published_at": published,
        **{name: _named(cells.get(name, "")) for name in ("in_reply_to", "repost_of", "quote_of")},
        **{name: values.count(cells.get(name, "")) for name in ("followers", "likes", "reposts", "replies", "views")},
        "rating": values.number(cells["rating"]) if cells.get("rating") else None,
        "media": _media(cells.get("media", "")),
        "deleted": values.truth(cells.get("deleted", "")),
    }


def _named(native_id: str) -> str | None:
    """Return the id of another post: of one that is a link, as the rows' own ids are made of links."""
    return (ids.canonical_link(native_id) if "://" in native_id else native_id) or None


def _origin(cells: dict[str, str], space: str) -> str:
    """Return the host that holds the post: named, of its link, or of its site; else the import itself."""
    if cells.get("origin"):
        return cells["origin"].lower()[:255]
    host = ids.origin_of(cells["url"]) if "://" in cells.get("url", "") else ""
    site = cells.get("site", "").lower()
    return host or (site if "." in site and " " not in site else "") or f"import:{space}"


def _media(text: str) -> list[str]:
    if not text:
        return []
    try:
        found = json.loads(text) if text.startswith("[") else text.split()
    except json.JSONDecodeError:
        found = text.split()
    return [str(link)[:SHORT_MOST] for link in found][:20]
