"""Brandwatch Consumer Research. Our language is built as its is, so little differs.

Source: its help page “Query Operators”. `NEAR/n` there is n other words between at most: `a NEAR/0f b` is the phrase, and
`a NEAR/2f b` allows two. `"a b"~n` is read as `a NEAR/n b`; an older page (2016) tells of words exchanged, which would be
up to two words fewer when b comes first: ours finds these posts, and may find a few more.
"""

import re

from vigie.match.dialects.reading import Dialect, chunk_at, leaf, native, quoted, read, unequal
from vigie.match.faults import QueryError, Span, Warned, warned
from vigie.match.fields import FIELDS, value_of
from vigie.match.lexer import FIELD, QUOTES, Lexeme, after_comment, refuse_like_near, term_of
from vigie.match.parser import Query
from vigie.match.pieces import leaf_of, pieces
from vigie.match.tree import Field, Fuzzy
from vigie.text import words

NAME = "Brandwatch"

OURS = frozenset({"space", "spacekind", "list", "network"})
"""Fields that Brandwatch has not."""

SENTIMENT = "sentiment"
"""Their field for what we call the tone of a post, with the same three values."""

_TILDE = re.compile(r"([^~:]+)~(\d*)")


def parse(expression: str) -> Query:
    """Read a query of Brandwatch; a mixture of AND and OR is refused there too."""
    return read(expression, Dialect(NAME, reader, lacks=(Fuzzy,)))


def reader(expression: str, place: int, warnings: list[Warned]) -> tuple[list[Lexeme], int]:
    """Read the piece that begins at a place (`reading.Reader`)."""
    if expression.startswith("<<<", place):
        return [], after_comment(expression, place)
    chunk = chunk_at(expression, place)
    at = (place, place + len(chunk))
    if chunk.startswith("raw:"):
        return _raw(expression, place, chunk)
    if (field := FIELD.fullmatch(chunk)) and field.group(1).lower() == SENTIMENT:
        return _sentiment(field.group(2), at)
    if (field := FIELD.fullmatch(chunk)) and _is_ours(field.group(1)):
        raise unequal(NAME, f"{field.group(1)}:", (place, field.end(1) + place))
    refuse_like_near(chunk, at)
    if tilde := _TILDE.fullmatch(chunk):
        if not tilde.group(2):
            raise QueryError("query.tilde", (at[1] - 1, at[1]))
        warnings.append(warned("query.near_single", at))
        word = (place, place + tilde.end(1))
        return [leaf(term_of(tilde.group(1), word, warnings), at)], at[1]
    return native(expression, place, warnings)


def _sentiment(value: str, at: Span) -> tuple[list[Lexeme], int]:
    """Read sentiment:negative as a tone; each product reads tones in its own way."""
    rule = FIELDS["tone"]
    if not value:
        raise QueryError("query.field_value", at, field=SENTIMENT, example=f"{SENTIMENT}:negative")
    return [leaf(Field("tone", value_of(rule, value, at), at), at)], at[1]


def _is_ours(name: str) -> bool:
    rule = FIELDS.get(name.lower())
    return rule is not None and (rule.name in OURS or rule.kind in ("label", "later"))


def _raw(expression: str, place: int, chunk: str) -> tuple[list[Lexeme], int]:
    """Read raw:BT, the older way to ask for capitals."""
    value, begin, end = chunk[4:], place + 4, place + len(chunk)
    if not value and expression[end : end + 1] in tuple(QUOTES):
        found = quoted(expression, end, [])
        begin, end = found.at[0] + 1, found.at[1]
        value = expression[begin : end - 1]
    refuse_signs(value, (place, end))
    return [leaf(leaf_of(list(pieces(f"{{{value}}}", begin - 1, [])), (place, end)), (place, end))], end


def refuse_signs(value: str, at: tuple[int, int]) -> None:
    """Refuse raw text with signs that no word holds: without them other posts would be found."""
    rest, ends = value, 0
    for token in words.tokens(value):
        rest = rest[: token.start] + " " * (token.end - token.start) + rest[token.end :]
        ends = token.end
    if rest.strip() or not ends:
        raise QueryError("query.dialect_signs", at, found=value)
