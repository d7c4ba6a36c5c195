"""PeerTube's videos and comments to posts, purely.

Source: docs.joinpeertube.org/api-rest-reference.html (models Video, VideoDetails, VideoComment, VideoCommentThreadTree),
read 2026-11-25.

Lists cut a description at 250 characters: such a video is left to the page of its own that `walk` asks for. A comment
does not name its video, so the video's address stands behind the `#` of its page's.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urljoin, urlsplit

import msgspec
import pyarrow as pa

from vigie.collect.source import Counts, Page, Parsed, Skipped
from vigie.errors import SkippableError
from vigie.schema import ids
from vigie.schema.tables import POSTS
from vigie.schema.vocab import Network
from vigie.text.html import text_of

TEXT_MOST = 100_000
"""Characters of a post's text: longer is a book, and is cut."""

COUNT_MOST = 2**53
"""Counts above it are none: JSON's numbers are exact up to there (RFC 8259 §6)."""

CUT_FROM = 200
"""Characters from which a description that ends with dots was cut: at 250, back to the end of a word."""

_UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""What hostile bytes raise."""


class _Actor(msgspec.Struct, rename="camel"):
    name: str = ""
    display_name: str = ""
    host: str = ""
    followers_count: int | None = None


class _Language(msgspec.Struct):
    id: str | None = None


class Video(msgspec.Struct, rename="camel"):
    """A video, in a list or by itself."""

    uuid: str
    url: str = ""
    name: str = ""
    description: str | None = None
    truncated_description: str | None = None
    published_at: str | None = None
    updated_at: str | None = None
    language: _Language | None = None
    thumbnail_path: str | None = None
    thumbnail_url: str | None = None
    views: int | None = None
    likes: int | None = None
    comments: int | None = None
    account: _Actor = msgspec.field(default_factory=_Actor)

    @property
    def text(self) -> str:
        """Return the description, cut or not."""
        return self.description or self.truncated_description or ""

    @property
    def is_cut(self) -> bool:
        """Say whether the description is the beginning of a longer one."""
        return len(self.text) >= CUT_FROM and self.text.endswith(("...", "…"))


class _Comment(msgspec.Struct, rename="camel"):
    id: int
    url: str = ""
    text: str | None = None
    in_reply_to_comment_id: int | None = None
    created_at: str | None = None
    is_deleted: bool = False
    total_replies: int | None = None
    account: _Actor | None = None


class _List(msgspec.Struct):
    data: list[msgspec.Raw]


class _Tree(msgspec.Struct):
    comment: msgspec.Raw
    children: "list[_Tree]" = []


def parse(page: Page) -> Parsed:
    """Turn a page into posts.

    Raises:
        SkippableError: it is none of a server's answers.
    """
    try:
        raws = list(_raws(page))
    except _UNREADABLE as exc:
        raise SkippableError("The server's answer holds neither videos nor comments.", code="peertube.answer") from exc
    url, _, video = page.url.partition("#")
    kind: type[Video] | type[_Comment] = _Comment if page.part in ("threads", "thread") else Video
    items = [_read(raw, kind) for raw in raws]
    comments = {item.id: item for item in items if isinstance(item, _Comment)}
    rows: dict[tuple[str, str], dict[str, Any]] = {}
    skipped, left = [], 0
    for number, item in enumerate(items, start=1):
        if item is None:
            skipped.append(Skipped(f"item {number}", "peertube.item", "The item can't be read."))
        elif isinstance(item, Video) and page.part == "videos" and item.is_cut:
            left += 1
        else:
            row = _video(item, url) if isinstance(item, Video) else _comment(item, video or url, comments)
            rows[row["origin"], row["native_id"]] = row
    table = pa.Table.from_pylist(list(rows.values()), schema=POSTS)
    return Parsed(table, tuple(skipped), len(items) - left - len(skipped) - len(rows))


def _raws(page: Page) -> Iterator[msgspec.Raw]:
    body = page.body.removeprefix(b"\xef\xbb\xbf")
    if page.part == "video":
        yield msgspec.Raw(body)
    elif page.part == "thread":
        # A tree as deep as people argue, walked without recursion of ours.
        open_ones = [msgspec.json.decode(body, type=_Tree)]
        while open_ones:
            tree = open_ones.pop()
            yield tree.comment
            open_ones += reversed(tree.children)
    else:
        yield from msgspec.json.decode(body, type=_List).data


def _read(raw: msgspec.Raw, kind: type[Video] | type[_Comment]) -> Video | _Comment | None:
    try:
        return msgspec.json.decode(raw, type=kind)
    except _UNREADABLE:
        return None


def _video(video: Video, url: str) -> dict[str, Any]:
    base = "{0.scheme}://{0.netloc}".format(urlsplit(url))
    picture = _clean(video.thumbnail_url) or _joined(base, _clean(video.thumbnail_path))
    return {
        **_common(address_of(video, base), video.account, video.published_at),
        "title": _clean(video.name) or None, "text": _clean(text_of(video.text))[:TEXT_MOST],
        "lang_claimed": _clean(video.language.id if video.language else "")[:35] or None,
        "media": [picture] if picture.startswith(("https://", "http://")) else [],
        "likes": _count(video.likes), "replies": _count(video.comments), "views": _count(video.views),
    }  # fmt: skip


def address_of(video: Video, base: str) -> str:
    """Return the ActivityPub address of a video."""
    host = video.account.host
    home = f"{urlsplit(base).scheme}://{host}" if host and "/" not in host else base
    return _clean(video.url) or f"{home}/videos/watch/{_clean(video.uuid)}"


def _comment(comment: _Comment, video: str, comments: dict[int, _Comment]) -> dict[str, Any]:
    parent = comments.get(comment.in_reply_to_comment_id or -1)
    answered = _address(parent, video) if parent else video
    if comment.in_reply_to_comment_id is not None and parent is None:
        answered = f"{video}/comments/{comment.in_reply_to_comment_id}"
    return {
        **_common(_address(comment, video), comment.account or _Actor(), comment.created_at),
        "text": _clean(text_of(comment.text or ""))[:TEXT_MOST], "in_reply_to": answered, "media": [],
        "engaging_with": _handle(parent.account) if parent and parent.account else None,
        "replies": _count(comment.total_replies), "deleted": True if comment.is_deleted else None,
    }  # fmt: skip


def _address(comment: _Comment, video: str) -> str:
    return _clean(comment.url) or f"{video}/comments/{comment.id}"


def _common(address: str, by: _Actor, at: str | None) -> dict[str, Any]:
    origin = (ids.origin_of(address) if "://" in address else "") or "peertube"
    return {
        "origin": origin, "native_id": address, "network": Network.PEERTUBE.value, "site": origin, "url": address,
        "author": _handle(by), "author_name": _clean(by.display_name) or None,
        "followers": _count(by.followers_count), "published_at": _instant(at),
    }  # fmt: skip


def _handle(by: _Actor) -> str | None:
    name, host = _clean(by.name), _clean(by.host)
    return f"{name}@{host}" if name and host else name or None


def _joined(base: str, path: str) -> str:
    try:
        return urljoin(f"{base}/", path) if path else ""
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


class _Either(msgspec.Struct):
    data: list[msgspec.Raw] | None = None
    uuid: str | None = None


def videos_of(body: bytes) -> list[Video] | None:
    """Return the videos of a list, or the one of its own page; `None` when the answer is neither."""
    try:
        either = msgspec.json.decode(body, type=_Either)
        if either.data is None:
            return [msgspec.json.decode(body, type=Video)] if either.uuid else None
    except _UNREADABLE:
        return None
    found = (_read(raw, Video) for raw in either.data)
    return [video for video in found if isinstance(video, Video)]


class _Head(msgspec.Struct, rename="camel"):
    id: int
    total_replies: int | None = None


class _Heads(msgspec.Struct):
    data: list[_Head]


def answered_of(body: bytes) -> tuple[int, list[int]] | None:
    """Return how many comments a page of them holds, and those that have answers; `None` when it is no such page."""
    try:
        heads = msgspec.json.decode(body, type=_Heads).data
    except _UNREADABLE:
        return None
    return len(heads), [head.id for head in heads if head.total_replies]


def counts_of(body: bytes) -> Counts | None:
    """Return the counts of one video; `None` when the answer is none."""
    videos = videos_of(body)
    if not videos:
        return None
    return Counts(likes=_count(videos[0].likes), replies=_count(videos[0].comments), views=_count(videos[0].views))
