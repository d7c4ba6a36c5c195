"""The one door of the record: at most 1,000 posts, with all that follows from them, in one transaction.

    rows ──► known? ──► match, label (pure) ──► one transaction: heard, authors, posts, versions, spaces, counts,
             unchanged: nothing is written           labels, archive batch, audit, position; last the revisions and mentions

What was read before the transaction is checked inside it (generation of watches, versions of heard rows); when another
got there first, the batch is taken again from the start. Unique keys make a repeat harmless.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

import pyarrow as pa
from django.db import transaction

from vigie.enrich.found import by_row
from vigie.flows.ingest import LABELS, Ingested, ingest
from vigie.match import Queries
from vigie.schema import ids
from vigie.schema.tables import POSTS, conform
from vigie.server import keys
from vigie.server.database import for_share, select, select_in
from vigie.server.engine import Standing, compiled, standing
from vigie.server.models import Watch
from vigie.server.queries import documents
from vigie.server.services import saving
from vigie.server.services.batch import Known, LabelValue, Plan, Race, Taken, Verdict
from vigie.server.services.incoming import Incoming, from_archive, incoming

MAX_BATCH = 1_000
"""Posts per transaction (DESIGN §1, rule 1): long enough to pay for the commit, short enough not to starve a reader."""

MAX_RACES = 10
"""How often a batch is begun again because another writer was first; more means a fault, not a race."""


def take(
    posts: pa.Table,
    *,
    space_id: int,
    heard_at: datetime,
    fetch_id: int | None,
    now: datetime,
    with_batch: Callable[[Taken], None] = lambda taken: None,
) -> Taken:
    """Take a batch of `tables.POSTS` rows, met in one space, into the record.

    `with_batch` is called inside the transaction with what the batch brought: it saves position and counts.
    """

    def attempt() -> Taken:
        # Anew at each attempt: another version of the authors' key may be why it was a race.
        current = standing()
        items = incoming(posts, space_id=space_id, heard_at=heard_at, authors=current.authors)
        return _take(posts, items, current, f"space:{space_id}", fetch_id, now, with_batch)

    return _until_first(attempt)


def _until_first(attempt: Callable[[], Taken]) -> Taken:
    """Begin again while another writer was first."""
    for _ in range(MAX_RACES):
        try:
            return attempt()
        except Race:
            continue
    raise RuntimeError("a batch met another writer ten times in a row")


def _take(
    posts: pa.Table,
    items: list[Incoming],
    current: Standing,
    target: str,
    fetch_id: int | None,
    now: datetime,
    done: Callable[[Taken], None],
) -> Taken:
    allowed = _allowed(items)
    known = look_up([items[i] for i in allowed])
    plan, rows = _plan([items[i] for i in allowed], allowed, known)
    verdicts = judge(posts, rows, current, known)
    writer = saving.Writer(current, known, target=target, fetch_id=fetch_id, now=now)
    writer.sketch(plan, verdicts)
    with transaction.atomic():
        _unchanged_since(current)
        writer.heard(plan.new, plan.changed)
        taken = writer.write(plan, verdicts)
        taken = replace(taken, heard=len(items), refused=len(items) - len(allowed))
        done(taken)
        writer.group()
        writer.mentions()
    return taken


def take_from_archive(
    rows: pa.Table, watch_id: int | None, *, now: datetime, with_batch: Callable[[Taken], None] = lambda taken: None
) -> Taken:
    """Hold posts heard before, `tables.ARCHIVE` rows, against one watch or none; keep those that match or are answered."""
    posts = conform(rows, POSTS, what="archive")

    def attempt() -> Taken:
        current = standing()
        return _take_again(posts, from_archive(rows, current.authors), current, watch_id, now, with_batch)

    return _until_first(attempt)


def _take_again(
    posts: pa.Table,
    items: list[Incoming],
    current: Standing,
    watch_id: int | None,
    now: datetime,
    done: Callable[[Taken], None],
) -> Taken:
    alone = replace(current, queries=compiled(_only(watch_id) if watch_id else {}))
    known = look_up(items)
    rows = [(n, i) for n, i in enumerate(items) if _still_heard(i, known)]
    verdicts = judge(posts, rows, alone, known)
    writer = saving.Writer(alone, known, target=f"watch:{watch_id}" if watch_id else "thread", fetch_id=None, now=now)
    plan = Plan(met=[i for _, i in rows])
    writer.sketch(plan, verdicts)
    with transaction.atomic():
        _unchanged_since(current)
        taken = writer.write(plan, verdicts)
        done(taken)
        writer.group()
        writer.mentions()
    return taken


def _only(watch_id: int) -> dict[str, str]:
    """Return the expression of one watch by its id; nothing when it is closed."""
    rows = Watch.objects.filter(pk=watch_id, closed_at=None).values_list("id", "expression")
    return {str(i): expression for i, expression in rows}


def _still_heard(item: Incoming, known: Known) -> bool:
    """Take the heard row's id; a post without one was erased since."""
    heard = known.heard.get(item.key)
    if heard is None or heard.version != item.version:
        return False
    item.heard_id = heard.id
    return True


