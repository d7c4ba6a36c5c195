"""Erase a person or a post from every store; each step leaves a receipt, and the last destroys the key of the demand.

evidence → record (one transaction) → months of the mirror rewritten → archive deleted and vacuumed → fetched bytes dropped.
Backups expire by key; that step comes with backups. A suppression row refuses what is met again.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

import pyarrow as pa
from django.db import connection, transaction

from vigie.errors import DecisionError, RetryableError
from vigie.schema import ids
from vigie.schema.tables import ARCHIVE, conform
from vigie.server import keys, leases, mirroring
from vigie.server.database import insert, instant, next_revisions, select, select_in
from vigie.server.models import Author, Batch, Erasure, Fetch, Heard, ListEntry, NameEntry, Post, Receipt
from vigie.server.permissions import COMMAND, WORKER, Asker, Permission
from vigie.server.services import archiving, audit, evidencing, stories, work
from vigie.server.services.saving import pack, unpack
from vigie.server.services.work import Outcome, Progress

if TYPE_CHECKING:
    from vigie.store.archive import Archive

STEPS = ("evidence", "record", "mirror", "archive", "bytes")
"""The steps in their order."""


class Target(NamedTuple):
    """Whom or what to erase."""

    key: bytes
    """Of the post or of the author."""
    version: int | None = None
    """Version of the key that made an author's; absent is the first."""


@transaction.atomic
def demand(kind: str, target: Target | bytes, *, asker: Asker, now: datetime) -> Erasure:
    """Write down that a post or an author must be erased, refuse them from now on, and have it done.

    Raises:
        DecisionError: the role does not allow it.
    """
    asker.require(Permission.ERASE)
    key, version = target if isinstance(target, Target) else Target(target)
    digest = ids.suppression_key(keys.key("suppression"), kind, key)
    insert("vigie_suppression", ("hash", "at"), [(digest, instant(now))], ignore=True)
    erasure = Erasure.objects.create(
        kind=kind, target=key, key_version=version, hash=digest, requested_by=asker.user_id, requested_at=now
    )
    audit.write(asker, "erasure.demand", f"erasure:{erasure.pk}", now=now, after={"kind": kind, "hash": digest.hex()})
    work.enqueue("erase", f"erase:{erasure.pk}", {"erasure": erasure.pk}, asker=asker)
    return erasure


def target_of(mention_id: int, kind: str) -> Target:
    """Return the key of a mention's post, or of its author.

    Raises:
        DecisionError: the post names nobody.
    """
    sql = (
        "SELECT h.key, a.key, a.key_version FROM vigie_mention m JOIN vigie_heard h ON h.id = m.post_id "
        "JOIN vigie_post p ON p.id = m.post_id LEFT JOIN vigie_author a ON a.id = p.author_id WHERE m.id = %s"
    )
    post, author, version = select(sql, [mention_id])[0]
    if kind == "author" and author is None:
        raise DecisionError("This post names no author.", code="erasure.no_author")
    return Target(bytes(post)) if kind == "post" else Target(bytes(author), version)


def run(job: Progress, *, clock: Callable[[], datetime]) -> Outcome:
    """Do the steps that have no receipt yet."""
    erasure = Erasure.objects.get(pk=job.args["erasure"])
    done = set(Receipt.objects.filter(erasure=erasure).values_list("step", flat=True))
    for n, step in enumerate(STEPS):
        if step not in done:
            _STEP[step](erasure, clock())
        job.checkpoint(done=n + 1, total=len(STEPS))
    _finish(erasure, clock())
    return Outcome("erasure.done")


@transaction.atomic
def _finish(erasure: Erasure, now: datetime) -> None:
    Erasure.objects.filter(pk=erasure.pk).update(target=b"", finished_at=now)
    audit.write(WORKER, "erasure.done", f"erasure:{erasure.pk}", now=now)


def _receipt(erasure: Erasure, step: str, removed: int, now: datetime) -> None:
    Receipt.objects.get_or_create(erasure=erasure, step=step, defaults={"at": now, "removed": removed})


