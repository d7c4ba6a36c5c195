"""The record, table by table; thin: fields, constraints, `__str__`. One app label, one migration chain."""

from vigie.server.models.audit import AuditEvent
from vigie.server.models.evidence import Evidence, EvidenceMedia
from vigie.server.models.listening import AllowedNetwork, Notice, SpaceSecret, SpaceStateRow, StreamCount
from vigie.server.models.mention import Correction, Label, Labeller, MarkRow, Mention
from vigie.server.models.people import Brand, Invitation, Membership, User
from vigie.server.models.post import Author, AuthorName, Heard, Post, PostSpace, PostVersion, Reading, Recount, Wanted
from vigie.server.models.presence import AccountReading, NameEntry, Pointer, SpaceProposal, TrackedAccount
from vigie.server.models.space import Batch, Fetch, Space, SpaceRead
from vigie.server.models.store import Counter, Erasure, Key, Lease, Receipt, Suppression, Tombstone
from vigie.server.models.watch import ListEntry, NamedList, Watch, WatchVersion
from vigie.server.models.work import Work

__all__ = [
    "AccountReading",
    "AllowedNetwork",
    "AuditEvent",
    "Author",
    "AuthorName",
    "Batch",
    "Brand",
    "Correction",
    "Counter",
    "Erasure",
    "Evidence",
    "EvidenceMedia",
    "Fetch",
    "Heard",
    "Invitation",
    "Key",
    "Label",
    "Labeller",
    "Lease",
    "ListEntry",
    "MarkRow",
    "Membership",
    "Mention",
    "NameEntry",
    "NamedList",
    "Notice",
    "Pointer",
    "Post",
    "PostSpace",
    "PostVersion",
    "Reading",
    "Receipt",
    "Recount",
    "Space",
    "SpaceProposal",
    "SpaceRead",
    "SpaceSecret",
    "SpaceStateRow",
    "StreamCount",
    "Suppression",
    "Tombstone",
    "TrackedAccount",
    "User",
    "Wanted",
    "Watch",
    "WatchVersion",
    "Work",
]
