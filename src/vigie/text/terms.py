"""What is asked of words, found once per spelling: words, beginnings, shapes, capitals, misspellings.

    terms (asked by queries or phrases) x spellings (met in posts) ──► `Reach`: the terms of each spelling, by number

A spelling is looked up when it is new, with all its beginnings at once; a small set of terms meets a large lexicon by
columns instead, so that one more query over a hundred thousand spellings takes milliseconds.
"""

import re
import secrets
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from rapidfuzz.distance import OSA
from rapidfuzz.process import cdist

from vigie.text import kernel, words
from vigie.text.lexicon import Ints, Lexicon, text_buffers

WORD, PREFIX, PATTERN, CASED, FUZZY = range(5)
"""Kinds of terms (`vigie.match.tree` says what each means)."""

BY_COLUMNS = 2_000
"""Forms per term from which columns are faster: a column costs about 30 ns a form and term, a look at every beginning
of a form about 100 ns whatever the terms (measured on two cores)."""

SEED = np.uint64(secrets.randbits(64))
"""Of the hashes of terms: drawn anew by each process, so that nobody can prepare words that fall together."""

FUZZY_BLOCK = 2_000_000
"""Distances computed at once: a byte each."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A term: what it asks of a word."""

    kind: int
    form: str
    """Folded; a shape with its `?` and `*`, a beginning without its `*`, capitals kept when they are asked."""
    distance: int = 0
    """Letters that may differ, for misspellings."""


Pairs = tuple[list[int], list[int]]
"""Places of forms and numbers of terms, side by side."""


class Table:
    """Strings by number, found by their bytes."""

    def __init__(self, strings: Iterable[str]) -> None:
        self.strings = tuple(strings)
        self.slots = np.zeros(2 * (1 << max(4, int(3 * len(self.strings)).bit_length())), np.uint64)
        data, offsets = text_buffers(pa.array(self.strings, pa.large_string()), 0, len(self.strings))
        kernel.index(data, offsets, SEED, self.slots)


