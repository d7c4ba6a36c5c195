"""Mastodon's statuses to posts, purely.

Source: docs.joinmastodon.org/entities/Status, /Quote, /Account, /Context, read 2026-11-25; answers of Mastodon 4.6 and
of snac 2.75 as recorded.

The native id is the ActivityPub address, so that a post met on two servers is one. Servers name what a post answers by
an id of their own: it is told by the posts of the same page, by the form of addresses, else by its address in the
interface, which at least says that it answers.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from vigie.collect.columns import TEXT_MOST, UNREADABLE, clean, count, instant, read, table_of_rows, unmarked
from vigie.collect.source import Counts, Page, Parsed, Skipped
from vigie.errors import SkippableError
from vigie.platforms.mastodon.client import base_of
from vigie.schema import ids
from vigie.schema.vocab import Network
from vigie.text.html import text_of

PUBLIC = ("public", "unlisted", "local", "")
"""Visibilities that anybody may read; our token may show others."""

_OWN = re.compile(r"^(.*?/(?:ap/users|users)/)([^/]+)(/statuses/)\w+$")


class _Account(msgspec.Struct):
    id: str | int = ""
    username: str = ""
    acct: str = ""
    display_name: str | None = None
    uri: str | None = None
    url: str | None = None
    followers_count: int | None = None


class _Mention(msgspec.Struct):
    id: str | int = ""
    username: str = ""
    acct: str = ""


class _Media(msgspec.Struct):
    url: str | None = None
    remote_url: str | None = None


class _Choice(msgspec.Struct):
    title: str = ""


class _Poll(msgspec.Struct):
    options: list[_Choice] = []


class Status(msgspec.Struct):
    """A post as servers with Mastodon's interface give it."""

    id: str | int
    uri: str = ""
    url: str | None = None
    created_at: str | None = None
    edited_at: str | None = None
    content: str | None = None
    spoiler_text: str | None = None
    visibility: str | None = None
    language: str | None = None
    in_reply_to_id: str | int | None = None
    in_reply_to_account_id: str | int | None = None
    account: _Account = msgspec.field(default_factory=_Account)
    reblog: "Status | None" = None
    quote: "_Quote | None" = None
    mentions: list[_Mention] | None = None
    media_attachments: list[_Media] | None = None
    poll: _Poll | None = None
    favourites_count: int | None = None
    reblogs_count: int | None = None
    replies_count: int | None = None


class _Quote(msgspec.Struct):
    """Mastodon gives the quoted post inside a frame, older relatives the post itself."""

    quoted_status: Status | None = None
    uri: str = ""
    account: _Account = msgspec.field(default_factory=_Account)


_STATUS = msgspec.json.Decoder(Status)
_STATUSES = msgspec.json.Decoder(list[Status])


class _Found(msgspec.Struct):
    statuses: list[msgspec.Raw] = []


class _Context(msgspec.Struct):
    ancestors: list[msgspec.Raw] = []
    descendants: list[msgspec.Raw] = []


class _Conversation(msgspec.Struct):
    status: msgspec.Raw
    context: _Context


class Event(msgspec.Struct):
    """One event of a stream, as our pages keep it."""

    event: str
    status: msgspec.Raw


def parse(page: Page) -> Parsed:
    """Turn a page into posts.

    Raises:
        SkippableError: it is none of a server's answers.
    """
    try:
        items = _items(page)
    except UNREADABLE as exc:
        raise SkippableError("The server's answer is no list of posts.", code="mastodon.answer") from exc
    around = _around(page, [status for status, _ in items if status is not None])
    rows: dict[tuple[str, str], dict[str, Any]] = {}
    skipped, met = [], 0
    for number, (status, gone) in enumerate(items, start=1):
        if status is None:
            skipped.append(Skipped(f"item {number}", "mastodon.item", "The item can't be read."))
        elif (status.visibility or "") not in PUBLIC:
            skipped.append(Skipped(f"item {number}", "mastodon.private", "The post is not public: it is left alone."))
        else:
            for row in _rows(status, around):
                met += 1
                # The last word on a post within a stream is the one that holds.
                rows[row["origin"], row["native_id"]] = row | ({"deleted": True} if gone else {})
    return Parsed(table_of_rows(list(rows.values())), tuple(skipped), met - len(rows))


def _is_made_up(status: Status) -> bool:
    """Say whether a boost is one of snac's: with the id of what it repeats, and an address made up for who asks."""
    return status.reblog is not None and str(status.id).lower() == str(status.reblog.id).lower()


@dataclass(frozen=True, slots=True)
class _Around:
    """What a page tells of its posts beside each."""

    base: str
    home: str
    """The host that gave the page."""
    addresses: Mapping[str, str]
    """By the server's id of a post."""
    accounts: Mapping[str, str]
    """Handles by the server's id of an account."""


def _around(page: Page, statuses: Sequence[Status]) -> _Around:
    shown = [s.reblog if s.reblog is not None and _is_made_up(s) else s for s in statuses]
    base = base_of(page.url)
    addresses = {str(s.id): s.uri for s in shown}
    return _Around(base, ids.origin_of(base), addresses, {str(s.account.id): s.account.acct for s in shown})


