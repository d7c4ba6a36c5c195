"""Hashed features of many texts at once: the buffers that `vigie.text.grams` reads and fills in."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from vigie.text import grams, spelling
from vigie.text.lexicon import text_buffers
from vigie.text.signs import tables

Offsets = NDArray[np.int64]
Bytes = NDArray[np.uint8]

MOST_SLOTS = 4_000_000
"""Features that stand in memory at once: 16 MB, some ten thousand posts."""

BYTES_A_LETTER = 4
"""Most bytes of a letter in UTF-8."""

JOINING_BYTES = (0xCC, 0xCD)
"""Bytes with which accents begin that stand beside their letter (U+0300 to U+036F): such texts must be composed."""


BYTES_A_WORD, MOST_MET_BITS = 6, 13
"""Bytes of a word and the blank after it, about; and 2^13 words kept at most: 1 MB for 29 languages, which stays near the
processor (2^12 to 2^16 measured: within a twentieth of each other, on posts of everyday words and of drawn ones)."""

_Places = tuple[NDArray[np.int32], NDArray[np.int32]]
_Keeps = tuple[
    NDArray[np.float32], NDArray[np.uint64], NDArray[np.int64], NDArray[np.float32], NDArray[np.float32]
]  # fmt: skip

NO_WEIGHTS: _Keeps = (
    np.zeros((0, 0), np.float32), np.zeros(1, np.uint64), np.zeros(1, np.int64), np.zeros((1, 0), np.float32),
    np.zeros((0, 0), np.float32),
)  # fmt: skip
"""What `grams.express` gets where features are asked for, not what weights say of them."""


@dataclass(frozen=True, slots=True)
class Spelt:
    """Features by which languages are told; one row a text."""

    first: Offsets
    """Where each row's slots begin, and where the last row's end."""
    slots: NDArray[np.int32]
    letters: Offsets
    """Letters of each text."""
    begins: NDArray[np.int32]
    ends: NDArray[np.int32]
    """Letters of the simplified text (`letters_of`) that each slot was made of; empty unless they were asked for."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """Features by which tone is told; one row a text."""

    first: Offsets
    middle: Offsets
    """Where each row's words end and its characters begin."""
    slots: NDArray[np.int32]
    facts: NDArray[np.float32]
    """What is counted of the whole text, `grams.FACTS` columns."""
    cares: Offsets
    """Words of illness and care of each text, which make no feature."""
    begins: NDArray[np.int32]
    ends: NDArray[np.int32]
    """As for `Spelt`."""


@dataclass(frozen=True, slots=True)
class Valences:
    """What lexicons say of words, as an open hash table."""

    keys: NDArray[np.uint64]
    values: NDArray[np.float32]
    """By `grams.LISTS` lexicons; the last column is of emoji and emoticons."""
    parts: NDArray[np.uint8]
    """`grams.PLAIN` and what follows it."""
    splits: bool
    """Whether an apostrophe parts words."""


def array_of(texts: Sequence[str]) -> pa.Array:
    """Return texts as Arrow strings, composed; half characters become question marks."""
    try:
        array = pa.array(texts, pa.large_string())
    except UnicodeEncodeError:
        array = pa.array([text.encode("utf-8", "replace").decode() for text in texts], pa.large_string())
    data, offsets = text_buffers(array, 0, len(array))
    at = np.flatnonzero((data == JOINING_BYTES[0]) | (data == JOINING_BYTES[1]))
    if not len(at):
        return array
    is_marked = np.zeros(len(array), np.bool_)
    is_marked[np.searchsorted(offsets, at, side="right") - 1] = True
    marked = pa.array(is_marked)
    return pc.replace_with_mask(array, marked, pc.utf8_normalize(array.filter(marked), "NFC"))


def batches(texts: Sequence[str], most: int) -> Iterator[tuple[slice, Bytes, Offsets, int]]:
    """Yield the buffers of some texts at a time, and how many slots their first `most` letters may fill."""
    if not texts:
        return
    array = array_of(texts)
    data, offsets = text_buffers(array, 0, len(array))
    rooms = np.minimum(np.diff(offsets), BYTES_A_LETTER * most) * grams.SLOTS_A_BYTE + grams.SLOTS_A_ROW
    ends = np.cumsum(rooms)
    first = 0
    while first < len(texts):
        before = int(ends[first - 1]) if first else 0
        last = max(first + 1, int(np.searchsorted(ends, before + MOST_SLOTS, side="right")))
        yield slice(first, last), data, offsets[first : last + 1], int(ends[last - 1]) - before
        first = last


def spelt(data: Bytes, offsets: Offsets, room: int, *, bits: int, most: int, placed: bool = False) -> Spelt:
    """Return the features by which languages are told, hashed to 2^bits slots, of the first `most` letters.

    Args:
        placed: Say of which letters each feature is made.
    """
    small, kinds, _ = tables()
    rows = len(offsets) - 1
    first, slots, letters = np.zeros(rows + 1, np.int64), np.empty(room, np.int32), np.zeros(rows, np.int64)
    begins, ends = _places(room, placed)
    n = spelling.spell(data, offsets, bits, most, small, kinds, first, slots, letters, begins, ends)
    return Spelt(first, slots[:n], letters, begins[:n], ends[:n])


