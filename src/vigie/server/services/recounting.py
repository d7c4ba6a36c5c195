"""Read the counts of posts again when they are 1 h, 6 h, 1, 3, 7 and 30 days old; only a changed count is a write."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from django.db import transaction

from vigie.collect.registry import source, sources
from vigie.collect.source import Counts, Fetch, Recounter
from vigie.server.database import insert, instant
from vigie.server.models import Mention, Post, Reading, Recount
from vigie.server.permissions import WORKER
from vigie.server.services import audit
from vigie.server.services.judging import touch
from vigie.server.services.places import place_of
from vigie.server.services.work import Outcome, Progress

AGES = tuple(timedelta(hours=hours) for hours in (1, 6, 24, 72, 168, 720))
"""Ages of a post at which its counts are read (DESIGN §1, rule 2): most of what moves moves in the first day."""

STEP = 50
"""Posts of one space read in one go: WordPress wants a request each, paced a second apart."""


def plan(posts: Sequence[tuple[int, str, str, datetime]], *, now: datetime) -> None:
    """Plan the reading of new posts: (id, kind of space, native id, published); those too old have none."""
    # Whether a source recounts is asked once a kind: Python reads the whole protocol at each question.
    kinds = {kind for _, kind, _, _ in posts}
    recounters = {kind: found for kind in kinds if isinstance(found := sources().get(kind), Recounter)}
    rows = []
    for post_id, kind, native_id, published in posts:
        found = recounters.get(kind)
        step = _next_step(published, now)
        if found is not None and step is not None and found.recounts(native_id):
            rows.append((post_id, step, instant(published + AGES[step])))
    insert("vigie_recount", ("post_id", "step", "due_at"), rows, ignore=True)


def _next_step(published: datetime, now: datetime) -> int | None:
    """Return the first age that a post has not reached; `None` when it is past all."""
    return next((step for step, age in enumerate(AGES) if published + age > now), None)


def due(now: datetime) -> bool:
    """Say whether any counts are due."""
    return Recount.objects.filter(due_at__lte=now).exists()


def run(job: Progress, *, fetch: Fetch, clock: Callable[[], datetime]) -> Outcome:
    """Read all counts that are due, space by space."""
    changed = 0
    while posts := _due_posts(clock()):
        space = posts[0].space
        found = source(space.kind)
        counts = (
            found.recount(place_of(space), [p.native_id for p in posts], fetch=fetch)
            if isinstance(found, Recounter)
            else {}
        )
        changed += write(posts, counts, now=clock())
        job.checkpoint(done=changed)
    return Outcome("counts.read", {"changed": changed})


def _due_posts(now: datetime) -> list[Post]:
    """Return due posts of one space."""
    first = Recount.objects.filter(due_at__lte=now).select_related("post").order_by("due_at").first()
    if first is None:
        return []
    rows = Post.objects.select_related("space").filter(recount__due_at__lte=now, space_id=first.post.space_id)
    return list(rows.order_by("recount__due_at")[:STEP])


@transaction.atomic
def write(posts: Sequence[Post], counts: Mapping[str, Counts], *, now: datetime) -> int:
    """Write what moved, plan the next reading of each, and return how many moved."""
    moved = [post for post in posts if _moved(post, counts.get(post.native_id), now)]
    moved += _marked_gone(posts, counts, now)
    for post in posts:
        step = _next_step(post.published_at, now)
        if step is None:
            Recount.objects.filter(post=post).delete()
        else:
            Recount.objects.filter(post=post).update(step=step, due_at=post.published_at + AGES[step])
    if moved:
        audit.write(WORKER, "posts.recount", f"space:{posts[0].space_id}", now=now, after={"changed": len(moved)})
        touch(list(Mention.objects.filter(post__in=moved).values_list("pk", flat=True)))
    return len(moved)


def _marked_gone(posts: Sequence[Post], counts: Mapping[str, Counts], now: datetime) -> list[Post]:
    """Mark the posts of which their source says that they are no more, or are there again; return those."""
    said = [(post, counts[post.native_id]) for post in posts if post.native_id in counts]
    gone = [post for post, count in said if count.gone and post.deleted_at is None]
    back = [post for post, count in said if post.deleted_at is not None and not count.gone and _is_counted(count)]
    for found, at in ((gone, now), (back, None)):
        if found:
            Post.objects.filter(pk__in=[post.pk for post in found]).update(deleted_at=at)
            after = {"count": len(found), "posts": [post.pk for post in found]}
            action = "posts.gone" if at else "posts.back"
            audit.write(WORKER, action, f"space:{found[0].space_id}", now=now, after=after)
    return [*gone, *back]


def _is_counted(counts: Counts) -> bool:
    return any(n is not None for n in (counts.likes, counts.reposts, counts.replies, counts.views))


def _moved(post: Post, counts: Counts | None, now: datetime) -> bool:
    """Write one post's counts when any of them changed; absence never overwrites a count."""
    if counts is None or counts.gone:
        return False
    names = ("likes", "reposts", "replies", "views")
    before = {name: getattr(post, name) for name in names}
    after = {name: before[name] if getattr(counts, name) is None else getattr(counts, name) for name in names}
    if after == before:
        return False
    Post.objects.filter(pk=post.pk).update(**after)
    Reading.objects.create(post=post, at=now, **after)
    return True
