"""What is asked of words, found once per spelling: words, beginnings, shapes, capitals, misspellings.

    terms (asked by queries or phrases) x spellings (met in posts) ──► `Reach`: the terms of each spelling, by number

A spelling is looked up when it is new, with all its beginnings at once; a small set of terms meets a large lexicon by
columns instead, so that one more query over a hundred thousand spellings takes milliseconds.
"""

import re
import secrets
import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar, overload

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from rapidfuzz.distance import OSA
from rapidfuzz.process import cdist

from vigie.text import kernel, runtime, words
from vigie.text.lexicon import Ints, Kind, Lexicon, text_buffers

WORD, PREFIX, PATTERN, CASED, FUZZY = range(5)
"""Kinds of terms (`vigie.match.tree` says what each means)."""

BY_COLUMNS = 2_000
"""Forms per term from which columns are faster: a column costs about 30 ns a form and term, a look at every beginning
of a form about 100 ns whatever the terms (measured on two cores)."""

SEED = np.uint64(secrets.randbits(64))
"""Of the hashes of terms: drawn anew by each process, so that nobody can prepare words that fall together."""

SLOTS = 2
"""Slots of a table of terms per string, at least: half of them stay empty, so that what is not there is found missing at once."""

FUZZY_BLOCK = 2_000_000
"""Distances computed at once: a byte each."""


READ_AT_ONCE = 256
"""Terms of a list made objects at once: some pages, so that a walk over all leaves no holes in memory behind."""

Looked = TypeVar("Looked")


@dataclass(frozen=True, slots=True)
class Asked:
    """A term: what it asks of a word."""

    kind: int
    form: str
    """Folded; a shape with its `?` and `*`, a beginning without its `*`, capitals kept when they are asked."""
    distance: int = 0
    """Letters that may differ, for misspellings."""


class TermList(Sequence[Asked]):
    """Terms by number, in columns: about a tenth of the memory of as many objects."""

    __slots__ = ("distances", "forms", "kinds")

    def __init__(self, kinds: bytes, forms: pa.Array, distances: bytes) -> None:
        self.kinds, self.forms, self.distances = kinds, forms, distances

    @classmethod
    def of(cls, asked: Iterable[Asked]) -> "TermList":
        """Return terms as they are numbered."""
        terms = list(asked)
        forms = pa.array([term.form for term in terms], pa.string())
        return cls(bytes(term.kind for term in terms), forms, bytes(term.distance for term in terms))

    def __len__(self) -> int:
        return len(self.kinds)

    def __iter__(self) -> Iterator[Asked]:
        for first in range(0, len(self), READ_AT_ONCE):
            part = slice(first, first + READ_AT_ONCE)
            yield from map(Asked, self.kinds[part], self.forms[part].to_pylist(), self.distances[part])

    @overload
    def __getitem__(self, at: int) -> Asked: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[Asked]: ...
    def __getitem__(self, at: int | slice) -> Asked | Sequence[Asked]:
        if isinstance(at, slice):
            return TermList(self.kinds[at], self.forms.take(pa.array(range(len(self))[at])), self.distances[at])
        return Asked(self.kinds[at], self.forms[at].as_py(), self.distances[at])

    def numbers(self, kind: int) -> Ints:
        """Return the numbers of the terms of a kind."""
        return np.flatnonzero(np.frombuffer(self.kinds, np.uint8) == kind).astype(np.int32)


Pairs = tuple[NDArray[np.int64], NDArray[np.int64]]
"""Places of forms and numbers of terms, side by side."""

Keys = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.bool_]]
"""Places of forms, the strings that each is or begins with, by number, and whether it begins with it."""


