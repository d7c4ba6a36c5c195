"""Walk a stream of posts or of comments from the newest back to what was read before.

Pages are numbered: what is written meanwhile moves everything down, so posts are met twice rather than missed. The
cursor holds the newest ids, each with the date of its last change, and while a walk is under way the next page.
"""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from vigie.collect.source import Page, Response
from vigie.errors import SkippableError
from vigie.platforms.lemmy.parse import answer_of

FIRST_PAGES = 20
"""Pages of the first read of a stream: 1,000 posts of the past."""

MAX_PAGES = 50
"""Pages of one read of a stream: 2,500 posts; the next read goes on."""

KNOWN = 200
"""Posts known by their id: four pages, so that a walk over what came late meets mostly known ones."""

LATE = timedelta(hours=1)
"""How far beyond the newest known post a walk goes: posts of other servers come late, with their own date."""


class _Thing(msgspec.Struct):
    id: int
    published: str | None = None
    updated: str | None = None
    deleted: bool = False
    removed: bool = False


class _View(msgspec.Struct):
    post: _Thing | None = None
    comment: _Thing | None = None


Read = Callable[[int], Response]
"""Reads a page by its number."""


def walk(read: Read, state: dict[str, Any], part: str, now: datetime, *, paged: bool = True) -> Iterator[Page]:
    """Give the pages of one stream of what is new; `state` holds those of all streams, and is kept up to date.

    Args:
        paged: The stream has more than one page.
    """
    own = state.setdefault(part, {})
    was_open = "page" in own
    yield from _one(read, state, part, now, paged)
    if was_open and "page" not in own:
        yield from _one(read, state, part, now, paged)


def _one(read: Read, state: dict[str, Any], part: str, now: datetime, paged: bool) -> Iterator[Page]:
    own = state[part]
    for _ in range(MAX_PAGES):
        answer = read(int(own.get("page", 1)))
        heads = _heads(answer.body)
        told = heads is None or any(dict(own.get("recent", [])).get(key) != mark for key, mark, _ in heads)
        if heads is not None:
            _step(heads, own, paged)
        if told:
            media = answer.headers.get("content-type", "")
            yield Page(answer.url, answer.body, media, part, now, json.dumps(state))
        if heads is None or "page" not in own:
            return


def _heads(body: bytes) -> list[tuple[str, str, str]] | None:
    """Return id, mark of the last change and date of each item; `None` when the answer is none."""
    try:
        views = [msgspec.json.decode(raw, type=_View) for _, raw in answer_of(body).items()]
    except (SkippableError, msgspec.DecodeError, RecursionError):
        return None
    return [_head(view) for view in views]


def _head(view: _View) -> tuple[str, str, str]:
    thing, kind = (view.comment, "c") if view.comment else (view.post, "p")
    if thing is None:
        return "", "", ""
    mark = (thing.updated or "") + ("-" if thing.deleted or thing.removed else "")
    return f"{kind}{thing.id}", mark, thing.published or ""


def _step(heads: list[tuple[str, str, str]], own: dict[str, Any], paged: bool) -> None:
    """Note where the walk stands after a page."""
    if "page" not in own:
        own |= {"page": 1, "head": [], "top": max((at for *_, at in heads), default="")}
    own["head"] = [*own["head"], *([key, mark] for key, mark, _ in heads)][:KNOWN]
    is_first = not own.get("recent")
    # A page shorter than the one before is the last; how long they are is the server's to say.
    is_last = len(heads) < int(own.get("size", 1))
    own["size"] = len(heads)
    if is_last or not paged or (is_first and own["page"] >= FIRST_PAGES) or _met(heads, own):
        old = [pair for pair in own.get("recent", []) if pair[0] not in dict(own["head"])]
        own["recent"] = [*own.pop("head"), *old][:KNOWN]
        own["until"] = max(own.pop("top"), own.get("until", ""))
        del own["page"], own["size"]
    else:
        own["page"] += 1


def _met(heads: list[tuple[str, str, str]], own: dict[str, Any]) -> bool:
    """Say whether a page reaches what was read before, and far enough beyond it."""
    known = {key for key, _ in own.get("recent", [])}
    if not known:
        return False
    until, oldest = _instant(str(own.get("until", ""))), _instant(heads[-1][2])
    beyond = until is not None and oldest is not None and oldest < until - LATE
    return beyond or all(key in known for key, *_ in heads)


def _instant(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text) if text else None
        return (found if found.tzinfo else found.replace(tzinfo=UTC)) if found else None
    except ValueError:
        return None
