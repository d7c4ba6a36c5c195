"""Every spelling met, numbered once: what a word is and what is asked of it is worked out per spelling, not per word.

A day's posts hold a hundred times more words than different spellings (Heaps' law), so folding, accents, capitals,
wildcards and misspellings cost nothing per word: `kernel.cut` finds the number of a spelling, and tables by number say
the rest. Spellings never met before are folded by `words.fold`, the one rule.
"""

import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from vigie.text import kernel, letters, runtime, words

Ints = NDArray[np.int32]

Kind = TypeVar("Kind", bound=np.generic)
Made = TypeVar("Made")

MOST_SPELLINGS = 250_000
"""Spellings kept; beyond, a new lexicon is begun. They take about 25 MB with what is asked of them, and are the vocabulary of
about a million posts; the words of every day are learnt again within a second."""

FIRST_SLOTS = 1 << 16
"""Slots of the first hash table."""

FULLEST = 0.625
"""Share of the slots beyond which the hash table is replaced by one of which at most half are taken: a spelling is then found
at the second slot looked at, both in one line of the cache, and a larger table is not nearer than that."""

FORMED_AT_ONCE = 2_048
"""Spellings folded at once: columns of a tenth of a megabyte, so that Arrow keeps little memory of what it needed meanwhile."""

LONGEST_ASKED = 200
"""Characters of a spelling beyond which no query asks for it: such words have no forms. No word of a language is so long;
what is, is an address or an attack."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """The words of some rows, as numbers of spellings, with their places."""

    first: NDArray[np.int64]
    """Where each row's words begin, and where the last row's end."""
    ids: Ints
    starts: Ints
    """First code point of each word in its text."""
    ends: Ints
    """Code point after the last one."""
    _made: dict[object, Any] = field(default_factory=dict, compare=False, repr=False)

    def once(self, make: Callable[[], Made], name: object) -> Made:
        """Return what is made of these words, made once for all that read them; a name for each thing."""
        if name not in self._made:
            self._made[name] = make()
        found: Made = self._made[name]
        return found


class Lexicon:
    """Spellings by number. Several threads may read; what is new is learnt under a lock.

    Spellings are only added: a number, once given, stands for the same spelling as long as the lexicon lives.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seed = np.uint64(secrets.randbits(64))
        self._slots = np.zeros(2 * FIRST_SLOTS, np.uint64)
        self._arena = np.zeros(1 << 20, np.uint8)
        self._arena_first = np.zeros(FIRST_SLOTS, np.int64)
        self.size = 0
        """Spellings known; every table by number covers at least this many once it was brought up."""
        self._classes = letters.classes()
        self._forms: list[tuple[pa.Array, Ints]] = []
        self._formed = [0]

    def raw(self, first: int, last: int) -> list[str]:
        """Return the spellings of some numbers, as written."""
        at = (self._arena_first[first : last + 1] - self._arena_first[first]).tolist()
        arena = self._arena[self._arena_first[first] : self._arena_first[last]].tobytes()
        return [arena[a:b].decode("utf-8", "replace") for a, b in pairwise(at)]

    def written(self, number: int) -> str:
        """Return one spelling, as written."""
        first, last = self._arena_first[number : number + 2]
        return self._arena[first:last].tobytes().decode("utf-8", "replace")

    def forms(self, first: int, last: int) -> tuple[pa.Array, Ints]:
        """Return all that may be asked to find some spellings: forms, and the number of each one's spelling."""
        with self._lock:
            for begin in range(self._formed[-1], last, FORMED_AT_ONCE):
                end = min(begin + FORMED_AT_ONCE, last)
                self._forms.append(_formed(self.raw(begin, end), begin))
                self._formed.append(end)
        chunks = [part for part, end in zip(self._forms, self._formed[1:], strict=True) if end > first]
        if not chunks:
            return pa.array([], pa.large_string()), np.empty(0, np.int32)
        of = np.concatenate([numbers for _, numbers in chunks])
        begin, end = np.searchsorted(of, [first, last])
        return pa.concat_arrays([texts for texts, _ in chunks])[begin:end], of[begin:end]

    @property
    def is_full(self) -> bool:
        """Say whether a new lexicon should take over."""
        return self.size > MOST_SPELLINGS

    def read(self, texts: pa.Array, first: int = 0, last: int | None = None) -> Tokens:
        """Cut the texts of some rows into words; a null has none.

        Args:
            texts: Strings; one chunk. Of bytes that are not UTF-8 some word or other is made, never an error: the engine
                repairs them before (`vigie.match.document.sound`), tagging does not.
        """
        runtime.begin()
        last = len(texts) if last is None else last
        data, offsets = text_buffers(texts, first, last)
        room = int(offsets[last] - offsets[first])
        rows = np.zeros(last - first + 1, np.int64)
        ids, starts, ends = (np.empty(room, np.int32) for _ in range(3))
        hashes = np.empty(2 * room, np.uint64)
        miss_from, miss_to = np.empty(room, np.int64), np.empty(room, np.int64)
        n, misses = kernel.cut(
            data, offsets, first, last, self._classes, self._seed, self._slots,
            rows, ids, starts, ends, hashes, miss_from, miss_to,
        )  # fmt: skip
        ids, starts, ends = ids[:n], starts[:n], ends[:n]
        if misses:
            learnt = self._learn(data, miss_from, miss_to, misses)
            at = np.flatnonzero(ids < 0)
            ids[at] = learnt[-1 - ids[at]]
        return Tokens(rows, ids, starts, ends)

    def _learn(self, data: NDArray[np.uint8], begins: NDArray[np.int64], ends: NDArray[np.int64], n: int) -> Ints:
        """Number what was missed."""
        learnt = np.empty(n, np.int32)
        with self._lock:
            self._make_room(n, int((ends[:n] - begins[:n]).sum()))
            self.size = kernel.learn(
                data, begins, ends, n, self._seed, self._slots, self.size, self._arena, self._arena_first, learnt
            )
        return learnt

    def _make_room(self, spellings: int, length: int) -> None:
        """Replace what would become too small; readers keep what they hold."""
        wanted = self.size + spellings
        if wanted > FULLEST * self._slots.shape[0] // 2:
            larger = np.zeros(2 * (1 << int(2 * wanted - 1).bit_length()), np.uint64)
            kernel.widen(self._slots, larger)
            self._slots = larger
        if wanted + 1 > self._arena_first.shape[0]:
            self._arena_first = _larger(self._arena_first, self.size + 1, wanted * 2)
        end = int(self._arena_first[self.size])
        if end + length > self._arena.shape[0]:
            self._arena = _larger(self._arena, end, 2 * (end + length))


