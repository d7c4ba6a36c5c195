"""What files said is remembered within bounds, and what the tail touches is read once."""

import numpy as np
import pyarrow as pa

from vigie.schema.tables import MENTIONS
from vigie.store.remembered import SMALL_BYTES, Remembered, TouchedRows, added

from .oracle import mention, table


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


def test_rows_of_touched_posts_are_read_once_per_post_and_anew_for_other_files() -> None:
    rows = table([mention(1, 10, 1, 1), mention(2, 10, 2, 2), mention(3, 11, 1, 3), mention(4, 12, 1, 4)])
    asked: list[tuple[str, list[int]]] = []

    def read(column: str, ids: np.ndarray) -> pa.Table:
        asked.append((column, ids.tolist()))
        return rows.filter(pa.array(np.isin(rows[column].to_numpy(), ids)))

    nobody, touched = np.empty(0, np.int64), TouchedRows()
    assert touched.of(("f",), np.array([10]), nobody, read).rows["mention_id"].to_pylist() == [1, 2]
    assert touched.of(("f",), np.array([10]), np.array([3]), read).rows["mention_id"].to_pylist() == [1, 2, 3]
    assert touched.of(("f",), np.array([10, 11]), np.array([3]), read).rows.num_rows == 3
    assert asked == [("post_id", [10]), ("mention_id", [3]), ("post_id", [11])]
    assert touched.of(("g",), nobody, nobody, read).rows.equals(MENTIONS.empty_table())


def test_numbers_that_come_to_nothing_are_left_out() -> None:
    first = pa.table({"tone": ["negative", None, "neutral"], "mentions": [3, 2, 1]})
    change = pa.table({"tone": [None, "neutral", "positive"], "mentions": [-2, 4, 1]})
    found = {row["tone"]: row["mentions"] for row in added([first, change], ["tone"]).to_pylist()}
    assert found == {"negative": 3, "neutral": 5, "positive": 1}
    assert added([pa.table({"mentions": [3]}), pa.table({"mentions": [-3]})], []).to_pylist() == [{"mentions": 0}]
