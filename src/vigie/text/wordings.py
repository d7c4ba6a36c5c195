"""Find wordings: phrases with classes of words, gaps and conditions on their sentence, on the words that queries use.

A wording is written as words, as they are typed, with:

    {kin}     a word of a class           mon|ma|mes   one of some words      prescri*   a word that begins so
    (très)    words that may be missing   _            any word, no negator and after no comma; ~3: up to three such
    <have>    one of some wordings        ?  alone     a sentence that `?` ends, whole; `?!` one that both signs end
    ^ first, $ last: where its sentence begins, ends; ? or ! last: how its sentence ends; : last: it has a colon after its first words
    & first: even when it is denied

A word without accents finds all spellings, one with capitals only them. Nothing goes over a sentence's end; nothing is found
in addresses and quotations, nor where a negator or “if” stands up to two words before, save where the wording says `&`.
"""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from vigie.text import kernel, wordings_kernel, words
from vigie.text.lexicon import Ints, Lexicon, Tokens, text_buffers
from vigie.text.terms import CASED, PREFIX, WORD, Asked, Reach, Terms
from vigie.text.wordings_kernel import (
    ASKS,
    AT_END,
    AT_START,
    CRIES,
    EVEN_DENIED,
    IF_ASKS,
    IF_CRIES,
    IF_TITLED,
    LINK,
    QUOTED,
)

NEGATORS = [
    "pas",
    "jamais",
    "sans",
    "aucun",
    "aucune",
    "aucuns",
    "aucunes",
    "ni",
    "non",
    "not",
    "never",
    "no",
    "without",
    "don't",
    "doesn't",
    "isn't",
    "aren't",
    "wasn't",
    "didn't",
    "neither",
    "nor",
]
"""Words that deny what stands after them. `ne` is not among them: spoken French leaves it out, and its `pas` comes after."""

SUPPOSERS = ["si", "if", "whether"]
"""Words after which something is supposed: “si j'étais infirmière”, “whether I am”."""

MOST_WORDINGS = 200_000
"""Wordings after all alternatives are written out: beyond, some wording holds too many choices."""

ANY = "~"
Flags = NDArray[np.uint8]
Step = tuple[str, ...]
"""Words of which one stands at a place; `(ANY,)` for any word."""


@dataclass(frozen=True, slots=True)
class Sentences:
    """What stands around words: a mark by word, and the sentences they form."""

    marks: Flags
    of_word: Ints
    """Number of each word's sentence."""
    first: Ints
    """First word of each sentence."""
    end: Ints
    """Code point after the last word or sign of each sentence."""
    bits: Flags


@dataclass(frozen=True, slots=True)
class Found:
    """Wordings found: one row each, in no order that counts; those of one place may overlap."""

    row: Ints
    wording: Ints
    """Place of the wording among those given."""
    start: Ints
    """First code point in the text."""
    end: Ints
    sentence: Ints
    """Number of the sentence among all read."""


@dataclass(slots=True)
class _Trie:
    edges: list[dict[int, int]] = field(default_factory=lambda: [{}])
    any_to: list[int] = field(default_factory=lambda: [-1])
    endings: list[list[int]] = field(default_factory=lambda: [[]])

    def put(self, steps: Sequence[int], wording: int) -> None:
        node = 0
        for symbol in steps:
            node = self._any(node) if symbol < 0 else self._step(node, symbol)
        if wording not in self.endings[node]:
            self.endings[node].append(wording)

    def _step(self, node: int, symbol: int) -> int:
        if symbol not in self.edges[node]:
            self.edges[node][symbol] = self._new()
        return self.edges[node][symbol]

    def _any(self, node: int) -> int:
        if self.any_to[node] < 0:
            self.any_to[node] = self._new()
        return self.any_to[node]

    def _new(self) -> int:
        self.edges.append({})
        self.any_to.append(-1)
        self.endings.append([])
        return len(self.edges) - 1


