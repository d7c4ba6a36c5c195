"""Cut an expression into operators, brackets and leaves; all that is said of single signs is said here."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from vigie.match.faults import QueryError, Span, Warned, warned
from vigie.match.tree import Language, Leaf, Phrase, Prefix, Space, Word
from vigie.text import words

MAX_CHARACTERS = 32_000
"""Length of an expression. Brandwatch, whose queries are the longest known, stops near 22,000 (peers' documentation);
beyond, a watch can't be read by people either."""

FEWEST_LETTERS = 2
"""Letters before `*`: one begins thousands of words; two, warned about, hundreds (Brandwatch has the same rule)."""

FIELDS = {"space": "space:forum-sante", "language": "language:fr"}
"""What a query can test besides words, with an example of each."""

QUOTES = '"“”„«»＂'
"""Marks that open and close a phrase, whichever is typed where; texts are pasted from word processors."""

LATER = re.compile(r"[?~{}\[\]^|]|&&|<<<|>>>")
"""Signs that other query languages give a meaning: refused, so that nobody gets another meaning in silence."""

NEAR = re.compile(r"O?NEAR(/\w*)?")
"""Nearness of other query languages, refused for the same reason."""

OPERATOR_WORDS = frozenset({"and", "or", "not", "And", "Or", "Not", "ET", "OU", "SAUF", "NON"})
"""Words that are often meant as operators and are none; found by reading the queries of French and English analysts."""

LANGUAGE_CODE = re.compile(r"[a-z]{2,3}")
"""ISO 639 codes, and `und`."""

SPACE_NAME = re.compile(r"[\w-]+")
"""Short names of spaces: letters, digits, hyphens."""

_CHUNK = re.compile(rf"[^\s(){QUOTES}]+")
_FIELD = re.compile(r"([^\W\d_]\w*):(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Lexeme:
    """A piece of an expression."""

    kind: str
    """`(`, `)`, `AND`, `OR`, `NOT` or `leaf`."""
    at: Span
    leaf: Leaf | None = None


def lexemes(expression: str, warnings: list[Warned]) -> Iterator[Lexeme]:
    """Give the pieces of an expression from left to right, adding to the warnings.

    Raises:
        QueryError: a piece can't be read.
    """
    if len(expression) > MAX_CHARACTERS:
        at = (MAX_CHARACTERS, len(expression))
        raise QueryError("query.too_long", at, characters=len(expression), limit=MAX_CHARACTERS)
    place = 0
    while place < len(expression):
        if expression[place].isspace():
            place += 1
            continue
        lexeme = _next(expression, place, warnings)
        yield lexeme
        place = lexeme.at[1]


def _next(expression: str, place: int, warnings: list[Warned]) -> Lexeme:
    if expression[place] in "()":
        return Lexeme(expression[place], (place, place + 1))
    if expression[place] in QUOTES:
        return _phrase(expression, place, warnings)
    found = _CHUNK.match(expression, place)
    chunk, at = (found.group(), found.span()) if found else (expression[place], (place, place + 1))
    if chunk in ("AND", "OR", "NOT"):
        return Lexeme(chunk, at)
    if field := _FIELD.fullmatch(chunk):
        return _field(field, at, expression)
    return Lexeme("leaf", at, _term(chunk, at, warnings))


def _phrase(expression: str, start: int, warnings: list[Warned]) -> Lexeme:
    end = next((i for i in range(start + 1, len(expression)) if expression[i] in QUOTES), None)
    if end is None:
        raise QueryError("query.quote", (start, start + 1))
    at = (start, end + 1)
    parts = _parts(expression[start + 1 : end], start + 1, warnings)
    if not parts:
        raise QueryError("query.phrase_empty", at)
    return Lexeme("leaf", at, _of_parts(parts, at))


def _of_parts(parts: list[Word | Prefix], at: Span) -> Leaf:
    if len(parts) > 1:
        return Phrase(tuple(parts), at)
    return type(parts[0])(parts[0].form, at)


def _term(chunk: str, at: Span, warnings: list[Warned]) -> Leaf:
    _refuse_foreign(chunk, at)
    parts = _parts(chunk, at[0], warnings)
    if not parts:
        raise QueryError("query.no_word", at, found=chunk)
    if chunk in OPERATOR_WORDS:
        warnings.append(warned("query.operator_word", at, found=chunk))
    return _of_parts(parts, at)


def _refuse_foreign(chunk: str, at: Span) -> None:
    if NEAR.fullmatch(chunk):
        raise QueryError("query.not_yet", at, found=chunk)
    if chunk[0] in "-+−–!" and len(chunk) > 1:
        raise QueryError("query.sign", (at[0], at[0] + 1), sign=chunk[0])


def _parts(text: str, offset: int, warnings: list[Warned]) -> list[Word | Prefix]:
    """Return the words and beginnings of words of a phrase or term."""
    if sign := LATER.search(text):
        raise QueryError("query.not_yet", _moved(sign.span(), offset), found=sign.group())
    found = list(words.tokens(text))
    ends = {token.end for token in found}
    for star in re.finditer(r"\*", text):
        _check_star(text, star.start(), ends, offset)
    return [_part(token, text, offset, warnings) for token in found]


def _check_star(text: str, place: int, ends: set[int], offset: int) -> None:
    at = (offset + place, offset + place + 1)
    if place == 0 or text[place - 1].isspace():
        raise QueryError("query.leading_star", at)
    followed = text[place + 1 : place + 2]
    if place not in ends or (followed and (followed == "*" or bool(words.pattern().match(text, place + 1)))):
        raise QueryError("query.star_place", at)


def _part(token: words.Token, text: str, offset: int, warnings: list[Warned]) -> Word | Prefix:
    form, at = token.word.asked, (offset + token.start, offset + token.end)
    if text[token.end : token.end + 1] != "*":
        return Word(form, at)
    at = (at[0], at[1] + 1)
    letters = len(token.word.plain)
    if letters < FEWEST_LETTERS:
        raise QueryError("query.prefix_short", at)
    if letters == FEWEST_LETTERS:
        warnings.append(warned("query.prefix_two", at))
    return Prefix(form, at)


def _field(found: re.Match[str], at: Span, expression: str) -> Lexeme:
    name, value = found.group(1).lower(), found.group(2)
    if name not in FIELDS:
        place = _moved(found.span(1), at[0])
        raise QueryError("query.field", place, field=found.group(1), fields=", ".join(f"{f}:" for f in FIELDS))
    if not value and at[1] < len(expression) and expression[at[1]] in QUOTES:
        value, at = _quoted_value(expression, at)
    return Lexeme("leaf", at, _tested(name, value.strip(), at))


def _quoted_value(expression: str, at: Span) -> tuple[str, Span]:
    end = next((i for i in range(at[1] + 1, len(expression)) if expression[i] in QUOTES), None)
    if end is None:
        raise QueryError("query.quote", (at[1], at[1] + 1))
    return expression[at[1] + 1 : end], (at[0], end + 1)


def _tested(name: str, value: str, at: Span) -> Leaf:
    if not value or (name == "space" and not SPACE_NAME.fullmatch(value)):
        raise QueryError("query.field_value", at, field=name, example=FIELDS[name])
    if name == "space":
        return Space(value.lower(), at)
    if not LANGUAGE_CODE.fullmatch(value.lower()):
        raise QueryError("query.language_value", at, value=value)
    return Language(value.lower(), at)


def _moved(span: Span, by: int) -> Span:
    return span[0] + by, span[1] + by
