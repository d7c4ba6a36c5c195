"""What is asked of words, found once per spelling: words, beginnings, shapes, capitals, misspellings.

    terms (asked by queries or phrases) x spellings (met in posts) ──► `Reach`: the terms of each spelling, by number

A spelling is looked up in dictionaries when it is new; a small set of terms meets a large lexicon by columns instead,
so that one more query over a hundred thousand spellings takes milliseconds.
"""

import re
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from rapidfuzz.distance import OSA
from rapidfuzz.process import cdist

from vigie.text import words
from vigie.text.lexicon import Ints, Lexicon

WORD, PREFIX, PATTERN, CASED, FUZZY = range(5)
"""Kinds of terms (`vigie.match.tree` says what each means)."""

BY_COLUMNS = 20
"""New forms per term from which columns are faster than dictionaries: a column costs about 30 ns a form whatever the
terms, a dictionary about 1 µs (measured on two cores)."""

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

    def __len__(self) -> int:
        return len(self.asked)

    def pairs(self, forms: pa.Array, raws: pa.Array) -> Pairs:
        """Return which forms answer which terms; `raws` is the spelling that each form is of."""
        if len(forms) > BY_COLUMNS * len(self.asked):
            places, terms = self._by_columns(forms, raws)
        else:
            places, terms = self._by_dictionaries(forms, raws)
        for distance, asked in self._fuzzy.items():
            if asked:
                _misspelt(forms.to_pylist(), asked, distance, places, terms)
        return places, terms

    def _by_dictionaries(self, forms: pa.Array, raws: pa.Array) -> Pairs:
        places: list[int] = []
        terms: list[int] = []
        written = raws.to_pylist() if self._cased else []
        for place, form in enumerate(forms.to_pylist()):
            found = self._of_form(form)
            if self._cased and form in self._cased:
                found += self._same_capitals(form, written[place])
            places += [place] * len(found)
            terms += found
        return places, terms

    def _of_form(self, form: str) -> list[int]:
        word = self._words.get(form)
        found = [] if word is None else [word]
        for length in self._lengths:
            if length > len(form):
                break
            head = form[:length]
            prefix = self._prefixes.get(head)
            if prefix is not None:
                found.append(prefix)
            if head in self._heads:
                found += [n for pattern, n in self._heads[head] if pattern.fullmatch(form)]
        return found

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


def _joined(forms: pa.Array, keys: Iterable[str], length: int | None = None) -> list[tuple[int, str]]:
    """Return the places of the forms that are among the keys, with the key."""
    wanted = [key for key in dict.fromkeys(keys) if length is None or len(key) == length]
    if not wanted:
        return []
    found = pc.index_in(forms, pa.array(wanted, forms.type)).to_numpy(zero_copy_only=False)
    at = np.flatnonzero(~np.isnan(found)) if found.dtype.kind == "f" else np.arange(len(found))
    return [(int(place), wanted[int(found[place])]) for place in at]


def _misspelt(forms: list[str], asked: list[tuple[str, int]], most: int, places: list[int], terms: list[int]) -> None:
    """Add the forms that are so many letters away from what is asked."""
    step = max(1, FUZZY_BLOCK // len(asked))
    for start in range(0, len(forms), step):
        block = forms[start : start + step]
        away = cdist(block, [form for form, _ in asked], scorer=OSA.distance, score_cutoff=most, dtype=np.uint8)
        for row, column in zip(*np.nonzero(away <= most), strict=True):
            places.append(start + int(row))
            terms.append(asked[int(column)][1])


def shape(form: str) -> re.Pattern[str]:
    """Return the expression of a shape: `?` is one character, `*` any number."""
    parts = (".*" if c == "*" else "." if c == "?" else re.escape(c) for c in form)
    return re.compile("".join(parts), re.DOTALL)


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
