"""Columns of posts: how parsers of JSON read items, clean what stands in them, and make a table, a column at a time.

A row at a time a post took as long to be put into the table as to be read from its bytes.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from itertools import chain
from typing import Any, TypeVar

import msgspec
import pyarrow as pa

from vigie.schema.ids import origin_of
from vigie.schema.tables import INSTANT, POSTS

T = TypeVar("T")

TEXT_MOST = 100_000
"""Characters of a post's text: longer is a book, and is cut."""

COUNT_MOST = 2**53
"""Counts above it are none: JSON's numbers are exact up to there (RFC 8259 §6)."""

MEDIA_MOST = 20
"""Links of media kept of a post: an album is told by its first."""

UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""What hostile bytes raise."""

_BOM = b"\xef\xbb\xbf"
_EARLIEST, _LATEST = "0001-01-03", "9999-12-30"
"""Between them every zone's time of a day is a time in UTC that Python's calendar holds, as it does from year 1 to 9999."""

_HOST_FROM = len("https://")

_ROW = pa.struct(list(POSTS))
_KINDS = {field.name: str(field.type) for field in POSTS}
_TYPES = {str(field.type): field.type for field in POSTS}

_REMEMBERED = 500
"""Rows of a page up to which columns of nothing are remembered (150 kB): a source's pages are of one length, 20 to 100 mostly."""


def unmarked(body: bytes) -> bytes:
    """Return the bytes of an answer without the mark that some servers put first."""
    return body.removeprefix(_BOM)


def read(decoder: msgspec.json.Decoder[T], body: bytes | msgspec.Raw) -> T | None:
    """Return what bytes hold; `None` when they are not as they should be."""
    try:
        return decoder.decode(body)
    except UNREADABLE:
        return None


def given(items: Iterable[T | None]) -> list[T]:
    """Return what could be read."""
    return [item for item in items if item is not None]


def clean(text: str | None) -> str:
    """Leave out what no database keeps as text."""
    return (text or "").replace("\0", "").strip()


def cleaned(texts: Iterable[str | None]) -> list[str]:
    """Return a column of texts, each cleaned."""
    return [text.replace("\0", "").strip() if text else "" for text in texts]


def said(texts: Iterable[str | None]) -> list[str | None]:
    """Return a column of texts, each cleaned, absent where nothing is said."""
    return [(text.replace("\0", "").strip() or None) if text else None for text in texts]


def origins(addresses: Sequence[str], unknown: str = "") -> list[str]:
    """Return the host of each address, or `unknown` where it names none; of addresses of one host it is read once."""
    heads = [address[: address.find("/", _HOST_FROM) + 1] for address in addresses]
    known = {head: origin_of(head) or unknown for head in set(heads) if head.startswith("https://")}
    return [
        known[head] if head in known else origin_of(address) or unknown
        for head, address in zip(heads, addresses, strict=True)
    ]


def count(number: int | None) -> int | None:
    """Return a count that may be one."""
    return number if number is not None and 0 <= number < COUNT_MOST else None


def counts(numbers: Iterable[int | None]) -> list[int | None]:
    """Return a column of counts, absent where they can be none."""
    return [number if number is not None and 0 <= number < COUNT_MOST else None for number in numbers]


def links(given: Iterable[str]) -> list[str]:
    """Return the addresses of the web among links of media, each once."""
    return [link for link in dict.fromkeys(given) if link.startswith(("https://", "http://"))][:MEDIA_MOST]


def instant(text: str | None) -> datetime | None:
    """Return a date in UTC, which it is when it names no zone; `None` of what is no date."""
    try:
        found = datetime.fromisoformat(text) if text else None
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC) if found else None
    except (ValueError, OverflowError):
        return None


def instants(texts: Sequence[str | None]) -> pa.Array:
    """Return a column of dates, each as `instant` reads it: by Arrow where it reads all of them, as it nearly always does."""
    dates = list(filter(None, texts))
    filled = texts if len(dates) == len(texts) else [text or None for text in texts]
    if dates and min(dates) > _EARLIEST and max(dates) < _LATEST:
        try:
            return pa.array(filled, pa.string()).cast(INSTANT)
        except ValueError:
            pass
    return pa.array(list(map(instant, texts)), INSTANT)


def posts_of(*parts: Mapping[str, Any]) -> tuple[pa.Table, int]:
    """Return the posts of a page from columns of values, and how many of them were told again.

    A page may hold several kinds of posts, each with columns of its own. Of a post that stands several times its last
    word holds, in the place of its first.
    """
    tables = list(map(table_of, parts)) or [POSTS.empty_table()]
    table = tables[0] if len(tables) == 1 else pa.concat_tables(tables).combine_chunks()
    natives = [native for part in parts for native in part["native_id"]]
    if len(set(natives)) == len(natives):
        return table, 0
    keys = zip(table["origin"].to_pylist(), natives, strict=True)
    lasting = list({key: at for at, key in enumerate(keys)}.values())
    return table.take(lasting).combine_chunks(), len(natives) - len(lasting)


def table_of(columns: Mapping[str, Any]) -> pa.Table:
    """Return a table of posts from columns, of values or in Arrow.

    One word stands for every row; what is left out is absent, and the site is then the origin.
    """
    rows = len(columns["native_id"])
    if not rows:
        return POSTS.empty_table()
    arrays = _made(columns, rows)
    arrays.setdefault("site", arrays["origin"])
    absent = _absent(rows) if rows <= _REMEMBERED else _nothing(rows)
    return pa.Table.from_arrays([arrays.get(name, absent[name]) for name in _KINDS], schema=POSTS)


def _made(columns: Mapping[str, Any], rows: int) -> dict[str, pa.Array]:
    """Return the columns that hold anything, in Arrow.

    Those of one kind are made as one array and cut: of a page of fifty posts Arrow spends more on each array than on
    what stands in it, and on one of nothing as much.
    """
    arrays, alike = {}, defaultdict[str, list[str]](list)
    for name, column in columns.items():
        if isinstance(column, str):
            arrays[name] = _constant(column, rows) if rows <= _REMEMBERED else pa.repeat(column, rows)
        elif isinstance(column, pa.Array):
            arrays[name] = column
        elif any(column) or column.count(None) < rows:
            alike[_KINDS[name]].append(name)
    for kind, names in alike.items():
        joint = pa.array(list(chain.from_iterable(columns[name] for name in names)), _TYPES[kind])
        arrays |= {name: joint.slice(at * rows, rows) for at, name in enumerate(names)}
    return arrays


def _nothing(rows: int) -> dict[str, pa.Array]:
    return {name: pa.nulls(rows, _TYPES[kind]) for name, kind in _KINDS.items()}


_absent = lru_cache(maxsize=8)(_nothing)
_constant = lru_cache(maxsize=32)(pa.repeat)


def table_of_rows(rows: Sequence[Mapping[str, Any]]) -> pa.Table:
    """Return a table of posts from rows that hold what they say, for parsers whose posts differ too much for columns."""
    return pa.Table.from_struct_array(pa.array(rows, _ROW))
