"""Listen to spaces that speak by themselves; of a firehose only what some watch or conversation asks for is kept.

page ──► parse ──► held against the standing queries, and against what the record answers or must forget
                     └─► one transaction: bytes of what is kept, cursor, counts ──► the door, as any other page
"""

import json
import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
from django.db import transaction
from django.db.models import F

from vigie.collect.registry import source, sources
from vigie.collect.source import Fetch as FetchFunction
from vigie.collect.source import Page, Source, Streamer
from vigie.errors import ConfigError, RetryableError, SkippableError, VigieError
from vigie.schema import ids
from vigie.schema.vocab import SpaceKind
from vigie.server import engine
from vigie.server.keys import Chain
from vigie.server.models import Fetch, Space, SpaceRead, StreamCount
from vigie.server.queries import documents
from vigie.server.services import collecting, saving, work
from vigie.server.services.places import place_of
from vigie.server.services.work import Outcome, Progress

log = logging.getLogger("vigie.streaming")

CHAPTER = timedelta(minutes=5)
"""Time after which a stream's read is closed and another begun: its page, its rhythm and the log of reads show it."""

LONGEST_PAUSE_S = 3_600.0
"""Longest wait before a stream that broke is taken up again; it doubles from half a minute."""


def due(*, now: datetime) -> list[int]:
    """Return the open spaces that can be listened to and that nobody listens to."""
    kinds = [kind for kind, found in sources().items() if isinstance(found, Streamer)]
    spaces = Space.objects.filter(kind__in=kinds, closed_at=None, locked_at=None).exclude(kind=SpaceKind.IMPORT.value)
    return [s.pk for s in spaces if _streams(source(s.kind), s) and not work.is_open(f"stream:{s.pk}")]


def _streams(found: Source, space: Space) -> bool:
    try:
        return isinstance(found, Streamer) and found.streams(place_of(space))
    except ConfigError:
        log.exception("stream.secret", extra={"space": space.pk})
        return False


def run(job: Progress, *, fetch: FetchFunction, clock: Callable[[], datetime]) -> Outcome:
    """Listen until the worker stops, the space is closed or paused, or the connection breaks; then begin again later."""
    space = Space.objects.get(pk=job.args["space"])
    found = source(space.kind)
    if space.closed_at or space.locked_at or not isinstance(found, Streamer):
        return Outcome("stream.over")
    read = _begin(space, clock())
    try:
        stopping = job.is_stopping
        for page in found.stream(place_of(space), space.cursor or None, fetch=fetch, clock=clock, stopping=stopping):
            take(read, found, page, clock=clock)
            read = _next_chapter(space, read, clock())
            job.checkpoint()
            if _over(space.pk):
                break
    except VigieError as error:
        return _broken(space, read, error, clock())
    collecting.finish(read, space, clock(), None)
    return Outcome("stream.over") if _over(space.pk) else Outcome("stream.ended", again_in_s=1.0)


def _over(space_id: int) -> bool:
    return not Space.objects.filter(pk=space_id, closed_at=None, locked_at=None).exists()


def _begin(space: Space, now: datetime) -> SpaceRead:
    collecting.close_interrupted(space.pk, SpaceRead.objects.filter(space=space, is_stream=True), now)
    return SpaceRead.objects.create(space=space, started_at=now, is_stream=True)


def _next_chapter(space: Space, read: SpaceRead, now: datetime) -> SpaceRead:
    if now - read.started_at < CHAPTER:
        return read
    collecting.finish(read, space, now, None)
    return SpaceRead.objects.create(space=space, started_at=now, is_stream=True)


def _broken(space: Space, read: SpaceRead, error: VigieError, now: datetime) -> Outcome:
    """Close the read with its reason, and say when to try again; a stream is never given up, its state tells of it."""
    space.refresh_from_db()
    collecting.finish(read, space, now, error)
    space.refresh_from_db()
    asked = error.retry_after if isinstance(error, RetryableError) else None
    pause = asked or min(work.FIRST_RETRY_S * 2 ** min(space.failures, 12), LONGEST_PAUSE_S)
    log.warning("stream.broken", extra={"space": space.pk, "code": error.code})
    return Outcome("stream.broken", work.told(error), again_in_s=pause)


