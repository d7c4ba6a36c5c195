"""What a source is: something that gives pages of bytes, and turns a page into posts without looking elsewhere."""

import socket
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
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
    """The network, guarded: every address is checked, bounded and paced before and while it is read."""

    def __call__(self, url: str, *, headers: Mapping[str, str] | None = None, body: bytes | None = None) -> Response:
        """Read one address, or send it a body; raise an error of `vigie.errors` when it does not answer as it should.

        Raises:
            FatalError: `net.login` (401), `net.refused` (403, 451), `net.gone` (404, 410), `net.robots`, `net.private`…
            RetryableError: `net.too_many` (429), `net.server_error` (5xx), `net.timeout`…, `retry_after` when said.
        """
        ...

    def dial(self, host: str, port: int, *, tls: bool, timeout_s: float = 30.0) -> socket.socket:
        """Return a connection to a host that is not spoken to by HTTP, such as one for mail or a web socket.

        Raises:
            FatalError: the host lies in a private network.
            RetryableError: it can't be reached now.
        """
        ...


@runtime_checkable
class Paced(Protocol):
    """A client of the network that knows when a host may be asked again."""

    def wait_s(self, url: str) -> float:
        """Return the seconds until a page of this host may be asked for.

        Raises:
            FatalError, RetryableError: as a call would.
        """
        ...


class Tried(StrEnum):
    """On what a source was proved; its page says so when it was no real server."""

    SERVER = "server"
    """A real server of the kind, started by our tests."""
    DOUBLE = "double"
    """A double of our own, built from the documented interface."""
    RECORDINGS = "recordings"
    """Recorded answers of real servers."""


@dataclass(frozen=True, slots=True)
class Option:
    """Something that a source must be told beside the address, such as a token."""

    name: str
    label: str
    """In English: pages translate it."""
    help: str = ""
    is_secret: bool = False
    """Kept encrypted, shown to nobody, handed to the source alone."""
    is_required: bool = False
    is_long: bool = False
    """A text of many lines."""


@dataclass(frozen=True, slots=True)
class Place:
    """What a source reads: an address, what it was told beside it, and its secrets."""

    address: str
    options: Mapping[str, str] = field(default_factory=dict)
    """Values of those `Option`s that are no secrets; an option that was left empty is absent."""
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)


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
    is_firehose: bool = False
    """Everything of a network, most of it nothing to us: matched first, and what no watch matched is counted and dropped."""


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
    """Which source reads it."""
    address: str
    title: str
    network: str
    """A value of `vocab.Network`."""
    parts: tuple[str, ...]
    """Streams that will be read, such as `posts` and `comments`."""
    options: Mapping[str, str] = field(default_factory=dict)
    """What was found out of the source's options."""


