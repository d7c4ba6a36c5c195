"""Group posts into stories while they stream: reposts, quotes that add little, and near-duplicates.

    batch ──sketch (text.sketches)──► group (text.groups) ──► what changed: posts, stories made, stories that joined
                                        ▲ index: the posts of a window, loaded from rows and saved to rows

What is decided:

- A **repost** is in the story of what it repeats, a **quote** only when it adds fewer than `sketches.FEWEST_WORDS` words:
  with more it says something of its own, and is compared by its own words.
- A **near-duplicate** has at least `LEAST_ALIKE` of its pairs of words (`text.sketches`) in common with a post of the window,
  by the estimate of their sketches. Links, names of accounts, emoji, capitals, accents and punctuation are no part of it. Texts of few words
  are never alike by chance: they have no sketch.
- Alike is handed on: a story holds all posts that a chain of likeness or links ties together. So it does not matter in
  which order posts arrive, nor in which batches, as long as no band overflows (`groups.MOST_COMPARED`).
- A story's number is given when a second post comes to the first, and stays. Where two stories turn out to be one, the
  older number stays and the other is reported as merged into it.
- A new version of a post that is alike to the one before stays in its story, and so does one that others repeat or quote: they
  repeat the post, whichever version. Another leaves it, and is grouped by its new words; the others stay together.
- What is older than the window is forgotten: a copy of a text that was last said before begins a story of its own. A repost
  joins whatever its age when the caller hands in the post that it repeats.

Cost: linear in posts; the window does not slow a post down, it takes memory (`BYTES_A_POST`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from vigie.text import groups
from vigie.text.sketches import ABSENT, LANES, Sketched, packed, unpacked

LEAST_ALIKE = 0.45
"""Share of the pairs of words of two texts, told by their sketches, from which they are one text: a sentence of fourteen words
keeps 0.72 with one word misspelt, 0.5 with two; unlike texts on one subject share less than 0.1. Chosen on the demo's posts and
on tweets, edited in seven ways (`benchmarks/stories.py`): from 0.4 on unlike posts come together."""

WINDOW_DAYS = 30
"""Days for which a text is remembered after it was last read: what is repeated later is another wave."""

MOST_POSTS = 48_000
"""Posts remembered at least when more come, the newest: an import, a worker and each page that takes posts in hold an index of
their own, beside all else in 600 MB (issue 3, Speed)."""

FULL_POSTS = 64_000
"""Posts from which the oldest beyond `MOST_POSTS` are forgotten: 51 MB. Their entries fill a table of 2^21 to `FULL`."""

BYTES_A_POST = 1_000
"""Memory of one remembered post, about: 256 of its sketch, 130 of links and forest, the rest its entries in the table and the
room that both grow into (`benchmarks/stories.py`)."""

PLANTED_RECALL, PLANTED_PRECISION = 0.986, 1.0
"""Share of planted edits that are found, and share of pairs of one story that belong together: the lower of the figures on the
demo's posts and on tweets (`benchmarks/stories.py`)."""

FIRST_SLOTS = 1 << 10
"""Posts that there is room for at first; doubled when full."""

FULL = 0.7
"""Share of the hash table that is filled at most: beyond, open addressing looks at many places."""

Ids = NDArray[np.int64]
Hashes = NDArray[np.uint64]


class Tie(StrEnum):
    """How a post came into its story; values stand in the record and in files."""

    FIRST = "first"
    """It was there, and others came to it."""
    REPOST = "repost"
    QUOTE = "quote"
    NEAR = "near"


TIES = (Tie.FIRST, Tie.REPOST, Tie.QUOTE, Tie.NEAR)
"""By the numbers of `text.groups`."""

STATE = pa.schema(
    [
        pa.field("post", pa.int64(), nullable=False),
        pa.field("key", pa.uint64(), nullable=False),
        pa.field("repost", pa.uint64(), nullable=False),
        pa.field("quote", pa.uint64(), nullable=False),
        pa.field("signature", pa.binary(), nullable=False),
        pa.field("at", pa.int64(), nullable=False),
        pa.field("story", pa.int64()),
    ]
)
"""One row per post that an index remembers, in the order in which they came.

post: its number. key, repost, quote: `link` of its own key and of those of the posts that it repeats or quotes, 0 where there
is none. signature: the sketch, empty where the text has none. at: when it was sketched, any unit that grows. story: absent
while it stands alone.
"""


@dataclass(frozen=True, slots=True)
class Batch:
    """Posts to group, one place each; no post twice."""

    posts: Ids
    keys: Hashes
    reposts: Hashes
    quotes: Hashes
    signatures: Sketched
    at: Ids
    stories: Ids
    """The stories that they are known to be in; 0 where none is known."""

    def __len__(self) -> int:
        return len(self.posts)


