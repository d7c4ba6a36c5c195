"""Mention rows as the mirror holds them, read from the record by revision or by id."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc

from vigie.enrich import found
from vigie.schema.tables import FOUND_COLUMNS, INSTANT, MENTIONS
from vigie.schema.vocab import FindingKind
from vigie.server.database import select, select_pieces

ROWS = """
SELECT m.id, m.revision, m.watch_id, m.post_id, p.space_id, p.author_id, p.network, p.published_at, p.day_is_heard,
       COALESCE(cl.value, ll.value), COALESCE(ct.value, lt.value), s.story_id, COALESCE(m.found, p.found),
       p.likes, p.reposts, p.replies, p.views,
       m.in_watch, m.lapsed_at IS NOT NULL, k.id IS NOT NULL, p.deleted_at IS NOT NULL
FROM vigie_mention m
JOIN vigie_post p ON p.id = m.post_id
LEFT JOIN vigie_poststory s ON s.post_id = p.id
LEFT JOIN vigie_label ll ON ll.post_id = p.id AND ll.kind = 'language' AND ll.chosen
LEFT JOIN vigie_label lt ON lt.post_id = p.id AND lt.kind = 'tone' AND lt.chosen
LEFT JOIN vigie_correction cl ON cl.mention_id = m.id AND cl.kind = 'language'
LEFT JOIN vigie_correction ct ON ct.mention_id = m.id AND ct.kind = 'tone'
LEFT JOIN vigie_markrow k ON k.mention_id = m.id AND k.kind = 'not_about_us'
"""

BATCH_ROWS = 20_000
"""Rows of one statement of a rebuild: about 4 MB as Arrow."""

PIECE_ROWS = 5_000
"""Rows held as Python's objects at once: about 6 MB."""

COLUMNS = (
    "mention_id", "revision", "watch_id", "post_id", "space_id", "author_id", "network", "published_at", "day_is_heard",
    "language", "tone", "story_id", "found", "likes", "reposts", "replies", "views", "in_watch", "lapsed", "not_about_us", "deleted",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class RecordState:
    """Where the record stands, read in one statement."""

    epoch: int
    revision: int
    forgotten: int
    """Tombstones up to this revision are gone: files or a tail older than that must be built anew."""


def state() -> RecordState:
    """Read epoch, revision and forgotten tombstones."""
    sql = "SELECT name, epoch, value FROM vigie_counter WHERE name IN ('revision', 'forgotten')"
    found = {name: (int(epoch), int(value)) for name, epoch, value in select(sql)}
    return RecordState(*found["revision"], found["forgotten"][1])


def changed_after(revision: int, *, zone: ZoneInfo, limit: int) -> pa.Table:
    """Return `tables.MENTIONS` rows changed after a revision, oldest change first, at most `limit`.

    They are made Arrow a piece at a time: as Python's they take twenty times the memory.
    """
    sql = f"{ROWS} WHERE m.revision > %s ORDER BY m.revision LIMIT %s"
    pieces = [table(rows, zone) for rows in select_pieces(sql, [revision, limit], size=PIECE_ROWS)]
    return pa.concat_tables(pieces).combine_chunks() if pieces else MENTIONS.empty_table()


def removed_after(revision: int) -> list[tuple[int, int]]:
    """Return (mention, revision) of removals after a revision."""
    sql = "SELECT mention_id, revision FROM vigie_tombstone WHERE revision > %s ORDER BY revision"
    return [(int(i), int(r)) for i, r in select(sql, [revision])]


def everything(*, zone: ZoneInfo, after_id: int = 0) -> Iterator[pa.RecordBatch]:
    """Yield all mention rows by id, in statements of bounded size."""
    while rows := select(f"{ROWS} WHERE m.id > %s ORDER BY m.id LIMIT %s", [after_id, BATCH_ROWS]):
        yield from table(rows, zone).to_batches()
        after_id = rows[-1][0]


def table(rows: Sequence[tuple[Any, ...]], zone: ZoneInfo) -> pa.Table:
    """Turn rows of the statement into a table, adding the day in the company's time zone."""
    values = list(zip(*rows, strict=True)) if rows else [()] * len(COLUMNS)
    columns = dict(zip(COLUMNS, values, strict=True))
    said = _found(columns.pop("found"))
    arrays = said | {name: _array(name, column) for name, column in columns.items()}
    arrays["day"] = _days(arrays["published_at"], zone)
    return pa.table([arrays[f.name] for f in MENTIONS], schema=MENTIONS)


def _found(texts: Sequence[str]) -> dict[str, pa.Array]:
    """Return the values of findings by column; few texts are different, and each is read once."""
    known = {text: found.read(text) for text in set(texts)}
    kind = MENTIONS.field(FOUND_COLUMNS[FindingKind.DRUG]).type
    return {column: pa.array([known[text].get(one) for text in texts], kind) for one, column in FOUND_COLUMNS.items()}


def _array(name: str, values: Sequence[Any]) -> pa.Array:
    kind = MENTIONS.field(name).type
    if pa.types.is_boolean(kind):
        return pa.array([bool(v) for v in values], kind)
    if pa.types.is_timestamp(kind):
        return _instants(values)
    return pa.array(values, kind)


def _instants(values: Sequence[Any]) -> pa.Array:
    """Read instants all at once; those without a zone, SQLite's, are in UTC."""
    try:
        return pa.array(values, pa.timestamp("us")).cast(INSTANT)
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        return pa.array([_utc(v) for v in values], INSTANT)


def _utc(value: str | datetime) -> datetime:
    """Read an instant as either database gives it to a raw statement: SQLite as text in UTC."""
    instant = datetime.fromisoformat(value) if isinstance(value, str) else value
    return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant


def _days(published: pa.Array, zone: ZoneInfo) -> pa.Array:
    return pc.local_timestamp(published.cast(pa.timestamp("us", tz=zone.key))).cast(pa.date32())
