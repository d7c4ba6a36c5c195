"""Tag texts with many phrases at once, on the words that queries are matched on: from the left, at each place the longest."""

from collections.abc import Iterator, Sequence
from copy import copy
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pyarrow as pa
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


def _asked(phrase: str) -> Iterator[str]:
    """Yield the words that a phrase asks for."""
    for piece in phrase.split():
        yield from _asked_in(piece)


@lru_cache(1 << 16)
def _asked_in(piece: str) -> tuple[str, ...]:
    """Return those of what holds no blank: many phrases are made of few such pieces."""
    return tuple(word.asked for word in words.words(piece))


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
        trie: list[dict[int, int]] = [{}]
        ends = [-1]
        for place, phrase in enumerate(phrases):
            node = 0
            for asked in _asked(phrase):
                term = numbers.setdefault(asked, len(numbers))
                if term not in trie[node]:
                    trie[node][term] = len(trie)
                    trie.append({})
                    ends.append(-1)
                node = trie[node][term]
            if node and ends[node] < 0:
                ends[node] = place
        lights = [numbers.setdefault(word, len(numbers)) for word in _asked(" ".join(light))]
        self._is_light = np.zeros(len(numbers), np.bool_)
        self._is_light[lights] = True
        self._reach = Reach(Terms([Asked(WORD, form) for form in numbers]), lexicon, near and near.numbered(numbers))
        self._ends = np.array(ends, np.int32)
        self._first = np.cumsum([0, *(len(edges) for edges in trie)]).astype(np.int32)
        pairs = [edge for edges in trie for edge in sorted(edges.items())]
        table = np.array(pairs, np.int32).reshape(-1, 2)
        self._root = np.zeros(len(numbers) + 1, np.int32)
        self._root[list(trie[0])] = list(trie[0].values())
        self._terms, self._to = np.ascontiguousarray(table[:, 0]), np.ascontiguousarray(table[:, 1])

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