class Terms:
    """Terms by number, found among forms."""

    def __init__(self, asked: Sequence[Asked]) -> None:
        self.asked = tuple(asked)
        of = {kind: [(n, t) for n, t in enumerate(asked) if t.kind == kind] for kind in range(5)}
        self._words = {t.form: n for n, t in of[WORD]}
        self._prefixes = {t.form: n for n, t in of[PREFIX]}
        self._heads: dict[str, list[tuple[re.Pattern[str], int]]] = {}
        for n, term in of[PATTERN]:
            self._heads.setdefault(re.split(r"[?*]", term.form, maxsplit=1)[0], []).append((shape(term.form), n))
        self._cased: dict[str, list[tuple[str, int]]] = {}
        for n, term in of[CASED]:
            self._cased.setdefault(words.fold(term.form).asked, []).append((term.form, n))
        self._fuzzy = {d: [(t.form, n) for n, t in of[FUZZY] if t.distance == d] for d in (1, 2)}
        self._lengths = sorted({len(form) for form in (*self._prefixes, *self._heads)})
        self._whole = Table(dict.fromkeys((*self._words, *self._cased)))
        self._begun = Table(dict.fromkeys((*self._prefixes, *self._heads)))
        self._of_whole = np.array([self._words.get(form, -1) for form in self._whole.strings], np.int64)
        self._of_begun = np.array([self._prefixes.get(form, -1) for form in self._begun.strings], np.int64)
        self._is_length = np.zeros(max((len(f.encode()) for f in self._begun.strings), default=0) + 1, np.bool_)
        self._is_length[[len(form.encode()) for form in self._begun.strings]] = True

    def __len__(self) -> int:
        return len(self.asked)

    def pairs(self, forms: pa.Array, raws: pa.Array) -> Pairs:
        """Return which forms answer which terms; `raws` is the spelling that each form is of."""
        if len(forms) > BY_COLUMNS * len(self.asked):
            places, terms = self._by_columns(forms, raws)
        else:
            places, terms = self._by_bytes(forms, raws)
        for distance, asked in self._fuzzy.items():
            if asked:
                _misspelt(forms, asked, distance, places, terms)
        return places, terms

    def _by_bytes(self, forms: pa.Array, raws: pa.Array) -> Pairs:
        """Look every form up, and each of its beginnings of a length that is asked."""
        data, offsets = text_buffers(forms, 0, len(forms))
        room, found = 2 * len(forms) + 16, kernel.FULL
        while found == kernel.FULL:
            strings, keys, begun = np.empty(room, np.int64), np.empty(room, np.int64), np.empty(room, np.bool_)
            found = kernel.keys_of(
                data, offsets, SEED, self._whole.slots, self._begun.slots, self._is_length, strings, keys, begun
            )  # fmt: skip
            room *= 2
        strings, keys, begun = strings[:found], keys[:found], begun[:found]
        numbers = np.where(begun, _taken(self._of_begun, keys, begun), _taken(self._of_whole, keys, ~begun))
        places, terms = strings[numbers >= 0].tolist(), numbers[numbers >= 0].tolist()
        if self._cased or self._heads:
            self._looked_at(
                forms, raws, zip(strings.tolist(), keys.tolist(), begun.tolist(), strict=True), places, terms
            )
        return places, terms

    def _looked_at(
        self,
        forms: pa.Array,
        raws: pa.Array,
        found: Iterable[tuple[int, int, bool]],
        places: list[int],
        terms: list[int],
    ) -> None:
        """Add what must be looked at letter by letter: shapes, by their beginning; capitals, by their word."""
        for place, key, is_begun in found:
            if is_begun:
                shapes = self._heads.get(self._begun.strings[key], ())
                form = forms[place].as_py() if shapes else ""
                more = [n for pattern, n in shapes if pattern.fullmatch(form)]
            else:
                word = self._whole.strings[key]
                more = self._same_capitals(word, raws[place].as_py()) if word in self._cased else []
            places += [place] * len(more)
            terms += more

    def _same_capitals(self, form: str, raw: str) -> list[int]:
        written = words.cased(raw)
        return [n for asked, n in self._cased.get(form, ()) if asked in written]

    def _by_columns(self, forms: pa.Array, raws: pa.Array) -> Pairs:
        places: list[int] = []
        terms: list[int] = []
        for place, word in _joined(forms, self._words):
            places.append(place)
            terms.append(self._words[word])
        for length in self._lengths:
            heads = pc.utf8_slice_codeunits(forms, 0, length)
            for place, head in _joined(heads, (*self._prefixes, *self._heads), length):
                form = forms[place].as_py()
                found = [n for pattern, n in self._heads.get(head, ()) if pattern.fullmatch(form)]
                found += [self._prefixes[head]] if head in self._prefixes else []
                places += [place] * len(found)
                terms += found
        for place, form in _joined(forms, self._cased):
            found = self._same_capitals(form, raws[place].as_py())
            places += [place] * len(found)
            terms += found
        return places, terms


