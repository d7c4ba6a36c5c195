"""The HTTP client: checks where it goes at every step, stays within bounds, paces itself, tries again what may pass."""

import random
import socket
import ssl
import threading
from base64 import b64encode
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpcore
import httpx

from vigie.errors import FatalError, RetryableError
from vigie.net.bounded import MAX_BYTES, MAX_SECONDS, Bounds, body_of
from vigie.net.guard import Network, Resolver, checked_addresses, resolve
from vigie.net.robots import Robots

MAX_REDIRECTS = 5
"""Redirects followed: more is a loop (curl stops at 50, browsers at 20; feeds need one or two)."""

MAX_TRIES = 3
"""Tries of one address: the first, and two more after what passes by itself."""

CONNECT_S, READ_S = 10.0, 15.0
"""Seconds to connect, and between two pieces of an answer."""

PACE_S = 1.0
"""Seconds between two requests to the same host: what polite crawlers keep where robots.txt says nothing."""

TIMEOUTS = {"timeout": {"connect": CONNECT_S, "read": READ_S, "write": READ_S, "pool": READ_S}}
"""As the pool takes them (httpcore, Extensions)."""

BROKEN = (httpcore.NetworkError, httpcore.ProtocolError, httpcore.UnsupportedProtocol)
"""What the pool raises when there is no connection or no whole answer (httpcore, Exceptions)."""

RETRIED = (500, 502, 503, 504)
"""Statuses of a server that may do better in a moment (RFC 9110 §15.6)."""

OWN = ("authorization", "cookie", "api-key", "api-username")
"""Headers that carry a log-in of ours."""

OWN_HOSTS = ("localhost", "::1")
"""This machine, which needs no politeness; with 127.0.0.0/8 (RFC 1122 §3.2.1.3)."""

LONGEST_PAUSE_S = 20.0
"""Longest wait within one call; what a site asks beyond it goes to the schedule."""

CONNECTIONS = 64
"""Connections at once: more than threads that read (`worker.loop`: 32 readers, 8 runners, 8 listeners, and pages), so that
none waits for another."""

KEPT_OPEN = 8
"""Idle connections: each request has the pool hold each of them against all (httpcore 1.0), 0.8 ms of processor at 32."""

MOST_TURNS = 10_000
"""Hosts whose next turn is kept before those that are past are forgotten."""

KEPT_OPEN_S = 2.0
"""Seconds that an idle connection stays open: the next request to the same host comes after `PACE_S`."""


@dataclass(frozen=True, slots=True)
class Response:
    """What came back for an address."""

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes


class _Guarded(httpcore.SyncBackend):
    """Connect to the addresses that were checked, and to no others; names stay in TLS and in the Host header."""

    def __init__(self, allowed: Sequence[Network], resolver: Resolver) -> None:
        super().__init__()
        self.allowed, self.resolver = allowed, resolver

    def connect_tcp(self, host: str, port: int, timeout: float | None = None, local_address: str | None = None,
                    socket_options: Iterable[Any] | None = None) -> httpcore.NetworkStream:  # fmt: skip
        addresses = checked_addresses(host, port, allowed=self.allowed, resolver=self.resolver)
        failure: Exception = httpcore.ConnectError("no address")
        for address in addresses:
            try:
                return super().connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure

    def connect_unix_socket(self, path: str, *args: Any, **kwargs: Any) -> httpcore.NetworkStream:
        raise httpcore.ConnectError("sockets of this machine are not read")


