"""Talkwalker, and Hootsuite Listening, which is built on it.

Sources: the pages “Search Syntax” of its alerts and “Special Transformations” of its documentation for developers, its
manual. Which of AND and OR binds first is not said there: a mixture is refused, as in our language. `"a b"~n` counts
moves.
"""

import re
from collections.abc import Iterator

from vigie.match.dialects.brandwatch import refuse_signs
from vigie.match.dialects.reading import (
    Dialect,
    Quoted,
    begins,
    chunk_at,
    counted_in_moves,
    ends,
    joined,
    leaf,
    native,
    quoted,
    read,
    unequal,
)
from vigie.match.faults import QueryError, Warned, warned
from vigie.match.fields import FIELDS, value_of
from vigie.match.lexer import FIELD, QUOTES, Lexeme, distance_of, field_of, partner_of, term_of
from vigie.match.parser import Query, understood
from vigie.match.pieces import leaf_of, pieces
from vigie.match.tree import Field, In, Near, Phrase, Word

NAME = "Talkwalker"

JUMPS_PER_WORD = 10
"""Moves that a query of words alone allows for each word but one (its page “Special Transformations”)."""

SAME = {"title": "title", "site": "site", "author": "author", "lang": "language", "domain_url": "site"}
"""Its fields that are ours, by our names."""

_NEAR = re.compile(r"(O?)NEAR/(\d{1,9})")
_STAR_WITHIN = re.compile(r"\*\w")
"""A star ends a word there; within, it is none of theirs."""

_SENTENCE = re.compile(r"O?SENTENCE(/\d*)?")
_SPELLING = re.compile(r"([^~:]+)~(\d*)")
_ADDRESS = re.compile(r"(?:https?://)?([^/]+)/?")
_SIMPLE = re.compile(r"\s*[#@]?\w[\w&+-]*(?:\s+[#@]?\w[\w&+-]*)*\s*")
_SIGN_WITHIN = re.compile("[^\\s&+-]*[&+-]\\S*")
_OPERATOR = re.compile(r"\b(AND|OR|NOT|O?NEAR|O?SENTENCE)\b")


def parse(expression: str) -> Query:
    """Read a query of Talkwalker."""
    if _SIMPLE.fullmatch(expression) and not _OPERATOR.search(expression):
        return _simple(expression)
    return read(expression, Dialect(NAME, reader, _beside))


def _simple(expression: str) -> Query:
    """Read words without any operator: one in capitals asks for these; several stand near one another."""
    warnings: list[Warned] = []
    at = (len(expression) - len(expression.lstrip()), len(expression.rstrip()))
    text = expression.strip()
    if sign := _SIGN_WITHIN.search(expression):
        raise QueryError("query.dialect_signs", sign.span(), found=sign.group())
    parts = pieces(text, at[0], warnings)
    if not parts:
        raise QueryError("query.no_word", at, found=text)
    if len(text.split()) == 1:
        if text.isalpha() and text.isupper():
            warnings.append(warned("query.simple_capitals", at, dialect=NAME))
            parts = pieces(f"{{{text}}}", at[0] - 1, warnings)
        return understood([leaf(leaf_of(parts, at), at)], expression, warnings)
    if len(parts) > 2:  # noqa: PLR2004 -- a pair
        raise QueryError("query.dialect_moves", at, dialect=NAME)
    warnings.append(warned("query.simple_near", at, dialect=NAME))
    found = counted_in_moves(Quoted(parts, JUMPS_PER_WORD, at), NAME, warnings)
    return understood(found, expression, warnings)


def reader(expression: str, place: int, warnings: list[Warned]) -> tuple[list[Lexeme], int]:
    """Read the piece that begins at a place (`reading.Reader`)."""
    following = expression[place + 1 : place + 2]
    if expression[place] == "-" and following and not following.isspace():
        return [Lexeme("NOT", (place, place + 1))], place + 1
    if raw := re.compile(rf"(\+\+?)[{QUOTES}]").match(expression, place):
        return _raw(expression, place, raw)
    if expression[place] in QUOTES:
        _refuse_braces(expression, place, partner_of(expression, place))
        found = quoted(expression, place, warnings)
        return counted_in_moves(found, NAME, warnings), found.at[1]
    chunk = chunk_at(expression, place)
    at = (place, place + len(chunk))
    if near := _NEAR.fullmatch(chunk):
        distance = distance_of(near.group(2), at)
        return [Lexeme("NEAR", at, distance=distance, in_order=bool(near.group(1)))], at[1]
    _refuse_braces(expression, place, place + 1)
    if _SENTENCE.fullmatch(chunk) or chunk.startswith("<<<"):
        raise unequal(NAME, chunk, at)
    if _STAR_WITHIN.search(chunk):
        raise unequal(NAME, chunk, at)
    if spelling := _SPELLING.fullmatch(chunk):
        return _spelling(spelling, at, warnings), at[1]
    if field := FIELD.fullmatch(chunk):
        return _field(field, at, expression, warnings)
    return _unjumped(*native(expression, place, warnings))


