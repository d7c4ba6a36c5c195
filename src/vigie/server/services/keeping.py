"""What is kept, where, how long and what erases it: one table of all kinds of data, its times those of the code that acts.

Nothing is decided here: each time is the constant or the setting by which something is really dropped, and a test holds
the tables of the record against it, so that none is kept unsaid.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from django.conf import settings
from django.db.models import Model

from vigie.server import models as m
from vigie.server.services import archiving, authors, people, proposing
from vigie.store import mirror


class Place(StrEnum):
    """Where something is kept."""

    RECORD = "record"
    ARCHIVE = "archive"
    MIRROR = "mirror"
    FOLDER = "folder"
    """Files beside the record, under VIGIE_VAR."""
    NOWHERE = "nowhere"
    """Made when asked for, given, and forgotten."""


class End(StrEnum):
    """What ends the keeping of something that no clock ends."""

    NONE = "none"
    """Nothing: kept without limit."""
    ARCHIVED = "archived"
    """Until everything of it is in the archive."""
    WITH_POST = "with_post"
    """As long as the post it belongs to."""
    WITH_AUTHOR = "with_author"
    """As long as the author it belongs to."""
    PERSON = "person"
    """Until somebody takes it away."""
    OPERATOR = "operator"
    """Until the operator of the machine removes it."""
    REPLACED = "replaced"
    """Until the next one takes its place."""
    AT_ONCE = "at_once"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of datum."""

    code: str
    place: Place
    end: End | None = None
    """Absent where a time ends it."""
    time: timedelta | None = None
    months: int | None = None
    setting: str = ""
    """The setting that says the time."""
    step: str = ""
    """The step of an erasure that takes it (`erasing.STEPS`); empty where there is nobody in it to erase, or it stays."""
    clear: bool = False
    """Whether names or handles may stand in it as they were written."""
    tables: Sequence[type[Model]] = ()


def kinds() -> tuple[Kind, ...]:
    """Return every kind of datum, in the order in which it comes to be."""
    return (*_heard(), *_of_authors(), *_understood(), *_copies(), *_accounts(), *_of_the_house())


def _heard() -> tuple[Kind, ...]:
    return (
        Kind("bytes", Place.RECORD, End.ARCHIVED, step="bytes", clear=True, tables=(m.Fetch, m.Batch)),
        Kind("unread_bytes", Place.RECORD, time=timedelta(days=archiving.UNPARSED_DAYS), step="bytes", clear=True),
        Kind("uploads", Place.FOLDER, End.ARCHIVED, step="bytes", clear=True),
        Kind(
            "archive", Place.ARCHIVE, months=settings.VIGIE.archive_months, setting="VIGIE_ARCHIVE_MONTHS", step="archive",
            clear=True,
        ),
        Kind("heard", Place.RECORD, End.NONE, step="record", tables=(m.Heard, m.Wanted)),
        Kind(
            "posts", Place.RECORD, End.NONE, step="record", clear=True,
            tables=(m.Post, m.PostVersion, m.PostSpace, m.Mention),
        ),
        Kind("counts", Place.RECORD, End.WITH_POST, step="record", tables=(m.Reading, m.Recount)),
        Kind("pointers", Place.RECORD, time=proposing.PAST, step="record", tables=(m.Pointer,)),
        Kind("evidence", Place.RECORD, End.WITH_POST, step="evidence", clear=True, tables=(m.Evidence, m.EvidenceMedia)),
    )  # fmt: skip


def _of_authors() -> tuple[Kind, ...]:
    return (
        Kind("authors", Place.RECORD, End.NONE, step="record", tables=(m.Author,)),
        Kind("names", Place.RECORD, End.WITH_AUTHOR, step="record", clear=True, tables=(m.AuthorName,)),
        Kind("shown", Place.NOWHERE, time=authors.SHOWN_FOR),
        Kind("views", Place.RECORD, End.WITH_AUTHOR, step="record", tables=(m.NameView,)),
        Kind("lists", Place.RECORD, End.PERSON, step="record", tables=(m.NamedList, m.ListEntry)),
        Kind("register", Place.RECORD, End.PERSON, step="record", clear=True, tables=(m.NameEntry,)),
        Kind(
            "erasures", Place.RECORD, End.NONE, tables=(m.Erasure, m.Receipt, m.Suppression, m.Tombstone),
        ),
        Kind("keys", Place.RECORD, End.NONE, tables=(m.Key,)),
    )  # fmt: skip


def _understood() -> tuple[Kind, ...]:
    return (
        Kind(
            "labels", Place.RECORD, End.WITH_POST, step="record",
            tables=(m.Label, m.Finding, m.Story, m.PostStory, m.Sketch),
        ),
        Kind(
            "words_of_people", Place.RECORD, End.WITH_POST, step="record",
            tables=(m.Correction, m.FindingCorrection, m.MarkRow, m.AnnotationItem, m.Annotation),
        ),
        Kind(
            "models", Place.RECORD, End.PERSON,
            tables=(m.Labeller, m.TrainedModel, m.DictionaryEntry, m.AnnotationSet, m.Dimension, m.Category, m.CategoryVersion),
        ),
    )  # fmt: skip


def _copies() -> tuple[Kind, ...]:
    return (
        Kind("mirror", Place.MIRROR, End.REPLACED, step="mirror", tables=(m.Counter,)),
        Kind("mirror_old", Place.MIRROR, time=timedelta(seconds=mirror.KEEP_UNLISTED_S), step="mirror"),
        Kind("exports", Place.NOWHERE, End.AT_ONCE, clear=True),
        Kind("queries", Place.FOLDER, End.REPLACED, clear=True),
        Kind("logs", Place.FOLDER, End.OPERATOR),
    )


def _accounts() -> tuple[Kind, ...]:
    return (
        Kind("users", Place.RECORD, End.PERSON, clear=True, tables=(m.User, m.Membership)),
        Kind("sessions", Place.RECORD, time=timedelta(seconds=settings.SESSION_COOKIE_AGE)),
        Kind("invitations", Place.RECORD, time=timedelta(days=people.INVITATION_DAYS), tables=(m.Invitation,)),
        Kind("audit", Place.RECORD, End.NONE, tables=(m.AuditEvent,)),
    )


def _of_the_house() -> tuple[Kind, ...]:
    return (
        Kind("work", Place.RECORD, time=timedelta(days=archiving.WORK_DAYS), tables=(m.Work, m.Lease)),
        Kind("secrets", Place.RECORD, End.PERSON, tables=(m.SpaceSecret,)),
        Kind(
            "settings", Place.RECORD, End.PERSON, clear=True,
            tables=(
                m.Brand, m.Space, m.SpaceRead, m.SpaceStateRow, m.StreamCount, m.Notice, m.AllowedNetwork, m.Watch,
                m.WatchVersion, m.TrackedAccount, m.AccountReading, m.SpaceProposal,
            ),
        ),
    )  # fmt: skip
