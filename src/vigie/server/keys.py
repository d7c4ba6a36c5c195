"""The secrets of an installation, made on first use and kept with the record so that they move with it."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from django.db import connection

from vigie.schema import ids
from vigie.server.database import insert, select, update
from vigie.server.models import Key

KEY_BYTES = 32
"""256 bits: BLAKE2 takes keys of up to 64 bytes (RFC 7693 §2.1), and 128 would do against guessing."""

WRITTEN, MOVED = "author_key.written", "author_key.moved"
"""Counters: the version under which the archive is written, and the one up to which everything was moved."""


@dataclass(frozen=True, slots=True)
class Chain:
    """The versions of the authors' key, each of which hashes what the one before made (docs/adr/0014)."""

    secrets: tuple[bytes, ...]
    written: int
    """Version under which the archive is written; the record is written under the newest."""
    moved: int
    """Version up to which everything was moved."""

    @property
    def newest(self) -> int:
        """Return the number of the last version."""
        return len(self.secrets)

    @property
    def is_moving(self) -> bool:
        """Say whether hashes of an older version are still about."""
        return self.moved < self.newest

    def links(self, origin: str, handle: str) -> tuple[bytes, ...]:
        """Return what stands for an author under each version, oldest first."""
        return ids.author_links(self.secrets, origin, handle)

    def links_of(self, key: bytes, version: int | None) -> tuple[bytes, ...]:
        """Return a hash of some version, and what it becomes under each later one."""
        found = [key]
        for secret in self.secrets[version or 1 :]:
            found.append(ids.renewed(secret, found[-1]))
        return tuple(found)

    def lifted(self, key: bytes, version: int | None) -> bytes:
        """Return what a hash of some version is under the newest."""
        return self.links_of(key, version)[-1]


def key(name: str) -> bytes:
    """Return a secret by name, such as `author` (hashes of authors) or `suppression` (hashes of the erased)."""
    return _key(name, str(connection.settings_dict["NAME"]))


@lru_cache(maxsize=16)
def _key(name: str, _database: str) -> bytes:
    row, _ = Key.objects.get_or_create(name=name, defaults={"value": secrets.token_bytes(KEY_BYTES)})
    return bytes(row.value)


def forget() -> None:
    """Forget what was read, after a restore put another record in place."""
    _key.cache_clear()


def chain() -> Chain:
    """Read the versions of the authors' key as they are now; two statements."""
    stored = {
        name: bytes(value) for name, value in select("SELECT name, value FROM vigie_key WHERE name LIKE 'author%%'", [])
    }
    first = stored.get("author") or key("author")
    later = tuple(stored[name] for name in _names(stored))
    at = dict(select("SELECT name, value FROM vigie_counter WHERE name IN (%s, %s)", [WRITTEN, MOVED]))
    return Chain((first, *later), int(at.get(WRITTEN, 1)), int(at.get(MOVED, 1)))


def _names(stored: Iterable[str]) -> list[str]:
    """Return the names of the versions after the first, in their order."""
    return sorted((name for name in stored if name.startswith("author:")), key=lambda name: int(name[7:]))


def add_version() -> int:
    """Draw the next version of the authors' key, in the caller's transaction; return its number."""
    version = chain().newest + 1
    insert("vigie_key", ("name", "value"), [(f"author:{version}", secrets.token_bytes(KEY_BYTES))])
    return version


def advance(counter: str, version: int) -> None:
    """Say, in the caller's transaction, that all is written or moved up to a version."""
    insert("vigie_counter", ("name", "value", "epoch"), [(counter, 1, 0)], ignore=True)
    update("UPDATE vigie_counter SET value = %s WHERE name = %s", [(version, counter)])
