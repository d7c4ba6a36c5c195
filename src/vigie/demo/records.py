"""What the demo is made of: a company, its posts as they are heard, and the truth of each post."""

from dataclasses import dataclass
from datetime import date, datetime

import pyarrow as pa

from vigie.schema.vocab import Ownership, SpaceKind


@dataclass(frozen=True, slots=True)
class DemoBrand:
    """A brand of ours, or a competitor."""

    name: str
    is_ours: bool


@dataclass(frozen=True, slots=True)
class DemoSpace:
    """A place where people write."""

    name: str
    """What `space:NAME` says."""
    title: str
    network: str
    """A value of `vocab.Network`."""
    address: str
    share: float
    """Of the ordinary posts, 0-1."""
    french: float
    """Of its posts, 0-1."""
    care: float
    """How well people type there: 1 as in print, 0 on a bus."""
    about: str
    """`thyroid`, `asthma` or `both`: which field is spoken of."""
    audience: str
    """Who writes there, for people who read the list of spaces."""
    kind: str = SpaceKind.IMPORT.value
    ownership: str = Ownership.EXTERNAL.value
    brand: str | None = None
    """Whose it is, when owned."""
    sites: tuple[str, ...] = ()
    """Hosts that its posts come from, when there are several (press)."""

    @property
    def origin(self) -> str:
        """Return the host that holds its posts."""
        return self.address.split("/")[2].removeprefix("www.")


@dataclass(frozen=True, slots=True)
class DemoWatch:
    """A standing query of the company."""

    name: str
    expression: str
    purpose: str
    brand: str
    subject: str | None


@dataclass(frozen=True, slots=True)
class DemoCategory:
    """A category of the company's own; one without an expression holds what those within it hold."""

    name: str
    expression: str = ""
    within: str = ""
    """The category it stands within, which comes before it; at the top without one."""


@dataclass(frozen=True, slots=True)
class DemoDimension:
    """A way to sort posts; all brands see it."""

    name: str
    categories: tuple[DemoCategory, ...]


@dataclass(frozen=True, slots=True)
class DemoUser:
    """Somebody who logs in; no brand means all."""

    name: str
    email: str
    role: str
    brands: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DemoProduct:
    """A medicine of the company's dictionary."""

    name: str
    spellings: tuple[str, ...]
    """As people write it when they don't write it right."""
    is_ours: bool


@dataclass(frozen=True, slots=True)
class Company:
    """All that is set up before the first post."""

    brands: tuple[DemoBrand, ...]
    spaces: tuple[DemoSpace, ...]
    watches: tuple[DemoWatch, ...]
    users: tuple[DemoUser, ...]
    dimensions: tuple[DemoDimension, ...] = ()
    products: tuple[DemoProduct, ...] = ()


@dataclass(frozen=True, slots=True)
class Batch:
    """Posts of one space, heard together."""

    space: str
    heard_at: datetime
    posts: pa.Table
    """`tables.POSTS`; at most 1,000 rows, (origin, native id) unique among them."""


@dataclass(frozen=True, slots=True)
class Truth:
    """What is true of a post, keyed by (origin, native id)."""

    origin: str
    native_id: str
    language: str
    tone: str
    """A value of `vocab.Tone`, as intended by who wrote it."""
    topic: str
    speaker: str
    """`self`, `relative`, `nurse`, `gp`, `pharmacist`, `journalist`, `company`, `professional`, `seller` or `other`."""
    product: str | None
    """Product spoken of, properly spelt; absent where none is named or meant."""
    adverse_event: bool
    reaction: str | None
    """The words that name the reaction, as first written before typing noise; absent without one."""
    criteria: tuple[str, ...]
    """Of `patient`, `reporter`, `drug`, `reaction` (ICH E2D §2), those the post gives; empty without an event."""
    rumour: bool
    """It repeats, feeds or answers the false claim about the new formula."""
    buzz: bool
    """It belongs to the bad buzz, press and soothing voices included."""
    spam: bool
    influencer: bool
    deleted: bool
    """It is gone when heard again."""
    edited: bool
    """Its text is another when heard again."""
    near_duplicate_of: str | None
    """`origin native_id` of the post that it copies or repeats; absent when it is its own."""


@dataclass(frozen=True, slots=True)
class DemoNews:
    """An announcement of the company itself."""

    slug: str
    back: int
    """Days before the end of the story."""
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """An account whose followers are counted."""

    name: str
    address: str
    network: str
    """A value of `vocab.Network`."""
    brand: str
    followers: int
    """At the beginning of the story."""
    daily: float
    """How many come on a plain day."""
    loud: float
    """How many times more come while the bad buzz lasts."""


@dataclass(frozen=True, slots=True)
class DemoCount:
    """What an account counted on one day."""

    day: date
    followers: int
    following: int
    posts: int


@dataclass(frozen=True, slots=True)
class DemoName:
    """A page, account or domain that bears a name of the company."""

    name: str
    kind: str
    """A value of `vocab.NameKind`."""
    address: str
    brand: str
    truth: str
    """Who is behind it, whatever was decided."""
    is_ours: bool | None = None
    """What was decided; absent while nobody has."""
    holder: str = ""
    decision: str = ""
    owner: str = ""
    """E-mail address of the user who carries the decision out."""
    due_in: int | None = None
    """Days from the end of the story to the day by which it must be done."""
    note: str = ""
