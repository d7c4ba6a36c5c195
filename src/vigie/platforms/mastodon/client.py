"""Addresses of Mastodon's interface, and the bytes behind them.

Source: docs.joinmastodon.org/methods (timelines, accounts, statuses, search, instance), read 2026-11-25.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qs, quote, unquote, urlencode, urlsplit

import msgspec

from vigie.collect.probing import probed
from vigie.collect.source import Fetch, Place, Response
from vigie.errors import FatalError
from vigie.schema import ids

PER_PAGE = 40
"""Posts of a page: the most that Mastodon gives (methods/timelines)."""

_ACCOUNT = re.compile(r"^/(?:@|users/|web/@|deck/@)([\w.-]+(?:@[\w.:-]+)?)/?(?:with_replies|media)?/?$")
_TAG = re.compile(r"^/(?:web/|deck/)?tags?/([^/]+)/?$")
_PUBLIC = re.compile(r"^/(?:web/|deck/)?(?:public|timelines/public|explore)(?:/(local|remote))?/?$")

_STATUS = re.compile(r"/(?:users|ap/users)/[^/]+/statuses/(\w+)$|/@[^/]+/(\w+)$|/api/v1/statuses/(\w+)$")
"""Addresses of a post that end with its id on its own server: Mastodon's, GoToSocial's, Pixelfed's."""

_SNAC = re.compile(r"^https?://[^/]+/[^/]+/p/(\d{10})\.\d+$")
"""snac's: its id there is the second, then the MD5 of the address (seen with 2.75)."""


@dataclass(frozen=True, slots=True)
class Target:
    """What of a server an address means."""

    base: str
    """Scheme and host."""
    kind: str
    """`tag`, `account`, `public`, `local`, `remote` or `search`."""
    name: str = ""

    @property
    def address(self) -> str:
        """Return the address by which it is known."""
        paths = {"tag": f"/tags/{quote(self.name)}", "account": f"/@{self.name}", "public": "/public"}
        query = f"/search?{urlencode({'q': self.name})}"
        return self.base + (paths.get(self.kind) or (query if self.kind == "search" else f"/public/{self.kind}"))


def target_of(address: str, q: str = "") -> Target | None:
    """Return what an address means by its shape alone; `None` when it has none of Mastodon's shapes."""
    base, path, query = _split(address)
    if not base:
        return None
    asked = q or (parse_qs(query).get("q", [""])[0] if path.rstrip("/") == "/search" else "")
    if asked:
        return Target(base, "search", asked)
    if found := _ACCOUNT.match(path):
        return Target(base, "account", found.group(1))
    if found := _TAG.match(path):
        return Target(base, "tag", unquote(found.group(1)))
    if found := _PUBLIC.match(path):
        return Target(base, found.group(1) or "public")
    return Target(base, "local") if path in ("", "/") else None


def _split(address: str) -> tuple[str, str, str]:
    try:
        parts = urlsplit(address.strip())
        port = parts.port
    except ValueError:
        return "", "", ""
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return "", "", ""
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{parts.scheme}://{host}{f':{port}' if port else ''}", parts.path, parts.query


def base_of(address: str) -> str:
    """Return scheme and host of an address; empty when it is none of the web."""
    return _split(address)[0]


class Instance(msgspec.Struct):
    """What a server says of itself; `streaming` is empty where it says nothing of streams."""

    title: str
    streaming: str


class _Urls(msgspec.Struct):
    streaming: str | None = None


class _Configuration(msgspec.Struct):
    urls: _Urls = msgspec.field(default_factory=_Urls)


class _Said(msgspec.Struct):
    version: str
    domain: str = ""
    uri: str = ""
    title: str = ""
    configuration: _Configuration = msgspec.field(default_factory=_Configuration)


