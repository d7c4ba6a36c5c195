"""The record, table by table; thin: fields, constraints, `__str__`. One app label, one migration chain."""

from vigie.server.models.audit import AuditEvent
from vigie.server.models.evidence import Evidence, EvidenceMedia
from vigie.server.models.listening import AllowedNetwork, Notice, SpaceSecret, SpaceStateRow, StreamCount
from vigie.server.models.mention import Correction, Label, Labeller, MarkRow, Mention
from vigie.server.models.names import NameView
from vigie.server.models.people import Brand, Invitation, Membership, User
from vigie.server.models.post import Author, AuthorName, Heard, Post, PostSpace, PostVersion, Reading, Recount, Wanted
from vigie.server.models.presence import AccountReading, NameEntry, Pointer, SpaceProposal, TrackedAccount
from vigie.server.models.space import Batch, Fetch, Space, SpaceRead
from vigie.server.models.store import Counter, Erasure, Key, Lease, Receipt, Suppression, Tombstone
from vigie.server.models.understanding import (
    Annotation,
    AnnotationItem,
    AnnotationSet,
    Category,
    CategoryVersion,
    DictionaryEntry,
    Dimension,
    Finding,
    FindingCorrection,
    PostStory,
    Sketch,
    Story,
    TrainedModel,
)
from vigie.server.models.watch import ListEntry, NamedList, Watch, WatchVersion
from vigie.server.models.work import Work

__all__ = [
    "AccountReading",
    "AllowedNetwork",
    "Annotation",
    "AnnotationItem",
    "AnnotationSet",
    "AuditEvent",
    "Author",
    "AuthorName",
    "Batch",
    "Brand",
    "Category",
    "CategoryVersion",
    "Correction",
    "Counter",
    "DictionaryEntry",
    "Dimension",
    "Erasure",
    "Evidence",
    "EvidenceMedia",
    "Fetch",
    "Finding",
    "FindingCorrection",
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
    "NameView",
    "NamedList",
    "Notice",
    "Pointer",
    "Post",
    "PostSpace",
    "PostStory",
    "PostVersion",
    "Reading",
    "Receipt",
    "Recount",
    "Sketch",
    "Space",
    "SpaceProposal",
    "SpaceRead",
    "SpaceSecret",
    "SpaceStateRow",
    "Story",
    "StreamCount",
    "Suppression",
    "Tombstone",
    "TrackedAccount",
    "TrainedModel",
    "User",
    "Wanted",
    "Watch",
    "WatchVersion",
    "Work",
]