def _refuse_braces(expression: str, start: int, end: int) -> None:
    if brace := re.search("[{}]", expression[start:end]):
        raise unequal(NAME, brace.group(), (start + brace.start(), start + brace.end()))


def _unjumped(found: list[Lexeme], place: int) -> tuple[list[Lexeme], int]:
    """Refuse ~n after brackets or a title, where no page says what it counts."""
    for one in found:
        if one.distance is not None or (isinstance(one.leaf, In) and isinstance(one.leaf.what, Near)):
            raise unequal(NAME, "~", one.at)
    return found, place


def _raw(expression: str, place: int, raw: re.Match[str]) -> tuple[list[Lexeme], int]:
    """Read +"text", the raw text in any letters, and ++"Text", in these."""
    end = partner_of(expression, raw.end() - 1)
    at, value = (place, end + 1), expression[raw.end() : end]
    refuse_signs(value, at)
    exact = len(raw.group(1)) > 1
    parts = pieces(f"{{{value}}}", raw.end() - 1, []) if exact else pieces(value, raw.end(), [])
    return [leaf(leaf_of(list(parts), at), at)], at[1]


def _spelling(found: re.Match[str], at: tuple[int, int], warnings: list[Warned]) -> list[Lexeme]:
    """Read word~1, so many letters away, and car-sharing~, written together or apart."""
    word, distance = found.groups()
    if distance == "0":
        return [leaf(term_of(word, (at[0], at[0] + len(word)), warnings), at)]
    if distance:
        return [leaf(term_of(found.group(), at, warnings), at)]
    parts = pieces(word, at[0], warnings)
    if len(parts) < 2 or not all(isinstance(part, Word) for part in parts):  # noqa: PLR2004 -- written apart
        raise QueryError("query.dialect_parts", at, found=found.group())
    together = Word("".join(part.form for part in parts), at)
    return joined([leaf(Phrase(tuple(parts), at), at), leaf(together, at)], "OR", at)


def _field(
    found: re.Match[str], at: tuple[int, int], expression: str, warnings: list[Warned]
) -> tuple[list[Lexeme], int]:
    name = found.group(1)
    ours = SAME.get(name.lower())
    if ours is None:
        raise unequal(NAME, f"{name}:", (at[0], at[0] + len(name)))
    if ours == "site":
        return _site(found, at, expression)
    named = FIELD.fullmatch(f"{ours}:{found.group(2)}")
    assert named is not None
    lexeme = field_of(named, at, expression, warnings)
    return _unjumped([lexeme], lexeme.at[1])


def _site(found: re.Match[str], at: tuple[int, int], expression: str) -> tuple[list[Lexeme], int]:
    """Read site:"http://www.wort.lu": the host is asked for, whatever the protocol; a part of a site has no equal."""
    value = found.group(2)
    if not value and expression[at[1] : at[1] + 1] in tuple(QUOTES):
        end = partner_of(expression, at[1])
        value, at = expression[at[1] + 1 : end], (at[0], end + 1)
    address = _ADDRESS.fullmatch(value.strip().lower())
    if not address:
        raise unequal(NAME, f"{found.group(1)}:{value}", at)
    return [leaf(Field("site", value_of(FIELDS["site"], address.group(1), at), at), at)], at[1]


def _beside(found: list[Lexeme], warnings: list[Warned]) -> Iterator[Lexeme]:
    """Refuse two operands side by side, unless one of them is a test: its alerts page joins that by AND."""
    for before, after in zip([None, *found], found, strict=False):
        if before is not None and ends(before) and begins(after) and _is_test(before) == _is_test(after):
            raise QueryError("query.side_by_side", (before.at[0], after.at[1]), dialect=NAME)
        yield after


def _is_test(lexeme: Lexeme) -> bool:
    return isinstance(lexeme.leaf, Field)
