"""Walk a timeline from its newest post back to what was read before.

The cursor holds the newest ids that were read, each with the date of its last edit; while a walk is under way also
where it stands. Newest ids may be deleted, remote posts come late with the id of their own date, and not every server
has ids that can be compared: so a walk ends at any known id, a little beyond the date of the newest known.
"""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from vigie.collect.source import Page, Response

FIRST_PAGES = 25
"""Pages of the first read: 1,000 posts of the past."""

MAX_PAGES = 50
"""Pages of one read: 2,000 posts; the next read goes on."""

KNOWN = 200
"""Posts known by their id: five pages, so that a walk over what came late meets mostly known ones; 10 kB of cursor."""

LATE = timedelta(minutes=5)
"""How far beyond the newest known post a walk goes: servers deliver to each other within minutes, and Mastodon gives a
remote post the id of its own date (app/lib/mastodon/snowflake.rb, read 2026-11-25)."""


class _Head(msgspec.Struct):
    id: str | int
    edited_at: str | None = None
    created_at: str | None = None


class _Heads(msgspec.Struct):
    statuses: list[_Head] = []


def heads_of(body: bytes) -> list[_Head] | None:
    """Return id and dates of each post of an answer; `None` when it is none."""
    try:
        if body.lstrip()[:1] == b"{":
            return msgspec.json.decode(body, type=_Heads).statuses
        return msgspec.json.decode(body, type=list[_Head])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


Read = Callable[[str], Response]
"""Reads the page before an id; empty for the newest."""


def walk(read: Read, state: dict[str, Any], part: str, now: datetime) -> Iterator[Page]:
    """Give the pages of what is new, newest first; a walk that was broken off is finished first.

    `state` is kept up to date: what it is at a page's moment is that page's cursor.
    """
    was_open = "back" in state
    yield from _one(read, state, part, now)
    if was_open and "back" not in state:
        yield from _one(read, state, part, now)


def _one(read: Read, state: dict[str, Any], part: str, now: datetime) -> Iterator[Page]:
    for _ in range(MAX_PAGES):
        answer = read(str(state.get("back", "")))
        heads = heads_of(answer.body)
        told = _told(heads or [], state)
        if heads is not None:
            _step(heads, state)
        if told or heads is None:
            media = answer.headers.get("content-type", "")
            yield Page(answer.url, answer.body, media, part, now, json.dumps(state))
        if heads is None or "back" not in state:
            return


def _told(heads: list[_Head], state: dict[str, Any]) -> bool:
    """Say whether a page holds a post that is new or was edited."""
    known = dict(state.get("recent", []))
    return any(known.get(str(head.id)) != (head.edited_at or "") for head in heads)


def _step(heads: list[_Head], state: dict[str, Any]) -> None:
    """Note where the walk stands after a page."""
    if "back" not in state:
        state |= {"head": [], "top": max((head.created_at or "" for head in heads), default="")}
        state["left"] = 0 if state.get("recent") else FIRST_PAGES
    state["head"] = [*state["head"], *([str(head.id), head.edited_at or ""] for head in heads)][:KNOWN]
    ids = [str(head.id) for head in heads]
    state["left"] -= 1
    if not ids or ids[-1] == state.get("back") or state["left"] == 0 or _met(heads, state):
        _end(state)
    else:
        state["back"] = ids[-1]


def _met(heads: list[_Head], state: dict[str, Any]) -> bool:
    """Say whether a page reaches what was read before, and far enough beyond it."""
    known = {number for number, _ in state.get("recent", [])}
    if not known:
        return False
    new = [head for head in heads if str(head.id) not in known]
    state["seen"] = bool(state.get("seen")) or len(new) < len(heads)
    until, oldest = _instant(state.get("until")), _instant(heads[-1].created_at)
    beyond = until is None or oldest is None or oldest < until - LATE
    return not new or (state["seen"] and beyond) or _is_older(str(heads[-1].id), known)


def _is_older(number: str, known: set[str]) -> bool:
    """Say, where ids are numbers, that one is older than all that were known: all of those were deleted."""
    if not number.isdecimal() or not all(other.isdecimal() for other in known):
        return False
    return int(number) < min(map(int, known))


def _end(state: dict[str, Any]) -> None:
    state["recent"] = _joined(state.pop("head", []), state.get("recent", []))
    state["until"] = max(state.pop("top", ""), state.get("until", ""))
    for name in ("back", "left", "seen"):
        state.pop(name, None)


def _joined(new: list[list[str]], old: list[list[str]]) -> list[list[str]]:
    """Return the newest known posts, each once."""
    return [[number, edited] for number, edited in dict([*old[::-1], *new[::-1]]).items()][::-1][:KNOWN]


def _instant(text: str | None) -> datetime | None:
    try:
        found = datetime.fromisoformat(text) if text else None
        return (found if found.tzinfo else found.replace(tzinfo=UTC)) if found else None
    except ValueError:
        return None


def heard(state: dict[str, Any], number: str, edited: str, created: str) -> None:
    """Note a post that came by the stream, as the newest."""
    state["recent"] = _joined([[number, edited]], [pair for pair in state.get("recent", []) if pair[0] != number])
    state["until"] = max(str(state.get("until", "")), created)