@dataclass(frozen=True, slots=True)
class Placed:
    """What changed: posts whose story is another than before, stories made and merged."""

    posts: Ids
    stories: Ids
    """Above 0 the story's number, 0 where the post stands alone now, below 0 the nth story made (-1 the first)."""
    ties: NDArray[np.uint8]
    """Places in `TIES`."""
    similarities: NDArray[np.float64]
    """Estimated share of pairs of words in common with the most alike post before it; not a number for other ties than `NEAR`."""
    made: int
    """Stories made, to be named by `StoryIndex.name` before the next batch."""
    merged: tuple[tuple[int, int], ...]
    """Stories that turned out to be one: the number that goes, and the older one that stays; in this order."""


def link(key: bytes | None) -> int:
    """Return the number by which the index knows a post's key: its first 8 bytes; 0 for none.

    Among a million posts two keys share them with odds of 3 in 10^8 (birthday bound).
    """
    return int.from_bytes(key[:8], "little") if key else 0


def batch_of(
    posts: Sequence[int],
    keys: Sequence[bytes | None],
    reposts: Sequence[bytes | None],
    quotes: Sequence[bytes | None],
    signatures: Sketched,
    *,
    at: int,
) -> Batch:
    """Return a batch of posts read now, whose stories are not known."""
    n = len(posts)
    own, repeated, quoted = (np.array([link(key) for key in some], np.uint64) for some in (keys, reposts, quotes))
    numbers, times = np.array(posts, np.int64), np.full(n, at, np.int64)
    return Batch(numbers, own, repeated, quoted, signatures, times, np.zeros(n, np.int64))


_KINDS: Mapping[str, type[np.generic]] = {
    **dict.fromkeys(("posts", "at", "stories", "given"), np.int64),
    **dict.fromkeys(("keys", "reposts", "quotes"), np.uint64),
    **dict.fromkeys(("parents", "living", "sole"), np.int32),
    **dict.fromkeys(("ties", "similar"), np.uint8),
    "sketched": np.bool_,
}
"""Columns of one cell a slot."""


@dataclass(slots=True)
class _Columns:
    """What is kept of each slot; a slot is a version of a post."""

    posts: Ids
    """0 where another version took its place."""
    keys: Hashes
    reposts: Hashes
    quotes: Hashes
    signatures: Sketched
    sketched: NDArray[np.bool_]
    at: Ids
    stories: Ids
    """Of a root: its story, 0 without."""
    given: Ids
    """The story that the caller knows of."""
    following: NDArray[np.int32]
    parents: NDArray[np.int32]
    living: NDArray[np.int32]
    """Of a root: its posts, those without a version of their own left out."""
    sole: NDArray[np.int32]
    """Of a root with one post: its slot."""
    ties: NDArray[np.uint8]
    similar: NDArray[np.uint8]

    @classmethod
    def of(cls, room: int) -> "_Columns":
        """Return empty columns for so many slots."""
        cells: dict[str, NDArray[Any]] = {name: np.zeros(room, kind) for name, kind in _KINDS.items()}
        cells["signatures"] = np.zeros((room, LANES), np.uint32)
        cells["following"] = np.zeros((room, groups.BANDS), np.int32)
        return cls(**cells)

    def with_room(self, room: int) -> "_Columns":
        """Return the same with room for so many slots."""
        wider = _Columns.of(room)
        for name in self.__slots__:
            getattr(wider, name)[: len(self.posts)] = getattr(self, name)
        return wider


@dataclass(slots=True)
class _Changes:
    """What the loops say, until it is told."""

    slots: list[NDArray[np.int32]] = field(default_factory=list)
    merged: list[tuple[int, int]] = field(default_factory=list)


