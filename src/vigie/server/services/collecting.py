"""Read spaces: bytes and cursor are saved together, then parsed and taken through the door."""

import json
import random
import socket
import zlib
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import pyarrow as pa
from django.db import transaction
from django.db.models import CharField, Exists, F, OuterRef, QuerySet, Value
from django.db.models.functions import Cast, Concat

from vigie import __version__
from vigie.collect.registry import source
from vigie.collect.source import Fetch as FetchFunction
from vigie.collect.source import Mended, Paced, Page, Parsed, Response, Skipped
from vigie.errors import RetryableError, SkippableError, VigieError
from vigie.schema.vocab import SpaceKind, WorkState
from vigie.server.database import clock_s, desk, for_update, instant, made, select, update
from vigie.server.models import Fetch, Space, SpaceRead, Work
from vigie.server.models.work import OPEN_STATES
from vigie.server.permissions import WORKER, Asker, Permission
from vigie.server.services import audit, discovering, door, hearing, work
from vigie.server.services.batch import Taken
from vigie.server.services.door import MAX_BATCH
from vigie.server.services.places import place_of
from vigie.server.services.work import NotYet, told

MAX_NOTES = 20
"""Skipped items of which a read keeps place and reason; the others are counted."""

LONGEST_WAIT_S = 86_400
"""Longest wait after failures: a day, so that a site that comes back is heard the next day at the latest."""

JITTER = 0.1
"""Share of a wait by which it may be longer, drawn anew each time."""

MOST_WAITING = 1_000
"""Reads that wait for a thread at once: 20 seconds of work at 50 a second; more rows would only be older in the end."""

SHORT_WAIT_S = 0.05
"""Wait for a host's turn that a thread may spend asleep: handing the work back and taking it up again costs about as much."""

ARROW = "application/vnd.apache.arrow.stream"
"""Media type of a page that holds posts as we parsed them: those kept of a firehose (IANA, Arrow IPC streaming format)."""

INTERRUPTED = "read.interrupted"
"""Code of a read whose process died: killed, or without room even to say so."""


@transaction.atomic
def read_now(space_id: int, *, asker: Asker, now: datetime) -> int:
    """Have a space read at once, as somebody asked; return the work's id.

    Raises:
        DecisionError: the role does not allow it.
    """
    space = Space.objects.get(pk=space_id)
    asker.require(Permission.EDIT_SPACES, brand_id=space.brand_id)
    work_id = read_due(space_id, asker=asker)
    audit.write(
        asker, "space.read_asked", f"space:{space_id}", now=now, after={"work": work_id}, brand_id=space.brand_id
    )
    return work_id


def read_due(space_id: int, *, asker: Asker = WORKER) -> int:
    """Have a space read, as its interval says; return the work's id."""
    return work.enqueue("collect", f"collect:{space_id}", {"space": space_id}, asker=asker)


def due_spaces(now: datetime) -> list[int]:
    """Return the open spaces whose next read is due."""
    return list(_due(now).values_list("id", flat=True))


def _due(now: datetime) -> QuerySet[Space]:
    return Space.objects.filter(closed_at=None, next_read_at__lte=now).exclude(kind=SpaceKind.IMPORT.value)


def read_all_due(now: datetime) -> int:
    """Have the spaces read that are due, the longest due first, as many as may wait at once; return how many were added.

    Cost: three statements, whatever the number of spaces.
    """
    key = Concat(Value("collect:"), Cast("pk", CharField()))
    due = _due(now).annotate(key=key)
    asked = Work.objects.filter(key=OuterRef("key"), state__in=OPEN_STATES)
    room = (
        MOST_WAITING - Work.objects.filter(kind="collect", state=WorkState.WAITING.value, due_s__lte=clock_s()).count()
    )
    unasked = due.filter(~Exists(asked)).order_by("next_read_at").values_list("id", flat=True)
    added = list(unasked[:room]) if room > 0 else []
    work.enqueue_all("collect", {f"collect:{i}": {"space": i} for i in added})
    work.bring_forward("collect", due.values("key"))
    return len(added)


