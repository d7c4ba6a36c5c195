"""Pages of repositories, feeds, searches and threads to posts, purely."""

from collections.abc import Iterator, Sequence
from typing import Annotated, Any, TypeVar
from urllib.parse import unquote, urlsplit

import msgspec

from vigie.collect.source import Page, Parsed, Skipped
from vigie.errors import SkippableError
from vigie.platforms.bluesky import frames
from vigie.platforms.bluesky.rows import (
    POST,
    REPOST,
    Plain,
    Post,
    Ref,
    Repost,
    Row,
    Tally,
    Who,
    gone_row,
    parts_of,
    post_row,
    repost_row,
    table_of,
)

T = TypeVar("T")

Count = Annotated[int, msgspec.Meta(ge=0, le=2**53)]
"""A count that JSON holds exactly (RFC 8259 §6)."""


ABSENT = msgspec.Raw(b"")
"""What an answer does not hold; `null` is the same."""


class _Record(msgspec.Struct):
    uri: str
    value: msgspec.Raw


class _PostRecord(msgspec.Struct):
    uri: str
    value: Post


class _RepostRecord(msgspec.Struct):
    uri: str
    value: Repost


class _Verification(msgspec.Struct, rename="camel"):
    verified_status: str = ""


class Actor(msgspec.Struct, rename="camel"):
    """`app.bsky.actor.defs#profileViewBasic`."""

    did: str
    handle: str = ""
    verification: _Verification | None = None


class View(msgspec.Struct, rename="camel"):
    """`app.bsky.feed.defs#postView`."""

    uri: str
    author: Actor
    record: msgspec.Raw
    like_count: Count | None = None
    repost_count: Count | None = None
    reply_count: Count | None = None


class _Reason(msgspec.Struct, rename="camel"):
    by: Actor | None = None
    uri: str = ""
    indexed_at: str = ""


class _FeedItem(msgspec.Struct):
    post: View
    reason: _Reason | None = None


class _Items(msgspec.Struct):
    """The lists of every kind of answer; an answer has one of them."""

    records: list[msgspec.Raw] = []
    feed: list[msgspec.Raw] = []
    posts: list[msgspec.Raw] = []
    gone: list[msgspec.Raw] = []
    thread: msgspec.Raw = ABSENT


class _Thread(msgspec.Struct):
    post: msgspec.Raw = ABSENT
    parent: msgspec.Raw = ABSENT
    replies: list[msgspec.Raw] | None = None


def parse(page: Page) -> Parsed:
    """Turn a page into posts.

    Raises:
        SkippableError: it is no answer of the network.
    """
    if page.part == "firehose":
        return frames.parse(page.body)
    try:
        items = msgspec.json.decode(page.body, type=_Items)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as exc:
        raise SkippableError("The answer is none of the network's.", code="bluesky.answer") from exc
    rows: dict[str, Row] = {}
    skipped: list[Skipped] = []
    n_read = 0
    for number, found in enumerate(_found(items, page), start=1):
        if not found:
            skipped.append(Skipped(f"item {number}", "bluesky.item", "The item can't be read."))
        for row in found:
            n_read += 1
            rows[row.native_id] = row
    return Parsed(table_of(list(rows.values())), tuple(skipped), n_read - len(rows))


def _found(items: _Items, page: Page) -> Iterator[Sequence[Row]]:
    """Give the rows of each item; none where it can't be read."""
    if items.records:
        who = Who(unquote(urlsplit(page.url).fragment) or None)
        collected = _repost_record if page.part == "reposts" else _post_record
        yield from (collected(raw, who) for raw in items.records)
    yield from (_feed_item(raw) for raw in items.feed)
    yield from (_view(raw) for raw in items.posts)
    yield from (_gone(raw) for raw in items.gone)
    if _is_given(items.thread):
        yield from _threaded(items.thread)


def _as(raw: msgspec.Raw, kind: type[T]) -> T | None:
    try:
        return msgspec.json.decode(raw, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def _post_record(raw: msgspec.Raw, who: Who) -> Sequence[Row]:
    whole = _as(raw, _PostRecord)
    if whole is not None:
        return _post(whole.uri, whole.value, who)
    outer = _as(raw, _Record)
    inner = _as(outer.value, Plain) if outer else None
    return _post(outer.uri, inner, who) if outer and inner else ()


def _post(uri: str, post: Plain, who: Who, tally: Tally | None = None) -> Sequence[Row]:
    parts = parts_of(uri)
    if parts is None or parts[1] != POST:
        return ()
    return (post_row(uri, parts[0], parts[2], post, who, tally or Tally()),)


def _repost_record(raw: msgspec.Raw, who: Who) -> Sequence[Row]:
    found = _as(raw, _RepostRecord)
    parts = parts_of(found.uri) if found else None
    if found is None or parts is None or parts[1] != REPOST:
        return ()
    return (repost_row(found.uri, parts[0], found.value, who),)


def _view(raw: msgspec.Raw) -> Sequence[Row]:
    view = _as(raw, View)
    return _of_view(view) if view else ()


def _of_view(view: View) -> Sequence[Row]:
    record = _as(view.record, Post) or _as(view.record, Plain)
    if record is None:
        return ()
    return _post(view.uri, record, _who(view.author), Tally(view.like_count, view.repost_count, view.reply_count))


def _who(actor: Actor) -> Who:
    # A handle that leads nowhere is shown as `handle.invalid` (atproto.com/specs/handle).
    name = actor.handle if actor.handle and actor.handle != "handle.invalid" else None
    verified = None if actor.verification is None else actor.verification.verified_status == "valid"
    return Who(name, verified)


def _feed_item(raw: msgspec.Raw) -> Sequence[Row]:
    item = _as(raw, _FeedItem)
    if item is None:
        return ()
    rows, reason = list(_of_view(item.post)), item.reason
    parts = parts_of(reason.uri) if reason is not None else None
    if reason is not None and reason.by is not None and parts is not None:
        repost = Repost(Ref(item.post.uri), reason.indexed_at)
        rows.append(repost_row(reason.uri, parts[0], repost, _who(reason.by)))
    return rows


def _gone(raw: msgspec.Raw) -> Sequence[Row]:
    uri = _as(raw, str) or ""
    parts = parts_of(uri)
    return (gone_row(uri, parts[0], parts[2]),) if parts else ()


def _threaded(root: Any) -> Iterator[Sequence[Row]]:
    """Walk a thread, from what it answers to its answers; without recursion, for a thread may be deep."""
    waiting = [root]
    while waiting:
        node = _as(waiting.pop(), _Thread)
        if node is None:
            yield ()
        elif _is_given(node.post):
            yield _view(node.post)
            waiting += [raw for raw in (*(node.replies or ()), node.parent) if _is_given(raw)]


def _is_given(raw: msgspec.Raw) -> bool:
    return bytes(raw) not in (b"", b"null")
