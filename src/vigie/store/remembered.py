"""What was read from files of the mirror, remembered: a file never changes, so neither does what it says.

    figures of now = what each file says − its rows of posts touched since + the same posts as they are now

The first term is remembered file by file, the others are as small as the tail. All mentions of a post stand in the file of
its month, so that different posts add up as well.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import TypeVar, cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
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
        with self._lock:
            if asked in self._answers:
                self._answers.move_to_end(asked)
                return cast("Read", self._answers[asked])
        found = read()
        if _size(found) <= self._largest:
            self._keep(asked, found)
        return found

    def _keep(self, asked: Hashable, found: object) -> None:
        with self._lock:
            if asked not in self._answers:
                self._answers[asked] = found
                self._held += _size(found)
            while self._held > self._most:
                _, forgotten = self._answers.popitem(last=False)
                self._held -= _size(forgotten)


def _size(found: object) -> int:
    return int(found.nbytes) if isinstance(found, pa.Table) else SMALL_BYTES


@dataclass(frozen=True, slots=True)
class Touched:
    """All rows of some files that belong to some posts."""

    posts: np.ndarray
    """Ids of the posts looked for, in order; some may have no row."""
    removed: np.ndarray
    """Ids of removed mentions whose posts were looked for, in order."""
    rows: pa.Table
    """`tables.MENTIONS`."""


NOTHING_TOUCHED = Touched(np.empty(0, np.int64), np.empty(0, np.int64), MENTIONS.empty_table())


class TouchedRows:
    """What is known of touched posts, for the files of now; it grows with the tail and begins anew with other files."""

    def __init__(self) -> None:
        self._files: tuple[str, ...] = ()
        self._known = NOTHING_TOUCHED
        self._lock = threading.Lock()

    def of(
        self,
        files: tuple[str, ...],
        posts: np.ndarray,
        removed: np.ndarray,
        read: Callable[[str, np.ndarray], pa.Table],
    ) -> Touched:
        """Return the rows of some posts and of those that mentions were removed from, and maybe of more posts.

        Args:
            files: The files that `read` reads.
            posts: Ids of posts that the tail holds.
            removed: Ids of mentions that were removed.
            read: Return the rows of which a column has one of some values.
        """
        with self._lock:
            if files != self._files:
                self._files, self._known = files, NOTHING_TOUCHED
            self._known = _grown(self._known, posts, removed, read)
            return self._known


def _grown(
    known: Touched, posts: np.ndarray, removed: np.ndarray, read: Callable[[str, np.ndarray], pa.Table]
) -> Touched:
    more_removed = np.setdiff1d(removed, known.removed)
    if more_removed.size:
        posts = np.concatenate([posts, read("mention_id", more_removed)["post_id"].to_numpy()])
    more = np.setdiff1d(posts, known.posts)
    if not more.size and not more_removed.size:
        return known
    rows = pa.concat_tables([known.rows, read("post_id", more)]) if more.size else known.rows
    return Touched(np.union1d(known.posts, more), np.union1d(known.removed, removed), rows)


def greatest_post(path: str) -> int:
    """Return the greatest id of a post in a file, by its statistics."""
    metadata = pq.read_metadata(path)
    column = MENTIONS.get_field_index("post_id")
    found = [metadata.row_group(n).column(column).statistics for n in range(metadata.num_row_groups)]
    return max((s.max for s in found if s is not None and s.has_min_max), default=np.iinfo(np.int64).max)


def added(parts: Sequence[pa.Table], keys: Sequence[str]) -> pa.Table:
    """Add up numbers of parts by their keys; a combination that comes to nothing is left out."""
    numbers = [name for name in parts[0].column_names if name not in keys]
    sums = pa.concat_tables(parts).group_by([*keys]).aggregate([(name, "sum") for name in numbers])
    found = sums.rename_columns([*keys, *numbers] if sums.column_names[: len(keys)] == [*keys] else [*numbers, *keys])
    found = found.select([*keys, *numbers])
    return found.filter(pc.not_equal(found["mentions"], 0)) if keys else found