def _places(room: int, placed: bool) -> _Places:
    return np.empty(room if placed else 0, np.int32), np.empty(room if placed else 0, np.int32)


def spoken(
    data: Bytes, offsets: Offsets, room: int, *, bits: int, most: int, valences: Valences, placed: bool = False
) -> Spoken:
    """Return the features by which tone is told, hashed to 2^bits slots, of the first `most` letters.

    Args:
        placed: Say of which letters each feature is made.
    """
    return _expressed(data, offsets, room, bits, most, valences, _places(room, placed), NO_WEIGHTS)


def _expressed(
    data: Bytes, offsets: Offsets, room: int, bits: int, most: int, valences: Valences, places: _Places, keeps: _Keeps
) -> Spoken:
    small, kinds, plain = tables()
    rows = len(offsets) - 1
    first, middle = np.zeros(rows + 1, np.int64), np.zeros(rows, np.int64)
    slots, facts = np.empty(room, np.int32), np.zeros((rows, grams.FACTS), np.float32)
    cares = np.zeros(rows, np.int64)
    n = grams.express(
        data, offsets, bits, most, valences.splits, small, kinds, plain, valences.keys, valences.values, valences.parts,
        first, middle, slots, facts, cares, *places, *keeps,
    )  # fmt: skip
    return Spoken(first, middle, slots[:n], facts, cares, places[0][:n], places[1][:n])


@dataclass(frozen=True, slots=True)
class Memo:
    """What words say by their weights, kept while some texts are read; a place each hash of a word, as many as there is need for."""

    met: NDArray[np.uint64]
    counts: NDArray[np.int64]
    sums: NDArray[np.float32]

    @classmethod
    def of(cls, offsets: Offsets, classes: int) -> "Memo":
        """Return an empty one for some texts."""
        words = int(offsets[-1] - offsets[0]) // BYTES_A_WORD
        places = 1 << min(max(words, 1).bit_length(), MOST_MET_BITS)
        return cls(np.zeros(places, np.uint64), np.zeros(places, np.int64), np.zeros((places, classes), np.float32))


def told(
    data: Bytes, offsets: Offsets, *, bits: int, most: int, weights: NDArray[np.float32]
) -> tuple[NDArray[np.float32], Offsets]:
    """Return what weights say of the features of `spelt`, by class, a row a text, and how many letters each text has."""
    small, kinds, _ = tables()
    rows, memo = len(offsets) - 1, Memo.of(offsets, weights.shape[1])
    letters, scores = np.zeros(rows, np.int64), np.zeros((rows, weights.shape[1]), np.float32)
    spelling.tell(
        data, offsets, bits, most, small, kinds, weights, memo.met, memo.counts, memo.sums, letters, scores
    )  # fmt: skip
    return scores, letters


@dataclass(frozen=True, slots=True)
class Weighed:
    """What weights say of the features of `spoken`; one row a text."""

    scores: NDArray[np.float32]
    """By class: the sums of words' and of characters' weights, each over the root of their number."""
    facts: NDArray[np.float32]
    cares: Offsets
    """As for `Spoken`."""


def weighed(
    data: Bytes, offsets: Offsets, room: int, *, bits: int, most: int, valences: Valences,
    weights: NDArray[np.float32], word_share: float,
) -> Weighed:  # fmt: skip
    """Return what weights say of the features of `spoken`; what words add is multiplied by `word_share`."""
    rows, memo = len(offsets) - 1, Memo.of(offsets, weights.shape[1])
    scores = np.zeros((rows, weights.shape[1]), np.float32)
    keeps = (weights, memo.met, memo.counts, memo.sums, scores)
    read = _expressed(data, offsets, room, bits, most, valences, _places(room, False), keeps)
    grams.weigh_words(read.first, read.middle, read.slots, weights, np.float32(word_share), scores)
    return Weighed(scores, read.facts, read.cares)


def letters_of(data: Bytes, offsets: Offsets, most: int) -> NDArray[np.int32]:
    """Return the letters of the first text as the loops read them: small, links and names as one code each."""
    small, kinds, _ = tables()
    room = min(int(offsets[1] - offsets[0]), most) + 1
    codes, is_capital = np.empty(room, np.int32), np.empty(room, np.uint8)
    n = grams.simplify(data, offsets[0], offsets[1], most, small, kinds, codes, is_capital)
    return codes[:n]


def hashes(words: Sequence[str]) -> NDArray[np.uint64]:
    """Return the hashes under which words, emoji and emoticons are looked up."""
    small, kinds, _ = tables()
    array = array_of(words)
    data, offsets = text_buffers(array, 0, len(array))
    found = np.zeros(len(words), np.uint64)
    grams.hash_words(data, offsets, small, kinds, found)
    return found
