"""What an installation knows that queries ask for by name: stored lists, and the secret under which authors are hashed."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from vigie.schema import ids


@dataclass(frozen=True, slots=True)
class Members:
    """A stored list."""

    authors: frozenset[bytes] = frozenset()
    """Keyed hashes (`ids.author_key`)."""
    sites: frozenset[str] = frozenset()
    """Hosts, in small letters, without `www.`."""


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What `author:`, `engagingWith:` and `list:` are held against."""

    secret: bytes = b""
    """Key of `ids.author_key`: posts carry keyed hashes, so a query's handle is hashed alike."""
    lists: Mapping[str, Members] = field(default_factory=dict)
    """Stored lists by their name in small letters; a list that is not here has no members."""
    later: tuple[bytes, ...] = ()
    """Keys that followed it: while one takes over, posts carry hashes of the version before too (docs/adr/0014)."""

    @property
    def newest(self) -> bytes:
        """Return the last of the keys."""
        return self.later[-1] if self.later else self.secret

    def links(self, origin: str, handle: str) -> tuple[bytes, ...]:
        """Return each hash that may stand for an author."""
        return ids.author_links((self.secret, *self.later), origin, handle)


NOTHING = Knowledge()


def site_of(site: str) -> str:
    """Return a site as queries compare it: small letters, without `www.`."""
    return site.strip().lower().removeprefix("www.")


def parents_of(site: str) -> list[str]:
    """Return a site and the domains that it lies in: `site:x` holds for all of them."""
    parts = site_of(site).split(".")
    return [".".join(parts[n:]) for n in range(len(parts))]


def handle_of(handle: str) -> str:
    """Return a handle as it is compared: without `@`, without capitals."""
    return handle.strip().removeprefix("@").casefold()
