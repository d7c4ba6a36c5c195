"""Read Discourse forums: https://FORUM/latest, /c/SLUG/ID, /tag/NAME and /t/ID, as JSON."""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from vigie.collect.source import Counts, Fetch, Found, Page, Parsed, Place, Tried
from vigie.errors import FatalError
from vigie.platforms.discourse.client import (
    PER_CHUNK,
    Heads,
    Target,
    heads_of,
    log_in_of,
    posts_at,
    target_of,
    title_of,
    topic_at,
)
from vigie.platforms.discourse.parse import LIKE, native_id, parse
from vigie.platforms.discourse.settings import OPTIONS
from vigie.platforms.discourse.walk import walk
from vigie.schema import ids
from vigie.schema.vocab import Network


class DiscourseSource:
    """Topics and posts of a Discourse forum."""

    kind = "discourse"
    title = "Discourse"
    tried = Tried.DOUBLE
    options = OPTIONS

    def __repr__(self) -> str:
        return "DiscourseSource()"

    def discover(self, url: str, *, fetch: Fetch, now: datetime) -> Found | None:
        """Say whether the address is one of a Discourse forum."""
        target = target_of(url)
        title = title_of(target.base, fetch) if target else None
        if target is None or title is None:
            return None
        forum = title or ids.origin_of(target.base)
        shown = {"tag": f"#{target.name}", "category": target.name.split("/")[0], "topic": f"/t/{target.name}"}
        named = f"{forum} · {shown[target.kind]}" if target.kind in shown else forum
        return Found("discourse", target.address, named[:200], Network.FORUM.value, ("posts",))

    def pages(self, place: Place, cursor: str | None, *, fetch: Fetch, now: datetime) -> Iterator[Page]:
        """Give what was written since, topic by topic."""
        state: dict[str, Any] = json.loads(cursor) if cursor else {}
        yield from walk(_target(place), state, fetch, log_in_of(place), now)

    def parse(self, page: Page) -> Parsed:
        """Turn a page into posts."""
        return parse(page)

    def conversation(self, place: Place, native_id: str, *, fetch: Fetch, now: datetime) -> Iterator[Page]:
        """Give the whole topic of a post."""
        base, headers = _target(place).base, log_in_of(place)
        topic = native_id.removeprefix("discourse:").partition("/")[0]
        if not native_id.startswith("discourse:") or not topic.isdecimal():
            return
        answer = fetch(topic_at(base, topic), headers=headers)
        yield Page(answer.url, answer.body, answer.headers.get("content-type", ""), "posts", now, "")
        heads = heads_of(answer.body)
        shown = {post.id for post in heads.post_stream.posts} if heads else set()
        rest = [number for number in (heads.post_stream.stream if heads else []) if number not in shown]
        for at in range(0, len(rest), PER_CHUNK):
            more = fetch(posts_at(base, topic, rest[at : at + PER_CHUNK]), headers=headers)
            yield Page(more.url, more.body, more.headers.get("content-type", ""), "posts", now, "")

    def recounts(self, native_id: str) -> bool:
        """Say that every post has likes and replies."""
        return native_id.startswith("discourse:")

    def recount(self, place: Place, native_ids: Sequence[str], *, fetch: Fetch) -> Mapping[str, Counts]:
        """Read posts again, topic by topic; one that is missing from among its neighbours is gone."""
        base, headers = _target(place).base, log_in_of(place)
        wanted: dict[str, list[int]] = defaultdict(list)
        for one in native_ids:
            topic, _, number = one.removeprefix("discourse:").partition("/")
            if topic.isdecimal() and number.isdecimal():
                wanted[topic].append(int(number))
        found: dict[str, Counts] = {}
        for topic, numbers in wanted.items():
            while numbers:
                found |= _counts(base, topic, numbers, fetch, headers)
        return found


def _target(place: Place) -> Target:
    target = target_of(place.address)
    if target is None:
        raise FatalError("This is no address of a Discourse forum.", code="discourse.address")
    return target


def _counts(base: str, topic: str, numbers: list[int], fetch: Fetch, headers: Mapping[str, str]) -> dict[str, Counts]:
    """Read what stands around the first of some posts; take off the list all that this told of."""
    first = numbers[0]
    try:
        heads: Heads | None = heads_of(fetch(topic_at(base, topic, first), headers=headers).body)
    except FatalError as error:
        if error.code != "net.gone":
            raise
        gone = {native_id(topic, number): Counts(gone=True) for number in numbers}
        numbers.clear()
        return gone
    if heads is None:
        numbers.clear()
        return {}
    shown = {post.post_number: post for post in heads.post_stream.posts}
    told = {number: _told(shown.get(number), heads) for number in numbers if number in shown or number == first}
    numbers[:] = [number for number in numbers if number not in told]
    return {native_id(topic, number): counts for number, counts in told.items()}


def _told(post: Any, heads: Heads) -> Counts:
    if post is None:
        return Counts(gone=True)
    likes = sum(action.count for action in post.actions_summary if action.id == LIKE)
    return Counts(likes=likes, replies=post.reply_count, views=heads.views if post.post_number == 1 else None)


SOURCE = DiscourseSource()
