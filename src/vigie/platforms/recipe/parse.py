"""Pages of posts to posts by a recipe, purely.

A native id is that of the post within its site (or, where the recipe says so, within its thread), after the name of the
engine: `phpbb:12`. Of what a selector of ids finds, such as `p12`, `post_message_12` or an address, the last number is the
id. Without ids it is the post's link, else a hash of author, date and text.
"""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from vigie.collect.columns import table_of_rows
from vigie.collect.source import Page, Parsed, Skipped
from vigie.errors import FatalError, SkippableError
from vigie.platforms.recipe.client import Sent, base_of, document, link_of, opened, value_of
from vigie.platforms.recipe.dates import instant_of, is_relative
from vigie.platforms.recipe.reading import Recipe, recipe_of
from vigie.platforms.recipe.settings import TEXT_MOST
from vigie.schema import ids
from vigie.schema.tables import POSTS
from vigie.text.html import text_of_element

_NUMBERS = re.compile(r"\d+")
_MARKS = re.compile(r"\d+(?:[.,]\d+)?")

LONGEST_NUMBER = 18
"""Digits of a count: more than fit into 64 bits are none."""


def parse(page: Page) -> Parsed:
    """Turn a page of a thread into posts.

    Raises:
        SkippableError: a selector that must find something finds nothing (`recipe.nothing`), or the recipe is none.
    """
    sent, body = opened(page.body)
    if sent.notes:
        return Parsed(POSTS.empty_table(), tuple(map(_note, sent.notes)))
    if page.part == "nothing":
        return Parsed(POSTS.empty_table())
    try:
        recipe = recipe_of(sent.recipe)
    except FatalError as exc:
        raise SkippableError(exc.sentence, code=exc.code, facts=exc.facts) from exc
    doc = document(body, page.media_type)
    if page.part == "threads" and recipe.listing is not None:
        raise nothing("listing.thread", recipe.listing.thread.text)
    return parsed_of(recipe, doc, page, sent)


def _note(note: tuple[str, str]) -> Skipped:
    url, _code = note
    return Skipped(url[:200], "recipe.thread_gone", "This thread is gone, or is not shown to visitors.")


def nothing(key: str, selector: str) -> SkippableError:
    """Return the error of a selector that finds nothing: what makes a space broken."""
    return SkippableError(
        f"The selector of “{key}” finds nothing any more: {selector}. Mend the recipe.",
        code="recipe.nothing", facts={"key": key, "selector": selector[:200]},
    )  # fmt: skip


def parsed_of(recipe: Recipe, doc: HtmlElement | None, page: Page, sent: Sent) -> Parsed:
    """Turn a parsed page into posts.

    Raises:
        SkippableError: as `parse`.
    """
    items = recipe.post.item.elements(doc) if doc is not None else []
    if doc is None or not items:
        error = nothing("post.item", recipe.post.item.text)
        if sent.is_alone:
            raise error
        return Parsed(POSTS.empty_table(), (Skipped(page.url[:200], error.code, error.sentence, error.facts),))
    rows, skipped, repeated = _rows(recipe, doc, items, page, sent)
    if not rows:
        raise nothing("post.text", recipe.post.text.text)
    return Parsed(table_of_rows(list(rows.values())), tuple(skipped), repeated)


def _rows(
    recipe: Recipe, doc: HtmlElement, items: list[HtmlElement], page: Page, sent: Sent
) -> tuple[dict[str, dict[str, Any]], list[Skipped], int]:
    reader = _Reader(recipe, doc, page, sent)
    rows: dict[str, dict[str, Any]] = {}
    skipped, repeated = [], 0
    for number, item in enumerate(items, start=1):
        row = reader.row(item)
        if row is None:
            skipped.append(Skipped(f"post {number}", "recipe.no_words", "The post has no words, or is hidden."))
            continue
        repeated += row["native_id"] in rows
        rows.setdefault(row["native_id"], row)
    if rows and "id" in recipe.post.found and not reader.n_ids:
        raise nothing("post.id", recipe.post.found["id"].text)
    return rows, skipped, repeated


