"""Listen to a server's stream over a web socket.

Source: docs.joinmastodon.org/methods/streaming (events `update`, `status.update`, `delete`), read 2026-11-25.

A page holds the events of up to five seconds, each with its post as sent. A deletion names an id alone: the post is told
as deleted, with its text, when it came by this stream; of others the next reading of counts tells.
"""

import json
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from time import monotonic
from typing import Any
from urllib.parse import urlencode, urlsplit

import msgspec
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from vigie.collect.source import Fetch, Page, Place
from vigie.errors import FatalError, RetryableError
from vigie.platforms.mastodon.client import Target
from vigie.platforms.mastodon.parse import Event
from vigie.platforms.mastodon.walk import heard

PAGE_S = 5.0
"""Seconds of events in one page: what the contract of streams asks."""

PAGE_EVENTS = 10_000
"""Events of one page at most: the same."""

REMEMBERED = 2_000
"""Posts kept to tell what a deletion deletes, about 10 MB: most deletions follow within minutes."""

MESSAGE_BYTES = 1_000_000
"""Bytes of one message at most: a post of 100,000 characters with its account is a third of that."""

SILENCE_S = 60.0
"""Seconds without an answer to a ping after which the connection is dead; Mastodon pings every 30 s."""

_CHANNELS = {"tag": "hashtag", "public": "public", "local": "public:local", "remote": "public:remote"}


class _Message(msgspec.Struct):
    event: str = ""
    payload: str | int | None = None


class _Named(msgspec.Struct):
    id: str | int
    edited_at: str | None = None
    created_at: str | None = None


def listen(
    target: Target,
    place: Place,
    state: dict[str, Any],
    missed: Callable[[], Iterator[Page]],
    *,
    fetch: Fetch,
    clock: Callable[[], datetime],
    stopping: Callable[[], bool],
) -> Iterator[Page]:
    """Connect, give what was missed, then what comes."""
    url = f"{place.options['stream'].rstrip('/')}/api/v1/streaming?{urlencode(_query(target))}"
    with _connected(url, place, fetch) as socket:
        # Connected first: what is written while the past is read waits in the socket, and is met twice at worst.
        yield from missed()
        remembered: OrderedDict[str, msgspec.Raw] = OrderedDict()
        while not stopping():
            events = _events(socket, remembered, state)
            body = msgspec.json.encode(events)
            # The address is that of the server, by which its accounts are named.
            address = f"{target.base}/api/v1/streaming?{urlencode(_query(target))}"
            yield Page(address, body, "application/json", "events", clock(), json.dumps(state), target.kind == "public")


def _query(target: Target) -> dict[str, str]:
    return {"stream": _CHANNELS[target.kind], **({"tag": target.name} if target.kind == "tag" else {})}


@contextmanager
def _connected(url: str, place: Place, fetch: Fetch) -> Iterator[ClientConnection]:
    """Open a web socket on a guarded connection, and turn what breaks into our errors."""
    parts = urlsplit(url)
    host, tls = parts.hostname or "", parts.scheme in ("wss", "https")
    port = parts.port or (443 if tls else 80)
    plain = fetch.dial(host, port, tls=tls)
    try:
        # The connection is encrypted already, so the library is told of none to make.
        shown = f"ws://{host}{'' if port in (80, 443) else f':{port}'}{parts.path}?{parts.query}"
        with connect(
            shown, sock=plain, proxy=None, compression=None, max_size=MESSAGE_BYTES, ping_timeout=SILENCE_S,
            additional_headers={"Authorization": f"Bearer {place.secrets.get('token', '')}"},
            user_agent_header="Vigie (social listening)",
        ) as socket:  # fmt: skip
            yield socket
    except InvalidStatus as exc:
        raise _refusal(host, exc.response.status_code, exc.response.headers.get("Retry-After", "")) from exc
    except (ConnectionClosed, InvalidHandshake, OSError, EOFError) as exc:
        raise RetryableError(f"{host} can't be reached.", code="net.unreachable", facts={"host": host}) from exc
    finally:
        plain.close()


def _refusal(host: str, status: int, wait: str) -> FatalError | RetryableError:
    facts: dict[str, str | int | float] = {"host": host, "status": status}
    if status == 401:  # noqa: PLR2004 -- Unauthorized, RFC 9110
        return FatalError(f"{host} asks for a log-in ({status}).", code="net.login", facts=facts)
    if status in (403, 404, 410):
        code = "net.refused" if status == 403 else "net.gone"  # noqa: PLR2004 -- Forbidden, RFC 9110
        return FatalError(f"{host} does not let us listen ({status}).", code=code, facts=facts)
    code = "net.too_many" if status == 429 else "net.server_error"  # noqa: PLR2004 -- Too Many Requests, RFC 6585
    later = float(wait) if wait.isdigit() else None
    return RetryableError(f"{host} asks to come back later ({status}).", code=code, retry_after=later, facts=facts)


def _events(
    socket: ClientConnection, remembered: "OrderedDict[str, msgspec.Raw]", state: dict[str, Any]
) -> list[Event]:
    """Return the events of the next seconds that tell of posts."""
    events: list[Event] = []
    until = monotonic() + PAGE_S
    while len(events) < PAGE_EVENTS and (left := until - monotonic()) > 0:
        try:
            message = socket.recv(timeout=left)
        except TimeoutError:
            break
        event = _event(message, remembered, state)
        if event is not None:
            events.append(event)
    return events


def _event(message: str | bytes, remembered: "OrderedDict[str, msgspec.Raw]", state: dict[str, Any]) -> Event | None:
    try:
        told = msgspec.json.decode(message, type=_Message)
        if told.event == "delete":
            status = remembered.pop(str(told.payload), None)
            return Event("delete", status) if status is not None else None
        if told.event not in ("update", "status.update"):
            return None
        raw = msgspec.Raw(str(told.payload or "").encode())
        named = msgspec.json.decode(raw, type=_Named)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        # Kept as it is, for the parser to count.
        return Event("broken", msgspec.Raw(msgspec.json.encode(_shown(message))))
    number, edited = str(named.id), named.edited_at or ""
    remembered[number] = raw
    if len(remembered) > REMEMBERED:
        remembered.popitem(last=False)
    if told.event == "update":
        heard(state, number, edited, named.created_at or "")
    else:
        state["recent"] = [[n, edited if n == number else e] for n, e in state.get("recent", [])]
    return Event(told.event, raw)


def _shown(message: str | bytes) -> str:
    return message if isinstance(message, str) else message.decode("utf-8", "replace")