def _unchanged_since(current: Standing) -> None:
    """Make sure that no watch or space changed since the queries were compiled, and that none can before the commit."""
    share = for_share()
    (value,) = select(f"SELECT value FROM vigie_counter WHERE name = 'watches'{share}")[0]
    if value != current.generation:
        raise Race


def _allowed(items: list[Incoming]) -> list[int]:
    """Return the places of the items that no erasure refuses."""
    if not select("SELECT 1 FROM vigie_suppression LIMIT 1"):
        return list(range(len(items)))
    secret = keys.key("suppression")
    hashes = [_suppression_hashes(secret, item) for item in items]
    found = {
        bytes(row[0])
        for row in select_in(
            "SELECT hash FROM vigie_suppression WHERE hash IN ({in})", [h for hs in hashes for h in hs]
        )
    }
    return [i for i, own in enumerate(hashes) if not found.intersection(own)]


def _suppression_hashes(secret: bytes, item: Incoming) -> list[bytes]:
    own = [ids.suppression_key(secret, "post", item.key)]
    # Who was erased under an older version of the authors' key is known by its hash of that time.
    return own + [ids.suppression_key(secret, "author", link) for link in item.author_links]


def look_up(items: Sequence[Incoming]) -> Known:
    """Read what the record holds of these posts and of their conversations; a fixed number of statements."""
    heard = saving.heard_by_key([i.key for i in items])
    posts = saving.posts_by_id([h.id for h in heard.values()])
    mentions = saving.mentions_of(list(posts))
    reply_keys = [i.reply_key for i in items if i.reply_key]
    parents = saving.keys_in_record(reply_keys)
    absent = frozenset(saving.heard_by_key([key for key in reply_keys if key not in parents]))
    answered = saving.answered_in_record([i.key for i in items])
    return Known(heard, posts, mentions, parents, absent, answered)


def _plan(items: list[Incoming], places: list[int], known: Known) -> tuple[Plan, list[tuple[int, Incoming]]]:
    """Sort the items into new, changed, met elsewhere and unchanged; return the rows that must be matched too."""
    plan, rows = Plan(), []
    for place, item in zip(places, items, strict=True):
        bucket = _bucket(plan, item, known)
        bucket.append(item)
        if bucket is not plan.same:
            rows.append((place, item))
    return plan, rows


def _bucket(plan: Plan, item: Incoming, known: Known) -> list[Incoming]:
    heard = known.heard.get(item.key)
    if heard is None:
        return plan.new
    item.heard_id, item.version = heard.id, heard.version
    if heard.content_hash != item.content_hash:
        item.version += 1
        return plan.changed
    post = known.posts.get(heard.id)
    if heard.space_id != item.space_id and (post is None or item.space_id not in post.spaces):
        return plan.met
    return plan.same


