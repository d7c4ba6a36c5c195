"""What mirror and tail say of stories: which are largest or latest, who relayed one, and when it reached each space.

A post counts once, however many of the reader's watches found it.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import pyarrow as pa

from vigie.errors import SchemaError
from vigie.store.figures import View
from vigie.store.filters import Filter
from vigie.store.orders import GREATEST

FEWEST_POSTS = 2
"""Posts of a story that a reader sees for it to be one."""

ENGAGED = (
    "CASE WHEN COALESCE(likes, reposts, replies) IS NOT NULL "
    "THEN COALESCE(likes, 0) + COALESCE(reposts, 0) + COALESCE(replies, 0) END"
)
"""Likes, reposts and replies together; absent where none of them is known, which is never zero."""

_POSTS = (
    "SELECT post_id, MAX(story_id) AS story_id, MAX(author_id) AS author_id, MAX(space_id) AS space_id, "
    f"MAX(published_at) AS published_at, MAX(views) AS views, MAX({ENGAGED}) AS engaged, COUNT(*) AS mentions "
    "FROM {source} WHERE story_id IS NOT NULL GROUP BY post_id"
)
"""One row per post that is in a story."""

_STORIES = (
    "SELECT story_id, SUM(mentions)::BIGINT AS mentions, COUNT(*) AS posts, MIN(published_at) AS first_at, "
    "MAX(published_at) AS last_at, ARG_MIN(post_id, (published_at, post_id)) AS first_post, "
    "COUNT(DISTINCT space_id) AS spaces, COUNT(DISTINCT author_id) AS authors, SUM(engaged)::BIGINT AS engaged, "
    "epoch_us(MAX(published_at)) AS latest "
    f"FROM ({_POSTS}) GROUP BY story_id HAVING COUNT(*) >= {FEWEST_POSTS}"
)

ORDERS: Mapping[str, str] = {"largest": "posts", "latest": "latest"}
"""What stories are ranked by, the greatest first."""


@dataclass(frozen=True, slots=True)
class Stories:
    """A page of stories."""

    rows: pa.Table
    """story_id, mentions, posts, first_at, last_at, first_post, spaces, authors, engaged; of the window."""
    next_key: str | None


def page(view: View, chosen: Filter, *, order: str, after: str | None = None, limit: int) -> Stories:
    """Return the next stories of a window after a key.

    Raises:
        SchemaError: there is no such order or key.
    """
    if order not in ORDERS:
        raise SchemaError(f"Stories can't be ordered by “{order}”.", code="figures.order", facts={"name": order})
    by, key = ORDERS[order], _read(after)
    below = f" WHERE {by} < ? OR ({by} = ? AND story_id < ?)" if key else ""
    values = [key[0], *key] if key else []
    statement = f"SELECT * FROM ({_STORIES}){below} ORDER BY {by} DESC, story_id DESC LIMIT {limit + 1}"
    found = view.asked(statement, chosen, values)
    shown = found.slice(0, limit)
    last = shown.slice(limit - 1, 1).to_pylist()[0] if found.num_rows > limit else None
    return Stories(shown, f"{last[by]}.{last['story_id']}" if last else None)


def _read(after: str | None) -> tuple[int, int] | None:
    if after is None:
        return None
    parts = after.split(".")
    if len(parts) != 2 or not all(part.isascii() and part.isdigit() and int(part) < GREATEST for part in parts):  # noqa: PLR2004 -- rank and story
        raise SchemaError("This page of the list does not exist; go back to its beginning.", code="figures.key")
    return int(parts[0]), int(parts[1])


def whole(view: View, chosen: Filter) -> pa.Table:
    """Return one row on the story of a filter, as of `page`; none where fewer than two of its posts are seen."""
    return view.asked(_STORIES, chosen)


def relays(view: View, chosen: Filter, *, limit: int) -> pa.Table:
    """Return the authors whose posts of a story moved people most: author_id, posts, mentions, engaged, views, first_at.

    By likes, reposts and replies together, then by views where they are known. Posts that name nobody are left out.
    """
    statement = (
        "SELECT author_id, COUNT(*) AS posts, SUM(mentions)::BIGINT AS mentions, SUM(engaged)::BIGINT AS engaged, "
        f"SUM(views)::BIGINT AS views, MIN(published_at) AS first_at FROM ({_POSTS}) WHERE author_id IS NOT NULL "
        f"GROUP BY author_id ORDER BY engaged DESC NULLS LAST, views DESC NULLS LAST, first_at, author_id LIMIT {limit}"
    )
    return view.asked(statement, chosen)


def spaces(view: View, chosen: Filter, *, limit: int) -> pa.Table:
    """Return the spaces that a story reached, in the order in which it did: space_id, posts, mentions, engaged, first_at."""
    statement = (
        "SELECT space_id, COUNT(*) AS posts, SUM(mentions)::BIGINT AS mentions, SUM(engaged)::BIGINT AS engaged, "
        f"MIN(published_at) AS first_at FROM ({_POSTS}) GROUP BY space_id ORDER BY first_at, space_id LIMIT {limit}"
    )
    return view.asked(statement, chosen)


def earliest(view: View, chosen: Filter, *, limit: int) -> list[int]:
    """Return the first posts of a story, in the order published."""
    statement = f"SELECT post_id FROM ({_POSTS}) ORDER BY published_at, post_id LIMIT {limit}"
    found: list[int] = view.asked(statement, chosen)["post_id"].to_pylist()
    return found
