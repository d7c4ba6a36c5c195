"""Say what is wrong with an installation, a sentence each."""

import os
import shutil
import socket
import sqlite3
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Q

from vigie.errors import RetryableError
from vigie.schema.vocab import SpaceKind, WorkState
from vigie.server import engine, leases, mirroring
from vigie.server.context import REFERENCE_HEADER
from vigie.server.database import clock_s
from vigie.server.models import Batch, Invitation, Membership, Space, Work
from vigie.server.services import archiving
from vigie.server.services.backfilling import tail_bound
from vigie.store.tail import TAIL_MAX

CLOCK_TOLERANCE_S = 5.0
"""Seconds that machine and database may differ: days are cut by the one, leases by the other."""

FREE_BYTES = 2 * 2**30
"""Free space below which ingest is in danger: a merge of ten million mentions writes 240 MB beside the old files."""

LATE_S = 300.0
"""Seconds that due work may wait before the worker must be thought dead."""

ANSWER_S = 5.0
"""Seconds that a mail server or a port may take to answer: a loaded machine takes one, a wrong one for ever."""

OLDEST_SQLITE = (3, 35, 0)
"""First version with RETURNING, which revisions are taken by (sqlite.org/lang_returning.html)."""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """One thing looked at."""

    name: str
    ok: bool
    sentence: str


def examine(*, now: datetime) -> Iterator[Diagnosis]:
    """Look at versions, folder, disk, database, time, key, address, mail, contact, port, worker, mirror, archive, people, spaces,
    watches."""
    yield _versions()
    yield _disk()
    database = _database()
    yield database
    yield _key()
    yield _address()
    yield _mail()
    yield _contact()
    yield _port()
    if database.ok:
        yield from (look(now) if look in _IN_TIME else look() for look in _IN_RECORD)


def _versions() -> Diagnosis:
    version = ".".join(map(str, sys.version_info[:3]))
    if connection.vendor == "sqlite" and sqlite3.sqlite_version_info < OLDEST_SQLITE:
        return Diagnosis("versions", ok=False, sentence=f"SQLite {sqlite3.sqlite_version} is too old; 3.35 is needed.")
    return Diagnosis("versions", ok=True, sentence=f"Python {version}, {connection.vendor}.")


def _disk() -> Diagnosis:
    folder = Path(settings.VIGIE.var)
    if not os.access(folder, os.W_OK):
        return Diagnosis(
            "disk", ok=False, sentence="The folder of VIGIE_VAR can't be written to; give it to this user."
        )
    free = shutil.disk_usage(folder).free
    text = f"{free / 2**30:.1f} GiB are free."
    return Diagnosis("disk", ok=free >= FREE_BYTES, sentence=text if free >= FREE_BYTES else f"Only {text} Make room.")


def _database() -> Diagnosis:
    try:
        connection.ensure_connection()
        plan = MigrationExecutor(connection).migration_plan(MigrationExecutor(connection).loader.graph.leaf_nodes())
    except DatabaseError as error:
        return Diagnosis("database", ok=False, sentence=f"The database does not answer: {type(error).__name__}.")
    if plan:
        sentence = f"{len(plan)} changes of the record wait: start “vigie up” once, which applies them."
        return Diagnosis("database", ok=False, sentence=sentence)
    return Diagnosis("database", ok=True, sentence="The record answers and is up to date.")


def _time(now: datetime) -> Diagnosis:
    off = abs(clock_s() - now.timestamp())
    if off <= CLOCK_TOLERANCE_S:
        return Diagnosis("time", ok=True, sentence=f"Machine and database differ by {off:.0f} s.")
    sentence = f"Machine and database differ by {off:.0f} s: set both clocks by a time server."
    return Diagnosis("time", ok=False, sentence=sentence)