def judge(posts: pa.Table, rows: list[tuple[int, Incoming]], current: Standing, known: Known) -> dict[bytes, Verdict]:
    """Hold posts against the standing queries and label what matched or is kept anyway."""
    if not rows:
        return {}
    table = posts.take(pa.array([place for place, _ in rows])).cast(POSTS)
    asked = documents.of_posts(
        table,
        met=[_met(item, known) for _, item in rows],
        author_keys=[item.author_key for _, item in rows],
        engaging_keys=[item.engaging_key for _, item in rows],
        spaces=current.spaces,
    )
    keep = [_in_record_or_conversation(item, known) for _, item in rows]
    result = _ingest(asked, current.queries, keep, current)
    verdicts = _verdicts(rows, result, keep)
    _keep_conversations(asked, rows, verdicts, current)
    return verdicts


def _ingest(asked: pa.Table, queries: Queries, keep: list[bool], current: Standing) -> Ingested:
    return ingest(
        asked, queries=queries, keep=keep, labellers=current.labellers, finders=current.finders,
        categories=current.categories,
    )  # fmt: skip


def _met(item: Incoming, known: Known) -> list[int]:
    """Return the spaces in which a post was met, this one among them."""
    met = {item.space_id}
    if heard := known.heard.get(item.key):
        met.add(heard.space_id)
        if post := known.posts.get(heard.id):
            met |= post.spaces
    return sorted(met)


def _in_record_or_conversation(item: Incoming, known: Known) -> bool:
    return item.heard_id in known.posts or item.reply_key in known.parents or item.key in known.answered


def _verdicts(rows: list[tuple[int, Incoming]], result: Ingested, keep: list[bool]) -> dict[bytes, Verdict]:
    watches: dict[int, list[int]] = {}
    for row, query in zip(result.mentions["row"].to_pylist(), result.mentions["query"].to_pylist(), strict=True):
        watches.setdefault(row, []).append(int(query))
    labels, found = _labels(result.labels), by_row(result.findings)
    return {
        item.key: Verdict(
            tuple(watches.get(i, ())), tuple(labels.get(i, ())), keep[i] or i in watches, tuple(found.get(i, ()))
        )
        for i, (_, item) in enumerate(rows)
    }


def _labels(table: pa.Table) -> dict[int, list[LabelValue]]:
    labels: dict[int, list[LabelValue]] = {}
    columns = [column.to_pylist() for column in table.select(LABELS.names).columns]
    for row, kind, value, score, model, version in zip(*columns, strict=True):
        labels.setdefault(row, []).append(LabelValue(kind, value, score, (kind, model, version)))
    return labels


def _keep_conversations(
    asked: pa.Table, rows: list[tuple[int, Incoming]], verdicts: dict[bytes, Verdict], current: Standing
) -> None:
    """Keep, and label, the posts of this batch that are in one conversation with a kept one of this batch."""
    joined = _joined(rows, verdicts)
    if not joined:
        return
    result = _ingest(asked.take(pa.array(joined)), compiled({}), [True] * len(joined), current)
    labels, found = _labels(result.labels), by_row(result.findings)
    for place, i in enumerate(joined):
        verdicts[rows[i][1].key] = Verdict((), tuple(labels.get(place, ())), True, tuple(found.get(place, ())))


def _joined(rows: list[tuple[int, Incoming]], verdicts: dict[bytes, Verdict]) -> list[int]:
    """Return the rows that a chain of answers, either way, ties to a kept row of the batch."""
    kept = {key for key, verdict in verdicts.items() if verdict.keep}
    neighbours: dict[bytes, list[bytes]] = {}
    for _, item in rows:
        if item.reply_key:
            neighbours.setdefault(item.key, []).append(item.reply_key)
            neighbours.setdefault(item.reply_key, []).append(item.key)
    reached, queue = set(kept), list(kept)
    while queue:
        for key in neighbours.get(queue.pop(), ()):
            if key not in reached and (key in verdicts):
                reached.add(key)
                queue.append(key)
    return [i for i, (_, item) in enumerate(rows) if item.key in reached and item.key not in kept]
