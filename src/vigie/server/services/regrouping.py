"""What follows of stories as due work: posts kept before stories were made, large stories that are one, sketches past use."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from vigie.enrich.stories import WINDOW_DAYS
from vigie.server import engine
from vigie.server.database import instant, select, update
from vigie.server.models import Counter
from vigie.server.permissions import WORKER
from vigie.server.services import audit, judging, stories
from vigie.server.services.backfilling import hold_back
from vigie.server.services.stories import Told
from vigie.server.services.work import Outcome, Progress

WALK_STEP = 1_000
"""Posts kept before stories were made that are grouped in one transaction."""

TIDY_STEP = 5_000
"""Sketches removed in one transaction: some 30 ms."""

WALKED = "stories_walked"
"""Counter that stands once the posts kept before stories were made have been grouped."""


def run_merge(job: Progress, *, clock: Callable[[], datetime]) -> Outcome:
    """Move what is left in a story that is one with another."""
    gone, done = int(job.args["story"]), 0
    while moved := _move_more(gone):
        done += moved
        job.checkpoint(done=done)
        hold_back(job, clock)
    return Outcome("story.merged", {"posts": done})


@transaction.atomic
def _move_more(gone: int) -> int:
    """Move the next posts of a story that is one with another, into the one that stays in the end."""
    stays = stories.last_of(gone)
    moved = stories.move(gone, stays) if stays != gone else set()
    judging.touch(stories.mentions_of(moved))
    return len(moved)


def is_walked() -> bool:
    """Say whether the posts kept before stories were made have been grouped."""
    return Counter.objects.filter(name=WALKED).exists()


def run_walk(job: Progress, *, clock: Callable[[], datetime]) -> Outcome:
    """Group the posts of the window that have no sketch: those kept before stories were made."""
    since = instant(clock() - timedelta(days=WINDOW_DAYS))
    at, done = int(job.claimed.state.get("post", 0)), 0
    while (following := walk(at, since, clock())) is not None:
        at, done = following, done + WALK_STEP
        job.checkpoint(done=done, state={"post": at})
        hold_back(job, clock)
    Counter.objects.get_or_create(name=WALKED)
    return Outcome("stories.walked")


_UNSKETCHED = (
    "SELECT p.id, h.key, p.repost_key, p.quote_key, p.title, p.text FROM vigie_post p "
    "JOIN vigie_heard h ON h.id = p.id LEFT JOIN vigie_sketch s ON s.post_id = p.id "
    "WHERE p.id > %s AND p.heard_at > %s AND s.post_id IS NULL ORDER BY p.id LIMIT %s"
)


def walk(after: int, since: Any, now: datetime) -> int | None:
    """Group the next posts; return where to go on, nothing when none is left."""
    rows = select(_UNSKETCHED, [after, since, WALK_STEP])
    if not rows:
        return None
    signatures = stories.sketches(
        [stories.read(title, text) for *_, title, text in rows], engine.standing().queries.lexicon()
    )
    told = [
        Told(post, *(bytes(k) if k else None for k in keys), signature)  # type: ignore[arg-type]  # a post's own key is there
        for (post, *keys, _title, _text), signature in zip(rows, signatures, strict=True)
    ]
    with transaction.atomic():
        changed = stories.group(told, now=now)
        counts = {"posts": len(told), "changed": len(changed)}
        audit.write(WORKER, "stories.group", f"post:{told[0].id}", now=now, after=counts)
        judging.touch(stories.mentions_of(changed))
    return told[-1].id


def tidy(*, now: datetime) -> int:
    """Remove the sketches that no window needs any more; return how many."""
    before, removed = instant(now - timedelta(days=WINDOW_DAYS)), 0
    while rows := select("SELECT post_id FROM vigie_sketch WHERE at <= %s LIMIT %s", [before, TIDY_STEP]):
        with transaction.atomic():
            update("DELETE FROM vigie_sketch WHERE post_id = %s", rows)
        removed += len(rows)
    return removed