def _key() -> Diagnosis:
    path = settings.VIGIE.secret_key_file
    if settings.VIGIE.secret_key:
        return Diagnosis("key", ok=True, sentence="The key comes from the settings.")
    if path.exists() and path.stat().st_mode & 0o077:
        return Diagnosis("key", ok=False, sentence="The key file can be read by others: chmod 600 it.")
    if not path.exists():
        sentence = (
            f"There is no key yet ({path.name}): the first start makes it. After a move, bring the old one along."
        )
        return Diagnosis("key", ok=False, sentence=sentence)
    return Diagnosis("key", ok=True, sentence="The key was made at first start; keep a copy apart.")


def _address() -> Diagnosis:
    config = settings.VIGIE
    host = urlsplit(config.public_url).hostname or ""
    if host not in config.allowed_hosts and "*" not in config.allowed_hosts:
        sentence = f"VIGIE_PUBLIC_URL names {host}, which VIGIE_ALLOWED_HOSTS does not: its pages would be refused."
        return Diagnosis("address", ok=False, sentence=sentence)
    if not config.listen.is_loopback and not config.is_https:
        return Diagnosis(
            "address", ok=False, sentence="The pages leave this machine without HTTPS; put a proxy before."
        )
    return Diagnosis("address", ok=True, sentence=f"Pages are at {config.public_url}.")


def _mail() -> Diagnosis:
    url = settings.VIGIE.mail_url
    if url is None:
        sentence = "No mail server is set (VIGIE_MAIL_URL): invitations and lost passwords are printed, not sent."
        return Diagnosis("mail", ok=False, sentence=sentence)
    parts = urlsplit(url)
    reached = _reached(parts.hostname or "", parts.port or 25)
    sentence = "The mail server answers." if reached else "The mail server does not answer: check VIGIE_MAIL_URL."
    return Diagnosis("mail", ok=reached, sentence=sentence)


def _contact() -> Diagnosis:
    contact = settings.VIGIE.contact
    if not contact:
        sentence = "No contact is set (VIGIE_CONTACT): whoever runs a site that is read can't reach you."
        return Diagnosis("contact", ok=False, sentence=sentence)
    return Diagnosis("contact", ok=True, sentence=f"Sites that are read are told how to reach you: {contact}.")


def _reached(host: str, port: int) -> bool:
    try:
        with socket.create_connection((host, port), timeout=ANSWER_S):
            return True
    except OSError:
        return False


def _port() -> Diagnosis:
    listen = settings.VIGIE.listen
    if not _reached(listen.host, listen.port):
        return Diagnosis("port", ok=True, sentence=f"Port {listen.port} is free.")
    if _is_vigie(listen.host, listen.port):
        return Diagnosis("port", ok=True, sentence=f"Vigie answers on port {listen.port}.")
    sentence = f"Another program has port {listen.port}: stop it, or choose another by VIGIE_LISTEN."
    return Diagnosis("port", ok=False, sentence=sentence)


def _is_vigie(host: str, port: int) -> bool:
    """Ask who answers: every page of ours carries its reference, the page of a refused host too."""
    asked = HTTPConnection(host, port, timeout=ANSWER_S)
    try:
        asked.request("HEAD", "/")
        return asked.getresponse().getheader(REFERENCE_HEADER) is not None
    except (OSError, HTTPException):
        return False
    finally:
        asked.close()


def _worker() -> Diagnosis:
    late = Work.objects.filter(
        Q(state=WorkState.WAITING.value, due_s__lt=clock_s() - LATE_S)
        | Q(state=WorkState.RUNNING.value, lease_until_s__lt=clock_s() - LATE_S)
    ).count()
    sentence = f"{late} pieces of work are overdue: is the worker running?" if late else "No work is overdue."
    return Diagnosis("worker", ok=not late, sentence=sentence)