class Client:
    """Read addresses of the public network; one per process, safe to share between threads."""

    def __init__(
        self,
        *,
        allowed_private_networks: Sequence[Network] = (),
        version: str,
        contact: str = "",
        sleep: Callable[[float], None],
        monotonic: Callable[[], float],
        resolver: Resolver = resolve,
        max_bytes: int = MAX_BYTES,
        max_seconds: float = MAX_SECONDS,
        pace_s: float = PACE_S,
        pace_own: bool = False,
        obey_robots: bool = False,
        rng: random.Random | None = None,
    ) -> None:
        """Take what bounds every read.

        Args:
            contact: How whoever runs a site reaches us, an address of mail or of a page; sent with every request.
            pace_own: Pace the addresses of this machine too, as if each were a site of its own.
            obey_robots: Leave alone what robots.txt asks to leave alone, unless we come with a log-in of our own.
        """
        self.sleep, self.monotonic = sleep, monotonic
        self.max_bytes, self.max_seconds, self.pace_s, self.pace_own = max_bytes, max_seconds, pace_s, pace_own
        self.allowed = tuple(allowed_private_networks)
        self._pool = httpcore.ConnectionPool(
            ssl_context=ssl.create_default_context(), http1=True, http2=False,
            max_connections=CONNECTIONS, max_keepalive_connections=KEPT_OPEN, keepalive_expiry=KEPT_OPEN_S,
            network_backend=_Guarded(self.allowed, resolver),
        )  # fmt: skip
        self._resolver, self._rng = resolver, rng or random.Random()  # noqa: S311 -- jitter, no secret
        self._robots = Robots(self._at_once, monotonic=monotonic) if obey_robots else None
        agent = f"Vigie/{version} (social listening{'; ' + contact if contact else ''})"
        self._headers = {"User-Agent": agent, "Accept": "*/*", "Accept-Encoding": "gzip, deflate"}
        self._next: dict[str, float] = {}
        self._lock = threading.Lock()

    def __repr__(self) -> str:
        return "Client()"

    def __call__(self, url: str, *, headers: Mapping[str, str] | None = None, body: bytes | None = None) -> Response:
        """Read one address, or send it a body; 304 is an answer, other refusals are errors.

        Raises:
            FatalError: the address is none, is gone, refused, wants a log-in, is private, or its answer too large.
            RetryableError: no whole answer now; `retry_after` when the site says when.
        """
        asked = headers or {}
        if self._robots is not None and body is None and not any(name.lower() in OWN for name in asked):
            self._robots.check(url)
        return self._unchecked(url, headers=asked, body=body)

    def dial(self, host: str, port: int, *, tls: bool, timeout_s: float = READ_S) -> socket.socket:
        """Return a connection to a checked address of a host, encrypted under the host's name when asked.

        Raises:
            FatalError: the host lies in a private network, or its certificate is not its own.
            RetryableError: it can't be reached now.
        """
        self._pace(host)
        for address in checked_addresses(host, port, allowed=self.allowed, resolver=self._resolver):
            try:
                plain = socket.create_connection((address, port), CONNECT_S)
                plain.settimeout(timeout_s)
                return ssl.create_default_context().wrap_socket(plain, server_hostname=host) if tls else plain
            except ssl.SSLCertVerificationError as exc:
                raise _foreign_certificate(host) from exc
            except OSError:
                continue
        raise RetryableError(f"{host} can't be reached.", code="net.unreachable", facts={"host": host})

    def _at_once(self, url: str, *, headers: Mapping[str, str]) -> Response:
        """Read a host's rules, once a day: the page that follows does not wait for its turn after them."""
        answer = self._unchecked(url, headers=headers)
        with self._lock:
            self._next.pop(urlsplit(answer.url).hostname or "", None)
        return answer

    def _unchecked(self, url: str, *, headers: Mapping[str, str], body: bytes | None = None) -> Response:
        """Try an address a few times; what is sent with a body is sent once, for it may have been heard."""
        for attempt in range(1, MAX_TRIES + 1):
            try:
                return self._followed(url, headers, body)
            except RetryableError as error:
                pause = error.retry_after if error.retry_after is not None else 0.5 * 2**attempt
                last = attempt == MAX_TRIES or body is not None
                if last or error.code in ("net.dns", "net.slow") or pause > LONGEST_PAUSE_S:
                    raise
                # Many readers that failed together must not come back together.
                self.sleep(pause * (1 + self._rng.random() / 4))
        raise AssertionError("the last try returns or raises")

    def _followed(self, url: str, headers: Mapping[str, str], body: bytes | None = None) -> Response:
        first = _host(url)
        for _ in range(MAX_REDIRECTS + 1):
            # What was meant for one host, such as a password, is not shown to another.
            own = headers if _host(url) == first else {k: v for k, v in headers.items() if k.lower() not in OWN}
            answer = self._once(url, own, body)
            if answer.status not in (301, 302, 303, 307, 308) or not answer.headers.get("location"):
                return _accepted(answer)
            if body is not None:
                raise FatalError(
                    f"{first} sends elsewhere what was meant for it.", code="net.redirected", facts={"host": first}
                )
            url = urljoin(url, answer.headers["location"])
        raise FatalError(
            f"{first} sends from one address to the next without end.", code="net.redirects", facts={"host": first}
        )

    def _once(self, url: str, headers: Mapping[str, str], body: bytes | None = None) -> Response:
        host = _checked_url(url)
        self._pace(host)
        bounds = Bounds(host, monotonic=self.monotonic, max_bytes=self.max_bytes, max_seconds=self.max_seconds)
        begun = False
        try:
            asked = httpx.URL(url)
            with self._pool.stream(**self._request(asked, headers, body)) as answer:
                begun, shown = True, _shown(answer.headers)
                length = shown.get("content-length", "")
                bounds.check_size(int(length) if length.isdigit() else 0)
                read = body_of(answer.iter_stream(), shown.get("content-encoding", ""), bounds)
                return Response(str(asked), answer.status, shown, read)
        except httpcore.TimeoutException as exc:
            raise RetryableError(f"{host} does not answer in time.", code="net.timeout", facts={"host": host}) from exc
        except (*BROKEN, httpx.InvalidURL) as exc:
            if _is_of_certificate(exc):
                raise _foreign_certificate(host) from exc
            if begun:
                raise RetryableError(f"The answer of {host} broke off.", code="net.cut", facts={"host": host}) from exc
            raise RetryableError(f"{host} can't be reached.", code="net.unreachable", facts={"host": host}) from exc

    def _request(self, url: httpx.URL, headers: Mapping[str, str], body: bytes | None) -> dict[str, Any]:
        """Return a request as the pool takes it; a log-in that stands in the address goes into its header."""
        said = {**self._headers, **headers}
        if url.userinfo:
            said["Authorization"] = f"Basic {b64encode(f'{url.username}:{url.password}'.encode()).decode()}"
        return {
            "method": "GET" if body is None else "POST",
            "url": httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
            "headers": said, "content": body, "extensions": TIMEOUTS,
        }  # fmt: skip

    def wait_s(self, url: str) -> float:
        """Return the seconds until a page of this host may be asked for, its robots.txt read first when it is not known.

        Raises:
            FatalError, RetryableError: as a call would.
        """
        host = _checked_url(url)
        wait = self._left(host)
        if wait == 0 and self._robots is not None:
            self._robots.learn(url)
            wait = self._left(host)
        return wait

    def _is_own(self, host: str) -> bool:
        return not self.pace_own and (host in OWN_HOSTS or host.startswith("127."))

    def _left(self, host: str) -> float:
        with self._lock:
            now = self.monotonic()
            return max(self._next.get(host, now) - now, 0.0)

    def _pace(self, host: str) -> None:
        """Wait for the host's turn."""
        with self._lock:
            now = self.monotonic()
            turn = max(now, self._next.get(host, now))
            self._next[host] = turn + (0.0 if self._is_own(host) else self.pace_s)
            if len(self._next) > MOST_TURNS:
                self._next = {name: at for name, at in self._next.items() if at > now}
        if turn > now:
            self.sleep(turn - now)


