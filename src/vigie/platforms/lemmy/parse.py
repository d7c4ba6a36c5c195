"""Lemmy's posts and comments to ours, purely; votes for are likes.

Source: lemmy-js-client 0.19 (PostView, CommentView, PostAggregates, CommentAggregates), read 2026-11-25. Texts are
Markdown and stay as they were written.
"""

import re
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import msgspec
import pyarrow as pa

from vigie.collect.source import Counts, Page, Parsed, Skipped
from vigie.errors import SkippableError
from vigie.schema import ids
from vigie.schema.tables import POSTS
from vigie.schema.vocab import Network

TEXT_MOST = 100_000
"""Characters of a post's text: longer is a book, and is cut."""

COUNT_MOST = 2**53
"""Counts above it are none: JSON's numbers are exact up to there (RFC 8259 §6)."""

_PICTURE = re.compile(r"!\[[^\]\n]*\]\((https?://[^)\s]+)")
_MEDIA = re.compile(r"\.(?:jpe?g|png|gif|webp|avif|mp4|webm|mp3|ogg)$", re.IGNORECASE)

_UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""What hostile bytes raise."""


class _Person(msgspec.Struct):
    name: str = ""
    display_name: str | None = None
    actor_id: str = ""


class _Post(msgspec.Struct):
    id: int
    ap_id: str = ""
    name: str = ""
    body: str | None = None
    url: str | None = None
    thumbnail_url: str | None = None
    published: str | None = None
    deleted: bool = False
    removed: bool = False


class _Comment(msgspec.Struct):
    id: int
    ap_id: str = ""
    content: str = ""
    path: str = ""
    published: str | None = None
    deleted: bool = False
    removed: bool = False


class _Numbers(msgspec.Struct):
    upvotes: int | None = None
    comments: int | None = None
    child_count: int | None = None


class _PostView(msgspec.Struct):
    post: _Post
    creator: _Person = msgspec.field(default_factory=_Person)
    counts: _Numbers = msgspec.field(default_factory=_Numbers)


class _CommentView(msgspec.Struct):
    comment: _Comment
    post: _Post | None = None
    creator: _Person = msgspec.field(default_factory=_Person)
    counts: _Numbers = msgspec.field(default_factory=_Numbers)


Raws = list[msgspec.Raw]


class Answer(msgspec.Struct):
    """What any of the addresses that we ask answers."""

    posts: Raws | None = None
    comments: Raws | None = None
    post_view: msgspec.Raw = msgspec.Raw(b"")
    comment_view: msgspec.Raw = msgspec.Raw(b"")

    def items(self) -> list[tuple[str, msgspec.Raw]]:
        """Return posts, then comments."""
        posts = [*(self.posts or []), *([self.post_view] if bytes(self.post_view) else [])]
        comments = [*(self.comments or []), *([self.comment_view] if bytes(self.comment_view) else [])]
        return [("post", raw) for raw in posts] + [("comment", raw) for raw in comments]


def answer_of(body: bytes) -> Answer:
    """Read an answer.

    Raises:
        SkippableError: it holds neither posts nor comments.
    """
    try:
        found = msgspec.json.decode(body.removeprefix(b"\xef\xbb\xbf"), type=Answer)
    except _UNREADABLE as exc:
        raise SkippableError("The server's answer holds neither posts nor comments.", code="lemmy.answer") from exc
    if found.posts is None and found.comments is None and not found.items():
        raise SkippableError("The server's answer holds neither posts nor comments.", code="lemmy.answer")
    return found


def parse(page: Page) -> Parsed:
    """Turn a page into posts.

    Raises:
        SkippableError: it holds neither posts nor comments.
    """
    items = answer_of(page.body).items()
    views = [(kind, _view(kind, raw)) for kind, raw in items]
    base = "{0.scheme}://{0.netloc}".format(urlsplit(page.url))
    known = {view.comment.id: view.comment.ap_id for _, view in views if isinstance(view, _CommentView)}
    authors = {view.comment.id: _handle(view.creator) for _, view in views if isinstance(view, _CommentView)}
    rows: dict[tuple[str, str], dict[str, Any]] = {}
    skipped = []
    for number, (kind, view) in enumerate(views, start=1):
        if view is None:
            skipped.append(Skipped(f"{kind} {number}", "lemmy.item", "The item can't be read."))
            continue
        row = _post(view, base) if isinstance(view, _PostView) else _comment(view, base, known, authors)
        rows[row["origin"], row["native_id"]] = row
    table = pa.Table.from_pylist(list(rows.values()), schema=POSTS)
    return Parsed(table, tuple(skipped), len(items) - len(skipped) - len(rows))


def _view(kind: str, raw: msgspec.Raw) -> _PostView | _CommentView | None:
    try:
        return (
            msgspec.json.decode(raw, type=_PostView) if kind == "post" else msgspec.json.decode(raw, type=_CommentView)
        )
    except _UNREADABLE:
        return None


def _post(view: _PostView, base: str) -> dict[str, Any]:
    post, link = view.post, _clean(view.post.url)
    is_media = bool(_MEDIA.search(urlsplit_path(link)))
    body = _clean(post.body)
    # What a post links to is what it speaks of: it can be searched for.
    text = "\n".join(part for part in (body, "" if is_media else link) if part)
    media = [link if is_media else "", _clean(post.thumbnail_url), *_PICTURE.findall(body)]
    return {
        **_common(post.ap_id or f"{base}/post/{post.id}", view.creator, post.published, post.deleted or post.removed),
        "title": _clean(post.name) or None, "text": text[:TEXT_MOST], "media": _links(media),
        "likes": _count(view.counts.upvotes), "replies": _count(view.counts.comments),
    }  # fmt: skip


def _comment(view: _CommentView, base: str, known: dict[int, str], authors: dict[int, str | None]) -> dict[str, Any]:
    comment, content = view.comment, _clean(view.comment.content)
    gone = comment.deleted or comment.removed
    parent = _parent(comment)
    to_post = (view.post.ap_id or f"{base}/post/{view.post.id}") if view.post else None
    # A parent that is not on the page is named by its address here, which is its own when it was written here.
    answered = (known.get(parent) or f"{base}/comment/{parent}") if parent else to_post
    return {
        **_common(comment.ap_id or f"{base}/comment/{comment.id}", view.creator, comment.published, gone),
        "text": content[:TEXT_MOST], "in_reply_to": answered, "engaging_with": authors.get(parent),
        "media": _links(_PICTURE.findall(content)), "likes": _count(view.counts.upvotes),
        "replies": _count(view.counts.child_count),
    }  # fmt: skip


def _parent(comment: _Comment) -> int:
    """Return the id of the comment that one answers, by its path such as `0.12.15`; 0 for the post itself."""
    steps = comment.path.split(".")
    return int(steps[-2]) if len(steps) > 2 and steps[-2].isdecimal() and len(steps[-2]) < 19 else 0  # noqa: PLR2004 -- root and itself; 64 bits


def _common(address: str, creator: _Person, published: str | None, gone: bool) -> dict[str, Any]:
    origin = ids.origin_of(address) or "lemmy"
    return {
        "origin": origin, "native_id": _clean(address), "network": Network.LEMMY.value, "site": origin,
        "url": _clean(address), "author": _handle(creator), "author_name": _clean(creator.display_name) or None,
        "published_at": _instant(published), "deleted": True if gone else None,
    }  # fmt: skip


def _handle(person: _Person) -> str | None:
    name, host = _clean(person.name), ids.origin_of(person.actor_id) if "://" in person.actor_id else ""
    return f"{name}@{host}" if name and host else name or None


def urlsplit_path(link: str) -> str:
    """Return the path of a link; nothing of one that is none."""
    try:
        return urlsplit(link).path
    except ValueError:
        return ""


def _links(given: list[str]) -> list[str]:
    return [link for link in dict.fromkeys(given) if link.startswith(("https://", "http://"))][:20]


def _clean(text: str | None) -> str:
    """Leave out what no database keeps as text."""
    return (text or "").replace("\0", "").strip()


def _count(number: int | None) -> int | None:
    return number if number is not None and 0 <= number < COUNT_MOST else None


def _instant(text: str | None) -> datetime | None:
    """Read a date; before version 0.19 they are UTC without saying so."""
    try:
        found = datetime.fromisoformat(text) if text else None
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC) if found else None
    except (ValueError, OverflowError):
        return None


def counts_of(body: bytes) -> Counts | None:
    """Return the counts of one post or comment; `None` when the answer is none."""
    try:
        items = answer_of(body).items()
    except SkippableError:
        return None
    view = _view(*items[0]) if items else None
    if view is None:
        return None
    thing = view.post if isinstance(view, _PostView) else view.comment
    numbers = view.counts
    replies = numbers.comments if isinstance(view, _PostView) else numbers.child_count
    return Counts(likes=_count(numbers.upvotes), replies=_count(replies), gone=thing.deleted or thing.removed)
