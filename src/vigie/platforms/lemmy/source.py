"""Read Lemmy: https://HOST/c/NAME, /u/NAME, /post/ID, /search?q=WORDS, and a server's own posts at https://HOST/."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from vigie.collect.source import Account, Counts, Fetch, Found, Page, Parsed, Place, Response, Tried
from vigie.errors import FatalError, RetryableError
from vigie.platforms.lemmy import client
from vigie.platforms.lemmy.client import Target, log_in_of, own_of, target_of
from vigie.platforms.lemmy.parse import counts_of, parse
from vigie.platforms.lemmy.settings import OPTIONS
from vigie.platforms.lemmy.walk import walk
from vigie.schema import ids
from vigie.schema.vocab import Network


class LemmySource:
    """Posts and comments of a community, a person, a search or a server."""

    kind = "lemmy"
    title = "Lemmy"
    tried = Tried.DOUBLE
    options = OPTIONS

    def __repr__(self) -> str:
        return "LemmySource()"

    def discover(self, url: str, *, fetch: Fetch, now: datetime) -> Found | None:
        """Say whether the address has one of Lemmy's shapes, on a Lemmy server."""
        target = target_of(url)
        server = client.site_of(target.base, fetch) if target else None
        if target is None or server is None:
            return None
        host = ids.origin_of(target.base)
        marks = {
            "community": f"!{target.name}",
            "person": f"@{target.name}",
            "search": target.name,
            "post": target.name,
        }
        title = f"{marks[target.kind]} · {host}" if target.kind in marks else f"{server or host} ({host})"
        return Found("lemmy", target.address, title[:200], Network.LEMMY.value, ("posts", "comments"))

    def pages(self, place: Place, cursor: str | None, *, fetch: Fetch, now: datetime) -> Iterator[Page]:
        """Give what is new or was edited among the newest, stream by stream, newest first."""
        target, state = _target(place), json.loads(cursor) if cursor else {}
        for part in target.parts:
            yield from _stream(target, part, place, state, fetch, now)

    def parse(self, page: Page) -> Parsed:
        """Turn a page into posts."""
        return parse(page)

    def conversation(self, place: Place, native_id: str, *, fetch: Fetch, now: datetime) -> Iterator[Page]:
        """Give a post and its comments, as the post's own server knows them."""
        base, kind, number = own_of(native_id)
        if kind == "comment":
            base, kind, number = _post_of(place, base, number, fetch)
        if kind == "post":
            there = Target(base, "post", number)
            for part in there.parts:
                yield from _stream(there, part, place, {}, fetch, now)

    def recounts(self, native_id: str) -> bool:
        """Say that what was written on a Lemmy server has counts there."""
        return bool(own_of(native_id)[0])

    def recount(self, place: Place, native_ids: Sequence[str], *, fetch: Fetch) -> Mapping[str, Counts]:
        """Read posts and comments again, each on its own server."""
        found = {}
        for native_id in native_ids:
            counts = _counts(place, native_id, fetch)
            if counts is not None:
                found[native_id] = counts
        return found

    def account(self, url: str, *, fetch: Fetch, now: datetime) -> Account | None:
        """Return a community: people have no followers here, communities have subscribers."""
        target = target_of(url)
        if target is None or target.kind != "community":
            return None
        found = client.community_of(target, fetch)
        if found is None:
            return None
        name = found.community.title or found.community.name
        address = found.community.actor_id or target.address
        return Account(address, name, Network.LEMMY.value, found.counts.subscribers, None, found.counts.posts)


def _target(place: Place) -> Target:
    target = target_of(place.address)
    if target is None:
        raise FatalError("This is no address of a Lemmy server.", code="lemmy.address")
    return target


def _stream(
    target: Target, part: str, place: Place, state: dict[str, Any], fetch: Fetch, now: datetime
) -> Iterator[Page]:
    headers = log_in_of(place, target.base)

    def read(page: int) -> Response:
        return fetch(target.listing(part, page), headers=headers)

    yield from walk(read, state, part, now, paged=not (target.kind == "post" and part == "posts"))


def _counts(place: Place, native_id: str, fetch: Fetch) -> Counts | None:
    """Read one's counts; another server than the place's may refuse or be away, which is no fault of the place."""
    base, kind, number = own_of(native_id)
    if not base:
        return None
    is_own = base == _target(place).base
    try:
        return counts_of(fetch(f"{base}/api/v3/{kind}?id={number}", headers=log_in_of(place, base)).body)
    except FatalError as error:
        if error.code == "net.gone":
            return Counts(gone=True)
        # Old versions answer 400 for what they do not find, and for much else.
        if is_own and error.code != "net.status":
            raise
    except RetryableError:
        if is_own:
            raise
    return None


def _post_of(place: Place, base: str, comment: str, fetch: Fetch) -> tuple[str, str, str]:
    """Return the post that a comment stands under, on the comment's own server."""
    body = fetch(f"{base}/api/v3/comment?id={comment}", headers=log_in_of(place, base)).body
    try:
        return base, "post", str(int(json.loads(body)["comment_view"]["post"]["id"]))
    except (ValueError, KeyError, TypeError, RecursionError):
        return "", "", ""


SOURCE = LemmySource()
