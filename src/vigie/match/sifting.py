"""Leave out the posts that hold none of the words by which a few queries are found, before any word is cut."""

from collections.abc import Iterable
from typing import Protocol

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from vigie.match.compiled import Compiled
from vigie.match.document import URL
from vigie.text.sieve import MOST_PIECES, Sieve
from vigie.text.terms import FUZZY, Asked

WORTH = 0.75
"""Share of posts kept from which they are read where they stand: copying them would cost more than it saves."""


class Queries(Protocol):
    """Some queries compiled together, of which some are gone."""

    @property
    def compiled(self) -> Compiled: ...
    @property
    def alive(self) -> NDArray[np.bool_]: ...


def sieve_of(parts: Iterable[Queries]) -> Sieve | None:
    """Return the sieve of the words that lead to some queries; none where a fact leads to one, or nothing, or too many words."""
    found: set[str] = set()
    for part in parts:
        forms = _leads(part)
        if forms is None or len(found | forms) > MOST_PIECES:
            return None
        found |= forms
    return Sieve.of(sorted(found)) if found else None


def _leads(part: Queries) -> set[str] | None:
    """Return the forms of which a post must hold one to be found by a query of a part."""
    if np.count_nonzero(part.alive) > MOST_PIECES:
        # Each is led to by a word of its own, nearly always: not worth a look at all postings.
        return None
    t, terms = part.compiled.tables, part.compiled.terms
    term_of = np.repeat(np.arange(len(t.posting_first) - 1), np.diff(t.posting_first))
    leads = np.unique(term_of[part.alive[t.postings]])
    if part.alive[t.always].any() or len(leads) > MOST_PIECES or (leads >= len(terms)).any():
        return None
    asked = [terms.asked[n] for n in leads.tolist()]
    return None if any(term.kind == FUZZY for term in asked) else {_whole(term) for term in asked}


def _whole(term: Asked) -> str:
    """Return the longest part of a term that stands in its words as it is."""
    return max(term.form.replace("?", "*").split("*"), key=len)


def kept(posts: pa.Table, sieve: Sieve, zones: set[int]) -> NDArray[np.int64] | None:
    """Return the rows in which one of the words may stand, where words are sought; none when nearly all are."""
    may = np.zeros(posts.num_rows, np.bool_)
    for name in ("title", "text", *(("url",) if URL in zones else ())):
        if name in posts.column_names and posts[name].null_count < posts.num_rows:
            sieve.keep(posts[name].combine_chunks(), may)
    rows = np.flatnonzero(may)
    return rows if len(rows) < WORTH * posts.num_rows else None
