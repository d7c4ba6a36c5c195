"""A double of the index of Bluesky (AppView) and of a log-in server, built from the lexicons.

Methods: com.atproto.identity.resolveHandle, com.atproto.server.createSession, app.bsky.feed.getAuthorFeed, .getPosts,
.getPostThread, .searchPosts, app.bsky.actor.getProfile (docs.bsky.app/docs/api, lexicons of
github.com/bluesky-social/atproto, read on 2026-11-25). Its answers are read by the reference client in the tests.
"""

import base64
import hashlib
import json
import threading
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

PASSWORD = "abcd-efgh-ijkl-mnop"
START = datetime(2026, 10, 1, 8, tzinfo=UTC)


def did(name: str) -> str:
    """Return a well-formed DID of a name."""
    return "did:plc:" + base64.b32encode(hashlib.sha256(name.encode()).digest()).decode().lower()[:24]


def cid(name: str) -> str:
    """Return a well-formed CID of a name: version 1, DAG-CBOR, SHA-256."""
    raw = b"\x01\x71\x12\x20" + hashlib.sha256(name.encode()).digest()
    return "b" + base64.b32encode(raw).decode().lower().rstrip("=")


def key(n: int) -> str:
    """Return the n-th record key, in order."""
    number, text = 1_700_000_000_000_000 * 1024 + n, ""
    for _ in range(13):
        number, digit = divmod(number, 32)
        text = "234567abcdefghijklmnopqrstuvwxyz"[digit] + text
    return text


