"""What queries test of a post: one post as a record, many as Arrow columns."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pyarrow as pa

from vigie.match.fields import label_form
from vigie.schema.tables import INSTANT

TITLE, TEXT, URL, LINKS = range(4)
"""Zones of a post, in the order in which their words are numbered; a query's word asks title and text."""

ZONES = {"title": TITLE, "url": URL, "links": LINKS}
"""Zones that a query can name."""

LINK = re.compile(r"https?://[^\s<>\"'“”«»()\[\]{}]+", re.IGNORECASE)
"""An address within a text; its words are the zone `links`."""

DOCUMENTS = pa.schema(
    [
        ("title", pa.string()),
        ("text", pa.string()),
        ("url", pa.string()),
        ("site", pa.string()),
        ("network", pa.string()),
        ("country", pa.string()),
        ("origin", pa.string()),
        ("author_key", pa.binary()),
        ("engaging_key", pa.binary()),
        ("author_verified", pa.bool_()),
        ("followers", pa.int64()),
        ("rating", pa.float64()),
        ("published_at", INSTANT),
        ("in_reply_to", pa.string()),
        ("repost_of", pa.string()),
        ("quote_of", pa.string()),
        ("spaces", pa.list_(pa.string())),
        ("space_kinds", pa.list_(pa.string())),
        ("language", pa.string()),
        ("tone", pa.string()),
        ("story", pa.string()),
        *(
            (name, pa.list_(pa.string()))
            for name in (
                "drugs",
                "reactions",
                "conditions",
                "devices",
                "speakers",
                "intents",
                "categories",
            )
        ),
    ]
)
"""One row per post. A column that is missing, or a null, is what the source does not say; only `text` must be there.
`engaging_key` is the keyed hash of the author whom the post answers, repeats or quotes; `space_kinds` the ownership
(owned, sponsored, external) of `spaces`; `language` our label, null when nothing has read it. `tone`, `story` and the lists
(values and the names they were found by; categories by id) are labels: what is not kept has none."""


LABEL_COLUMNS = {
    "tone": "tone", "story": "story", "drug": "drugs", "reaction": "reactions", "condition": "conditions",
    "device": "devices", "who": "speakers", "intent": "intents", "category": "categories",
}  # fmt: skip
"""Columns that each field of labels is held against."""


@dataclass(frozen=True, slots=True)
class Document:
    """What queries test of one post; `None` is what the source does not say."""

    title: str | None
    text: str
    spaces: tuple[str, ...] = ()
    """Short names of the spaces it was met in."""
    language: str | None = None
    """BCP 47 code, `und` when it can't be told; `None` when nothing read it."""
    space_kinds: tuple[str, ...] = ()
    """Owned, sponsored or external: of the spaces it was met in."""
    url: str | None = None
    site: str | None = None
    network: str | None = None
    country: str | None = None
    origin: str | None = None
    author_key: bytes | None = None
    engaging_key: bytes | None = None
    """Of the author whom it answers, repeats or quotes."""
    author_verified: bool | None = None
    followers: int | None = None
    rating: float | None = None
    published_at: datetime | None = None
    engagement: tuple[str, ...] = ()
    """Of `reply`, `repost`, `quote`: what it is to another post; empty when it is none of them or nothing is said."""
    labels: frozenset[tuple[str, str]] = frozenset()
    """Field and value of each label, values as they are compared (`fields.label_form`)."""


ENGAGEMENTS = {"reply": "in_reply_to", "repost": "repost_of", "quote": "quote_of"}
"""What a post can be to another one, and the column that says to which."""


def document_of(row: dict[str, Any]) -> Document:
    """Return one row of `DOCUMENTS`, or of a table with some of its columns."""
    said: dict[str, Any] = {name: row.get(name) for name in DOCUMENTS.names if name in Document.__dataclass_fields__}
    said["text"] = row.get("text") or ""
    said["spaces"], said["space_kinds"] = tuple(row.get("spaces") or ()), tuple(row.get("space_kinds") or ())
    engagement = tuple(kind for kind, column in ENGAGEMENTS.items() if row.get(column))
    return Document(**said, engagement=engagement, labels=frozenset(_labels(row)))


def _labels(row: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for name, column in LABEL_COLUMNS.items():
        found = row.get(column) or ()
        for value in (found,) if isinstance(found, str) else found:
            yield name, label_form(value)


def sound(posts: pa.Table) -> pa.Table:
    """Return posts whose strings are UTF-8; what is not stands there as U+FFFD, as by `bytes.decode("utf-8", "replace")`.

    Arrow carries any bytes as a string, and other programs write them so; Python's own strings can't hold them. Looking
    takes about 0.15 µs a post, repairing is done for the columns alone that need it.
    """
    for place, column in enumerate(posts.schema):
        if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
            try:
                posts.column(place).validate(full=True)
            except pa.ArrowInvalid:
                posts = posts.set_column(place, column, _repaired(posts.column(place)))
    return posts


def _repaired(column: pa.ChunkedArray) -> pa.ChunkedArray:
    raw = column.cast(pa.large_binary()).to_pylist()
    return pa.chunked_array([[None if text is None else text.decode("utf-8", "replace") for text in raw]], column.type)


def links_of(text: str) -> list[str]:
    """Return the addresses that a text names, in order."""
    return LINK.findall(text)
