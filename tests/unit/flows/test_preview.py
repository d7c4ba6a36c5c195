"""A preview counts for a while, says between what and what the whole lies, and becomes exact by going on."""

import random
from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from vigie.flows.preview import SAMPLE, Estimate, Look, Preview


def batches(values: list[int], size: int) -> Iterator[pa.Table]:
    """Cut values into tables."""
    for start in range(0, len(values), size):
        yield pa.table({"n": values[start : start + size]})


def multiples_of_ten(table: pa.Table) -> Look:
    rows = [row for row, n in enumerate(table["n"].to_pylist()) if n % 10 == 0]
    nothing = np.zeros(0, np.int64)
    return Look(rows, 0, nothing, nothing, nothing)


class Clock:
    """A clock that moves a second at each look."""

    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self) -> float:
        self.at += 1
        return self.at


def preview(values: list[int], *, size: int = 100) -> Preview:
    return Preview(batches(values, size), multiples_of_ten, total=len(values))


def test_preview_begins_knowing_nothing() -> None:
    assert preview(list(range(500))).estimate() == Estimate(0, 0, 500, is_exact=False)


def test_preview_stops_when_its_time_is_over_and_goes_on_where_it_was() -> None:
    values = list(range(1_000))
    random.Random(4).shuffle(values)
    counting, clock = preview(values), Clock()
    counting.go_on(seconds=3, monotonic=clock)
    assert (counting.seen, counting.is_over) == (200, False)
    first = counting.estimate()
    assert not first.is_exact
    assert first.low <= 100 <= first.high
    assert counting.matched <= first.low <= first.middle <= first.high <= 1_000
    counting.go_on(seconds=100, monotonic=clock)
    assert counting.estimate() == Estimate(100, 100, 100, is_exact=True)
    counting.go_on(seconds=100, monotonic=clock)
    assert (counting.seen, counting.matched) == (1_000, 100)


def test_preview_interval_holds_nineteen_times_in_twenty() -> None:
    held = 0
    for seed in range(200):
        values = list(range(2_000))
        random.Random(seed).shuffle(values)
        counting = preview(values)
        counting.go_on(seconds=3, monotonic=Clock())
        found = counting.estimate()
        held += found.low <= 200 <= found.high
    assert held >= 186


def test_preview_keeps_a_bounded_sample_of_what_matched() -> None:
    counting = preview(list(range(1_000)), size=30)
    counting.go_on(seconds=1_000, monotonic=Clock())
    assert [row["n"] for row in counting.sample] == [10 * n for n in range(SAMPLE)]


def test_preview_of_less_than_was_said_is_exact_on_what_there_is() -> None:
    counting = Preview(batches(list(range(50)), 10), multiples_of_ten, total=80)
    counting.go_on(seconds=100, monotonic=Clock())
    assert counting.estimate() == Estimate(5, 5, 5, is_exact=True)


def test_preview_with_two_threads_counts_the_same_in_the_same_order() -> None:
    values = list(range(1_000))
    alone = preview(values, size=30)
    both = Preview(batches(values, 30), multiples_of_ten, total=len(values), threads=2)
    for counting in (alone, both):
        counting.go_on(seconds=1_000, monotonic=Clock())
    assert (both.sample, both.estimate(), both.seen) == (alone.sample, alone.estimate(), alone.seen)
