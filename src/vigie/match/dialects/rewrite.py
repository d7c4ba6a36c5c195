"""Say an expression of another product in our words, piece by piece, and remember where each piece stood.

their text ──pieces──► our pieces ──► our text ──► vigie.match.parse
                          └── places: an error in our text is marked in theirs
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from vigie.match.faults import QueryError, Span
from vigie.match.lexer import QUOTES

_PIECE = re.compile(
    rf"""<<<.*?>>>|\(|\)(?:~\d*)?|-(?=[({QUOTES}])|(?:[^\s(){QUOTES}]*:)?[{QUOTES}][^{QUOTES}]*[{QUOTES}][^\s()]*"""
    r"""|[^\s()]*:\[[^\]]*\]|[^\s()]+""",
    re.DOTALL,
)
"""A comment, a bracket, a minus before one, a phrase with what is written onto it, a range, or what has no space."""

OPERATORS = frozenset({"AND", "OR", "NOT"})


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of an expression, in our words, and where it stands in theirs."""

    text: str
    at: Span

    @property
    def is_operand(self) -> bool:
        """Say whether it is something to find, or the beginning of a group."""
        return self.text not in OPERATORS and not self.text.startswith(")") and not self.text.startswith("NEAR/")


Say = Callable[[Piece], list[Piece]]
"""What a dialect makes of one piece of its own: the same in our words.

Raises:
    QueryError: it has no exact meaning here.
"""


def pieces(expression: str) -> Iterator[Piece]:
    """Cut an expression; nothing of it is left out but spaces."""
    for found in _PIECE.finditer(expression):
        if not found.group().startswith("<<<"):
            yield Piece(found.group(), found.span())


def refused(piece: Piece, dialect: str, found: str | None = None) -> QueryError:
    """Return the refusal of a piece that has no exact meaning here."""
    return QueryError("query.dialect", piece.at, found=found or piece.text, dialect=dialect)


def said(piece: Piece, *texts: str) -> list[Piece]:
    """Return a piece as several of ours."""
    return [replace(piece, text=text) for text in texts]


def bracketed(found: list[Piece]) -> list[Piece]:
    """Put brackets around what AND joins among ORs: for dialects in which AND binds first.

    Groups are kept on a list, so that no depth of brackets exhausts the stack.
    """
    open_groups: list[list[Piece]] = [[]]
    for piece in found:
        if piece.text.endswith("("):
            open_groups.append([piece])
        elif piece.text.startswith(")") and len(open_groups) > 1:
            group = open_groups.pop()
            open_groups[-1] += [group[0], *_grouped(group[1:]), piece]
        else:
            open_groups[-1].append(piece)
    # Brackets that are never closed stay as they are: the parser says so.
    return _grouped([piece for group in open_groups for piece in group]) if len(open_groups) == 1 else found


def _grouped(inner: list[Piece]) -> list[Piece]:
    """Bracket the parts of one group that stand between ORs and are longer than one operand."""
    parts, depth = [[]], 0  # type: list[list[Piece]], int
    for piece in inner:
        depth += piece.text.endswith("(") - piece.text.startswith(")")
        if piece.text == "OR" and depth == 0:
            parts.append([])
        else:
            parts[-1].append(piece)
    if len(parts) == 1:
        return inner
    joints = [piece for piece in inner if piece.text == "OR"]
    result: list[Piece] = []
    for n, part in enumerate(parts):
        result += [joints[min(n, len(joints)) - 1]] if n else []
        result += _in_brackets(part)
    return result


def _in_brackets(part: list[Piece]) -> list[Piece]:
    depth, operands = 0, 0
    for piece in part:
        operands += depth == 0 and piece.is_operand
        depth += piece.text.endswith("(") - piece.text.startswith(")")
    negated = bool(part) and part[0].text == "NOT"
    if operands < 2 and not negated:  # noqa: PLR2004 -- one operand needs no brackets
        return part
    return [replace(part[0], text="("), *part, replace(part[-1], text=")")]


@dataclass(frozen=True, slots=True)
class Rewritten:
    """An expression in our words."""

    text: str
    places: tuple[tuple[int, int, Span], ...]
    """Where each piece stands in our text, and in theirs."""

    def theirs(self, at: Span) -> Span:
        """Return a place of our text in theirs: the pieces that it touches."""
        touched = [span for start, end, span in self.places if start < at[1] and end > at[0]]
        if not touched:
            return self.places[-1][2] if self.places else (0, 0)
        return min(span[0] for span in touched), max(span[1] for span in touched)


def rewritten(found: list[Piece]) -> Rewritten:
    """Put pieces together."""
    text, places = "", []
    for piece in found:
        glued = text.endswith("(") or piece.text.startswith(")") or not text
        text += "" if glued else " "
        places.append((len(text), len(text) + len(piece.text), piece.at))
        text += piece.text
    return Rewritten(text, tuple(places))
