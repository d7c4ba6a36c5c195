"""What one account writes: its repository on its own server, or its feed in the index of the network.

A repository is whole, and needs nobody but the account's server; the index adds counts. Noticed in a repository: what
changed and what was deleted among the newest hundred entries; older deletions are noticed when counts are read again.

Source: lexicons com.atproto.repo.listRecords, com.atproto.sync.getLatestCommit, app.bsky.feed.getAuthorFeed, read on
2026-11-25.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import quote

import msgspec

from vigie.collect.source import Fetch, Page, Place, Response
from vigie.errors import VigieError
from vigie.platforms.bluesky.client import Identity, answer_of, asked, did_of, identity_of, xrpc
from vigie.platforms.bluesky.parse import Actor
from vigie.platforms.bluesky.rows import POST, REPOST, instant
from vigie.platforms.bluesky.settings import Servers
from vigie.platforms.bluesky.walk import Entry, Listing, Step, gone_body, walk

LIMIT = 100
"""Entries of a page: the most that the network gives (lexicons, `limit`)."""

COLLECTIONS = {"posts": POST, "reposts": REPOST}
"""Streams of a repository, and the collection of each."""


class _Commit(msgspec.Struct):
    rev: str = ""


class _Record(msgspec.Struct):
    uri: str = ""
    cid: str = ""


class _Records(msgspec.Struct):
    records: list[_Record] = []
    cursor: str | None = None


class _Dated(msgspec.Struct, rename="camel"):
    created_at: Any = ""


class _View(msgspec.Struct, rename="camel"):
    uri: str = ""
    cid: str = ""
    indexed_at: str = ""
    record: _Dated = msgspec.field(default_factory=_Dated)


class _Reason(msgspec.Struct, rename="camel"):
    uri: str = ""
    indexed_at: str = ""
    by: Actor | None = None


class _FeedItem(msgspec.Struct):
    post: _View
    reason: _Reason | None = None


class _Feed(msgspec.Struct):
    feed: list[_FeedItem] = []
    cursor: str | None = None


def repository(
    name: str, place: Place, cursor: str | None, servers: Servers, fetch: Fetch, now: datetime
) -> Iterator[Page]:
    """Give what is new, changed or gone in a repository, then what is older."""
    state: dict[str, Any] = json.loads(cursor) if cursor else {}
    account = identity_of(name, servers, fetch)
    rev = _rev(account, fetch)
    if rev and rev == state.get("rev") and not any(_is_open(state.get(part, {})) for part in COLLECTIONS):
        return
    state.pop("rev", None)
    held: Page | None = None
    try:
        for part, step in _steps(account, state, fetch):
            state = {**state, part: step.state}
            if step.answer is not None or step.gone:
                if held is not None:
                    yield held
                held = _page(step, _listed(account, COLLECTIONS[part], None), part, account, state, now)
    except VigieError:
        if held is not None:
            yield held
        raise
    if held is not None:
        # Only what was read to its end may be passed over by its revision.
        whole = not any(_is_open(state.get(part, {})) for part in COLLECTIONS)
        yield replace(held, cursor=_cursor({**state, "rev": rev} if whole else state))


def _steps(account: Identity, state: Mapping[str, Any], fetch: Fetch) -> Iterator[tuple[str, Step]]:
    for part, collection in COLLECTIONS.items():
        for step in walk(_collection(account, collection, fetch), state.get(part, {})):
            yield part, step


def _is_open(state: Mapping[str, Any]) -> bool:
    """Say whether a walk goes on at the next read."""
    return any(state.get(name) for name in ("fresh", "older", "gone"))


def _rev(account: Identity, fetch: Fetch) -> str:
    """Return the revision of a repository: while it stays, nothing changed there."""
    url = xrpc(account.server, "com.atproto.sync.getLatestCommit", {"did": account.did})
    return answer_of(asked(fetch, url).body, _Commit).rev


def _listed(account: Identity, collection: str, at: str | None) -> str:
    query = {"repo": account.did, "collection": collection, "limit": LIMIT, "cursor": at}
    return xrpc(account.server, "com.atproto.repo.listRecords", query)


def _collection(account: Identity, collection: str, fetch: Fetch) -> Listing:
    def ask(at: str | None) -> Response:
        return asked(fetch, _listed(account, collection, at))

    return Listing(ask, _records, tells_deletions=True)


def _records(body: bytes) -> tuple[list[Entry], str | None]:
    found = answer_of(body, _Records)
    keys = ((record.uri.rpartition("/")[2], record.cid[-12:]) for record in found.records)
    return [Entry(key, key, mark) for key, mark in keys], found.cursor


def _page(step: Step, url: str, part: str, account: Identity, state: Mapping[str, Any], now: datetime) -> Page:
    """Return a page; its address names the handle behind `#`, where records themselves do not."""
    cursor = _cursor(state)
    if step.answer is None:
        uris = [f"at://{account.did}/{COLLECTIONS[part]}/{key}" for key in step.gone]
        return Page(url, gone_body(uris), "application/json", "gone", now, cursor)
    answer = step.answer
    url = f"{answer.url}#{quote(account.handle)}" if account.handle else answer.url
    return Page(url, answer.body, answer.headers.get("content-type", ""), part, now, cursor)


def _cursor(state: Mapping[str, Any]) -> str:
    return json.dumps(state, separators=(",", ":"))


def feed(name: str, place: Place, cursor: str | None, servers: Servers, fetch: Fetch, now: datetime) -> Iterator[Page]:
    """Give what is new in an account's feed, with counts, then what is older."""
    state: dict[str, Any] = json.loads(cursor) if cursor else {}
    did = state.get("did") or did_of(name, servers, fetch)

    def ask(at: str | None) -> Response:
        query = {"actor": did, "limit": LIMIT, "filter": "posts_with_replies", "cursor": at}
        return asked(fetch, xrpc(servers.appview, "app.bsky.feed.getAuthorFeed", query))

    for step in walk(Listing(ask, _feed, tells_deletions=False), state.get("feed", {})):
        if step.answer is not None:
            answer, told = step.answer, _cursor({"did": did, "feed": step.state})
            yield Page(answer.url, answer.body, answer.headers.get("content-type", ""), "feed", now, told)


def _feed(body: bytes) -> tuple[list[Entry], str | None]:
    found = answer_of(body, _Feed)
    return [_entry(item) for item in found.feed], found.cursor


def _entry(item: _FeedItem) -> Entry:
    post, reason = item.post, item.reason
    if reason is not None and reason.by is not None:
        return Entry(reason.indexed_at, f"{post.uri} {reason.by.did}", post.cid[-12:])
    return Entry(sorted_at(str(post.record.created_at), post.indexed_at), post.uri, post.cid[-12:])


def sorted_at(created: str, indexed: str) -> str:
    """Return the time by which indexes sort: the earlier of what the author says and what the index saw."""
    times = [time for time in (instant(created), instant(indexed)) if time is not None]
    return min(times).strftime("%Y-%m-%dT%H:%M:%S.%fZ") if times else indexed
