"""Walk listings and threads within bounds; the cursor holds, per thread, what was seen, so that nothing is lost.

The cursor, as JSON: `s` per start page, how far down its listing was walked; `q` the threads that wait to be read, with
the mark that made them wait; `t` per thread, by a short hash of its address: its mark, the last page read when that is
not the first, a digest of that page's posts, and the native id of its first post.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from lxml.html import HtmlElement

from vigie.collect.source import Fetch, Page, Parsed, Response
from vigie.errors import FatalError, SkippableError
from vigie.platforms.recipe.client import Sent, Thread, document, next_of, packed, threads_of
from vigie.platforms.recipe.parse import parsed_of
from vigie.platforms.recipe.reading import Recipe
from vigie.platforms.recipe.settings import EMPTY_MOST, KNOWN_MOST, QUEUE_MOST
from vigie.schema import ids

_HEADERS = {"Accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.5"}

_MARK, _AT, _DIGEST, _ROOT = range(4)


class Walk:
    """One read of a place."""

    def __init__(self, recipe: Recipe, address: str, cursor: str | None, *, fetch: Fetch, now: datetime) -> None:
        self.recipe, self.fetch, self.now, self.given = recipe, fetch, now, cursor or ""
        state: dict[str, Any] = json.loads(cursor) if cursor else {}
        self.starts: dict[str, dict[str, Any]] = state.get("s", {})
        self.queue: dict[str, str] = dict(state.get("q", []))
        self.threads: dict[str, list[str]] = state.get("t", {})
        self.addresses = recipe.start or (address,)
        self.pages_left, self.was_read, self.moved = recipe.pages, False, 0
        self.empty: list[tuple[str, Response]] = []
        self.gone: list[tuple[str, FatalError]] = []
        self.saved = self.control = ""

    def pages(self) -> Iterator[Page]:
        """Give the pages with new posts, then what could not be read."""
        for start in self.addresses:
            yield from self._listing(start)
        for url in list(self.queue)[: self.recipe.threads]:
            if self.pages_left <= 0 or (len(self.empty) >= EMPTY_MOST and not self.was_read):
                break
            yield from self._thread(url)
        yield from self._unread()
        if self._cursor() not in (self.saved, self.given):
            yield self._page(self.addresses[0], b"", Sent(), part="nothing")

    def _cursor(self) -> str:
        while len(self.threads) > KNOWN_MOST:
            self.threads.pop(next(iter(self.threads)))
        held = {"s": self.starts, "q": list(self.queue.items()), "t": self.threads}
        return json.dumps(held, ensure_ascii=False, separators=(",", ":"))

    def _page(self, url: str, body: bytes, sent: Sent, *, part: str = "posts", media_type: str = "") -> Page:
        self.saved = self._cursor()
        return Page(url, packed(replace(sent, recipe=self.recipe.toml), body), media_type, part, self.now, self.saved)

    def _read(self, url: str) -> tuple[Response, HtmlElement | None]:
        answer = self.fetch(url, headers=_HEADERS)
        return answer, document(answer.body, answer.headers.get("content-type", ""))

    def _listing(self, start: str) -> Iterator[Page]:
        """Queue the threads that changed: from the top to where nothing did, then on from where an earlier read stopped."""
        own, url, below, quiet = self.starts.setdefault(start, {}), start, False, 0
        asked: set[str] = set()
        for number in range(1, self.recipe.listing_pages + 1):
            asked.add(url)
            answer, doc = self._read(url)
            found = threads_of(self.recipe, doc, answer.url) if doc is not None else []
            if not found and number == 1:
                yield from self._no_listing(start, answer, doc)
                return
            changed = self._queued(found, is_top=number == 1)
            self.moved += changed
            quiet = 0 if changed else quiet + len(found)
            listing = self.recipe.listing
            following = (
                next_of(listing.next, doc, answer.url, self.recipe) if listing and doc is not None and found else ""
            )
            if not following or following in asked:
                own.update(done=True, ahead="")
                return
            if not below and not changed and (own.get("ahead") or own.get("done")):
                below, following = True, own.get("ahead") or ""
                quiet = 0
            elif below and own.get("done") and quiet > self.moved + len(found):
                following = ""
            if not following:
                own["ahead"] = ""
                return
            if number == self.recipe.listing_pages or len(self.queue) >= QUEUE_MOST:
                # The next read begins with this page again: what moved down meanwhile is met there.
                own["ahead"] = url
                return
            url = following

    def _queued(self, found: list[Thread], *, is_top: bool) -> int:
        """Queue the threads that are new or whose mark changed; return how many."""
        changed = 0
        for thread in found:
            key = _key(thread.url)
            known = self.threads.pop(key, None)
            if known is not None:
                # Those that listings still show are forgotten last.
                self.threads[key] = known
                self.control = self.control or (thread.url if known[_DIGEST] else "")
            if thread.url in self.queue:
                changed += self.queue[thread.url] != thread.mark
                self.queue[thread.url] = thread.mark
            elif known is None or known[_MARK] != thread.mark or (not thread.mark and is_top):
                changed += known is None or bool(thread.mark)
                self.queue[thread.url] = thread.mark
        return changed

    def _no_listing(self, start: str, answer: Response, doc: HtmlElement | None) -> Iterator[Page]:
        """Take a start page without threads as a thread when it holds posts; else it is broken, and its bytes are kept."""
        if doc is not None and self.recipe.post.item.elements(doc):
            self.queue.setdefault(start, "")
            return
        part = "posts" if self.recipe.listing is None else "threads"
        yield self._page(answer.url, answer.body, Sent(), part=part, media_type=answer.headers.get("content-type", ""))

    def _thread(self, url: str) -> Iterator[Page]:
        """Read a thread from the last page seen to its end, or as far as the bounds go."""
        key, mark = _key(url), self.queue[url]
        known = self.threads.get(key) or ["", "", "", ""]
        at, asked = known[_AT] or url, set[str]()
        while at:
            asked.add(at)
            self.pages_left -= 1
            try:
                answer, doc = self._read(at)
            except FatalError as error:
                if error.code not in ("net.gone", "net.refused"):
                    raise
                if at != url:
                    # Posts were removed, and with them the last page.
                    known, at = ["", "", "", known[_ROOT]], url
                    continue
                self.gone.append((url, error))
                return
            sent = Sent(thread=url, root=known[_ROOT])
            parsed = self._parsed(answer, doc, sent)
            if parsed is None:
                self.empty.append((url, answer))
                return
            self.was_read = True
            following = next_of(self.recipe.thread_next, doc, answer.url, self.recipe) if doc is not None else ""
            at_end = not following or following in asked
            digest, before = _digest(parsed), known[_DIGEST]
            root = known[_ROOT] or (parsed.posts["native_id"][0].as_py() if at == url else "")
            known = [mark if at_end else known[_MARK], "" if at == url else at, digest, root]
            self._seen(url, key, known, at_end=at_end)
            if digest != before:
                yield self._page(
                    answer.url, answer.body, replace(sent, root=root), media_type=answer.headers.get("content-type", "")
                )
            at = "" if at_end or self.pages_left <= 0 else following

    def _seen(self, url: str, key: str, known: list[str], *, at_end: bool) -> None:
        """Note how far a thread was read; one that has more waits behind the others."""
        mark = self.queue.pop(url, "")
        if not at_end:
            self.queue[url] = mark
        self.threads[key] = known

    def _parsed(self, answer: Response, doc: HtmlElement | None, sent: Sent) -> Parsed | None:
        media_type = answer.headers.get("content-type", "")
        try:
            parsed = parsed_of(self.recipe, doc, Page(answer.url, b"", media_type, "posts", self.now, ""), sent)
        except SkippableError:
            return None
        return parsed

    def _unread(self) -> Iterator[Page]:
        """Give what no post was found in: a note when other threads were read, else a page that says what is broken."""
        refused = next((error for _, error in self.gone if error.code == "net.refused"), None)
        if refused is not None and not self.was_read:
            raise refused
        if self.empty and not self.was_read:
            self.was_read = self._still_works()
        if self.gone:
            for url, _ in self.gone:
                self._seen(url, _key(url), [self.queue.get(url, ""), "", "", ""], at_end=True)
            notes = tuple((url, error.code) for url, error in self.gone)
            yield self._page(self.gone[0][0], b"", Sent(notes=notes))
        for url, _ in self.empty:
            # The next read begins with others: a few threads of another kind do not hide those behind them.
            self.queue[url] = self.queue.pop(url, "")
        for url, answer in self.empty if self.was_read else self.empty[:1]:
            sent = Sent(thread=url, is_alone=not self.was_read)
            if self.was_read:
                # The others are understood: this one is of another kind, and is read again when it changes.
                self._seen(url, _key(url), [self.queue.get(url, ""), "", "", ""], at_end=True)
            yield self._page(answer.url, answer.body, sent, media_type=answer.headers.get("content-type", ""))

    def _still_works(self) -> bool:
        """Say whether the recipe finds posts in a thread where it found some before."""
        if not self.control:
            return False
        try:
            answer, doc = self._read(self.control)
        except FatalError:
            return False
        return self._parsed(answer, doc, Sent(thread=self.control)) is not None


def _key(url: str) -> str:
    return hashlib.blake2b(ids.canonical_link(url).encode(), digest_size=8).hexdigest()


def _digest(parsed: Parsed) -> str:
    """Return what changes when a post of a page does; not when a date that runs on its own does."""
    hasher = hashlib.blake2b(digest_size=8)
    for name in ("native_id", "text"):
        hasher.update("\0".join(parsed.posts[name].to_pylist()).encode("utf-8", "replace"))
    return hasher.hexdigest()