class Terms:
    """Terms by number, found among forms.

    `_strings` begins with the forms of all terms, by number; then come strings that are no term themselves but lead to
    shapes and capitals. `_whole` and `_begun` find them by their letters: as they are, or at the beginning of a form.
    """

    def __init__(self, asked: Iterable[Asked]) -> None:
        runtime.begin()
        terms = asked if isinstance(asked, TermList) else TermList.of(asked)
        self.asked = terms
        cased, heads = self._capitals(), self._shapes()
        looked = pa.array([*cased, *heads], pa.string())
        self._strings = pa.concat_arrays([terms.forms, looked]) if len(looked) else terms.forms
        self.asked = TermList(terms.kinds, self._strings[: len(terms)], terms.distances)
        self._cased, self._heads = (
            self._keyed(cased, WORD, len(terms)),
            self._keyed(heads, PREFIX, len(terms) + len(cased)),
        )
        self._whole, self._begun = self._slots(WORD, self._cased), self._slots(PREFIX, self._heads)
        self._fuzzy: dict[int, list[tuple[str, int]]] = defaultdict(list)
        for n, term in self._of(FUZZY):
            self._fuzzy[term.distance].append((term.form, n))
        lengths = pc.binary_length(self._strings).to_numpy(zero_copy_only=False)[self._keys(PREFIX, self._heads)]
        self._is_length = np.zeros(int(lengths.max(initial=0)) + 1, np.bool_)
        self._is_length[lengths] = True

    def _keyed(self, values: Mapping[str, Looked], kind: int, first: int) -> dict[int, Looked]:
        """Return values by the numbers of their strings: those of a term of the kind, or their own from the first on."""
        if not values:
            return {}
        numbers = self.asked.numbers(kind)
        known = pc.index_in(pa.array(list(values), pa.string()), self.asked.forms.take(pa.array(numbers)))
        own = known.is_null().to_numpy(zero_copy_only=False)
        keys = np.where(
            own, np.arange(first, first + len(values)), np.append(numbers, 0)[known.fill_null(-1).to_numpy()]
        )
        return dict(zip(keys.tolist(), values.values(), strict=True))

    def _keys(self, kind: int, looked: Mapping[int, object]) -> Ints:
        """Return the numbers of the strings of a kind of terms, and of those that lead to others."""
        return np.unique(np.append(self.asked.numbers(kind), np.array(list(looked), np.int32)))

    def _slots(self, kind: int, looked: Mapping[int, object]) -> NDArray[np.uint32]:
        keys = self._keys(kind, looked)
        if len(self._strings) >= kernel.MOST_STRINGS:
            raise ValueError(
                f"{len(self._strings)} terms were asked of words; {kernel.MOST_STRINGS} can be told apart."
            )
        slots = np.zeros(1 << max(4, (SLOTS * len(keys)).bit_length()), np.uint32)
        kernel.index(*letters_of(self._strings), keys, SEED, slots)
        return slots

    def _of(self, kind: int) -> Iterator[tuple[int, Asked]]:
        return ((n, self.asked[n]) for n in self.asked.numbers(kind).tolist())

    def _shapes(self) -> dict[str, list[tuple[re.Pattern[str], int]]]:
        """Return shapes by the beginning that their words have."""
        found: dict[str, list[tuple[re.Pattern[str], int]]] = defaultdict(list)
        for n, term in self._of(PATTERN):
            found[re.split(r"[?*]", term.form, maxsplit=1)[0]].append((shape(term.form), n))
        return found

    def _capitals(self) -> dict[str, list[tuple[str, int]]]:
        """Return words of which the capitals are asked, by their form."""
        found: dict[str, list[tuple[str, int]]] = defaultdict(list)
        for n, term in self._of(CASED):
            found[words.fold(term.form).asked].append((term.form, n))
        return found

    def __len__(self) -> int:
        return len(self.asked)

    def pairs(self, forms: pa.Array, written: Callable[[int], str]) -> Pairs:
        """Return which forms answer which terms; `written` says the spelling that each form is of, by place."""
        by_columns = len(forms) > BY_COLUMNS * len(self)
        strings, keys, begun = self._by_columns(forms) if by_columns else self._by_bytes(forms)
        kinds = np.frombuffer(self.asked.kinds, np.uint8)
        is_term = keys < len(kinds)
        is_term[is_term] = kinds[keys[is_term]] == np.where(begun[is_term], PREFIX, WORD)
        places: list[int] = []
        terms: list[int] = []
        self._look_at(forms, written, (strings, keys, begun), places, terms)
        for distance, asked in self._fuzzy.items():
            _misspelt(forms, asked, distance, places, terms)
        return np.append(strings[is_term], np.array(places, np.int64)), np.append(
            keys[is_term], np.array(terms, np.int64)
        )

    def _by_bytes(self, forms: pa.Array) -> Keys:
        """Look every form up, and each of its beginnings of a length that is asked."""
        data, offsets = text_buffers(forms, 0, len(forms))
        asked, asked_offsets = letters_of(self._strings)
        room, found = 2 * len(forms) + 16, kernel.FULL
        while found == kernel.FULL:
            strings, keys, begun = np.empty(room, np.int64), np.empty(room, np.int64), np.empty(room, np.bool_)
            found = kernel.keys_of(
                data, offsets, SEED, asked, asked_offsets, self._whole, self._begun, self._is_length,
                strings, keys, begun,
            )  # fmt: skip
            room *= 2
        return strings[:found], keys[:found], begun[:found]

    def _by_columns(self, forms: pa.Array) -> Keys:
        """Find the same by a column of forms, and one of their beginnings per length that is asked."""
        whole, heads = self._keys(WORD, self._cased), self._keys(PREFIX, self._heads)
        found = [(*_joined(forms, self._strings, whole), False)]
        lengths = pc.utf8_length(self._strings.take(pa.array(heads))).to_numpy(zero_copy_only=False)
        for length in np.unique(lengths).tolist():
            begins = pc.utf8_slice_codeunits(forms, 0, length)
            found.append((*_joined(begins, self._strings, heads[lengths == length]), True))
        begun = np.repeat([is_begun for *_, is_begun in found], [len(at) for at, *_ in found])
        return np.concatenate([at for at, *_ in found]), np.concatenate([keys for _, keys, _ in found]), begun

    def _look_at(
        self, forms: pa.Array, written: Callable[[int], str], found: Keys, places: list[int], terms: list[int]
    ) -> None:
        """Add what must be looked at letter by letter: shapes, by their beginning; capitals, by their word."""
        strings, keys, begun = found
        of_shapes, of_capitals = (np.isin(keys, list(known)) for known in (self._heads, self._cased))
        for at in np.flatnonzero((begun & of_shapes) | (~begun & of_capitals)).tolist():
            place, key = int(strings[at]), int(keys[at])
            more = self._shaped(key, forms[place].as_py()) if begun[at] else self._same_capitals(key, written(place))
            places += [place] * len(more)
            terms += more

    def _shaped(self, key: int, form: str) -> list[int]:
        return [n for pattern, n in self._heads[key] if pattern.fullmatch(form)]

    def _same_capitals(self, key: int, raw: str) -> list[int]:
        written = words.cased(raw)
        return [n for asked, n in self._cased[key] if asked in written]


