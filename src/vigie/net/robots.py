"""Obey robots.txt: each host's rules are read once a day, before its first page.

Source: RFC 9309, Robots Exclusion Protocol.
"""

import threading
from collections.abc import Callable, Mapping
from typing import Protocol
from urllib.parse import urlsplit

from protego import Protego

from vigie.errors import FatalError, RetryableError

AGENT = "Vigie"
"""Product token that rules may name (RFC 9309 §2.2.1)."""

KEPT_S = 86_400.0
"""Seconds that rules are kept: RFC 9309 §2.4 says not more than 24 hours."""

MOST_BYTES = 512_000
"""Bytes of a robots.txt that are read: RFC 9309 §2.5 asks for 500 KiB at least."""

MOST_HOSTS = 50_000
"""Hosts whose rules are kept at once, the oldest being forgotten: twice the 20,000 spaces that one worker reads within the
hour and more, or each would be asked for its rules at each read. A kilobyte or two each; those that forbid nothing take no room."""


class _Answer(Protocol):
    @property
    def body(self) -> bytes: ...


class Robots:
    """The rules of hosts, as they say them."""

    def __init__(self, read: Callable[..., _Answer], *, monotonic: Callable[[], float]) -> None:
        """Take how an address is read and the time in seconds."""
        self._read, self._monotonic = read, monotonic
        self._known: dict[str, tuple[float, Protego | None]] = {}
        self._lock = threading.Lock()

    def check(self, url: str) -> None:
        """Refuse an address that its host asks robots to leave alone.

        Raises:
            FatalError: it does, by `net.robots`.
            RetryableError: the host can't say now (RFC 9309 §2.3.1.4: then nothing may be read).
        """
        rules = self._rules(url)
        if rules is not None and not rules.can_fetch(url, AGENT):
            host = urlsplit(url).hostname or ""
            raise FatalError(
                f"{host} asks robots not to read this address (robots.txt). Ask the site for leave or for a feed.",
                code="net.robots",
                facts={"host": host},
            )

    def learn(self, url: str) -> None:
        """Read the rules of a host when they are not known.

        Raises:
            RetryableError: the host can't say now.
        """
        self._rules(url)

    def _rules(self, url: str) -> Protego | None:
        parts = urlsplit(url)
        root = f"{parts.scheme}://{parts.netloc}"
        until, rules = self._known.get(root, (0.0, None))
        if until <= self._monotonic():
            rules = self._fresh(root)
            with self._lock:
                self._known[root] = (self._monotonic() + KEPT_S, rules)
                while len(self._known) > MOST_HOSTS:
                    self._known.pop(next(iter(self._known)))
        return rules

    def _fresh(self, root: str) -> Protego | None:
        """Read the rules; a host that has none, or hides them, forbids nothing (RFC 9309 §2.3.1.3)."""
        headers: Mapping[str, str] = {"Accept": "text/plain"}
        try:
            body = self._read(f"{root}/robots.txt", headers=headers).body
        except FatalError as error:
            if error.code in ("net.private", "net.address", "net.certificate"):
                raise
            return None
        except RetryableError as error:
            if error.code == "net.broken":
                return None
            raise
        if b"disallow" not in body[:MOST_BYTES].lower():
            return None
        return Protego.parse(body[:MOST_BYTES].decode("utf-8", "replace"))