def _shown(headers: Sequence[tuple[bytes, bytes]]) -> dict[str, str]:
    """Return an answer's headers by their names in small letters; what comes twice is one list (RFC 9110 §5.3)."""
    shown: dict[str, str] = {}
    for raw, value in headers:
        name, text = raw.decode("latin-1").lower(), _decoded(value)
        shown[name] = f"{shown[name]}, {text}" if name in shown else text
    return shown


def _decoded(value: bytes) -> str:
    """Return a header's value: nothing says in which encoding, but most that leave ASCII are UTF-8."""
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.decode("latin-1")


def _foreign_certificate(host: str) -> FatalError:
    return FatalError(
        f"{host} shows a certificate that is not its own.", code="net.certificate", facts={"host": host}
    )  # fmt: skip


def _is_of_certificate(error: BaseException | None) -> bool:
    """Say whether a connection failed because the other side answered with a certificate that nobody vouches for."""
    while error is not None and not isinstance(error, ssl.SSLCertVerificationError):
        error = error.__cause__ or error.__context__
    return error is not None


def _host(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.hostname or ''}:{parts.port or ''}"


def _checked_url(url: str) -> str:
    """Return the host of an address that may be asked for."""
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname, parts.port
    except ValueError:
        host, parts = None, urlsplit("")
    if parts.scheme not in ("http", "https") or not host:
        raise FatalError("This is not an address of the web; it begins with https://.", code="net.address")
    return host


def _accepted(answer: Response) -> Response:
    """Return an answer that can be read; turn refusals into errors that name the host alone, never the whole address."""
    host, status = urlsplit(answer.url).hostname or "", answer.status
    facts: dict[str, str | int | float] = {"host": host, "status": status}
    if status in (200, 201, 202, 203, 304):
        return answer
    if status in (404, 410):
        raise FatalError(
            f"{host} says that there is nothing at this address any more ({status}).", code="net.gone", facts=facts
        )
    if status == 401:  # noqa: PLR2004 -- Unauthorized, RFC 9110
        raise FatalError(f"{host} asks for a log-in ({status}).", code="net.login", facts=facts)
    if status in (403, 451):
        raise FatalError(f"{host} refuses to show this address ({status}).", code="net.refused", facts=facts)
    if status == 429 or status in RETRIED:  # noqa: PLR2004 -- Too Many Requests, RFC 6585
        wait = _retry_after(answer.headers.get("retry-after", ""))
        code = "net.too_many" if status == 429 else "net.server_error"  # noqa: PLR2004 -- as above
        raise RetryableError(f"{host} asks to come back later ({status}).", code=code, retry_after=wait, facts=facts)
    raise FatalError(f"{host} answers with status {status}.", code="net.status", facts=facts)


def _retry_after(text: str) -> float | None:
    """Read `Retry-After`: seconds, or a date, which is counted from the epoch of the answer and so left to the schedule."""
    if text.strip().isdigit():
        return float(text)
    try:
        parsedate_to_datetime(text)
    except (ValueError, TypeError):
        return None
    return 3600.0
