"""The tail: what changed since the mirror's files were written, kept in memory by revision."""

import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from vigie.schema.tables import MENTIONS

TAIL_MAX = 200_000
"""Rows that a tail may hold (DESIGN §1, rule 4): about 40 MB, and 60 ms more for a read."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The tail as of one revision."""

    table: pa.Table
    """`tables.MENTIONS`, one row per mention."""
    removed: np.ndarray
    """Ids of mentions removed since."""
    removed_at: np.ndarray
    """Revisions of these removals."""
    base: int
    revision: int
    begun: object
    """The same as long as rows were only added, each with a higher revision than all before: who counted up to a revision
    may go on from there."""

    def after(self, revision: int) -> tuple[pa.Table, np.ndarray]:
        """Return the rows changed and the ids of the mentions removed after a revision."""
        changed = self.table.filter(pc.greater(self.table["revision"], revision))
        return changed, self.removed[self.removed_at > revision]


class Tail:
    """Rows changed after `base`; safe to use from several threads.

    It grows in place: what comes makes a piece of its own, and pieces are put together as they double, so that a step costs
    what it brings and not what is held.
    """

    def __init__(self, base: int = 0) -> None:
        self.base = self.revision = base
        self._pieces: list[pa.Table] = []
        """No mention stands in two of them, and no removed one in any."""
        self._removed: dict[int, int] = {}
        self._begun = object()
        self._snapshot: Snapshot | None = None
        self._lock = threading.Lock()

    @property
    def rows(self) -> int:
        """Return the rows held, one per mention."""
        return sum(piece.num_rows for piece in self._pieces)

    def advance(self, changed: pa.Table, removed: Sequence[tuple[int, int]], revision: int) -> None:
        """Add what changed, and (mention, revision) of what was removed, up to a revision."""
        with self._lock:
            if changed.num_rows:
                self._take(changed)
            if removed:
                self._removed = self._removed | dict(removed)
                self._pieces = [_alive(piece, self._removed) for piece in self._pieces]
            self.revision = max(self.revision, revision)
            if changed.num_rows or removed:
                self._snapshot = None
            elif self._snapshot is not None:
                self._snapshot = replace(self._snapshot, revision=self.revision)

    def _take(self, changed: pa.Table) -> None:
        if pc.min(changed["revision"]).as_py() <= self.revision:
            # It came late: who counted step by step did not see it.
            self._begun = object()
            self._pieces = [_alive(_latest([*self._pieces, changed]), self._removed)]
            return
        newest = _alive(_latest([changed]), self._removed)
        ids = newest["mention_id"].to_numpy()
        self._pieces = _together([*(_without(piece, ids) for piece in self._pieces), newest])

    def prune(self, base: int) -> None:
        """Forget what the files hold by now."""
        if base <= self.base:
            return
        with self._lock:
            kept = [piece.filter(pc.greater(piece["revision"], base)) for piece in self._pieces]
            self._pieces = [piece for piece in kept if piece.num_rows]
            self._removed = {i: r for i, r in self._removed.items() if r > base}
            self.base, self.revision, self._snapshot = base, max(self.revision, base), None
            self._begun = object()

    def snapshot(self) -> Snapshot:
        """Return one row per mention, the last of each, without those removed; the same until something changes."""
        with self._lock:
            if self._snapshot is None:
                table = pa.concat_tables([MENTIONS.empty_table(), *self._pieces])
                removed, removed_at = _array(self._removed), _array(self._removed.values())
                self._snapshot = Snapshot(table, removed, removed_at, self.base, self.revision, self._begun)
            return self._snapshot


def _array(numbers: Iterable[int]) -> np.ndarray:
    return np.fromiter(numbers, dtype=np.int64)


def _together(pieces: Sequence[pa.Table]) -> list[pa.Table]:
    """Return pieces of which each has less than half the rows of the one before."""
    found: list[pa.Table] = []
    for piece in pieces:
        found.append(piece)
        while len(found) > 1 and 2 * found[-1].num_rows >= found[-2].num_rows:
            found[-2:] = [pa.concat_tables(found[-2:]).combine_chunks()]
    return found


def _latest(pieces: Sequence[pa.Table]) -> pa.Table:
    """Return the row of highest revision of each mention."""
    table = pa.concat_tables(pieces).combine_chunks()
    order = np.argsort(table["revision"].to_numpy(), kind="stable")[::-1]
    _, first = np.unique(table["mention_id"].to_numpy()[order], return_index=True)
    return table.take(pa.array(order[first]))


def _without(rows: pa.Table, ids: np.ndarray) -> pa.Table:
    """Return rows without those of some mentions; mostly there are none."""
    theirs = np.isin(rows["mention_id"].to_numpy(), ids)
    return rows.filter(pa.array(~theirs)) if theirs.any() else rows


def _alive(rows: pa.Table, removed: Mapping[int, int]) -> pa.Table:
    """Return rows without those of mentions that were removed after."""
    ids = rows["mention_id"].to_numpy()
    places = np.flatnonzero(np.isin(ids, _array(removed)))
    revisions = rows["revision"].to_numpy()
    gone = [i for i in places.tolist() if removed[int(ids[i])] >= revisions[i]]
    return rows.filter(pa.array(~np.isin(np.arange(rows.num_rows), gone))) if gone else rows