def take(read: SpaceRead, found: Source, page: Page, *, clock: Callable[[], datetime]) -> None:
    """Take in one page of a stream."""
    if not page.is_firehose:
        collecting.ingest_page(collecting.save_page(read, page), clock=clock)
        return
    try:
        parsed = found.parse(page)
    except SkippableError:
        # What can't be read at all is kept as bytes, so that a mended parser reads it.
        collecting.ingest_page(collecting.save_page(read, page), clock=clock)
        return
    kept = parsed.posts.take(pa.array(wanted(parsed.posts, read.space_id), pa.int64()))
    fetch = _save(read, page, parsed.posts, kept, skipped=len(parsed.skipped), now=clock())
    if fetch is not None:
        collecting.ingest_page(fetch, clock=clock)


def wanted(posts: pa.Table, space_id: int) -> list[int]:
    """Return the rows that some watch may match, that the record answers or is answered by, or that it holds.

    Cost: linear in the posts; the queries run over all of them at once, and keys are looked up in a few statements.
    """
    if not posts.num_rows:
        return []
    current = engine.standing()
    asked = documents.of_posts(
        posts,
        met=[[space_id]] * posts.num_rows,
        author_keys=_hashed(posts, "author", current.authors),
        engaging_keys=_hashed(posts, "engaging_with", current.authors),
        spaces=current.spaces,
    )
    rows = set(np.unique(current.queries.found(asked, unread=True).row).tolist())
    return sorted(rows | _of_the_record(posts))


def _hashed(posts: pa.Table, column: str, authors: Chain) -> list[bytes | None]:
    pairs = zip(posts["origin"].to_pylist(), posts[column].to_pylist(), strict=True)
    return [authors.links(origin, name)[-1] if name else None for origin, name in pairs]


def _of_the_record(posts: pa.Table) -> set[int]:
    """Return the rows whose post, or the post they answer, stands in the record."""
    origins = posts["origin"].to_pylist()
    own = [ids.post_key(o, n) for o, n in zip(origins, posts["native_id"].to_pylist(), strict=True)]
    answered = [ids.linked_key(o, n) for o, n in zip(origins, posts["in_reply_to"].to_pylist(), strict=True)]
    known = saving.keys_in_record([*own, *(key for key in answered if key)])
    return {row for row, pair in enumerate(zip(own, answered, strict=True)) if known.intersection(pair)}


@transaction.atomic
def _save(read: SpaceRead, page: Page, posts: pa.Table, kept: pa.Table, *, skipped: int, now: datetime) -> Fetch | None:
    """Save what is kept, the cursor and the counts together; nothing kept leaves cursor and counts alone."""
    fetch = collecting.save_page(read, _page_of(page, kept)) if kept.num_rows else None
    Space.objects.filter(pk=read.space_id).update(cursor=page.cursor)
    SpaceRead.objects.filter(pk=read.pk).update(
        dropped=F("dropped") + posts.num_rows - kept.num_rows, skipped=F("skipped") + skipped
    )
    hour = now.replace(minute=0, second=0, microsecond=0)
    row, _ = StreamCount.objects.get_or_create(space_id=read.space_id, hour=hour)
    StreamCount.objects.filter(pk=row.pk).update(
        events=F("events") + _events(page, posts), posts=F("posts") + posts.num_rows,
        matched=F("matched") + kept.num_rows, lag_s=_lag(page, now),
    )  # fmt: skip
    return fetch


def _page_of(page: Page, kept: pa.Table) -> Page:
    """Return a page whose bytes are the posts that are kept, as Arrow."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, kept.schema) as writer:
        writer.write_table(kept)
    return Page(
        page.url,
        sink.getvalue().to_pybytes(),
        collecting.ARROW,
        page.part,
        page.fetched_at,
        page.cursor,
        is_firehose=True,
    )


def _told(page: Page) -> dict[str, Any]:
    try:
        found = json.loads(page.cursor)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _events(page: Page, posts: pa.Table) -> int:
    """Return the events of a page: as its cursor counts them, else its posts."""
    n = _told(page).get("events")
    return n if isinstance(n, int) else posts.num_rows


def _lag(page: Page, now: datetime) -> float | None:
    """Return the seconds since the last event's own time, which the cursor says as `time`; absent when it does not."""
    try:
        at = datetime.fromisoformat(_told(page).get("time", ""))
    except (ValueError, TypeError):
        return None
    return max((now - at).total_seconds(), 0.0)


def listen(space_id: int) -> int:
    """Have a stream listened to; return the work's id."""
    return work.enqueue("stream", f"stream:{space_id}", {"space": space_id})


def lags(space_ids: Sequence[int]) -> dict[int, StreamCount]:
    """Return the last hour counted of each stream."""
    rows = StreamCount.objects.filter(space_id__in=space_ids).order_by("space_id", "hour")
    return {row.space_id: row for row in rows}
