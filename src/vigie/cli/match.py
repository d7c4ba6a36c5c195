"""`vigie match`: hold a file of posts against a file of queries."""

import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa

from vigie.cli import io
from vigie.enrich.language import LanguageLabeller
from vigie.errors import SchemaError
from vigie.flows.ingest import ingest
from vigie.match import Caught, Document, Match, Queries, QueryError, compile_queries
from vigie.match.tree import Field, leaves
from vigie.schema.vocab import LabelKind


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
    for table in io.posts_from(posts):
        yield from _of_table(table, standing, ask_language="language" in tested, explain=explain)


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
        return compile_queries(expressions)
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
    nobody = [()] * table.num_rows
    labellers = [LanguageLabeller()] if ask_language else []
    found = ingest(table, spaces=nobody, queries=queries, keep=[False] * table.num_rows, labellers=labellers)
    languages = {
        row["row"]: row["value"] for row in found.labels.to_pylist() if row["kind"] == LabelKind.LANGUAGE.value
    }
    for row in sorted(set(found.mentions["row"].to_pylist())):
        post = table.slice(row, 1).to_pylist()[0]
        document = Document(post["title"], post["text"], (), languages.get(row))
        reasons = queries.explain(document) if explain else {}
        for query_id, match in queries.match(document).items():
            yield _answer(post["native_id"], query_id, match, reasons.get(query_id, ()))


def _answer(post: str, query_id: str, match: Match, reasons: tuple[Caught, ...]) -> dict[str, Any]:
    answer: dict[str, Any] = {"post": post, "query": query_id, "spans": [list(span) for span in match.spans]}
    if match.title_spans:
        answer["title_spans"] = [list(span) for span in match.title_spans]
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