def _taken(values: NDArray[np.int64], keys: NDArray[np.int64], wanted: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return the values of some keys, -1 where they are not wanted."""
    found = np.full(len(keys), -1, np.int64)
    found[wanted] = values[keys[wanted]]
    return found


def _joined(forms: pa.Array, keys: Iterable[str], length: int | None = None) -> list[tuple[int, str]]:
    """Return the places of the forms that are among the keys, with the key."""
    wanted = [key for key in dict.fromkeys(keys) if length is None or len(key) == length]
    if not wanted:
        return []
    found = pc.index_in(forms, pa.array(wanted, forms.type)).to_numpy(zero_copy_only=False)
    at = np.flatnonzero(~np.isnan(found)) if found.dtype.kind == "f" else np.arange(len(found))
    return [(int(place), wanted[int(found[place])]) for place in at]


def _misspelt(forms: pa.Array, asked: list[tuple[str, int]], most: int, places: list[int], terms: list[int]) -> None:
    """Add the forms that are so many letters away from what is asked."""
    at = _as_long(forms, [len(form) for form, _ in asked], most)
    texts, step = forms.take(pa.array(at)).to_pylist(), max(1, FUZZY_BLOCK // len(asked))
    for start in range(0, len(texts), step):
        block = texts[start : start + step]
        away = cdist(block, [form for form, _ in asked], scorer=OSA.distance, score_cutoff=most, dtype=np.uint8)
        for row, column in zip(*np.nonzero(away <= most), strict=True):
            places.append(int(at[start + row]))
            terms.append(asked[int(column)][1])


def _as_long(forms: pa.Array, lengths: Sequence[int], most: int) -> NDArray[np.int64]:
    """Return the places of the forms whose length lies so near to one that is asked; others can't be so near in letters."""
    near = {length + more for length in lengths for more in range(-most, most + 1)}
    longest = max(near)
    is_near = np.array([length in near for length in range(longest + 2)])
    found = pc.utf8_length(forms).to_numpy(zero_copy_only=False)
    return np.flatnonzero(is_near[np.minimum(found, longest + 1)])


def shape(form: str) -> re.Pattern[str]:
    """Return the expression of a shape: `?` is one character, `*` any number.

    What stands between two `*` is taken at its first place, once and for all (an atomic group): a later one could only
    leave less. So many `*` take no longer than one.
    """
    first, *others = ("".join("." if c == "?" else re.escape(c) for c in part) for part in form.split("*"))
    if others:
        *middle, last = others
        first += "".join(f"(?>.*?{part})" for part in middle) + f".*{last}"
    return re.compile(first, re.DOTALL)


class Reach:
    """The terms of each spelling of a lexicon, brought up as spellings are learnt.

    `head[id]` is a place in `flat`, 0 when nothing is asked of the spelling; there stands how many terms, then they.
    """

    def __init__(self, terms: Terms, lexicon: Lexicon) -> None:
        self.terms, self.lexicon = terms, lexicon
        self._lock = threading.Lock()
        self._known, self._end = 0, 1
        self.head: Ints = np.zeros(1 << 10, np.int32)
        self.flat: Ints = np.zeros(1 << 10, np.int32)
        self.longest = 0
        """Most terms that one spelling has."""

    def brought_up(self) -> tuple[Ints, Ints]:
        """Return `head` and `flat` for every spelling known now."""
        if self._known < self.lexicon.size:
            with self._lock:
                self._bring_up(self.lexicon.size)
        return self.head, self.flat

    def _bring_up(self, size: int) -> None:
        if len(self.head) < size:
            self.head = np.concatenate([self.head, np.zeros(2 * size - len(self.head), np.int32)])
        forms, of, raws = self.lexicon.forms(self._known, size)
        places, terms = self.terms.pairs(forms, raws)
        if places:
            self._append(of[np.array(places, np.int64)], np.array(terms, np.int32))
        self._known = size

    def _append(self, ids: NDArray[np.int32], terms: NDArray[np.int32]) -> None:
        pairs = np.unique(ids.astype(np.int64) << 32 | terms)
        ids, terms = (pairs >> 32).astype(np.int32), (pairs & 0xFFFFFFFF).astype(np.int32)
        spellings, first, counts = np.unique(ids, return_index=True, return_counts=True)
        room = self._end + len(terms) + len(spellings)
        if room > len(self.flat):
            self.flat = np.concatenate([self.flat, np.zeros(2 * room - len(self.flat), np.int32)])
        heads = self._end + first + np.arange(len(spellings))
        self.flat[heads] = counts
        self.flat[
            np.arange(len(terms)) + self._end + 1 + np.searchsorted(first, np.arange(len(terms)), "right") - 1
        ] = terms
        self.head[spellings] = heads
        self._end = room
        self.longest = max(self.longest, int(counts.max()))
