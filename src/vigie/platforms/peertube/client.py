"""Addresses of PeerTube's interface, and the bytes behind them.

Source: docs.joinpeertube.org/api-rest-reference.html (Video Channels, Accounts, Search, Video, Video Comments), read
2026-11-25.
"""

import re
from dataclasses import dataclass
from urllib.parse import parse_qs, quote, urlencode, urlsplit

import msgspec

from vigie.collect.probing import probed
from vigie.collect.source import Fetch

PER_PAGE = 100
"""Items of a page: the most that PeerTube gives (`count`)."""

_NAMED = re.compile(r"^/(c|video-channels|a|accounts)/([\w.-]+(?:@[\w.:-]+)?)(?:/[\w-]+)?/?$")
_VIDEO = re.compile(r"^/(?:w|videos/watch)/([\w-]{5,})/?$")
_LISTS = re.compile(r"^/(?:videos/(?:local|recently-added|trending|browse|overview|most-liked)|home)?/?$")
_OWN = re.compile(r"^(https?://[^/]+)/videos/watch/([\w-]+)(?:/comments/(\d+))?$")

_UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""What hostile bytes raise."""


@dataclass(frozen=True, slots=True)
class Target:
    """What of a server an address means."""

    base: str
    kind: str
    """`channel`, `account`, `video`, `search` or `local`."""
    name: str = ""

    @property
    def address(self) -> str:
        """Return the address by which it is known."""
        paths = {"channel": f"/c/{self.name}", "account": f"/a/{self.name}", "video": f"/w/{self.name}"}
        found = f"/search?{urlencode({'search': self.name})}" if self.kind == "search" else "/videos/local"
        return self.base + paths.get(self.kind, found)

    def listing(self, start: int) -> str:
        """Return the address of a page of videos, those published last first."""
        if self.kind == "video":
            return video_at(self.base, self.name)
        query: dict[str, str | int] = {"start": start, "count": PER_PAGE, "sort": "-publishedAt", "nsfw": "both"}
        paths = {
            "channel": f"video-channels/{quote(self.name)}/videos",
            "account": f"accounts/{quote(self.name)}/videos",
        }
        if self.kind == "search":
            return f"{self.base}/api/v1/search/videos?{urlencode({'search': self.name, **query})}"
        if self.kind == "local":
            query["isLocal"] = "true"
        return f"{self.base}/api/v1/{paths.get(self.kind, 'videos')}?{urlencode(query)}"


def target_of(address: str) -> Target | None:
    """Return what an address means by its shape alone; `None` when it has none of PeerTube's shapes."""
    try:
        parts = urlsplit(address.strip())
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not host:
        return None
    base = f"{parts.scheme}://{f'[{host}]' if ':' in host else host}{f':{port}' if port else ''}"
    if found := _NAMED.match(parts.path):
        return Target(base, "channel" if found.group(1) in ("c", "video-channels") else "account", found.group(2))
    if found := _VIDEO.match(parts.path):
        return Target(base, "video", found.group(1))
    if parts.path.rstrip("/") == "/search":
        words = parse_qs(parts.query).get("search", [""])[0]
        return Target(base, "search", words) if words else None
    return Target(base, "local") if _LISTS.match(parts.path) else None


def video_at(base: str, video: str) -> str:
    """Return the address of one video."""
    return f"{base}/api/v1/videos/{quote(video, safe='')}"


def threads_at(base: str, video: str, start: int) -> str:
    """Return the address of a page of what is written under a video, newest first."""
    query = urlencode({"start": start, "count": PER_PAGE, "sort": "-createdAt"})
    return f"{video_at(base, video)}/comment-threads?{query}"


def thread_at(base: str, video: str, thread: int) -> str:
    """Return the address of a comment with all its answers."""
    return f"{video_at(base, video)}/comment-threads/{thread}"


def own_of(native_id: str) -> tuple[str, str, str]:
    """Return (server, video, comment) of an address in PeerTube's own form; the comment is empty for a video."""
    found = _OWN.match(native_id)
    return (found.group(1), found.group(2), found.group(3) or "") if found else ("", "", "")


class _Instance(msgspec.Struct):
    name: str = ""


class _Config(msgspec.Struct):
    instance: _Instance
    serverVersion: str  # noqa: N815 -- PeerTube's name


def server_of(base: str, fetch: Fetch) -> str | None:
    """Return the name of a server; `None` when it is no PeerTube."""
    answer = probed(f"{base}/api/v1/config", fetch)
    try:
        return msgspec.json.decode(answer.body, type=_Config).instance.name if answer else None
    except _UNREADABLE:
        return None


class Actor(msgspec.Struct, rename="camel"):
    """A channel or an account, and its counts."""

    name: str
    display_name: str = ""
    url: str = ""
    followers_count: int | None = None
    following_count: int | None = None


class _Total(msgspec.Struct):
    total: int


def actor_of(target: Target, fetch: Fetch) -> Actor | None:
    """Return a channel or an account; `None` when the server has none of the name, or is no PeerTube."""
    path = "video-channels" if target.kind == "channel" else "accounts"
    answer = probed(f"{target.base}/api/v1/{path}/{quote(target.name)}", fetch)
    try:
        return msgspec.json.decode(answer.body, type=Actor) if answer else None
    except _UNREADABLE:
        return None


def total_of(target: Target, fetch: Fetch) -> int | None:
    """Return how many videos there are."""
    answer = probed(target.listing(0).replace(f"count={PER_PAGE}", "count=1"), fetch)
    try:
        return msgspec.json.decode(answer.body, type=_Total).total if answer else None
    except _UNREADABLE:
        return None