class Wordings:
    """Wordings by place, as a trie over symbols: a word, or a class of words.

    Raises:
        ValueError: a wording names a class or list that is not there, is empty, or holds too many choices.
    """

    def __init__(
        self,
        wordings: Sequence[str],
        *,
        classes: Mapping[str, Sequence[str]] | None = None,
        lists: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        self._symbols: dict[Step, int] = {tuple(NEGATORS): 0, tuple(SUPPOSERS): 1}
        self._asks: list[int] = []
        self._cries_too: list[int] = []
        trie, bits = _Trie(), []
        for place, written in enumerate(wordings):
            asked, body = conditions(written)
            bits.append(asked)
            if written in ("?", "?!"):
                (self._asks if written == "?" else self._cries_too).append(place)
                continue
            for steps in written_out(body, classes or {}, lists or {}):
                trie.put([self._symbol(step) for step in steps], place)
            if len(trie.edges) > MOST_WORDINGS:
                raise ValueError(f"Too many choices: {written}")
        self._conditions = np.array(bits, np.uint8)
        self._lay_out(trie)
        self._terms, self._symbol_first, self._symbol_of = self._terms_of()
        self._reach: Reach | None = None

    def _symbol(self, step: Step) -> int:
        return -1 if step == (ANY,) else self._symbols.setdefault(step, len(self._symbols))

    def _lay_out(self, trie: _Trie) -> None:
        """Lay the trie out in columns."""
        pairs = np.array([edge for edges in trie.edges for edge in sorted(edges.items())], np.int32).reshape(-1, 2)
        self._first = np.cumsum([0, *(len(edges) for edges in trie.edges)]).astype(np.int32)
        self._edge, self._to = np.ascontiguousarray(pairs[:, 0]), np.ascontiguousarray(pairs[:, 1])
        self._any_to = np.array(trie.any_to, np.int32)
        self._ending_first = np.cumsum([0, *(len(ends) for ends in trie.endings)]).astype(np.int32)
        self._ending = np.array([place for ends in trie.endings for place in ends], np.int32)
        self._root = np.zeros(len(self._symbols), np.int32)
        self._root[list(trie.edges[0])] = list(trie.edges[0].values())

    def _terms_of(self) -> tuple[Terms, Ints, Ints]:
        """Return what is asked of words, and the symbols that each answer stands for."""
        of: dict[Asked, list[int]] = {}
        for step, symbol in self._symbols.items():
            for word in step:
                of.setdefault(_asked(word), []).append(symbol)
        first = np.cumsum([0, *(len(symbols) for symbols in of.values())]).astype(np.int32)
        return Terms(list(of)), first, np.array([s for symbols in of.values() for s in symbols], np.int32)

    def of(self, texts: pa.Array, tokens: Tokens, lexicon: Lexicon) -> tuple[Found, Sentences]:
        """Find the wordings of texts, whose words were cut already by this lexicon."""
        around = tokens.once(lambda: sentences(texts, tokens), sentences)
        row, wording, first, last = self._found(tokens, around, lexicon)
        phrases = Found(row, wording, tokens.starts[first], tokens.ends[last], around.of_word[first])
        return _together(phrases, *self._whole(tokens, around)), around

    def _found(self, tokens: Tokens, around: Sentences, lexicon: Lexicon) -> tuple[Ints, Ints, Ints, Ints]:
        head, flat = self._reached(lexicon).brought_up()
        room, n = len(tokens.ids) // 2 + 64, kernel.FULL
        while n == kernel.FULL:
            out = tuple(np.empty(room, np.int32) for _ in range(4))
            n = wordings_kernel.find(
                tokens.first, tokens.ids, around.marks, around.of_word, around.bits,
                head, flat, self._symbol_first, self._symbol_of, self._root, self._first, self._edge, self._to,
                self._any_to, self._ending_first, self._ending, self._conditions, *out,
            )  # fmt: skip
            room *= 4
        row, wording, first, last = (column[:n] for column in out)
        return row, wording, first, last

    def _reached(self, lexicon: Lexicon) -> Reach:
        """Return the table of a lexicon; a new lexicon has a new one."""
        reach = self._reach
        if reach is None or reach.lexicon is not lexicon:
            reach = self._reach = Reach(self._terms, lexicon)
        return reach

    def _whole(self, tokens: Tokens, around: Sentences) -> Iterator[Found]:
        """Yield the sentences that end as `?` and `?!` say, of which at least one word is the author's own."""
        both = around.bits & (ASKS | CRIES)
        for places, wanted in ((self._asks, ASKS), (self._cries_too, ASKS | CRIES)):
            if places and len(both):
                own = np.bitwise_and.reduceat(around.marks & (LINK | QUOTED), around.first) == 0
                at = np.flatnonzero((both == wanted) & own).astype(np.int32)
                row = (np.searchsorted(tokens.first, around.first[at], "right") - 1).astype(np.int32)
                for place in places:
                    yield Found(
                        row, np.full(len(at), place, np.int32), tokens.starts[around.first[at]], around.end[at], at
                    )


def sentences(texts: pa.Array, tokens: Tokens) -> Sentences:
    """Return what stands around the words of texts."""
    data, offsets = text_buffers(texts, 0, len(texts))
    n = len(tokens.ids)
    marks, of_word, first, end, bits = (
        np.zeros(n, np.uint8), np.zeros(n, np.int32), np.zeros(n, np.int32), np.zeros(n, np.int32), np.zeros(n, np.uint8)
    )  # fmt: skip
    known = wordings_kernel.mark(
        data, offsets, tokens.first, tokens.starts, tokens.ends, marks, of_word, first, end, bits
    )
    return Sentences(marks, of_word, first[:known], end[:known], bits[:known])


def _together(one: Found, *others: Found) -> Found:
    columns = ([getattr(found, name) for found in (one, *others)] for name in Found.__slots__)
    return Found(*(np.concatenate(parts) for parts in columns))


def conditions(written: str) -> tuple[int, str]:
    """Return what a wording asks of its place, and the rest of it."""
    parts, asked = written.split(), 0
    for sign, bit, at in (
        ("&", EVEN_DENIED, 0),
        ("^", AT_START, 0),
        ("?", IF_ASKS, -1),
        ("!", IF_CRIES, -1),
        (":", IF_TITLED, -1),
        ("$", AT_END, -1),
    ):
        if parts and parts[at] == sign:
            asked |= bit
            parts.pop(at)
    return asked, " ".join(parts)


def written_out(
    body: str, classes: Mapping[str, Sequence[str]], lists: Mapping[str, Sequence[str]]
) -> Iterator[list[Step]]:
    """Yield every row of steps that a wording stands for."""
    choices = list(_choices(body.replace("(", " ( ").replace(")", " ) ").split(), classes, lists))
    for chosen in itertools.product(*choices):
        steps = [step for part in chosen for step in part]
        if not steps or steps[0] == (ANY,):
            raise ValueError(f"A wording begins with a word: {body}")
        yield steps


def _choices(
    parts: Sequence[str], classes: Mapping[str, Sequence[str]], lists: Mapping[str, Sequence[str]]
) -> Iterator[list[list[Step]]]:
    """Yield, part by part of a wording, the rows of steps that may stand there."""
    at = 0
    while at < len(parts):
        part = parts[at]
        if part == "(":
            end = parts.index(")", at)
            inner = list(_choices(parts[at + 1 : end], classes, lists))
            yield [[], *([step for p in chosen for step in p] for chosen in itertools.product(*inner))]
            at = end
        elif part.startswith("<"):
            yield [steps for body in _named(lists, part) for steps in written_out(body, classes, lists)]
        elif part.startswith("~"):
            yield [[(ANY,)] * n for n in range(int(part[1:]) + 1)]
        else:
            yield _literal(part, classes)
        at += 1


def _named(known: Mapping[str, Sequence[str]], part: str) -> Sequence[str]:
    name = part[1:-1]
    if name not in known:
        raise ValueError(f"There is no “{name}” of words")
    return known[name]


def _literal(part: str, classes: Mapping[str, Sequence[str]]) -> list[list[Step]]:
    """Return the rows of steps that words, as they are typed, or one of some words, may stand for."""
    alternatives = [steps for one in part.split("|") for steps in _alternatives(one, classes)]
    if len(alternatives) == 1:
        return alternatives
    single = tuple(step[0] for steps in alternatives if len(steps) == 1 for step in steps if step != (ANY,))
    others = [steps for steps in alternatives if len(steps) != 1 or steps[0] == (ANY,)]
    return ([[single]] if single else []) + others


def _alternatives(one: str, classes: Mapping[str, Sequence[str]]) -> Iterator[list[Step]]:
    if one.startswith("{"):
        for word in _named(classes, one):
            yield from _alternatives(word, classes)
    elif one in ("_", "~1"):
        yield [(ANY,)]
    elif one.endswith("*"):
        yield [(one,)]
    else:
        yield [(word if word != word.lower() else found.asked,) for word, found in _cut(one)]


def _cut(part: str) -> Iterator[tuple[str, words.Word]]:
    return ((part[token.start : token.end], token.word) for token in words.tokens(part))


def _asked(word: str) -> Asked:
    if word.endswith("*"):
        return Asked(PREFIX, words.fold(word[:-1]).asked)
    if word != word.lower():
        return Asked(CASED, word)
    return Asked(WORD, words.fold(word).asked)
