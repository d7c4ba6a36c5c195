"""Tell the texts that can't hold any of a few words, by their letters alone: no word is cut, none is learnt.

A new query over an archive finds nothing in most posts. Cutting a post of 450 bytes into words costs about 3 µs, going over
its letters half of one. What is kept may still hold none of the words; what is dropped holds none for certain.

The letters of all words that are sought stand side by side in one number of 64 bits, and each letter of the text moves on
those words of which it is the next one (Baeza-Yates and Gonnet, "A new approach to text searching", 1992).
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from vigie.text import letters, words
from vigie.text.lexicon import text_buffers
from vigie.text.sieve_kernel import END, KEEP, SKIP, sift

ROOM = 64
"""Letters of all pieces together: the bits of one number."""

SHORTEST, LONGEST = 3, 8
"""Letters of a piece: two stand in most texts; more than eight drop hardly any text that eight do not."""

MOST_PIECES = ROOM // SHORTEST
"""Words that one sieve can seek."""

FOLDED_TO_ASCII = ((0x00, 0x250), (0x1E00, 0x1F00), (0x2100, 0x2150), (0xFB00, 0xFB07), (0xFF00, 0xFF5F))
"""Code points that may be read as letters of ASCII (Latin, its additions, letterlike signs, joined and full-width
letters); a test goes through all of Unicode for others."""

LAST_FOLDED = 0x10000
"""Code points of the table; above stand marks and signs of which none is read as a letter of ASCII."""

PIECE = re.compile("[a-z0-9]+")


@dataclass(frozen=True, slots=True)
class Sieve:
    """Words of which a text must hold one, as the bits of their letters."""

    masks: NDArray[np.uint64]
    """By byte: the places at which this letter stands."""
    starts: np.uint64
    ends: np.uint64

    @classmethod
    def of(cls, forms: Sequence[str]) -> "Sieve | None":
        """Return the sieve of some folded forms, beginnings or inner parts of words; none where one is too short or they are too many."""
        pieces = {max(PIECE.findall(words.fold(form).plain if form else ""), key=len, default="") for form in forms}
        room = min(LONGEST, ROOM // max(1, len(pieces)))
        if not pieces or room < SHORTEST or min(map(len, pieces)) < SHORTEST:
            return None
        return cls._of({piece[:room] for piece in pieces})

    @classmethod
    def _of(cls, pieces: set[str]) -> "Sieve":
        masks, starts, ends, place = [0] * 256, 0, 0, 0
        for piece in sorted(pieces):
            starts |= 1 << place
            for letter in piece:
                for written in {letter, letter.upper()}:
                    masks[ord(written)] |= 1 << place
                place += 1
            ends |= 1 << (place - 1)
        return cls(np.array(masks, np.uint64), np.uint64(starts), np.uint64(ends))

    def keep(self, texts: pa.Array, kept: NDArray[np.bool_]) -> None:
        """Mark the rows whose text may hold one of the words; a null holds none. What is not UTF-8 is kept."""
        data, offsets = text_buffers(texts, 0, len(texts))
        sift(data, offsets, _folded(), self.masks, self.starts, self.ends, kept)


@cache
def _folded() -> NDArray[np.uint16]:
    """Return what each code point is read as: one letter of ASCII, two (the second in the upper byte), or END, SKIP, KEEP."""
    table = np.where(letters.classes()[:LAST_FOLDED] & letters.MARK, SKIP, END).astype(np.uint16)
    for first, last in FOLDED_TO_ASCII:
        for code in range(first, last):
            table[code] = _read_as(chr(code), int(table[code]))
    return table


def _read_as(character: str, otherwise: int) -> int:
    if unicodedata.category(character)[0] not in "LN":
        return otherwise
    plain = words.fold(character).plain
    if len(plain) > 2:
        return KEEP
    read = [ord(letter) for letter in plain]
    if not all(PIECE.fullmatch(letter) for letter in plain):
        return KEEP if any(PIECE.fullmatch(letter) for letter in plain) else otherwise
    return read[0] | (read[1] << 8 if len(read) == 2 else 0)
