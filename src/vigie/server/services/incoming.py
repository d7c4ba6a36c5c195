"""Turn posts as a source gave them into rows ready for the record: keys, hashes, believable dates."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pyarrow as pa

from vigie import clocks
from vigie.schema import ids
from vigie.schema.tables import ARCHIVE, POST_COLUMNS, Privacy
from vigie.server.keys import Chain

CONTENT_FIELDS = ("title", "text", "url", "in_reply_to", "repost_of", "quote_of")
"""What makes a new version when it changes; counts and followers do not."""


@dataclass(slots=True)
class Incoming:
    """One post at the door."""

    row: dict[str, Any]
    """A row of `tables.POSTS`."""
    key: bytes
    author_links: tuple[bytes, ...]
    """What stands for its author under each version of the key, the newest last; from the archive, from the version of its
    row on. Empty when nobody is named."""
    engaging_links: tuple[bytes, ...]
    """Of the author whom it answers, repeats or quotes."""
    content_hash: bytes
    published_at: datetime
    day_is_heard: bool
    reply_key: bytes | None
    repost_key: bytes | None
    quote_key: bytes | None
    space_id: int
    """Space it was met in."""
    heard_at: datetime
    heard_id: int = 0
    version: int = 1

    @property
    def author_key(self) -> bytes | None:
        """Return the author's hash under the newest key."""
        return self.author_links[-1] if self.author_links else None

    @property
    def engaging_key(self) -> bytes | None:
        """Return the hash, under the newest key, of the author whom it answers, repeats or quotes."""
        return self.engaging_links[-1] if self.engaging_links else None

    @property
    def counts(self) -> tuple[int | None, int | None, int | None, int | None]:
        """Return likes, reposts, replies and views."""
        return self.row["likes"], self.row["reposts"], self.row["replies"], self.row["views"]


def incoming(posts: pa.Table, *, space_id: int, heard_at: datetime, authors: Chain) -> list[Incoming]:
    """Prepare every row of a `tables.POSTS` table, in its order."""
    return [
        _one(row, space_id, heard_at, *(_hashed(row, name, authors) for name in ("author", "engaging_with")))
        for row in posts.to_pylist()
    ]


def from_archive(rows: pa.Table | pa.RecordBatch, authors: Chain) -> list[Incoming]:
    """Prepare rows of `tables.ARCHIVE`: what was heard before, without the author's name."""
    items = []
    for row in rows.to_pylist():
        nobody = {"author": None, "author_name": None, "engaging_with": None}
        keys, version = (row["author_key"], row.get("engaging_key")), row.get("key_version")
        links = (authors.links_of(key, version) if key else () for key in keys)
        item = _one(row | nobody, row["space_id"], row["heard_at"], *links)
        item.version = row["version"]
        items.append(item)
    return items


def _hashed(row: dict[str, Any], name: str, authors: Chain) -> tuple[bytes, ...]:
    return authors.links(row["origin"], row[name]) if row.get(name) else ()


def _one(
    row: dict[str, Any], space_id: int, heard_at: datetime, author: tuple[bytes, ...], engaging: tuple[bytes, ...]
) -> Incoming:
    origin = row["origin"]
    published_at, day_is_heard = clocks.dated(row["published_at"], heard_at=heard_at)
    return Incoming(
        row=row,
        key=ids.post_key(origin, row["native_id"]),
        author_links=author,
        engaging_links=engaging,
        content_hash=ids.content_hash(*(row[f] for f in CONTENT_FIELDS), str(row["rating"]), str(bool(row["deleted"]))),
        published_at=published_at,
        day_is_heard=day_is_heard,
        reply_key=ids.linked_key(origin, row["in_reply_to"]),
        repost_key=ids.linked_key(origin, row["repost_of"]),
        quote_key=ids.linked_key(origin, row["quote_of"]),
        space_id=space_id,
        heard_at=heard_at,
    )


ARCHIVED_POST_COLUMNS = [c.name for c in POST_COLUMNS if c.privacy is not Privacy.CLEAR]


def archive_rows(items: list[Incoming], version: int) -> pa.Table:
    """Return the rows of `tables.ARCHIVE` for new and changed posts; handles and names stay behind.

    Args:
        version: Of the authors' key, under which the archive is written now.
    """
    at = version - 1
    columns: dict[str, Any] = {name: [i.row[name] for i in items] for name in ARCHIVED_POST_COLUMNS}
    columns |= {
        "post_key": [i.key for i in items],
        "version": [i.version for i in items],
        "heard_at": [i.heard_at for i in items],
        "space_id": [i.space_id for i in items],
        "author_key": [i.author_links[at] if i.author_links else None for i in items],
        "engaging_key": [i.engaging_links[at] if i.engaging_links else None for i in items],
        "key_version": [version] * len(items),
        "heard_month": [clocks.month_of(i.heard_at) for i in items],
    }
    return pa.table([pa.array(columns[f.name], f.type) for f in ARCHIVE], schema=ARCHIVE)