def collect(space_id: int, *, fetch: FetchFunction, clock: Callable[[], datetime]) -> SpaceRead:
    """Read what is new in a space; each page is saved with its cursor, then taken in.

    Raises:
        RetryableError, FatalError: as the source says; the read's row tells it, and the next read is later.
        NotYet: the host may not be asked yet; nothing was done.
    """
    with desk():
        space = _row(space_id)
    fetch = in_turn(space.address, fetch)
    with desk():
        read = _begin(space, clock())
    try:
        with work.full_disk_told():
            _read(read, space, fetch, clock)
    except VigieError as error:
        with desk():
            finish(read, space, clock(), error)
        raise
    with desk():
        finish(read, space, clock(), None)
    return read


def _row(space_id: int, lock: str = "") -> Space:
    # By hand, as Django writes the same statement anew each time, which takes it longer than the rest of the row.
    for space in Space.objects.raw(f"SELECT * FROM vigie_space WHERE id = %s{lock}", [space_id]):
        return space
    raise Space.DoesNotExist


_DEAD = "SELECT 1 FROM vigie_spaceread WHERE space_id = %s AND finished_at IS NULL AND NOT is_stream LIMIT 1"


def _begin(space: Space, now: datetime) -> SpaceRead:
    if select(_DEAD, [space.pk]):
        close_interrupted(space.pk, SpaceRead.objects.filter(space=space.pk, is_stream=False), now)
    return made(SpaceRead(space=space, started_at=now))


def _read(read: SpaceRead, space: Space, fetch: FetchFunction, clock: Callable[[], datetime]) -> None:
    if space.kind == SpaceKind.UNKNOWN:
        space = discovering.find_out(space, fetch=fetch, now=clock())
    for page in source(space.kind).pages(place_of(space), space.cursor or None, fetch=fetch, now=clock()):
        with desk():
            fetched = save_page(read, page)
            ingest_page(fetched, clock=clock, kind=space.kind)


def in_turn(address: str, fetch: FetchFunction) -> FetchFunction:
    """Return the client when the host of an address may be asked; one that says why not when it can't be at all.

    Raises:
        NotYet: it may be asked later.
    """
    host = urlsplit(address).hostname
    if not isinstance(fetch, Paced) or not host or not address.startswith(("http://", "https://")):
        return fetch
    try:
        wait = fetch.wait_s(address)
    except VigieError as error:
        return Failing(error)
    if wait > SHORT_WAIT_S:
        raise NotYet(host, wait)
    return fetch


class Failing:
    """A network that fails as it just did, so that the read's row says it without asking the host again."""

    def __init__(self, error: VigieError) -> None:
        self.error = error

    def __call__(self, url: str, *, headers: Mapping[str, str] | None = None, body: bytes | None = None) -> Response:
        raise self.error

    def dial(self, host: str, port: int, *, tls: bool, timeout_s: float = 30.0) -> socket.socket:
        raise self.error


@transaction.atomic
def save_page(read: SpaceRead, page: Page) -> Fetch:
    """Save the bytes of a page together with the cursor that goes on after it, and the work that takes it in."""
    fetch = made(
        Fetch(
            space_id=read.space_id,
            read=read,
            part=page.part,
            url=page.url,
            media_type=page.media_type[:200],
            fetched_at=page.fetched_at,
            body=zlib.compress(page.body),
        )
    )
    update("UPDATE vigie_space SET cursor = %s WHERE id = %s", [(page.cursor, read.space_id)])
    update("UPDATE vigie_spaceread SET pages = pages + 1 WHERE id = %s", [(read.pk,)])
    read.pages += 1
    # Should this process die now, the bytes are safe and this row has them taken in.
    work.enqueue("ingest", f"ingest:{fetch.pk}", {"fetch": fetch.pk}, in_s=120.0)
    return fetch


def ingest_page(fetch: Fetch, *, clock: Callable[[], datetime], kind: str | None = None) -> None:
    """Parse saved bytes and take the posts in, from where an earlier try stopped; a page that can't be read is kept.

    Args:
        kind: That of its space, for a caller that knows it.
    """
    if fetch.ingested_at is not None:
        return
    try:
        parsed = _parsed(kind or Space.objects.values_list("kind", flat=True).get(pk=fetch.space_id), fetch)
    except SkippableError as error:
        _unparsed(fetch, error, clock())
        return
    start = int(fetch.position or 0)
    pieces = range(start, max(parsed.posts.num_rows, 1), MAX_BATCH)
    for offset in pieces:
        _ingest_piece(fetch, parsed, offset, clock)


