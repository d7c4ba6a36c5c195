"""Compiled queries as numbers alone: they can be put together, thinned out and kept, and are bound to no process.

    queries ──► programs ──► `Laid`: terms by number, and the kernel's tables ──► merged, kept (`kept.py`), run

Within its tables a query points at its own rows only (tests, steps, bounds, nodes) and at terms, so that sets of queries
are joined by moving these pointers, whole columns at a time.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from vigie.match.program import SAID, Program, Test
from vigie.text import kernel
from vigie.text.lexicon import Ints
from vigie.text.terms import Asked, TermList

Said = tuple[str, str]
"""A test of a fact: field and value."""

Alive = NDArray[np.bool_]

FIELD_BITS: Mapping[str, int] = {name: bit for bit, name in enumerate(SAID)}
"""Bits that say of which fields a source says something."""

LISTED = (kernel.SOME, kernel.ROW)
"""Kinds of steps whose a and b are places among the terms of tests."""

KIND, A, B, C, D, YES, NO = 0, 2, 3, 4, 5, 6, 7
"""Columns of `Tables.tests`: what is tested, its four numbers, where to go on when it holds and when not."""


@dataclass(frozen=True, slots=True)
class Tables:
    """The kernel's tables of some queries, by its own names."""

    posting_first: Ints
    postings: Ints
    beside: Ints
    """By posting: a term that the post must have too for this one to lead to the query, or -1."""
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


@dataclass(frozen=True, slots=True)
class Laid:
    """Some queries, by place."""

    asked: TermList
    """Terms of words by number."""
    said: tuple[Said, ...]
    """Tests of facts; their numbers come after those of words."""
    numbers: tuple[str, ...]
    """Fields that are compared with bounds, by row of the kernel's table."""
    tables: Tables

    def __len__(self) -> int:
        return len(self.tables.query_test)

    @property
    def zones(self) -> set[int]:
        """Return the zones in which something is sought."""
        t = self.tables.tests
        return set(t[(t[:, KIND] == kernel.ANY) | (t[:, KIND] == kernel.PLACED), C].tolist())

    @property
    def values(self) -> int:
        """Return the most tests and nodes that one query has."""
        t = self.tables
        return int((t.query_last - t.query_first + t.query_nodes).max(initial=0))

    @property
    def longest(self) -> int:
        """Return the most steps that one test has."""
        placed = self.tables.tests[self.tables.tests[:, KIND] == kernel.PLACED]
        return int((placed[:, B] - placed[:, A]).max(initial=0))


def laid(programs: Sequence[Program], asked: Sequence[Asked]) -> Laid:
    """Lay programs out, whose terms of words are numbers of `asked`."""
    return _Layout(len(asked)).of(programs, TermList.of(asked))


class _Layout:
    def __init__(self, terms: int) -> None:
        self._base = terms
        self._said: dict[Said, int] = {}
        self._numbers: dict[str, int] = {}
        self._terms: list[int] = []
        self._limits: list[tuple[float, float]] = []
        self._steps: list[tuple[int, int, int, int]] = []

    def of(self, programs: Sequence[Program], asked: TermList) -> Laid:
        tests: list[tuple[int, ...]] = []
        nodes: list[tuple[int, int]] = []
        first, first_node = [], []
        for one in programs:
            base = len(tests)
            first.append(base)
            first_node.append(len(nodes))
            for test, (yes, no) in zip(one.tests, one.jumps, strict=True):
                a, b, c = self._places(test)
                tests.append((test.kind, test.negated, a, b, c, _needed(test), _after(yes, base), _after(no, base)))
            nodes += [(end, _after(at, base)) for end, at in one.nodes]
        starts = np.array(first, np.int32)
        pairs = [(self._number(t), n, beside) for n, p in enumerate(programs) for t, beside in p.anchor.terms.items()]
        tables = Tables(
            *_postings(np.array(pairs, np.int64).reshape(-1, 3), self._base + len(self._said)),
            omits=np.array([p.omits for p in programs], np.bool_),
            always=np.array([n for n, p in enumerate(programs) if not p.anchor.terms], np.int32),
            query_test=np.array([_after(p.entry, n) for p, n in zip(programs, first, strict=True)], np.int32),
            query_first=starts,
            query_last=starts + np.array([len(p.tests) for p in programs], np.int32),
            query_node=np.array(first_node, np.int32),
            query_nodes=np.array([len(p.nodes) for p in programs], np.int32),
            query_speaks=np.array([p.speaks for p in programs], np.bool_),
            tests=_table(tests, 8),
            test_terms=np.array(self._terms, np.int32),
            limits=np.array(self._limits, np.float64).reshape(-1, 2),
            steps=_table(self._steps, 4),
            nodes=_table(nodes, 2),
        )
        return Laid(asked, tuple(self._said), tuple(self._numbers), tables)

    def _number(self, term: int | Said) -> int:
        if isinstance(term, int):
            return term
        return self._base + self._said.setdefault(term, len(self._said))

    def _places(self, test: Test) -> tuple[int, int, int]:
        """Put what a test needs into the tables; return its a, b, c."""
        if test.kind == kernel.WITHIN:
            self._limits.append(test.limits)
            return len(self._limits) - 1, 0, self._numbers.setdefault(test.name, len(self._numbers))
        begin = len(self._terms)
        self._terms += [self._number(term) for term in test.terms]
        if test.kind == kernel.PLACED:
            first = len(self._steps)
            self._steps += [(k, begin + a, begin + b, c) if k in LISTED else (k, a, b, c) for k, a, b, c in test.steps]
            return first, len(self._steps), test.zone
        return begin, len(self._terms), test.zone if test.kind == kernel.ANY else FIELD_BITS.get(test.name, 0)


