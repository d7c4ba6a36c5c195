"""The first posts of a list out of the best rows of each file and of the tail: enough for a first page, nearly always."""

from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from vigie.store.orders import Key, Order

SLACK = timedelta(days=1)
"""A day in the company's time zone may lie in the month before or after the instant's in UTC."""


class Tops:
    """The best rows seen so far; the tail's first, then files, the latest month first."""

    def __init__(self, by: Order, n: int, hidden: np.ndarray) -> None:
        """Take how many rows are wanted, and the ids of the files' rows that the tail knows better."""
        self._by, self._n, self._hidden = by, n, hidden
        self._keys = [(name, "descending") for name in by.names]
        self._rows: list[pa.Table] = []
        self._ends: list[Key] = []
        """Ranks of the last rows of parts that hold more."""
        self._left_out = False

    @property
    def are_all(self) -> bool:
        """Say whether there are no more rows than were taken."""
        return not self._ends and not self._left_out

    def take_fresh(self, rows: pa.Table) -> None:
        """Take the best rows of the tail, in their order."""
        if rows.num_rows == 2 * self._n:
            self._ends.append(self._rank(rows, rows.num_rows - 1))
        self._rows.append(rows)

    def take(self, rows: pa.Table) -> None:
        """Take the best rows of a file, in their order."""
        if rows.num_rows == 2 * self._n:
            self._ends.append(self._rank(rows, rows.num_rows - 1))
        self._rows.append(rows.filter(pa.array(~np.isin(rows["mention_id"].to_numpy(), self._hidden))))

    def are_beyond(self, month: str) -> bool:
        """Say whether a month, and all before it, can hold none of the rows wanted; they are then left out."""
        bound = self._bound() if self._by.by_time else None
        self._left_out = bound is not None and month < _month_before(bound[0])
        return self._left_out

    def best(self) -> pa.Table | None:
        """Return the rows that rank as high as the n-th; nothing when a part may hold more of them."""
        together = self._sorted()
        if together.num_rows <= self._n and self.are_all:
            return together
        bound = self._bound()
        if bound is None or any(end >= bound for end in self._ends):
            return None
        last = next(
            (i for i in range(self._n, together.num_rows) if self._rank(together, i) < bound), together.num_rows
        )
        return together.slice(0, last)

    def _sorted(self) -> pa.Table:
        together = pa.concat_tables(self._rows)
        return together.take(pc.sort_indices(together, sort_keys=self._keys))

    def _bound(self) -> Key | None:
        """Return the rank of the n-th row."""
        together = self._sorted()
        return self._rank(together, self._n - 1) if together.num_rows >= self._n else None

    def _rank(self, rows: pa.Table, at: int) -> Key:
        found: list[Any] = [rows[name][at].as_py() for name in self._by.names]
        return tuple(found)


def _month_before(instant: datetime) -> str:
    return (instant - SLACK).isoformat()[:7]