def instance_of(base: str, fetch: Fetch) -> Instance | None:
    """Return what a server says of itself, by the new address, else by the old one; `None` when it is no such server."""
    for version in ("v2", "v1"):
        answer = probed(f"{base}/api/{version}/instance", fetch)
        try:
            said = msgspec.json.decode(answer.body, type=_Said) if answer else None
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            said = None
        if said and (said.domain or said.uri):
            # The first version names a stream even on servers without one (snac 2.75).
            return Instance(said.title, (said.configuration.urls.streaming or "") if version == "v2" else "")
    return None


class Account(msgspec.Struct):
    """An account as its server shows it."""

    id: str | int
    acct: str = ""
    display_name: str = ""
    url: str | None = None
    followers_count: int | None = None
    following_count: int | None = None
    statuses_count: int | None = None


def account_of(base: str, name: str, headers: Mapping[str, str], fetch: Fetch) -> Account:
    """Look an account up by its name.

    Raises:
        FatalError: `net.gone` when there is none, `mastodon.account` when the answer is none.
    """
    body = fetch(f"{base}/api/v1/accounts/lookup?{urlencode({'acct': name})}", headers=headers).body
    try:
        return msgspec.json.decode(body, type=Account)
    except (msgspec.DecodeError, UnicodeDecodeError) as exc:
        raise FatalError("The server's answer is no account.", code="mastodon.account") from exc


def log_in_of(place: Place, base: str) -> dict[str, str]:
    """Return the headers of a request: the token goes to its own server alone."""
    token = place.secrets.get("token", "")
    return {"Authorization": f"Bearer {token}"} if token and base_of(place.address) == base else {}


def listing(target: Target, account: str, before: str) -> str:
    """Return the address of a page of posts, newest first, of those before an id."""
    paths = {"tag": f"timelines/tag/{quote(target.name, safe='')}", "account": f"accounts/{quote(account)}/statuses"}
    query: dict[str, str | int] = {"limit": PER_PAGE}
    if target.kind in ("local", "remote"):
        query |= {target.kind: "true"}
    if before:
        query |= {"max_id": before}
    if target.kind == "search":
        return f"{target.base}/api/v2/search?{urlencode({'q': target.name, 'type': 'statuses', **query})}"
    return f"{target.base}/api/v1/{paths.get(target.kind, 'timelines/public')}?{urlencode(query)}"


def known_id(uri: str) -> str:
    """Return the id of a post on its own server where its address tells it, else nothing."""
    if found := _STATUS.search(uri):
        return next(group for group in found.groups() if group)
    if found := _SNAC.match(uri):
        return found.group(1) + hashlib.md5(uri.encode(), usedforsecurity=False).hexdigest()
    return ""


class _Hit(msgspec.Struct):
    id: str | int
    uri: str = ""


class _Hits(msgspec.Struct):
    statuses: list[_Hit] = []


def status_at(place: Place, uri: str, fetch: Fetch) -> tuple[str, str]:
    """Return (scheme and host, id there) of a post: on its own server, else on ours, which is asked for it by a token.

    Both are empty when neither can tell.
    """
    base, own = base_of(uri), base_of(place.address)
    if base and (number := known_id(uri)):
        return base, number
    headers = log_in_of(place, own)
    if not base or not headers:
        return "", ""
    query = urlencode({"q": uri, "type": "statuses", "resolve": "true", "limit": 1})
    try:
        hits = msgspec.json.decode(fetch(f"{own}/api/v2/search?{query}", headers=headers).body, type=_Hits).statuses
    except (msgspec.DecodeError, UnicodeDecodeError):
        return "", ""
    return next(((own, str(hit.id)) for hit in hits if hit.uri == uri), ("", ""))


def status(place: Place, base: str, number: str, fetch: Fetch, rest: str = "") -> Response:
    """Read one post, or what stands around it."""
    return fetch(f"{base}/api/v1/statuses/{quote(number, safe='')}{rest}", headers=log_in_of(place, base))


def host_of(base: str) -> str:
    """Return the host of an address as accounts name it."""
    return ids.origin_of(base)
