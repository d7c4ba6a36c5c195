"""Walk a list that is given newest first: what is new at its top at every read, then what is older, page by page.

The state, kept in the cursor, holds the newest entries that were met (`window`), where a walk over new entries was
broken off (`fresh`), and where the walk back to the oldest goes on (`older`). What is written meanwhile stands above
and is met by the next read. An entry of the window that changed makes its page new; one that is missing was deleted.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from vigie.collect.source import Response

WINDOW = 100
"""Entries that are remembered, so that changes and deletions among them are noticed: one page of the network."""

MAX_PAGES = 200
"""Pages of one read and list: 20,000 entries; the next read goes on."""


class Entry(NamedTuple):
    """One entry of a list: what it is sorted by, its id, and what changes when it changes."""

    sort: str
    key: str
    mark: str


@dataclass(frozen=True, slots=True)
class Step:
    """One answer worth keeping, or entries that are no more, or neither; and the state after it."""

    answer: Response | None
    gone: Sequence[str]
    state: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Listing:
    """A list of the network: how a page is asked for, and what it holds."""

    ask: Callable[[str | None], Response]
    read: Callable[[bytes], tuple[list[Entry], str | None]]
    tells_deletions: bool
    """Whether what is missing was deleted, rather than hidden."""


def walk(listing: Listing, state: Mapping[str, Any]) -> Iterator[Step]:
    """Give what is new, what is gone, then what is older."""
    n_pages = 0
    # A walk that was broken off is ended first; what was written since stands above it, and is walked next.
    for _ in range(2 if "fresh" in state else 1):
        for step in _told(_fresh(listing, state)):
            n_pages += step.answer is not None
            yield step
            state = step.state
    yield from _older(listing, state, MAX_PAGES - n_pages)


def _told(steps: Iterator[Step]) -> Iterator[Step]:
    """Tell what is gone after the page that showed it; until it is told it stands in the state."""
    for step in steps:
        yield step
        if gone := step.state.get("gone"):
            yield Step(None, gone, {name: value for name, value in step.state.items() if name != "gone"})


def _fresh(listing: Listing, state: Mapping[str, Any]) -> Iterator[Step]:
    """Walk down from the top until all that was new is met, and the window is passed."""
    if state.get("gone"):
        yield Step(None, (), state)
        state = {name: value for name, value in state.items() if name != "gone"}
    window = {entry[1]: Entry(*entry) for entry in state.get("window", ())}
    low = min((entry.sort for entry in window.values()), default="")
    walked = state.get("fresh") or {"at": None, "top": [], "left": list(window)}
    for _ in range(MAX_PAGES):
        answer = listing.ask(walked["at"])
        entries, at = listing.read(answer.body)
        is_new = any(entry.sort >= low and window.get(entry.key) != entry for entry in entries)
        met = {entry.key for entry in entries}
        walked = {
            "at": at,
            "top": [*walked["top"], *entries][:WINDOW],
            "left": [key for key in walked["left"] if key not in met],
        }
        done = not at or "window" not in state or min((entry.sort for entry in entries), default="") <= low
        state = _done(listing, state, walked, low) if done else {**state, "fresh": walked}
        yield Step(answer if is_new else None, (), state)
        if done:
            return


def _done(listing: Listing, state: Mapping[str, Any], walked: Mapping[str, Any], low: str) -> dict[str, Any]:
    """Return the state after all new entries were met."""
    older = state.get("older") if "window" in state else walked["at"]
    gone = walked["left"] if listing.tells_deletions else ()
    kept = {"window": walked["top"], "older": older, "gone": gone}
    return {name: value for name, value in kept.items() if value or name == "window"}


def _older(listing: Listing, state: Mapping[str, Any], most: int) -> Iterator[Step]:
    """Walk back to the oldest entry."""
    for _ in range(most):
        if not state.get("older"):
            return
        answer = listing.ask(state["older"])
        _, at = listing.read(answer.body)
        # A server that gives the same place again would be walked without end.
        state = {**state, "older": at if at != state["older"] else None}
        yield Step(answer, (), state)


def gone_body(uris: Sequence[str]) -> bytes:
    """Return the body of a page that says what is no more."""
    return json.dumps({"gone": list(uris)}).encode()
