"""Turn posts as a source gave them into rows ready for the record: keys, hashes, believable dates."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pyarrow as pa

from vigie import clocks
from vigie.schema import ids
from vigie.schema.tables import ARCHIVE, POST_COLUMNS, Privacy

CONTENT_FIELDS = ("title", "text", "url", "in_reply_to", "repost_of", "quote_of")
"""What makes a new version when it changes; counts and followers do not."""


@dataclass(slots=True)
class Incoming:
    """One post at the door."""

    row: dict[str, Any]
    """A row of `tables.POSTS`."""
    key: bytes
    author_key: bytes | None
    engaging_key: bytes | None
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
    def counts(self) -> tuple[int | None, int | None, int | None, int | None]:
        """Return likes, reposts, replies and views."""
        return self.row["likes"], self.row["reposts"], self.row["replies"], self.row["views"]


def incoming(posts: pa.Table, *, space_id: int, heard_at: datetime, author_secret: bytes) -> list[Incoming]:
    """Prepare every row of a `tables.POSTS` table, in its order."""
    return [
        _one(row, space_id, heard_at, *(_hashed(row, name, author_secret) for name in ("author", "engaging_with")))
        for row in posts.to_pylist()
    ]


def from_archive(rows: pa.Table | pa.RecordBatch) -> list[Incoming]:
    """Prepare rows of `tables.ARCHIVE`: what was heard before, without the author's name."""
    items = []
    for row in rows.to_pylist():
        nobody = {"author": None, "author_name": None, "engaging_with": None}
        keys = row["author_key"], row.get("engaging_key")
        item = _one(row | nobody, row["space_id"], row["heard_at"], *keys)
        item.version = row["version"]
        items.append(item)
    return items


def _hashed(row: dict[str, Any], name: str, secret: bytes) -> bytes | None:
    return ids.author_key(secret, row["origin"], row[name]) if row.get(name) else None


def _one(
    row: dict[str, Any], space_id: int, heard_at: datetime, author_key: bytes | None, engaging_key: bytes | None
) -> Incoming:
    origin = row["origin"]
    published_at, day_is_heard = clocks.dated(row["published_at"], heard_at=heard_at)
    return Incoming(
        row=row,
        key=ids.post_key(origin, row["native_id"]),
        author_key=author_key,
        engaging_key=engaging_key,
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


def archive_rows(items: list[Incoming]) -> pa.Table:
    """Return the rows of `tables.ARCHIVE` for new and changed posts; handles and names stay behind."""
    columns: dict[str, Any] = {name: [i.row[name] for i in items] for name in ARCHIVED_POST_COLUMNS}
    columns |= {
        "post_key": [i.key for i in items],
        "version": [i.version for i in items],
        "heard_at": [i.heard_at for i in items],
        "space_id": [i.space_id for i in items],
        "author_key": [i.author_key for i in items],
        "engaging_key": [i.engaging_key for i in items],
        "heard_month": [clocks.month_of(i.heard_at) for i in items],
    }
    return pa.table([pa.array(columns[f.name], f.type) for f in ARCHIVE], schema=ARCHIVE)
