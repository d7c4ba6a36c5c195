"""Look for clear names in everything that is kept or given: each table, each file, decoded where it is packed."""

import base64
import json
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pyarrow as pa
import pyarrow.parquet as pq
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.db import connection

CLEAR_TABLES = frozenset({"vigie_authorname"})
"""The one table in which a clear name may stand."""


ARROW = b"\xff\xff\xff\xff"
"""How a stream of Arrow begins (its "continuation", arrow.apache.org/docs/format/Columnar.html)."""


def forms(text: str) -> set[bytes]:
    """Return the ways in which a text may stand: as it is, folded, escaped, composed or not, in base 16 and 64, in UTF-16."""
    found: set[bytes] = set()
    for plain in {text, text.casefold(), unicodedata.normalize("NFD", text)}:
        raw = plain.encode()
        found |= {
            raw,
            raw.hex().encode(),
            quote(plain).encode(),
            json.dumps(plain)[1:-1].encode(),
            plain.encode("utf-16-le"),
        }
        # Each of the three ways in which the bytes may lie among groups of three; letters that depend on neighbours go.
        found |= {base64.b64encode(b"\0" * n + raw)[4 if n else 0 : -4].lstrip(b"=") for n in range(3)}
    return {form for form in found if len(form) >= 6}


class Needles:
    """Names that must not be found."""

    def __init__(self, names: Iterable[str]) -> None:
        self.forms = {form: name for name in names for form in forms(name)}

    def within(self, data: bytes) -> set[str]:
        """Return the names that stand in some bytes."""
        return {name for form, name in self.forms.items() if form in data}


def of_table(rows: pa.Table) -> bytes:
    """Return all values of a table as bytes."""
    return repr(rows.to_pylist()).encode() + b"".join(
        value for row in rows.to_pylist() for value in row.values() if isinstance(value, bytes)
    )


def _of_file(path: Path) -> Iterator[bytes]:
    raw = path.read_bytes()
    yield raw
    if raw[:4] == b"PAR1":
        yield of_table(pq.read_table(pa.BufferReader(raw)))


def _of_value(value: Any) -> Iterator[bytes]:
    if isinstance(value, bytes | memoryview):
        raw = bytes(value)
        yield raw
        if raw.startswith(ARROW):
            yield of_table(pa.ipc.open_stream(pa.py_buffer(raw)).read_all())
    elif value is not None:
        yield str(value).encode()


def in_files(folder: Path, needles: Needles, *, but: Iterable[Path] = ()) -> dict[str, set[str]]:
    """Return the files below a folder in which a name stands, by their path within it, with the names."""
    left_out = {path.resolve() for path in but}
    found: dict[str, set[str]] = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.resolve() not in left_out:
            names = set().union(*(needles.within(data) for data in _of_file(path)))
            if names:
                found[path.relative_to(folder).as_posix()] = names
    return found


def in_record(needles: Needles) -> dict[str, set[str]]:
    """Return the columns of the record, but those of the table of names, in which a name stands."""
    found: dict[str, set[str]] = {}
    with connection.cursor() as cursor:
        for table in sorted(set(connection.introspection.table_names(cursor)) - CLEAR_TABLES):
            cursor.execute(f'SELECT * FROM "{table}"')
            columns = [column[0] for column in cursor.description or ()]
            for row in cursor.fetchall():
                for column, value in zip(columns, row, strict=True):
                    for data in _of_value(value):
                        if names := needles.within(data):
                            found.setdefault(f"{table}.{column}", set()).update(names)
    for session in Session.objects.all():
        if names := needles.within(repr(SessionStore().decode(session.session_data)).encode()):
            found.setdefault("sessions", set()).update(names)
    return found
