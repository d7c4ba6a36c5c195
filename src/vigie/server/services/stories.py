"""The stories of kept posts: grouped in the door's transaction, one process after the other, in one order.

    posts of a batch, sketched ──► lock: the counter `stories` ──► what others grouped since is read ──► grouped, written

The counter holds the instant of the last batch, in microseconds; each batch takes a later one, and its sketches bear it. So a
process that holds the index of the window reads by one index what others added since, adds it in the same order, and comes to
the same stories. A batch that is rolled back leaves an index that knows too much: it is thrown away and loaded anew. So is
every index when a post is erased: the counter's epoch says so.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa
from django.db import connection, transaction

from vigie.enrich.stories import (
    FULL_POSTS,
    MOST_POSTS,
    TIES,
    WINDOW_DAYS,
    Batch,
    Hashes,
    Placed,
    StoryIndex,
    Tie,
    batch_of,
    link,
)
from vigie.server.database import insert, instant, select, select_in, select_pieces, update
from vigie.server.models import Counter, Story
from vigie.server.permissions import WORKER
from vigie.server.services import audit, work
from vigie.text.lexicon import Lexicon
from vigie.text.sketches import Sketched, Sketcher, packed, unpacked

MOST_MOVED = 1_000
"""Posts that change their story in the door's transaction when two turn out to be one; the others follow as due work, a thousand
a transaction (DESIGN §1, rule 8)."""

DAY_US = 86_400 * 1_000_000
"""Microseconds of a day."""


@dataclass(frozen=True, slots=True)
class Told:
    """A post to be grouped."""

    id: int
    key: bytes
    repost_key: bytes | None
    quote_key: bytes | None
    signature: Sketched
    """One row of `sketches`, of the title, when there is one, above the text."""


@dataclass(slots=True)
class _Held:
    """The index of this process, and how far it goes."""

    index: StoryIndex
    epoch: tuple[int, int]
    seen: int
    """Instant of the last batch in it, in microseconds since 1970."""
    start: int
    """Instant before which it holds nothing."""
    pending: int = 0
    """Instant of a batch of ours that is not known to be committed; 0: none."""


_held: dict[str, _Held] = {}
"""By database. Used under the lock of the counter alone, so by one thread at a time."""

_sketcher: list[Sketcher] = []
"""That of the vocabulary in use."""


def forget() -> None:
    """Forget what is held: another database is in place."""
    _held.clear()


def sketches(texts: Sequence[str], lexicon: Lexicon) -> Sketched:
    """Sketch texts: before the transaction, as it needs nothing of the record."""
    sketcher = next((one for one in _sketcher if one.lexicon is lexicon), None) or Sketcher(lexicon)
    _sketcher[:] = [sketcher]
    return sketcher.sketch(pa.array(texts, pa.large_string())).signatures


def group(posts: Sequence[Told], *, now: datetime) -> set[int]:
    """Group posts of the record inside the transaction that keeps them; return all posts whose story is another now.

    The caller gives the mentions of these posts their next revisions. Waits for whoever groups at this moment.
    """
    if not posts:
        return set()
    last, at = _turn(now)
    held = _up_to(last, at)
    held.pending = at
    # Nothing, unless rows that were read turn out to belong together in another way than they were written.
    changed = _written(held, at, now)
    signatures = np.stack([p.signature for p in posts])
    links = [p.repost_key for p in posts], [p.quote_key for p in posts]
    held.index.add(_older(held.index, {p.key for p in posts}, [key for some in links for key in some if key], at))
    held.index.add(batch_of([p.id for p in posts], [p.key for p in posts], *links, signatures, at=at))
    changed |= _written(held, at, now)
    _keep_sketches([p.id for p in posts], signatures, at)
    held.seen = at
    transaction.on_commit(partial(_committed, held, at))
    return changed


def _committed(held: _Held, at: int) -> None:
    if held.pending == at:
        held.pending = 0


def _turn(now: datetime) -> tuple[int, int]:
    """Wait for our turn, and take an instant later than that of the last batch; return both."""
    insert("vigie_counter", ("name", "value", "epoch"), [("stories", 0, 0)], ignore=True)
    lock = " FOR UPDATE" if connection.vendor == "postgresql" else ""
    ((last,),) = select(f"SELECT value FROM vigie_counter WHERE name = 'stories'{lock}")
    at = max(int(last) + 1, int(now.timestamp() * 1_000_000))
    update("UPDATE vigie_counter SET value = %s WHERE name = 'stories'", [(at,)])
    return int(last), at


def _up_to(last: int, at: int) -> _Held:
    """Return the index of this process with all batches up to the last one, as far as the window of the next one goes."""
    epochs = dict(select("SELECT name, epoch FROM vigie_counter WHERE name IN ('revision', 'stories')"))
    epoch, name = (int(epochs["revision"]), int(epochs["stories"])), str(connection.settings_dict["NAME"])
    start, held = at - WINDOW_DAYS * DAY_US, _held.get(name)
    if held is None or held.epoch != epoch or held.seen > last or held.pending not in (0, last):
        held = _held[name] = _Held(StoryIndex(), epoch, start, start)
    if held.seen < last:
        # Posts that this process knows may have come into stories meanwhile, by those that it reads now: it finds the same.
        held.index.add(_rows_after(held.seen), compared=held.index.size > 0)
        held.seen = last
    if held.start < start - DAY_US or held.index.size > FULL_POSTS:
        held.index.forget(start)
        held.start = start
    return held


PIECE_ROWS = 5_000
"""Rows of sketches held as Python's objects at once: as many as a window has took 80 MB that a process then kept (measured)."""

