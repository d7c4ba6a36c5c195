"""Walk the topics that were written to since the last read, and of each the posts that are new.

The cursor holds `since`, the forum's own time up to which all topics were read, and `post`, the highest id of a post
written before that time: ids grow over the whole forum, so a higher one is new wherever it stands. While a walk is
under way it also holds the topics still to be read, and of the present one the posts; a topic leaves the list with its
last page, so whatever is broken off is read again.
"""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from vigie.collect.source import Fetch, Page, Response
from vigie.errors import FatalError
from vigie.platforms.discourse.client import PER_CHUNK, Heads, Target, Topic, heads_of, posts_at, topic_at, topics_of

LIST_PAGES = 10
"""Pages of topics of one walk: 300 topics; what a first read leaves aside is older."""

MAX_PAGES = 200
"""Pages of one read: 4,000 posts; the next read goes on."""


def walk(
    target: Target, state: dict[str, Any], fetch: Fetch, headers: Mapping[str, str], now: datetime
) -> Iterator[Page]:
    """Give the pages of what is new; `state` at a page's moment is that page's cursor."""
    given = 0
    was_open = bool(state.get("todo"))
    for _ in range(2 if was_open else 1):
        if not state.get("todo"):
            _begin(target, state, fetch, headers)
        while state["todo"] and given < MAX_PAGES:
            try:
                for page in _topic(target.base, state, fetch, headers, now):
                    given += 1
                    yield page
            except FatalError as error:
                # One topic was deleted or hidden meanwhile; the forum is still there.
                if target.kind == "topic" or error.code not in ("net.gone", "net.refused"):
                    raise
                _leave(state)
        if state["todo"]:
            return
        _end(state)


def _begin(target: Target, state: dict[str, Any], fetch: Fetch, headers: Mapping[str, str]) -> None:
    """Note which topics are to be read, the one that was written to longest ago first."""
    if target.kind == "topic":
        state["todo"] = [int(target.name)]
        return
    found: dict[int, Topic] = {}
    since, edge = str(state.get("since", "")), dict(state.get("edge", []))
    for number in range(LIST_PAGES):
        topics = topics_of(fetch(target.listing(number), headers=headers).body)
        if topics is None:
            raise FatalError("The forum's answer is no list of topics.", code="discourse.list")
        found |= {topic.id: topic for topic in topics if topic.id not in found}
        # Pinned topics stand first whatever their date.
        if not topics or (topics[-1].bumped_at or "") < since:
            break
    top = max((topic.bumped_at or "" for topic in found.values()), default=since)
    fresh = [t for t in found.values() if (t.bumped_at or "") >= since and edge.get(t.id) != t.highest_post_number]
    state["todo"] = [topic.id for topic in sorted(fresh, key=lambda t: t.bumped_at or "")]
    state["top"] = top
    state["next_edge"] = [[t.id, t.highest_post_number] for t in found.values() if t.bumped_at == top]


def _end(state: dict[str, Any]) -> None:
    state["since"] = max(str(state.pop("top", "")) or str(state.pop("latest", "")), str(state.get("since", "")))
    state.pop("latest", None)
    state["post"] = max(int(state.pop("highest", 0)), int(state.get("post", 0)))
    state["edge"] = state.pop("next_edge", [])
    state.pop("todo", None)


def _topic(base: str, state: dict[str, Any], fetch: Fetch, headers: Mapping[str, str], now: datetime) -> Iterator[Page]:
    """Give the pages of the first topic of the list, then take it off."""
    topic = state["todo"][0]
    if "rest" not in state:
        answer = fetch(topic_at(base, topic), headers=headers)
        heads = heads_of(answer.body)
        shown = {post.id for post in heads.post_stream.posts} if heads else set()
        state["rest"] = [
            n for n in (heads.post_stream.stream if heads else []) if n not in shown and n > state.get("post", 0)
        ]
        yield from _given(answer, heads, state, now)
    while state.get("rest"):
        answer = fetch(posts_at(base, topic, state["rest"][:PER_CHUNK]), headers=headers)
        state["rest"] = state["rest"][PER_CHUNK:]
        yield from _given(answer, heads_of(answer.body), state, now)
    if "rest" in state:
        _leave(state)


def _leave(state: dict[str, Any]) -> None:
    state["todo"] = state["todo"][1:]
    state.pop("rest", None)


def _given(answer: Response, heads: Heads | None, state: dict[str, Any], now: datetime) -> Iterator[Page]:
    """Give a page that holds something new; one that can't be read is given for the parser to say so."""
    _note(heads, state)
    if not state["rest"]:
        _leave(state)
    if heads is None or _is_new(heads, state):
        media = answer.headers.get("content-type", "")
        yield Page(answer.url, answer.body, media, "posts", now, json.dumps(_saved(state)))


def _saved(state: dict[str, Any]) -> dict[str, Any]:
    """Return what to save: with the last page of a walk, the walk is over."""
    if state["todo"]:
        return state
    over = dict(state)
    _end(over)
    return over


def _note(heads: Heads | None, state: dict[str, Any]) -> None:
    """Note the highest id among posts written before the walk began: later ones may stand in topics read already."""
    posts, top = heads.post_stream.posts if heads else [], str(state.get("top", "9999"))
    state["highest"] = max([int(state.get("highest", 0)), *(p.id for p in posts if (p.created_at or "9999") <= top)])
    state["latest"] = max([str(state.get("latest", "")), *(p.updated_at or "" for p in posts)])


def _is_new(heads: Heads, state: dict[str, Any]) -> bool:
    known, since = int(state.get("post", 0)), str(state.get("since", ""))
    return any(post.id > known or (since and (post.updated_at or "") > since) for post in heads.post_stream.posts)