def letters_of(strings: pa.Array) -> tuple[NDArray[np.uint8], Ints]:
    """Return the bytes of strings and where each begins, as they lie in memory."""
    if not len(strings):
        return np.zeros(0, np.uint8), np.zeros(1, np.int32)
    _, at, letters = strings.buffers()
    offsets = np.frombuffer(at, np.int32)[strings.offset : strings.offset + len(strings) + 1]
    return np.frombuffer(letters, np.uint8) if letters else np.zeros(0, np.uint8), offsets


def _joined(forms: pa.Array, strings: pa.Array, keys: Ints) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the places of the forms that are among some of the strings, and each one's number."""
    found = (
        pc.index_in(forms, strings.take(pa.array(keys)).cast(pa.large_string()))
        .fill_null(-1)
        .to_numpy(zero_copy_only=False)
    )
    at = np.flatnonzero(found >= 0)
    return at, keys[found[at]].astype(np.int64)


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


class NearTerms(Protocol):
    """Finds terms that a form answers but for a letter."""

    def pairs(self, forms: pa.Array) -> tuple[list[int], list[int]]:
        """Return places of forms and numbers of terms, side by side."""
        ...


class Reach:
    """The terms of each spelling of a lexicon, brought up as spellings are learnt.

    `head[id]` is a place in `flat`, 0 when nothing is asked of the spelling; there stands how many terms, then they.
    """

    def __init__(self, terms: Terms, lexicon: Lexicon, near: NearTerms | None = None) -> None:
        self.terms, self.lexicon, self._near = terms, lexicon, near
        self._lock = threading.Lock()
        self._known, self._end = 0, 1
        self.head: Ints = np.zeros(1 << 10, np.int32)
        self.flat: Ints = np.zeros(1 << 10, np.int32)
        self.near: NDArray[np.bool_] = np.zeros(1 << 10, np.bool_)
        """By spelling: whether it answers its terms but for a letter."""
        self.longest = 0
        """Most terms that one spelling has."""

    def on(self, lexicon: Lexicon) -> "Reach":
        """Return the same terms on another lexicon."""
        return Reach(self.terms, lexicon, self._near)

    def brought_up(self) -> tuple[Ints, Ints]:
        """Return `head` and `flat` for every spelling known now."""
        if self._known < self.lexicon.size:
            with self._lock:
                self._bring_up(self.lexicon.size)
        return self.head, self.flat

    def _bring_up(self, size: int) -> None:
        if len(self.head) < size:
            self.head = _grown(self.head, size + size // 2)
            self.near = _grown(self.near, size + size // 2)
        forms, of = self.lexicon.forms(self._known, size)
        places, terms = self.terms.pairs(forms, lambda place: self.lexicon.written(int(of[place])))
        if self._near is not None:
            unanswered = np.flatnonzero(~np.isin(of, of[places]))
            at, found = self._near.pairs(forms.take(pa.array(unanswered)))
            self.near[of[unanswered[at]]] = True
            places, terms = np.append(places, unanswered[at]), np.append(terms, np.array(found, np.int64))
        if len(places):
            self._append(of[places], terms)
        self._known = size

    def _append(self, ids: Ints, terms: NDArray[np.int64]) -> None:
        pairs = np.unique(ids.astype(np.int64) << 32 | terms)
        ids, terms = (pairs >> 32).astype(np.int32), (pairs & 0xFFFFFFFF).astype(np.int32)
        spellings, first, counts = np.unique(ids, return_index=True, return_counts=True)
        room = self._end + len(terms) + len(spellings)
        if room > len(self.flat):
            self.flat = _grown(self.flat, room + room // 4)
        heads = self._end + first + np.arange(len(spellings))
        self.flat[heads] = counts
        self.flat[
            np.arange(len(terms)) + self._end + 1 + np.searchsorted(first, np.arange(len(terms)), "right") - 1
        ] = terms
        self.head[spellings] = heads
        self._end = room
        self.longest = max(self.longest, int(counts.max()))


def _grown(values: NDArray[Kind], room: int) -> NDArray[Kind]:
    """Return a larger array that begins with one; what is new is zero, and takes no memory before it is written."""
    found = np.zeros(room, values.dtype)
    found[: len(values)] = values
    return found
