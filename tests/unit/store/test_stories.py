"""Stories over files and tail say what a count in plain Python says."""

from pathlib import Path
from typing import Any

import pytest

from vigie.errors import SchemaError
from vigie.store import stories
from vigie.store.figures import View
from vigie.store.filters import Filter
from vigie.store.mirror import Mirror
from vigie.store.tail import Tail

from . import oracle
from .oracle import FILTERS, NOW, ZONE, Row, mention, table

ROWS = [
    mention(
        n, n // 2, n % 3 + 1, author_id=n // 2 % 5 or None, story_id=n // 2 % 7 or None, views=(None, 3, 9)[n // 2 % 3]
    )
    for n in range(1, 400)
]


@pytest.fixture
def view(tmp_path: Path) -> View:
    """Half in files, half in the tail, and some that changed their story since."""
    mirror = Mirror(tmp_path)
    manifest = mirror.rebuild(table(ROWS[:250]).to_batches(), epoch=1, revision=1, time_zone=ZONE, now=NOW)
    tail = Tail(1)
    moved = [row | {"story_id": 6, "revision": 2} for row in ROWS[:20]]
    tail.advance(table([*moved, *(row | {"revision": 2} for row in ROWS[250:])]), [], 2)
    return View(mirror, manifest, tail)


NOW_ROWS = [row | {"story_id": 6} for row in ROWS[:20]] + ROWS[20:]


def posts_of(chosen: Filter) -> dict[int, list[Row]]:
    """Return the mentions of each post in a story."""
    found: dict[int, list[Row]] = {}
    for row in NOW_ROWS:
        if oracle.passes(row, chosen) and row["story_id"]:
            found.setdefault(row["post_id"], []).append(row)
    return found


def by_hand(chosen: Filter) -> list[dict[str, Any]]:
    groups: dict[int, list[list[Row]]] = {}
    for rows in posts_of(chosen).values():
        groups.setdefault(rows[0]["story_id"], []).append(rows)
    told = []
    for story, posts in groups.items():
        if len(posts) > 1:
            firsts = [rows[0] for rows in posts]
            told.append(
                {
                    "story_id": story,
                    "mentions": sum(len(rows) for rows in posts),
                    "posts": len(posts),
                    "first_at": min(row["published_at"] for row in firsts),
                    "last_at": max(row["published_at"] for row in firsts),
                    "first_post": min(firsts, key=lambda row: (row["published_at"], row["post_id"]))["post_id"],
                    "spaces": len({row["space_id"] for row in firsts}),
                    "authors": len({row["author_id"] for row in firsts} - {None}),
                    "engaged": sum(row["likes"] + row["reposts"] for row in firsts),
                }
            )
    return told


@pytest.mark.parametrize("chosen", FILTERS)
@pytest.mark.parametrize("order", stories.ORDERS)
def test_all_pages_together_are_all_stories_in_order(view: View, chosen: Filter, order: str) -> None:
    rank = {"largest": "posts", "latest": "last_at"}[order]
    expected = sorted(by_hand(chosen), key=lambda row: (row[rank], row["story_id"]), reverse=True)
    got: list[dict[str, Any]] = []
    key: str | None = None
    while True:
        page = stories.page(view, chosen, order=order, after=key, limit=2)
        got += page.rows.drop_columns("latest").to_pylist()
        key = page.next_key
        if key is None:
            break
    assert got == expected


def test_a_key_or_an_order_that_is_none(view: View) -> None:
    for key in ("x", "1", "1.2.3", "-1.2", f"{2**63}.1"):
        with pytest.raises(SchemaError):
            stories.page(view, Filter(None), order="largest", after=key, limit=2)
    with pytest.raises(SchemaError):
        stories.page(view, Filter(None), order="story_id", limit=2)


def test_relays_spaces_and_first_posts_of_one(view: View) -> None:
    chosen = Filter((1, 2, 3), stories=(3,))
    posts = [rows[0] | {"mentions": len(rows)} for rows in posts_of(chosen).values()]
    relays = stories.relays(view, chosen, limit=3).to_pylist()
    engaged: dict[int, int] = {}
    for row in posts:
        if row["author_id"]:
            engaged[row["author_id"]] = engaged.get(row["author_id"], 0) + row["likes"] + row["reposts"]
    assert [row["engaged"] for row in relays] == sorted(engaged.values(), reverse=True)[:3]
    assert all(engaged[row["author_id"]] == row["engaged"] for row in relays)
    spaces = stories.spaces(view, chosen, limit=10).to_pylist()
    assert sum(row["mentions"] for row in spaces) == sum(row["mentions"] for row in posts)
    assert [row["first_at"] for row in spaces] == sorted(row["first_at"] for row in spaces)
    first = sorted(posts, key=lambda row: (row["published_at"], row["post_id"]))
    assert stories.earliest(view, chosen, limit=5) == [row["post_id"] for row in first[:5]]
    assert stories.whole(view, chosen).num_rows == 1
    assert stories.whole(view, Filter((), stories=(3,))).num_rows == 0


def test_counts_that_no_source_gives_are_absent(tmp_path: Path) -> None:
    nothing = {"likes": None, "reposts": None, "replies": None, "views": None, "story_id": 3, "author_id": 1}
    tail = Tail(0)
    tail.advance(table([mention(n, n, 1, **nothing) for n in (1, 2)]), [], 2)
    view = View(None, None, tail)
    assert stories.whole(view, Filter((1,)))["engaged"].to_pylist() == [None]
    assert stories.relays(view, Filter((1,)), limit=3)["engaged"].to_pylist() == [None]
