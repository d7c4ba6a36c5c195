"""The statements of the door: what stands in the record of a batch, and what is written of it."""

import json
import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import pyarrow as pa

from vigie.schema.vocab import FindingKind
from vigie.server.database import insert, instant, next_revisions, select_in, update
from vigie.server.engine import Standing
from vigie.server.permissions import WORKER
from vigie.server.services import audit, evidencing, finding, in_watch, recounting, stories
from vigie.server.services.batch import HeardRow, Known, MentionRow, Plan, PostRow, Race, Taken, Verdict
from vigie.server.services.incoming import Incoming, archive_rows
from vigie.text.sketches import Sketched


def heard_by_key(keys: Sequence[bytes]) -> dict[bytes, HeardRow]:
    """Read heard rows by post key."""
    sql = "SELECT key, id, content_hash, version, space_id FROM vigie_heard WHERE key IN ({in})"
    return {bytes(k): HeardRow(i, bytes(h), v, s) for k, i, h, v, s in select_in(sql, keys)}


def posts_by_id(post_ids: Sequence[int]) -> dict[int, PostRow]:
    """Read what the record keeps of posts, with the spaces they were met in."""
    sql = (
        "SELECT id, likes, reposts, replies, views, deleted_at, author_id, space_id FROM vigie_post WHERE id IN ({in})"
    )
    posts = {
        i: PostRow(i, (likes, reposts, replies, views), gone is not None, author, {space})
        for i, likes, reposts, replies, views, gone, author, space in select_in(sql, post_ids)
    }
    for post, space in select_in("SELECT post_id, space_id FROM vigie_postspace WHERE post_id IN ({in})", list(posts)):
        posts[post].spaces.add(space)
    return posts


def mentions_of(post_ids: Sequence[int]) -> dict[tuple[int, int], MentionRow]:
    """Read the mentions of posts, by (watch, post)."""
    sql = "SELECT watch_id, post_id, id, lapsed_at FROM vigie_mention WHERE post_id IN ({in})"
    return {(w, p): MentionRow(i, lapsed is not None) for w, p, i, lapsed in select_in(sql, post_ids)}


def _authors_by_key(keys: Sequence[bytes]) -> dict[bytes, tuple[int, int | None, bool | None]]:
    """Read id, followers and mark of authors."""
    sql = "SELECT key, id, followers, verified FROM vigie_author WHERE key IN ({in})"
    return {bytes(k): (i, f, v) for k, i, f, v in select_in(sql, keys)}


def keys_in_record(keys: Sequence[bytes]) -> frozenset[bytes]:
    """Return which keys are those of posts in the record."""
    sql = "SELECT h.key FROM vigie_heard h JOIN vigie_post p ON p.id = h.id WHERE h.key IN ({in})"
    return frozenset(bytes(row[0]) for row in select_in(sql, keys))


def answered_in_record(keys: Sequence[bytes]) -> frozenset[bytes]:
    """Return which keys are answered by a post in the record."""
    return frozenset(
        bytes(row[0]) for row in select_in("SELECT reply_key FROM vigie_post WHERE reply_key IN ({in})", keys)
    )


POST_FIELDS = (
    "id", "origin", "native_id", "space_id", "network", "site", "url", "title", "text", "author_id", "lang_claimed",
    "country", "published_at", "day_is_heard", "heard_at", "reply_key", "repost_key", "quote_key", "engaging_key",
    "engaging_version", "rating", "media",
    "version", "versioned_at", "likes", "reposts", "replies", "views", "deleted_at", "found",
)  # fmt: skip