def _items(page: Page) -> list[tuple[Status | None, bool]]:
    """Return the posts of a page, each with whether it is gone; what can't be read is `None`."""
    body = unmarked(page.body)
    if page.part == "posts":
        whole = read(_STATUSES, body)
        if whole is not None:
            return [(status, False) for status in whole]
        return [(read(_STATUS, raw), False) for raw in msgspec.json.decode(body, type=list[msgspec.Raw])]
    if page.part == "events":
        return [(read(_STATUS, e.status), e.event == "delete") for e in msgspec.json.decode(body, type=list[Event])]
    if page.part == "conversation":
        found = msgspec.json.decode(body, type=_Conversation)
        raws = [*found.context.ancestors, found.status, *found.context.descendants]
    else:
        raws = msgspec.json.decode(body, type=_Found).statuses
    return [(read(_STATUS, raw), False) for raw in raws]


def _rows(status: Status, around: _Around) -> list[dict[str, Any]]:
    """Return a post as a row; what a hashtag or a search shows as a boost is a post and its boost."""
    again = status.reblog
    if again is None:
        return [_row(status, around)]
    original = _row(again, around)
    row = _row(status, around) | {key: original[key] for key in ("title", "text", "media", "lang_claimed")}
    row |= {"repost_of": original["native_id"], "engaging_with": original["author"], "in_reply_to": None}
    row |= {"likes": None, "reposts": None, "replies": None}
    if _is_made_up(status):
        row["native_id"] = f"{original['native_id']}#boost-by-{row['author']}"
        return [original, row]
    return [row]


def _row(status: Status, around: _Around) -> dict[str, Any]:
    home = around.home
    link = status.uri or status.url or ""
    origin = (ids.origin_of(link) if "://" in link else "") or home
    quoted, quoted_by = _quoted(status, home)
    return {
        "origin": origin, "network": Network.MASTODON.value, "site": origin,
        "native_id": clean(status.uri or (ids.canonical_link(link) if link else f"{home}:{status.id}")),
        "url": clean(status.url or status.uri) or None,
        "title": clean(text_of(status.spoiler_text or "")) or None, "text": _text(status),
        "author": _handle(status.account.acct or status.account.username, home),
        "author_name": clean(status.account.display_name) or None,
        "followers": count(status.account.followers_count),
        "lang_claimed": clean(status.language)[:35] or None, "published_at": instant(status.created_at),
        "in_reply_to": _answered(status, around), "quote_of": quoted,
        "engaging_with": _answered_author(status, around) or quoted_by, "media": _media(status),
        "likes": count(status.favourites_count), "reposts": count(status.reblogs_count),
        "replies": count(status.replies_count),
    }  # fmt: skip


def _text(status: Status) -> str:
    text = text_of(status.content or "")
    choices = "\n".join(choice.title for choice in status.poll.options) if status.poll else ""
    return clean(f"{text}\n{choices}".strip() if choices else text)[:TEXT_MOST]


def _handle(acct: str, home: str) -> str | None:
    """Return the whole handle: a server names its own accounts without its host."""
    name = clean(acct)
    return name if "@" in name or not name else f"{name}@{home}"


def _media(status: Status) -> list[str]:
    given = (clean(item.remote_url or item.url) for item in status.media_attachments or ())
    return [link for link in given if "://" in link][:20]


def _answered(status: Status, around: _Around) -> str | None:
    """Return the address of the post that this one answers."""
    if status.in_reply_to_id is None:
        return None
    number = str(status.in_reply_to_id)
    shown = around.addresses.get(number) or _sibling(status, around.home, number)
    return shown or f"{around.base}/api/v1/statuses/{number}"


def _sibling(status: Status, home: str, number: str) -> str:
    """Return the address of a post of the same server by the form of this one's: of the same author, or of one named."""
    found = _OWN.match(status.uri)
    if found is None or ids.origin_of(status.uri) != home:
        return ""
    users, own, joint = found.groups()
    if status.in_reply_to_account_id == status.account.id:
        return f"{users}{own}{joint}{number}"
    to = next((m for m in status.mentions or () if m.id == status.in_reply_to_account_id and "@" not in m.acct), None)
    return f"{users}{to.id if '/ap/users/' in users else to.username}{joint}{number}" if to else ""


def _answered_author(status: Status, around: _Around) -> str | None:
    wanted = status.in_reply_to_account_id
    if wanted is None:
        return None
    named = {mention.id: mention.acct for mention in status.mentions or ()}
    acct = around.accounts.get(str(wanted)) or named.get(wanted, "")
    return _handle(acct, around.home)


def _quoted(status: Status, home: str) -> tuple[str | None, str | None]:
    if status.quote is None:
        return None, None
    by = status.quote.quoted_status or status.quote
    return clean(by.uri) or None, _handle(by.account.acct, home)


def counts_of(body: bytes) -> Counts | None:
    """Return the counts of one post; `None` when the answer is none."""
    found = read(_STATUS, body)
    if found is None:
        return None
    return Counts(
        likes=count(found.favourites_count), reposts=count(found.reblogs_count), replies=count(found.replies_count)
    )
