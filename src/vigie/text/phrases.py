"""Tag texts with many phrases at once, on the words that queries are matched on: from the left, at each place the longest."""

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass
from itertools import chain

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from vigie.text import kernel, words
from vigie.text.lexicon import Ints, Lexicon, Tokens
from vigie.text.near import Near
from vigie.text.terms import WORD, Asked, Reach, Terms

MOST_LIGHT = 3
"""Words within a phrase that are none of it: “mes yeux *qui me* brûlent *vraiment*”, hardly ever more."""


@dataclass(frozen=True, slots=True)
class Tagged:
    """Phrases found: one row each, in the order of the texts."""

    row: Ints
    phrase: Ints
    """Place of the phrase among those given."""
    start: Ints
    """First code point in the text."""
    end: Ints
    first: Ints
    """First word, among all those of the texts."""
    last: Ints
    """Word after the last one."""
    is_near: NDArray[np.bool_]
    """Whether the phrase is one word, written with a letter more, less or other."""


def _spelt(phrases: Sequence[str], numbers: dict[str, int]) -> tuple[Ints, Ints]:
    """Return how many words each phrase asks for, and their numbers one after the other; new words are numbered.

    What stands between blanks is looked at once: a hundred thousand phrases are made of few such pieces.
    """
    pieces = pc.utf8_split_whitespace(pa.array(phrases, pa.string()))
    each = pieces.flatten().dictionary_encode()
    asked = [[word.asked for word in words.words(piece)] for piece in each.dictionary.to_pylist()]
    of_piece = [[numbers.setdefault(word, len(numbers)) for word in found] for found in asked]
    counts = np.array([len(found) for found in of_piece], np.int32)
    flat, begins = np.fromiter(chain.from_iterable(of_piece), np.int32), np.cumsum(counts) - counts
    codes = each.indices.to_numpy()
    times = counts[codes]
    within = np.arange(times.sum()) - np.repeat(np.cumsum(times) - times, times)
    phrase = np.repeat(np.arange(len(phrases)), pc.list_value_length(pieces).to_numpy())
    lengths = np.bincount(phrase, times, len(phrases)).astype(np.int32)
    return lengths, flat[np.repeat(begins[codes], times) + within]


class Phrases:
    """Phrases by place, as a trie over the words they ask for; a phrase without a word is never found.

    A word without accents finds all spellings, one with them only itself, as in queries. Of two phrases that ask for
    the same words the first counts. Words of `near` are found misspelt as well. Light words may stand within a phrase
    (“le ventre *vraiment très* gonflé”), up to `MOST_LIGHT`.
    """

    def __init__(
        self, phrases: Sequence[str], lexicon: Lexicon, near: Near | None = None, light: Sequence[str] = ()
    ) -> None:
        self.lexicon = lexicon
        numbers: dict[str, int] = {}
        lengths, spelt = _spelt(phrases, numbers)
        _, lights = _spelt(light, numbers)
        self._is_light = np.zeros(len(numbers), np.bool_)
        self._is_light[lights] = True
        self._reach = Reach(Terms([Asked(WORD, form) for form in numbers]), lexicon, near and near.numbered(numbers))
        self._first, self._terms, self._to, self._ends = _trie(lengths, spelt)
        self._root = np.zeros(len(numbers) + 1, np.int32)
        self._root[self._terms[: self._first[1]]] = self._to[: self._first[1]]

    def on(self, lexicon: Lexicon) -> "Phrases":
        """Return the same phrases on another lexicon; what was laid out is shared."""
        found = copy(self)
        found.lexicon, found._reach = lexicon, self._reach.on(lexicon)
        return found

    def tag(self, texts: pa.Array) -> Tagged:
        """Find the phrases of texts."""
        return self.of(self.lexicon.read(texts))

    def of(self, tokens: Tokens, rows: Ints | None = None) -> Tagged:
        """Find the phrases among words that were cut already, on the same lexicon; in some rows, or in all."""
        head, flat = self._reach.brought_up()
        rows = np.arange(len(tokens.first) - 1, dtype=np.int32) if rows is None else rows
        room = max(1, len(tokens.ids))
        row, phrase, first, last = (np.empty(room, np.int32) for _ in range(4))
        n = kernel.tag(
            rows, tokens.first, tokens.ids, head, flat, self._root, self._first, self._terms, self._to, self._ends,
            self._is_light, MOST_LIGHT if self._is_light.any() else 0, row, phrase, first, last,
        )  # fmt: skip
        row, phrase, first, last = row[:n], phrase[:n], first[:n], last[:n]
        is_near = self._reach.near[tokens.ids[first]] & (last == first + 1)
        return Tagged(row, phrase, tokens.starts[first], tokens.ends[last - 1], first, last, is_near)


def _trie(lengths: Ints, words_of: Ints) -> tuple[Ints, Ints, Ints, Ints]:
    """Lay out phrases of so many numbered words as a trie: where each node's edges begin, their words, where they lead, what ends there.

    Nodes are numbered by depth, 0 is the root; a node's edges stand in the order of their words. A list and a dictionary a
    node would take a hundred times the memory while it is built.
    """
    phrases, deepest = len(lengths), int(lengths.max(initial=0))
    table = np.full((phrases, deepest), -1, np.int32)
    table[np.arange(deepest) < lengths[:, None]] = words_of
    order = np.lexsort((np.arange(phrases), *table.T[::-1]))
    table, lengths = table[order], lengths[order]
    at, edges, ends = np.zeros(phrases, np.int32), [], [np.array([-1], np.int32)]
    nodes = 1
    for depth in range(deepest):
        rows = np.flatnonzero(lengths > depth)
        parents, terms = at[rows], table[rows, depth]
        is_new = np.append(True, (parents[1:] != parents[:-1]) | (terms[1:] != terms[:-1]))
        at[rows] = nodes - 1 + np.cumsum(is_new)
        edges.append(np.stack([parents[is_new], terms[is_new], at[rows][is_new]], axis=1))
        # The first row of a node is its shortest phrase, and of equal ones that given first.
        ends.append(np.where(lengths[rows][is_new] == depth + 1, order[rows][is_new], -1).astype(np.int32))
        nodes += int(is_new.sum())
    parents, terms, to = np.concatenate([np.empty((0, 3), np.int32), *edges]).T
    first = np.cumsum(np.append(0, np.bincount(parents, minlength=nodes))).astype(np.int32)
    return first, np.ascontiguousarray(terms), np.ascontiguousarray(to), np.concatenate(ends)
