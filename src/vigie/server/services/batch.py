"""What the door knows, decides and reports of one batch of posts."""

from dataclasses import dataclass, field

from vigie.enrich.found import Thing
from vigie.server.services.incoming import Incoming


@dataclass(frozen=True, slots=True)
class HeardRow:
    """What is known of a post heard before."""

    id: int
    content_hash: bytes
    version: int
    space_id: int


@dataclass(slots=True)
class PostRow:
    """What is compared of a post of the record."""

    id: int
    counts: tuple[int | None, int | None, int | None, int | None]
    deleted: bool
    author_id: int | None
    spaces: set[int]


@dataclass(frozen=True, slots=True)
class MentionRow:
    """A mention that stands."""

    id: int
    lapsed: bool


@dataclass(frozen=True, slots=True)
class LabelValue:
    """What a labeller says of one post."""

    kind: str
    value: str
    score: float
    labeller: tuple[str, str, str]
    """Kind, name and version of the labeller."""


class Race(Exception):  # noqa: N818 -- never leaves this module
    """Another writer changed what this batch was computed from."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What one batch brought."""

    heard: int = 0
    new: int = 0
    changed: int = 0
    kept: int = 0
    mentions: int = 0
    refused: int = 0


@dataclass(slots=True)
class Known:
    """What the record holds of the posts of a batch, by key."""

    heard: dict[bytes, HeardRow]
    posts: dict[int, PostRow]
    mentions: dict[tuple[int, int], MentionRow]
    """By (watch, post)."""
    parents: frozenset[bytes]
    """Keys of posts in the record that some post of the batch answers."""
    absent_parents: frozenset[bytes]
    """Keys of posts that were heard and not kept, and that some post of the batch answers."""
    answered: frozenset[bytes]
    """Keys of posts of the batch that some post in the record answers."""


@dataclass(slots=True)
class Plan:
    """What to write for a batch, decided before the transaction."""

    new: list[Incoming] = field(default_factory=list)
    changed: list[Incoming] = field(default_factory=list)
    met: list[Incoming] = field(default_factory=list)
    """Unchanged posts that must be held against the watches all the same: met in another space for the first time."""
    same: list[Incoming] = field(default_factory=list)
    """Unchanged posts of the record, whose counts may have moved."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the core says of one post: the watches that match, its labels and findings, and whether the record keeps it."""

    watches: tuple[int, ...]
    labels: tuple[LabelValue, ...]
    keep: bool
    findings: tuple[Thing, ...] = ()
