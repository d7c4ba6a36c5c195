"""Meltwater. Sources: its help “How to Master Boolean Search” and “Boolean”, its note on the order NOT, AND, OR.

Operators may be written in small letters. Where NEAR stands in the order is not said: beside AND or OR it needs brackets.
"""

import re
from collections.abc import Iterable
from itertools import pairwise

from vigie.match.dialects.reading import Dialect, begins, bracketed, chunk_at, ends, leaf, native, quoted, read, unequal
from vigie.match.faults import QueryError, Warned, warned
from vigie.match.lexer import FIELD, QUOTES, Lexeme, distance_of, refuse_like_near, word_of
from vigie.match.parser import Query
from vigie.match.pieces import leaf_of
from vigie.match.tree import Cased, Fuzzy

NAME = "Meltwater"

NEAR_WORDS = 4
"""Words between of a NEAR without a number (its help: no more than four)."""

_NEAR = re.compile(r"(O?)NEAR(?:/(\d{1,9}))?", re.IGNORECASE)
_PRIORITY = re.compile(r"\^\d+")
_OFTEN = re.compile(r"[^\W\d_]\w*/[nN]?\d+")
"""A word and how often it must be there: the operator's name is documented, this shape is its."""


def parse(expression: str) -> Query:
    """Read a query of Meltwater."""
    return read(expression, Dialect(NAME, reader, _arranged, lacks=(Cased, Fuzzy)))


def reader(expression: str, place: int, warnings: list[Warned]) -> tuple[list[Lexeme], int]:
    """Read the piece that begins at a place (`reading.Reader`)."""
    if place and (priority := _PRIORITY.match(expression, place)) and not expression[place - 1].isspace():
        warnings.append(warned("query.weight", priority.span()))
        return [], priority.end()
    if expression[place] in QUOTES:
        return _phrase(expression, place, warnings)
    chunk = re.split(r"\^\d+$", chunk_at(expression, place))[0]
    at = (place, place + len(chunk))
    if chunk.upper() in ("AND", "OR", "NOT"):
        return [Lexeme(chunk.upper(), at)], at[1]
    if near := _NEAR.fullmatch(chunk):
        distance = distance_of(near.group(2) or str(NEAR_WORDS), at)
        return [Lexeme("NEAR", at, distance=distance, in_order=bool(near.group(1)))], at[1]
    refuse_like_near(chunk, at)
    if expression[place] in "{}" or "~" in chunk or chunk.startswith("<<<") or _OFTEN.fullmatch(chunk):
        raise unequal(NAME, chunk or expression[place], (place, max(at[1], place + 1)))
    if (field := FIELD.fullmatch(chunk)) and field.group(1).lower() != "title":
        raise unequal(NAME, f"{field.group(1)}:", (place, place + field.end(1)))
    if not chunk or field:
        return _refused_tilde(native(expression, place, warnings), expression)
    return [leaf(word_of(chunk, at, warnings), at)], at[1]


def _phrase(expression: str, place: int, warnings: list[Warned]) -> tuple[list[Lexeme], int]:
    found = quoted(expression, place, warnings)
    if found.distance is not None:
        raise unequal(NAME, "~", (found.at[0], found.at[1]))
    return [leaf(leaf_of(found.parts, found.at), found.at)], found.at[1]


def _refused_tilde(found: tuple[list[Lexeme], int], expression: str) -> tuple[list[Lexeme], int]:
    """Refuse ~n after brackets or a title, of which Meltwater's help says nothing."""
    lexeme = found[0][0]
    tilde = expression.find("~", *lexeme.at)
    if tilde >= 0:
        raise unequal(NAME, "~", (tilde, lexeme.at[1]))
    return found


def _arranged(found: list[Lexeme], warnings: list[Warned]) -> Iterable[Lexeme]:
    for before, after in pairwise(found):
        if ends(before) and begins(after):
            raise QueryError("query.side_by_side", (before.at[0], after.at[1]), dialect=NAME)
    return bracketed(found, NAME, warnings)
