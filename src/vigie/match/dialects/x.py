"""X (Twitter), its API's search and filtered stream.

Sources: the pages “Build a query”, “Build a rule” and “List of operators” of its documentation. A space is AND and binds
before OR; `-` excludes; accents count for nothing; within quotation marks `#`, `@` and `?` do not count either; `"a b"~n` is a
before b with n words between at most, or b before a with n - 2.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from vigie.match import fields
from vigie.match.dialects.reading import (
    Dialect,
    begins,
    bracketed,
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
from vigie.match.faults import QueryError, Span, Warned, warned
from vigie.match.fields import FIELDS
from vigie.match.lexer import FIELD, LIKE_NEAR, NEAR, QUOTES, Lexeme, partner_of, term_of, whole_value
from vigie.match.parser import Query
from vigie.match.pieces import leaf_of, pieces
from vigie.match.tree import Cased, Field, Fuzzy, In, Leaf, Near, Pattern, Phrase, Prefix, Range, Term, Word
from vigie.text import words

NAME = "X"

MOST_WORDS_BETWEEN = 6
"""Greatest n of "a b"~n (“Build a rule”)."""

SAME = {"from": "author", "lang": "language"}
"""Its fields that are ours, by our names."""

KINDS = {"retweet": "repost", "reply": "reply", "quote": "quote"}
"""`is:` of a post, and our `engagementType:`."""

ANSWERS = {"to": "reply", "retweets_of": "repost"}
"""Tests of whom a post answers or repeats, and the kind of post."""

NAME_OF_ACCOUNT = re.compile(r"@?\w{1,15}", re.ASCII)
"""Names on X: letters without accents, digits and underscores, fifteen at most."""

_WORD_NO_OPERATOR = re.compile(rf"(?i:and|or|not)|{NEAR.pattern}|{LIKE_NEAR.pattern}")
_COUNT = re.compile(r"(\d{1,12})(?:\.\.(\d{1,12}))?")


def parse(expression: str) -> Query:
    """Read a query of X."""
    return read(expression, Dialect(NAME, reader, _arranged, lacks=(Cased, Fuzzy, Pattern, Prefix)))


def reader(expression: str, place: int, warnings: list[Warned]) -> tuple[list[Lexeme], int]:
    """Read the piece that begins at a place (`reading.Reader`)."""
    following = expression[place + 1 : place + 2]
    if expression[place] == "-" and following and not following.isspace():
        return [Lexeme("NOT", (place, place + 1))], place + 1
    if expression[place] in QUOTES:
        _refuse_wild(expression[place + 1 : partner_of(expression, place)].replace("?", " "), place + 1)
        found = quoted(expression, place, warnings, unsigned=True)
        if found.distance is not None and found.distance > MOST_WORDS_BETWEEN:
            raise QueryError("query.near_far", found.at, limit=MOST_WORDS_BETWEEN)
        return [_plain(one, warnings) for one in counted_in_moves(found, NAME, warnings)], found.at[1]
    chunk = chunk_at(expression, place)
    at = (place, place + len(chunk))
    if field := FIELD.fullmatch(chunk):
        return _field(field, at, expression, warnings)
    if chunk != "OR" and _WORD_NO_OPERATOR.fullmatch(chunk):
        raise QueryError("query.dialect_word", at, found=chunk, dialect=NAME)
    if expression[place] in "{}":
        raise unequal(NAME, expression[place], (place, place + 1))
    if not chunk or chunk == "OR":
        lexeme = native(expression, place, warnings)[0][0]
        if lexeme.distance is not None:
            raise unequal(NAME, "~", (place + 1, lexeme.at[1]))
        return [lexeme], lexeme.at[1]
    _refuse_wild(chunk, place)
    return [_plain(leaf(term_of(chunk, at, warnings), at), warnings)], at[1]


def _refuse_wild(text: str, place: int) -> None:
    """Refuse wildcards and misspellings, which X has not: it would drop the sign and find the bare word."""
    if sign := re.search(r"(?<=\w)[*?~]\d*|[*{}]", text):
        raise unequal(NAME, sign.group(), (place + sign.start(), place + sign.end()))


def _plain(lexeme: Lexeme, warnings: list[Warned]) -> Lexeme:
    """Return a leaf without accents, with a warning when it had some."""
    if lexeme.leaf is None:
        return lexeme
    without = _unaccented(lexeme.leaf)
    if without == lexeme.leaf:
        return lexeme
    warning = warned("query.accents_off", lexeme.at, dialect=NAME)
    warnings += [] if warnings[-1:] == [warning] else [warning]
    return replace(lexeme, leaf=without)


def _unaccented(what: Leaf) -> Leaf:
    match what:
        case Phrase(parts):
            return replace(what, parts=tuple(_bare(part) for part in parts))
        case Near(sides):
            return replace(
                what, sides=tuple(tuple(_bare(one) for one in side if isinstance(one, Word)) for side in sides)
            )
        case Word():
            return _bare(what)
        case _:
            return what


def _bare(term: Term) -> Term:
    """Return a word without accents; a picture keeps the tone of its skin."""
    if not isinstance(term, Word) or not any(c.isalpha() for c in term.form):
        return term
    folded = words.fold(term.form)
    return replace(term, form=folded.sign + folded.plain)


def _field(found: re.Match[str], at: Span, expression: str, warnings: list[Warned]) -> tuple[list[Lexeme], int]:
    name, named = found.group(1).lower(), (at[0], at[0] + len(found.group(1)))
    value, at = whole_value(found.group(2), at, expression)
    if not value:
        raise QueryError("query.field_value", at, field=name, example=f"{name}:nasa")
    return _test(name, value, named, at, warnings), at[1]


def _test(name: str, value: str, named: Span, at: Span, warnings: list[Warned]) -> list[Lexeme]:
    """Return what a test of X is here."""
    match name, value.lower():
        case "from" | "lang", _:
            return [_said(SAME[name], value, at)]
        case "to" | "retweets_of", _:
            kind = Lexeme("leaf", at, Field("engagementType", ANSWERS[name], at))
            return joined([kind, _said("engagingWith", value, at)], "AND", at)
        case "is", "retweet" | "reply" | "quote":
            return [leaf(Field("engagementType", KINDS[value.lower()], at), at)]
        case "is", "verified":
            return [leaf(Field("authorVerified", "true", at), at)]
        case "has", "links":
            schemes = [leaf(In("links", Word(scheme, at), at), at) for scheme in ("http", "https")]
            return joined(schemes, "OR", at)
        case "url", _:
            return [_link(value, at)]
        case "followers_count", _:
            return [_followers(value, at)]
        case "bounding_box", _:
            return _box(value, at, warnings)
        case (("is" | "has"), _):
            raise unequal(NAME, f"{name}:{value}", at)
        case _:
            raise unequal(NAME, f"{name}:", named)


def _said(name: str, value: str, at: Span) -> Lexeme:
    if FIELDS[name.lower()].form is fields.HANDLE and value.isdecimal():
        # A number is the account's, not its name, and posts keep names.
        raise unequal(NAME, value, at)
    if FIELDS[name.lower()].form is fields.HANDLE and not NAME_OF_ACCOUNT.fullmatch(value):
        raise QueryError("query.field_form", at, field="from", value=value, example="from:nasa")
    return leaf(Field(name, fields.value_of(FIELDS[name.lower()], value, at), at), at)


def _link(value: str, at: Span) -> Lexeme:
    parts = pieces(re.sub(r"[*?~{}]", " ", value), at[1] - len(value), [])
    if not parts:
        raise QueryError("query.no_word", at, found=value)
    return leaf(In("links", leaf_of(parts, at), at), at)


def _followers(value: str, at: Span) -> Lexeme:
    """Read followers_count:500, at least so many, and 500..1000."""
    count = _COUNT.fullmatch(value)
    if not count:
        raise QueryError("query.range", at, field="followers_count", example="followers_count:500..1000")
    high = count.group(2) or "*"
    return leaf(
        Range("authorFollowers", *fields.bounds_of(FIELDS["authorfollowers"], f"[{count.group(1)} TO {high}]", at), at),
        at,
    )


def _box(value: str, at: Span, warnings: list[Warned]) -> list[Lexeme]:
    """Read bounding_box:[west south east north]: degrees, of which no source of ours says anything."""
    corners = value.strip("[] ").split()
    if len(corners) != 4:  # noqa: PLR2004 -- corners of a box
        raise QueryError("query.range", at, field="bounding_box", example="bounding_box:[2.2 48.8 2.5 48.9]")
    west, south, east, north = corners
    found = []
    for name, low, high in (("longitude", west, east), ("latitude", south, north)):
        bounds = fields.bounds_of(FIELDS[name], f"[{low} TO {high}]", at)
        found.append(leaf(Range(name, *bounds, at), at))
        warnings.append(warned("query.no_data", at, field=name))
    return joined(found, "AND", at)


def _arranged(found: list[Lexeme], warnings: list[Warned]) -> Iterable[Lexeme]:
    return bracketed(list(_with_and(found)), NAME, warnings)


def _with_and(found: list[Lexeme]) -> Iterator[Lexeme]:
    """Write out the ANDs that spaces say, and those before an exclusion."""
    for place, lexeme in enumerate(found):
        if place and ends(found[place - 1]) and begins(lexeme):
            yield Lexeme("AND", (found[place - 1].at[1], lexeme.at[0]))
        yield lexeme
