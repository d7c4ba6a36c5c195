"""`vigie query check`: the normal form of a query, or what is wrong with it and where."""

import json
import sys
from collections.abc import Iterable
from typing import Any, TextIO

from vigie.errors import SchemaError
from vigie.match import Checked, QueryError, Warned, parse
from vigie.match.dialects import DIALECTS, WRITTEN, parse_dialect, write
from vigie.match.labels import labels_of, text_part

AROUND = 60
"""Characters shown before and after a place: with the place, a line of a terminal or two."""


def checked(expression: str, *, as_json: bool, dialect: str | None = None, written_for: str | None = None) -> int:
    """Write the answer and return the exit status: 0 with the normal form, 2 with the place, the code and an advice.

    Args:
        dialect: Product that the expression was written for; ours when absent.
        written_for: Product to write it for instead of the normal form.

    Raises:
        SchemaError: a product is not known.
    """
    _known(dialect, DIALECTS)
    _known(written_for, WRITTEN)
    try:
        found = _read(expression, dialect, written_for)
    except QueryError as error:
        _refuse(expression, error, as_json=as_json)
        return error.exit_status
    part = _text_part(expression, dialect)
    if as_json:
        answer: dict[str, Any] = {"normal": found.normal}
        if part:
            answer["text_part"] = part
        if found.warnings:
            answer["warnings"] = [_facts(warning) for warning in found.warnings]
        _line(sys.stdout, json.dumps(answer, ensure_ascii=False))
        return 0
    _line(sys.stdout, found.normal)
    if part:
        _line(sys.stderr, f"text part, which runs on all that comes: {part}")
    for warning in found.warnings:
        _show(expression, warning.start, warning.end)
        _line(sys.stderr, f"warning: {warning.sentence} {warning.advice} [{warning.code}]")
    return 0


def _known(name: str | None, names: Iterable[str]) -> None:
    if name is not None and name not in names:
        raise SchemaError(
            f"“{name}” is no dialect; use {', '.join(names)}.", code="query.unknown_dialect", facts={"name": name}
        )


def _read(expression: str, dialect: str | None, written_for: str | None) -> Checked:
    query = parse_dialect(expression, dialect) if dialect else parse(expression)
    if written_for is None:
        return Checked(str(query), query.warnings)
    written = write(query, written_for)
    return Checked(written.text, (*query.warnings, *written.warnings))


def _text_part(expression: str, dialect: str | None) -> str:
    """Return the text part of a query that asks for labels; nothing of others."""
    query = parse_dialect(expression, dialect) if dialect else parse(expression)
    return str(text_part(query.root)) if labels_of(query) else ""


def _refuse(expression: str, error: QueryError, *, as_json: bool) -> None:
    if as_json:
        _line(sys.stdout, json.dumps(_facts(error), ensure_ascii=False))
        return
    _show(expression, error.start, error.end)
    _line(sys.stderr, f"vigie: {error.sentence} {error.advice} [{error.code}]")


def _facts(fault: QueryError | Warned) -> dict[str, Any]:
    return {
        "code": fault.code,
        "sentence": fault.sentence,
        "advice": fault.advice,
        "start": fault.start,
        "end": fault.end,
    }


def marked(expression: str, start: int, end: int) -> tuple[str, str]:
    """Return the part of an expression around a place, on one line, and carets under the place."""
    begin, stop = max(0, start - AROUND), min(len(expression), start + 2 * AROUND)
    shown = "".join(c if c.isprintable() else " " for c in expression[begin:stop])
    carets = "^" * max(1, min(end, stop) - start)
    return shown, " " * (start - begin) + carets


def _show(expression: str, start: int, end: int) -> None:
    for line in marked(expression, start, end):
        _line(sys.stderr, f"  {line}")


def _line(stream: TextIO, text: str) -> None:
    """Write a line; what the terminal can't show is written as its escape, never a crash."""
    encoding = stream.encoding or "utf-8"
    stream.write(text.encode(encoding, "backslashreplace").decode(encoding) + "\n")
