"""What a source is: something that gives pages of bytes, and turns a page into posts without looking elsewhere."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, runtime_checkable

import pyarrow as pa

from vigie.errors import Facts


@dataclass(frozen=True, slots=True)
class Response:
    """What came back for an address, already within the bounds of size, time and decompression."""

    url: str
    """The address that answered, after redirects."""
    status: int
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes


class Fetch(Protocol):
    """Read one address of the public network, or raise an error of `vigie.errors`."""

    def __call__(self, url: str, *, headers: Mapping[str, str] | None = None) -> Response: ...


@dataclass(frozen=True, slots=True)
class Page:
    """One answer of a source, with all that is needed to parse it again later."""

    url: str
    body: bytes
    media_type: str
    """The `Content-Type` as sent, charset included; empty when none was."""
    part: str
    """Which stream of the source this is, such as `posts` or `comments`."""
    fetched_at: datetime
    cursor: str
    """Where to go on after this page: opaque to all but its source; saved in the same transaction as the page."""


@dataclass(frozen=True, slots=True)
class Skipped:
    """One item that could not be read, and why."""

    where: str
    """Place in the page or file, such as `line 14` or `entry 3`."""
    code: str
    sentence: str
    facts: Facts = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a page or a part of a file holds."""

    posts: pa.Table
    """`tables.POSTS`; one row per post, (origin, native id) unique within the table, in the order of the source."""
    skipped: tuple[Skipped, ...] = ()
    repeated: int = 0
    """Items that were the same post as an earlier one of this page."""


@dataclass(frozen=True, slots=True)
class Found:
    """A way to read an address that somebody gave."""

    kind: str
    """A value of `vocab.SpaceKind`: which source reads it."""
    address: str
    title: str
    network: str
    """A value of `vocab.Network`."""
    parts: tuple[str, ...]
    """Streams that will be read, such as `posts` and `comments`."""


class Source(Protocol):
    """Reads one kind of space. Stateless: what it must remember is in the cursor."""

    kind: str

    def discover(self, url: str, *, fetch: Fetch, now: datetime) -> Found | None:
        """Say how this source would read an address; `None` when it would not.

        Raises:
            RetryableError, FatalError: the address could not be read at all.
        """
        ...

    def pages(self, address: str, cursor: str | None, *, fetch: Fetch, now: datetime) -> Iterator[Page]:
        """Give what is new since the cursor, page by page; nothing when nothing changed.

        Each page's cursor is safe to save before the next page is asked for: resuming from it loses nothing.

        Raises:
            RetryableError: try again later (`retry_after` seconds when the source said so).
            FatalError: the address is gone, refused, or is no such source.
        """
        ...

    def parse(self, page: Page) -> Parsed:
        """Turn a page into posts, purely; the same bytes always give the same table.

        Raises:
            SkippableError: nothing of the page can be read.
        """
        ...


@dataclass(frozen=True, slots=True)
class Counts:
    """Counts of a post as they are now; what the source does not say is absent."""

    likes: int | None = None
    reposts: int | None = None
    replies: int | None = None
    views: int | None = None


@runtime_checkable
class Recounter(Protocol):
    """A source that can read the counts of posts it gave before."""

    def recounts(self, native_id: str) -> bool:
        """Say whether a post of this id has counts to read."""
        ...

    def recount(self, address: str, native_ids: Sequence[str], *, fetch: Fetch) -> Mapping[str, Counts]:
        """Return the counts of posts by native id; those that are gone are left out.

        Raises:
            RetryableError, FatalError: the source can't be read.
        """
        ...
