"""Read servers with Mastodon's interface: Mastodon itself, GoToSocial, Pleroma, Akkoma, Pixelfed, snac…

Accounts are known by the address https://HOST/@NAME, hashtags by https://HOST/tags/NAME, timelines by
https://HOST/public, /public/local and /public/remote, a search by https://HOST/search?q=WORDS.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from vigie.collect.source import Account, Counts, Fetch, Found, Page, Parsed, Place, Response, Tried
from vigie.errors import FatalError, RetryableError
from vigie.platforms.mastodon import client
from vigie.platforms.mastodon.client import Target, log_in_of, target_of
from vigie.platforms.mastodon.parse import counts_of, parse
from vigie.platforms.mastodon.settings import OPTIONS
from vigie.platforms.mastodon.stream import listen
from vigie.platforms.mastodon.walk import walk
from vigie.schema.vocab import Network

STREAMED = ("tag", "public", "local", "remote")
"""What of a server can be streamed; an account's posts can't (methods/streaming)."""


class MastodonSource:
    """A hashtag, an account, a timeline or a search of one server."""

    kind = "mastodon"
    title = "Mastodon"
    tried = Tried.SERVER
    options = OPTIONS

    def __repr__(self) -> str:
        return "MastodonSource()"

    def discover(self, url: str, *, fetch: Fetch, now: datetime) -> Found | None:
        """Say whether the address has one of Mastodon's shapes, on a server with Mastodon's interface."""
        target = target_of(url)
        server = client.instance_of(target.base, fetch) if target else None
        if target is None or server is None:
            return None
        title = _title(target, server.title, fetch)
        if title is None:
            return None
        options = {"stream": server.streaming} if server.streaming and target.kind in STREAMED else {}
        return Found("mastodon", target.address, title[:200], Network.MASTODON.value, ("posts",), options)

    def pages(self, place: Place, cursor: str | None, *, fetch: Fetch, now: datetime) -> Iterator[Page]:
        """Give what is new or was edited among the newest, newest first."""
        state: dict[str, Any] = json.loads(cursor) if cursor else {}
        return self._walk(_target(place), place, state, fetch, now)

    def _walk(self, target: Target, place: Place, state: dict[str, Any], fetch: Fetch, now: datetime) -> Iterator[Page]:
        headers = log_in_of(place, target.base)
        if target.kind == "account" and not state.get("account"):
            state["account"] = str(client.account_of(target.base, target.name, headers, fetch).id)
        account = str(state.get("account", ""))

        def read(before: str) -> Response:
            return fetch(client.listing(target, account, before), headers=headers)

        yield from walk(read, state, "search" if target.kind == "search" else "posts", now)

    def parse(self, page: Page) -> Parsed:
        """Turn a page into posts."""
        return parse(page)

    def streams(self, place: Place) -> bool:
        """Say whether the server has streams, and lets us listen: it asks for a token (since Mastodon 4.2)."""
        target = target_of(place.address, place.options.get("q", ""))
        return bool(target and target.kind in STREAMED and place.options.get("stream") and place.secrets.get("token"))

    def stream(
        self,
        place: Place,
        cursor: str | None,
        *,
        fetch: Fetch,
        clock: Callable[[], datetime],
        stopping: Callable[[], bool],
    ) -> Iterator[Page]:
        """Listen, after reading what came meanwhile."""
        target = _target(place)
        state: dict[str, Any] = json.loads(cursor) if cursor else {}

        def missed() -> Iterator[Page]:
            yield from self._walk(target, place, state, fetch, clock())
            while "back" in state and not stopping():
                yield from self._walk(target, place, state, fetch, clock())

        return listen(target, place, state, missed, fetch=fetch, clock=clock, stopping=stopping)

    def conversation(self, place: Place, native_id: str, *, fetch: Fetch, now: datetime) -> Iterator[Page]:
        """Give a post with what it answers and its answers, as the post's own server knows them."""
        base, number = client.status_at(place, native_id, fetch)
        if not number:
            return
        post = client.status(place, base, number, fetch)
        around = client.status(place, base, number, fetch, "/context")
        body = b'{"status":%s,"context":%s}' % (post.body, around.body)
        yield Page(around.url, body, "application/json", "conversation", now, "")

    def recounts(self, native_id: str) -> bool:
        """Say that posts with an address have counts; boosts that have none of their own have not."""
        return native_id.startswith(("https://", "http://")) and "#" not in native_id

    def recount(self, place: Place, native_ids: Sequence[str], *, fetch: Fetch) -> Mapping[str, Counts]:
        """Read posts again, each on its own server where its address tells its id there; 404 says that it is gone."""
        found = {}
        for native_id in native_ids:
            base, number = client.status_at(place, native_id, fetch)
            counts = _counts(place, base, number, fetch) if number else None
            if counts is not None:
                found[native_id] = counts
        return found

    def account(self, url: str, *, fetch: Fetch, now: datetime) -> Account | None:
        """Return the account of a server with Mastodon's interface."""
        target = target_of(url)
        if target is None or target.kind != "account":
            return None
        try:
            found = client.account_of(target.base, target.name, {}, fetch)
        except FatalError as error:
            if error.code in ("net.gone", "mastodon.account") and client.instance_of(target.base, fetch) is None:
                return None
            raise
        return Account(
            found.url or target.address, found.display_name or target.name, Network.MASTODON.value,
            found.followers_count, found.following_count, found.statuses_count,
        )  # fmt: skip


def _target(place: Place) -> Target:
    """Return what a place reads.

    Raises:
        FatalError: its address means nothing here, or a search lacks its token.
    """
    target = target_of(place.address, place.options.get("q", ""))
    if target is None:
        raise FatalError(
            "This is no address of a hashtag, an account or a timeline of a Mastodon server.", code="mastodon.address"
        )
    if target.kind == "search" and not place.secrets.get("token"):
        raise FatalError("Searching posts needs a token of an account on this server.", code="mastodon.token")
    return target


def _title(target: Target, server: str, fetch: Fetch) -> str | None:
    """Name what is read; `None` when the server has no such account."""
    host = client.host_of(target.base)
    if target.kind == "tag":
        return f"#{target.name} · {host}"
    if target.kind == "search":
        return f"{target.name} · {host}"
    if target.kind != "account":
        return f"{server} ({host})" if server and server != host else host
    try:
        found = client.account_of(target.base, target.name, {}, fetch)
    except FatalError as error:
        # A server may show its accounts to members alone.
        return None if error.code in ("net.gone", "mastodon.account") else f"@{target.name} · {host}"
    handle = found.acct if "@" in found.acct else f"{found.acct or target.name}@{host}"
    return f"{found.display_name or target.name} (@{handle})"


def _counts(place: Place, base: str, number: str, fetch: Fetch) -> Counts | None:
    """Read one post's counts; another server than the place's may refuse or be away, which is no fault of the place."""
    try:
        return counts_of(client.status(place, base, number, fetch).body)
    except FatalError as error:
        if error.code == "net.gone":
            return Counts(gone=True)
        if base == client.base_of(place.address):
            raise
    except RetryableError:
        if base == client.base_of(place.address):
            raise
    return None


SOURCE = MastodonSource()