def recover(fetch: Fetch, *, clock: Callable[[], datetime]) -> None:
    """Take in a page that a dead process left; its read is over once nothing of it is left, unless it goes on."""
    ingest_page(fetch, clock=clock)
    left = Fetch.objects.filter(read=fetch.read_id, ingested_at=None).exists()
    if not left and not work.is_held(f"collect:{fetch.space_id}"):
        close_interrupted(fetch.space_id, SpaceRead.objects.filter(pk=fetch.read_id), clock())


@transaction.atomic
def close_interrupted(space_id: int, reads: QuerySet[SpaceRead], now: datetime) -> None:
    """Close reads whose process died: each is a failure of the space, until one comes to its end."""
    closed = reads.filter(finished_at=None).update(finished_at=now, code=INTERRUPTED)
    if closed:
        Space.objects.filter(pk=space_id).update(failures=F("failures") + closed)
        audit.write(WORKER, "space.read_failed", f"space:{space_id}", now=now, after={"code": INTERRUPTED})


def _parsed(kind: str, fetch: Fetch) -> Parsed:
    if fetch.media_type == ARROW:
        with pa.ipc.open_stream(page_of(fetch).body) as reader:
            return Parsed(reader.read_all())
    return source(kind).parse(page_of(fetch))


def page_of(fetch: Fetch) -> Page:
    """Return the page whose bytes were saved."""
    body = zlib.decompress(bytes(fetch.body or zlib.compress(b"")))
    return Page(fetch.url, body, fetch.media_type, fetch.part, fetch.fetched_at, "")


def _ingest_piece(fetch: Fetch, parsed: Parsed, offset: int, clock: Callable[[], datetime]) -> None:
    end = offset + MAX_BATCH
    last = end >= parsed.posts.num_rows
    skipped = parsed.skipped if last else ()
    now = clock()

    def done(taken: Taken) -> None:
        add_to_read(fetch.read_id, taken, skipped, repeated=parsed.repeated if last else 0, undated=0)
        # Bytes of which a part could not be read are kept for the day the parser is mended.
        update(_INGESTED, [(str(end), instant(now) if last else None, bool(skipped), __version__, fetch.pk)])
        if last:
            work.settled(f"ingest:{fetch.pk}")

    take(parsed.posts.slice(offset, MAX_BATCH), fetch=fetch, now=now, done=done)


def take(posts: pa.Table, *, fetch: Fetch, now: datetime, done: Callable[[Taken], None]) -> Taken:
    """Take a batch in, under the time its bytes were fetched."""
    if posts.num_rows == 0:
        with transaction.atomic():
            done(Taken())
        return Taken()
    return door.take(
        posts, space_id=fetch.space_id, heard_at=fetch.fetched_at, fetch_id=fetch.pk, now=now, with_batch=done
    )


_INGESTED = "UPDATE vigie_fetch SET position = %s, ingested_at = %s, unparsed = %s, parsed_version = %s WHERE id = %s"

_ADDED = (
    "UPDATE vigie_spaceread SET heard = heard + %s, new = new + %s, changed = changed + %s, kept = kept + %s, "
    "mentions = mentions + %s, refused = refused + %s, skipped = skipped + %s, repeated = repeated + %s, "
    "undated = undated + %s WHERE id = %s"
)


def add_to_read(read_id: int, taken: Taken, skipped: tuple[Skipped, ...], *, repeated: int, undated: int) -> None:
    """Add what a batch brought to its read, in the batch's transaction."""
    # By hand, as `F` of nine columns takes Django longer than the database (0.6 ms).
    update(_ADDED, [(taken.heard, taken.new, taken.changed, taken.kept, taken.mentions, taken.refused,
                     len(skipped), repeated, undated, read_id)])  # fmt: skip
    if skipped:
        _note(read_id, skipped)


def _note(read_id: int, skipped: tuple[Skipped, ...]) -> None:
    row = SpaceRead.objects.get(pk=read_id)
    notes = [
        *row.notes,
        *({"where": s.where, "code": s.code, "facts": {**s.facts, "sentence": s.sentence}} for s in skipped),
    ]
    SpaceRead.objects.filter(pk=read_id).update(notes=notes[:MAX_NOTES])


@transaction.atomic
def _unparsed(fetch: Fetch, error: SkippableError, now: datetime) -> None:
    Fetch.objects.filter(pk=fetch.pk).update(unparsed=True, ingested_at=now, parsed_version=__version__)
    SpaceRead.objects.filter(pk=fetch.read_id).update(code=error.code, facts=told(error))


