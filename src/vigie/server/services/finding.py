"""The statements of findings: what was found in posts, and the values of it that count."""

from collections.abc import Iterable, Mapping, Sequence

from django.db import connection

from vigie.enrich import found
from vigie.enrich.found import Thing
from vigie.server.database import insert, select, select_in, update

COLUMNS = (
    "post_id", "kind", "value", "name", "starts", "ends", "negated", "hypothetical", "past", "of_another", "score", "source",
    "labeller_id",
)  # fmt: skip


MOST_AT_ONCE = 1_000
"""Posts of one statement: as many as bulk work takes a transaction (DESIGN §1, rule 8)."""


def written(findings: Iterable[Thing]) -> str:
    """Return the values that count, as a post keeps them."""
    return found.written(found.values_of((f.kind, f.value, f.negated, f.hypothetical) for f in findings))


def forget(post_ids: Sequence[int], kinds: Sequence[str] | None = None) -> None:
    """Remove what was found in posts: all of it, or some kinds."""
    within, some = ("", ()) if kinds is None else (f" AND kind IN ({','.join(['%s'] * len(kinds))})", kinds)
    for start in range(0, len(post_ids), MOST_AT_ONCE):
        posts = post_ids[start : start + MOST_AT_ONCE]
        places = ",".join(["%s"] * len(posts))
        with connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM vigie_finding WHERE post_id IN ({places}){within}", [*posts, *some])


def write(findings: Iterable[tuple[int, Sequence[Thing]]], labeller_ids: Mapping[tuple[str, str, str], int]) -> None:
    """Write what was found in posts, by post; the caller keeps the values that count beside it (`refresh`)."""
    rows = [
        (
            post, f.kind, f.value, f.name, f.start, f.end, f.negated, f.hypothetical, f.past, f.of_another, f.score,
            f.source, labeller_ids[f.kind, f.model, f.version],
        )
        for post, some in findings
        for f in some
    ]  # fmt: skip
    insert("vigie_finding", COLUMNS, rows)


def refresh(post_ids: Sequence[int]) -> list[int]:
    """Bring the values that count of posts, and of their corrected mentions, up to their findings; return the posts whose changed.

    The caller gives the mentions of these posts their next revisions.
    """
    if not post_ids:
        return []
    said: dict[int, list[tuple[str, str, bool, bool]]] = {post: [] for post in post_ids}
    sql = "SELECT post_id, kind, value, negated, hypothetical FROM vigie_finding WHERE post_id IN ({in})"
    for post, kind, value, negated, hypothetical in select_in(sql, post_ids):
        said[post].append((kind, value, bool(negated), bool(hypothetical)))
    now = {post: found.values_of(rows) for post, rows in said.items()}
    before = dict(select_in("SELECT id, found FROM vigie_post WHERE id IN ({in})", post_ids))
    changed = [post for post in before if before[post] != found.written(now[post])]
    update("UPDATE vigie_post SET found = %s WHERE id = %s", [(found.written(now[post]), post) for post in changed])
    _refresh_mentions(post_ids, now)
    return changed


def refresh_mention(mention_id: int) -> None:
    """Say again what holds of one mention; what stands in its post counts again once nobody says anything."""
    sql = "SELECT p.found FROM vigie_post p JOIN vigie_mention m ON m.post_id = p.id WHERE m.id = %s"
    ((text,),) = select(sql, [mention_id])
    said = select("SELECT kind, value, holds FROM vigie_findingcorrection WHERE mention_id = %s", [mention_id])
    rows = [(kind, value, bool(holds)) for kind, value, holds in said]
    now = found.written(found.corrected(found.read(text), rows)) if rows else None
    update("UPDATE vigie_mention SET found = %s WHERE id = %s", [(now, mention_id)])


def _refresh_mentions(post_ids: Sequence[int], now: Mapping[int, found.Values]) -> None:
    """Say again what holds of mentions that people corrected: their word stands on top of what is found now."""
    sql = (
        "SELECT m.id, m.post_id, c.kind, c.value, c.holds FROM vigie_mention m "
        "JOIN vigie_findingcorrection c ON c.mention_id = m.id WHERE m.post_id IN ({in})"
    )
    said: dict[tuple[int, int], list[tuple[str, str, bool]]] = {}
    for mention, post, kind, value, holds in select_in(sql, post_ids):
        said.setdefault((mention, post), []).append((kind, value, bool(holds)))
    rows = [(found.written(found.corrected(now[post], rows)), mention) for (mention, post), rows in said.items()]
    update("UPDATE vigie_mention SET found = %s WHERE id = %s", rows)
