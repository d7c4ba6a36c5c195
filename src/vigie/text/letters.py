"""What each character is to the cutting of words, as a table: built from the rules of `words`, read by the kernel."""

import unicodedata
from functools import cache

import numpy as np
from numpy.typing import NDArray

from vigie.text import words

LETTER, MARK, APOSTROPHE, SIGN, CJK, FLAG, EMOJI, SKIN = (1 << n for n in range(8))
SYMBOL = 1 << 8
"""Bits of a character's class; some have several (a circled digit is a letter and stands among the pictographs)."""

CODE_POINTS, LAST_SINGLE = 0x110000, 0x20000
"""Code points of Unicode, and where its blocks of ideographs begin: above, only ranges count."""


@cache
def classes() -> NDArray[np.uint16]:
    """Return the class of every code point, `words.pattern` taken apart."""
    table = np.zeros(CODE_POINTS, np.uint16)
    for kind, ranges in (
        (CJK, words.CJK),
        (FLAG, words.FLAG_LETTERS),
        (EMOJI, words.EMOJI),
        (SKIN, words.SKIN_TONES),
        (MARK, words.IGNORED),
    ):
        for first, last in code_ranges(ranges):
            table[first : last + 1] |= kind
    for code in range(LAST_SINGLE):
        table[code] |= _single(chr(code), int(table[code]))
    return table


def _single(character: str, known: int) -> int:
    """Return the bits that a character has by itself."""
    if character in words.APOSTROPHES:
        return APOSTROPHE
    if character in "#＃@＠":
        return SIGN
    if character.isalnum():
        return 0 if known & CJK else LETTER
    category = unicodedata.category(character)
    if category in ("Mn", "Mc", "Me") and words.FIRST_MARK <= ord(character) < words.LAST_MARK:
        return MARK
    return SYMBOL if category == "Sc" or character in words.PERCENT else 0


def code_ranges(text: str) -> list[tuple[int, int]]:
    """Return the ranges of a character class of `re`: single characters and pairs joined by a hyphen."""
    ranges, place = [], 0
    while place < len(text):
        is_pair = text[place + 1 : place + 2] == "-"
        last = place + 2 if is_pair else place
        ranges.append((ord(text[place]), ord(text[last])))
        place = last + 1
    return ranges
