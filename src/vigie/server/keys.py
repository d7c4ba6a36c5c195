"""The secrets of an installation, made on first use and kept with the record so that they move with it."""

import secrets
from functools import lru_cache

from django.db import connection

from vigie.server.models import Key

KEY_BYTES = 32
"""256 bits: BLAKE2 takes keys of up to 64 bytes (RFC 7693 §2.1), and 128 would do against guessing."""


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
