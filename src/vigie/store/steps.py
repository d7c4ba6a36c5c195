"""What the tail changes of what files say, step by step: each step is read and counted once.

    a step = all mentions of the posts that it touches: as they were before, to be taken away, and as they are after

All steps together say what is to be taken away from what files say, and what to be added. Whoever asks again after one
more step, as pages do while the past is labelled again, counts that step alone, whatever the tail holds.
"""

import threading
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

import numpy as np
import pyarrow as pa

from vigie.schema.tables import MENTIONS
from vigie.store.remembered import Remembered
from vigie.store.sums import SIGN
from vigie.store.tail import Snapshot

Answer = TypeVar("Answer")

Read = Callable[[str, np.ndarray], pa.Table]
"""Returns the rows of all files of which a column has one of some ids."""

ANSWER_BYTES = 4_000_000
"""Bytes of answers that are remembered: those of some hundred filters; they go with the files."""

PASSED_BYTES = 64_000_000
"""Bytes of rows that filters let through, for what is asked of them next: those of the longest tail to one filter."""

SIGNED = MENTIONS.append(pa.field(SIGN, pa.int8(), nullable=False))
"""Rows of steps."""


@dataclass(frozen=True, slots=True)
class Step:
    """What some changes did."""

    revision: int
    """Up to this one."""
    rows: pa.Table
    """`SIGNED`."""


class Part(NamedTuple):
    """Some steps together."""

    after: int
    upto: int
    """Revisions."""
    rows: pa.Table
    """`SIGNED`."""


class Steps:
    """The steps of a tail over some files; safe to use from several threads."""

    def __init__(self, read: Read, base: int) -> None:
        """Take what reads the files, and the revision that they hold everything up to."""
        self._read, self._base = read, base
        self._steps: list[Step] = []
        self._last: dict[int, int] = {}
        """The step that a post was touched by last; a post is read from files once."""
        self._answers = Remembered(most=ANSWER_BYTES)
        self._passed = Remembered(most=PASSED_BYTES, largest=PASSED_BYTES)
        self._lock = threading.Lock()

    def reaches(self, tail: Snapshot) -> bool:
        """Say whether these steps can say what stood at a tail: not when a later one was asked for before it."""
        with self._lock:
            return tail.revision >= self._reached or any(step.revision == tail.revision for step in self._steps)

    def answer(
        self, asked: Hashable, tail: Snapshot, count: Callable[[Part], Answer], add: Callable[[Answer, Answer], Answer]
    ) -> Answer:
        """Return what all steps up to a tail come to: those that were not counted yet are, together."""
        steps = self._upto(tail)
        upto = steps[-1].revision if steps else self._base

        def grow(known: tuple[int, Answer] | None) -> tuple[int, Answer]:
            if known is None or known[0] > upto:
                return upto, count(_part(steps, self._base, upto))
            after, answer = known
            return known if after == upto else (upto, add(answer, count(_part(steps, after, upto))))

        return self._answers.grown(asked, grow)[1]

    def passed(self, part: Part, asked: Hashable, read: Callable[[], pa.Table]) -> pa.Table:
        """Return the rows of a part that a filter lets through: what is asked next is mostly asked of the same ones."""
        return self._passed.of((part.after, part.upto, asked), read)

    @property
    def _reached(self) -> int:
        return self._steps[-1].revision if self._steps else self._base

    def _upto(self, tail: Snapshot) -> list[Step]:
        """Return the steps up to a tail, with one more when it has grown."""
        with self._lock:
            if tail.revision > self._reached:
                self._grow(*tail.after(self._reached), tail.revision)
            return [step for step in self._steps if step.revision <= tail.revision]

    def _grow(self, changed: pa.Table, removed: np.ndarray, upto: int) -> None:
        """Add a step, unless nothing changed."""
        posts = np.union1d(changed["post_id"].to_numpy(), self._posts_of(removed))
        before = self._rows_of(posts)
        ids = np.concatenate([changed["mention_id"].to_numpy(), removed])
        kept = before.filter(pa.array(~np.isin(before["mention_id"].to_numpy(), ids)))
        if not before.num_rows and not changed.num_rows:
            return
        self._last |= dict.fromkeys(posts.tolist(), len(self._steps))
        rows = pa.concat_tables([_signed(before, -1), _signed(kept, 1), _signed(changed, 1)]).combine_chunks()
        self._steps.append(Step(upto, rows))

    def _rows_of(self, posts: np.ndarray) -> pa.Table:
        """Return all mentions of some posts as of the last step: as files hold them when no step touched them."""
        at = np.array([self._last.get(post, -1) for post in posts.tolist()], np.int64)
        found = [self._of_step(int(step), posts[at == step]) for step in np.unique(at[at >= 0])]
        new = posts[at < 0]
        return pa.concat_tables([*found, *([self._read("post_id", new)] if new.size else []), MENTIONS.empty_table()])

    def _of_step(self, step: int, posts: np.ndarray) -> pa.Table:
        rows = self._steps[step].rows
        after = (rows[SIGN].to_numpy() > 0) & np.isin(rows["post_id"].to_numpy(), posts)
        return rows.filter(pa.array(after)).drop_columns(SIGN)

    def _posts_of(self, removed: np.ndarray) -> np.ndarray:
        """Return the posts of mentions that were removed, wherever they stood; a mention never moves to another post."""
        if not removed.size:
            return removed
        files = self._read("mention_id", removed)["post_id"].to_numpy()
        return np.concatenate([files, *(self._held(step, removed) for step in self._steps)])

    @staticmethod
    def _held(step: Step, ids: np.ndarray) -> np.ndarray:
        posts: np.ndarray = step.rows["post_id"].to_numpy()
        return posts[np.isin(step.rows["mention_id"].to_numpy(), ids)]


class _Growing:
    """The steps of the files and the tail of now: views of both, one after the other, go on with the same."""

    def __init__(self) -> None:
        self._of: Hashable = None
        self._steps: Steps | None = None
        self._lock = threading.Lock()

    def __call__(self, files: tuple[str, ...], tail: Snapshot, read: Read) -> Steps:
        with self._lock:
            if self._steps is None or self._of != (files, tail.begun):
                self._of, self._steps = (files, tail.begun), Steps(read, tail.base)
            return self._steps


growing = _Growing()
"""Returns the steps over some files of a tail, as far as views of them have come."""


def _signed(rows: pa.Table, sign: int) -> pa.Table:
    return rows.append_column(SIGNED.field(SIGN), pa.repeat(pa.scalar(sign, pa.int8()), rows.num_rows))


def _part(steps: Sequence[Step], after: int, upto: int) -> Part:
    rows = [step.rows for step in steps if step.revision > after]
    return Part(after, upto, pa.concat_tables([SIGNED.empty_table(), *rows]).combine_chunks())