@transaction.atomic
def _erase_evidence(erasure: Erasure, now: datetime) -> None:
    """Remove what was kept as evidence; what a case needs will be kept with the case (none exists yet)."""
    post_ids, _ = _record_targets(erasure)
    _receipt(erasure, "evidence", evidencing.erase(post_ids), now)


@transaction.atomic
def erase_record(erasure: Erasure, now: datetime) -> None:
    """Remove posts with all that hangs on them; each mention leaves a tombstone for the mirror."""
    post_ids, author_ids = _record_targets(erasure)
    mentions = [row[0] for row in select_in("SELECT id FROM vigie_mention WHERE post_id IN ({in})", post_ids)]
    waiting = _rewrite_batches(erasure, post_ids)
    _receipt(erasure, "record", len(post_ids) + len(waiting), now)
    stories.erased()
    first = next_revisions(len(mentions)) if mentions else 0
    insert("vigie_tombstone", ("mention_id", "revision"), [(m, first + n) for n, m in enumerate(mentions)], ignore=True)
    Heard.objects.filter(pk__in=post_ids).delete()
    # Posts that no watch asked for wait for the archive alone, which will not know them.
    _forget_heard([bytes(erasure.target)] if erasure.kind == "post" else waiting)
    ListEntry.objects.filter(pk__in=_entries_of(erasure)).delete()
    # The register of names holds a handle that it met: it goes with the person.
    NameEntry.objects.filter(reason__author__in=author_ids).delete()
    Author.objects.filter(pk__in=author_ids).delete()


def _record_targets(erasure: Erasure) -> tuple[list[int], list[int]]:
    if erasure.kind == "post":
        return list(Post.objects.filter(heard__key=bytes(erasure.target)).values_list("pk", flat=True)), []
    links = keys.chain().links_of(bytes(erasure.target), erasure.key_version)
    authors = list(Author.objects.filter(key__in=links).values_list("pk", flat=True))
    return list(Post.objects.filter(author_id__in=authors).values_list("pk", flat=True)), authors


def _entries_of(erasure: Erasure) -> list[int]:
    """Return the entries of lists that hold the author's hash, whichever key made either."""
    if erasure.kind == "post":
        return []
    known = keys.chain()
    target = known.lifted(bytes(erasure.target), erasure.key_version)
    entries = ListEntry.objects.exclude(author_key=None)
    if not known.is_moving:
        entries = entries.filter(author_key=target)
    rows = entries.values_list("pk", "author_key")
    return [pk for pk, key in rows if known.lifted(bytes(key), known.moved) == target]


def _rewrite_batches(erasure: Erasure, post_ids: Sequence[int]) -> list[bytes]:
    """Take the target's rows out of what waits to be archived; return the keys of their posts, one a row.

    An author's posts go whole: a later version may not name who wrote it.
    """
    target = bytes(erasure.target)
    posts = {bytes(row[0]) for row in select_in("SELECT key FROM vigie_heard WHERE id IN ({in})", post_ids)}
    if erasure.kind == "post":
        posts.add(target)
    else:
        links = set(_links_in([table for _, table in _batches()], erasure))
        posts |= {key for _, table in _batches() for key, by in _keys(table) if by in links}
    removed: list[bytes] = []
    for batch_id, table in _batches():
        keep = [key not in posts for key, _ in _keys(table)]
        if not all(keep):
            removed += [key for (key, _), kept in zip(_keys(table), keep, strict=True) if not kept]
            Batch.objects.filter(pk=batch_id).update(payload=pack(table.filter(keep)), rows=keep.count(True))
    return removed


def _links_in(tables: Iterable[pa.Table], erasure: Erasure) -> list[bytes]:
    """Return the hashes that stand for the author of an erasure in rows of the archive, whichever key made them."""
    authors = keys.chain()
    target = authors.lifted(bytes(erasure.target), erasure.key_version)
    found = {bytes(erasure.target), target}
    for table in tables:
        pairs = set(zip(table["author_key"].to_pylist(), table["key_version"].to_pylist(), strict=True))
        found |= {key for key, version in pairs if key and authors.lifted(key, version) == target}
    return sorted(found)


def _batches() -> Iterator[tuple[int, pa.Table]]:
    for batch in Batch.objects.all().iterator():
        yield batch.pk, conform(unpack(bytes(batch.payload)), ARCHIVE, what="batch")


