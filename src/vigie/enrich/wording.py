"""How the wording of a story changed: its variants, and what each says otherwise than the first."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

from vigie.text import words
from vigie.text.sketches import LINKS

MOST_WORDS = 400
"""Words of each text that are compared: the comparison takes time by their product, and a reader reads no more."""

CONTEXT = 8
"""Words in common that are shown on either side of a change; what is between is left out."""

MOST_CHARACTERS = 100_000
"""Characters of a text that are looked at: the longest that sources give."""


class Change(StrEnum):
    """What a stretch of a text is beside another text."""

    SAME = "same"
    GONE = "gone"
    NEW = "new"
    LEFT_OUT = "left_out"
    """Words that both have, not shown."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of words; no text where it is left out."""

    change: Change
    text: str


@dataclass(frozen=True, slots=True)
class Variant:
    """A wording, by the place of its first text among those given."""

    first: int
    texts: int


def variants(texts: Sequence[str]) -> list[Variant]:
    """Return the different wordings in the order in which they appear; links, capitals, accents and signs make none."""
    places: dict[tuple[str, ...], list[int]] = {}
    for place, text in enumerate(texts):
        read = words.words(re.sub(LINKS, " ", text[:MOST_CHARACTERS]))
        places.setdefault(tuple(word.plain for word in read if word.sign != "@"), []).append(place)
    return [Variant(some[0], len(some)) for some in places.values()]


def changes(before: str, after: str) -> tuple[Piece, ...]:
    """Return what a text says otherwise than another, word by word, in the order of reading."""
    one, other = (text[:MOST_CHARACTERS].split()[:MOST_WORDS] for text in (before, after))
    pieces: list[Piece] = []
    for tag, a, b, c, d in SequenceMatcher(None, one, other, autojunk=False).get_opcodes():
        if tag == "equal":
            pieces += _same(other[c:d], is_first=c == 0, is_last=d == len(other))
            continue
        pieces += [Piece(Change.GONE, " ".join(one[a:b]))] if a < b else []
        pieces += [Piece(Change.NEW, " ".join(other[c:d]))] if c < d else []
    return tuple(pieces)


def _same(some: list[str], *, is_first: bool, is_last: bool) -> list[Piece]:
    """Return words in common, those far from any change left out."""
    before, after = 0 if is_first else CONTEXT, 0 if is_last else CONTEXT
    if len(some) <= before + after + 1:
        return [Piece(Change.SAME, " ".join(some))]
    parts = (Piece(Change.SAME, " ".join(some[:before])), Piece(Change.LEFT_OUT, ""))
    end = Piece(Change.SAME, " ".join(some[len(some) - after :]))
    return [piece for piece in (*parts, end) if piece.text or piece.change is Change.LEFT_OUT]
