"""Read feeds: discover them behind a page, ask only for what changed."""

import hashlib
import json
import re
from collections.abc import Iterator
from datetime import datetime
from html import unescape
from urllib.parse import urljoin

import feedparser

from vigie.collect.source import Fetch, Found, Option, Page, Parsed, Place, Response, Tried
from vigie.errors import SkippableError
from vigie.platforms.feed.parse import parse
from vigie.schema.vocab import Network

_LINK = re.compile(rb"<link\b[^>]*>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""(\w+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]+))""")

FEED_TYPES = ("application/rss+xml", "application/atom+xml", "application/feed+json", "application/json")
"""Media types by which a page names its feeds (RSS Advisory Board, RFC 4287 §7, jsonfeed.org)."""

HEAD_BYTES = 500_000
"""Bytes of a page in which its feeds are looked for."""


class FeedSource:
    """RSS, Atom and JSON Feed at one address."""

    kind = "feed"
    title = "feed"
    tried = Tried.SERVER
    options: tuple[Option, ...] = ()

    def __repr__(self) -> str:
        return "FeedSource()"

    def discover(self, url: str, *, fetch: Fetch, now: datetime) -> Found | None:
        """Say whether the address is a feed, or a page that names one."""
        answer = fetch(url)
        if _holds_feed(answer, now):
            return _found(answer, now)
        for address in feeds_named(answer):
            named = fetch(address)
            if _holds_feed(named, now):
                return _found(named, now)
        return None

    def pages(self, place: Place, cursor: str | None, *, fetch: Fetch, now: datetime) -> Iterator[Page]:
        """Give the feed when it changed: by its validators, else by its bytes."""
        seen = json.loads(cursor) if cursor else {}
        headers = {}
        if seen.get("etag"):
            headers["If-None-Match"] = seen["etag"]
        if seen.get("modified"):
            headers["If-Modified-Since"] = seen["modified"]
        answer = fetch(place.address, headers=headers)
        digest = hashlib.blake2b(answer.body, digest_size=16).hexdigest()
        if answer.status == 304 or digest == seen.get("digest"):  # noqa: PLR2004 -- Not Modified, RFC 9110
            return
        known = {
            "etag": answer.headers.get("etag", ""), "modified": answer.headers.get("last-modified", ""), "digest": digest,
        }  # fmt: skip
        yield _page(answer, now, json.dumps(known))

    def parse(self, page: Page) -> Parsed:
        """Turn a feed into posts."""
        return parse(page)


def _page(answer: Response, now: datetime, cursor: str) -> Page:
    return Page(answer.url, answer.body, answer.headers.get("content-type", ""), "posts", now, cursor)


def _holds_feed(answer: Response, now: datetime) -> bool:
    if b"<html" in answer.body[:2_000].lower():
        return False
    try:
        parse(_page(answer, now, ""))
    except SkippableError:
        return False
    return True


def _found(answer: Response, now: datetime) -> Found:
    title = "" if answer.body.lstrip()[:1] == b"{" else str(feedparser.parse(answer.body).feed.get("title", ""))
    return Found("feed", answer.url, title[:200] or answer.url, Network.FEED.value, ("posts",))


def feeds_named(answer: Response) -> list[str]:
    """Return the feeds that a page names in its head, at most five."""
    found = []
    for tag in _LINK.findall(answer.body[:HEAD_BYTES]):
        text = tag.decode("utf-8", "replace")
        attributes = {
            m.group(1).lower(): next(g for g in m.groups()[1:] if g is not None) for m in _ATTRIBUTE.finditer(text)
        }
        if "alternate" in attributes.get("rel", "").lower() and attributes.get("type", "").lower() in FEED_TYPES:
            found.append(urljoin(answer.url, unescape(attributes.get("href", ""))))
    return found[:5]


SOURCE = FeedSource()
