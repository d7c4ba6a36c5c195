"""Read forums and pages by a recipe."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from vigie.collect.source import Fetch, Found, Page, Parsed, Place, Tried
from vigie.errors import FatalError, SkippableError
from vigie.platforms.recipe.builtins import builtins, engine_of
from vigie.platforms.recipe.client import absolute, document, opened, packed, threads_of
from vigie.platforms.recipe.parse import parse
from vigie.platforms.recipe.reading import Problem, Recipe, problems_of, recipe_of
from vigie.platforms.recipe.settings import OPTIONS
from vigie.platforms.recipe.trial import Trial, try_recipe
from vigie.platforms.recipe.walk import Walk


class RecipeSource:
    """A forum, or a page of comments, read by CSS selectors."""

    kind = "recipe"
    title = "forum read by a recipe"
    tried = Tried.SERVER
    options = OPTIONS

    def __repr__(self) -> str:
        return "RecipeSource()"

    def discover(self, url: str, *, fetch: Fetch, now: datetime) -> Found | None:
        """Say whether the address is a forum of an engine whose recipe we have."""
        if not url.startswith(("http://", "https://")):
            return None
        answer = fetch(url)
        engine = engine_of(answer.body)
        toml = builtins().get(engine, "")
        doc = document(answer.body, answer.headers.get("content-type", "")) if toml else None
        if doc is None:
            return None
        recipe = recipe_of(toml)
        if not threads_of(recipe, doc, answer.url) and not recipe.post.item.elements(doc):
            return None
        title = " ".join("".join(doc.findtext(".//title") or "").split())[:200]
        address = absolute(answer.url, answer.url, recipe.ignore)
        return Found(self.kind, address, title or address, recipe.network, ("posts",), {"recipe": toml})

    def pages(self, place: Place, cursor: str | None, *, fetch: Fetch, now: datetime) -> Iterator[Page]:
        """Give the pages of threads that are new or changed."""
        yield from Walk(_recipe(place), place.address, cursor, fetch=fetch, now=now).pages()

    def parse(self, page: Page) -> Parsed:
        """Turn a page into posts."""
        return parse(page)

    def mended(self, page: Page, place: Place) -> Page:
        """Return a page that was kept, to be parsed by the recipe that the place has now."""
        try:
            sent, body = opened(page.body)
        except SkippableError:
            return page
        return replace(page, body=packed(replace(sent, recipe=_recipe(place).toml), body))

    def builtins(self) -> Mapping[str, str]:
        """Return the recipes that come with Vigie."""
        return builtins()

    def engine_of(self, body: bytes) -> str:
        """Return the engine that made a page."""
        return engine_of(body)

    def named(self, toml: str) -> tuple[str, str]:
        """Return the name and the network of a recipe."""
        recipe = recipe_of(toml)
        return recipe.name, recipe.network

    def problems(self, toml: str) -> Sequence[Problem]:
        """Return everything that is wrong with a recipe."""
        return problems_of(toml)

    def trial(self, toml: str, html: bytes, url: str, *, now: datetime, media_type: str = "text/html") -> Trial:
        """Say what a recipe finds on a page."""
        return try_recipe(toml, html, url, now=now, media_type=media_type)


def _recipe(place: Place) -> Recipe:
    toml = place.options.get("recipe", "")
    if not toml.strip():
        raise FatalError("This space has no recipe: give it one.", code="recipe.none")
    return recipe_of(toml)


SOURCE = RecipeSource()
"""What every plug-in offers under its entry point."""
