"""What a query can't do without: terms of which the absence alone refuses it, before its program is run.

A query is looked at when the rarest of its words is there. Among ten thousand queries most such looks are in vain; two more
terms that every way through its program asks for refuse most of them by one glance at a mark each.
"""

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from vigie.match.laid import KIND, NO, YES, A, B, Laid, Tables
from vigie.text import kernel
from vigie.text.lexicon import Ints
from vigie.text.terms import Asked

MOST = 2
"""Terms looked at: a third refuses few that two have let through (measured on the queries of the benchmark)."""

LOOKED_AT = 8
"""Tests that are followed from the first one on, at most: those that refuse most come first."""

NONE = -1


def gates(found: Laid, *, chance: Callable[[Asked], float]) -> Ints:
    """Return the rarest terms that each query can't do without, beside those that lead to it; -1 where there is none.

    Cost: linear in the queries.
    """
    t = found.tables
    leads = _leads(t)
    chances = [chance(asked) for asked in found.asked] + [0.0] * len(found.said)
    tests, steps, terms = t.tests.tolist(), t.steps.tolist(), t.test_terms.tolist()
    rows = np.full((len(found), MOST), NONE, np.int32)
    for query, first in enumerate(t.query_test.tolist()):
        needed = {term for term in _needed(first, tests, steps, terms) if leads[query] != {term}}
        best = sorted(needed, key=chances.__getitem__)[:MOST]
        rows[query, : len(best)] = best
    return rows


def _leads(t: Tables) -> list[set[int]]:
    """Return the terms that lead to each query."""
    found: list[set[int]] = [set() for _ in range(len(t.query_test))]
    owners = np.repeat(np.arange(len(t.posting_first) - 1), np.diff(t.posting_first))
    for term, query in zip(owners.tolist(), t.postings.tolist(), strict=True):
        found[query].add(term)
    return found


def _needed(
    test: int, tests: Sequence[Sequence[int]], steps: Sequence[Sequence[int]], terms: Sequence[int]
) -> Iterator[int]:
    """Yield the terms of the tests that must hold, one after the other, for the query to hold."""
    for _ in range(LOOKED_AT):
        if test < 0:
            return
        row = tests[test]
        if row[NO] != kernel.FAILED:
            return
        if not row[kernel.T_NOT]:
            yield from _asked(row, steps, terms)
        test = row[YES]


def _asked(row: Sequence[int], steps: Sequence[Sequence[int]], terms: Sequence[int]) -> Iterator[int]:
    """Yield the terms without which a test does not hold."""
    first, last = row[A], row[B]
    if row[KIND] in (kernel.ANY, kernel.SAID) and last - first == 1:
        yield terms[first]
    elif row[KIND] == kernel.PLACED and all(step[0] != kernel.EITHER for step in steps[first:last]):
        for what, x, y, _ in steps[first:last]:
            if what == kernel.ONE:
                yield x
            elif what == kernel.ROW:
                yield from terms[x:y]
