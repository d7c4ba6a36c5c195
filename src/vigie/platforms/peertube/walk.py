"""Walk the videos from the one published last, then what is written under those of which something changed.

A list says of each video when it was changed and how many comments it has: what is as the cursor knows it is not asked
for again. Servers before version 7.1 do not count comments: there, those of the newest videos are read each time.
While a walk is under way the cursor holds what is still to be read: `todo`, videos whose page or comments are due, each
leaving the list with its last page.
"""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from vigie.collect.source import Fetch, Page, Response
from vigie.errors import FatalError
from vigie.platforms.peertube.client import PER_PAGE, Target, thread_at, threads_at, video_at
from vigie.platforms.peertube.parse import Video, address_of, answered_of, videos_of

FIRST_PAGES = 3
"""Pages of videos of a read: 300 videos, the newest."""

KNOWN = 300
"""Videos known by their id: the same, 30 kB of cursor."""

UNCOUNTED = 20
"""Newest videos whose comments are read each time where the server does not count them: one request each."""


def walk(target: Target, state: dict[str, Any], fetch: Fetch, now: datetime) -> Iterator[Page]:
    """Give the pages of what is new; a walk that was broken off is finished first."""
    was_open = "page" in state
    yield from _under(target, state, fetch, now)
    yield from _videos(target, state, fetch, now)
    if was_open:
        yield from _videos(target, state, fetch, now)
    yield from _under(target, state, fetch, now)


def _videos(target: Target, state: dict[str, Any], fetch: Fetch, now: datetime) -> Iterator[Page]:
    """Give the lists that hold something new, and note what is due under their videos."""
    for number in range(int(state.get("page", 0)), FIRST_PAGES):
        answer = fetch(target.listing(number * PER_PAGE))
        videos = videos_of(answer.body)
        known = dict(state.get("known", []))
        changed = any(known.get(video.uuid, ["", 0])[0] != _mark(video) for video in videos or [])
        _note(target, videos or [], state, number)
        is_last = not videos or len(videos) < PER_PAGE or not changed or target.kind == "video"
        state.pop("page", None)
        if not is_last and number + 1 < FIRST_PAGES:
            state["page"] = number + 1
        if changed or videos is None:
            yield _page(answer, "video" if target.kind == "video" else "videos", state, now)
        if is_last:
            return


def _mark(video: Video) -> str:
    return video.updated_at or video.published_at or ""


def _note(target: Target, videos: list[Video], state: dict[str, Any], page: int) -> None:
    """Note what is due under videos, and how they stand now."""
    known = dict(state.get("known", []))
    todo = state.setdefault("todo", [])
    for place, video in enumerate(videos):
        mark, count = known.get(video.uuid, ["", 0])
        address = address_of(video, target.base)
        if video.is_cut and mark != _mark(video) and target.kind != "video":
            todo.append({"video": video.uuid, "of": address, "what": "video"})
        uncounted = video.comments is None and page == 0 and place < UNCOUNTED
        if uncounted or (video.comments or 0) != count:
            todo.append({"video": video.uuid, "of": address, "what": "threads", "start": 0})
    fresh = [[video.uuid, [_mark(video), video.comments or 0]] for video in videos]
    seen = {uuid for uuid, _ in fresh}
    old = [pair for pair in state.get("known", []) if pair[0] not in seen]
    at = page * PER_PAGE
    state["known"] = [*old[:at], *fresh, *old[at:]][:KNOWN]


def _under(target: Target, state: dict[str, Any], fetch: Fetch, now: datetime) -> Iterator[Page]:
    """Give the pages that are due, one by one."""
    while state.get("todo"):
        due = state["todo"][0]
        try:
            answer = fetch(_address(target.base, due))
        except FatalError as error:
            # One video was deleted or hidden meanwhile; the channel is still there.
            if error.code not in ("net.gone", "net.refused"):
                raise
            state["todo"] = state["todo"][1:]
            continue
        part = _taken(due, answer, state)
        yield _page(answer, part, state, now, due["of"])


def _address(base: str, due: dict[str, Any]) -> str:
    if due["what"] == "video":
        return video_at(base, due["video"])
    if due.get("threads"):
        return thread_at(base, due["video"], due["threads"][0])
    return threads_at(base, due["video"], due["start"])


def _taken(due: dict[str, Any], answer: Response, state: dict[str, Any]) -> str:
    """Note what is left after an answer, and return which part of the source it is."""
    rest = dict(due)
    if due["what"] == "video":
        part, is_over = "video", True
    elif due.get("threads"):
        rest["threads"] = due["threads"][1:]
        part, is_over = "thread", not rest["threads"] and rest["start"] < 0
    else:
        found = answered_of(answer.body)
        number, rest["threads"] = found or (0, [])
        rest["start"] = due["start"] + PER_PAGE if number >= PER_PAGE else -1
        part, is_over = "threads", not rest["threads"] and rest["start"] < 0
    state["todo"] = state["todo"][1:] if is_over else [rest, *state["todo"][1:]]
    return part


def _page(answer: Response, part: str, state: dict[str, Any], now: datetime, of: str = "") -> Page:
    media = answer.headers.get("content-type", "")
    address = f"{answer.url}#{of}" if part in ("thread", "threads") else answer.url
    return Page(address, answer.body, media, part, now, json.dumps(state))
