"""Addresses of a Discourse forum and the bytes behind them.

Source: docs.discourse.org (topics, posts, categories, tags, site), read 2026-11-25.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote, unquote, urlsplit

import msgspec

from vigie.collect.probing import probed
from vigie.collect.source import Fetch, Place

PER_CHUNK = 20
"""Posts that a topic gives at once (`chunk_size` of its answer)."""

_TOPIC = re.compile(r"^(.*?)/t/(?:([^/]+)/)?(\d+)(?:/\d+)?/?$")
_CATEGORY = re.compile(r"^(.*?)/c/((?:[^/]+/)+\d+)(?:/l/\w+)?/?$")
_TAG = re.compile(r"^(.*?)/tag/([^/]+)(?:/(\d+))?(?:/l/\w+)?/?$")
_LATEST = re.compile(r"^(.*?)/(?:latest|new|top|categories)?/?$")

_UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""What hostile bytes raise."""


@dataclass(frozen=True, slots=True)
class Target:
    """What of a forum an address means."""

    base: str
    """Scheme, host, and the folder of the forum."""
    kind: str
    """`topic`, `category`, `tag` or `latest`."""
    name: str = ""

    @property
    def address(self) -> str:
        """Return the address by which it is known."""
        paths = {"topic": f"/t/{self.name}", "category": f"/c/{self.name}", "tag": f"/tag/{quote(self.name)}"}
        return self.base + paths.get(self.kind, "/latest")

    def listing(self, page: int) -> str:
        """Return the address of a page of topics, those that were last written to first; pages count from 0."""
        return f"{self.address}.json?page={page}"


def target_of(address: str) -> Target | None:
    """Return what an address means by its shape alone; `None` when it has none of a forum's shapes."""
    try:
        parts = urlsplit(address.strip())
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not host:
        return None
    base = f"{parts.scheme}://{f'[{host}]' if ':' in host else host}{f':{port}' if port else ''}"
    path = parts.path.removesuffix(".json") or "/"
    if found := _TOPIC.match(path):
        return Target(base + found.group(1), "topic", found.group(3))
    if found := _CATEGORY.match(path):
        return Target(base + found.group(1), "category", found.group(2))
    if found := _TAG.match(path):
        return Target(base + found.group(1), "tag", unquote(found.group(2)))
    # A folder is taken for the forum's own only under one of its names: any page of any site has a path.
    found = _LATEST.match(path) if path.count("/") <= 1 or path.rstrip("/").endswith(("latest", "categories")) else None
    return Target(base + found.group(1), "latest") if found else None


def log_in_of(place: Place) -> dict[str, str]:
    """Return the headers of a request."""
    key = place.secrets.get("api_key", "")
    user = place.options.get("api_username", "") or place.secrets.get("api_username", "")
    return {"Api-Key": key, **({"Api-Username": user} if user else {})} if key else {}


class _Site(msgspec.Struct):
    title: str
    logo_url: str | None
    apple_touch_icon_url: str | None


def title_of(base: str, fetch: Fetch) -> str | None:
    """Return the title of a forum, shown even where log-in is required; `None` when there is none."""
    answer = probed(f"{base}/site/basic-info.json", fetch)
    try:
        return msgspec.json.decode(answer.body, type=_Site).title if answer else None
    except _UNREADABLE:
        return None


class Topic(msgspec.Struct):
    """A topic as lists name it."""

    id: int
    bumped_at: str | None = None
    highest_post_number: int = 0


class _Topics(msgspec.Struct):
    topics: list[Topic] = []


class _List(msgspec.Struct):
    topic_list: _Topics


def topics_of(body: bytes) -> list[Topic] | None:
    """Return the topics of a list; `None` when the answer is none."""
    try:
        return msgspec.json.decode(body, type=_List).topic_list.topics
    except _UNREADABLE:
        return None


class Post(msgspec.Struct):
    """A post as far as paging needs it."""

    id: int
    created_at: str | None = None
    updated_at: str | None = None
    post_number: int = 0
    reply_count: int | None = None
    actions_summary: list["Action"] = []


class Action(msgspec.Struct):
    """How often a post was acted upon; likes have the id 2."""

    id: int = 0
    count: int = 0


class _Stream(msgspec.Struct):
    posts: list[Post] = []
    stream: list[int] = []


class Heads(msgspec.Struct):
    """A topic's answer as far as paging needs it."""

    post_stream: _Stream
    views: int | None = None


def heads_of(body: bytes) -> Heads | None:
    """Return the posts of an answer, and the ids of all of the topic; `None` when the answer is no topic."""
    try:
        return msgspec.json.decode(body, type=Heads)
    except _UNREADABLE:
        return None


def topic_at(base: str, topic: int | str, near: int | str = "") -> str:
    """Return the address of a topic, of its beginning or of what stands around one of its posts."""
    return f"{base}/t/{topic}{f'/{near}' if near else ''}.json"


def posts_at(base: str, topic: int | str, ids: Sequence[int]) -> str:
    """Return the address of some posts of a topic."""
    return f"{base}/t/{topic}/posts.json?{'&'.join(f'post_ids[]={number}' for number in ids)}"
