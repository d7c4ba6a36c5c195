"""`vigie match`: hold a file of posts against a file of queries."""

import secrets
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from vigie.cli import io
from vigie.enrich.language import LanguageLabeller
from vigie.errors import SchemaError
from vigie.flows.ingest import ingest
from vigie.match import DOCUMENTS, Caught, Knowledge, Queries, Query, QueryError, compile_queries, document_of
from vigie.match.document import TITLE
from vigie.match.engine import Found
from vigie.match.labels import text_part
from vigie.match.tree import LABELS, Field, leaves
from vigie.schema import ids
from vigie.schema.vocab import LabelKind

SECRET = secrets.token_bytes(32)
"""Key of this run's hashes of authors: a file names them, nothing keeps them."""


def matches(posts: Path, queries: Path, *, explain: bool) -> Iterator[dict[str, Any]]:
    """Yield one row per post and query that holds: `post`, `query`, `spans`, and `title_spans`, `explain` if there are.

    Spans are code points of `text` and `title`. The language is read only when a query asks for it. A file of posts
    names no spaces, so `space:` holds nowhere; that is said on standard error.

    Raises:
        SchemaError: a file can't be read, or a query in it.
    """
    standing = read_queries(queries)
    tested = {leaf.name for query_id in standing for leaf in leaves(standing[query_id].root) if isinstance(leaf, Field)}
    if "space" in tested:
        sys.stderr.write("vigie: posts of a file were met in no space, so space: holds nowhere here\n")
    if tested.intersection(LABELS):
        sys.stderr.write(
            "vigie: posts of a file have no labels; of queries that ask for some, the text part alone is run\n"
        )
        standing = _text_parts(standing)
    for table in io.posts_from(posts):
        yield from _of_table(table, standing, ask_language="language" in tested, explain=explain)


def _text_parts(queries: Queries) -> Queries:
    parts = {i: text_part(queries[i].root) for i in queries}
    texts = {i: Query(part) for i, part in parts.items() if part is not None}
    return compile_queries(texts, knowledge=queries.knowledge)


def read_queries(path: Path) -> Queries:
    """Read a TOML file of `[[query]]` tables with `id` and `expr`.

    Raises:
        SchemaError: it is missing, not TOML, or a query in it can't be read.
    """
    expressions: dict[str, str] = {}
    for n, row in enumerate(_rows(path), 1):
        if not isinstance(row, dict) or not all(isinstance(row.get(key), str) for key in ("id", "expr")):
            raise _fault(path, f'query number {n} needs id = "…" and expr = "…"', "queries.row")
        if row["id"] in expressions:
            raise _fault(path, f"two queries have the id “{row['id']}”; give one another", "queries.repeated")
        expressions[row["id"]] = row["expr"]
    try:
        return compile_queries(expressions, knowledge=Knowledge(SECRET))
    except QueryError as error:
        where = f"query “{error.facts['query']}”, character {error.start + 1}"
        raise _fault(path, f"{where}: {error.sentence} {error.advice}".rstrip("."), error.code) from error


def _rows(path: Path) -> list[Any]:
    try:
        found = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError as error:
        raise _fault(path, "there is no such file", "file.missing") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise _fault(path, f"this is no TOML: {error}", "queries.toml") from error
    rows = found.get("query")
    if not isinstance(rows, list) or not rows:
        raise _fault(path, 'there is no [[query]] in it; write [[query]], id = "…", expr = "…"', "queries.none")
    return rows


def _fault(path: Path, what: str, code: str) -> SchemaError:
    return SchemaError(f"{path}: {what}.", code=code, facts={"file": str(path)})


def _of_table(table: pa.Table, queries: Queries, *, ask_language: bool, explain: bool) -> Iterator[dict[str, Any]]:
    posts = _documents(table)
    if ask_language:
        posts = posts.append_column("language", _languages(posts, queries))
    found = queries.found(posts, spans=True)
    names, native = queries.engine.ids if len(found.row) else [], table["native_id"].to_pylist()
    spans = _spans(found)
    for pair in np.lexsort((found.query, found.row)).tolist():
        row, query_id = int(found.row[pair]), names[int(found.query[pair])]
        reasons = queries.explain(document_of(posts.slice(row, 1).to_pylist()[0]))[query_id] if explain else ()
        yield _answer(native[row], query_id, *spans.get(pair, ([], [])), reasons)


def _documents(table: pa.Table) -> pa.Table:
    """Return posts of a file as queries test them; authors are hashed as in the record, under a key of this run."""
    columns = {name: table[name] for name in table.column_names if name in DOCUMENTS.names}
    for name, key in (("author", "author_key"), ("engaging_with", "engaging_key")):
        pairs = zip(table["origin"].to_pylist(), table[name].to_pylist(), strict=True)
        keys = [ids.author_key(SECRET, origin, handle) if handle else None for origin, handle in pairs]
        columns[key] = pa.array(keys, pa.binary())
    return pa.table(columns)


def _languages(posts: pa.Table, queries: Queries) -> pa.Array:
    found = ingest(posts, queries=queries, keep=[False] * posts.num_rows, labellers=[LanguageLabeller()])
    known = {r["row"]: r["value"] for r in found.labels.to_pylist() if r["kind"] == LabelKind.LANGUAGE.value}
    return pa.array([known.get(row) for row in range(posts.num_rows)], pa.string())


def _spans(found: Found) -> dict[int, tuple[list[list[int]], list[list[int]]]]:
    """Return the places in text and in title, by pair."""
    by_pair: dict[int, tuple[list[list[int]], list[list[int]]]] = {}
    columns = (found.span_pair, found.span_zone, found.span_start, found.span_end)
    for pair, zone, start, end in zip(*(column.tolist() for column in columns), strict=True):
        by_pair.setdefault(pair, ([], []))[1 if zone == TITLE else 0].append([start, end])
    return by_pair


def _answer(
    post: str, query_id: str, spans: list[list[int]], title_spans: list[list[int]], reasons: tuple[Caught, ...]
) -> dict[str, Any]:
    answer: dict[str, Any] = {"post": post, "query": query_id, "spans": spans}
    if title_spans:
        answer["title_spans"] = title_spans
    if reasons:
        answer["explain"] = [_reason(reason) for reason in reasons]
    return answer


def _reason(reason: Caught) -> dict[str, Any]:
    found: dict[str, Any] = {"part": str(reason.leaf), "at": list(reason.leaf.at)}
    if reason.spans:
        found["spans"] = [list(span) for span in reason.spans]
    if reason.title_spans:
        found["title_spans"] = [list(span) for span in reason.title_spans]
    return found