def _needed(test: Test) -> int:
    """Return the term without which a test of places does not hold, or whether any of its lists may be empty."""
    if [step[0] for step in test.steps] == [kernel.ROW]:
        (_, begin, _, rarest) = test.steps[0]
        term = test.terms[begin + rarest]
        return term if isinstance(term, int) else kernel.OPEN
    return kernel.OPEN if any(step[0] == kernel.EITHER for step in test.steps) else kernel.WHOLE


def _after(place: int, by: int) -> int:
    return place if place < 0 else place + by


def _table(rows: Sequence[tuple[int, ...]], width: int) -> Ints:
    return np.array(rows, np.int32).reshape(-1, width)


def _postings(pairs: NDArray[np.int64], terms: int) -> tuple[Ints, Ints, Ints]:
    """Return, of (term, query, term beside), where each term's queries begin, the queries, in their order, and the last."""
    pairs = pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))]
    first = np.searchsorted(pairs[:, 0], np.arange(terms + 1)).astype(np.int32)
    return first, pairs[:, 1].astype(np.int32), pairs[:, 2].astype(np.int32)


def merged(parts: Sequence[tuple[Laid, Alive]]) -> Laid:
    """Put the queries of several sets together that are alive, in their order; terms that none asks any more are left out."""
    thin = [one if alive.all() else _thinned(one, alive) for one, alive in parts]
    asked: dict[Asked, int] = {}
    said: dict[Said, int] = {}
    numbers: dict[str, int] = {}
    for one in thin:
        terms = list(one.asked)
        for n in _used(one.tables).tolist():
            if n < len(terms):
                asked.setdefault(terms[n], len(asked))
            else:
                said.setdefault(one.said[n - len(terms)], len(said))
        for name in one.numbers:
            numbers.setdefault(name, len(numbers))
    renumbered = [_renumbered(one, asked, said, numbers) for one in thin]
    return Laid(TermList.of(asked), tuple(said), tuple(numbers), _joined(renumbered, len(asked) + len(said)))


def _used(t: Tables) -> NDArray[np.int32]:
    """Return the numbers of the terms that tests ask for, each once."""
    return np.unique(np.concatenate([t.test_terms, t.steps[t.steps[:, 0] == kernel.ONE, 1]]))


def _thinned(one: Laid, alive: Alive) -> Laid:
    """Return the queries that are alive, with their own rows of the tables."""
    t = one.tables
    tests = t.tests[np.repeat(alive, t.query_last - t.query_first)]
    nodes = t.nodes[np.repeat(alive, t.query_nodes)]
    first, counts = t.query_first[alive], (t.query_last - t.query_first)[alive]
    new_first = _begins(counts)
    tests[:, YES:] = _moved(tests[:, YES:], np.repeat(new_first - first, counts)[:, None])
    nodes[:, 1] = _moved(nodes[:, 1], np.repeat(new_first - first, t.query_nodes[alive]))
    place = np.cumsum(alive) - 1
    pairs = _pairs(t)
    pairs = pairs[alive[pairs[:, 1]]]
    pairs[:, 1] = place[pairs[:, 1]]
    posting_first, postings, beside = _postings(pairs, len(t.posting_first) - 1)
    tables = replace(
        t,
        posting_first=posting_first,
        postings=postings,
        beside=beside,
        omits=t.omits[alive],
        always=place[t.always[alive[t.always]]].astype(np.int32),
        query_test=_moved(t.query_test[alive], new_first - first),
        query_first=new_first,
        query_last=new_first + counts,
        query_node=_begins(t.query_nodes[alive]),
        query_nodes=t.query_nodes[alive],
        query_speaks=t.query_speaks[alive],
        tests=tests,
        nodes=nodes,
    )
    return replace(one, tables=_swept(tables))


def _swept(t: Tables) -> Tables:
    """Leave out the steps, bounds and terms that no test points at any more."""
    tests, kinds = t.tests.copy(), t.tests[:, KIND]
    placed, within = kinds == kernel.PLACED, kinds == kernel.WITHIN
    listed = ~(placed | within)
    keeps, at = _pointed(tests[placed][:, [A, B]], len(t.steps))
    tests[placed, A], tests[placed, B] = at[tests[placed, A]], at[tests[placed, B]]
    steps = t.steps[keeps]
    keeps, at = _pointed(np.stack([tests[within, A], tests[within, A] + 1], 1), len(t.limits))
    tests[within, A] = at[tests[within, A]]
    limits = t.limits[keeps]
    rows = np.isin(steps[:, 0], LISTED)
    keeps, at = _pointed(np.concatenate([tests[listed][:, [A, B]], steps[rows][:, 1:3]]), len(t.test_terms))
    tests[listed, A], tests[listed, B] = at[tests[listed, A]], at[tests[listed, B]]
    steps[rows, 1:3] = at[steps[rows, 1:3]]
    return replace(t, tests=tests, steps=steps, limits=limits, test_terms=t.test_terms[keeps])


