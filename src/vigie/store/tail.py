"""The tail: what changed since the mirror's files were written, kept in memory by revision."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass

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
    revision: int


class Tail:
    """Rows changed after `base`; safe to use from several threads."""

    def __init__(self, base: int = 0) -> None:
        self.base = self.revision = base
        self._pieces: list[pa.Table] = []
        self._removed: dict[int, int] = {}
        self._snapshot: Snapshot | None = None
        self._lock = threading.Lock()

    @property
    def rows(self) -> int:
        """Return the rows held, each change counted."""
        return sum(piece.num_rows for piece in self._pieces)

    def advance(self, changed: pa.Table, removed: Sequence[tuple[int, int]], revision: int) -> None:
        """Add what changed, and (mention, revision) of what was removed, up to a revision."""
        with self._lock:
            if changed.num_rows:
                self._pieces.append(changed)
            self._removed.update(removed)
            self.revision = max(self.revision, revision)
            if changed.num_rows or removed:
                self._snapshot = None
            elif self._snapshot is not None:
                self._snapshot = Snapshot(self._snapshot.table, self._snapshot.removed, self.revision)

    def prune(self, base: int) -> None:
        """Forget what the files hold by now."""
        if base <= self.base:
            return
        with self._lock:
            kept = [piece.filter(pc.greater(piece["revision"], base)) for piece in self._pieces]
            self._pieces = [piece for piece in kept if piece.num_rows]
            self._removed = {i: r for i, r in self._removed.items() if r > base}
            self.base, self.revision, self._snapshot = base, max(self.revision, base), None

    def snapshot(self) -> Snapshot:
        """Return one row per mention, the last of each, without those removed; computed again only after a change."""
        with self._lock:
            if self._snapshot is None:
                table = _latest(self._pieces, self._removed)
                self._pieces = [table] if table.num_rows else []
                removed = np.fromiter(self._removed, dtype=np.int64, count=len(self._removed))
                self._snapshot = Snapshot(table, removed, self.revision)
            return self._snapshot


def _latest(pieces: Sequence[pa.Table], removed: dict[int, int]) -> pa.Table:
    """Return the row of highest revision of each mention, unless it was removed after."""
    if not pieces:
        return MENTIONS.empty_table()
    table = pa.concat_tables(pieces).combine_chunks()
    revisions = table["revision"].to_numpy()
    order = np.argsort(revisions, kind="stable")[::-1]
    ids = table["mention_id"].to_numpy()[order]
    _, first = np.unique(ids, return_index=True)
    rows = order[first]
    alive = [removed.get(i, -1) < r for i, r in zip(ids[first].tolist(), revisions[rows].tolist(), strict=True)]
    return table.take(pa.array(rows[np.array(alive, dtype=bool)]))
