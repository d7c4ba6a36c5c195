"""Frames of a firehose to posts, purely and fast.

A page's body is the frames as they came, each after its length in four bytes, big end first. A frame is two values of
DAG-CBOR: a header that says what it is, and the message; the records of a commit stand in a CAR file within.

Source: atproto.com/specs/event-stream, atproto.com/specs/sync, lexicon com.atproto.sync.subscribeRepos, read on
2026-11-25.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import libipld
import msgspec

from vigie.collect.source import Parsed, Skipped
from vigie.platforms.bluesky.rows import (
    POST,
    REPOST,
    Plain,
    Post,
    Repost,
    Row,
    gone_row,
    post_row,
    repost_row,
    table_of,
)

LENGTH_BYTES = 4
"""Bytes of a frame's length: frames are at most 5 MB (atproto.com/specs/event-stream)."""

COLLECTIONS = (f"{POST}/", f"{REPOST}/")

_decode: Callable[[bytes], list[Any]] = libipld.decode_dag_cbor_multi
_car: Callable[[bytes], tuple[Any, Mapping[bytes, Any]]] = libipld.decode_car


def joined(frames: list[bytes]) -> bytes:
    """Return frames as one body."""
    pieces: list[bytes] = []
    for frame in frames:
        pieces += (len(frame).to_bytes(LENGTH_BYTES, "big"), frame)
    return b"".join(pieces)


def split(body: bytes) -> Iterator[bytes | None]:
    """Give the frames of a body; `None` for a rest that is no whole one."""
    at, end = 0, len(body)
    while at < end:
        begin = at + LENGTH_BYTES
        at = begin + int.from_bytes(body[at:begin], "big")
        if at > end or begin > end:
            yield None
            return
        yield body[begin:at]


def message_of(frame: bytes) -> tuple[str, dict[str, Any]] | None:
    """Return what a frame is and its message; `!` for an error; nothing when it can't be read."""
    try:
        header, message = _decode(frame)
        kind = header.get("t", "") if header.get("op") == 1 else "!"
    except (ValueError, AttributeError, TypeError, RecursionError):
        return None
    return (kind, message) if isinstance(message, dict) and isinstance(kind, str) else None


def parse(body: bytes) -> Parsed:
    """Turn the frames of a page into posts; what a later event changes or deletes stands as it is then."""
    rows: dict[str, Row] = {}
    skipped: list[Skipped] = []
    n_read = 0
    for number, frame in enumerate(split(body), start=1):
        found = message_of(frame) if frame is not None else None
        if found is None:
            skipped.append(_unread(number))
        elif found[0] == "#commit":
            n_read += _commit(found[1], rows, skipped, number)
        elif found[0] in ("#info", "!"):
            skipped += _told(found[1], number)
        # `#identity` and `#account` change nothing here: authors are known by their DID, and posts of an account that
        # is closed are found gone when they are counted again. What is not known yet is to be passed over.
    return Parsed(table_of(list(rows.values())), tuple(skipped), n_read - len(rows))


def _unread(number: int) -> Skipped:
    return Skipped(f"event {number}", "bluesky.event", "The event can't be read.")


def _told(message: Mapping[str, Any], number: int) -> Iterator[Skipped]:
    """Say what the server tells about the stream itself."""
    name, where = message.get("name") or message.get("error"), f"event {number}"
    if name == "OutdatedCursor":
        yield Skipped(
            where,
            "bluesky.outdated",
            "The network no longer holds all that happened since our last read: some of it was not heard.",
        )
    elif name == "FutureCursor":
        yield Skipped(
            where,
            "bluesky.future",
            "The server was set up anew and does not know where we were: listening goes on from now.",
        )
    elif name == "ConsumerTooSlow":
        yield Skipped(
            where, "bluesky.slow", "The server cut us off because we were slow: listening goes on from there."
        )


def _commit(message: Mapping[str, Any], rows: dict[str, Row], skipped: list[Skipped], number: int) -> int:
    """Take the posts of a commit into the rows; return how many were read."""
    blocks: Mapping[bytes, Any] | None = None
    n_read = 0
    try:
        did = message["repo"] + ""
        for op in message["ops"]:
            path: str = op["path"]
            if not path.startswith(COLLECTIONS):
                continue
            uri, key = f"at://{did}/{path}", path.rpartition("/")[2]
            if op["action"] == "delete":
                row: Row | None = gone_row(uri, did, key)
            else:
                if blocks is None:
                    blocks = _car(message["blocks"])[1]
                row = _row(uri, did, path, blocks.get(op["cid"]))
            if row is None:
                skipped.append(_unread(number))
                continue
            rows[uri] = row
            n_read += 1
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        skipped.append(_unread(number))
    return n_read


def _row(uri: str, did: str, path: str, record: Any) -> Row | None:
    kind = Repost if path.startswith(COLLECTIONS[1]) else Post
    try:
        found: Any = msgspec.convert(record, kind)
    except msgspec.ValidationError:
        try:
            found = msgspec.convert(record, Plain) if kind is Post else None
        except msgspec.ValidationError:
            return None
    if found is None:
        return None
    if kind is Repost:
        return repost_row(uri, did, found)
    return post_row(uri, did, path.rpartition("/")[2], found)
