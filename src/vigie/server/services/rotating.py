"""Change the key of the authors' hashes: a new version, and everything moved to it while all goes on (docs/adr/0014).

    key drawn ──► authors ──► archive written under it ──► posts ──► archive, month by month ──► lists; all moved

Each step is made of transactions that can be repeated: every hash stands beside the version that made it, but those of
lists, which move last and all at once. A hash is compared in the newest version, to which any older one can be brought
and from which none can be brought back: so authors move before anything else, and lists after everything.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from django.db import transaction

from vigie.errors import DecisionError, RetryableError
from vigie.server import engine, keys, leases, mirroring
from vigie.server.database import select, update
from vigie.server.keys import Chain
from vigie.server.models import ListEntry, Work
from vigie.server.models.work import OPEN_STATES
from vigie.server.permissions import WORKER, Asker, Permission
from vigie.server.services import archiving, audit, work
from vigie.server.services.work import Outcome, Progress
from vigie.store.rekeying import renewed

WORK_KEY = "rekey:author"

STEP = 1_000
"""Rows per transaction (DESIGN §1, rule 8)."""

MOST_VERSIONS = 50
"""Versions of the key: each costs a hash of 1.6 µs a post for ever (measured); a rotation a year comes to them in fifty."""


@dataclass(frozen=True, slots=True)
class State:
    """How the key stands."""

    version: int
    is_moving: bool
    work: Work | None
    """The last work that moved, or moves, hashes to the newest version."""


@transaction.atomic
def start(*, asker: Asker, now: datetime) -> int:
    """Draw a new version of the authors' key and have everything moved to it; return the work's id.

    Where a move was stopped, it goes on, and no other version is drawn.

    Raises:
        DecisionError: the role does not allow it, or there are too many versions.
    """
    asker.require(Permission.ROTATE_KEYS)
    # First of all: whoever writes authors' hashes waits here, and begins again with the new version in hand.
    engine.bump_generation()
    known = keys.chain()
    version = known.newest
    if not known.is_moving:
        if version >= MOST_VERSIONS:
            raise DecisionError("The key was changed as often as it can be.", code="keys.too_many")
        version = keys.add_version()
    audit.write(asker, "keys.rotate", f"key:{version}", now=now, after={"version": version, "goes_on": known.is_moving})
    return work.enqueue("rekey", WORK_KEY, {"version": version}, asker=asker)


def state() -> State:
    """Return the version of the key, and how far a move has come."""
    known = keys.chain()
    rows = Work.objects.filter(kind="rekey").order_by("-pk")
    return State(known.newest, known.is_moving, rows.filter(state__in=OPEN_STATES).first() or rows.first())


def run(job: Progress, *, clock: Callable[[], datetime]) -> Outcome:
    """Move everything to the newest version; goes on where it stood."""
    known = keys.chain()
    if not known.is_moving:
        return Outcome("keys.rotated", {"version": known.newest})
    count = _Count(job, known)
    _move_authors(count)
    if known.written < known.newest:
        _write_archive_under(known.newest)
    _move_posts(count)
    _move_archive(count, clock)
    _move_lists(known, clock())
    return Outcome("keys.rotated", {"version": known.newest})


class _Count:
    """Where the walk stands, and how many rows it has seen."""

    def __init__(self, job: Progress, known: Chain) -> None:
        self.job, self.known = job, known
        same = job.claimed.state.get("version") == known.newest
        self.state: dict[str, Any] = dict(job.claimed.state) if same else {"version": known.newest}
        self.done = job.claimed.done if same else 0
        ((authors,),) = select("SELECT COUNT(*) FROM vigie_author")
        ((posts,),) = select("SELECT COUNT(*) FROM vigie_post")
        self.total = int(authors) + int(posts) + archiving.archive().count()

    def after(self, step: str) -> int:
        """Return the row after which a step goes on."""
        return int(self.state.get(step, 0))

    def at(self, step: str, row: int, n: int) -> None:
        """Save that a step has come to a row, in its transaction."""
        self.state[step] = row
        self.add(n)

    def add(self, n: int) -> None:
        """Count rows, and stop here when asked to."""
        self.done += n
        self.job.checkpoint(done=min(self.done, self.total), total=self.total, state=self.state)


def _walk(sql: str, after: int) -> Iterator[Sequence[tuple[Any, ...]]]:
    while rows := select(sql, [after, STEP]):
        yield rows
        after = rows[-1][0]


def _move_authors(count: _Count) -> None:
    """Move the authors' rows; new ones are written under the newest version since it was drawn."""
    sql = "SELECT id, key, key_version FROM vigie_author WHERE id > %s ORDER BY id LIMIT %s"
    _move(count, sql, "authors", "UPDATE vigie_author SET key = %s, key_version = %s WHERE id = %s")


