"""Exports of a list: the same filter, the same rows, with texts read by primary key."""

import csv
import io
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from vigie.errors import DecisionError
from vigie.server import mirroring
from vigie.server.database import select_in
from vigie.server.permissions import Asker
from vigie.server.pseudonyms import pseudonym
from vigie.server.queries import filters as filtering
from vigie.server.queries import mentions, scope
from vigie.server.queries.filters import Filters

MOST_ROWS = 100_000
"""Rows of one export: about 60 MB as CSV, what a spreadsheet opens."""

COLUMNS = (
    "mention", "post", "published_at", "network", "space", "watch", "language", "tone", "author", "likes", "reposts",
    "replies", "views", "lapsed", "deleted", "url", "title", "text",
)  # fmt: skip

EXPORT = pa.schema(
    [
        ("mention", pa.int64()),
        ("post", pa.int64()),
        ("published_at", pa.timestamp("us", tz="UTC")),
        *((name, pa.string()) for name in ("network", "space", "watch", "language", "tone", "author")),
        *((name, pa.int64()) for name in ("likes", "reposts", "replies", "views")),
        ("lapsed", pa.bool_()),
        ("deleted", pa.bool_()),
        *((name, pa.string()) for name in ("url", "title", "text")),
    ]
)
"""One row per mention; the author is a pseudonym."""


def export(filters: Filters, *, form: str, who: Asker, now: datetime) -> bytes:
    """Return the mentions of a filter as `csv` or `parquet`.

    Raises:
        DecisionError: there are more than an export holds.
    """
    chosen = filtering.to_store(filters, who, mentions.subjects_of(who))
    view = mirroring.view(now=now)
    n = view.mentions(chosen)
    if n > MOST_ROWS:
        raise DecisionError(
            f"These are {n} mentions; an export holds {MOST_ROWS}. Choose a shorter window or fewer watches.",
            code="export.too_many",
            facts={"n": n, "most": MOST_ROWS},
        )
    tables = [_with_texts(batch, who) for batch in view.rows(chosen)]
    table = pa.concat_tables(tables) if tables else EXPORT.empty_table()
    return _csv(table) if form == "csv" else _parquet(table)


def _with_texts(batch: pa.RecordBatch, who: Asker) -> pa.Table:
    allowed = dict(_watch_names(who))
    rows = [row for row in batch.to_pylist() if row["watch_id"] in allowed]
    texts = _texts([row["post_id"] for row in rows])
    return pa.Table.from_pylist(
        [_row(row, allowed, texts[row["post_id"]]) for row in rows if row["post_id"] in texts], EXPORT
    )


def _watch_names(who: Asker) -> Iterator[tuple[int, str]]:
    sql = "SELECT id, name FROM vigie_watch WHERE id IN ({in})"
    yield from select_in(sql, scope.watch_ids(who))  # type: ignore[misc] -- rows of two


def _texts(post_ids: list[int]) -> dict[int, tuple[Any, ...]]:
    sql = (
        "SELECT p.id, s.name, p.url, p.title, p.text, a.key FROM vigie_post p JOIN vigie_space s ON s.id = p.space_id "
        "LEFT JOIN vigie_author a ON a.id = p.author_id WHERE p.id IN ({in})"
    )
    return {row[0]: row[1:] for row in select_in(sql, sorted(set(post_ids)))}


def _row(row: dict[str, Any], watches: dict[int, str], post: tuple[Any, ...]) -> dict[str, Any]:
    space, url, title, text, key = post
    return {
        "mention": row["mention_id"], "post": row["post_id"], "watch": watches[row["watch_id"]], "space": space,
        "author": pseudonym(bytes(key)) if key else None, "url": url, "title": title, "text": text,
        **{name: row[name] for name in COLUMNS if name in row},
    }  # fmt: skip


def _parquet(table: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="zstd")
    return bytes(sink.getvalue())


def _csv(table: pa.Table) -> bytes:
    """Return CSV with a byte order mark, by which spreadsheets know UTF-8; no cell is taken for a formula."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for row in table.to_pylist():
        writer.writerow([cell(row[name]) for name in COLUMNS])
    return b"\xef\xbb\xbf" + out.getvalue().encode("utf-8", "replace")


def cell(value: Any) -> Any:
    """Write a cell so that a spreadsheet reads it as text (OWASP: CSV injection)."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r"):
        return f"'{value}"
    return "" if value is None else value
