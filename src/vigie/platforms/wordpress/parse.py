"""Answers of WordPress's REST interface to posts, purely.

Source: developer.wordpress.org/rest-api/reference, posts and comments.
"""

from datetime import UTC, datetime
from typing import Any

import msgspec

from vigie.collect.columns import TEXT_MOST, UNREADABLE, read, table_of_rows, unmarked
from vigie.collect.source import Page, Parsed, Skipped
from vigie.errors import SkippableError
from vigie.schema import ids
from vigie.schema.vocab import Network
from vigie.text.html import text_of


class _Rendered(msgspec.Struct):
    rendered: str = ""


class _Post(msgspec.Struct):
    id: int
    link: str = ""
    date_gmt: str | None = None
    title: _Rendered = msgspec.field(default_factory=_Rendered)
    content: _Rendered = msgspec.field(default_factory=_Rendered)
    excerpt: _Rendered = msgspec.field(default_factory=_Rendered)


class _Comment(msgspec.Struct):
    id: int
    post: int = 0
    parent: int = 0
    link: str = ""
    author_name: str = ""
    date_gmt: str | None = None
    content: _Rendered = msgspec.field(default_factory=_Rendered)


_POST, _COMMENT = msgspec.json.Decoder(_Post), msgspec.json.Decoder(_Comment)


def parse(page: Page) -> Parsed:
    """Turn a list of posts or of comments into posts.

    Raises:
        SkippableError: it is no such list.
    """
    try:
        items = msgspec.json.decode(unmarked(page.body), type=list[msgspec.Raw])
    except UNREADABLE as exc:
        raise SkippableError("The site's answer is no list of posts.", code="wordpress.answer") from exc
    rows, skipped = {}, []
    for number, raw in enumerate(items, start=1):
        row = _row(raw, page)
        if row is None:
            skipped.append(Skipped(f"item {number}", "wordpress.item", "The item can't be read, or is empty."))
        else:
            rows[row["native_id"]] = row
    return Parsed(table_of_rows(list(rows.values())), tuple(skipped), len(items) - len(rows) - len(skipped))


def _row(raw: msgspec.Raw, page: Page) -> dict[str, Any] | None:
    if page.part == "comments":
        comment = read(_COMMENT, raw)
        return _comment(comment, page) if comment is not None else None
    post = read(_POST, raw)
    return _post(post, page) if post is not None else None


def _post(post: _Post, page: Page) -> dict[str, Any] | None:
    text, title = text_of(post.content.rendered or post.excerpt.rendered), text_of(post.title.rendered)
    if not text and not title:
        return None
    return {
        **_common(post.id, post.link, post.date_gmt, text, page),
        "native_id": f"wp:post:{post.id}",
        "title": title or None,
    }


def _comment(comment: _Comment, page: Page) -> dict[str, Any] | None:
    text = text_of(comment.content.rendered)
    if not text:
        return None
    answered = f"wp:comment:{comment.parent}" if comment.parent else f"wp:post:{comment.post}" if comment.post else None
    return {
        **_common(comment.id, comment.link, comment.date_gmt, text, page),
        "native_id": f"wp:comment:{comment.id}",
        "author": text_of(comment.author_name) or None,
        "in_reply_to": answered,
    }


def _common(number: int, link: str, at: str | None, text: str, page: Page) -> dict[str, Any]:
    origin = (ids.origin_of(link) if "://" in link else "") or ids.origin_of(page.url)
    return {
        "origin": origin, "network": Network.BLOG.value, "site": origin, "url": link or None, "text": text[:TEXT_MOST],
        "published_at": _instant(at), "media": [],
    }  # fmt: skip


def _instant(text: str | None) -> datetime | None:
    try:
        return datetime.fromisoformat(text).replace(tzinfo=UTC) if text else None
    except ValueError:
        return None