class StoryIndex:
    """The posts of a window and the stories they are in. Not for several threads at once."""

    size: int
    """Slots in use: posts, and their versions that others took the place of."""

    def __init__(self) -> None:
        self._begin()

    def _begin(self) -> None:
        self._columns = _Columns.of(FIRST_SLOTS)
        self._tags = np.zeros(32 * FIRST_SLOTS, np.uint64)
        self._heads = np.zeros(32 * FIRST_SLOTS, np.int32)
        self._entries, self._made, self.size = 0, 0, 0
        self._changes = _Changes()

    @property
    def bytes(self) -> int:
        """Return the memory that it takes."""
        columns = sum(getattr(self._columns, name).nbytes for name in self._columns.__slots__)
        return int(columns + self._tags.nbytes + self._heads.nbytes)

    @classmethod
    def of(cls, rows: pa.Table) -> "StoryIndex":
        """Return the index that `rows` (of `STATE`) were saved of."""
        index = cls()
        index.add(batch_from(rows))
        return index

    def rows(self) -> pa.Table:
        """Return what is remembered, as rows of `STATE`; oldest first."""
        return self._rows(np.flatnonzero(self._columns.posts[: self.size]))

    def _rows(self, slots: Ids) -> pa.Table:
        c = self._columns
        stories = self._stories(slots)
        cells = [
            c.posts[slots],
            c.keys[slots],
            c.reposts[slots],
            c.quotes[slots],
            packed(c.signatures[slots]),
            c.at[slots],
        ]
        columns = [pa.array(some, kind.type) for some, kind in zip(cells, STATE, strict=False)]
        return pa.table([*columns, pa.array(stories, pa.int64(), mask=stories == 0)], schema=STATE)

    def place(self, batch: Batch) -> Placed:
        """Group a batch and say what changed."""
        self.add(batch)
        return self.changes()

    def remember(self, batch: Batch) -> None:
        """Take in posts that were grouped before: their stories are known, and none is looked for."""
        self.add(batch, compared=False)

    def add(self, batch: Batch, *, compared: bool = True) -> None:
        """Group posts; what changes is told by `changes`. Texts that are not compared join what they are known to be in."""
        if not len(batch):
            return
        start, end = self.size, self.size + len(batch)
        self._make_room(end)
        before = self._slots_of(groups.OF_ID, batch.posts.astype(np.uint64))
        is_new = before < 0
        self._fill(batch, start, end)
        stays = self._replace(before[~is_new], np.flatnonzero(~is_new) + start, end)
        self.size = end
        self._group(start, end, stays, compared)

    def _fill(self, batch: Batch, start: int, end: int) -> None:
        c = self._columns
        c.posts[start:end], c.at[start:end] = batch.posts, batch.at
        c.keys[start:end], c.reposts[start:end] = batch.keys, batch.reposts
        c.signatures[start:end], c.sketched[start:end] = batch.signatures, is_sketched(batch.signatures)
        c.quotes[start:end] = np.where(c.sketched[start:end], 0, batch.quotes)
        c.stories[start:end] = c.given[start:end] = batch.stories
        c.ties[start:end] = c.similar[start:end] = 0

    def _replace(self, old: NDArray[np.int32], new: Ids, end: int) -> NDArray[np.int32]:
        """Empty the slots of versions that are replaced; return the pairs of slots, new and old, that stay together."""
        c = self._columns
        if not len(old):
            return np.empty((0, 2), np.int32)
        c.given[new] = np.where(c.given[new] == 0, self._stories(old), c.given[new])
        c.living[self._roots(old)] -= 1
        c.posts[old] = 0
        alike = (c.signatures[old] == c.signatures[new]).mean(axis=1) >= LEAST_ALIKE
        repeats = (c.reposts[old] == c.reposts[new]) & (c.reposts[new] != 0)
        stays = alike | repeats | self._repeated(c.keys[new], end)
        return np.stack([new[stays], old[stays]], axis=1).astype(np.int32)

    def _repeated(self, keys: Hashes, end: int) -> NDArray[np.bool_]:
        """Say which posts others of the window repeat, or quote with little of their own: one pass over its links."""
        c = self._columns
        living = c.posts[:end] != 0
        links = [
            some[:end][living & (some[:end] != 0) & (some[:end] != c.keys[:end])] for some in (c.reposts, c.quotes)
        ]
        found: NDArray[np.bool_] = np.isin(keys, np.concatenate(links))
        return found

    def _group(self, start: int, end: int, stays: NDArray[np.int32], compared: bool) -> None:
        c, counts = self._columns, np.array([self._made, 0, 0], np.int64)
        joined, lost, kept = np.empty(end, np.int32), np.empty(end, np.int64), np.empty(end, np.int64)
        forest = (c.parents, c.living, c.sole, c.stories)
        told = (counts, joined, lost, kept)
        groups.group(
            start, end, compared, int(np.ceil(LEAST_ALIKE * LANES)), c.posts, c.keys, c.reposts, c.quotes, c.signatures,
            c.sketched, self._tags, self._heads, c.following, *forest, c.ties, c.similar, *told,
        )  # fmt: skip
        groups.unite(stays, *forest, *told)
        self._made = int(counts[0])
        self._changes.slots += [joined[: counts[1]], np.arange(start, end, dtype=np.int32)]
        self._changes.merged += zip(lost[: counts[2]].tolist(), kept[: counts[2]].tolist(), strict=True)

    def changes(self) -> Placed:
        """Say what changed since it was last asked; stories made must be named next."""
        c = self._columns
        slots = np.unique(np.concatenate([np.empty(0, np.int32), *self._changes.slots]))
        stories = self._stories(slots)
        changed = (stories != c.given[slots]) & (c.posts[slots] != 0)
        slots, stories = slots[changed], stories[changed]
        made = np.unique(stories[stories < 0])[::-1]
        stories[stories < 0] = -1 - np.searchsorted(-made, -stories[stories < 0])
        c.stories[self._roots(slots)] = stories
        c.given[slots] = stories
        merged = tuple(self._changes.merged)
        self._changes, self._made = _Changes([slots]), 0
        similar = np.where(c.ties[slots] == groups.NEAR, c.similar[slots] / LANES, np.nan)
        return Placed(c.posts[slots], stories, c.ties[slots], similar, len(made), merged)

    def name(self, stories: Sequence[int]) -> None:
        """Give the stories made their numbers, above 0 and above all given before."""
        c, numbers = self._columns, np.array(stories, np.int64)
        (slots,) = self._changes.slots or [np.empty(0, np.int32)]
        slots = slots[c.given[slots] < 0]
        c.given[slots] = numbers[-1 - c.given[slots]]
        c.stories[self._roots(slots)] = c.given[slots]
        groups.enter(groups.OF_STORY, c.given[slots].astype(np.uint64), slots, self._tags, self._heads)
        self._changes = _Changes()

    def knows(self, links: Hashes) -> NDArray[np.bool_]:
        """Say which keys of posts lead to anything remembered."""
        found: NDArray[np.bool_] = self._slots_of(groups.OF_POST, links) >= 0
        return found

    def stories_of(self, posts: Ids) -> Ids:
        """Return the story of each post; 0 where it stands alone or is not remembered."""
        slots = self._slots_of(groups.OF_ID, posts.astype(np.uint64))
        found = np.zeros(len(posts), np.int64)
        found[slots >= 0] = self._stories(slots[slots >= 0])
        return found

    def remove(self, posts: Ids) -> None:
        """Forget posts that were erased."""
        slots = np.flatnonzero(self._columns.posts[: self.size])
        self._keep(slots[~np.isin(self._columns.posts[slots], posts)])

    def forget(self, before: int, *, most: int = MOST_POSTS) -> None:
        """Forget what was sketched before a time, and the oldest beyond so many posts."""
        slots = np.flatnonzero(self._columns.posts[: self.size])
        self._keep(slots[self._columns.at[slots] >= before][-most:])

    def _keep(self, slots: Ids) -> None:
        """Begin again with some slots; what the loops say of it is what they said before."""
        rows, owed = self._rows(slots), self._changes.merged
        self._begin()
        self.remember(batch_from(rows))
        self._changes.merged = [*owed, *self._changes.merged]

    def _slots_of(self, what: np.uint64, values: Hashes) -> NDArray[np.int32]:
        out = np.empty(len(values), np.int32)
        groups.look_up(what, values, self._tags, self._heads, out)
        return out

    def _roots(self, slots: NDArray[np.integer]) -> NDArray[np.int32]:
        out = np.empty(len(slots), np.int32)
        groups.roots(self._columns.parents, slots, out)
        return out

    def _stories(self, slots: NDArray[np.integer]) -> Ids:
        found: Ids = self._columns.stories[self._roots(slots)]
        return found

    def _make_room(self, slots: int) -> None:
        """Have room for so many slots, and for their entries in the table."""
        if slots > len(self._columns.posts):
            self._columns = self._columns.with_room(2 * slots)
        wanted = (slots - self.size) * groups.ENTRIES_A_SLOT
        if self._entries + wanted > FULL * len(self._tags):
            self._entries = int(np.count_nonzero(self._tags))
        while self._entries + wanted > FULL * len(self._tags):
            self._widen()
        self._entries += wanted

    def _widen(self) -> None:
        tags, heads = np.zeros(2 * len(self._tags), np.uint64), np.zeros(2 * len(self._tags), np.int32)
        groups.widen(self._tags, self._heads, tags, heads)
        self._tags, self._heads = tags, heads


def is_sketched(signatures: Sketched) -> NDArray[np.bool_]:
    """Say which rows have a sketch."""
    # All lanes are ones at once, or the text has a sketch: 64 lanes of one text are all ones with odds of 2^-2048.
    found: NDArray[np.bool_] = (signatures != ABSENT).any(axis=1)
    return found


def batch_from(rows: pa.Table) -> Batch:
    """Return saved rows as a batch whose stories are known."""
    posts, keys, reposts, quotes, at = (
        rows[name].to_numpy() for name in ("post", "key", "repost", "quote", "at")
    )  # fmt: skip
    stories = rows["story"].fill_null(0).to_numpy()
    return Batch(posts, keys, reposts, quotes, unpacked(rows["signature"].to_pylist()), at, stories)
