"""What the tail changes is read and counted step by step: what a step costs does not grow with the tail."""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from vigie.store import figures
from vigie.store.figures import View
from vigie.store.filters import Filter
from vigie.store.mirror import Mirror
from vigie.store.steps import Part, Steps
from vigie.store.sums import SIGN, added, counted, summed
from vigie.store.tail import Tail

from .oracle import NOW, ZONE, mention, table

FILES = table(
    [mention(i, post, watch, i, tone=None) for i, post, watch in ((1, 10, 1), (2, 10, 2), (3, 11, 1), (4, 12, 1))]
)


class Files:
    """Files that tell what was asked of them."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, list[int]]] = []

    def read(self, column: str, ids: np.ndarray) -> pa.Table:
        self.asked.append((column, ids.tolist()))
        return FILES.filter(pa.array(np.isin(FILES[column].to_numpy(), ids)))


def signed(part: Part) -> list[tuple[int, int, str | None]]:
    """Return sign, mention and tone of rows."""
    return sorted(zip(*(part.rows[name].to_pylist() for name in (SIGN, "mention_id", "tone")), strict=True), key=str)


def parts(steps: Steps, tail: Tail) -> list[list[tuple[int, int, str | None]]]:
    """Ask for all rows of steps, part by part as they are counted."""
    return steps.answer("rows", tail.snapshot(), lambda part: [signed(part)], lambda known, more: [*known, *more])


def test_step_takes_away_what_was_and_adds_what_is_of_all_mentions_of_the_posts_it_touches() -> None:
    files, tail = Files(), Tail(4)
    steps = Steps(files.read, 4)
    tail.advance(table([mention(1, 10, 1, 5, tone="negative")]), [], 5)
    first = [(-1, 1, None), (-1, 2, None), (1, 1, "negative"), (1, 2, None)]
    assert parts(steps, tail) == [first]
    tail.advance(table([mention(2, 10, 2, 6, tone="neutral"), mention(5, 13, 1, 7, tone=None)]), [(3, 8)], 8)
    second = [
        (-1, 1, "negative"), (-1, 2, None), (-1, 3, None), (1, 1, "negative"), (1, 2, "neutral"), (1, 5, None),
    ]  # fmt: skip
    assert parts(steps, tail) == [first, second]
    assert files.asked == [("post_id", [10]), ("mention_id", [3]), ("post_id", [11, 13])]
    assert parts(steps, tail) == [first, second] and len(files.asked) == 3


def test_mention_removed_before_it_was_in_any_file_leaves_its_step() -> None:
    files, tail = Files(), Tail(4)
    steps = Steps(files.read, 4)
    tail.advance(table([mention(5, 13, 1, 5, tone=None), mention(6, 13, 2, 6, tone=None)]), [], 6)
    parts(steps, tail)
    tail.advance(table([]), [(5, 7)], 7)
    assert parts(steps, tail)[1] == [(-1, 5, None), (-1, 6, None), (1, 6, None)]


def test_view_of_before_says_what_stood_then_or_begins_anew() -> None:
    files, tail = Files(), Tail(4)
    steps = Steps(files.read, 4)
    tail.advance(table([mention(1, 10, 1, 5, tone="negative")]), [], 5)
    before = tail.snapshot()
    asked = parts(steps, tail)
    tail.advance(table([mention(3, 11, 1, 6)]), [], 6)
    between = tail.snapshot()
    tail.advance(table([mention(4, 12, 1, 7)]), [], 7)
    parts(steps, tail)
    assert steps.reaches(before) and not steps.reaches(between) and steps.reaches(tail.snapshot())
    assert steps.answer("rows", before, lambda part: [signed(part)], lambda *_: []) == asked


@pytest.fixture
def read_rows(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Gather how many rows of changes were looked through, and given to each count."""
    found: list[int] = []
    for name in ("passing", "counted"):
        original = getattr(figures, name)

        def told(rows: pa.Table, *args: Any, original: Any = original, **kwargs: Any) -> Any:
            found.append(rows.num_rows)
            return original(rows, *args, **kwargs)

        monkeypatch.setattr(figures, name, told)
    return found


@pytest.mark.parametrize("held", [10, 2_000])
def test_what_a_page_reads_after_one_more_step_does_not_grow_with_the_tail(
    held: int, tmp_path: Path, read_rows: list[int]
) -> None:
    rows = [mention(i, i, 1, i, tone="neutral") for i in range(1, 3_001)]
    mirror, tail = Mirror(tmp_path), Tail(3_000)
    made = mirror.rebuild(table(rows).to_batches(), epoch=1, revision=3_000, time_zone=ZONE, now=NOW)

    def asked(step: int, ids: range) -> Any:
        revision = 3_000 + 3_000 * step
        tail.advance(table([mention(i, i, 1, revision + i, tone="negative") for i in ids]), [], revision + 3_000)
        view, chosen = View(mirror, made, tail), Filter((1,), subjects={1: 4})
        kinds = [view.counts(chosen, by, posts=True) for by in (("day", "tone"), ("tone",), ("drug",), ("subject",))]
        return kinds[1].to_pylist(), view.totals(chosen).posts

    asked(1, range(1, held + 1))
    read_rows.clear()
    tones, posts = asked(2, range(2_500, 2_505))
    assert posts == 3_000 and {row["tone"]: row["mentions"] for row in tones}["negative"] == held + 5
    # Five posts as they were and as they are: looked through once, counted for each question.
    assert read_rows == [10] * 5


def test_numbers_of_changes_add_up_whatever_they_come_to() -> None:
    """Two mentions of a post go and one of each of two others come: no mention more, but a post."""
    rows = pa.table(
        {
            SIGN: pa.array([-1, -1, 1, 1], pa.int8()), "post_id": [1, 1, 2, 3], "watch_id": [1, 2, 1, 1],
            "tone": pa.array([None] * 4, pa.string()), "drugs": [["a", "b"], None, ["a"], None],
        }
    )  # fmt: skip
    numbers = ["mentions", "posts"]
    tones = counted(rows, ("tone",), numbers, {}, absent=False)
    assert tones.to_pylist() == [{"tone": None, "mentions": 0, "posts": 1}]
    drugs = counted(rows, ("drug",), numbers, {}, absent=True).to_pylist()
    assert {r["drug"]: (r["mentions"], r["posts"]) for r in drugs} == {"a": (0, 0), "b": (-1, -1), None: (0, 0)}
    subjects = counted(rows, ("subject",), ["mentions AS posts"], {1: 7, 2: None}, absent=False)
    assert subjects.to_pylist() == [{"subject": 7, "posts": 1}]
    assert counted(rows.slice(0, 0), (), numbers, {}, absent=False).to_pylist() == [{"mentions": 0, "posts": 0}]
    assert summed([tones, tones], ["tone"]).to_pylist() == [{"tone": None, "mentions": 0, "posts": 2}]
    assert added([tones, tones], ["tone"]).num_rows == 0