class _Reader:
    """Reads the posts of one page."""

    def __init__(self, recipe: Recipe, doc: HtmlElement, page: Page, sent: Sent) -> None:
        self.recipe, self.page, self.sent, self.n_ids = recipe, page, sent, 0
        self.found: Mapping[str, Any] = recipe.post.found
        self.base, self.origin = base_of(doc, page.url), ids.origin_of(page.url)
        self.thread = ids.canonical_link(sent.thread or page.url)
        self.thread_title = value_of(recipe.thread_title, doc)

    def row(self, item: HtmlElement) -> dict[str, Any] | None:
        """Return a post; `None` when it has no words."""
        title, text = self._value("title", item), self._text(item)
        if not text:
            return None
        raw_id, author, date = self._value("id", item), self._value("author", item), self._value("date", item)
        self.n_ids += bool(raw_id)
        native = self._native(raw_id, item, author, date, text)
        root = self.sent.root
        return {
            "origin": self.origin, "native_id": native, "network": self.recipe.network, "site": self.origin,
            "url": self._url(item, raw_id), "text": text[:TEXT_MOST], "author": author or None,
            "title": title or (self.thread_title if root == native else "") or None,
            "lang_claimed": self.recipe.language, "published_at": self._instant(date),
            "in_reply_to": self._answered("reply_to", item) or (root if root and root != native else None),
            "quote_of": self._answered("quote", item), "rating": self._rating(item), "likes": self._likes(item), "media": [],
        }  # fmt: skip

    def _value(self, key: str, item: HtmlElement) -> str:
        return value_of(self.found.get(key), item)

    def _text(self, item: HtmlElement) -> str:
        """Return the words of a post without what the recipe leaves out; all elements found are one text."""
        drop = self.found.get("drop")
        left_out = drop.elements(item) if drop is not None else []
        selector = self.recipe.post.text
        if selector.attribute:
            return value_of(selector, item)
        return "\n".join(filter(None, (text_of_element(e, left_out) for e in selector.elements(item))))

    def _native(self, raw_id: str, item: HtmlElement, author: str, date: str, text: str) -> str:
        if raw_id:
            return self._scoped(raw_id)
        if "link" in self.found and (link := link_of(self.found["link"], item, self.base, self.recipe.ignore)):
            fragment = urlsplit(link).fragment
            return ids.canonical_link(link) + (f"#{fragment}" if fragment else "")
        return ids.text_id(author or None, None if is_relative(date) else date, text)

    def _scoped(self, raw: str) -> str:
        numbers = _NUMBERS.findall(raw)
        number = numbers[-1] if numbers else raw
        return (
            f"{self.recipe.engine}:{number}"
            if self.recipe.ids_of_site
            else f"{self.recipe.engine}:{self.thread}#{number}"
        )

    def _answered(self, key: str, item: HtmlElement) -> str | None:
        """Return the native id of the post that a link or an attribute names; the last number in it, as for ids."""
        raw = self._value(key, item)
        return self._scoped(raw) if _NUMBERS.search(raw) else None

    def _url(self, item: HtmlElement, raw_id: str) -> str:
        link = link_of(self.found.get("link"), item, self.base, self.recipe.ignore)
        anchored = raw_id and " " not in raw_id and "/" not in raw_id
        return link or (f"{self.page.url.partition('#')[0]}#{raw_id}" if anchored else self.page.url)

    def _instant(self, date: str) -> Any:
        recipe = self.recipe
        if not date:
            return None
        return instant_of(
            date, now=self.page.fetched_at, zone=recipe.zone, order=recipe.date_order, formats=recipe.date_format
        )

    def _rating(self, item: HtmlElement) -> float | None:
        found = _MARKS.search(self._value("rating", item))
        return float(found.group().replace(",", ".")) * 5 / self.recipe.post.rating_out_of if found else None

    def _likes(self, item: HtmlElement) -> int | None:
        found = _NUMBERS.search(self._value("likes", item))
        return int(found.group()) if found and len(found.group()) <= LONGEST_NUMBER else None
