"""Addresses of Lemmy's interface (version 3), and the bytes behind them.

Source: join-lemmy.org/docs/contributors/04-api.html and lemmy-js-client 0.19 (GetPosts, GetComments, GetPersonDetails,
Search, GetCommunity), read 2026-11-25.
"""

import re
from dataclasses import dataclass
from urllib.parse import parse_qs, urlencode, urlsplit

import msgspec

from vigie.collect.probing import probed
from vigie.collect.source import Fetch, Place

PER_PAGE = 50
"""Items of a page: the most that Lemmy gives."""

_NAMED = re.compile(r"^/(c|u)/([\w.-]+(?:@[\w.:-]+)?)/?$")
_POST = re.compile(r"^/post/(\d+)")
_OWN = re.compile(r"^(https?://[^/]+)/(post|comment)/(\d+)$")

_UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""What hostile bytes raise."""


@dataclass(frozen=True, slots=True)
class Target:
    """What of a server an address means."""

    base: str
    kind: str
    """`community`, `person`, `post`, `search` or `local`."""
    name: str = ""

    @property
    def address(self) -> str:
        """Return the address by which it is known."""
        paths = {"community": f"/c/{self.name}", "person": f"/u/{self.name}", "post": f"/post/{self.name}"}
        found = f"/search?{urlencode({'q': self.name})}" if self.kind == "search" else "/"
        return self.base + paths.get(self.kind, found)

    @property
    def parts(self) -> tuple[str, ...]:
        """Return the streams that are read; a person's posts and comments come in one."""
        return ("person",) if self.kind == "person" else ("posts", "comments")

    def listing(self, part: str, page: int) -> str:
        """Return the address of a page of one stream, newest first; pages count from 1."""
        query: dict[str, str | int] = {"sort": "New", "limit": PER_PAGE, "page": page}
        if self.kind == "person":
            return self._at("user", {"username": self.name, **query})
        if self.kind == "search":
            kind = "Posts" if part == "posts" else "Comments"
            return self._at("search", {"q": self.name, "type_": kind, "listing_type": "All", **query})
        if self.kind == "post":
            return self._at("post", {"id": self.name}) if part == "posts" else self._at("comment/list", {"post_id": self.name, "type_": "All", **query})  # fmt: skip
        scope = {"type_": "Local"} if self.kind == "local" else {"community_name": self.name, "type_": "All"}
        return self._at("post/list" if part == "posts" else "comment/list", {**scope, **query})

    def _at(self, what: str, query: dict[str, str | int]) -> str:
        return f"{self.base}/api/v3/{what}?{urlencode(query)}"


def target_of(address: str) -> Target | None:
    """Return what an address means by its shape alone; `None` when it has none of Lemmy's shapes."""
    try:
        parts = urlsplit(address.strip())
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not host:
        return None
    base = f"{parts.scheme}://{f'[{host}]' if ':' in host else host}{f':{port}' if port else ''}"
    if found := _NAMED.match(parts.path):
        return Target(base, "community" if found.group(1) == "c" else "person", found.group(2))
    if found := _POST.match(parts.path):
        return Target(base, "post", found.group(1))
    if parts.path.rstrip("/") == "/search":
        words = parse_qs(parts.query).get("q", [""])[0]
        return Target(base, "search", words) if words else None
    return Target(base, "local") if parts.path in ("", "/") else None


def log_in_of(place: Place, base: str) -> dict[str, str]:
    """Return the headers of a request: the token goes to its own server alone."""
    token, target = place.secrets.get("token", ""), target_of(place.address)
    return {"Authorization": f"Bearer {token}"} if token and target and target.base == base else {}


class _Site(msgspec.Struct):
    name: str = ""


class _SiteView(msgspec.Struct):
    site: _Site


class _Said(msgspec.Struct):
    site_view: _SiteView
    version: str


def site_of(base: str, fetch: Fetch) -> str | None:
    """Return the name of a server; `None` when it is no Lemmy."""
    answer = probed(f"{base}/api/v3/site", fetch)
    try:
        return msgspec.json.decode(answer.body, type=_Said).site_view.site.name if answer else None
    except _UNREADABLE:
        return None


class _Community(msgspec.Struct):
    title: str = ""
    name: str = ""
    actor_id: str = ""


class _Numbers(msgspec.Struct):
    subscribers: int | None = None
    posts: int | None = None


class CommunityView(msgspec.Struct):
    """A community and its counts."""

    community: _Community
    counts: _Numbers


class _Shown(msgspec.Struct):
    community_view: CommunityView


def community_of(target: Target, fetch: Fetch) -> CommunityView | None:
    """Return a community; `None` when the server has none of the name, or is no Lemmy."""
    answer = probed(f"{target.base}/api/v3/community?{urlencode({'name': target.name})}", fetch)
    try:
        return msgspec.json.decode(answer.body, type=_Shown).community_view if answer else None
    except _UNREADABLE:
        return None


def own_of(native_id: str) -> tuple[str, str, str]:
    """Return (server, `post` or `comment`, id there) of an address in Lemmy's own form; else empty ones."""
    found = _OWN.match(native_id)
    return (found.group(1), found.group(2), found.group(3)) if found else ("", "", "")
