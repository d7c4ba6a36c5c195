"""Discourse's posts to ours, purely.

Source: docs.discourse.org, “Get a single topic” and “Get specific posts from a topic”, read 2026-11-25.

The native id names topic and number: a forum names by them what a post answers, and its feeds do the same.
"""

import re
from collections.abc import Sequence
from html import unescape
from typing import Any
from urllib.parse import urljoin

import msgspec

from vigie.collect.columns import (
    TEXT_MOST,
    UNREADABLE,
    clean,
    count,
    counts,
    given,
    instants,
    links,
    posts_of,
    read,
    said,
    unmarked,
)
from vigie.collect.source import Page, Parsed, Skipped
from vigie.errors import SkippableError
from vigie.schema import ids
from vigie.schema.vocab import Network
from vigie.text.html import text_of

LIKE = 2
"""Id of a like among the actions on a post (app/models/post_action_type.rb, read 2026-11-25)."""

SMALL_ACTION = 3
"""Type of what the forum itself says, such as that a topic was closed (app/models/post.rb, the same day)."""

_IMAGE = re.compile(r"<img\b[^>]*>", re.IGNORECASE)
_SOURCE = re.compile(r'\bsrc="([^"]+)"')
_ORNAMENT = re.compile(r'\bclass="[^"]*(?:emoji|avatar|site-icon|onebox)')
_QUOTE = re.compile(r'<aside class="quote\b[^>]*>')
_QUOTED = re.compile(r'data-(username|post|topic)="([^"]*)"')


class _Action(msgspec.Struct, gc=False):
    id: int = 0
    count: int = 0


class _User(msgspec.Struct, gc=False):
    username: str = ""


class _Post(msgspec.Struct, gc=False):
    id: int
    topic_id: int
    post_number: int
    username: str | None = None
    name: str | None = None
    created_at: str | None = None
    cooked: str | None = None
    post_type: int = 1
    reply_count: int | None = None
    reply_to_post_number: int | None = None
    reply_to_user: _User | None = None
    topic_slug: str | None = None
    actions_summary: list[_Action] = []
    user_deleted: bool = False
    deleted_at: str | None = None


class _Posts(msgspec.Struct):
    posts: list[_Post]


class _Topic(msgspec.Struct):
    """A topic of which every post can be read, as of nearly every one."""

    post_stream: _Posts
    title: str = ""
    views: int | None = None


class _RawPosts(msgspec.Struct):
    posts: list[msgspec.Raw]


class _RawTopic(msgspec.Struct):
    post_stream: _RawPosts
    title: str = ""
    views: int | None = None


_TOPIC, _RAW_TOPIC, _POST = map(msgspec.json.Decoder, (_Topic, _RawTopic, _Post))


def parse(page: Page) -> Parsed:
    """Turn a topic, or some of its posts, into posts.

    Raises:
        SkippableError: it is no topic.
    """
    topic, posts = _read(unmarked(page.body))
    skipped = [_skipped(number, post) for number, post in enumerate(posts, start=1) if _is_skipped(post)]
    kept = [post for post in given(posts) if not _is_skipped(post)]
    table, repeated = posts_of(_columns(kept, topic, page.url.split("/t/")[0]))
    return Parsed(table, tuple(skipped), repeated)


def _read(body: bytes) -> tuple[_Topic | _RawTopic, Sequence[_Post | None]]:
    """Return a topic and its posts, `None` for what can't be read.

    Raises:
        SkippableError: it is no topic.
    """
    topic = read(_TOPIC, body)
    if topic is not None:
        return topic, topic.post_stream.posts
    try:
        raw = _RAW_TOPIC.decode(body)
    except UNREADABLE as exc:
        raise SkippableError("The forum's answer is no topic.", code="discourse.answer") from exc
    return raw, [read(_POST, post) for post in raw.post_stream.posts]


def _is_skipped(post: _Post | None) -> bool:
    return post is None or (post.post_type == SMALL_ACTION and not post.cooked)


def _skipped(number: int, post: _Post | None) -> Skipped:
    if post is None:
        return Skipped(f"post {number}", "discourse.post", "The post can't be read.")
    return Skipped(f"post {number}", "discourse.action", "The forum says by it that a topic was closed, moved or the like.")  # fmt: skip


def _columns(posts: list[_Post], topic: _Topic | _RawTopic, base: str) -> dict[str, Any]:
    cooked = [post.cooked or "" for post in posts]
    quoted = [_quoted(html, post.topic_id) for html, post in zip(cooked, posts, strict=True)]
    title, views = clean(topic.title) or None, count(topic.views)
    return {
        **_places(posts, base), **_people(posts, quoted),
        "title": [title if post.post_number == 1 else None for post in posts],
        "text": [clean(text_of(html))[:TEXT_MOST] for html in cooked],
        "published_at": instants([post.created_at for post in posts]), "quote_of": [of for of, _ in quoted],
        "media": [_media(html, base) for html in cooked],
        "likes": counts([sum(a.count for a in post.actions_summary if a.id == LIKE) for post in posts]),
        "replies": counts([post.reply_count for post in posts]),
        "views": [views if post.post_number == 1 else None for post in posts],
        "deleted": [True if post.user_deleted or post.deleted_at else None for post in posts],
    }  # fmt: skip


def _places(posts: list[_Post], base: str) -> dict[str, Any]:
    return {
        "origin": ids.origin_of(base), "network": Network.FORUM.value,
        "native_id": [native_id(post.topic_id, post.post_number) for post in posts],
        "url": [f"{base}/t/{post.topic_slug or '-'}/{post.topic_id}/{post.post_number}" for post in posts],
        "in_reply_to": [_answered(post) for post in posts],
    }  # fmt: skip


def _people(posts: list[_Post], quoted: list[tuple[str | None, str | None]]) -> dict[str, Any]:
    answered = [_answered_author(post) for post in posts]
    return {
        "author": said([post.username for post in posts]),
        "author_name": said([post.name for post in posts]),
        "engaging_with": [author or by for author, (_, by) in zip(answered, quoted, strict=True)],
    }


def native_id(topic: int | str, number: int | str) -> str:
    """Return the id of a post within its forum."""
    return f"discourse:{topic}/{number}"


def _answered(post: _Post) -> str | None:
    """Return what a post answers; one that names no post answers the topic."""
    if post.reply_to_post_number:
        return native_id(post.topic_id, post.reply_to_post_number)
    return native_id(post.topic_id, 1) if post.post_number > 1 else None


def _answered_author(post: _Post) -> str | None:
    to = post.reply_to_user
    return clean(to.username) or None if to and post.reply_to_post_number else None


def _quoted(cooked: str, topic: int) -> tuple[str | None, str | None]:
    """Return the post that is quoted first, and its author."""
    found = _QUOTE.search(cooked)
    said = dict(_QUOTED.findall(found.group())) if found else {}
    if not said.get("post", "").isdecimal():
        return None, None
    return native_id(said.get("topic") or topic, said["post"]), unescape(said.get("username", "")) or None


def _media(cooked: str, base: str) -> list[str]:
    tags = _IMAGE.findall(cooked)
    if not tags:
        return []
    found = (_SOURCE.search(tag) for tag in tags if not _ORNAMENT.search(tag))
    return links(_joined(base, unescape(one.group(1))) for one in found if one)


def _joined(base: str, link: str) -> str:
    try:
        return urljoin(f"{base}/", link)
    except ValueError:
        return ""
