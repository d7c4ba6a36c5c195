"""Discourse's answers: addresses, posts, and what is hostile."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.reading import NOW

from vigie.collect.source import Page
from vigie.errors import SkippableError
from vigie.platforms.discourse.client import target_of
from vigie.platforms.discourse.parse import parse
from vigie.platforms.discourse.source import SOURCE
from vigie.schema.tables import POSTS

URL = "https://forum.example/t/13.json"


def page(value: Any) -> Page:
    return Page(
        URL, value if isinstance(value, bytes) else json.dumps(value).encode(), "application/json", "posts", NOW, ""
    )


def topic(*posts: Any, **values: Any) -> dict[str, Any]:
    return {"post_stream": {"posts": list(posts)}, "title": "Vertiges & co", "views": 9, **values}


def post(number: int = 1, **values: Any) -> dict[str, Any]:
    return {
        "id": 100 + number, "topic_id": 13, "post_number": number, "username": "zoe", "topic_slug": "vertiges",
        "cooked": f"<p>texte {number}</p>", "created_at": "2026-10-01T08:00:00.000Z", **values,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("address", "kind", "name", "canonical"),
    [
        ("https://forum.example", "latest", "", "https://forum.example/latest"),
        ("https://forum.example/latest.json", "latest", "", "https://forum.example/latest"),
        ("https://forum.example/forum/categories", "latest", "", "https://forum.example/forum/latest"),
        ("https://forum.example/t/vertiges/13/4", "topic", "13", "https://forum.example/t/13"),
        ("https://forum.example/t/13", "topic", "13", "https://forum.example/t/13"),
        ("https://forum.example/c/sante/5", "category", "sante/5", "https://forum.example/c/sante/5"),
        (
            "https://forum.example/c/sante/coeur/6/l/latest",
            "category",
            "sante/coeur/6",
            "https://forum.example/c/sante/coeur/6",
        ),
        ("https://forum.example/tag/bien-%C3%AAtre", "tag", "bien-être", "https://forum.example/tag/bien-%C3%AAtre"),
    ],
)
def test_addresses_mean_what_their_shape_says(address: str, kind: str, name: str, canonical: str) -> None:
    target = target_of(address)
    assert target is not None and (target.kind, target.name, target.address) == (kind, name, canonical)
    assert target_of(target.address) == target


@pytest.mark.parametrize(
    "address", ["https://a.example/blog/2026/titre", "mailto:a@b", "https://[::1", "https://a.example/u/zoe"]
)
def test_other_addresses_mean_nothing_and_ask_nobody(address: str) -> None:
    def never(url: str, **_: Any) -> Any:
        raise AssertionError(f"asked for {url}")

    assert SOURCE.discover(address, fetch=never, now=NOW) is None  # type: ignore[arg-type]


def test_post_gives_every_column() -> None:
    cooked = (
        '<aside class="quote no-group" data-username="max" data-post="2" data-topic="13"><blockquote>cité</blockquote></aside>'
        '<p>Oui <img class="emoji" src="/e.png" alt=":x:"><img src="/uploads/a.png" alt="b"></p>'
    )
    (row,) = parse(
        page(
            topic(
                post(
                    4, name="Zoé", cooked=cooked, reply_to_post_number=3, reply_to_user={"username": "ana"},
                    actions_summary=[{"id": 2, "count": 5}, {"id": 3}], reply_count=1,
                )
            )
        )
    ).posts.to_pylist()  # fmt: skip
    assert row == dict.fromkeys(POSTS.names) | {
        "origin": "forum.example", "native_id": "discourse:13/4", "network": "forum", "site": "forum.example",
        "url": "https://forum.example/t/vertiges/13/4", "text": "cité\nOui", "author": "zoe", "author_name": "Zoé",
        "published_at": datetime(2026, 10, 1, 8, tzinfo=UTC), "in_reply_to": "discourse:13/3",
        "quote_of": "discourse:13/2", "engaging_with": "ana", "media": ["https://forum.example/uploads/a.png"],
        "likes": 5, "replies": 1,
    }  # fmt: skip


def test_first_post_bears_the_title_and_the_others_answer_it() -> None:
    first, second = parse(page(topic(post(1), post(2)))).posts.to_pylist()
    assert (first["title"], first["views"], first["in_reply_to"]) == ("Vertiges & co", 9, None)
    assert (second["title"], second["in_reply_to"]) == (None, "discourse:13/1")


def test_deleted_broken_and_small_ones() -> None:
    parsed = parse(page(topic(post(1, user_deleted=True), {"id": "x"}, post(3, post_type=3, cooked=""), "no post")))
    assert parsed.posts["deleted"].to_pylist() == [True]
    assert [s.code for s in parsed.skipped] == ["discourse.post", "discourse.action", "discourse.post"]


@pytest.mark.parametrize("date", ["0001-01-01T00:00:00Z", "1970-01-01T00:00:00Z", "2999-01-01T00:00:00Z"])
def test_absurd_dates_are_given_as_said(date: str) -> None:
    assert parse(page(topic(post(created_at=date)))).posts["published_at"].to_pylist() == [datetime.fromisoformat(date)]


@pytest.mark.parametrize("body", [b'{"post_stream":' * 30_000, b"[]", b'{"errors":["no"]}', b"\xff\xfe", b"null"])
def test_hostile_bodies_are_refused_with_a_sentence(body: bytes) -> None:
    with pytest.raises(SkippableError) as refused:
        parse(page(body))
    assert refused.value.code == "discourse.answer"


def test_hostile_values_are_tamed() -> None:
    cooked = "<p>" + "a" * 200_000 + '</p><img src="http://[::1"><img src="javascript:x">'
    (row,) = parse(page(topic(post(cooked=cooked, reply_count=-5, username="z\0oe")))).posts.to_pylist()
    assert len(row["text"]) == 100_000 and row["replies"] is None and row["author"] == "zoe" and row["media"] == []


JSON = st.recursive(
    st.none() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(sorted(post())), inner, max_size=6),
    max_leaves=10,
)


@settings(max_examples=100, deadline=None)
@given(st.lists(JSON, max_size=3))
def test_no_json_crashes(posts: list[Any]) -> None:
    parsed = parse(page(topic(*posts)))
    assert parsed.posts.schema == POSTS and parsed.posts.num_rows + len(parsed.skipped) + parsed.repeated == len(posts)