class Source(Protocol):
    """Reads one kind of space. Stateless: what it must remember is in the cursor."""

    kind: str
    """Its name as an entry point and in the record: lower case, no spaces."""
    title: str
    """What pages call it: a proper name, or English that they translate."""
    tried: Tried
    options: tuple[Option, ...]

    def discover(self, url: str, *, fetch: Fetch, now: datetime) -> Found | None:
        """Say how this source would read an address; `None` when it would not.

        Raises:
            RetryableError, FatalError: the address could not be read at all.
        """
        ...

    def pages(self, place: Place, cursor: str | None, *, fetch: Fetch, now: datetime) -> Iterator[Page]:
        """Give what is new since the cursor, page by page; nothing when nothing changed.

        Each page's cursor is safe to save before the next page is asked for: resuming from it loses nothing.

        Raises:
            RetryableError: try again later (`retry_after` seconds when the source said so).
            FatalError: the address is gone (`net.gone`), refused (`net.refused`), wants a log-in (`net.login`), or is no
                such source.
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
    gone: bool = False
    """The source says that the post is no more."""


@runtime_checkable
class Recounter(Protocol):
    """A source that can read the counts of posts it gave before."""

    def recounts(self, native_id: str) -> bool:
        """Say whether a post of this id has counts to read."""
        ...

    def recount(self, place: Place, native_ids: Sequence[str], *, fetch: Fetch) -> Mapping[str, Counts]:
        """Return the counts of posts by native id; those that were not read are left out.

        Raises:
            RetryableError, FatalError: the source can't be read.
        """
        ...


@runtime_checkable
class Streamer(Protocol):
    """A source that also tells of posts as they come."""

    def streams(self, place: Place) -> bool:
        """Say whether this place can be listened to without asking again and again."""
        ...

    def stream(
        self,
        place: Place,
        cursor: str | None,
        *,
        fetch: Fetch,
        clock: Callable[[], datetime],
        stopping: Callable[[], bool],
    ) -> Iterator[Page]:
        """Give pages as events come, until told to stop: one at least every 5 s or 10,000 events, empty or not.

        Each page's cursor is safe to go on from, by `stream` and by `pages`: what happened meanwhile is not lost where
        the network still knows it.

        Raises:
            RetryableError: the connection broke; the same call goes on.
            FatalError: as `pages`.
        """
        ...


@runtime_checkable
class Threaded(Protocol):
    """A source that can read the conversation around a post."""

    def conversation(self, place: Place, native_id: str, *, fetch: Fetch, now: datetime) -> Iterator[Page]:
        """Give the pages of what a post answers and of its answers; their cursors mean nothing.

        Raises:
            RetryableError, FatalError: as `pages`.
        """
        ...


@dataclass(frozen=True, slots=True)
class Account:
    """An account on a network and its counts as they are now; what the network does not say is absent."""

    address: str
    """The canonical address of its page."""
    name: str
    """The name shown."""
    network: str
    """A value of `vocab.Network`."""
    followers: int | None = None
    following: int | None = None
    posts: int | None = None


@runtime_checkable
class AccountReader(Protocol):
    """A source whose network has accounts with followers."""

    def account(self, url: str, *, fetch: Fetch, now: datetime) -> Account | None:
        """Return the account at an address; `None` when the address is none of this network's accounts.

        Raises:
            RetryableError, FatalError: as `pages`.
        """
        ...


@runtime_checkable
class Mended(Protocol):
    """A source whose pages are parsed by something that a person can mend, such as a recipe."""

    def mended(self, page: Page, place: Place) -> Page:
        """Return a page that was kept, to be parsed by what the place is told now."""
        ...


class RecipeFault(Protocol):
    """Something that is wrong with a recipe, or with what it finds."""

    @property
    def code(self) -> str: ...

    @property
    def sentence(self) -> str: ...

    @property
    def facts(self) -> Facts: ...


class ThreadFound(Protocol):
    """A thread that a list names."""

    @property
    def url(self) -> str: ...


class RecipeTrial(Protocol):
    """What a recipe makes of a page."""

    @property
    def rows(self) -> Sequence[Mapping[str, object]]: ...

    @property
    def problems(self) -> Sequence[RecipeFault]: ...

    @property
    def threads(self) -> Sequence[ThreadFound]: ...

    @property
    def following(self) -> str: ...


@runtime_checkable
class Recipes(Protocol):
    """A source that is told how to read by a text, which a page builds and tries."""

    def builtins(self) -> Mapping[str, str]:
        """Return the texts that come with it, by the name of their engine."""
        ...

    def engine_of(self, body: bytes) -> str:
        """Return the engine that made a page; empty when it is none it knows."""
        ...

    def named(self, toml: str) -> tuple[str, str]:
        """Return what a recipe calls itself, and its network.

        Raises:
            FatalError: it is no recipe.
        """
        ...

    def problems(self, toml: str) -> Sequence[RecipeFault]:
        """Return everything that is wrong with a recipe."""
        ...

    def trial(self, toml: str, html: bytes, url: str, *, now: datetime, media_type: str) -> RecipeTrial:
        """Say what a recipe finds on a page, purely."""
        ...
