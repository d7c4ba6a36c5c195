"""Lemmy's posts and comments to ours, purely; votes for are likes.

Source: lemmy-js-client 0.19 (PostView, CommentView, PostAggregates, CommentAggregates), read 2026-11-25. Texts are
Markdown and stay as they were written.
"""

import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

import msgspec

from vigie.collect.columns import (
    TEXT_MOST,
    UNREADABLE,
    cleaned,
    count,
    counts,
    given,
    instants,
    links,
    origins,
    posts_of,
    read,
    said,
    unmarked,
)
from vigie.collect.source import Counts, Page, Parsed, Skipped
from vigie.errors import SkippableError
from vigie.schema.vocab import Network

_PICTURE = re.compile(r"!\[[^\]\n]*\]\((https?://[^)\s]+)")
_MEDIA = re.compile(r"\.(?:jpe?g|png|gif|webp|avif|mp4|webm|mp3|ogg)$", re.IGNORECASE)


class _Person(msgspec.Struct, gc=False):
    name: str = ""
    display_name: str | None = None
    actor_id: str = ""


class _Post(msgspec.Struct, gc=False):
    id: int
    ap_id: str = ""
    name: str = ""
    body: str | None = None
    url: str | None = None
    thumbnail_url: str | None = None
    published: str | None = None
    deleted: bool = False
    removed: bool = False


class _Comment(msgspec.Struct, gc=False):
    id: int
    ap_id: str = ""
    content: str = ""
    path: str = ""
    published: str | None = None
    deleted: bool = False
    removed: bool = False


class _Numbers(msgspec.Struct, gc=False):
    upvotes: int | None = None
    comments: int | None = None
    child_count: int | None = None


class _PostView(msgspec.Struct, gc=False):
    post: _Post
    creator: _Person = msgspec.field(default_factory=_Person)
    counts: _Numbers = msgspec.field(default_factory=_Numbers)


class _CommentView(msgspec.Struct, gc=False):
    comment: _Comment
    post: _Post | None = None
    creator: _Person = msgspec.field(default_factory=_Person)
    counts: _Numbers = msgspec.field(default_factory=_Numbers)


class _Whole(msgspec.Struct):
    """A page of which every item can be read, as of nearly every page."""

    posts: list[_PostView] | None = None
    comments: list[_CommentView] | None = None
    post_view: _PostView | msgspec.UnsetType = msgspec.UNSET
    comment_view: _CommentView | msgspec.UnsetType = msgspec.UNSET


_WHOLE = msgspec.json.Decoder(_Whole)
_POST = msgspec.json.Decoder(_PostView)
_COMMENT = msgspec.json.Decoder(_CommentView)

Posts = list[_PostView | None]
Comments = list[_CommentView | None]

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
        found = msgspec.json.decode(unmarked(body), type=Answer)
    except UNREADABLE as exc:
        raise SkippableError("The server's answer holds neither posts nor comments.", code="lemmy.answer") from exc
    if found.posts is None and found.comments is None and not found.items():
        raise SkippableError("The server's answer holds neither posts nor comments.", code="lemmy.answer")
    return found


def parse(page: Page) -> Parsed:
    """Turn a page into posts.

    Raises:
        SkippableError: it holds neither posts nor comments.
    """
    posts, comments = _views(page.body)
    base = "{0.scheme}://{0.netloc}".format(urlsplit(page.url))
    read_posts, read_comments = given(posts), given(comments)
    parts = [_posts(read_posts, base)] if read_posts else []
    parts += [_comments(read_comments, base)] if read_comments else []
    table, repeated = posts_of(*parts)
    is_whole = len(read_posts) + len(read_comments) == len(posts) + len(comments)
    return Parsed(table, () if is_whole else tuple(_skipped(posts, comments)), repeated)


def _views(body: bytes) -> tuple[Posts, Comments]:
    """Return what a page shows, `None` for what can't be read.

    Raises:
        SkippableError: it holds neither posts nor comments.
    """
    whole = read(_WHOLE, unmarked(body))
    if whole is not None and (whole.posts is not None or whole.comments is not None):
        posts: Posts = [*(whole.posts or ()), *([whole.post_view] if whole.post_view else [])]
        return posts, [*(whole.comments or ()), *([whole.comment_view] if whole.comment_view else [])]
    items = answer_of(body).items()
    return (
        [read(_POST, raw) for kind, raw in items if kind == "post"],
        [read(_COMMENT, raw) for kind, raw in items if kind == "comment"],
    )


def _skipped(posts: Posts, comments: Comments) -> list[Skipped]:
    items = [*(("post", view) for view in posts), *(("comment", view) for view in comments)]
    return [
        Skipped(f"{kind} {number}", "lemmy.item", "The item can't be read.")
        for number, (kind, view) in enumerate(items, start=1)
        if view is None
    ]


