"""PeerTube's answers: addresses, videos, comments, and what is hostile."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.reading import NOW

from vigie.collect.source import Page
from vigie.errors import SkippableError
from vigie.platforms.peertube.client import target_of
from vigie.platforms.peertube.parse import parse
from vigie.platforms.peertube.source import SOURCE
from vigie.schema.tables import POSTS

VIDEO = "https://p.example/videos/watch/9c9de5e8-0a1e-484a-b099-e80766180a6d"


def page(value: Any, part: str = "videos", of: str = "") -> Page:
    body = value if isinstance(value, bytes) else json.dumps(value).encode()
    return Page(f"https://p.example/api/v1/videos{of}", body, "application/json", part, NOW, "")


def video(**values: Any) -> dict[str, Any]:
    return {
        "uuid": VIDEO[-36:], "url": VIDEO, "name": "Vertiges", "description": "Une <b>histoire</b>",
        "publishedAt": "2026-10-01T08:00:00.000Z", "language": {"id": "fr"}, "thumbnailPath": "/t.jpg", "views": 40,
        "likes": 6, "comments": 2, "account": {"name": "zoe", "displayName": "Zoé", "host": "p.example"}, **values,
    }  # fmt: skip


def comment(number: int = 1, **values: Any) -> dict[str, Any]:
    return {
        "id": number, "url": f"{VIDEO}/comments/{number}", "text": "<p>oui</p>", "inReplyToCommentId": None,
        "createdAt": "2026-10-01T08:00:00Z", "isDeleted": False, "totalReplies": 1,
        "account": {"name": "ana", "host": "b.example"}, **values,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("address", "kind", "name"),
    [
        ("https://p.example/c/vertige/videos", "channel", "vertige"),
        ("https://p.example/video-channels/vertige@b.example", "channel", "vertige@b.example"),
        ("https://p.example/a/zoe/video-channels", "account", "zoe"),
        ("https://p.example/accounts/zoe", "account", "zoe"),
        ("https://p.example/w/kkGMgK9ZtnKfYAgnEtQxbv", "video", "kkGMgK9ZtnKfYAgnEtQxbv"),
        (VIDEO, "video", VIDEO[-36:]),
        ("https://p.example/search?search=un+deux", "search", "un deux"),
        ("https://p.example/", "local", ""),
        ("https://p.example/videos/local", "local", ""),
    ],
)
def test_addresses_mean_what_their_shape_says(address: str, kind: str, name: str) -> None:
    target = target_of(address)
    assert target is not None and (target.kind, target.name) == (kind, name)
    assert target_of(target.address) == target


@pytest.mark.parametrize("address", ["https://p.example/blog/1", "https://[::1", "x", "https://p.example/search"])
def test_other_addresses_mean_nothing_and_ask_nobody(address: str) -> None:
    def never(url: str, **_: Any) -> Any:
        raise AssertionError(f"asked for {url}")

    assert SOURCE.discover(address, fetch=never, now=NOW) is None  # type: ignore[arg-type]


def test_video_gives_every_column() -> None:
    (row,) = parse(page({"data": [video()]})).posts.to_pylist()
    assert row == dict.fromkeys(POSTS.names) | {
        "origin": "p.example", "native_id": VIDEO, "network": "peertube", "site": "p.example", "url": VIDEO,
        "title": "Vertiges", "text": "Une histoire", "author": "zoe@p.example", "author_name": "Zoé",
        "lang_claimed": "fr", "published_at": datetime(2026, 10, 1, 8, tzinfo=UTC),
        "media": ["https://p.example/t.jpg"], "likes": 6, "replies": 2, "views": 40,
    }  # fmt: skip


def test_cut_descriptions_are_left_to_the_page_of_the_video() -> None:
    cut = video(description="mot " * 61 + "...")
    parsed = parse(page({"data": [cut, video(url="", account={"name": "b", "host": "b.example"})]}))
    assert parsed.posts["native_id"].to_pylist() == [VIDEO.replace("p.example", "b.example")]
    assert not parsed.skipped and not parsed.repeated
    assert parse(page(cut, "video")).posts.num_rows == 1


def test_comments_name_what_they_answer() -> None:
    tree = {"comment": comment(1), "children": [{"comment": comment(2, inReplyToCommentId=1), "children": []}]}
    rows = parse(page(tree, "thread", f"#{VIDEO}")).posts.to_pylist()
    assert [row["in_reply_to"] for row in rows] == [VIDEO, f"{VIDEO}/comments/1"]
    assert [row["engaging_with"] for row in rows] == [None, "ana@b.example"]
    listed = {"data": [comment(7, isDeleted=True, account=None, text=""), comment(8, inReplyToCommentId=3)]}
    first, second = parse(page(listed, "threads", f"#{VIDEO}")).posts.to_pylist()
    assert (first["deleted"], first["author"], first["in_reply_to"]) == (True, None, VIDEO)
    assert second["in_reply_to"] == f"{VIDEO}/comments/3"


@pytest.mark.parametrize("date", ["0001-01-01T00:00:00Z", "1970-01-01T00:00:00Z", "2999-01-01T00:00:00Z"])
def test_absurd_dates_are_given_as_said(date: str) -> None:
    found = parse(page({"data": [video(publishedAt=date)]})).posts["published_at"].to_pylist()
    assert found == [datetime.fromisoformat(date)]


DEEP = b'{"comment":{"id":1},"children":[' * 30_000


@pytest.mark.parametrize(
    ("body", "part"), [(DEEP, "thread"), (b"[]", "videos"), (b'{"error":"no"}', "threads"), (b"\xff\xfe", "videos")]
)
def test_hostile_bodies_are_refused_with_a_sentence(body: bytes, part: str) -> None:
    with pytest.raises(SkippableError) as refused:
        parse(page(body, part))
    assert refused.value.code == "peertube.answer"


JSON = st.recursive(
    st.none() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*video(), *comment()]), inner, max_size=6)
    ),
    max_leaves=10,
)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(JSON | st.builds(lambda url: video(url=url, thumbnailPath=url), st.text()), max_size=3),
    st.sampled_from(["videos", "threads"]),
)
def test_no_json_crashes(items: list[Any], part: str) -> None:
    parsed = parse(page({"data": items}, part))
    assert parsed.posts.schema == POSTS
    assert parsed.posts.num_rows + len(parsed.skipped) + parsed.repeated == len(items)