@transaction.atomic
def finish(read: SpaceRead, space: Space, now: datetime, error: VigieError | None) -> None:
    """Close a read with its reason, plan the next one, and put the space in the state that it shows."""
    if read.pages or read.is_stream:
        _take_counts(read)
    space = _row(space.pk, for_update())
    read.finished_at = now
    if error is not None:
        read.code, read.facts = error.code, told(error)
    update(_FINISHED, [(instant(now), read.code, json.dumps(read.facts), read.pk)])
    failed = bool(read.code)
    space.failures = space.failures + 1 if failed else 0
    changed = ["failures"]
    if space.locked_at is None:
        space.next_read_at = now + _wait(space, space.failures, error)
        changed.append("next_read_at")
    hearing.settle(space, read, facts=read.facts, now=now, changed=changed)
    if failed:
        after = {"code": read.code, "failures": space.failures}
        audit.write(WORKER, "space.read_failed", f"space:{space.pk}", now=now, after=after)


_COUNTS = (
    "pages",
    "heard",
    "new",
    "changed",
    "kept",
    "mentions",
    "skipped",
    "repeated",
    "undated",
    "refused",
    "dropped",
)
_COUNTED = f"SELECT code, {', '.join(_COUNTS)} FROM vigie_spaceread WHERE id = %s"
_FINISHED = "UPDATE vigie_spaceread SET finished_at = %s, code = %s, facts = %s WHERE id = %s"


def _take_counts(read: SpaceRead) -> None:
    """Read what the batches added to a read's row, and what a page that could not be parsed left there."""
    # By hand: a row of eighteen columns takes Django longer than the database (0.5 ms).
    for code, *counts in select(_COUNTED, [read.pk]):
        for name, count in zip(_COUNTS, counts, strict=True):
            setattr(read, name, count)
        if code or read.skipped:
            read.refresh_from_db()


def _wait(space: Space, failures: int, error: VigieError | None) -> timedelta:
    """Return the time to the next read: the interval, doubled at each failure, or what the source asks for."""
    seconds = min(space.interval_s * 2 ** min(failures, 16), LONGEST_WAIT_S)
    if isinstance(error, RetryableError) and error.retry_after:
        seconds = max(int(error.retry_after), space.interval_s)
    # Spaces that were added together must not be read together for ever.
    return timedelta(seconds=max(seconds, space.interval_s) * (1 + random.random() * JITTER))  # noqa: S311 -- no secret


def reparse(*, space_id: int | None, asker: Asker, clock: Callable[[], datetime]) -> tuple[int, int]:
    """Parse again what could not be read, with the parsers of this version; return pages tried, and those still faulty.

    What was read before is met again and told apart by its id; bytes older than 90 days are gone.
    """
    asker.require(Permission.EDIT_SPACES)
    faulty = Fetch.objects.filter(unparsed=True, dropped_at=None, file="").order_by("pk")
    ids = list((faulty if space_id is None else faulty.filter(space_id=space_id)).values_list("pk", flat=True))
    for fetch_id in ids:
        with transaction.atomic():
            fetch = Fetch.objects.select_for_update().get(pk=fetch_id)
            body = zlib.compress(_mended(fetch).body)
            Fetch.objects.filter(pk=fetch_id).update(unparsed=False, ingested_at=None, position="", body=body)
            SpaceRead.objects.filter(pk=fetch.read_id).update(skipped=0, notes=[])
            work.enqueue("ingest", f"ingest:{fetch_id}", {"fetch": fetch_id}, in_s=120.0)
            audit.write(asker, "fetch.reparse", f"fetch:{fetch_id}", now=clock(), after={"space": fetch.space_id})
        ingest_page(Fetch.objects.get(pk=fetch_id), clock=clock)
    return len(ids), Fetch.objects.filter(pk__in=ids, unparsed=True).count()


def _mended(fetch: Fetch) -> Page:
    """Return the page of a fetch as its source would keep it now: a recipe that a person mended goes with its bytes."""
    space = Space.objects.get(pk=fetch.space_id)
    reader, page = source(space.kind), page_of(fetch)
    return reader.mended(page, place_of(space)) if isinstance(reader, Mended) else page
