"""Watch a page: asked for under conditions, given when its text is another than before."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from vigie.collect.source import Fetch, Found, Page, Parsed, Place, Tried
from vigie.errors import FatalError, SkippableError
from vigie.platforms.page.client import Watched, document, opened, packed
from vigie.platforms.page.parse import content_of, elements_of, parse
from vigie.platforms.page.settings import FEWEST, OPTIONS
from vigie.schema import ids
from vigie.schema.vocab import Network

NOT_MODIFIED = 304
"""RFC 9110 §15.4.5."""


class PageSource:
    """The text of one page."""

    kind = "page"
    title = "page watched for change"
    tried = Tried.SERVER
    options = OPTIONS

    def __repr__(self) -> str:
        return "PageSource()"

    def discover(self, url: str, *, fetch: Fetch, now: datetime) -> Found | None:
        """Say whether the address is a page with enough text to watch."""
        if not url.startswith(("http://", "https://")):
            return None
        answer = fetch(url)
        try:
            title, text = content_of(Watched(answer.url, ""), answer.body, answer.headers.get("content-type", ""))
        except SkippableError:
            return None
        enough = len(text) >= FEWEST
        return Found(self.kind, answer.url, title or answer.url, Network.OTHER.value, ("posts",)) if enough else None

    def pages(self, place: Place, cursor: str | None, *, fetch: Fetch, now: datetime) -> Iterator[Page]:
        """Give the page when its text changed."""
        watched = _watched(place)
        seen = json.loads(cursor) if cursor else {}
        known = {"If-None-Match": seen.get("etag"), "If-Modified-Since": seen.get("modified")}
        same_part = seen.get("selector", "") == watched.selector
        answer = fetch(place.address, headers={k: v for k, v in known.items() if v and same_part})
        if answer.status == NOT_MODIFIED:
            return
        digest = _digest(watched, answer.body, answer.headers.get("content-type", ""))
        if digest and digest == seen.get("digest"):
            return
        state = {
            "etag": answer.headers.get("etag", ""), "modified": answer.headers.get("last-modified", ""), "digest": digest,
            "selector": watched.selector,
        }  # fmt: skip
        # A page that can't be read keeps its old place: it is given again until it can be, or the selector is mended.
        after = json.dumps(state) if digest else json.dumps({k: v for k, v in seen.items() if k == "digest"})
        media_type = answer.headers.get("content-type", "")
        yield Page(answer.url, packed(watched, answer.body), media_type, "posts", now, after)

    def parse(self, page: Page) -> Parsed:
        """Turn a page into a post."""
        return parse(page)

    def mended(self, page: Page, place: Place) -> Page:
        """Return a page that was kept, to be parsed by the selector that the place has now."""
        try:
            _, body = opened(page.body)
        except SkippableError:
            return page
        return replace(page, body=packed(_watched(place), body))


def _watched(place: Place) -> Watched:
    selector = place.options.get("selector", "").strip()
    if selector:
        try:
            doc = document("<p>x</p>")
            assert doc is not None, "a paragraph is a page"
            elements_of(selector, doc)
        except SkippableError as exc:
            raise FatalError(exc.sentence, code=exc.code, facts=exc.facts) from exc
    return Watched(place.address, selector)


def _digest(watched: Watched, body: bytes, media_type: str) -> str:
    """Return what changes with the text; empty when there is none."""
    try:
        return ids.content_hash(*content_of(watched, body, media_type)).hex()
    except SkippableError:
        return ""


SOURCE = PageSource()
"""What every plug-in offers under its entry point."""