_ROWS = (
    "SELECT s.post_id, h.key, p.repost_key, p.quote_key, s.signature, s.at, t.story_id FROM vigie_sketch s "
    "JOIN vigie_heard h ON h.id = s.post_id JOIN vigie_post p ON p.id = s.post_id "
    "LEFT JOIN vigie_poststory t ON t.post_id = s.post_id WHERE s.at > %s ORDER BY s.at DESC, s.post_id DESC LIMIT %s"
)


def _rows_after(seen: int) -> Batch:
    """Read what was grouped after an instant, oldest first."""
    found = [_batch(rows[::-1]) for rows in select_pieces(_ROWS, [instant(_moment(seen)), MOST_POSTS], size=PIECE_ROWS)]
    columns = zip(*(_columns(one) for one in reversed(found)), strict=True)
    return Batch(*map(np.concatenate, columns)) if found else _batch([])


def _batch(rows: Sequence[tuple[Any, ...]]) -> Batch:
    links = [_links(row[i] for row in rows) for i in (1, 2, 3)]
    return Batch(
        np.array([row[0] for row in rows], np.int64), *links, unpacked([bytes(row[4]) for row in rows]),
        np.array([_microseconds(row[5]) for row in rows], np.int64), np.array([row[6] or 0 for row in rows], np.int64),
    )  # fmt: skip


def _columns(batch: Batch) -> tuple[Any, ...]:
    return tuple(getattr(batch, field.name) for field in fields(batch))


def _links(keys: Iterable[Any]) -> Hashes:
    return np.array([link(bytes(key)) if key else 0 for key in keys], np.uint64)


def _moment(at: int) -> datetime:
    return datetime.fromtimestamp(0, UTC) + timedelta(microseconds=at)


def _microseconds(stored: str | datetime) -> int:
    """Return an instant as either database gives it to a raw statement: SQLite as text in UTC."""
    moment = datetime.fromisoformat(stored) if isinstance(stored, str) else stored
    since = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - datetime.fromtimestamp(0, UTC)
    return since // timedelta(microseconds=1)


def _older(index: StoryIndex, own: set[bytes], targets: Sequence[bytes], at: int) -> Batch:
    """Read the posts that are repeated or quoted and stand in the record, but not in the window."""
    asked = sorted(set(targets) - own)
    known = index.knows(_links(asked))
    sql = (
        "SELECT h.key, p.id, t.story_id FROM vigie_heard h JOIN vigie_post p ON p.id = h.id "
        "LEFT JOIN vigie_poststory t ON t.post_id = p.id WHERE h.key IN ({in})"
    )
    rows = select_in(sql, [key for key, is_known in zip(asked, known.tolist(), strict=True) if not is_known])
    none, absent = np.zeros(len(rows), np.uint64), unpacked([b""] * len(rows))
    posts, stories = np.array([row[1] for row in rows], np.int64), np.array([row[2] or 0 for row in rows], np.int64)
    return Batch(posts, _links(row[0] for row in rows), none, none, absent, np.full(len(rows), at, np.int64), stories)


