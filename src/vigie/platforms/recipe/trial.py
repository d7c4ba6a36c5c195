"""Try a recipe on one page: what it finds, and what it does not."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lxml.html import HtmlElement

from vigie.collect.source import Page
from vigie.errors import SkippableError
from vigie.platforms.recipe.client import Sent, Thread, document, next_of, threads_of, value_of
from vigie.platforms.recipe.parse import parsed_of
from vigie.platforms.recipe.reading import Problem, Recipe, problems_of, recipe_of


@dataclass(frozen=True, slots=True)
class Trial:
    """What a recipe makes of a page."""

    rows: list[dict[str, Any]]
    """Posts, by the columns of `tables.POSTS`."""
    problems: list[Problem]
    threads: Sequence[Thread] = ()
    following: str = ""
    """The address of the next page."""


def try_recipe(toml: str, html: bytes, url: str, *, now: datetime, media_type: str = "text/html") -> Trial:
    """Say what a recipe finds on a page, whether that lists threads or holds posts, purely."""
    problems = problems_of(toml)
    if problems:
        return Trial([], problems)
    recipe = recipe_of(toml)
    doc = document(html, media_type)
    threads = threads_of(recipe, doc, url) if doc is not None else []
    items = recipe.post.item.elements(doc) if doc is not None else []
    if threads and not items and doc is not None and recipe.listing is not None:
        return Trial([], [], threads, next_of(recipe.listing.next, doc, url, recipe))
    try:
        parsed = parsed_of(recipe, doc, Page(url, b"", media_type, "posts", now, ""), Sent(thread=url))
    except SkippableError as error:
        key = str(error.facts.get("key", ""))
        return Trial([], [Problem(0, key, error.code, error.sentence, error.facts)], threads)
    assert doc is not None, "a page that was parsed is one"
    rows = parsed.posts.to_pylist()
    found = [Problem(0, "", s.code, f"{s.where}: {s.sentence}", {**s.facts, "where": s.where}) for s in parsed.skipped]
    return Trial(rows, [*found, *_rare(recipe, items), *_undated(recipe, items, rows)], threads,
                 next_of(recipe.thread_next, doc, url, recipe))  # fmt: skip


def _rare(recipe: Recipe, items: Sequence[HtmlElement]) -> list[Problem]:
    """Name the selectors that must find something in each post and do so in less than half of them."""
    problems = []
    for key in ("author", "date", "id", "link"):
        selector = recipe.post.found.get(key)
        n = sum(1 for item in items if value_of(selector, item)) if selector is not None else len(items)
        if n * 2 < len(items):
            facts: dict[str, str | int | float] = {"key": f"post.{key}", "found": n, "posts": len(items)}
            sentence = f"The selector of “post.{key}” finds something in {n} of {len(items)} posts."
            problems.append(Problem(0, f"post.{key}", "recipe.rarely", sentence, facts))
    return problems


def _undated(recipe: Recipe, items: Sequence[HtmlElement], rows: Sequence[dict[str, Any]]) -> list[Problem]:
    """Show a date that was found and can't be read."""
    shown = next((text for item in items if (text := value_of(recipe.post.found.get("date"), item))), "")
    if not shown or any(row["published_at"] is not None for row in rows):
        return []
    sentence = f"The dates can't be read, such as “{shown}”. Choose another attribute, or give a date_format."
    return [Problem(0, "post.date", "recipe.undated", sentence, {"shown": shown})]
