"""Cut an expression into operators, brackets and leaves."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from vigie.match import fields
from vigie.match.faults import QueryError, Span, Warned, warned
from vigie.match.fields import FIELDS, Rule
from vigie.match.pieces import WILD_ANY, WILD_ONE, leaf_of, pieces
from vigie.match.tree import Field, In, Leaf, Near, Phrase, Positional, Range, Word
from vigie.text import words

MAX_CHARACTERS = 32_000
"""Length of an expression. Brandwatch, whose queries are the longest known, stops near 22,000 (peers' documentation);
beyond, a watch can't be read by people either."""

MAX_DISTANCE = 100
"""Words between two sides of NEAR: Lexalytics takes 99, Meltwater calls 100 slow (peers' documentation)."""

MAX_SIDES = 8
"""Words near one another in one test: the search keeps a number per set of them."""

QUOTES = '"“”„«»＂'
"""Marks that open and close a phrase, whichever is typed where; texts are pasted from word processors."""

LATER = re.compile(r"[\[\]^|]|&&|>>>")
"""Signs that other query languages give a meaning: refused outside of phrases, so that nobody gets another meaning in
silence. Within a phrase they are punctuation, and those that are none are warned about (`pieces`)."""

NEAR = re.compile(r"NEAR/(\d{1,9})(f?)")
LIKE_NEAR = re.compile(r"O?NEAR(?:[^\w:]*\d.*)?|(?i:o?near)/.*")
"""What is meant as NEAR and is not written as it is here: without a number, or with another than a whole one."""

OPERATOR_WORDS = frozenset(
    {"and", "or", "not", "And", "Or", "Not", "ET", "OU", "SAUF", "NON", "near", "Near", "onear", "Onear", "ANDNOT"}
)
"""Words that are often meant as operators and are none; found by reading the queries of French and English analysts."""

_ADDRESS_SIGNS = re.compile(r"[?=+]|#(?!\w)")

SIMPLE = re.compile("[A-Za-z0-9\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u00ff]+")
"""A word of French or English without any sign: nine pieces of ten, read without looking for what they may else be."""

NOT_SIMPLE = OPERATOR_WORDS
"""Words that are warned about; those that look like NEAR may be refused."""

CHUNK = re.compile(rf"[^\s(){{}}{QUOTES}]+")
FIELD = re.compile(r"([^\W\d_]\w*):(.*)", re.DOTALL)
DISTANCE = re.compile(r"~(\d{0,9})")


@dataclass(frozen=True, slots=True)
class Lexeme:
    """A piece of an expression."""

    kind: str
    """`(`, `)`, `AND`, `OR`, `NOT`, `NEAR` or `leaf`."""
    at: Span
    leaf: Leaf | None = None
    zone: str = ""
    """Of a bracket that opens a zone: its name."""
    distance: int | None = None
    """Of NEAR, and of a closing bracket with `~n`."""
    in_order: bool = False


def lexemes(expression: str, warnings: list[Warned]) -> Iterator[Lexeme]:
    """Give the pieces of an expression from left to right, adding to the warnings.

    Raises:
        QueryError: a piece can't be read.
    """
    refuse_unreadable(expression)
    place = 0
    while place < len(expression):
        if expression[place].isspace():
            place += 1
        elif expression.startswith("<<<", place):
            place = after_comment(expression, place)
        else:
            lexeme = lexeme_at(expression, place, warnings)
            yield lexeme
            place = lexeme.at[1]


def refuse_unreadable(expression: str) -> None:
    """Refuse an expression that is too long, or holds a letter that stands for a wildcard while words are cut."""
    if len(expression) > MAX_CHARACTERS:
        at = (MAX_CHARACTERS, len(expression))
        raise QueryError("query.too_long", at, characters=len(expression), limit=MAX_CHARACTERS)
    for wild in (WILD_ANY, WILD_ONE):
        if wild in expression:
            place = expression.index(wild)
            raise QueryError("query.not_yet", (place, place + 1), found=wild)


def after_comment(expression: str, start: int) -> int:
    """Return the place after a comment."""
    end = expression.find(">>>", start + 3)
    if end < 0:
        raise QueryError("query.comment", (start, start + 3))
    return end + 3


def lexeme_at(expression: str, place: int, warnings: list[Warned]) -> Lexeme:
    """Read the piece that begins at a place, where neither a space nor a comment stands."""
    if expression[place] == "(":
        return Lexeme("(", (place, place + 1))
    if expression[place] == ")":
        return _closing(expression, place)
    if expression[place] in QUOTES:
        leaf, end = phrase_at(expression, place, warnings)
        return Lexeme("leaf", (place, end), leaf)
    if expression[place] in "{}":
        return _cased(expression, place, warnings)
    found = CHUNK.match(expression, place)
    assert found is not None
    chunk, at = found.group(), found.span()
    comment = chunk.find("<<<")
    if comment > 0:
        chunk, at = chunk[:comment], (at[0], at[0] + comment)
    return _chunk(chunk, at, expression, warnings)


def _chunk(chunk: str, at: Span, expression: str, warnings: list[Warned]) -> Lexeme:
    if chunk in ("AND", "OR", "NOT"):
        return Lexeme(chunk, at)
    if SIMPLE.fullmatch(chunk) and chunk not in NOT_SIMPLE and "NEAR" not in chunk:
        return Lexeme("leaf", at, Word(words.fold(chunk).exact, at))
    if near := NEAR.fullmatch(chunk):
        return Lexeme("NEAR", at, distance=distance_of(near.group(1), at), in_order=bool(near.group(2)))
    refuse_like_near(chunk, at)
    if chunk.startswith("~"):
        raise QueryError("query.tilde", (at[0], at[0] + 1))
    if chunk.startswith(":") and len(chunk) > 1:
        raise QueryError("query.colon", (at[0], at[0] + 1))
    if field := FIELD.fullmatch(chunk):
        return field_of(field, at, expression, warnings)
    return Lexeme("leaf", at, word_of(chunk, at, warnings))


def refuse_like_near(chunk: str, at: Span) -> None:
    """Refuse what is meant as NEAR and is not: as a word it would find something else."""
    if LIKE_NEAR.fullmatch(chunk) and not NEAR.fullmatch(chunk):
        raise QueryError("query.near_number", at, found=chunk)


def word_of(chunk: str, at: Span, warnings: list[Warned]) -> Positional:
    """Return what a chunk that stands alone asks for; one that may be meant as an operator is warned about."""
    what = term_of(chunk, at, warnings)
    if chunk in OPERATOR_WORDS:
        warnings.append(warned("query.operator_word", at, found=chunk))
    return what


def _closing(expression: str, place: int) -> Lexeme:
    found = DISTANCE.match(expression, place + 1)
    if not found:
        return Lexeme(")", (place, place + 1))
    return Lexeme(")", (place, found.end()), distance=distance_of(found.group(1), (place + 1, found.end())))


def distance_of(digits: str, at: Span) -> int:
    """Return the number of words that `/n` or `~n` allows between."""
    if not digits:
        raise QueryError("query.near_number", at, found="~")
    if int(digits) > MAX_DISTANCE:
        raise QueryError("query.near_far", at, limit=MAX_DISTANCE)
    return int(digits)


def phrase_at(expression: str, start: int, warnings: list[Warned]) -> tuple[Positional, int]:
    """Read a phrase, and the ~n after it; return it and where it ends."""
    end = partner_of(expression, start)
    at = (start, end + 1)
    inner = expression[start + 1 : end]
    parts = pieces(inner, start + 1, warnings)
    if not parts:
        raise QueryError("query.phrase_empty", at)
    near = DISTANCE.match(expression, end + 1)
    if not near:
        return leaf_of(parts, at), at[1]
    at = (start, near.end())
    distance = distance_of(near.group(1), (end + 1, near.end()))
    if len(parts) == 1:
        warnings.append(warned("query.near_single", at))
        return leaf_of(parts, at), at[1]
    if len(parts) > MAX_SIDES:
        raise QueryError("query.near_many", at, limit=MAX_SIDES)
    return Near(tuple((part,) for part in parts), distance, at=at), at[1]


def partner_of(expression: str, start: int) -> int:
    """Return the place of the quotation mark that closes the one at a place."""
    end = next((i for i in range(start + 1, len(expression)) if expression[i] in QUOTES), None)
    if end is None:
        raise QueryError("query.quote", (start, start + 1))
    return end


def _cased(expression: str, start: int, warnings: list[Warned]) -> Lexeme:
    end = expression.find("}", start)
    if expression[start] == "}" or end < 0:
        raise QueryError("query.cased", (start, start + 1))
    at = (start, end + 1)
    return Lexeme("leaf", at, leaf_of(pieces(expression[start : end + 1], start, warnings), at))


def term_of(chunk: str, at: Span, warnings: list[Warned]) -> Positional:
    """Return what a chunk without spaces, marks and fields asks for."""
    if chunk[0] in "-+−–!" and len(chunk) > 1:
        raise QueryError("query.sign", (at[0], at[0] + 1), sign=chunk[0])
    _refuse_later(chunk, at[0])
    parts = pieces(chunk, at[0], warnings)
    if not parts:
        raise QueryError("query.no_word", at, found=chunk)
    return leaf_of(parts, at)


def _refuse_later(text: str, offset: int) -> None:
    if sign := LATER.search(text):
        raise QueryError("query.not_yet", (offset + sign.start(), offset + sign.end()), found=sign.group())


def address_words(text: str) -> str:
    """Return a text of the same length with a space for the signs that part the words of every address."""
    return _ADDRESS_SIGNS.sub(" ", text)


def field_of(found: re.Match[str], at: Span, expression: str, warnings: list[Warned]) -> Lexeme:
    """Return the test that a name with its value (`FIELD`) asks for; the value may go on after the chunk."""
    name, value = found.group(1), found.group(2)
    rule = FIELDS.get(name.lower())
    if rule is None:
        raise QueryError("query.field", (at[0], at[0] + len(name)), field=name, fields=fields.nearest_to(name))
    if rule.kind == "later":
        raise QueryError("query.label_later", (at[0], at[0] + len(name)), field=rule.name)
    if rule.kind == "zone":
        return _zone(rule, value, at, expression, warnings)
    value, at = whole_value(value, at, expression)
    if rule.kind.startswith("nothing"):
        warnings.append(warned("query.no_data", at, field=rule.name))
    if rule.kind == "word" and value.strip():
        place = expression.rindex(value.strip(), at[0], at[1])
        return Lexeme("leaf", at, _signed(rule, value.strip(), place, at, warnings))
    return Lexeme("leaf", at, _tested(rule, value, at))


def whole_value(value: str, at: Span, expression: str) -> tuple[str, Span]:
    """Return a value that may be in quotation marks, or a range with spaces in it."""
    if not value and at[1] < len(expression) and expression[at[1]] in QUOTES:
        end = partner_of(expression, at[1])
        return expression[at[1] + 1 : end], (at[0], end + 1)
    if value.startswith("[") and "]" not in value:
        end = expression.find("]", at[1])
        begin = at[1] - len(value)
        return (expression[begin : end + 1], (at[0], end + 1)) if end >= 0 else (value, at)
    return value, at


def _tested(rule: Rule, value: str, at: Span) -> Leaf:
    if not value.strip():
        raise QueryError("query.field_value", at, field=rule.name, example=rule.example)
    if rule.kind.endswith("range"):
        return Range(rule.name, *fields.bounds_of(rule, value, at), at)
    settled = fields.value_of(rule, value, at)
    return Field("site" if rule.name == "topLevelDomain" else rule.name, settled, at)


def _signed(rule: Rule, value: str, place: int, at: Span, warnings: list[Warned]) -> Positional:
    """Return the tag or name that a field asks for; what is wrong with its value is marked at the value's place."""
    sign, bare = "#" if rule.name == "hashtags" else "@", value.lstrip("#@")
    found: list[Warned] = []
    try:
        # The sign stands before its word, whether it was typed or not.
        parts = pieces(sign + bare, place + len(value) - len(bare) - 1, found)
    except QueryError as error:
        raise error.marked_from(place) from None
    warnings += [replace(one, start=max(one.start, place)) for one in found]
    if not parts or (isinstance(leaf := leaf_of(parts, at), Phrase) and rule.name == "hashtags" and " " in value):
        raise QueryError("query.field_form", at, field=rule.name, value=value, example=rule.example)
    return leaf


def _zone(rule: Rule, value: str, at: Span, expression: str, warnings: list[Warned]) -> Lexeme:
    following = expression[at[1] : at[1] + 1]
    if rule.name != "title":
        # In an address a question mark is no wildcard, and no sign is missed.
        value, expression = address_words(value), address_words(expression)
    if not value and following == "(":
        return Lexeme("(", (at[0], at[1] + 1), zone=rule.name)
    if not value and following and following in QUOTES:
        what, end = phrase_at(expression, at[1], warnings)
        at = (at[0], end)
    elif not value and following == "{":
        cased = _cased(expression, at[1], warnings)
        assert cased.leaf is not None
        what, at = _positional(cased.leaf), (at[0], cased.at[1])
    elif not value:
        raise QueryError("query.field_value", at, field=rule.name, example=rule.example)
    else:
        what = term_of(value, (at[1] - len(value), at[1]), warnings)
    return Lexeme("leaf", at, In(rule.name, what, at))


def _positional(leaf: Leaf) -> Positional:
    assert not isinstance(leaf, In | Field | Range)
    return leaf
