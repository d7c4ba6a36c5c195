"""Lemmy's answers: addresses, posts, comments, and what is hostile."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.reading import NOW

from vigie.collect.source import Page
from vigie.errors import SkippableError
from vigie.platforms.lemmy.client import target_of
from vigie.platforms.lemmy.parse import parse
from vigie.platforms.lemmy.source import SOURCE
from vigie.schema.tables import POSTS


def page(value: Any) -> Page:
    body = value if isinstance(value, bytes) else json.dumps(value).encode()
    return Page("https://l.example/api/v3/post/list", body, "application/json", "posts", NOW, "")


def post(**values: Any) -> dict[str, Any]:
    return {
        "post": {"id": 5, "name": "Titre", "published": "2026-10-01T08:00:00.5Z", "ap_id": "https://l.example/post/5", **values},
        "creator": {"name": "zoe", "display_name": "Zoé", "actor_id": "https://b.example/u/zoe"},
        "counts": {"upvotes": 7, "score": 4, "comments": 2},
    }  # fmt: skip


def comment(**values: Any) -> dict[str, Any]:
    return {
        "comment": {"id": 9, "content": "oui", "path": "0.9", "published": "2026-10-01T08:00:00", "ap_id": "https://c.example/comment/77", **values},
        "creator": {"name": "ana", "actor_id": "https://c.example/u/ana"},
        "post": {"id": 5, "ap_id": "https://l.example/post/5"}, "counts": {"upvotes": 1, "child_count": 3},
    }  # fmt: skip


@pytest.mark.parametrize(
    ("address", "kind", "name"),
    [
        ("https://l.example/c/sante", "community", "sante"),
        ("https://l.example/c/sante@b.example", "community", "sante@b.example"),
        ("https://l.example/u/zoe", "person", "zoe"),
        ("https://l.example/post/12", "post", "12"),
        ("https://l.example/search?q=un+deux&type=All", "search", "un deux"),
        ("https://l.example/", "local", ""),
    ],
)
def test_addresses_mean_what_their_shape_says(address: str, kind: str, name: str) -> None:
    target = target_of(address)
    assert target is not None and (target.kind, target.name) == (kind, name)
    assert target_of(target.address) == target


@pytest.mark.parametrize("address", ["https://l.example/blog/1", "https://[::1", "x", "https://l.example/search"])
def test_other_addresses_mean_nothing_and_ask_nobody(address: str) -> None:
    def never(url: str, **_: Any) -> Any:
        raise AssertionError(f"asked for {url}")

    assert SOURCE.discover(address, fetch=never, now=NOW) is None  # type: ignore[arg-type]


def test_post_gives_every_column() -> None:
    body = "Voici ![](https://l.example/pictrs/a.png) un **texte**"
    (row,) = parse(page({"posts": [post(body=body, url="https://presse.example/article", thumbnail_url="https://l.example/t.webp")]})).posts.to_pylist()  # fmt: skip
    assert row == dict.fromkeys(POSTS.names) | {
        "origin": "l.example", "native_id": "https://l.example/post/5", "network": "lemmy", "site": "l.example",
        "url": "https://l.example/post/5", "title": "Titre", "text": f"{body}\nhttps://presse.example/article",
        "author": "zoe@b.example", "author_name": "Zoé", "published_at": datetime(2026, 10, 1, 8, 0, 0, 500_000, tzinfo=UTC),
        "media": ["https://l.example/t.webp", "https://l.example/pictrs/a.png"], "likes": 7, "replies": 2,
    }  # fmt: skip


def test_pictures_are_media_and_no_text() -> None:
    (row,) = parse(page({"posts": [post(url="https://l.example/pictrs/b.JPEG")]})).posts.to_pylist()
    assert (row["text"], row["media"]) == ("", ["https://l.example/pictrs/b.JPEG"])


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("0.9", "https://l.example/post/5"),
        ("0.4.9", "https://l.example/comment/4"),
        ("0.8.9", "https://d.example/comment/3"),  # on the page
        ("", "https://l.example/post/5"),
        ("0.x.9", "https://l.example/post/5"),
        (f"0.{'9' * 500}.9", "https://l.example/post/5"),
    ],
)
def test_comments_name_what_they_answer(path: str, expected: str) -> None:
    other = comment(id=8, path="0.8", ap_id="https://d.example/comment/3")
    rows = parse(page({"comments": [comment(path=path), other]})).posts.to_pylist()
    assert rows[0]["in_reply_to"] == expected and rows[0]["origin"] == "c.example"
    assert (rows[0]["author"], rows[0]["likes"], rows[0]["replies"]) == ("ana@c.example", 1, 3)


def test_deleted_and_broken_ones() -> None:
    parsed = parse(page({"posts": [post(removed=True), {"post": {"id": "x"}}, 4]}))
    assert parsed.posts["deleted"].to_pylist() == [True]
    assert [s.code for s in parsed.skipped] == ["lemmy.item", "lemmy.item"]


def test_a_broken_address_costs_no_page() -> None:
    parsed = parse(page({"posts": [post(ap_id="https://[x/1"), post(id=6)]}))
    assert parsed.posts["origin"].to_pylist() == ["lemmy", "l.example"]


@pytest.mark.parametrize("date", ["0001-01-01T00:00:00Z", "1970-01-01T00:00:00", "2999-01-01T00:00:00Z"])
def test_absurd_dates_are_given_as_said(date: str) -> None:
    wanted = datetime.fromisoformat(date).replace(tzinfo=UTC)
    assert parse(page({"posts": [post(published=date)]})).posts["published_at"].to_pylist() == [wanted]


@pytest.mark.parametrize("body", [b'{"posts":[' * 30_000, b"[]", b'{"error":"rate_limit_error"}', b"\xff\xfe", b"null"])
def test_hostile_bodies_are_refused_with_a_sentence(body: bytes) -> None:
    with pytest.raises(SkippableError) as refused:
        parse(page(body))
    assert refused.value.code == "lemmy.answer"


JSON = st.recursive(
    st.none() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from([*post(), *post()["post"], *comment()]), inner, max_size=6)
    ),
    max_leaves=10,
)


@settings(max_examples=100, deadline=None)
@given(st.lists(JSON | st.builds(lambda url: post(url=url, thumbnail_url=url, ap_id=url), st.text()), max_size=3))
def test_no_json_crashes(posts: list[Any]) -> None:
    parsed = parse(page({"posts": posts, "comments": posts}))
    assert parsed.posts.schema == POSTS
    assert parsed.posts.num_rows + len(parsed.skipped) + parsed.repeated == 2 * len(posts)
