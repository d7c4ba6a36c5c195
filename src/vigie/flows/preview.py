"""Count what a query would find: a sample and an estimate at once, made exact by going on; and what each part caught."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import islice

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from vigie.enrich.labeller import Labeller
from vigie.flows.ingest import ingest
from vigie.match import Queries, Query
from vigie.match.engine import Engine
from vigie.match.parts import Part, parts_of
from vigie.match.tree import Field, leaves
from vigie.measure.shares import wilson
from vigie.schema.vocab import LabelKind

SAMPLE = 20
"""Posts shown of a preview."""

Counts = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Estimate:
    """How many posts match: between `low` and `high` at 95 %, all three equal once all was seen."""

    low: int
    middle: int
    high: int
    is_exact: bool


def estimated(n: int, *, seen: int, total: int, is_over: bool) -> Estimate:
    """Return how many of all are of a kind of which `n` were met among those seen."""
    if is_over:
        return Estimate(n, n, n, is_exact=True)
    if not seen:
        return Estimate(0, 0, total, is_exact=False)
    low, high = wilson(n, seen)
    middle = round(n / seen * total)
    least = max(n, round(low * total))
    return Estimate(least, max(middle, least), max(round(high * total), least), is_exact=False)


@dataclass(frozen=True, slots=True)
class Look:
    """What a query does to some posts."""

    rows: list[int]
    """Those that match."""
    unsaid: int
    """Of these, found for what their source does not say."""
    held: Counts
    """Posts that each part holds for; -1 where the part asks for a language, which is read of matches alone."""
    caught: Counts
    """Matches that each part holds for."""
    alone: Counts
    """Matches that only this branch holds for; 0 for tests."""


class Looker:
    """Holds posts against a query and its parts, in one pass over their words."""

    def __init__(self, query: Query, queries: Queries, labellers: Sequence[Labeller]) -> None:
        """Take a query, and the queries that hold it alone."""
        self.parts: tuple[Part, ...] = parts_of(query.root)
        self._queries, self._labellers = queries, labellers if _speaks(query.root) else ()
        known, lexicon = queries.knowledge, queries.engine.lexicon
        each = {str(n): Query(part.node) for n, part in enumerate(self.parts)}
        self._silent = [n for n, part in enumerate(self.parts) if not _speaks(part.node)]
        self._all = Engine(each, knowledge=known, lexicon=lexicon)
        self._first = Engine(
            {"query": query} | {str(n): each[str(n)] for n in self._silent}, knowledge=known, lexicon=lexicon
        )

    def look(self, posts: pa.Table) -> Look:
        """Return what the query does to posts with columns of `DOCUMENTS`."""
        found = self._first.match(posts, unread=True)
        held = np.full(len(self.parts), -1, np.int64)
        held[self._silent] = np.bincount(found.query, minlength=len(self._silent) + 1)[1:]
        rows = np.unique(found.row[found.query == 0])
        some = posts.take(pa.array(rows, pa.int64()))
        if self._labellers and len(rows):
            some = some.append_column("language", self._languages(some))
            kept = np.unique(self._queries.found(some).row)
            rows, some = rows[kept], some.take(pa.array(kept, pa.int64()))
        strict = self._queries.found(some, strictly=True)
        caught, alone = self._caught(some)
        return Look(rows.tolist(), len(rows) - len(strict.row), held, caught, alone)

    def _languages(self, some: pa.Table) -> pa.Array:
        """Read the language of posts that may match."""
        labelled = ingest(some, queries=self._queries, keep=[True] * some.num_rows, labellers=self._labellers).labels
        read = {r["row"]: r["value"] for r in labelled.to_pylist() if r["kind"] == LabelKind.LANGUAGE}
        return pa.array([read.get(row) for row in range(some.num_rows)], pa.string())

    def _caught(self, some: pa.Table) -> tuple[Counts, Counts]:
        found = self._all.match(some)
        holds = np.zeros((len(self.parts), some.num_rows), np.bool_)
        holds[found.query, found.row] = True
        branches = np.array([part.is_branch for part in self.parts], np.bool_)
        single = holds[branches].sum(axis=0) == 1
        alone = np.where(branches, (holds & single).sum(axis=1), 0)
        return holds.sum(axis=1), alone


def _speaks(node: object) -> bool:
    return any(isinstance(leaf, Field) and leaf.name == "language" for leaf in leaves(node))  # type: ignore[arg-type]


@dataclass(slots=True)
class Tally:
    """What was counted so far of the parts of a query."""

    held: Counts = field(default_factory=lambda: np.zeros(0, np.int64))
    caught: Counts = field(default_factory=lambda: np.zeros(0, np.int64))
    alone: Counts = field(default_factory=lambda: np.zeros(0, np.int64))

    def add(self, look: Look) -> None:
        """Add what one batch gave."""
        if not len(self.held):
            self.held, self.caught, self.alone = look.held.copy(), look.caught.copy(), look.alone.copy()
            return
        self.held = np.where(look.held < 0, -1, self.held + look.held)
        self.caught, self.alone = self.caught + look.caught, self.alone + look.alone


class Preview:
    """A count under way over batches in random order; `go_on` may be called until nothing is left.

    The first batches are a sample of the whole (row groups in random order), so the share found among them stands for
    all: its interval is Wilson's. Batches of one file are alike, so the interval is a little too narrow; it only guides
    the eye until the count is exact.
    """

    def __init__(
        self,
        batches: Iterator[pa.Table],
        look: Callable[[pa.Table], Look],
        *,
        total: int,
        threads: int = 1,
        matched: Callable[[pa.Table, list[int]], None] = lambda batch, rows: None,
    ) -> None:
        """Take batches, what is done with each, the posts of all, and how many batches are looked at side by side.

        `matched` is told of each batch the rows that match, in the thread that counts.
        """
        self._batches, self._look, self._threads, self._tell = batches, look, threads, matched
        self._next: list[pa.Table] = []
        self.total, self.seen, self.matched, self.unsaid = total, 0, 0, 0
        self.tally = Tally()
        self.sample: list[dict[str, object]] = []
        self.is_over = False

    def go_on(self, *, seconds: float, monotonic: Callable[[], float]) -> None:
        """Count for some time; the kernels let go of Python's lock, so threads share the work of a count."""
        until = monotonic() + seconds
        with ThreadPoolExecutor(self._threads) as pool:
            while not self.is_over and monotonic() < until:
                now = self._next or list(islice(self._batches, self._threads))
                looks = pool.map(self._look, now)
                self._next = list(islice(self._batches, self._threads))
                for batch, look in zip(now, looks, strict=True):
                    self._take(batch, look)
                self.is_over = not self._next
        if self.is_over:
            self.total = self.seen

    def _take(self, batch: pa.Table, look: Look) -> None:
        rows = look.rows
        self.seen += batch.num_rows
        self.matched += len(rows)
        self.unsaid += look.unsaid
        self.tally.add(look)
        self._tell(batch, rows)
        missing = SAMPLE - len(self.sample)
        if rows and missing > 0:
            self.sample += batch.take(pa.array(rows[:missing])).to_pylist()

    def estimate(self) -> Estimate:
        """Return the count as far as it is known."""
        return self.estimate_of(self.matched)

    def estimate_of(self, n: int) -> Estimate:
        """Return how many of all posts are of a kind of which `n` were seen so far."""
        return estimated(n, seen=self.seen, total=self.total, is_over=self.is_over)