def _larger(values: NDArray[Kind], used: int, room: int) -> NDArray[Kind]:
    """Return a larger array that begins with what is used of one; the rest is not touched, so that it takes no memory yet."""
    found = np.empty(room, values.dtype)
    found[:used] = values[:used]
    return found


def text_buffers(texts: pa.Array, first: int, last: int) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Return the bytes of an array of strings, padded, and where each row's begin; nulls are empty."""
    if not pa.types.is_large_string(texts.type):
        texts = texts.cast(pa.large_string())
    if texts.null_count:
        texts = texts.fill_null("")
    _, at, bytes_ = texts.buffers()
    offsets = np.frombuffer(at, np.int64)[texts.offset : texts.offset + len(texts) + 1]
    data = np.frombuffer(bytes_, np.uint8) if bytes_ is not None and bytes_.size else np.zeros(0, np.uint8)
    if int(offsets[last]) + kernel.PADDING > data.shape[0]:
        begin, end = int(offsets[first]), int(offsets[last])
        data = np.concatenate([data[begin:end], np.zeros(kernel.PADDING, np.uint8)])
        offsets = offsets - begin
    return data, offsets


SIMPLE = "^[#@]?[A-Za-z0-9\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u00ff'\u2019]+$"
"""Spellings of French and English, whose letters Arrow folds as `words.fold` does; a test compares the two."""

LIGATURES = (("\u2019", "'"), ("æ", "ae"), ("ß", "ss"))
"""Letters of `SIMPLE` that are written otherwise, once in small."""

ACCENTS = "[\u0300-\u036f]"


def _formed(raws: list[str], first: int) -> tuple[pa.Array, Ints]:
    """Fold spellings numbered from `first`; what is too long to be asked has no form."""
    written = pa.array(raws, pa.large_string())
    is_simple = pc.and_(
        pc.match_substring_regex(written, SIMPLE), pc.less_equal(pc.utf8_length(written), LONGEST_ASKED)
    )
    simple = np.flatnonzero(is_simple.to_numpy(zero_copy_only=False))
    parts = [_folded(written.take(pa.array(simple)), simple)]
    texts: list[str] = []
    of: list[int] = []
    for place in np.flatnonzero(~is_simple.to_numpy(zero_copy_only=False)).tolist():
        if len(raws[place]) <= LONGEST_ASKED:
            forms = words.fold(raws[place]).forms
            texts += forms
            of += [place] * len(forms)
    parts.append((pa.array(texts, pa.large_string()), np.array(of, np.int64)))
    places = np.concatenate([at for _, at in parts])
    order = np.argsort(places, kind="stable")
    together = pa.concat_arrays([part for part, _ in parts]).take(pa.array(order))
    return together, (places[order] + first).astype(np.int32)


def _folded(raws: pa.Array, places: NDArray[np.int64]) -> tuple[pa.Array, NDArray[np.int64]]:
    """Return the forms of simple spellings, by columns: with and without accents, with and without their sign."""
    exact = pc.utf8_lower(raws)
    for letter, plain in LIGATURES:
        exact = pc.replace_substring(exact, letter, plain)
    plain = pc.replace_substring_regex(pc.utf8_normalize(exact, "NFD"), ACCENTS, "")
    bare, bare_plain = (pc.replace_substring_regex(form, "^[#@]", "") for form in (exact, plain))
    forms, at = [], []
    signed = pc.not_equal(bare, exact)
    accented = pc.not_equal(exact, plain)
    for form, wanted in (
        (bare, None), (bare_plain, accented), (exact, signed), (plain, pc.and_(signed, accented)),
    ):  # fmt: skip
        forms.append(form if wanted is None else form.filter(wanted))
        at.append(places if wanted is None else places[wanted.to_numpy(zero_copy_only=False)])
    return pa.concat_arrays(forms), np.concatenate(at)
