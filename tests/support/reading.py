"""Read a place as the schedule does: page by page, each saved with its cursor, through the guarded client."""

import ipaddress
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from vigie.collect.source import Page, Place, Source
from vigie.errors import FatalError, RetryableError
from vigie.net.client import Client

NOW = datetime(2026, 10, 30, 8, tzinfo=UTC)


def guarded(**options: Any) -> Client:
    """Return the real client, allowed to read loopback, that does not wait between tries."""
    networks = (ipaddress.ip_network("127.0.0.0/8"), ipaddress.ip_network("::1/128"))
    given: dict[str, Any] = {"sleep": lambda _: None, "monotonic": time.monotonic, "version": "test", **options}
    return Client(allowed_private_networks=networks, **given)


@dataclass
class Reader:
    """A space: what it read, in order, and where it stands."""

    source: Source
    place: Place
    fetch: Any = field(default_factory=guarded)
    cursor: str | None = None
    pages: list[Page] = field(default_factory=list)
    posts: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    met: int = 0
    """Posts that pages gave, repeats included."""

    def read(self, most: int = 10_000) -> "Reader":
        """Read what is new; stop after some pages as a killed worker does, between one page and the next."""
        for number, page in enumerate(self.source.pages(self.place, self.cursor, fetch=self.fetch, now=NOW), start=1):
            self.take(page)
            if number >= most:
                break
        return self

    def take(self, page: Page) -> None:
        """Save a page's posts and its cursor, in one."""
        parsed = self.source.parse(page)
        assert not parsed.skipped, parsed.skipped
        for row in parsed.posts.to_pylist():
            self.met += 1
            self.posts[row["origin"], row["native_id"]] = row
        self.pages.append(page)
        self.cursor = page.cursor

    def fails(self) -> RetryableError | FatalError | None:
        """Read, and return how it failed."""
        try:
            self.read()
        except (RetryableError, FatalError) as error:
            return error
        return None

    @property
    def texts(self) -> list[str]:
        """Return the texts of all posts, sorted."""
        return sorted(row["text"] for row in self.posts.values())
