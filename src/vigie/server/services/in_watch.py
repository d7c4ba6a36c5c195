"""Which mentions the label part of their watch lets in: said again whenever a label, a finding or a correction changes.

The text part made the mention; an edit never takes it away, so the text that counts is the one it rests on.
"""

from collections.abc import Sequence

import pyarrow as pa

from vigie.server import engine
from vigie.server.database import select_in, update
from vigie.server.queries import documents, labels

Row = tuple[int, int, int, int, bool]
"""Id, post, watch, version of the post it rests on, and whether it is in its watch."""


def settle(mention_ids: Sequence[int], *, of: int | None = None) -> list[int]:
    """Bring `in_watch` of mentions up to their labels; return those that changed, which need their next revisions.

    Nothing is read while no open watch has a label part.

    Args:
        of: A watch whose mentions are judged even if it has no label part any more: all of them are in it then.
    """
    current = frozenset(engine.standing().labelled)
    if not mention_ids or (not current and of is None):
        return []
    sql = "SELECT id, post_id, watch_id, post_version, in_watch FROM vigie_mention WHERE id IN ({in})"
    rows = [row for row in select_in(sql, list(mention_ids)) if str(row[2]) in current or row[2] == of]
    asked = [row for row in rows if str(row[2]) in current]
    holding = _holding(asked) if asked else frozenset()
    wanted = {row[0]: row[0] in holding or str(row[2]) not in current for row in rows}
    changed = sorted(row[0] for row in rows if bool(row[4]) is not wanted[row[0]])
    update("UPDATE vigie_mention SET in_watch = %s WHERE id = %s", [(wanted[m], m) for m in changed])
    return changed


def of_posts(post_ids: Sequence[int]) -> list[int]:
    """Return the mentions of posts whose watch has a label part."""
    current = frozenset(engine.standing().labelled)
    if not current or not post_ids:
        return []
    sql = "SELECT id, watch_id FROM vigie_mention WHERE post_id IN ({in})"
    return [mention for mention, watch in select_in(sql, list(post_ids)) if str(watch) in current]


def _holding(rows: Sequence[Row]) -> frozenset[int]:
    """Return the mentions for which the whole query of their watch holds."""
    mentions, posts = [row[0] for row in rows], [row[1] for row in rows]
    different = sorted(set(posts))
    places = {post: n for n, post in enumerate(different)}
    table = documents.of_record(different).take(pa.array([places[post] for post in posts], pa.int64()))
    table = _as_rested_on(table, rows)
    table = labels.labelled(table, posts, labels.of_posts(different), mentions, labels.of_mentions(mentions))
    queries = engine.standing().labelled
    found = queries.found(table)
    ids = queries.engine.ids
    pairs = zip(found.row.tolist(), found.query.tolist(), strict=True)
    return frozenset(rows[r][0] for r, q in pairs if ids[q] == str(rows[r][2]))


def _as_rested_on(table: pa.Table, rows: Sequence[Row]) -> pa.Table:
    """Return the posts with the text that each mention rests on, where the post was edited since."""
    sql = "SELECT post_id, version, title, text FROM vigie_postversion WHERE post_id IN ({in})"
    older = {(p, v): (title or None, text) for p, v, title, text in select_in(sql, sorted({row[1] for row in rows}))}
    found = [older.get((row[1], row[3])) for row in rows]
    if not any(found):
        return table
    for place, name in enumerate(("title", "text")):
        cells = table[name].to_pylist()
        texts = [cells[n] if old is None else old[place] for n, old in enumerate(found)]
        table = table.set_column(table.schema.get_field_index(name), name, pa.array(texts, pa.string()))
    return table
