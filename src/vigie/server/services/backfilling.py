"""Run a new or changed watch over the past: the record's posts, then all that was heard and is not in the record.

Each step is one transaction with its checkpoint, so a crash costs one step; a repeat adds nothing.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import pyarrow as pa
from django.db import transaction

from vigie.flows.ingest import ingest
from vigie.match import Queries
from vigie.server import engine, mirroring
from vigie.server.database import chunks, insert, instant, next_revisions, select, select_in, update
from vigie.server.models import Watch
from vigie.server.permissions import WORKER
from vigie.server.queries import documents
from vigie.server.services import archiving, audit, door, in_watch
from vigie.server.services.work import Outcome, Progress

STEP = 1_000
"""Posts per transaction (DESIGN §1, rule 8)."""

TAIL_BOUND = 50_000
"""Changes that may always wait to be merged while bulk work goes on (DESIGN §1, rule 8)."""

TAIL_SHARE = 8
"""Of a large mirror an eighth may wait (ADR 0015): a merge writes whole months anew, so at a fixed bound the past would be
written once more for every 50,000 changes."""

TAIL_MOST = 100_000
"""Changes that may wait at most: half of what pages bridge (`tail.TAIL_MAX`); a merge holds them beside a month, 20 MB."""

WAIT_S = 1.0
"""Seconds between two looks at a merge that another process makes: merges take seconds."""


def run(job: Progress, *, clock: Callable[[], datetime]) -> Outcome:
    """Hold everything known against one watch; when it changed meanwhile, begin again."""
    watch = Watch.objects.get(pk=job.args["watch"])
    if watch.closed_at is not None:
        return Outcome("watch.closed")
    _over_record(job, watch, clock)
    _over_heard(job, watch, clock)
    done = Watch.objects.filter(pk=watch.pk, version=watch.version).update(matched_version=watch.version)
    return Outcome("watch.matched") if done else Outcome("watch.changed_again", again_in_s=0.0)


def _over_record(job: Progress, watch: Watch, clock: Callable[[], datetime]) -> None:
    """Add, revive and lapse mentions among the posts of the record."""
    queries = engine.compiled({str(watch.pk): watch.expression})
    state = dict(job.claimed.state)
    start = int(state.get("post", 0)) if state.get("version") == watch.version else 0
    (total,) = select("SELECT COUNT(*) FROM vigie_post")[0]
    done = 0
    for posts in _record_posts(start):
        hold_back(job, clock)
        with transaction.atomic():
            _judge_record(watch, queries, posts, clock())
        done += len(posts)
        job.checkpoint(done=done, total=total, state={"version": watch.version, "post": posts[-1][0]})


def hold_back(job: Progress, clock: Callable[[], datetime]) -> None:
    """Let the mirror catch up before more changes are made; while another merges, wait, and stop here when asked to."""
    while mirroring.revisions_behind() > tail_bound(mirroring.rows_held()):
        if mirroring.merge_now(clock=clock) is None:
            job.checkpoint()
            job.pause(WAIT_S)


def tail_bound(rows: int) -> int:
    """Return how many changes may wait to be merged into files of so many rows."""
    return max(TAIL_BOUND, min(TAIL_MOST, rows // TAIL_SHARE))


def _record_posts(after: int) -> Iterator[list[tuple[int, int]]]:
    sql = "SELECT id, version FROM vigie_post WHERE id > %s ORDER BY id LIMIT %s"
    while posts := select(sql, [after, STEP]):
        yield [(int(post), int(version)) for post, version in posts]
        after = posts[-1][0]


def _judge_record(watch: Watch, queries: Queries, posts: Sequence[tuple[int, int]], now: datetime) -> None:
    ids = [post for post, _ in posts]
    current = dict(posts)
    table = documents.of_record(ids)
    matched = {ids[row]: current[ids[row]] for row in set(queries.found(table).row.tolist())}
    sql = "SELECT post_id, id, post_version, lapsed_at FROM vigie_mention WHERE watch_id = %s AND post_id IN ({in})"
    known = {p: (m, version, lapsed) for p, m, version, lapsed in select_in(sql, ids, before=[watch.pk])}
    rests = {p: version for p, (_, version, _) in known.items() if p not in matched and version < current[p]}
    matched |= older_matches(queries, table, ids, rests)
    _write_changes(watch, matched, known, now)


def older_matches(queries: Queries, table: pa.Table, ids: Sequence[int], rests: Mapping[int, int]) -> dict[int, int]:
    """Return posts whose mention rests on an older text that the new wording still matches: edits never lapse one.

    Args:
        table: The posts as the record has them now.
        ids: Their ids, in the same order.
        rests: The older version on which the mention of each rests.
    """
    sql = "SELECT post_id, version, title, text FROM vigie_postversion WHERE post_id IN ({in})"
    found = [row for row in select_in(sql, list(rests)) if rests[row[0]] == row[1]]
    places = {post: n for n, post in enumerate(ids)}
    rows = table.take(pa.array([places[row[0]] for row in found], pa.int64()))
    for name, column in (("title", 2), ("text", 3)):
        texts = pa.array([row[column] or None if name == "title" else row[column] for row in found], pa.string())
        rows = rows.set_column(rows.schema.get_field_index(name), name, texts)
    return {found[row][0]: found[row][1] for row in set(queries.found(rows).row.tolist())}


def _write_changes(
    watch: Watch, matched: dict[int, int], known: dict[int, tuple[int, int, Any]], now: datetime
) -> None:
    new = [p for p in matched if p not in known]
    revived = [known[p][0] for p in matched if p in known and known[p][2] is not None]
    lapsed = [m for p, (m, _, gone) in known.items() if p not in matched and gone is None]
    kept = [(watch.version, matched[p], known[p][0]) for p in matched if p in known]
    if new or revived or lapsed:
        after = {"version": watch.version, "added": len(new), "revived": len(revived), "lapsed": len(lapsed)}
        audit.write(WORKER, "watch.backfill", f"watch:{watch.pk}", now=now, after=after, brand_id=watch.brand_id)
        first = next_revisions(len(new) + len(revived) + len(lapsed))
        _write_mentions(watch, [(p, matched[p]) for p in new], revived, lapsed, first, now)
    update("UPDATE vigie_mention SET watch_version = %s, post_version = %s WHERE id = %s", kept)
    _settle(watch, list(matched), now)


def _settle(watch: Watch, post_ids: Sequence[int], now: datetime) -> None:
    """Ask the watch's label part, or let all in when it has none any more; `lapsed` is the text part's word alone."""
    sql = "SELECT id FROM vigie_mention WHERE watch_id = %s AND post_id IN ({in})"
    mentions = [mention for (mention,) in select_in(sql, post_ids, before=[watch.pk])]
    changed = in_watch.settle(mentions, of=watch.pk)
    if changed:
        audit.write(
            WORKER,
            "watch.labels",
            f"watch:{watch.pk}",
            now=now,
            after={"changed": len(changed)},
            brand_id=watch.brand_id,
        )
        first = next_revisions(len(changed))
        rows = [(first + n, mention) for n, mention in enumerate(changed)]
        update("UPDATE vigie_mention SET revision = %s WHERE id = %s", rows)


def _write_mentions(
    watch: Watch, new: list[tuple[int, int]], revived: list[int], lapsed: list[int], first: int, now: datetime
) -> None:
    stamp = instant(now)
    insert(
        "vigie_mention",
        ("watch_id", "post_id", "watch_version", "post_version", "in_watch", "revision", "created_at"),
        [(watch.pk, p, watch.version, v, True, first + n, stamp) for n, (p, v) in enumerate(new)],
        ignore=True,
    )
    start = first + len(new)
    rows = [(None, start + n, m) for n, m in enumerate(revived)]
    rows += [(stamp, start + len(revived) + n, m) for n, m in enumerate(lapsed)]
    update("UPDATE vigie_mention SET lapsed_at = %s, revision = %s WHERE id = %s", rows)


def _over_heard(job: Progress, watch: Watch, clock: Callable[[], datetime]) -> None:
    """Take in posts that were heard and not kept, and that this watch matches."""
    queries = engine.compiled({str(watch.pk): watch.expression})
    spaces = engine.standing().spaces
    for table in archiving.heard_tables(lambda archive: archive.last_versions()):
        hits = matching_rows(table, queries, spaces)
        for piece in chunks(hits, STEP):
            hold_back(job, clock)
            door.take_from_archive(table.take(pa.array(piece)), watch.pk, now=clock(), with_batch=lambda taken: None)
        job.checkpoint()


def matching_rows(table: pa.Table, queries: Queries, spaces: documents.Spaces) -> list[int]:
    """Return the rows of `tables.ARCHIVE` that any of the queries matches."""
    asked = documents.of_archive(table, spaces=spaces)
    found = ingest(asked, queries=queries, keep=[False] * table.num_rows, labellers=engine.languages())
    return sorted(set(found.mentions["row"].to_pylist()))
