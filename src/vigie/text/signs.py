"""What each character is to hashed features, as tables by code point, read by `vigie.text.grams`."""

import unicodedata
from functools import cache

import numpy as np
from numpy.typing import NDArray

from vigie.text import words
from vigie.text.letters import LAST_SINGLE, code_ranges

SPACE, LETTER, DIGIT, APOSTROPHE, EMOJI, STOP, OTHER, UNSEEN, ALONE = range(9)
"""Kinds of characters. STOP: what ends the reach of a negation. OTHER: what is left of punctuation and signs. UNSEEN:
what counts for nothing. ALONE: a letter that is a word by itself (Han, kana)."""

STOPS = ".!?;:,\u2026\n"

UNSEEN_SIGNS = "\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff\u061c"
"""Marks of direction and the byte-order mark, beside `words.IGNORED`: no letter looks different by them."""

APOSTROPHE_CODE, DIGIT_CODE = ord("'"), ord("0")


@cache
def tables() -> tuple[NDArray[np.int32], NDArray[np.uint8], NDArray[np.int32]]:
    """Return, by code point, the small letter it stands for, its kind, and its letter without accents.

    They cover the planes of letters (`letters.LAST_SINGLE`); characters above are read by range.
    """
    small, kinds, plain = (
        np.zeros(LAST_SINGLE, np.int32),
        np.zeros(LAST_SINGLE, np.uint8),
        np.zeros(LAST_SINGLE, np.int32),
    )
    pictures, ideographs = _members(words.EMOJI + words.FLAG_LETTERS), _members(words.CJK)
    unseen = _members(words.IGNORED) | _members(words.SKIN_TONES) | {ord(sign) for sign in UNSEEN_SIGNS}
    for code in range(LAST_SINGLE):
        small[code], kinds[code] = _read(code, code in pictures, code in ideographs, code in unseen)
        plain[code] = _plain(int(small[code])) if kinds[code] == LETTER else small[code]
    return small, kinds, plain


def _members(ranges: str) -> set[int]:
    return {code for first, last in code_ranges(ranges) for code in range(first, min(last + 1, LAST_SINGLE))}


def _read(code: int, is_picture: bool, is_ideograph: bool, is_unseen: bool) -> tuple[int, int]:
    """Return the letter that a code point stands for, and its kind."""
    character = chr(code)
    category = unicodedata.category(character)
    if is_unseen or category == "Mn":
        return 0, UNSEEN
    if is_picture:
        return code, EMOJI
    if character in words.APOSTROPHES:
        return APOSTROPHE_CODE, APOSTROPHE
    if character.isdigit():
        return DIGIT_CODE, DIGIT
    if category[0] == "L" or category == "Mc":
        return _small(character), ALONE if is_ideograph else LETTER
    if character in STOPS:
        return code, STOP
    return (0, SPACE) if category[0] in "CZ" else (code, OTHER)


def _small(character: str) -> int:
    """Return the small form of a letter, of print letters (full width, mathematical) the plain one; never two letters."""
    plain = unicodedata.normalize("NFKC", character)
    letter = (plain if len(plain) == 1 else character).lower()
    return ord(letter[0])


def _plain(code: int) -> int:
    return ord(unicodedata.normalize("NFD", chr(code))[0])