class Writer:
    """Write one batch; its methods are called in order, inside one transaction."""

    def __init__(self, current: Standing, known: Known, *, target: str, fetch_id: int | None, now: datetime) -> None:
        self.current, self.known = current, known
        self.target, self.fetch_id, self.now = target, fetch_id, now
        self.now_stamp = instant(now)
        self._stamps: dict[datetime, Any] = {}
        self.touched: set[int] = set()
        """Posts of the record of which something that a mirror row shows changed."""
        self.matched: list[tuple[int, int, int]] = []
        """(watch, post, version of the post) that matched."""
        self.sketched: list[tuple[Incoming, Sketched]] = []
        """New and changed posts with their sketches."""
        self.retold: set[int] = set()
        """Posts of the record, of this batch or not, whose story is another now."""

    def stamp(self, at: datetime) -> Any:
        """Return an instant as the database stores it; a batch has few different ones (one time of hearing)."""
        found = self._stamps.get(at)
        if found is None:
            found = self._stamps[at] = instant(at)
        return found

    def heard(self, new: list[Incoming], changed: list[Incoming]) -> None:
        """Write the heard rows; raise `Race` when another writer was first."""
        rows = [(i.key, i.content_hash, 1, i.space_id) for i in new]
        insert("vigie_heard", ("key", "content_hash", "version", "space_id"), rows, ignore=True)
        stored = heard_by_key([i.key for i in new])
        for item in new:
            if stored[item.key].content_hash != item.content_hash:
                raise Race
            item.heard_id = stored[item.key].id
        # A key that another writer inserted with the same content is told by its post or its space.
        if any(stored[i.key].space_id != i.space_id for i in new):
            raise Race
        self._change_heard(changed)

    def _change_heard(self, changed: list[Incoming]) -> None:
        update(
            "UPDATE vigie_heard SET content_hash = %s, version = %s WHERE id = %s AND version = %s",
            [(i.content_hash, i.version, i.heard_id, i.version - 1) for i in changed],
        )
        stored = heard_by_key([i.key for i in changed])
        if any(stored[i.key].version != i.version or stored[i.key].content_hash != i.content_hash for i in changed):
            raise Race

    def write(self, plan: Plan, verdicts: dict[bytes, Verdict]) -> Taken:
        """Write all but mentions; return what the batch brought."""
        judged = [*plan.new, *plan.changed, *plan.met]
        kept = [i for i in judged if verdicts[i.key].keep]
        authors = self._authors(kept)
        fresh = [i for i in kept if i.heard_id not in self.known.posts]
        again = [i for i in kept if i.heard_id in self.known.posts]
        self._insert_posts(fresh, authors, verdicts)
        kinds = self.current.space_kinds
        seen = [(i.heard_id, kinds.get(i.space_id, ""), i.row["native_id"], i.published_at) for i in fresh]
        recounting.plan(seen, now=self.now)
        changed = [i for i in again if i in plan.changed]
        self._change_posts(changed)
        self._spaces(kept)
        self._labels(fresh, changed, verdicts)
        self._findings(fresh, changed, verdicts)
        elsewhere = [i for i in again if i.space_id not in self.known.posts[i.heard_id].spaces]
        self._sort_again([i for i in elsewhere if i not in changed], verdicts)
        self._counts(fresh, [*again, *(i for i in plan.same if i.heard_id in self.known.posts)])
        self._batch([*plan.new, *plan.changed])
        self._want(kept)
        self._evidence(kept)
        self.matched = [(w, i.heard_id, i.version) for i in kept for w in verdicts[i.key].watches]
        fresh_pairs = [pair for pair in self.matched if pair[:2] not in self.known.mentions]
        taken = Taken(new=len(plan.new), changed=len(plan.changed), kept=len(fresh), mentions=len(fresh_pairs))
        if plan.new or plan.changed or kept:
            self._audit(taken)
        return taken

    def _authors(self, kept: list[Incoming]) -> dict[bytes, int]:
        """Write the authors of kept posts and return their ids by key; the clear name goes to its own table."""
        latest = {i.author_key: i.row for i in kept if i.author_key}
        stored = self._stored_authors(kept, latest)
        update(
            "UPDATE vigie_author SET followers = COALESCE(%s, followers), verified = COALESCE(%s, verified) WHERE id = %s",
            [
                (row["followers"], row["author_verified"], stored[key][0])
                for key, row in latest.items()
                if _differs(row["followers"], stored[key][1]) or _differs(row["author_verified"], stored[key][2])
            ],
        )
        names = [
            (stored[key][0], row["author"][:300], (row["author_name"] or "")[:300])
            for key, row in latest.items()
            if row["author"]
        ]
        insert("vigie_authorname", ("author_id", "handle", "name"), names, ignore=True)
        return {key: row[0] for key, row in stored.items()}

    def _stored_authors(
        self, kept: list[Incoming], latest: dict[bytes, dict[str, Any]]
    ) -> dict[bytes, tuple[int, int | None, bool | None]]:
        """Return the rows of authors by their newest hash; those that are not there are written."""
        before = self._authors_not_moved(kept)
        version = self.current.authors.newest
        rows = [
            (key, version, row["followers"], row["author_verified"]) for key, row in latest.items() if key not in before
        ]
        insert("vigie_author", ("key", "key_version", "followers", "verified"), rows, ignore=True)
        return before | _authors_by_key([key for key in latest if key not in before])

    def _authors_not_moved(self, kept: list[Incoming]) -> dict[bytes, tuple[int, int | None, bool | None]]:
        """Return, by their newest hash, authors whose row stands under an older one; none unless a new key takes over."""
        if not self.current.authors.is_moving:
            return {}
        newest = {link: i.author_links[-1] for i in kept for link in i.author_links[:-1]}
        return {newest[key]: row for key, row in _authors_by_key(list(newest)).items()}

    def _insert_posts(self, fresh: list[Incoming], authors: dict[bytes, int], verdicts: dict[bytes, Verdict]) -> None:
        rows = [(*self._post_row(i, authors), finding.written(verdicts[i.key].findings)) for i in fresh]
        insert("vigie_post", POST_FIELDS, rows, ignore=True)

    def _post_row(self, i: Incoming, authors: dict[bytes, int]) -> tuple[Any, ...]:
        row, stamp = i.row, self.stamp(i.heard_at)
        return (
            i.heard_id, row["origin"], row["native_id"], i.space_id, row["network"], row["site"] or "",
            row["url"] or "", row["title"] or "", row["text"], authors.get(i.author_key or b""),
            (row["lang_claimed"] or "")[:35], (row["country"] or "")[:2], self.stamp(i.published_at), i.day_is_heard,
            stamp, i.reply_key, i.repost_key, i.quote_key, i.engaging_key,
            self.current.authors.newest if i.engaging_key else None, row["rating"], json.dumps(row["media"] or []),
            i.version, stamp, *i.counts, stamp if row["deleted"] else None,
        )  # fmt: skip

    def _change_posts(self, changed: list[Incoming]) -> None:
        """Keep the text that is replaced as a version, and write the new one."""
        update(
            "INSERT INTO vigie_postversion (post_id, version, title, text, heard_at) "
            "SELECT id, version, title, text, versioned_at FROM vigie_post WHERE id = %s AND version < %s "
            "ON CONFLICT DO NOTHING",
            [(i.heard_id, i.version) for i in changed],
        )
        update(
            "UPDATE vigie_post SET url = %s, title = %s, text = %s, version = %s, versioned_at = %s, rating = %s, "
            # A version that does not say what it repeats does not unsay it.
            "repost_key = COALESCE(%s, repost_key), quote_key = COALESCE(%s, quote_key), "
            "published_at = CASE WHEN %s THEN published_at ELSE %s END, "
            "day_is_heard = CASE WHEN %s THEN day_is_heard ELSE %s END, "
            "deleted_at = CASE WHEN %s THEN COALESCE(deleted_at, %s) ELSE NULL END WHERE id = %s",
            [
                (
                    i.row["url"] or "", i.row["title"] or "", i.row["text"], i.version, self.stamp(i.heard_at), i.row["rating"],
                    i.repost_key, i.quote_key, i.day_is_heard, self.stamp(i.published_at), i.day_is_heard, False, bool(i.row["deleted"]),
                    self.stamp(i.heard_at), i.heard_id,
                )
                for i in changed
            ],
        )  # fmt: skip
        self.touched.update(i.heard_id for i in changed)

    def _spaces(self, kept: list[Incoming]) -> None:
        rows = [(i.heard_id, i.space_id, self.stamp(i.heard_at)) for i in kept]
        insert("vigie_postspace", ("post_id", "space_id", "met_at"), rows, ignore=True)

    def _labels(self, fresh: list[Incoming], changed: list[Incoming], verdicts: dict[bytes, Verdict]) -> None:
        """Label new posts; replace the labels of changed ones."""
        update("DELETE FROM vigie_label WHERE post_id = %s", [(i.heard_id,) for i in changed])
        rows = [
            (i.heard_id, label.kind, label.value, label.score, self.current.labeller_ids[label.labeller], True)
            for i in (*fresh, *changed)
            for label in verdicts[i.key].labels
        ]
        insert("vigie_label", ("post_id", "kind", "value", "score", "labeller_id", "chosen"), rows, ignore=True)

    def _findings(self, fresh: list[Incoming], changed: list[Incoming], verdicts: dict[bytes, Verdict]) -> None:
        """Write what was found in new posts; replace what was found in changed ones."""
        ids = [i.heard_id for i in changed]
        finding.forget(ids)
        found = [(i.heard_id, verdicts[i.key].findings) for i in (*fresh, *changed)]
        finding.write(found, self.current.labeller_ids)
        finding.refresh(ids)

    def _sort_again(self, met: list[Incoming], verdicts: dict[bytes, Verdict]) -> None:
        """Sort posts met in another space anew: queries of categories may ask for spaces."""
        if not met or self.current.categories is None:
            return
        ids = [i.heard_id for i in met]
        finding.forget(ids, [FindingKind.CATEGORY])
        some = [(i.heard_id, [f for f in verdicts[i.key].findings if f.kind == FindingKind.CATEGORY]) for i in met]
        finding.write(some, self.current.labeller_ids)
        self.touched.update(finding.refresh(ids))

    def _counts(self, fresh: list[Incoming], known: Iterable[Incoming]) -> None:
        """Write a reading where a count is known and moved; absence never overwrites a count."""
        readings = [
            (i.heard_id, self.stamp(i.heard_at), *i.counts) for i in fresh if any(c is not None for c in i.counts)
        ]
        for item in known:
            counts = self._moved(item)
            if counts:
                readings.append((item.heard_id, self.stamp(item.heard_at), *counts))
                self.touched.add(item.heard_id)
        insert("vigie_reading", ("post_id", "at", "likes", "reposts", "replies", "views"), readings)
        update(
            "UPDATE vigie_post SET likes = %s, reposts = %s, replies = %s, views = %s WHERE id = %s",
            [(*r[2:], r[0]) for r in readings if r[0] in self.touched],
        )

    def _moved(self, item: Incoming) -> tuple[int | None, ...] | None:
        before = self.known.posts[item.heard_id].counts
        after = tuple(old if new is None else new for new, old in zip(item.counts, before, strict=True))
        return after if after != before else None

    def _batch(self, items: list[Incoming]) -> None:
        """Keep new and changed posts as Arrow bytes until they are found in the archive's log."""
        if not items:
            return
        table = archive_rows(items, self.current.authors.written)
        columns = ("id", "fetch_id", "rows", "payload", "created_at")
        insert("vigie_batch", columns, [(uuid.uuid4().hex, self.fetch_id, len(items), pack(table), self.now_stamp)])

    def _want(self, kept: list[Incoming]) -> None:
        """Ask for posts that were heard, not kept, and are answered now; the worker brings them from the archive."""
        keys = {i.reply_key for i in kept if i.reply_key in self.known.absent_parents} - {i.key for i in kept}
        insert("vigie_wanted", ("key",), [(key,) for key in keys], ignore=True)

    def _evidence(self, kept: list[Incoming]) -> None:
        """Keep what stands in a space of ours as it was seen."""
        posts = self.known.posts
        met = [(i, {i.space_id} | (posts[i.heard_id].spaces if i.heard_id in posts else set())) for i in kept]
        evidencing.at_first_sight(met, self.current.spaces, target=self.target, now=self.now)

    def sketch(self, plan: Plan, verdicts: dict[bytes, Verdict]) -> None:
        """Sketch what will be kept and is new or changed: before the transaction."""
        changed = {i.key for i in plan.changed}
        kept = [
            i
            for i in (*plan.new, *plan.changed, *plan.met)
            if verdicts[i.key].keep and (i.heard_id not in self.known.posts or i.key in changed)
        ]
        texts = [stories.read(i.row["title"], i.row["text"]) for i in kept]
        self.sketched = list(zip(kept, stories.sketches(texts, self.current.queries.lexicon()), strict=True))

    def group(self) -> None:
        """Group into stories what was sketched: late, as whoever groups next waits for this commit."""
        links = self._links()
        told = [
            stories.Told(i.heard_id, i.key, *links.get(i.heard_id, (i.repost_key, i.quote_key)), sketch)
            for i, sketch in self.sketched
        ]
        self.retold = stories.group(told, now=self.now)

    def _links(self) -> dict[int, tuple[bytes | None, bytes | None]]:
        """Read what posts of the record repeat and quote, as whoever begins anew reads it."""
        sql = "SELECT id, repost_key, quote_key FROM vigie_post WHERE id IN ({in})"
        known = [i.heard_id for i, _ in self.sketched if i.heard_id in self.known.posts]
        return {
            post: (repost and bytes(repost), quote and bytes(quote)) for post, repost, quote in select_in(sql, known)
        }

    def _audit(self, taken: Taken) -> None:
        after = {"new": taken.new, "changed": taken.changed, "kept": taken.kept, "mentions": taken.mentions}
        audit.write(WORKER, "posts.take", self.target, now=self.now, after=after)

    def mentions(self) -> None:
        """Write mentions with their revisions; the last statements of the transaction."""
        new = [m for m in self.matched if m[:2] not in self.known.mentions]
        old = {self.known.mentions[m[:2]].id: m for m in self.matched if m[:2] in self.known.mentions}
        moved = sorted({*self._moved_mentions(old), *stories.mentions_of(self.retold)})
        if new or moved:
            revision = next_revisions(len(new) + len(moved))
            self._write_mentions(new, moved, old, revision)
        self._settle({*(m[1] for m in self.matched), *self.touched, *self.retold}, moved)

    def _settle(self, post_ids: set[int], moved: list[int]) -> None:
        """Ask the label parts of watches; a mention that they let in or out without another change moves too."""
        changed = set(in_watch.settle(in_watch.of_posts(sorted(post_ids)))) - set(moved)
        if changed:
            first = next_revisions(len(changed))
            rows = [(first + n, mention) for n, mention in enumerate(sorted(changed))]
            update("UPDATE vigie_mention SET revision = %s WHERE id = %s", rows)

    def _moved_mentions(self, old: dict[int, tuple[int, int, int]]) -> list[int]:
        """Return mentions whose mirror row changes: of touched posts, and lapsed ones that match again."""
        return [
            row.id
            for (_, post), row in self.known.mentions.items()
            if post in self.touched or (row.lapsed and row.id in old)
        ]

    def _write_mentions(
        self, new: list[tuple[int, int, int]], moved: list[int], old: dict[int, tuple[int, int, int]], revision: int
    ) -> None:
        versions = self.current.versions
        insert(
            "vigie_mention",
            ("watch_id", "post_id", "watch_version", "post_version", "in_watch", "revision", "created_at"),
            [(w, p, versions[w], v, True, revision + n, self.now_stamp) for n, (w, p, v) in enumerate(new)],
            ignore=True,
        )
        start = revision + len(new)
        update("UPDATE vigie_mention SET revision = %s WHERE id = %s", [(start + n, m) for n, m in enumerate(moved)])
        update(
            "UPDATE vigie_mention SET watch_version = %s, post_version = %s, lapsed_at = NULL WHERE id = %s",
            [(versions[w], v, m) for m, (w, _, v) in old.items()],
        )


def _differs(new: Any, old: Any) -> bool:
    return new is not None and new != old


SMALL = 65_536
"""Bytes below which a batch is not compressed: each of its buffers would be by itself, 2 ms in all for ten posts, to save a
few kilobytes for the minutes until the archive has them."""


def pack(table: pa.Table) -> bytes:
    """Return a table as Arrow IPC bytes, compressed unless it is small."""
    sink = pa.BufferOutputStream()
    compression = "zstd" if table.nbytes >= SMALL else None
    with pa.ipc.new_stream(sink, table.schema, options=pa.ipc.IpcWriteOptions(compression=compression)) as writer:
        writer.write_table(table)
    return bytes(sink.getvalue())


def unpack(payload: bytes) -> pa.Table:
    """Return the table that `pack` made bytes of."""
    return pa.ipc.open_stream(pa.py_buffer(payload)).read_all()
