"""The query editor: what an expression is, in colours; what is wrong with it; what it would find, part by part."""

import time
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.forms import Form
from django.http import HttpRequest

from vigie.match import Document, PlainQueries, Query, QueryError, Warned, parse
from vigie.match.dialects import parse_dialect
from vigie.match.highlight import Piece, highlighted, with_fault
from vigie.match.labels import refuse_labels
from vigie.match.noise import exclusions
from vigie.match.tree import Field, Near, Node, Not, Or, Range, disjunction, leaves
from vigie.server.models import Watch
from vigie.server.queries import watches as reading
from vigie.server.services import previewing
from vigie.web import choices, sentences

WINDOW = timedelta(days=30)
"""What a preview counts: a month holds every day of the week four times (issue of the query language)."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A query's fault, with the place marked."""

    sentence: str
    advice: str
    before: str
    marked: str
    after: str


def fault_of(error: QueryError, expression: str) -> Fault:
    """Return what is wrong with an expression, in the reader's language."""
    start, end = max(error.start, 0), max(error.end, error.start + 1)
    return Fault(
        sentences.sentence_of(error),
        sentences.advice(error.code, error.facts, fallback=error.advice),
        expression[max(0, start - 60) : start],
        expression[start:end][:80] or " ",
        expression[end : end + 60],
    )


def read(expression: str, dialect: str) -> Query:
    """Read an expression in the words of a product; ours when none is named.

    Raises:
        QueryError: it can't be read; places are those of the expression.
    """
    return parse_dialect(expression, dialect) if dialect else parse(expression)


def excluding(expression: str, word: str) -> str:
    """Return an expression that leaves posts with a word out."""
    root = parse(expression).root
    # Neither OR nor NEAR stands beside AND without brackets.
    bracketed = f"({expression})" if isinstance(root, Or | Near) else expression
    return f"{bracketed} AND NOT {word}"


def previewed(request: HttpRequest, form: Form, watch: Watch | None, *, takes_labels: bool = True) -> dict[str, Any]:
    """Return what the form's expression would find; nothing while it is empty, a fault where saving would refuse it."""
    typed = str(form["expression"].value() or "").replace("\r\n", "\n")
    expression = typed.strip()
    if not expression:
        return {}
    dialect = str(form["dialect"].value() or "")
    try:
        query = read(expression, dialect)
        if not takes_labels:
            refuse_labels(query)
        asked = str(query) if dialect else expression
        found = _counted(request, asked, watch if watch and asked != watch.expression else None)
    except QueryError as error:
        return {"fault": fault_of(error, expression), "colours": _coloured(typed, error)}
    context = found | {
        "colours": _coloured(typed),
        "converted": highlighted(str(query)) if dialect else (),
        "warnings": [_warning(w) for w in (*query.warnings, *reading.unknown_names(query, request.asker))],  # type: ignore[attr-defined]
        "label_part": _label_part(request, query),
    }
    if watch is not None:
        context |= _exclusions(watch, query)
    return context


def _label_part(request: HttpRequest, query: Query) -> dict[str, Any] | None:
    """Return what is asked of text and what of labels, and what each caught among the reader's newest mentions."""
    found = previewing.label_part(query, asker=request.asker)  # type: ignore[attr-defined]
    return {"found": found, "each": tuple(zip(found.labels, found.each, strict=True))} if found else None


def _coloured(typed: str, error: QueryError | None = None) -> list[Piece]:
    """Return what was typed in colours, white space around it and all: it lies under the text of the editor."""
    pieces = highlighted(typed)
    if error is None:
        return pieces
    before = len(typed) - len(typed.lstrip())
    return with_fault(pieces, before + error.start, before + error.end)


def _counted(request: HttpRequest, expression: str, watch: Watch | None) -> dict[str, Any]:
    """Count what an expression would find, and what it would do to a watch that it is a change of."""
    now, _today = choices.now_and_today(request)
    since = now.replace(hour=0, minute=0, second=0, microsecond=0) - WINDOW
    shown = previewing.preview(
        expression,
        since=since,
        asker=request.asker,  # type: ignore[attr-defined]
        monotonic=time.monotonic,
        more=bool(request.POST.get("more")),
        watch=watch,
    )
    marking = marking_of(parse(expression).root)
    return {
        "shown": shown,
        "since": since,
        "sample": [sampled(row, marking) for row in shown.sample],
        "common": [part.name for part in shown.parts if part.is_common],
    }


def _exclusions(watch: Watch, query: Query) -> dict[str, Any]:
    """Return which words would drop what people marked."""
    noise, good = reading.texts_of(watch.pk)
    asked = {part for leaf in leaves(query.root) for part in str(leaf).replace('"', " ").split()}
    return {"exclusions": exclusions(noise, good, asked=asked), "noise": len(noise), "good": len(good)}


def _warning(warned: Warned) -> str:
    sentence = sentences.sentence(warned.code, warned.facts, fallback=warned.sentence)
    return f"{sentence} {sentences.advice(warned.code, warned.facts, fallback=warned.advice)}"


def marking_of(root: Node) -> PlainQueries:
    """Return what marks the words of a sample: whatever of the query stands at places."""
    found: list[Node] = [leaf for leaf in _wanted(root) if not isinstance(leaf, Field | Range)]
    return PlainQueries({"marks": Query(disjunction(found))} if found else {})


def _wanted(node: Node) -> list[Node]:
    """Return the tests that are asked to hold, not those excluded."""
    if isinstance(node, Not):
        return []
    inner = getattr(node, "children", None)
    return [leaf for child in inner for leaf in _wanted(child)] if inner else [node]


def sampled(row: dict[str, Any], marking: PlainQueries) -> dict[str, Any]:
    """Return a post of the sample with its words marked."""
    found = marking.match(Document(row["title"], row["text"])).get("marks")
    return {
        "title": row["title"] or "",
        "text": row["text"],
        "spans": found.spans if found else (),
        "network": row["network"],
        "at": row["published_at"],
    }