def _move_posts(count: _Count) -> None:
    """Move the hashes of whom posts answer, repeat or quote."""
    sql = "SELECT id, engaging_key, engaging_version FROM vigie_post WHERE id > %s ORDER BY id LIMIT %s"
    _move(count, sql, "posts", "UPDATE vigie_post SET engaging_key = %s, engaging_version = %s WHERE id = %s")


def _move(count: _Count, sql: str, step: str, statement: str) -> None:
    known = count.known
    for rows in _walk(sql, count.after(step)):
        old = [(i, bytes(key), version) for i, key, version in rows if key and (version or 1) < known.newest]
        with transaction.atomic():
            update(statement, [(known.lifted(key, version), known.newest, i) for i, key, version in old])
            count.at(step, rows[-1][0], len(rows))


@transaction.atomic
def _write_archive_under(version: int) -> None:
    """Let the door archive under the new version: no author stands under an older one any more."""
    engine.bump_generation()
    keys.advance(keys.WRITTEN, version)


def _move_archive(count: _Count, clock: Callable[[], datetime]) -> None:
    """Write each month that holds older hashes anew, once all that waited under an older version is archived."""
    version = count.known.newest
    change = partial(renewed, secrets=count.known.secrets)
    with leases.lease("archive", holder=mirroring.holder(), seconds=archiving.LEASE_S) as ours:
        _require(ours)
        archiving.drain(now=clock())
        store = archiving.archive()
        months: Counter[str] = Counter()
        for rows in store.below_version(version):
            months.update(rows["heard_month"].to_pylist())
        for month, n in sorted(months.items()):
            _require(leases.take("archive", holder=mirroring.holder(), seconds=archiving.LEASE_S))
            store.rewrite(month, change)
            count.add(n)
        store.sweep()


def _require(ours: bool) -> None:
    if not ours:
        sentence = "The archive is being written; its turn comes after."
        raise RetryableError(sentence, code="archive.busy", retry_after=10)


@transaction.atomic
def _move_lists(known: Chain, now: datetime) -> None:
    """Move the members of lists, all at once: nothing stands under an older version after."""
    engine.bump_generation()
    rows = ListEntry.objects.exclude(author_key=None).values_list("pk", "author_key")
    moved = [(known.lifted(bytes(key), known.moved), pk) for pk, key in rows]
    update("UPDATE vigie_listentry SET author_key = %s WHERE id = %s", moved)
    keys.advance(keys.MOVED, known.newest)
    after = {"version": known.newest, "entries": len(moved)}
    audit.write(WORKER, "keys.rotated", f"key:{known.newest}", now=now, after=after)


def rotate_now(*, asker: Asker, clock: Callable[[], datetime], progress: Callable[[str, int, int | None], None]) -> int:
    """Change the key from the command line and do the work here unless a worker has it; return the version."""
    start(asker=asker, now=clock())
    for claimed in work.claim_key(WORK_KEY, holder=mirroring.holder()):
        work.run_inline(claimed, partial(run, clock=clock), progress=progress)
    return keys.chain().newest