def _posts(views: list[_PostView], base: str) -> dict[str, Any]:
    posts = [view.post for view in views]
    bodies, targets = cleaned([post.body for post in posts]), cleaned([post.url for post in posts])
    pictured = [link if link and _MEDIA.search(urlsplit_path(link)) else "" for link in targets]
    # What a post links to is what it speaks of: it can be searched for.
    spoken = ["" if picture else link for link, picture in zip(targets, pictured, strict=True)]
    thumbnails = cleaned([post.thumbnail_url for post in posts])
    shown = [pair if pair[0] or pair[1] else () for pair in zip(pictured, thumbnails, strict=True)]
    creators = [view.creator for view in views]
    return {
        **_common([post.ap_id or f"{base}/post/{post.id}" for post in posts], posts),
        **_named(creators, _handles(creators)),
        "title": said([post.name for post in posts]), "text": [_text(body, link) if link else body[:TEXT_MOST] for body, link in zip(bodies, spoken, strict=True)],
        "media": _media(bodies, shown),
        "likes": counts([view.counts.upvotes for view in views]),
        "replies": counts([view.counts.comments for view in views]),
    }  # fmt: skip


def _text(body: str, link: str) -> str:
    return (f"{body}\n{link}" if body else link)[:TEXT_MOST]


def _media(bodies: list[str], shown: Sequence[tuple[str, ...]]) -> list[Sequence[str]]:
    """Return the media of each post: what it shows, then the pictures within its words."""
    return [
        links([*first, *_PICTURE.findall(body)]) if first or "![" in body else ()
        for body, first in zip(bodies, shown, strict=True)
    ]


def _comments(views: list[_CommentView], base: str) -> dict[str, Any]:
    comments = [view.comment for view in views]
    contents, creators = cleaned([comment.content for comment in comments]), [view.creator for view in views]
    handles = _handles(creators)
    authors = {comment.id: handle for comment, handle in zip(comments, handles, strict=True)}
    known = {comment.id: comment.ap_id for comment in comments}
    return {
        **_common([comment.ap_id or f"{base}/comment/{comment.id}" for comment in comments], comments),
        **_named(creators, handles),
        "text": [content[:TEXT_MOST] for content in contents],
        "in_reply_to": [_answered(view, base, known) for view in views],
        "engaging_with": [authors.get(_parent(comment)) for comment in comments],
        "media": _media(contents, [()] * len(contents)), "likes": counts([view.counts.upvotes for view in views]),
        "replies": counts([view.counts.child_count for view in views]),
    }  # fmt: skip


def _answered(view: _CommentView, base: str, known: dict[int, str]) -> str | None:
    parent = _parent(view.comment)
    if parent:
        # A parent that is not on the page is named by its address here, which is its own when it was written here.
        return known.get(parent) or f"{base}/comment/{parent}"
    return (view.post.ap_id or f"{base}/post/{view.post.id}") if view.post else None


def _parent(comment: _Comment) -> int:
    """Return the id of the comment that one answers, by its path such as `0.12.15`; 0 for the post itself."""
    steps = comment.path.split(".")
    return int(steps[-2]) if len(steps) > 2 and steps[-2].isdecimal() and len(steps[-2]) < 19 else 0  # noqa: PLR2004 -- root and itself; 64 bits


def _common(addresses: list[str], things: list[_Post] | list[_Comment]) -> dict[str, Any]:
    natives = cleaned(addresses)
    return {
        "origin": origins(addresses, "lemmy"), "native_id": natives,
        "network": Network.LEMMY.value, "url": natives,
        # Before version 0.19 dates are UTC without saying so.
        "published_at": instants([thing.published for thing in things]),
        "deleted": [True if thing.deleted or thing.removed else None for thing in things],
    }  # fmt: skip


def _named(creators: list[_Person], handles: list[str | None]) -> dict[str, Any]:
    return {"author": handles, "author_name": said([person.display_name for person in creators])}


def _handles(people: list[_Person]) -> list[str | None]:
    hosts = origins([person.actor_id if "://" in person.actor_id else "" for person in people])
    names = cleaned([person.name for person in people])
    return [f"{name}@{host}" if name and host else name or None for name, host in zip(names, hosts, strict=True)]


def urlsplit_path(link: str) -> str:
    """Return the path of a link; nothing of one that is none."""
    try:
        return urlsplit(link).path
    except ValueError:
        return ""


def counts_of(body: bytes) -> Counts | None:
    """Return the counts of one post or comment; `None` when the answer is none."""
    try:
        items = answer_of(body).items()
    except SkippableError:
        return None
    kind, raw = items[0] if items else ("post", msgspec.Raw(b""))
    view = read(_POST, raw) if kind == "post" else read(_COMMENT, raw)
    if view is None:
        return None
    thing = view.post if isinstance(view, _PostView) else view.comment
    numbers = view.counts
    replies = numbers.comments if isinstance(view, _PostView) else numbers.child_count
    return Counts(likes=count(numbers.upvotes), replies=count(replies), gone=thing.deleted or thing.removed)
