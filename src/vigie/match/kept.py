"""Compiled queries as bytes: a start reads what the last one compiled, and compiles only what is new since.

    mark of a key (32 bytes) │ MessagePack: version, ids, marks of expressions, terms, the kernel's tables

Bytes are believed only under the mark of the installation's secret: the kernel trusts its tables. They are of one version
of the code and of the tables of letters and countries it reads expressions by; others are as if they were not there. What
an installation knows (lists, the secret of authors) is not among them.
"""

import hmac
import sys
import unicodedata
from collections.abc import Mapping
from dataclasses import fields
from functools import cache
from hashlib import blake2b
from importlib.metadata import version
from importlib.resources import files
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from vigie.match.compiled import lay
from vigie.match.engine import Engine
from vigie.match.expressions import Expressions
from vigie.match.frequencies import share_of
from vigie.match.knowledge import Knowledge
from vigie.match.laid import Laid, Said, Tables, merged
from vigie.text.lexicon import Lexicon, text_buffers
from vigie.text.terms import TermList

MARK_BYTES = 32
"""Length of the mark over all (256 bits, as the secret has)."""

EXPRESSION_BYTES = 16
"""Length of an expression's mark: 128 bits, so that no two expressions are ever taken for one another."""

PERSON = b"vigie.queries"
"""Keeps these marks apart from others made with the same secret."""

DTYPES = {"omits": np.bool_, "query_speaks": np.bool_, "limits": np.float64}
"""Types of the kernel's tables; of all others `int32`."""

WIDTHS = {"tests": 8, "limits": 2, "steps": 4, "nodes": 3}
"""Columns of the tables that have several."""


class Kept(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is kept."""

    version: bytes
    ids: list[str]
    marks: bytes
    """Of the expressions, one after the other: as objects of their own they would leave holes in memory when they go."""
    kinds: bytes
    forms: bytes
    """One after the other, in UTF-8."""
    ends: bytes
    """Where each form begins, and where the last one ends: `int64`."""
    distances: bytes
    said: list[Said]
    numbers: list[str]
    tables: dict[str, bytes]


def packed(engine: Engine, expressions: Expressions, *, secret: bytes) -> bytes:
    """Return an engine's queries as bytes."""
    found, ids = engine.laid()
    forms, ends = text_buffers(found.asked.forms, 0, len(found.asked))
    kept = Kept(
        version=code_version(),
        ids=ids,
        marks=b"".join(_mark_of(expressions.texts[i]) for i in ids),
        kinds=found.asked.kinds,
        forms=forms.tobytes(),
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
    marks = (kept.marks[at : at + EXPRESSION_BYTES] for at in range(0, len(kept.marks), EXPRESSION_BYTES))
    same = [_is_same(i, mark, expressions.texts) for i, mark in zip(kept.ids, marks, strict=True)]
    # The strings of the expressions themselves: one string an id is enough.
    own = {i: i for i in expressions}
    ids = [own[i] for i, is_same in zip(kept.ids, same, strict=True) if is_same]
    known = set(ids)
    new = [i for i in expressions if i not in known]
    changes = len(new) + len(same) - len(ids)
    found = _laid(kept)
    if changes:
        parts = [(found, np.array(same, np.bool_))] if ids else []
        if new:
            parts.append((lay([expressions[i] for i in new], chance=share_of), np.ones(len(new), np.bool_)))
        found = merged(parts) if parts else found
    engine = Engine.of(found, ids + new, knowledge=knowledge, lexicon=lexicon)
    # Arrow keeps some megabytes of what was needed meanwhile; a start is the time to hand them back.
    pa.default_memory_pool().release_unused()
    return engine, changes


def _is_same(query_id: str, mark: bytes, texts: Mapping[str, str]) -> bool:
    return query_id in texts and _mark_of(texts[query_id]) == mark


def _laid(kept: Kept) -> Laid:
    forms = pa.LargeStringArray.from_buffers(len(kept.kinds), pa.py_buffer(kept.ends), pa.py_buffer(kept.forms))
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


def _mark_of(expression: str) -> bytes:
    return blake2b(expression.encode("utf-8", "surrogatepass"), digest_size=EXPRESSION_BYTES).digest()


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
