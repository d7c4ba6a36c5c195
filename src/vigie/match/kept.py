"""Compiled queries as bytes: a start reads what the last one compiled, and compiles only what is new since.

    mark of a key (32 bytes) │ MessagePack: version, marks of ids with expressions, terms, the kernel's tables

Bytes are believed only under the mark of the installation's secret: the kernel trusts its tables. They are of one version
of the code and of the tables of letters and countries it reads expressions by; others are as if they were not there. What
an installation knows (lists, the secret of authors) is not among them.
"""

import hmac
import sys
import unicodedata
from collections.abc import Iterable
from dataclasses import fields
from functools import cache
from hashlib import blake2b
from importlib.metadata import version
from importlib.resources import files
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from vigie.match.compiled import lay
from vigie.match.engine import Engine
from vigie.match.expressions import Expressions
from vigie.match.frequencies import share_of
from vigie.match.knowledge import Knowledge
from vigie.match.laid import Laid, Said, Tables, merged
from vigie.text.lexicon import Lexicon
from vigie.text.terms import TermList, letters_of

MARK_BYTES = 32
"""Length of the mark over all (256 bits, as the secret has)."""

EXPRESSION_BYTES = 16
"""Length of an expression's mark: 128 bits, so that no two expressions are ever taken for one another."""

PERSON = b"vigie.queries"
"""Keeps these marks apart from others made with the same secret."""

DTYPES = {"omits": np.bool_, "query_speaks": np.bool_, "limits": np.float64}
"""Types of the kernel's tables; of all others `int32`."""

WIDTHS = {"tests": 8, "limits": 2, "steps": 4, "nodes": 2}
"""Columns of the tables that have several."""


class Kept(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is kept."""

    version: bytes
    marks: bytes
    """Of the ids with their expressions, one after the other: as objects of their own they would leave holes in memory when
    they go."""
    kinds: bytes
    forms: bytes
    """One after the other, in UTF-8."""
    ends: bytes
    """Where each form begins, and where the last one ends: `int32`."""
    distances: bytes
    said: list[Said]
    numbers: list[str]
    tables: dict[str, bytes]


def packed(engine: Engine, expressions: Expressions, *, secret: bytes) -> bytes:
    """Return an engine's queries as bytes."""
    found, ids = engine.laid()
    forms, ends = letters_of(found.asked.forms)
    kept = Kept(
        version=code_version(),
        marks=_marks_of((i, expressions.texts[i]) for i in ids),
        kinds=found.asked.kinds,
        forms=forms[: ends[-1]].tobytes(),
        ends=ends.tobytes(),
        distances=found.asked.distances,
        said=list(found.said),
        numbers=list(found.numbers),
        tables={f.name: getattr(found.tables, f.name).tobytes() for f in fields(Tables)},
    )
    body = msgspec.msgpack.encode(kept)
    return _mark(body, secret) + body


def unpacked(data: bytes, *, secret: bytes) -> Kept | None:
    """Return what was kept; nothing when the bytes are not whole, not ours or of another version."""
    body = data[MARK_BYTES:]
    if not hmac.compare_digest(data[:MARK_BYTES], _mark(body, secret)):
        return None
    try:
        kept = msgspec.msgpack.decode(body, type=Kept)
    except msgspec.DecodeError:
        return None
    return kept if kept.version == code_version() else None


def restored(kept: Kept, expressions: Expressions, *, knowledge: Knowledge, lexicon: Lexicon) -> tuple[Engine, int]:
    """Return an engine of some expressions, made of what was kept, and how many had to be compiled or left out.

    Raises:
        QueryError: one that was not kept can't be read.
    """
    own, names = _marks(_marks_of(expressions.texts.items())), list(expressions)
    at = pc.index_in(_marks(kept.marks), own).fill_null(-1).to_numpy()
    same, known = at >= 0, np.zeros(len(names), np.bool_)
    known[at[same]] = True
    # The strings of the expressions themselves: one string an id is enough.
    ids, new = [names[n] for n in at[same]], [names[n] for n in np.flatnonzero(~known)]
    changes = len(new) + len(same) - len(ids)
    found = _laid(kept)
    if changes:
        parts = [(found, same)] if ids else []
        if new:
            parts.append((lay([expressions[i] for i in new], chance=share_of), np.ones(len(new), np.bool_)))
        found = merged(parts) if parts else found
    engine = Engine.of(found, ids + new, knowledge=knowledge, lexicon=lexicon)
    # Arrow keeps some megabytes of what was needed meanwhile; a start is the time to hand them back.
    pa.default_memory_pool().release_unused()
    return engine, changes


def _marks(marks: bytes) -> pa.Array:
    kind = pa.binary(EXPRESSION_BYTES)
    return pa.FixedSizeBinaryArray.from_buffers(kind, len(marks) // EXPRESSION_BYTES, [None, pa.py_buffer(marks)])


def _laid(kept: Kept) -> Laid:
    forms = pa.StringArray.from_buffers(len(kept.kinds), pa.py_buffer(kept.ends), pa.py_buffer(kept.forms))
    asked = TermList(kept.kinds, forms, kept.distances)
    tables: dict[str, NDArray[Any]] = {}
    for f in fields(Tables):
        # Copied: the kernels are compiled for tables that can be written, as those just compiled can.
        table: NDArray[Any] = np.frombuffer(kept.tables[f.name], DTYPES.get(f.name, np.int32)).copy()
        tables[f.name] = table.reshape(-1, WIDTHS[f.name]) if f.name in WIDTHS else table
    said = tuple((sys.intern(name), value) for name, value in kept.said)
    return Laid(asked, said, tuple(kept.numbers), Tables(**tables))


def _mark(body: bytes, secret: bytes) -> bytes:
    return blake2b(body, key=secret, digest_size=MARK_BYTES, person=PERSON).digest()


def _marks_of(expressions: Iterable[tuple[str, str]]) -> bytes:
    """Return the marks of ids with their expressions, one after the other."""
    found = bytearray()
    for query_id, expression in expressions:
        named = f"{len(query_id)} {query_id}{expression}".encode("utf-8", "surrogatepass")
        found += blake2b(named, digest_size=EXPRESSION_BYTES).digest()
    return bytes(found)


@cache
def code_version() -> bytes:
    """Return a mark of all that decides how an expression is compiled: the code, Unicode's and CLDR's tables, the machine."""
    seen = blake2b(digest_size=EXPRESSION_BYTES)
    said = (sys.version, unicodedata.unidata_version, sys.byteorder, version("babel"), version("msgspec"))
    seen.update(repr(said).encode())
    for package in ("vigie.match", "vigie.text", "vigie.schema"):
        for file in sorted(files(package).iterdir(), key=lambda f: f.name):
            if file.name.endswith((".py", ".tsv")):
                seen.update(file.name.encode() + file.read_bytes())
    return seen.digest()
