"""What each piece of an expression is, for colours; whatever is typed, nothing is refused here."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from vigie.match.fields import FIELDS
from vigie.match.lexer import QUOTES

_PIECES = re.compile(
    rf"""(?P<comment><<<.*?(?:>>>|$))
    |(?P<phrase>[{QUOTES}][^{QUOTES}]*(?:[{QUOTES}]|$)(?:~\d*)?)
    |(?P<cased>\{{[^}}]*\}}?)
    |(?P<operator>(?<![^\s()])(?:AND|OR|NOT|NEAR/\d+f?)(?![^\s()]))
    |(?P<bracket>\(|\)(?:~\d*)?)
    |(?P<field>[^\W\d_]\w*:)(?=\S|$)
    |(?P<range>\[[^\]]*\]?)
    |(?P<wild>[*?]|~\d*)
    |(?P<sign>[#@]\w+)""",
    re.DOTALL | re.VERBOSE,
)

LONGEST = 32_000
"""Characters that are coloured: no query is longer."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of an expression."""

    text: str
    kind: str
    """`comment`, `phrase`, `cased`, `operator`, `bracket`, `field`, `unknown` (no field of that name), `range`, `wild`,
    `sign`, or `word`."""
    is_fault: bool = False
    """Whether it is what can't be read."""


def highlighted(expression: str) -> list[Piece]:
    """Return an expression cut into pieces; together they are the expression."""
    expression = expression[:LONGEST]
    found, place = [], 0
    for piece in _PIECES.finditer(expression):
        if piece.start() > place:
            found.append(Piece(expression[place : piece.start()], "word"))
        kind = piece.lastgroup or "word"
        if kind == "field" and piece.group()[:-1].lower() not in FIELDS:
            kind = "unknown"
        found.append(Piece(piece.group(), kind))
        place = piece.end()
    return [*found, Piece(expression[place:], "word")] if place < len(expression) else found


def with_fault(pieces: Sequence[Piece], start: int, end: int) -> list[Piece]:
    """Return the pieces cut where a fault begins and ends, and those within marked; nothing is lost.

    A fault that stands at the end, where something is missing, marks the last character.
    """
    length = sum(len(piece.text) for piece in pieces)
    start = min(max(start, 0), max(length - 1, 0))
    end = max(end, start + 1)
    found, place = [], 0
    for piece in pieces:
        cuts = [min(max(cut - place, 0), len(piece.text)) for cut in (0, start, end, length)]
        place += len(piece.text)
        for n, (a, b) in enumerate(pairwise(cuts)):
            if a < b:
                found.append(Piece(piece.text[a:b], piece.kind, is_fault=n == 1))
    return found