def _mirror() -> Diagnosis:
    if not mirroring.mirror_on():
        return Diagnosis("mirror", ok=True, sentence="The mirror is off; figures are counted from the record.")
    behind = mirroring.revisions_behind()
    if behind > TAIL_MAX:
        return Diagnosis("mirror", ok=False, sentence=_too_far_behind(behind))
    sentence = f"Figures are {behind} changes behind the record, which the tail bridges."
    return Diagnosis("mirror", ok=behind <= tail_bound(mirroring.rows_held()), sentence=sentence)


def _too_far_behind(behind: int) -> str:
    """Say as of when figures are, and why nobody brings them further."""
    written = mirroring.written_at()
    as_of = f"as of {written.astimezone(settings.VIGIE.time_zone):%Y-%m-%d %H:%M}" if written else "not complete"
    held = leases.holder_of(mirroring.lease_name())
    why = (
        f"{held[0]} has the merge to itself for {held[1]:.0f} s more; if that process is gone, another takes over then."
        if held
        else "no process merges: is the worker running, and is there room on the disk?"
    )
    return f"Figures are {as_of}: {behind} changes wait, more than the {TAIL_MAX} that pages bridge; {why}"


def _archive() -> Diagnosis:
    waiting = Batch.objects.count()
    sentence = f"{waiting} batches wait to be archived."
    try:
        safe = archiving.is_safe()
    except RetryableError as error:
        return Diagnosis("archive", ok=False, sentence=f"{error.sentence} {sentence}")
    if safe is False:
        unsafe = (
            "The object store of VIGIE_ARCHIVE_URL takes a second object of the same name (If-None-Match): two writers at "
            "once would lose posts, so nothing is written. Use a store that refuses it, or a folder."
        )
        return Diagnosis("archive", ok=False, sentence=unsafe)
    unasked = (
        " Whether its object store refuses a second writer could not be asked: the keys are not in AWS_… variables."
    )
    return Diagnosis("archive", ok=waiting < 1_000, sentence=sentence + (unasked if safe is None else ""))


def _people(now: datetime) -> Diagnosis:
    if Membership.objects.filter(role="administrator", brand=None, user__is_active=True).exists():
        return Diagnosis("people", ok=True, sentence="There is an administrator.")
    waiting = Invitation.objects.filter(
        role="administrator", brand=None, accepted_at=None, withdrawn_at=None, expires_at__gt=now
    ).order_by("-expires_at")
    if (last := waiting.first()) is None:
        sentence = "There is no administrator: “vigie user add EMAIL” invites one."
        return Diagnosis("people", ok=False, sentence=sentence)
    until = f"{last.expires_at.astimezone(settings.VIGIE.time_zone):%Y-%m-%d %H:%M}"
    sentence = (
        f"There is no administrator yet: an invitation waits for its link to be opened, until {until}. "
        "“vigie user add EMAIL” writes another."
    )
    return Diagnosis("people", ok=False, sentence=sentence)


def _spaces() -> Diagnosis:
    failing = Space.objects.filter(failures__gte=3, closed_at=None)
    unknown = failing.filter(kind=SpaceKind.UNKNOWN.value).values_list("title", flat=True)[:5]
    lost = failing.exclude(kind=SpaceKind.UNKNOWN.value).values_list("title", flat=True)[:5]
    said = [("Not heard any more", list(lost)), ("Not known yet how to read", list(unknown))]
    sentence = " ".join(f"{what}: {', '.join(titles)}." for what, titles in said if titles)
    return Diagnosis("spaces", ok=not sentence, sentence=sentence or "Every space answers.")


def _watches() -> Diagnosis:
    refused = engine.unreadable()
    sentence = (
        f"Refused by this version, so they find nothing until they are changed: {', '.join(refused[:5])}."
        if refused
        else "Every query of a watch can be read."
    )
    return Diagnosis("watches", ok=not refused, sentence=sentence)


_IN_RECORD: tuple[Callable[..., Diagnosis], ...] = (_time, _worker, _mirror, _archive, _people, _spaces, _watches)
_IN_TIME = (_time, _people)
"""Of these, what is judged by the clock."""