def _keys(table: pa.Table) -> Iterator[tuple[bytes, bytes | None]]:
    """Yield the key of each row's post, and of its author."""
    return zip(table["post_key"].to_pylist(), table["author_key"].to_pylist(), strict=True)


def _erase_mirror(erasure: Erasure, now: datetime) -> None:
    if mirroring.mirror_on():
        merged = mirroring.merge_now(clock=lambda: now)
        if merged is None:
            raise RetryableError("The mirror is being merged; its turn comes after.", code="mirror.busy", retry_after=5)
        mirroring.forget_old_files(now)
    _receipt(erasure, "mirror", 0, now)


def _erase_archive(erasure: Erasure, now: datetime) -> None:
    """Take the target out of the archive, its heard rows first: what dies in between finds the same posts again."""
    archiving.write(now=now)
    target = [bytes(erasure.target)]
    with leases.lease("archive", holder=mirroring.holder(), seconds=archiving.LEASE_S) as ours:
        if not ours:
            raise RetryableError(
                "The archive is being written; its turn comes after.", code="archive.busy", retry_after=10
            )
        store = archiving.archive()
        links = _links_in(_rows_not_moved(store), erasure) if erasure.kind == "author" else []
        posts = store.posts_of(links) if erasure.kind == "author" else target
        _forget_heard(posts)
        # By author too: what dies in between finds them again.
        erased = store.erase(post_keys=posts, author_keys=links)
    _receipt(erasure, "archive", erased.rows, now)


def _rows_not_moved(store: "Archive") -> Iterator[pa.Table]:
    """Yield authors' hashes of the archive that stand under an older key; none unless a new one takes over."""
    authors = keys.chain()
    return store.below_version(authors.newest) if authors.is_moving else iter(())


def _forget_heard(post_keys: Sequence[bytes]) -> None:
    """Remove the heard rows of posts that stood in the archive alone."""
    with transaction.atomic():
        for row in select_in("SELECT id FROM vigie_heard WHERE key IN ({in})", post_keys):
            with connection.cursor() as cursor:
                cursor.execute("DELETE FROM vigie_heard WHERE id = %s", [row[0]])


def _erase_bytes(erasure: Erasure, now: datetime) -> None:
    """Drop fetched bytes as soon as all of them are archived; those that can't be parsed may hold anything: dropped."""
    archiving.drop_bytes(now=now)
    older = Fetch.objects.filter(fetched_at__lte=erasure.requested_at, dropped_at=None)
    dropped = older.filter(unparsed=True).update(body=None, dropped_at=now)
    if older.exclude(body=None).exists():
        raise RetryableError("Fetched bytes are still being taken in.", code="erasure.bytes_wait", retry_after=30)
    _receipt(erasure, "bytes", dropped, now)


_STEP: dict[str, Callable[[Erasure, datetime], None]] = {
    "evidence": _erase_evidence,
    "record": erase_record,
    "mirror": _erase_mirror,
    "archive": _erase_archive,
    "bytes": _erase_bytes,
}


def erase_now(*, post: str | None, author: str | None, origin: str, clock: Callable[[], datetime]) -> dict[str, object]:
    """Demand an erasure from the command line and do what can be done at once; the worker does the rest.

    Raises:
        DecisionError: neither a post nor an author is named, or both are.
    """
    if (post is None) == (author is None):
        raise DecisionError("Name either a post or an author.", code="erasure.target")
    if post is not None:
        kind, key = "post", Target(ids.post_key(origin, post))
    else:
        authors = keys.chain()
        kind, key = "author", Target(authors.links(origin, author or "")[-1], authors.newest)
    erasure = demand(kind, key, asker=COMMAND, now=clock())
    for claimed in work.claim_key(f"erase:{erasure.pk}", holder=mirroring.holder()):
        work.run_inline(claimed, lambda job: run(job, clock=clock))
    steps = Receipt.objects.filter(erasure=erasure).order_by("pk").values("step", "removed", "kept")
    return {"erasure": erasure.pk, "hash": erasure.hash.hex(), "receipts": list(steps)}
