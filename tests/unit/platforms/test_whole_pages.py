"""A page that is read whole holds what its items hold, each read by itself: the short way is the long one."""

import copy
import importlib
import json
from typing import Any
from unittest.mock import patch

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.reading import NOW

from vigie.collect.source import Page, Parsed
from vigie.errors import SkippableError

AT, PEOPLE = "2026-10-01T08:00:00.5Z", {"name": "zoe", "host": "p.example", "actor_id": "https://b.example/u/zoe"}


class Never(msgspec.Struct):
    """No page is this."""

    never_given: int


def lemmy(n: int) -> dict[str, Any]:
    return {
        "post": {"id": n, "name": "T", "published": AT, "ap_id": f"https://l.example/post/{n}"}, "creator": PEOPLE,
        "comment": {"id": n, "content": "oui", "path": f"0.1.{n}", "published": AT}, "counts": {"upvotes": n},
    }  # fmt: skip


def video(n: int) -> dict[str, Any]:
    return {"uuid": f"u{n}", "name": "T", "description": "<b>x</b>", "publishedAt": AT, "views": n, "account": PEOPLE}


def comment(n: int) -> dict[str, Any]:
    return {"id": n, "text": "<p>oui</p>", "inReplyToCommentId": n - 1, "createdAt": AT, "account": PEOPLE}


def discourse(n: int) -> dict[str, Any]:
    return {"id": n, "topic_id": 7, "post_number": n, "username": "zoe", "created_at": AT, "cooked": f"<p>{n}</p>", "reply_count": n}  # fmt: skip


PAGES = {
    "lemmy": ("lemmy", ["_WHOLE"], "posts", {"posts": [lemmy(1), lemmy(2)], "comments": [lemmy(2), lemmy(3)]}),
    "videos": ("peertube", ["_VIDEOS"], "videos", {"data": [video(1), video(2)]}),
    "comments": ("peertube", ["_COMMENTS"], "threads", {"data": [comment(1), comment(2)]}),
    "discourse": ("discourse", ["_TOPIC"], "topic", {"title": "T", "post_stream": {"posts": [discourse(1), discourse(2)]}}),
}  # fmt: skip
VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.text(max_size=4), st.just([]), st.just({}), st.sampled_from([1e400, 2**63, "\0 ", "x\0"])
)  # fmt: skip
LETTERS = st.tuples(st.integers(0, 10_000), st.sampled_from([b"", b'"', b"{", b"]", b"\xff", b"\\ud800", b"NaN", b'"id":9,', b"\\u0000"]))  # fmt: skip


def _places(value: Any) -> list[tuple[Any, Any]]:
    """Return the holder and the key of every value within one."""
    inner = list(value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ())
    return [(value, key) for key, _ in inner] + [place for _, one in inner for place in _places(one)]


def _parsed(kind: str, page: Page) -> Parsed | tuple[str, str]:
    try:
        return importlib.import_module(f"vigie.platforms.{kind}.parse").parse(page)  # type: ignore[no-any-return]
    except SkippableError as exc:
        return exc.code, exc.sentence


@pytest.mark.parametrize("what", PAGES)
@settings(max_examples=150, deadline=None)
@given(
    changes=st.lists(st.tuples(st.integers(0, 10_000), VALUES), max_size=3),
    damage=st.lists(LETTERS, max_size=1),
)
def test_read_whole_or_one_by_one_is_the_same(what: str, changes: list[tuple[int, Any]], damage: list[Any]) -> None:
    kind, decoders, part, value = PAGES[what]
    value = copy.deepcopy(value)
    for at, other in changes:
        places = _places(value)
        holder, key = places[at % len(places)]
        holder[key] = other
    body = json.dumps(value).encode()
    for at, letters in damage:
        body = body[: at % len(body)] + letters + body[at % len(body) + 1 :]
    page = Page("https://s.example/t/7", body, "application/json", part, NOW, "")
    whole = _parsed(kind, page)
    with patch.multiple(f"vigie.platforms.{kind}.parse", **dict.fromkeys(decoders, msgspec.json.Decoder(Never))):
        assert _parsed(kind, page) == whole
