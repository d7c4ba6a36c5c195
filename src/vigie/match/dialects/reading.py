"""What the dialects share: each reads pieces of its own, and gives those of our language at the same places.

their text ──reader──► our lexemes, with places of their text ──► vigie.match.parser ──► Query
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from vigie.match.faults import QueryError, Span, Warned, warned
from vigie.match.lexer import CHUNK, DISTANCE, Lexeme, distance_of, lexeme_at, partner_of, refuse_unreadable
from vigie.match.parser import Query, understood
from vigie.match.pieces import leaf_of, pieces
from vigie.match.tree import Field, In, Leaf, Near, Phrase, Range, Term

Reader = Callable[[str, int, list[Warned]], tuple[list[Lexeme], int]]
"""Reads the piece that begins at a place; gives what it is in our language, and the place after it."""

Arranger = Callable[[list[Lexeme], list[Warned]], Iterable[Lexeme]]
"""Puts in what a dialect leaves unsaid: brackets, AND."""


@dataclass(frozen=True, slots=True)
class Quoted:
    """A phrase as another product writes it."""

    parts: list[Term]
    distance: int | None
    """Of `~n` after it."""
    at: Span
    """With its marks, and `~n`."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """How the queries of a product are read."""

    name: str
    reader: Reader
    arrange: Arranger = lambda found, _: found
    lacks: tuple[type, ...] = ()
    """Kinds of terms that it does not know; it would drop their signs and find something else."""


def read(expression: str, dialect: Dialect) -> Query:
    """Read an expression of a dialect.

    Raises:
        QueryError: it can't be read in exactly one way, or has no equal here; the place is in their text.
    """
    refuse_unreadable(expression)
    warnings: list[Warned] = []
    found: list[Lexeme] = []
    place = 0
    while place < len(expression):
        if expression[place].isspace():
            place += 1
        else:
            lexemes, place = dialect.reader(expression, place, warnings)
            _refuse_lacking(lexemes, dialect)
            found += lexemes
    return understood(dialect.arrange(found, warnings), expression, warnings)


def _refuse_lacking(found: list[Lexeme], dialect: Dialect) -> None:
    for term in (term for one in found if one.leaf is not None for term in terms_of(one.leaf)):
        if isinstance(term, dialect.lacks):
            raise unequal(dialect.name, str(term), term.at)


def terms_of(what: Leaf) -> Iterator[Term]:
    """Give the terms of a leaf, wherever they stand in it."""
    match what:
        case Phrase(parts):
            yield from parts
        case Near(sides):
            for side in sides:
                for one in side:
                    yield from terms_of(one)
        case In(_, inner):
            yield from terms_of(inner)
        case Field() | Range():
            return
        case _:
            yield what


def native(expression: str, place: int, warnings: list[Warned]) -> tuple[list[Lexeme], int]:
    """Read a piece that is written as ours."""
    lexeme = lexeme_at(expression, place, warnings)
    return [lexeme], lexeme.at[1]


def chunk_at(expression: str, place: int) -> str:
    """Return what stands at a place up to a space, bracket or quotation mark."""
    found = CHUNK.match(expression, place)
    return found.group() if found else ""


def unequal(dialect: str, found: str, at: Span) -> QueryError:
    """Return the refusal of what has no equal here."""
    return QueryError("query.dialect", at, found=found, dialect=dialect)


def quoted(expression: str, start: int, warnings: list[Warned], *, unsigned: bool = False) -> Quoted:
    """Read a phrase; `unsigned`: `#`, `@` and `?` within are punctuation."""
    end = partner_of(expression, start)
    inner = expression[start + 1 : end]
    if unsigned:
        inner = re.sub("[#@?]", " ", inner)
    parts = pieces(inner, start + 1, warnings)
    if not parts:
        raise QueryError("query.phrase_empty", (start, end + 1))
    near = DISTANCE.match(expression, end + 1)
    if not near:
        return Quoted(parts, None, (start, end + 1))
    return Quoted(parts, distance_of(near.group(1), (end + 1, near.end())), (start, near.end()))


def counted_in_moves(found: Quoted, dialect: str, warnings: list[Warned]) -> list[Lexeme]:
    """Return a phrase or a `"a b"~n` whose n is a number of moves, as Lucene counts them.

    Each word between is a move, and two words the other way round are two more: so `"a b"~n` is a before b with n words
    between at most, or b before a with n - 2. Of three words there is no such sum.
    """
    if found.distance is None or len(found.parts) == 1:
        if found.distance is not None:
            warnings.append(warned("query.near_single", found.at))
        return [leaf(leaf_of(found.parts, found.at), found.at)]
    if len(found.parts) > 2:  # noqa: PLR2004 -- a pair
        raise QueryError("query.dialect_moves", found.at, dialect=dialect)
    first, second = ((part,) for part in found.parts)
    pairs = [leaf(Near((first, second), found.distance, in_order=True, at=found.at), found.at)]
    if found.distance >= 2:  # noqa: PLR2004 -- moves of an exchange
        pairs.append(leaf(Near((second, first), found.distance - 2, in_order=True, at=found.at), found.at))
    return joined(pairs, "OR", found.at)


def leaf(what: Leaf, at: Span) -> Lexeme:
    """Return the lexeme of a leaf."""
    return Lexeme("leaf", at, what)


def joined(found: list[Lexeme], kind: str, at: Span) -> list[Lexeme]:
    """Return lexemes joined by AND or OR, in brackets when there are several."""
    if len(found) == 1:
        return found
    between = [piece for one in found for piece in (Lexeme(kind, at), one)][1:]
    return [Lexeme("(", at), *between, Lexeme(")", at)]


def begins(lexeme: Lexeme) -> bool:
    """Say whether an operand begins here."""
    return lexeme.kind in ("leaf", "(")


def ends(lexeme: Lexeme) -> bool:
    """Say whether an operand ends here."""
    return lexeme.kind in ("leaf", ")")


@dataclass(slots=True)
class _Run:
    """What stands between two ORs of one group."""

    first: int = -1
    last: int = -1
    joins: bool = False
    """It holds AND or NOT."""
    is_near: bool = False
    """It holds NEAR, of which no product says whether it binds before AND."""

    def take(self, place: int, kind: str) -> None:
        self.first = place if self.first < 0 else self.first
        self.last = place
        self.joins |= kind in ("AND", "NOT")
        self.is_near |= kind == "NEAR"


def bracketed(found: list[Lexeme], dialect: str, warnings: list[Warned]) -> Iterator[Lexeme]:
    """Put brackets around what AND and NOT join where OR stands beside it: for products that document this order."""
    runs = _runs(found)
    for run in runs:
        at = (found[run.first].at[0], found[run.last].at[1])
        warnings.append(warned("query.precedence", at, dialect=dialect))
    openings, closings = {run.first for run in runs}, {run.last for run in runs}
    for place, lexeme in enumerate(found):
        if place in openings:
            yield Lexeme("(", (lexeme.at[0], lexeme.at[0]))
        yield lexeme
        if place in closings:
            yield Lexeme(")", (lexeme.at[1], lexeme.at[1]))


def _runs(found: list[Lexeme]) -> list[_Run]:
    """Return the runs that need brackets; brackets without a partner are left to the parser."""
    groups, needed = [[_Run()]], []
    for place, lexeme in enumerate(found):
        if lexeme.kind == "OR":
            groups[-1].append(_Run())
            continue
        if lexeme.kind == ")" and len(groups) > 1:
            needed += _mixed(groups.pop())
        groups[-1][-1].take(place, lexeme.kind)
        if lexeme.kind == "(":
            groups.append([_Run()])
    return needed + [run for group in groups for run in _mixed(group)]


def _mixed(group: list[_Run]) -> list[_Run]:
    return [run for run in group if run.joins and not run.is_near] if len(group) > 1 else []
