"""What a query can't do without: terms of which the absence alone refuses it, before its program is run.

A query is looked at when the rarest of its words is there. Among ten thousand queries most such looks are in vain; two more
terms that every way through its program asks for refuse most of them by one glance at a mark each.
"""

from collections.abc import Callable
from itertools import chain, repeat

import numpy as np
from numpy.typing import NDArray

from vigie.match.laid import KIND, NO, YES, A, B, Laid, Tables
from vigie.text import kernel
from vigie.text.lexicon import Ints
from vigie.text.terms import Asked

MOST = 2
"""Terms looked at: a third refuses few that two have let through (measured on the queries of the benchmark)."""

LOOKED_AT = 8
"""Tests that are followed from the first one on, at most: those that refuse most come first."""

NONE = -1


def glances(found: Laid, *, chance: Callable[[Asked], float]) -> Ints:
    """Return the kernel's table of what decides of each query at a glance (`kernel.G_GATE` and so on)."""
    t = found.tables
    flags = kernel.OMITS * t.omits + kernel.SPOKEN * t.query_speaks + kernel.OPEN_TREE * _open_trees(t)
    return np.column_stack([gates(found, chance=chance), t.query_test, flags]).astype(np.int32)


def _open_trees(t: Tables) -> NDArray[np.bool_]:
    """Say of which queries no group of which all must hold lies within one of which any may."""
    kinds = t.nodes[:, kernel.N_TEST]
    owner = np.repeat(np.arange(len(t.query_node)), t.query_nodes)
    ends = t.query_node[owner] + t.nodes[:, kernel.N_END]
    before = np.concatenate([[0], np.cumsum(kinds == kernel.GROUP_ALL)])
    anys = np.flatnonzero(kinds == kernel.GROUP_ANY)
    shut = before[ends[anys]] > before[anys]
    return ~np.isin(np.arange(len(t.query_node)), owner[anys[shut]])


def gates(found: Laid, *, chance: Callable[[Asked], float]) -> Ints:
    """Return the rarest terms that each query can't do without, beside those that lead to it; -1 where there is none.

    Cost: linear in the queries, whole columns at a time.
    """
    t = found.tables
    chances = np.fromiter(chain(map(chance, found.asked), repeat(0.0, len(found.said))), np.float64)
    queries, terms = _without_leads(t, *_needed(t))
    order = np.lexsort((terms, chances[terms], queries))
    queries, terms = queries[order], terms[order]
    rank = np.arange(len(queries)) - np.searchsorted(queries, queries)
    rows = np.full((len(found), MOST), NONE, np.int32)
    rows[queries[rank < MOST], rank[rank < MOST]] = terms[rank < MOST]
    return rows


def _without_leads(t: Tables, queries: Ints, terms: Ints) -> tuple[Ints, Ints]:
    """Return pairs of queries and terms, each once, but for terms that alone lead to their query."""
    leads = np.bincount(t.postings, minlength=len(t.query_test))
    lead = np.zeros(len(t.query_test), np.int64)
    lead[t.postings] = np.repeat(np.arange(len(t.posting_first) - 1), np.diff(t.posting_first))
    pairs = np.unique(queries.astype(np.int64) << 32 | terms)
    queries, terms = (pairs >> 32).astype(np.int32), (pairs & 0xFFFFFFFF).astype(np.int32)
    kept = (leads[queries] != 1) | (lead[queries] != terms)
    return queries[kept], terms[kept]


def _needed(t: Tables) -> tuple[Ints, Ints]:
    """Return queries, and the terms of the tests that must hold, one after the other, for each to hold."""
    queries, tests = np.arange(len(t.query_test), dtype=np.int32), t.query_test
    found = [(np.empty(0, np.int32), np.empty(0, np.int32))]
    for _ in range(LOOKED_AT):
        queries, tests = queries[tests >= 0], tests[tests >= 0]
        must = t.tests[tests, NO] == kernel.FAILED
        queries, rows = queries[must], t.tests[tests[must]]
        at, terms = _asked(t, rows)
        plain = rows[at, kernel.T_NOT] == 0
        found.append((queries[at[plain]], terms[plain]))
        tests = rows[:, YES]
    return np.concatenate([q for q, _ in found]), np.concatenate([of for _, of in found])


def _asked(t: Tables, rows: Ints) -> tuple[Ints, Ints]:
    """Return places of tests, and the terms without which each does not hold."""
    kinds, first, last = rows[:, KIND], rows[:, A], rows[:, B]
    single = np.flatnonzero(np.isin(kinds, (kernel.ANY, kernel.SAID)) & (last - first == 1))
    placed = np.flatnonzero(kinds == kernel.PLACED)
    owner, at = _spread(first[placed], last[placed])
    steps = t.steps[at]
    has_choice = np.bincount(owner[steps[:, 0] == kernel.EITHER], minlength=len(placed)) > 0
    whole = ~has_choice[owner]
    test, steps = placed[owner[whole]], steps[whole]
    ones, many = steps[:, 0] == kernel.ONE, steps[:, 0] == kernel.ROW
    of_row, of_terms = _spread(steps[many, 1], steps[many, 2])
    places = (single, test[ones], test[many][of_row])
    terms = (t.test_terms[first[single]], steps[ones, 1], t.test_terms[of_terms])
    return np.concatenate(places).astype(np.int32), np.concatenate(terms)


def _spread(first: Ints, last: Ints) -> tuple[Ints, Ints]:
    """Return all places of some stretches, with the number of each one's stretch."""
    counts = last - first
    owner = np.repeat(np.arange(len(counts), dtype=np.int32), counts)
    place = np.arange(len(owner)) - np.repeat(np.cumsum(counts) - counts, counts)
    return owner, (place + first[owner]).astype(np.int32)