def stamp(time: datetime) -> str:
    """Write a time as servers do."""
    return time.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class AppView:
    """Posts of a few accounts, and what the index says of them; answers on loopback once started."""

    def __init__(self) -> None:
        self.posts: list[dict[str, Any]] = []
        self.reposts: list[tuple[str, dict[str, Any], datetime]] = []
        self.asked: list[str] = []
        self.sessions = 0
        self.expire_after: int | None = None
        self.expired_status = 400
        self.cap = 10_000
        self._uses = 0

    def actor(self, name: str) -> dict[str, Any]:
        """Return an account as posts show it."""
        return {"did": did(name), "handle": f"{name}.test", "displayName": name.title(), "viewer": {}, "labels": []}

    def post(self, name: str, text: str, *, at: datetime | None = None, **more: Any) -> str:
        """Add a post; return its address."""
        n = len(self.posts)
        time = at or START + timedelta(minutes=n)
        uri = f"at://{did(name)}/app.bsky.feed.post/{key(n)}"
        record = {"$type": "app.bsky.feed.post", "text": text, "createdAt": stamp(time), "langs": ["fr"], **more}
        self.posts.append({
            "uri": uri, "cid": cid(uri + text), "author": self.actor(name), "record": record, "indexedAt": stamp(time),
            "likeCount": n, "repostCount": 1, "replyCount": 2, "quoteCount": 0, "viewer": {}, "labels": [],
        })  # fmt: skip
        return uri

    def ref(self, uri: str) -> dict[str, str]:
        """Return a strong reference to a post."""
        return {"uri": uri, "cid": next(post["cid"] for post in self.posts if post["uri"] == uri)}

    def repost(self, name: str, uri: str, at: datetime) -> None:
        """Let an account repeat a post."""
        self.reposts.append((name, next(post for post in self.posts if post["uri"] == uri), at))

    def delete(self, uri: str) -> None:
        """Forget a post."""
        self.posts = [post for post in self.posts if post["uri"] != uri]

    def answer(self, method: str, query: Mapping[str, list[str]], headers: Mapping[str, str], body: bytes) -> Any:
        """Return status and answer of a method."""
        one = {name: values[0] for name, values in query.items()}
        known = {
            "com.atproto.identity.resolveHandle": self._handle, "app.bsky.feed.getAuthorFeed": self._feed,
            "app.bsky.feed.getPostThread": self._thread, "app.bsky.actor.getProfile": self._profile,
        }  # fmt: skip
        if method == "com.atproto.server.createSession":
            return self._session(json.loads(body))
        if method == "app.bsky.feed.getPosts":
            wanted = query.get("uris", [])
            if len(wanted) > 25:
                return 400, {"error": "InvalidRequest", "message": "Error: uris must not have more than 25 elements"}
            return 200, {"posts": [post for post in self.posts if post["uri"] in wanted]}
        if method == "app.bsky.feed.searchPosts":
            return self._search(one, headers.get("authorization", ""))
        return known[method](one) if method in known else (501, {"error": "MethodNotImplemented"})

    def _handle(self, one: Mapping[str, str]) -> Any:
        names = {post["author"]["handle"]: post["author"]["did"] for post in self.posts}
        if one["handle"] not in names:
            return 400, {"error": "InvalidRequest", "message": "Unable to resolve handle"}
        return 200, {"did": names[one["handle"]]}

    def _feed(self, one: Mapping[str, str]) -> Any:
        items = [(post["indexedAt"], {"post": post}) for post in self.posts if post["author"]["did"] == one["actor"]]
        for name, post, at in self.reposts:
            if did(name) == one["actor"]:
                reason = {
                    "$type": "app.bsky.feed.defs#reasonRepost", "by": self.actor(name), "indexedAt": stamp(at),
                    "uri": f"at://{did(name)}/app.bsky.feed.repost/{key(9_000 + len(self.reposts))}", "cid": cid(name),
                }  # fmt: skip
                items.append((stamp(at), {"post": post, "reason": reason}))
        found = sorted((i for i in items if i[0] < one.get("cursor", "9")), key=lambda i: i[0], reverse=True)
        page = found[: int(one.get("limit", 50))]
        more = {"cursor": page[-1][0]} if len(found) > len(page) else {}
        return 200, {"feed": [item for _, item in page], **more}

    def _thread(self, one: Mapping[str, str]) -> Any:
        by_uri = {post["uri"]: post for post in self.posts}
        if one["uri"] not in by_uri:
            return 400, {"error": "NotFound", "message": f"Post not found: {one['uri']}"}
        view = "app.bsky.feed.defs#threadViewPost"

        def parent(post: dict[str, Any]) -> str | None:
            return post["record"].get("reply", {}).get("parent", {}).get("uri")

        def down(post: dict[str, Any]) -> dict[str, Any]:
            replies = [down(other) for other in self.posts if parent(other) == post["uri"]]
            return {"$type": view, "post": post, "replies": replies}

        def up(post: dict[str, Any]) -> dict[str, Any]:
            above = parent(post)
            if above is None:
                return {}
            if above not in by_uri:
                return {"parent": {"$type": "app.bsky.feed.defs#notFoundPost", "uri": above, "notFound": True}}
            return {"parent": {"$type": view, "post": by_uri[above], **up(by_uri[above])}}

        return 200, {"thread": {**down(by_uri[one["uri"]]), **up(by_uri[one["uri"]])}}

    def _profile(self, one: Mapping[str, str]) -> Any:
        for post in self.posts:
            author = post["author"]
            if one["actor"] in (author["did"], author["handle"]):
                n = sum(other["author"]["did"] == author["did"] for other in self.posts)
                return 200, {**author, "followersCount": 1234, "followsCount": 56, "postsCount": n}
        return 400, {"error": "InvalidRequest", "message": "Profile not found"}

    def _session(self, told: Mapping[str, str]) -> Any:
        if told.get("password") != PASSWORD:
            return 401, {"error": "AuthenticationRequired", "message": "Invalid identifier or password"}
        self.sessions += 1
        self._uses = 0
        service = {"id": "#atproto_pds", "type": "AtprotoPersonalDataServer", "serviceEndpoint": self.url}
        return 200, {
            "accessJwt": f"secret-token-{self.sessions}", "refreshJwt": "secret-refresh", "handle": told["identifier"],
            "did": did("us"), "didDoc": {"id": did("us"), "service": [service]}, "active": True,
        }  # fmt: skip

    def _search(self, one: Mapping[str, str], authorization: str) -> Any:
        if not authorization:
            return 401, {"error": "AuthMissing", "message": "Authentication Required"}
        self._uses += 1
        if self.expire_after is not None and self._uses > self.expire_after:
            return self.expired_status, {"error": "ExpiredToken", "message": "Token has expired"}
        since, until, start = one.get("since", ""), one.get("until", "9"), int(one.get("cursor", 0))
        words = one["q"].casefold()
        found = [p for p in self.posts if words in p["record"]["text"].casefold() and since <= p["indexedAt"] < until]
        found.sort(key=lambda post: str(post["indexedAt"]), reverse=True)
        end = min(start + int(one.get("limit", 25)), self.cap)
        more = {"cursor": str(end)} if len(found) > end and end < self.cap else {}
        return 200, {"posts": found[start:end], "hitsTotal": len(found), **more}

    def start(self) -> "AppView":
        """Answer on loopback."""
        double = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _answer(self) -> None:
                parts = urlsplit(self.path)
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                double.asked.append(self.path)
                headers = {name.lower(): value for name, value in self.headers.items()}
                method = parts.path.removeprefix("/xrpc/")
                status, answer = double.answer(method, parse_qs(parts.query), headers, body)
                found = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json; charset=utf-8")
                self.send_header("Content-Length", str(len(found)))
                self.end_headers()
                self.wfile.write(found)

            do_GET = do_POST = _answer  # noqa: N815 -- names of the standard library

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def stop(self) -> None:
        """Stop answering."""
        self._server.shutdown()
        self._server.server_close()
