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

    Raises:
        FatalError, RetryableError: it can be read in no way, and the address itself could not be read.
    """
    network = Remembered(fetch)
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
