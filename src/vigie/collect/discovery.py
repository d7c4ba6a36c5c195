"""Find out how an address can be read: every installed source is asked, in an order in which the best comes first."""

import socket
from collections.abc import Iterable, Mapping
from datetime import datetime

from vigie.collect.registry import sources
from vigie.collect.source import Fetch, Found, Response, Source
from vigie.errors import FatalError, RetryableError, VigieError

LAST = ("wordpress", "discourse", "feed", "recipe", "page")
"""Sources in the order they are asked after all others, which know their network by its address: WordPress gives posts
and comments, its feed only the last few; a page can always be watched for change."""

ABSENT = frozenset(["net.unreachable", "net.timeout"])
"""Failures that say that nobody answers there: an address typed without its scheme is then tried by http."""

SECURE, PLAIN = "https://", "http://"


def is_bare(typed: str) -> bool:
    """Say whether an address was typed without its scheme."""
    return "://" not in typed


def with_scheme(typed: str) -> str:
    """Return an address with its scheme; `https` when none was typed."""
    return f"{SECURE}{typed}" if is_bare(typed) else typed


def is_plain(typed: str, found: str) -> bool:
    """Say whether an address that was typed without its scheme is read without encryption, which people are told."""
    return is_bare(typed) and found.startswith(PLAIN)


class Remembered:
    """The network, each address of which is read once while an address is looked into."""

    def __init__(self, fetch: Fetch) -> None:
        self._fetch = fetch
        self._known: dict[str, Response | VigieError] = {}

    def __call__(self, url: str, *, headers: Mapping[str, str] | None = None, body: bytes | None = None) -> Response:
        if headers or body is not None:
            return self._fetch(url, headers=headers, body=body)
        if url not in self._known:
            try:
                self._known[url] = self._fetch(url)
            except VigieError as error:
                self._known[url] = error
        found = self._known[url]
        if isinstance(found, VigieError):
            raise found
        return found

    def dial(self, host: str, port: int, *, tls: bool, timeout_s: float = 30.0) -> socket.socket:
        """Connect as the network does."""
        return self._fetch.dial(host, port, tls=tls, timeout_s=timeout_s)


def in_order(known: Iterable[Source]) -> list[Source]:
    """Return sources in the order in which they are asked about an address."""
    return sorted(known, key=lambda source: (LAST.index(source.kind) if source.kind in LAST else -1, source.kind))


def ways(address: str, *, fetch: Fetch, now: datetime) -> list[Found]:
    """Return every way in which an address can be read, the best first.

    One that was typed without its scheme is asked by https, and by http only where nobody answers by https.

    Raises:
        FatalError, RetryableError: it can be read in no way, and the address itself could not be read.
    """
    if not is_bare(address):
        return _ways(address, Remembered(fetch), now)
    try:
        return _ways(with_scheme(address), Remembered(fetch), now)
    except RetryableError as error:
        if error.code not in ABSENT:
            raise
        try:
            return _ways(f"{PLAIN}{address}", Remembered(fetch), now)
        except RetryableError:
            raise error from None


def _ways(address: str, network: Remembered, now: datetime) -> list[Found]:
    found, failures = [], list[VigieError]()
    for source in in_order(sources().values()):
        try:
            way = source.discover(address, fetch=network, now=now)
        except (FatalError, RetryableError) as error:
            failures.append(error)
            continue
        if way is not None:
            found.append(way)
    if not found and failures:
        raise failures[-1]
    return found