def _pointed(ranges: NDArray[np.int32], size: int) -> tuple[Alive, NDArray[np.int64]]:
    """Return which of so many rows lie in a range, and where each row, and the end, stands among them."""
    edges = np.zeros(size + 1, np.int64)
    np.add.at(edges, ranges[:, 0], 1)
    np.add.at(edges, ranges[:, 1], -1)
    keeps = np.cumsum(edges)[:size] > 0
    return keeps, np.concatenate([[0], np.cumsum(keeps)])


def _renumbered(one: Laid, asked: Mapping[Asked, int], said: Mapping[Said, int], numbers: Mapping[str, int]) -> Tables:
    """Return a set's tables with the numbers that terms and fields have among all."""
    of = [asked.get(term, 0) for term in one.asked] + [len(asked) + said.get(test, 0) for test in one.said]
    to = np.array(of, np.int32)
    t = one.tables
    tests, steps = t.tests.copy(), t.steps.copy()
    within, ones = tests[:, KIND] == kernel.WITHIN, steps[:, 0] == kernel.ONE
    tests[within, C] = np.array([numbers[name] for name in one.numbers], np.int32)[tests[within, C]]
    steps[ones, 1] = to[steps[ones, 1]]
    tests[tests[:, D] >= 0, D] = to[tests[tests[:, D] >= 0, D]]
    pairs = _pairs(t)
    pairs[:, 0] = to[pairs[:, 0]]
    pairs[pairs[:, 2] >= 0, 2] = to[pairs[pairs[:, 2] >= 0, 2]]
    first, postings, beside = _postings(pairs, len(asked) + len(said))
    terms = to[t.test_terms]
    return replace(t, tests=tests, steps=steps, test_terms=terms, posting_first=first, postings=postings, beside=beside)


def _joined(tables: Sequence[Tables], terms: int) -> Tables:
    """Put tables under one another, of which terms and fields have the same numbers."""
    moved, pairs = [], [np.zeros((0, 3), np.int64)]
    queries = tests = listed = limits = steps = nodes = 0
    for t in tables:
        pairs.append(np.add(_pairs(t), (0, queries, 0)))
        moved.append(_further(t, queries, tests, listed, limits, steps, nodes))
        queries, tests, listed = queries + len(t.query_test), tests + len(t.tests), listed + len(t.test_terms)
        limits, steps, nodes = limits + len(t.limits), steps + len(t.steps), nodes + len(t.nodes)
    first, postings, beside = _postings(np.concatenate(pairs), terms)
    names = [f.name for f in fields(Tables) if f.name not in ("posting_first", "postings", "beside")]
    columns = {name: np.concatenate([getattr(t, name) for t in moved]) for name in names}
    return Tables(posting_first=first, postings=postings, beside=beside, **columns)


def _further(t: Tables, queries: int, tests: int, listed: int, limits: int, steps: int, nodes: int) -> Tables:
    """Move a set's pointers by the sizes of what stands before it."""
    rows, kinds = t.tests.copy(), t.tests[:, KIND]
    rows[:, YES:] = _moved(rows[:, YES:], np.int32(tests))
    placed, within = kinds == kernel.PLACED, kinds == kernel.WITHIN
    by = np.where(placed, steps, np.where(within, limits, listed)).astype(np.int32)
    rows[:, A] += by
    rows[:, B] += np.where(within, 0, by).astype(np.int32)
    stepped = t.steps.copy()
    stepped[np.isin(stepped[:, 0], LISTED), 1:3] += listed
    return replace(
        t,
        always=t.always + np.int32(queries),
        query_test=_moved(t.query_test, np.int32(tests)),
        query_first=t.query_first + np.int32(tests),
        query_last=t.query_last + np.int32(tests),
        query_node=t.query_node + np.int32(nodes),
        tests=rows,
        steps=stepped,
        nodes=np.column_stack([t.nodes[:, 0], _moved(t.nodes[:, 1], np.int32(tests))]),
    )


def _pairs(t: Tables) -> NDArray[np.int64]:
    """Return the postings as (term, query, term beside)."""
    terms = np.repeat(np.arange(len(t.posting_first) - 1), np.diff(t.posting_first))
    return np.stack([terms, t.postings.astype(np.int64), t.beside.astype(np.int64)], 1)


def _moved(places: Ints, by: Ints | np.int32) -> Ints:
    """Move places that are rows; those below zero are ends (HELD, FAILED)."""
    return np.where(places < 0, places, places + by).astype(np.int32)


def _begins(counts: Ints) -> Ints:
    return (np.cumsum(counts) - counts).astype(np.int32)
