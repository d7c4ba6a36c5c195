"""A double of Mastodon for what no server at hand does: streams, edits, deletions, `Link`, limits.

Built from docs.joinmastodon.org: methods/timelines, methods/statuses, methods/streaming, entities/Status, api/rate-limits,
read 2026-11-25; its answers are read by Mastodon.py too (tests/unit/platforms/test_mastodon_double.py).
"""

import json
import threading
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.sync.server import Server, ServerConnection, serve

BEGAN = datetime(2026, 10, 1, 8, tzinfo=UTC)

LIMIT = 300
"""Requests in five minutes (api/rate-limits)."""


class Mastodon:
    """One server with accounts, posts and streams."""

    def __init__(self, port: int = 0, token: str = "") -> None:
        self.token = token
        """What must come with every request; nothing when everybody may read."""
        self.statuses: list[dict[str, Any]] = []
        self.left = LIMIT
        self.has_streams = True
        self._listeners: list[tuple[str, str, ServerConnection]] = []
        self._server: Server = serve(
            self._listen, "127.0.0.1", port, process_request=self._answer, compression=None, ping_interval=None
        )
        self.port = int(self._server.socket.getsockname()[1])
        self.public_port = self.port
        """The port in its addresses, where a proxy stands before it."""
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def host(self) -> str:
        """Return its name."""
        return f"127.0.0.1:{self.public_port}"

    @property
    def url(self) -> str:
        """Return its address."""
        return f"http://{self.host}"

    def stop(self) -> None:
        """Close its port and its streams."""
        self._server.shutdown()
        self.break_streams()

    def break_streams(self) -> None:
        """Close every stream, as a restart does."""
        for *_, listener in self._listeners:
            listener.close()
        self._listeners.clear()

    # What people do.

    def post(self, text: str, *, by: str = "zoe", answers: str = "", quotes: str = "", **values: Any) -> dict[str, Any]:
        """Publish a post and tell the streams."""
        number = str(117_000_000_000_000_000 + len(self.statuses) * 65_536)
        told = next((s for s in self.statuses if s["id"] == answers), None)
        quoted = next((s for s in self.statuses if s["id"] == quotes), None)
        tags = [word[1:].lower() for word in text.split() if word.startswith("#")]
        status = {
            "id": number, "created_at": _stamp(len(self.statuses)), "in_reply_to_id": answers or None,
            "in_reply_to_account_id": told["account"]["id"] if told else None, "sensitive": False, "spoiler_text": "",
            "visibility": "public", "language": "fr", "uri": f"{self.url}/users/{by}/statuses/{number}",
            "url": f"{self.url}/@{by}/{number}", "replies_count": 0, "reblogs_count": 2, "favourites_count": 3,
            "quotes_count": 0, "edited_at": None, "content": f"<p>{text}</p>", "reblog": None, "application": None,
            "account": self.account(by), "media_attachments": [],
            "mentions": [_mention(told["account"])] if told else [],
            "tags": [{"name": tag, "url": f"{self.url}/tags/{tag}"} for tag in tags], "emojis": [], "card": None,
            "poll": None, "quote": {"state": "accepted", "quoted_status": quoted} if quoted else None, **values,
        }  # fmt: skip
        self.statuses.append(status)
        self._tell("update", json.dumps(status), status)
        return status

    def boost(self, number: str, by: str = "ana") -> dict[str, Any]:
        """Repeat a post."""
        reblog = self._status(number)
        assert reblog is not None
        return self.post("", by=by, content=reblog["content"], reblog=reblog)

    def edit(self, number: str, text: str) -> None:
        """Change a post's text."""
        status = self._status(number)
        assert status is not None
        status.update(content=f"<p>{text}</p>", edited_at=_stamp(100_000 + len(self.statuses)))
        self._tell("status.update", json.dumps(status), status)

    def delete(self, number: str) -> None:
        """Delete a post."""
        status = self._status(number)
        assert status is not None
        status["deleted"] = True
        self._tell("delete", number, status)

    def account(self, name: str) -> dict[str, Any]:
        """Return an account."""
        return {
            "id": str(1_000 + sum(map(ord, name))), "username": name, "acct": name, "display_name": name.title(),
            "locked": False, "bot": False, "group": False, "discoverable": True, "created_at": _stamp(0), "note": "",
            "url": f"{self.url}/@{name}", "uri": f"{self.url}/users/{name}", "avatar": "", "avatar_static": "",
            "header": "", "header_static": "", "followers_count": 12, "following_count": 3,
            "statuses_count": sum(not s.get("deleted") for s in self.statuses), "last_status_at": None, "emojis": [],
            "fields": [],
        }  # fmt: skip

    # What the server answers.

    def _status(self, number: str) -> dict[str, Any] | None:
        return next((s for s in self.statuses if s["id"] == number and not s.get("deleted")), None)

    def _answer(self, connection: ServerConnection, request: Request) -> Response | None:
        parts = urlsplit(request.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if self.left <= 0:
            return self._json(429, {"error": "Too many requests"})
        self.left -= 1
        given = request.headers.get("Authorization", "")
        needs = self.token or "none"
        if (self.token or parts.path == "/api/v1/streaming") and given != f"Bearer {needs}":
            return self._json(401, {"error": "This method requires an authenticated user"})
        if parts.path == "/api/v1/streaming":
            return None if self.has_streams else self._json(404, {"error": "Not found"})
        status, value = self._value(parts.path, query)
        return self._json(status, value, _link(self.url + parts.path, value))

    def _value(self, path: str, query: dict[str, str]) -> tuple[int, Any]:
        if path == "/api/v2/instance":
            urls = {"streaming": f"ws://{self.host}"} if self.has_streams else {}
            return 200, {"domain": self.host, "title": "Double", "version": "4.5.0", "configuration": {"urls": urls}}
        steps = path.removeprefix("/api/v1/").split("/")
        if path.startswith("/api/v1/timelines/tag/"):
            return 200, self._page(query, tag=steps[-1])
        if path == "/api/v1/timelines/public":
            return 200, self._page(query)
        if path == "/api/v2/search":
            words = query.get("q", "")
            return 200, {"accounts": [], "hashtags": [], "statuses": self._page(query, words=words)}
        if path == "/api/v1/accounts/lookup":
            names = {s["account"]["acct"] for s in self.statuses}
            found = query.get("acct", "")
            return (200, self.account(found)) if found in names else (404, {"error": "Record not found"})
        if steps[0] == "accounts" and steps[-1] == "statuses":
            return 200, self._page(query, account=steps[1])
        if steps[0] == "statuses":
            return self._one(steps)
        return 404, {"error": "Record not found"}

    def _one(self, steps: list[str]) -> tuple[int, Any]:
        status = self._status(steps[1])
        if status is None:
            return 404, {"error": "Record not found"}
        if steps[-1] != "context":
            return 200, _shown(status)
        above = self._status(status["in_reply_to_id"] or "")
        below = [_shown(s) for s in self.statuses if s["in_reply_to_id"] == steps[1] and not s.get("deleted")]
        return 200, {"ancestors": [_shown(above)] if above else [], "descendants": below}

    def _page(self, query: dict[str, str], tag: str = "", account: str = "", words: str = "") -> list[dict[str, Any]]:
        chosen = [
            s for s in self.statuses
            if not s.get("deleted")
            and (not tag or tag.lower() in {t["name"] for t in s["tags"]})
            and (not account or s["account"]["id"] == account)
            and (account or not s["reblog"])
            and (not words or words.lower() in s["content"].lower() or words == s["uri"])
            and ("max_id" not in query or int(s["id"]) < int(query["max_id"]))
            and int(s["id"]) > int(query.get("since_id", query.get("min_id", "0")))
        ]  # fmt: skip
        limit = min(int(query.get("limit", "20")), 40)
        kept = chosen[:limit] if "min_id" in query else chosen[-limit:]
        return [_shown(s) for s in reversed(kept)]

    def _json(self, status: int, value: Any, link: str = "") -> Response:
        body = json.dumps(value).encode()
        headers = Headers(
            [
                ("Content-Type", "application/json; charset=utf-8"), ("Content-Length", str(len(body))),
                ("Connection", "close"), ("X-RateLimit-Limit", str(LIMIT)),
                ("X-RateLimit-Remaining", str(max(self.left, 0))), ("X-RateLimit-Reset", _stamp(300)),
            ]
        )  # fmt: skip
        if link:
            headers["Link"] = link
        return Response(status, {200: "OK"}.get(status, "Refused"), headers, body)

    # Streams.

    def _listen(self, connection: ServerConnection) -> None:
        assert connection.request is not None
        query = {name: values[0] for name, values in parse_qs(urlsplit(connection.request.path).query).items()}
        self._listeners.append((query.get("stream", ""), query.get("tag", "").lower(), connection))
        try:
            for _ in connection:
                pass
        except ConnectionClosed:
            pass

    def _tell(self, event: str, payload: str, status: dict[str, Any]) -> None:
        message = json.dumps({"stream": ["public"], "event": event, "payload": payload})
        for stream, tag, listener in list(self._listeners):
            if stream != "hashtag" or event == "delete" or tag in {t["name"] for t in status["tags"]}:
                try:
                    listener.send(message)
                except ConnectionClosed:
                    self._listeners.remove((stream, tag, listener))

    def say(self, text: str) -> None:
        """Send any text down every stream."""
        for *_, listener in self._listeners:
            listener.send(text)

    @property
    def listeners(self) -> int:
        """Return how many listen."""
        return len(self._listeners)


def _shown(status: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in status.items() if key != "deleted"}


def _stamp(seconds: int) -> str:
    return (BEGAN + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def _mention(account: dict[str, Any]) -> dict[str, Any]:
    return {key: account[key] for key in ("id", "username", "url", "acct")}


def _link(address: str, value: Any) -> str:
    if not isinstance(value, list) or not value or "id" not in value[0]:
        return ""
    return f'<{address}?max_id={value[-1]["id"]}>; rel="next", <{address}?min_id={value[0]["id"]}>; rel="prev"'
