"""The statements of findings: what was found in posts, and the values of it that count."""

from collections.abc import Iterable, Mapping, Sequence

from vigie.enrich import found
from vigie.server.database import insert, select, select_in, update
from vigie.server.services.batch import FoundValue

COLUMNS = (
    "post_id", "kind", "value", "name", "starts", "ends", "negated", "hypothetical", "past", "of_another", "score", "source",
    "labeller_id",
)  # fmt: skip


def written(findings: Iterable[FoundValue]) -> str:
    """Return the values that count, as a post keeps them."""
    return found.written(found.values_of((f.kind, f.value, f.negated, f.hypothetical) for f in findings))


def forget(post_ids: Sequence[int], kinds: Sequence[str] | None = None) -> None:
    """Remove what was found in posts: all of it, or some kinds."""
    if kinds is None:
        update("DELETE FROM vigie_finding WHERE post_id = %s", [(post,) for post in post_ids])
    else:
        sql = "DELETE FROM vigie_finding WHERE post_id = %s AND kind = %s"
        update(sql, [(post, kind) for post in post_ids for kind in kinds])


def write(
    findings: Iterable[tuple[int, Sequence[FoundValue]]], labeller_ids: Mapping[tuple[str, str, str], int]
) -> None:
    """Write what was found in posts, by post; the caller keeps the values that count beside it (`refresh`)."""
    rows = [
        (
            post, f.kind, f.value[: found.LONGEST_VALUE], (f.name or "")[: found.LONGEST_VALUE], f.start, f.end, f.negated,
            f.hypothetical, f.past, f.of_another, f.score, f.source[: found.LONGEST_VALUE],
            labeller_ids[(f.kind, *f.labeller)],
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
