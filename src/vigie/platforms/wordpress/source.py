"""Read WordPress sites: first all there is, then what was modified, posts and comments each with a place of its own.

The cursor holds, per stream, the instant up to which everything was read. The next read asks from a little before it:
what changed within the same second, or on a clock that is a little off, is met twice and told apart by its id.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode, urljoin

from vigie.collect.source import Counts, Fetch, Found, Option, Page, Parsed, Place, Response, Tried
from vigie.errors import FatalError, RetryableError, SkippableError
from vigie.platforms.wordpress.parse import parse
from vigie.schema.vocab import Network

PER_PAGE = 100
"""Items of a page: the most that WordPress gives."""

MAX_PAGES = 200
"""Pages of one read and stream: 20,000 items; the next read goes on."""

OVERLAP = timedelta(hours=15)
"""How far before the last read the next one begins: sites compare with their local time (UTC−12 to UTC+14), clocks
differ, and a moderated comment appears with its old date. What is met again is told apart by its id."""

PARTS = ("posts", "comments")

_API = re.compile(r"""<link[^>]+rel=["']https://api\.w\.org/["'][^>]+href=["']([^"']+)["']""")


class WordPressSource:
    """Posts and comments of a WordPress site."""

    kind = "wordpress"
    title = "WordPress"
    tried = Tried.SERVER
    options: tuple[Option, ...] = ()

    def __repr__(self) -> str:
        return "WordPressSource()"

    def discover(self, url: str, *, fetch: Fetch, now: datetime) -> Found | None:
        """Say whether the address is a WordPress site whose REST interface is open."""
        answer = fetch(url)
        root = _api_root(answer)
        if root is None:
            return None
        try:
            site = json.loads(fetch(root).body)
            if "wp/v2" not in site.get("namespaces", []):
                return None
            parts = tuple(part for part in PARTS if _opens(fetch, root, part))
        except (FatalError, ValueError, AttributeError):
            return None
        title = str(site.get("name") or answer.url)[:200]
        return Found("wordpress", root, title, Network.BLOG.value, parts) if parts else None

    def pages(self, place: Place, cursor: str | None, *, fetch: Fetch, now: datetime) -> Iterator[Page]:
        """Give what is new or changed, stream by stream, oldest first."""
        state: dict[str, Any] = json.loads(cursor) if cursor else {}
        for part in PARTS:
            yield from _stream(place.address, part, state, fetch, now)

    def recounts(self, native_id: str) -> bool:
        """Say that posts have comments to count; comments have none."""
        return native_id.startswith("wp:post:")

    def recount(self, place: Place, native_ids: Sequence[str], *, fetch: Fetch) -> Mapping[str, Counts]:
        """Count the comments of posts, by the total that the site gives; one small answer a post."""
        found = {}
        for native_id in native_ids:
            query = {"post": native_id.rpartition(":")[2], "per_page": 1}
            total = fetch(_address(place.address, "comments", query)).headers.get("x-wp-total", "")
            if total.isdigit():
                found[native_id] = Counts(replies=int(total))
        return found

    def parse(self, page: Page) -> Parsed:
        """Turn a page into posts."""
        return parse(page)


def _api_root(answer: Response) -> str | None:
    """Return the address of the interface: from the Link header, from the page, or the address itself."""
    header = re.search(r'<([^>]+)>;\s*rel="https://api\.w\.org/"', answer.headers.get("link", ""))
    if header:
        return str(urljoin(answer.url, header.group(1)))
    in_page = _API.search(answer.body[:500_000].decode("utf-8", "replace"))
    if in_page:
        return str(urljoin(answer.url, in_page.group(1)))
    return answer.url if answer.url.rstrip("/").endswith("wp-json") else None


def _opens(fetch: Fetch, root: str, part: str) -> bool:
    try:
        return isinstance(json.loads(fetch(_address(root, part, {"per_page": 1})).body), list)
    except (FatalError, RetryableError, ValueError, SkippableError):
        return False


def _address(root: str, part: str, query: dict[str, Any]) -> str:
    joint = "&" if "?" in root else "?"
    return f"{root.rstrip('/')}/wp/v2/{part}{joint}{urlencode(query)}"


def _stream(root: str, part: str, state: dict[str, Any], fetch: Fetch, now: datetime) -> Iterator[Page]:
    """Give the pages of one stream.

    While pages are walked the cursor names the next one, so a read that is broken off goes on there. Pages are counted
    from the oldest, so that what is published meanwhile comes at the end and moves nothing.
    """
    own = state.get(part, {})
    since, begun = own.get("since"), own.get("begun") or now.astimezone(UTC).isoformat()
    number = int(own.get("page", 1))
    while number <= MAX_PAGES:
        answer = fetch(_address(root, part, _query(part, since, number)))
        last = number >= _pages_of(answer)
        place = {"since": begun} if last else {"since": since, "begun": begun, "page": number + 1}
        state[part] = place
        if answer.body.strip() not in (b"[]", b""):
            yield Page(answer.url, answer.body, answer.headers.get("content-type", ""), part, now, json.dumps(state))
        if last:
            return
        number += 1


def _query(part: str, since: str | None, number: int) -> dict[str, Any]:
    query: dict[str, Any] = {"per_page": PER_PAGE, "page": number, "order": "asc", "orderby": "date"}
    if since:
        start = (datetime.fromisoformat(since) - OVERLAP).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")
        if part == "posts":
            # Edits count: posts have a date of their last change (WordPress 5.7); comments have none.
            query |= {"modified_after": start, "orderby": "modified"}
        else:
            query |= {"after": start}
    return query


def _pages_of(answer: Response) -> int:
    text = answer.headers.get("x-wp-totalpages", "")
    return int(text) if text.isdigit() else 1


SOURCE = WordPressSource()
