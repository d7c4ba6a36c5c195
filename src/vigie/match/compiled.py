"""Many queries as the tables that the kernel reads; never changed once made, but for what new spellings add."""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vigie.match.parser import Query
from vigie.match.program import SAID, Chance, Planner, Program, program
from vigie.text import kernel
from vigie.text.lexicon import Ints, Lexicon
from vigie.text.terms import Reach, Terms

Said = tuple[str, str]
"""A test of a fact: field and value."""


@dataclass(frozen=True, slots=True)
class Tables:
    """The kernel's tables of some queries, by its own names."""

    posting_first: Ints
    postings: Ints
    omits: NDArray[np.bool_]
    always: Ints
    query_test: Ints
    query_first: Ints
    query_last: Ints
    query_node: Ints
    query_nodes: Ints
    query_speaks: NDArray[np.bool_]
    tests: Ints
    test_terms: Ints
    limits: NDArray[np.float64]
    steps: Ints
    nodes: Ints


class Scratch:
    """What the kernel writes on, one per thread."""

    def __init__(self, terms: int, queries: int, values: int, longest: int) -> None:
        self.stamp = 0
        self.mark, self.chain, self.present = (np.zeros(terms + 1, np.int64) for _ in range(3))
        self.seen = np.zeros(queries + 1, np.int64)
        self.values = np.zeros(values + 1, np.int64)
        self.nearest = np.zeros((1 << kernel.MOST_SIDES) + kernel.MOST_SIDES, np.int64)
        self.list_from, self.list_to, self.leaf_from, self.leaf_to = (np.zeros(longest + 2, np.int64) for _ in range(4))
        self.grow(1 << 12)

    def grow(self, room: int) -> None:
        """Make room for the places of a longer post."""
        self.room = room
        self.entry_place, self.entry_next, self.stretch_from, self.stretch_to = (
            np.zeros(room, np.int64) for _ in range(4)
        )
        self.ended = np.zeros(room, np.bool_)


class Compiled:
    """Some queries, by place, compiled together."""

    def __init__(self, queries: Sequence[Query], *, chance: Chance, lexicon: Lexicon) -> None:
        planner = Planner(chance)
        programs = [program(planner.plan(query.root)) for query in queries]
        self.terms = Terms(list(planner.asked))
        self.reach = Reach(self.terms, lexicon)
        self.said: dict[Said, int] = {}
        """Numbers of the tests of facts; they come after those of words."""
        self.numbers: dict[str, int] = {}
        """Fields that are compared with bounds, and their rows in the kernel's table."""
        self.tables = self._laid_out(programs)
        self.zones = {test.zone for p in programs for test in p.tests}
        self.size = len(queries)
        self._values = max((len(p.tests) + len(p.nodes) for p in programs), default=0)
        self._longest = max((len(test.steps) for p in programs for test in p.tests), default=0)
        self._local = threading.local()

    def __len__(self) -> int:
        return self.size

    @property
    def fields(self) -> set[str]:
        """Return the fields that some query tests."""
        return {name for name, _ in self.said} | set(self.numbers)

    def scratch(self) -> Scratch:
        """Return this thread's scratch."""
        found = getattr(self._local, "scratch", None)
        if found is None:
            terms = len(self.terms) + len(self.said)
            found = self._local.scratch = Scratch(terms, self.size, self._values, self._longest)
        return found

    def _number(self, term: int | Said) -> int:
        if isinstance(term, int):
            return term
        return len(self.terms) + self.said.setdefault(term, len(self.said))

    def _laid_out(self, programs: Sequence[Program]) -> Tables:
        tests: list[tuple[int, ...]] = []
        terms: list[int] = []
        limits: list[tuple[float, float]] = []
        steps: list[tuple[int, int, int, int]] = []
        nodes: list[tuple[int, int, int]] = []
        first, first_node = [], []
        for one in programs:
            base = len(tests)
            first.append(base)
            first_node.append(len(nodes))
            for test, (yes, no) in zip(one.tests, one.jumps, strict=True):
                a, b, c = self._places(test, terms, limits, steps)
                tests.append((test.kind, test.negated, a, b, c, 0, _moved(yes, base), _moved(no, base)))
            nodes += [(kind, end, base + at) for kind, end, at in one.nodes]
        postings, always = self._postings(programs)
        counts = [len(p.tests) for p in programs]
        starts = np.array(first, np.int32)
        return Tables(
            *postings,
            omits=np.array([p.omits for p in programs], np.bool_),
            always=np.array(always, np.int32),
            query_test=np.array([_moved(p.entry, n) for p, n in zip(programs, first, strict=True)], np.int32),
            query_first=starts,
            query_last=starts + np.array(counts, np.int32),
            query_node=np.array(first_node, np.int32),
            query_nodes=np.array([len(p.nodes) for p in programs], np.int32),
            query_speaks=np.array([p.speaks for p in programs], np.bool_),
            tests=_table(tests, 8),
            test_terms=np.array(terms, np.int32),
            limits=np.array(limits, np.float64).reshape(-1, 2),
            steps=_table(steps, 4),
            nodes=_table(nodes, 3),
        )

    def _places(
        self, test: Any, terms: list[int], limits: list[tuple[float, float]], steps: list[tuple[int, int, int, int]]
    ) -> tuple[int, int, int]:
        """Put what a test needs into the tables; return its a, b, c."""
        if test.kind == kernel.WITHIN:
            limits.append(test.limits)
            return len(limits) - 1, 0, self.numbers.setdefault(test.name, len(self.numbers))
        begin = len(terms)
        terms += [self._number(term) for term in test.terms]
        if test.kind == kernel.PLACED:
            first = len(steps)
            steps += [(k, begin + a, begin + b, c) if k == kernel.ROW else (k, a, b, c) for k, a, b, c in test.steps]
            return first, len(steps), test.zone
        return begin, len(terms), test.zone if test.kind == kernel.ANY else FIELD_BITS.get(test.name, 0)

    def _postings(self, programs: Sequence[Program]) -> tuple[tuple[Ints, Ints], list[int]]:
        """Return the queries to look at for each term, and those always looked at."""
        pairs = [(self._number(term), n) for n, p in enumerate(programs) for term in p.anchor.terms]
        always = [n for n, p in enumerate(programs) if not p.anchor.terms]
        table = np.array(sorted(pairs), np.int32).reshape(-1, 2)
        size = len(self.terms) + len(self.said)
        first = np.searchsorted(table[:, 0], np.arange(size + 1)).astype(np.int32)
        return (first, np.ascontiguousarray(table[:, 1])), always


FIELD_BITS: Mapping[str, int] = {name: bit for bit, name in enumerate(SAID)}
"""Bits that say of which fields a source says something."""


def _moved(place: int, by: int) -> int:
    return place if place < 0 else place + by


def _table(rows: Sequence[tuple[int, ...]], width: int) -> Ints:
    return np.array(rows, np.int32).reshape(-1, width)
