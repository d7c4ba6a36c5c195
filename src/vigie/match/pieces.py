"""Read the words of a term or phrase: wildcards, capitals, misspellings; one rule for every dialect."""

import re
import unicodedata
from collections.abc import Iterator, Sequence

from vigie.match.faults import QueryError, Span, Warned, warned
from vigie.match.tree import Cased, Fuzzy, Pattern, Phrase, Positional, Prefix, Term, Word
from vigie.text import words

FEWEST_LETTERS = 2
"""Letters before `*`: one begins thousands of words; two, warned about, hundreds (Brandwatch has the same rule)."""

FUZZY_LETTERS = {1: 4, 2: 6}
"""Letters from which so many may differ without a warning: in shorter words most that is found are other words."""

WILD_ANY, WILD_ONE = "\ua66e", "\ua66d"
"""Letters that stand for `*` and `?` while words are cut: two of old Cyrillic manuscripts, which no query holds (an
expression with one of them is refused)."""

SIGNS_OF_NAMES = frozenset("®™©" + words.APOSTROPHES)
"""Signs that are typed with a word and change nothing of what is meant."""

_BRACES = re.compile(r"\{([^{}]*)\}")
_FUZZY = re.compile(r"~(\d*)")


def pieces(text: str, offset: int, warnings: list[Warned]) -> list[Term]:
    """Return the words that a piece of an expression asks for, in order.

    Args:
        offset: Where the piece begins in the expression.

    Raises:
        QueryError: a wildcard, brace or `~` stands where it means nothing.
    """
    found: list[Term] = []
    place = 0
    for braces in _BRACES.finditer(text):
        found += _plain(text[place : braces.start()], offset + place, warnings)
        found += _capitals(braces, offset, warnings)
        place = braces.end()
    return found + list(_plain(text[place:], offset + place, warnings))


def _capitals(braces: re.Match[str], offset: int, warnings: list[Warned]) -> list[Term]:
    at = (offset + braces.start(), offset + braces.end())
    tokens = list(words.tokens(braces.group(1)))
    if not tokens or re.search(r"[*?~]", braces.group(1)):
        raise QueryError("query.cased_empty", at)
    _warn_signs(braces.group(1), tokens, at[0] + 1, warnings)
    return [Cased(words.cased(braces.group(1)[t.start : t.end])[0], at) for t in tokens]


def _plain(text: str, offset: int, warnings: list[Warned]) -> Iterator[Term]:
    if brace := re.search(r"[{}]", text):
        raise QueryError("query.cased", (offset + brace.start(), offset + brace.end()))
    shown = text.replace("*", WILD_ANY).replace("?", WILD_ONE) if "*" in text or "?" in text else text
    shown = _FUZZY.sub(lambda found: " " * len(found.group()), shown)
    tokens = list(words.tokens(shown))
    _check_tildes(text, tokens, offset)
    _warn_signs(text, tokens, offset, warnings)
    for token in tokens:
        yield _piece(token, text, offset, warnings)


def _warn_signs(text: str, tokens: Sequence[words.Token], offset: int, warnings: list[Warned]) -> None:
    """Warn of signs that count for nothing here and may be what is meant: C++, C#; punctuation is expected to."""
    starts, ends = [*(t.start for t in tokens), len(text)], [0, *(t.end for t in tokens)]
    places = [n for a, b in zip(ends, starts, strict=True) for n in range(a, b) if _is_sign(text[n])]
    if not places:
        return
    begin = next((n for n in range(places[0], 0, -1) if text[n - 1].isspace()), 0)
    end = next((n for n in range(places[-1], len(text)) if text[n].isspace()), len(text))
    signs = "".join(dict.fromkeys(text[n] for n in places))
    warnings.append(warned("query.signs_dropped", (offset + begin, offset + end), found=text[begin:end], signs=signs))


def _is_sign(character: str) -> bool:
    if character in SIGNS_OF_NAMES or character == "~":
        return False
    return character in "#@\\" or unicodedata.category(character) in ("Sm", "Sk", "So")


def _check_tildes(text: str, tokens: list[words.Token], offset: int) -> None:
    """Refuse a ~ that follows no word, or whose word is one of several written together."""
    ends = {token.end for token in tokens}
    for found in _FUZZY.finditer(text):
        at = (offset + found.start(), offset + found.end())
        if found.start() not in ends:
            raise QueryError("query.tilde", at)
        if found.group(1) not in ("1", "2"):
            raise QueryError("query.fuzzy", at)
        begin = max(text.rfind(c, 0, found.start()) for c in " \t\n\r") + 1
        if sum(begin <= token.start < found.start() for token in tokens) > 1:
            raise QueryError("query.fuzzy_words", (offset + begin, at[1]), found=text[begin : found.start()])


def _piece(token: words.Token, text: str, offset: int, warnings: list[Warned]) -> Term:
    form, at = token.word.asked, (offset + token.start, offset + token.end)
    if text[token.end : token.end + 1] == "~":
        return _fuzzy(token, form, int(text[token.end + 1]), at, warnings)
    if WILD_ANY not in form and WILD_ONE not in form:
        return Word(form, at)
    return _wild(form.replace(WILD_ANY, "*").replace(WILD_ONE, "?"), at, warnings)


def _fuzzy(token: words.Token, form: str, distance: int, at: Span, warnings: list[Warned]) -> Term:
    at = (at[0], at[1] + 2)
    if WILD_ANY in form or WILD_ONE in form:
        raise QueryError("query.fuzzy", at)
    if len(token.word.plain) < FUZZY_LETTERS[distance]:
        warnings.append(warned("query.fuzzy_short", at))
    return Fuzzy(form, distance, at)


def _wild(form: str, at: Span, warnings: list[Warned]) -> Term:
    letters = form.lstrip("#@")
    if letters[0] in "*?":
        raise QueryError("query.leading_star", at, sign=letters[0])
    if "**" in form:
        raise QueryError("query.star_place", at)
    before = letters.split("*", 1)[0].replace("?", "") if "*" in letters else None
    if before is not None and len(before) < FEWEST_LETTERS:
        raise QueryError("query.prefix_short", at)
    if before is not None and len(before) == FEWEST_LETTERS:
        warnings.append(warned("query.prefix_two", at))
    if form.endswith("?"):
        warnings.append(warned("query.end_mark", at, found=form, word=form.rstrip("?")))
    return Prefix(form[:-1], at) if form.endswith("*") and not re.search(r"[*?]", form[:-1]) else Pattern(form, at)


def leaf_of(parts: list[Term], at: Span) -> Positional:
    """Return a phrase of several words, or the one word."""
    if len(parts) > 1:
        return Phrase(tuple(parts), at)
    one = parts[0]
    return Fuzzy(one.form, one.distance, at) if isinstance(one, Fuzzy) else type(one)(one.form, at)
