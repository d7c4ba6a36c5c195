"""What was read from files of the mirror, remembered: a file never changes, so neither does what it says.

    figures of now = what each file says + what each step of the tail changes (`steps`)

The first term is remembered file by file. All mentions of a post stand in the file of its month, so that different posts
add up as well.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import TypeVar, cast

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from vigie.schema.tables import MENTIONS

Read = TypeVar("Read")

MOST_BYTES = 32_000_000
"""Bytes of all answers remembered: some thousands, those of a dozen months to a hundred filters."""

LARGEST_BYTES = 200_000
"""Bytes of an answer beyond which it is not remembered: figures by author may be as many as the authors."""

SMALL_BYTES = 1_000
"""What an answer that is no table counts for."""


class Remembered:
    """Answers by what was asked of which file, the last used ones; safe to use from several threads."""

    def __init__(self, most: int = MOST_BYTES, largest: int = LARGEST_BYTES) -> None:
        """Take how many bytes may be kept in all and by one answer."""
        self._most, self._largest, self._held = most, largest, 0
        self._answers: OrderedDict[Hashable, object] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, asked: Hashable, read: Callable[[], Read]) -> Read:
        """Return what is remembered, or read it."""

        def grow(known: Read | None) -> Read:
            return read() if known is None else known

        return self.grown(asked, grow)

    def grown(self, asked: Hashable, grow: Callable[[Read | None], Read]) -> Read:
        """Return what is made of what is remembered, if anything is, and remember that in its place."""
        with self._lock:
            known = cast("Read | None", self._answers.get(asked))
            if known is not None:
                self._answers.move_to_end(asked)
        found = grow(known)
        if found is not known and _size(found) <= self._largest:
            self._keep(asked, found)
        return found

    def _keep(self, asked: Hashable, found: object) -> None:
        with self._lock:
            self._held += _size(found) - _size(self._answers.get(asked))
            self._answers[asked] = found
            while self._held > self._most:
                _, forgotten = self._answers.popitem(last=False)
                self._held -= _size(forgotten)


def _size(found: object) -> int:
    if found is None:
        return 0
    tables = [one for one in (found if isinstance(found, tuple) else (found,)) if isinstance(one, pa.Table)]
    return max(SMALL_BYTES, sum(int(table.nbytes) for table in tables))


def greatest_post(path: str) -> int:
    """Return the greatest id of a post in a file, by its statistics."""
    metadata = pq.read_metadata(path)
    column = MENTIONS.get_field_index("post_id")
    found = [metadata.row_group(n).column(column).statistics for n in range(metadata.num_row_groups)]
    return max((s.max for s in found if s is not None and s.has_min_max), default=np.iinfo(np.int64).max)
