"""Search, for those who are logged in.

The index gives the newest first and at most 10,000 posts of one question; a longer search goes on with a question that
ends where the last one did. A search does not find the same posts twice, so the last hour is always asked for again.

Source: lexicons app.bsky.feed.searchPosts, com.atproto.server.createSession, read on 2026-11-25; the cap as the authors
of minet found it (docs/cookbook/bsky_api_issues_and_tips.md).
"""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, quote, unquote, urlencode, urlsplit

import msgspec

from vigie.collect.source import Fetch, Page, Place, Response
from vigie.errors import FatalError
from vigie.platforms.bluesky.accounts import LIMIT, sorted_at
from vigie.platforms.bluesky.client import answer_of, is_bad_request, server_of, xrpc
from vigie.platforms.bluesky.rows import instant
from vigie.platforms.bluesky.settings import Servers

CAP = 10_000
"""Posts that the index gives of one question."""

MAX_PAGES = 200
"""Pages of one read: 20,000 posts of the 3,000 calls in 5 minutes that an app password has; the next read goes on."""

FIRST = timedelta(days=1)
"""What the first read begins with, before it walks back: the last day."""

OVERLAP = timedelta(hours=1)
"""How far before the last read the next one begins: the index takes posts in late. What is met again is one post."""


class _Session(msgspec.Struct, rename="camel"):
    access_jwt: str
    did_doc: Any = None


class _Dated(msgspec.Struct, rename="camel"):
    created_at: Any = ""


class _View(msgspec.Struct, rename="camel"):
    indexed_at: str = ""
    record: _Dated = msgspec.field(default_factory=_Dated)


class _Found(msgspec.Struct):
    posts: list[_View]
    cursor: str | None = None


class Session:
    """A log-in, made when first needed and used for one read; made again once when the server calls it expired."""

    def __init__(self, place: Place, servers: Servers, fetch: Fetch) -> None:
        self._place, self._servers, self._fetch = place, servers, fetch
        self._token = ""
        self.server = servers.login

    def __repr__(self) -> str:
        return "Session()"

    def ask(self, method: str, query: Mapping[str, object]) -> Response:
        """Ask our account's server, which hands the question on to the index.

        Raises:
            FatalError: `net.login`: the log-in is not taken.
        """
        if not self._token:
            self._log_in()
        try:
            return self._ask(method, query)
        except FatalError as error:
            # ExpiredToken and InvalidToken come as 400, a token that is missing as 401.
            if error.code != "net.login" and not is_bad_request(error):
                raise
        self._log_in()
        return self._ask(method, query)

    def _ask(self, method: str, query: Mapping[str, object]) -> Response:
        return self._fetch(xrpc(self.server, method, query), headers={"Authorization": f"Bearer {self._token}"})

    def _log_in(self) -> None:
        name, password = self._place.options.get("identifier"), self._place.secrets.get("password")
        if not name or not password:
            raise FatalError(
                "Search wants a log-in: give the handle of an account of ours and an app password.", code="net.login"
            )
        body = msgspec.json.encode({"identifier": name, "password": password})
        url = xrpc(self._servers.login, "com.atproto.server.createSession", {}).rstrip("?")
        answer = self._fetch(url, headers={"Content-Type": "application/json"}, body=body)
        session = answer_of(answer.body, _Session)
        self._token = session.access_jwt
        self.server = self._home(server_of(session.did_doc))

    def _home(self, named: str | None) -> str:
        """Return the server that holds our account: never one to which the log-in would go in the clear."""
        login = self._servers.login
        safe = named is not None and (named.startswith("https://") or login.startswith("http://"))
        return named if named is not None and safe else login


def words_of(url: str) -> str | None:
    """Return what an address searches for: a search of bsky.app, or a hashtag."""
    try:
        parts = urlsplit(url.strip())
        host = parts.hostname
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or host not in ("bsky.app", "www.bsky.app"):
        return None
    if parts.path.startswith("/hashtag/"):
        tag = unquote(parts.path.removeprefix("/hashtag/")).strip("/")
        return f"#{tag}" if tag and "/" not in tag else None
    words = parse_qs(parts.query).get("q", [""])[0].strip() if parts.path.rstrip("/") == "/search" else ""
    return words or None


def address_of(words: str) -> str:
    """Return the canonical address of a search."""
    return f"https://bsky.app/search?{urlencode({'q': words}, quote_via=quote)}"


def pages(words: str, cursor: str | None, session: Session, now: datetime) -> Iterator[Page]:
    """Give what is new since the last read, then what is older, as far as the index goes."""
    state = json.loads(cursor) if cursor else _begin(now)
    if "fresh" not in state:
        state["fresh"] = {"since": _text(datetime.fromisoformat(state["since"]) - OVERLAP), "begun": _text(now)}
    n_pages = 0
    for name in ("fresh", "older"):
        while name in state and n_pages < MAX_PAGES:
            n_pages += 1
            answer, found = _asked(words, state[name], session)
            state = _after(state, name, found)
            if found.posts:
                told = json.dumps(state, separators=(",", ":"))
                yield Page(answer.url, answer.body, answer.headers.get("content-type", ""), "search", now, told)


def _begin(now: datetime) -> dict[str, Any]:
    first = _text(now - FIRST)
    return {"since": first, "fresh": {"since": first, "begun": _text(now)}, "older": {"until": first}}


def _asked(words: str, span: Mapping[str, Any], session: Session) -> tuple[Response, _Found]:
    query = {
        "q": words, "sort": "latest", "limit": LIMIT, "since": span.get("since"), "until": span.get("until"),
        "cursor": span.get("at"),
    }  # fmt: skip
    answer = session.ask("app.bsky.feed.searchPosts", query)
    return answer, answer_of(answer.body, _Found)


def _after(state: Mapping[str, Any], name: str, found: _Found) -> dict[str, Any]:
    """Return the state after a page: its next page, the next question when the cap is near, or the end."""
    span, rest = dict(state[name]), {key: value for key, value in state.items() if key != name}
    n = span.get("n", 0) + len(found.posts)
    oldest = min((sorted_at(str(v.record.created_at), v.indexed_at) for v in found.posts), default="")
    if found.posts and n > CAP - LIMIT:
        next_until = _until(oldest, span.get("until"))
        if next_until is not None and next_until > span.get("since", ""):
            return {**rest, name: {**_without(span), "until": next_until}}
    elif found.posts and found.cursor and found.cursor != span.get("at"):
        return {**rest, name: {**span, "at": found.cursor, "n": n}}
    return {**rest, "since": span["begun"]} if name == "fresh" else rest


def _without(span: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in span.items() if key not in ("at", "n")}


def _until(oldest: str, last: str | None) -> str | None:
    """Return the end of the next question, just after the oldest post met; earlier where that would stand still."""
    time = instant(oldest)
    if time is None:
        return None
    until = _text(time + timedelta(milliseconds=1))
    return until if last is None or until < last else _text(time - timedelta(milliseconds=1))


def _text(time: datetime) -> str:
    """Write a time to the millisecond, as the index compares them."""
    return time.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
