"""What files said is remembered within bounds."""

import numpy as np
import pyarrow as pa

from vigie.store.remembered import SMALL_BYTES, Remembered
from vigie.store.sums import added


def test_last_asked_answers_are_kept_and_large_ones_are_not() -> None:
    reads: list[str] = []

    def read(name: str) -> str:
        reads.append(name)
        return name

    kept = Remembered(most=2 * SMALL_BYTES, largest=SMALL_BYTES)
    for name in "aabacab":
        kept.of(name, lambda name=name: read(name))  # type: ignore[misc] -- mypy can't infer a lambda's default
    assert reads == ["a", "b", "c", "b"]
    large = pa.table({"x": np.zeros(1_000)})
    assert [kept.of("large", lambda: large), kept.of("large", lambda: "read again")] == [large, "read again"]


def test_answer_may_grow_and_then_stands_in_the_place_of_the_one_before() -> None:
    kept = Remembered(most=2 * SMALL_BYTES, largest=SMALL_BYTES)
    for expected in (1, 2, 3):
        assert kept.grown("a", lambda known: (known or 0) + 1) == expected
    assert kept.of("b", lambda: 5) == 5 and kept.of("a", lambda: 0) == 3


def test_numbers_that_come_to_nothing_are_left_out() -> None:
    first = pa.table({"tone": ["negative", None, "neutral"], "mentions": [3, 2, 1]})
    change = pa.table({"tone": [None, "neutral", "positive"], "mentions": [-2, 4, 1]})
    found = {row["tone"]: row["mentions"] for row in added([first, change], ["tone"]).to_pylist()}
    assert found == {"negative": 3, "neutral": 5, "positive": 1}
    assert added([pa.table({"mentions": [3]}), pa.table({"mentions": [-3]})], []).to_pylist() == [{"mentions": 0}]
