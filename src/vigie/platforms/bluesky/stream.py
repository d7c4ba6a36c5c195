"""Listen to the firehose of a relay or of one server of repositories, over a web socket.

The socket is dialled by the guarded network; `websockets` speaks the protocol and touches no network itself.

Source: atproto.com/specs/event-stream, lexicon com.atproto.sync.subscribeRepos, read on 2026-11-25.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from websockets.client import ClientProtocol
from websockets.exceptions import InvalidStatus
from websockets.frames import Frame, Opcode
from websockets.http11 import Response as Upgraded
from websockets.protocol import State
from websockets.uri import parse_uri

from vigie.collect.source import Fetch, Page
from vigie.errors import FatalError, RetryableError
from vigie.platforms.bluesky import frames
from vigie.platforms.bluesky.rows import POST, REPOST, instant

METHOD = "com.atproto.sync.subscribeRepos"

PAGE_EVENTS = 10_000
"""Events of a page (the contract of streams)."""

PAGE_TIME = timedelta(seconds=5)
"""Time of a page (the contract of streams)."""

PAGE_BYTES = 32 * 1024 * 1024
"""Bytes of a page: 10,000 events of the usual 3 KB; larger events end it sooner."""

FRAME_MOST = 6 * 1024 * 1024
"""Bytes of one frame: the specification allows 5 MB; larger ones end the connection."""

POLL_S = 1.0
"""Seconds after which a stream that is quiet looks whether it shall stop."""

SILENT_S = 60.0
"""Seconds without a byte, not even the answer to a ping, after which the connection is given up."""

RECEIVE_BYTES = 1024 * 1024
"""Bytes that are received at once."""

IDLE_S = 2.0
"""Seconds without an event after which `pages` has caught up."""

MOST_PAGES = 50
"""Pages of one read that does not listen: half a million events; the next read goes on."""

_WANTED = (POST.encode(), REPOST.encode())
_COMMIT = b"#commit"


def address_of(url: str) -> str | None:
    """Return the canonical address of a firehose; nothing for an address that has not the shape of one."""
    try:
        parts = urlsplit(url.strip())
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    scheme = {"https": "wss", "http": "ws"}.get(parts.scheme, parts.scheme)
    named = parts.path.rstrip("/") == f"/xrpc/{METHOD}"
    bare = parts.path in ("", "/") and parts.scheme in ("ws", "wss")
    if not host or scheme not in ("ws", "wss") or not (named or bare):
        return None
    where = f"[{host}]" if ":" in host else host
    return f"{scheme}://{where}{f':{port}' if port else ''}/xrpc/{METHOD}"


@dataclass(slots=True)
class Gathered:
    """Events of the page that is being gathered."""

    frames: list[bytes] = field(default_factory=list)
    last: bytes = b""
    n_events: int = 0
    n_bytes: int = 0

    def add(self, frame: bytes) -> None:
        """Take a frame; those of likes, follows and the like are counted and left."""
        self.n_events += 1
        # `{"t": "#commit", "op": 1}` is 15 bytes; whatever is no commit is kept.
        if _COMMIT not in frame[:16] or _WANTED[0] in frame or _WANTED[1] in frame:
            self.frames.append(frame)
            self.n_bytes += len(frame)
        self.last = frame

    @property
    def is_full(self) -> bool:
        return self.n_events >= PAGE_EVENTS or self.n_bytes >= PAGE_BYTES


class Connection:
    """One web socket to one server."""

    def __init__(self, address: str, seq: int | None, fetch: Fetch, timeout_s: float) -> None:
        parts = urlsplit(address)
        self.host, tls = parts.hostname or "", parts.scheme == "wss"
        url = address if seq is None else f"{address}?cursor={seq}"
        self._pieces: list[bytes] = []
        self._protocol = ClientProtocol(parse_uri(url), max_size=FRAME_MOST)
        self._socket = fetch.dial(self.host, parts.port or (443 if tls else 80), tls=tls)
        try:
            self._socket.settimeout(SILENT_S)
            request = self._protocol.connect()
            request.headers["User-Agent"] = "Vigie (social listening)"
            self._protocol.send_request(request)
            self._send()
            self._early = self._open()
            self._socket.settimeout(timeout_s)
        except BaseException:
            self._socket.close()
            raise

    def _open(self) -> list[bytes]:
        """Wait for the answer; return frames that came with it."""
        while self._protocol.state is State.CONNECTING and self._protocol.handshake_exc is None:
            self._receive()
            events = self._protocol.events_received()
            if self._protocol.handshake_exc is not None:
                break
            if events:
                return self._messages([event for event in events if not isinstance(event, Upgraded)])
        raise self._refused(self._protocol.handshake_exc)

    def _refused(self, why: Exception | None) -> FatalError | RetryableError:
        status = why.response.status_code if isinstance(why, InvalidStatus) else 0
        facts: dict[str, str | int | float] = {"host": self.host, "status": status}
        if status == 401:  # noqa: PLR2004 -- Unauthorized, RFC 9110
            return FatalError(f"{self.host} asks for a log-in ({status}).", code="net.login", facts=facts)
        if status in (403, 451):
            return FatalError(f"{self.host} refuses to show this address ({status}).", code="net.refused", facts=facts)
        if status in (404, 410):
            return FatalError(
                f"{self.host} says that there is nothing at this address any more ({status}).",
                code="net.gone",
                facts=facts,
            )
        if isinstance(why, InvalidStatus) and (status == 429 or status >= 500):  # noqa: PLR2004 -- RFC 6585, RFC 9110
            wait = why.response.headers.get("Retry-After", "")
            code = "net.too_many" if status == 429 else "net.server_error"  # noqa: PLR2004 -- as above
            return RetryableError(
                f"{self.host} asks to come back later ({status}).",
                code=code,
                retry_after=float(wait) if wait.isdigit() else None,
                facts=facts,
            )
        return self.broken()

    def broken(self) -> RetryableError:
        """Return the error that says that the connection broke."""
        return RetryableError(f"The answer of {self.host} is broken.", code="net.broken", facts={"host": self.host})

    def messages(self) -> list[bytes] | None:
        """Return the frames that came; nothing when none came in time.

        Raises:
            RetryableError: the connection broke.
        """
        if self._early:
            early, self._early = self._early, []
            return early
        try:
            self._receive()
        except TimeoutError:
            return None
        return self._messages(self._protocol.events_received())

    def _receive(self) -> None:
        try:
            data = self._socket.recv(RECEIVE_BYTES)
        except TimeoutError:
            raise
        except OSError as exc:
            raise self.broken() from exc
        if data:
            self._protocol.receive_data(data)
        else:
            self._protocol.receive_eof()
        self._send()

    def _messages(self, events: list[Any]) -> list[bytes]:
        found = []
        for event in events:
            if isinstance(event, Frame) and event.opcode in (Opcode.BINARY, Opcode.CONT):
                self._pieces.append(bytes(event.data))
                if event.fin:
                    found.append(self._pieces[0] if len(self._pieces) == 1 else b"".join(self._pieces))
                    self._pieces = []
        if not found and self._protocol.state is not State.OPEN:
            raise self.broken()
        return found

    def ping(self) -> None:
        """Ask whether the server is still there."""
        if self._protocol.state is State.OPEN:
            self._protocol.send_ping(b"")
            self._send()

    def _send(self) -> None:
        try:
            for data in self._protocol.data_to_send():
                if data:
                    self._socket.sendall(data)
        except OSError as exc:
            raise self.broken() from exc

    def close(self) -> None:
        """Hang up."""
        try:
            if self._protocol.state is State.OPEN:
                self._protocol.send_close(1000)
                self._send()
        except RetryableError:
            pass
        finally:
            self._socket.close()


class Listening:
    """The page that is being gathered, and when it ends."""

    def __init__(self, address: str, place: dict[str, Any], clock: Callable[[], datetime]) -> None:
        self._address, self._place, self._clock = address, place, clock
        self._gathered = Gathered()
        self._begun = self._heard = clock()

    def take(self, came: list[bytes] | None) -> Iterator[Page]:
        """Take the frames that came, or that none came; give the pages that are full or due."""
        now = self._clock()
        if came is not None:
            self._heard = now
        for frame in came or ():
            self._gathered.add(frame)
            if self._gathered.is_full:
                yield from self._turn(now)
        if now - self._begun >= PAGE_TIME:
            yield from self._turn(now)

    @property
    def still(self) -> timedelta:
        """How long the server has said nothing at all."""
        return self._clock() - self._heard

    def rest(self) -> Iterator[Page]:
        """Give what was gathered when the stream ends."""
        if self._gathered.n_events:
            yield _page(self._address, self._gathered, self._place, self._clock())

    def _turn(self, now: datetime) -> Iterator[Page]:
        yield _page(self._address, self._gathered, self._place, now)
        self._place, self._gathered, self._begun = _place(self._gathered, self._place), Gathered(), self._clock()
        # What the reader of the page took is no silence of the server.
        self._heard += self._begun - now


def stream(
    address: str, cursor: str | None, *, fetch: Fetch, clock: Callable[[], datetime], stopping: Callable[[], bool]
) -> Iterator[Page]:
    """Give pages as events come, one at least every five seconds, until told to stop."""
    place = json.loads(cursor) if cursor else {}
    connection = Connection(address, place.get("seq"), fetch, POLL_S)
    try:
        listening = Listening(address, place, clock)
        while not stopping():
            came = connection.messages()
            yield from listening.take(came)
            if came is None and listening.still > PAGE_TIME:
                connection.ping()
            if listening.still > timedelta(seconds=SILENT_S):
                raise connection.broken()
        yield from listening.rest()
    except RetryableError:
        yield from listening.rest()
        raise
    finally:
        connection.close()


def pages(address: str, cursor: str | None, *, fetch: Fetch, now: datetime) -> Iterator[Page]:
    """Give what happened since the cursor, without staying to listen."""
    place = json.loads(cursor) if cursor else {}
    connection = Connection(address, place.get("seq"), fetch, IDLE_S)
    try:
        for _ in range(MOST_PAGES):
            gathered, came = Gathered(), connection.messages()
            while came is not None and not gathered.is_full:
                for frame in came:
                    gathered.add(frame)
                came = [] if gathered.is_full else connection.messages()
            if gathered.n_events:
                yield _page(address, gathered, place, now)
                place = _place(gathered, place)
            time = instant(str(place.get("time", "")))
            if came is None or (time is not None and time >= now):
                return
    finally:
        connection.close()


def _page(address: str, gathered: Gathered, place: dict[str, Any], now: datetime) -> Page:
    cursor = json.dumps(_place(gathered, place))
    return Page(
        address, frames.joined(gathered.frames), "application/octet-stream", "firehose", now, cursor, is_firehose=True
    )


def _place(gathered: Gathered, before: dict[str, Any]) -> dict[str, Any]:
    """Return where a stream stands: the number and time of its last event, from which lag is computed.

    A server that knows nothing of our number was set up anew: the place is forgotten, and listening starts from now.
    """
    found = frames.message_of(gathered.last) if gathered.last else None
    if found is None:
        return before
    kind, message = found
    if kind == "!" and message.get("error") == "FutureCursor":
        return {}
    seq, time = message.get("seq"), message.get("time")
    if not isinstance(seq, int):
        return before
    return {"seq": seq, "time": time if isinstance(time, str) else ""}