def _written(held: _Held, at: int, now: datetime) -> set[int]:
    """Write what changed; return the posts concerned."""
    placed = held.index.changes()
    current = _current(placed.posts.tolist())
    ids = _made(placed.made, at)
    held.index.name(ids)
    changed = _write_posts(placed, ids, current, at)
    for gone, stays in placed.merged:
        changed |= _merge(gone, stays, now)
    return changed


def _made(n: int, at: int) -> list[int]:
    """Make stories; return their ids, each above all before."""
    rows = Story.objects.bulk_create([Story(created_at=_moment(at)) for _ in range(n)])
    return sorted(row.pk for row in rows)


def _current(posts: Sequence[int]) -> dict[int, int | None]:
    """Read the stories of posts; a post that is no longer in the record is absent."""
    sql = (
        "SELECT p.id, t.story_id FROM vigie_post p LEFT JOIN vigie_poststory t ON t.post_id = p.id WHERE p.id IN ({in})"
    )
    return dict(select_in(sql, posts))


def _write_posts(placed: Placed, ids: Sequence[int], current: Mapping[int, int | None], at: int) -> set[int]:
    """Write the stories of posts where they are other than the record says; return those posts."""
    columns = (placed.posts, placed.stories, placed.ties, placed.similarities)
    rows, alone, stamp = [], [], instant(_moment(at))
    for post, story, tie, alike in zip(*(column.tolist() for column in columns), strict=True):
        number = ids[-1 - story] if story < 0 else story
        if post not in current or (current[post] or 0) == number:
            continue
        if number:
            kind = TIES[tie]
            rows.append((post, number, kind.value, alike if kind is Tie.NEAR else None, stamp))
        else:
            alone.append((post,))
    update("DELETE FROM vigie_poststory WHERE post_id = %s", alone)
    update(
        "INSERT INTO vigie_poststory (post_id, story_id, kind, similarity, at) VALUES (%s, %s, %s, %s, %s) "
        "ON CONFLICT (post_id) DO UPDATE SET story_id = excluded.story_id, kind = excluded.kind, "
        "similarity = excluded.similarity, at = excluded.at",
        rows,
    )
    return {row[0] for row in (*rows, *alone)}


def _merge(gone: int, stays: int, now: datetime) -> set[int]:
    """Say that a story is one with an older one, and move its posts; many follow as due work. Return those that moved."""
    if Story.objects.filter(pk=gone, merged_into=None).update(merged_into=stays):
        audit.write(WORKER, "story.merge", f"story:{gone}", now=now, after={"into": stays})
    moved = move(gone, stays)
    if len(moved) == MOST_MOVED:
        work.enqueue("merge_story", f"story:{gone}", {"story": gone})
    return moved


def move(gone: int, stays: int) -> set[int]:
    """Move posts of a story to another, at most `MOST_MOVED`; return them."""
    sql = "SELECT post_id FROM vigie_poststory WHERE story_id = %s ORDER BY post_id LIMIT %s"
    posts = [post for (post,) in select(sql, [gone, MOST_MOVED])]
    update("UPDATE vigie_poststory SET story_id = %s WHERE post_id = %s", [(stays, post) for post in posts])
    return set(posts)


def _keep_sketches(posts: Sequence[int], signatures: Sketched, at: int) -> None:
    stamp = instant(_moment(at))
    update(
        "INSERT INTO vigie_sketch (post_id, signature, at) VALUES (%s, %s, %s) "
        "ON CONFLICT (post_id) DO UPDATE SET signature = excluded.signature, at = excluded.at",
        [(post, signature, stamp) for post, signature in zip(posts, packed(signatures), strict=True)],
    )


def mentions_of(posts: Iterable[int]) -> list[int]:
    """Return the mentions of posts."""
    return [m for (m,) in select_in("SELECT id FROM vigie_mention WHERE post_id IN ({in})", sorted(posts))]


def erased() -> None:
    """Have every process forget what it holds: a post was erased. Inside that transaction, before revisions are taken."""
    Counter.objects.get_or_create(name="stories")
    update("UPDATE vigie_counter SET epoch = epoch + 1 WHERE name = %s", [("stories",)])


def last_of(story: int) -> int:
    """Return the story that a story is one with now: itself, or the one it was merged into, however many times over."""
    while (into := Story.objects.filter(pk=story).values_list("merged_into", flat=True).first()) is not None:
        story = into
    return story


def read(title: str | None, text: str) -> str:
    """Return what is read of a post, as labellers do: the title, when there is one, above the text."""
    return f"{title}\n{text}" if title else text
