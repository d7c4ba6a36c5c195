"""Count what a query would find: a sample and an estimate at once, made exact by going on."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pyarrow as pa

from vigie.measure.shares import wilson

SAMPLE = 20
"""Posts shown of a preview."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """How many posts match: between `low` and `high` at 95 %, all three equal once all was seen."""

    low: int
    middle: int
    high: int
    is_exact: bool


class Preview:
    """A count under way over batches in random order; `go_on` may be called until nothing is left.

    The first batches are a sample of the whole (row groups in random order), so the share found among them stands for
    all: its interval is Wilson's. Batches of one file are alike, so the interval is a little too narrow; it only guides
    the eye until the count is exact.
    """

    def __init__(self, batches: Iterator[pa.Table], find: Callable[[pa.Table], list[int]], *, total: int) -> None:
        self._batches, self._find = batches, find
        self.total, self.seen, self.matched = total, 0, 0
        self.sample: list[dict[str, object]] = []
        self.is_over = False

    def go_on(self, *, seconds: float, monotonic: Callable[[], float]) -> None:
        """Count for some time."""
        until = monotonic() + seconds
        while not self.is_over and monotonic() < until:
            batch = next(self._batches, None)
            if batch is None:
                self.is_over = True
                self.total = self.seen
                return
            self._take(batch)

    def _take(self, batch: pa.Table) -> None:
        rows = self._find(batch)
        self.seen += batch.num_rows
        self.matched += len(rows)
        missing = SAMPLE - len(self.sample)
        if rows and missing > 0:
            self.sample += batch.take(pa.array(rows[:missing])).to_pylist()

    def estimate(self) -> Estimate:
        """Return the count as far as it is known."""
        if self.is_over:
            return Estimate(self.matched, self.matched, self.matched, is_exact=True)
        if not self.seen:
            return Estimate(0, 0, self.total, is_exact=False)
        low, high = wilson(self.matched, self.seen)
        middle = round(self.matched / self.seen * self.total)
        least = max(self.matched, round(low * self.total))
        return Estimate(least, max(middle, least), max(round(high * self.total), least), is_exact=False)
