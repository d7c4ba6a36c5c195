"""Discourse's posts to ours, purely.

Source: docs.discourse.org, “Get a single topic” and “Get specific posts from a topic”, read 2026-11-25.

The native id names topic and number: a forum names by them what a post answers, and its feeds do the same.
"""

import re
from datetime import UTC, datetime
from html import unescape
from typing import Any
from urllib.parse import urljoin

import msgspec
import pyarrow as pa

from vigie.collect.source import Page, Parsed, Skipped
from vigie.errors import SkippableError
from vigie.schema import ids
from vigie.schema.tables import POSTS
from vigie.schema.vocab import Network
from vigie.text.html import text_of

TEXT_MOST = 100_000
"""Characters of a post's text: longer is a book, and is cut."""

COUNT_MOST = 2**53
"""Counts above it are none: JSON's numbers are exact up to there (RFC 8259 §6)."""

LIKE = 2
"""Id of a like among the actions on a post (app/models/post_action_type.rb, read 2026-11-25)."""

SMALL_ACTION = 3
"""Type of what the forum itself says, such as that a topic was closed (app/models/post.rb, the same day)."""

_IMAGE = re.compile(r"<img\b[^>]*>", re.IGNORECASE)
_SOURCE = re.compile(r'\bsrc="([^"]+)"')
_ORNAMENT = re.compile(r'\bclass="[^"]*(?:emoji|avatar|site-icon|onebox)')
_QUOTE = re.compile(r'<aside class="quote\b[^>]*>')
_QUOTED = re.compile(r'data-(username|post|topic)="([^"]*)"')

_UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""What hostile bytes raise."""


class _Action(msgspec.Struct):
    id: int = 0
    count: int = 0


class _User(msgspec.Struct):
    username: str = ""


class _Post(msgspec.Struct):
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


class _Stream(msgspec.Struct):
    posts: list[msgspec.Raw]


class _Topic(msgspec.Struct):
    post_stream: _Stream
    title: str = ""
    views: int | None = None


def parse(page: Page) -> Parsed:
    """Turn a topic, or some of its posts, into posts.

    Raises:
        SkippableError: it is no topic.
    """
    try:
        topic = msgspec.json.decode(page.body.removeprefix(b"\xef\xbb\xbf"), type=_Topic)
    except _UNREADABLE as exc:
        raise SkippableError("The forum's answer is no topic.", code="discourse.answer") from exc
    base = page.url.split("/t/")[0]
    rows: dict[str, dict[str, Any]] = {}
    skipped = []
    for number, raw in enumerate(topic.post_stream.posts, start=1):
        post = _post(raw)
        if post is None:
            skipped.append(Skipped(f"post {number}", "discourse.post", "The post can't be read."))
        elif post.post_type == SMALL_ACTION and not post.cooked:
            skipped.append(Skipped(f"post {number}", "discourse.action", "The forum says by it that a topic was closed, moved or the like."))  # fmt: skip
        else:
            row = _row(post, topic, base)
            rows[row["native_id"]] = row
    repeated = len(topic.post_stream.posts) - len(skipped) - len(rows)
    return Parsed(pa.Table.from_pylist(list(rows.values()), schema=POSTS), tuple(skipped), repeated)


def _post(raw: msgspec.Raw) -> _Post | None:
    try:
        return msgspec.json.decode(raw, type=_Post)
    except _UNREADABLE:
        return None


def _row(post: _Post, topic: _Topic, base: str) -> dict[str, Any]:
    cooked, origin = post.cooked or "", ids.origin_of(base)
    quote_of, quoted = _quoted(cooked, post.topic_id)
    answered, answers = _answered(post)
    first = post.post_number == 1
    return {
        "origin": origin, "native_id": native_id(post.topic_id, post.post_number), "network": Network.FORUM.value,
        "site": origin, "url": f"{base}/t/{post.topic_slug or '-'}/{post.topic_id}/{post.post_number}",
        "title": _clean(topic.title) or None if first else None, "text": _clean(text_of(cooked))[:TEXT_MOST],
        "author": _clean(post.username) or None, "author_name": _clean(post.name) or None,
        "published_at": _instant(post.created_at), "in_reply_to": answered, "quote_of": quote_of,
        "engaging_with": answers or quoted, "media": _media(cooked, base),
        "likes": _count(sum(a.count for a in post.actions_summary if a.id == LIKE)),
        "replies": _count(post.reply_count), "views": _count(topic.views) if first else None,
        "deleted": True if post.user_deleted or post.deleted_at else None,
    }  # fmt: skip


def native_id(topic: int | str, number: int | str) -> str:
    """Return the id of a post within its forum."""
    return f"discourse:{topic}/{number}"


def _answered(post: _Post) -> tuple[str | None, str | None]:
    """Return what a post answers and whom; one that names no post answers the topic."""
    if post.reply_to_post_number:
        return native_id(post.topic_id, post.reply_to_post_number), (
            _clean(post.reply_to_user.username) or None if post.reply_to_user else None
        )
    return (native_id(post.topic_id, 1), None) if post.post_number > 1 else (None, None)


def _quoted(cooked: str, topic: int) -> tuple[str | None, str | None]:
    """Return the post that is quoted first, and its author."""
    found = _QUOTE.search(cooked)
    said = dict(_QUOTED.findall(found.group())) if found else {}
    if not said.get("post", "").isdecimal():
        return None, None
    return native_id(said.get("topic") or topic, said["post"]), unescape(said.get("username", "")) or None


def _media(cooked: str, base: str) -> list[str]:
    found = (_SOURCE.search(tag) for tag in _IMAGE.findall(cooked) if not _ORNAMENT.search(tag))
    links = (_joined(base, unescape(one.group(1))) for one in found if one)
    return [link for link in dict.fromkeys(links) if link.startswith(("https://", "http://"))][:20]


def _joined(base: str, link: str) -> str:
    try:
        return urljoin(f"{base}/", link)
    except ValueError:
        return ""


def _clean(text: str | None) -> str:
    """Leave out what no database keeps as text."""
    return (text or "").replace("\0", "").strip()


def _count(number: int | None) -> int | None:
    return number if number is not None and 0 <= number < COUNT_MOST else None


def _instant(text: str | None) -> datetime | None:
    try:
        found = datetime.fromisoformat(text) if text else None
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC) if found else None
    except (ValueError, OverflowError):
        return None
