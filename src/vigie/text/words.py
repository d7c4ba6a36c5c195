"""Cut text into words with their places, and fold them.

Decided, and shown as tables in tests/spec:

- Letters are compared without case; `œ æ ß` are `oe ae ss`; full-width letters are plain ones.
- A word asked for without accents is found with any; asked for with accents, it is found only so written.
- Apostrophes (straight or typographic) and hyphens part words: `l'aspirine` holds `aspirine`, and `anti-douleur`
  asked for is `anti` then `douleur`.
- `#mot` and `@mot` hold the word `mot`; asked for with the sign, they are found with the sign alone.
- An emoji is a word; its skin tone and presentation selector do not count, a joined sequence is one.
"""

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

_EMOJI = "\u2600-\u27bf\u2b00-\u2bff\U0001f000-\U0001faff"
_MODIFIERS = "\ufe0f\U0001f3fb-\U0001f3ff"
WORD = re.compile(
    rf"[^\W_][^\W_\u0300-\u036f]*(?:[\u0300-\u036f]+[^\W_]*)*"
    rf"|[{_EMOJI}][{_MODIFIERS}]*(?:\u200d[{_EMOJI}][{_MODIFIERS}]*)*"
    rf"|[\U0001f1e6-\U0001f1ff]{{2}}"
)
"""A run of letters and digits with their combining marks, or one emoji; `_` parts words as a space does."""

_DROPPED = re.compile(f"[{_MODIFIERS}]")
_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "ß": "ss", "ĳ": "ij", "ﬁ": "fi", "ﬂ": "fl"})

FOLD_CACHE = 200_000
"""Words whose folding is remembered: the vocabulary of a day of posts, about 40 MB."""


class Word(NamedTuple):
    """A word of a text, folded, with its place in code points."""

    plain: str
    """Without case and accents."""
    exact: str
    """Without case, accents kept."""
    sign: str
    """`#` or `@` when the word is written right after one; else empty."""
    start: int
    end: int


@lru_cache(maxsize=FOLD_CACHE)
def fold(word: str) -> tuple[str, str]:
    """Return a word without case and accents, and without case alone; each character is folded by itself."""
    if word.isascii():
        lower = word.lower()
        return lower, lower
    composed = unicodedata.normalize("NFKC", word)
    exact = "".join(c.lower() for c in composed).translate(_LIGATURES)
    exact = unicodedata.normalize("NFC", _DROPPED.sub("", exact))
    marks_apart = unicodedata.normalize("NFD", exact)
    return "".join(c for c in marks_apart if unicodedata.category(c) != "Mn"), exact


def words(text: str) -> list[Word]:
    """Return the words of a text in their order."""
    found = []
    for match in WORD.finditer(text):
        start, end = match.span()
        plain, exact = fold(match.group())
        sign = text[start - 1] if start and text[start - 1] in "#@" else ""
        found.append(Word(plain, exact, sign, start, end))
    return found
