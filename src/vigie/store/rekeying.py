"""Move the authors' hashes of rows to the newest version of the key."""

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from vigie.schema import ids
from vigie.schema.tables import ARCHIVE, conform

HASHED = ("author_key", "engaging_key")
"""Columns of `tables.ARCHIVE` that hold authors' hashes."""


def renewed(rows: pa.Table, secrets: Sequence[bytes]) -> pa.Table:
    """Return rows of `tables.ARCHIVE` with every hash under the last of the keys; those that are stay as they are.

    Args:
        secrets: The versions of the key, oldest first.
    """
    table = conform(rows, ARCHIVE, what="archive")
    versions = pc.fill_null(table["key_version"], 1)
    for name in HASHED:
        place = table.schema.get_field_index(name)
        table = table.set_column(place, ARCHIVE.field(name), _moved(table[name], versions, secrets))
    place = table.schema.get_field_index("key_version")
    newest = pa.array([len(secrets)] * len(table), pa.int16())
    return table.set_column(place, ARCHIVE.field("key_version"), newest)


def _moved(column: pa.ChunkedArray, versions: pa.ChunkedArray, secrets: Sequence[bytes]) -> pa.Array:
    """Hash each different pair of hash and version once."""
    known: dict[tuple[bytes, int], bytes] = {}
    found: list[bytes | None] = []
    for key, version in zip(column.to_pylist(), versions.to_pylist(), strict=True):
        if key is None:
            found.append(None)
            continue
        if (key, version) not in known:
            known[key, version] = _lifted(key, secrets[version:])
        found.append(known[key, version])
    return pa.array(found, pa.binary(16))


def _lifted(key: bytes, later: Sequence[bytes]) -> bytes:
    for secret in later:
        key = ids.renewed(secret, key)
    return key
