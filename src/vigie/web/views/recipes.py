"""Build and try a recipe: an address is read through the guard, and what the recipe finds there is shown."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_http_methods

from vigie.collect.registry import recipes
from vigie.collect.source import Fetch, RecipeTrial
from vigie.errors import VigieError
from vigie.server.permissions import Permission
from vigie.server.services.network import client
from vigie.web import choices
from vigie.web.forms import RecipeForm
from vigie.web.sentences import sentence, sentence_of

POSTS_SHOWN = 20
"""Posts shown: a page of a forum."""


@dataclass(frozen=True, slots=True)
class Tried:
    """What a recipe finds at an address: on its list of threads, and in the first of these."""

    toml: str
    listing: RecipeTrial
    posts: RecipeTrial
    thread: str = ""


@require_http_methods(["GET", "POST"])
def recipe_page(request: HttpRequest) -> HttpResponse:
    """Try a recipe on an address."""
    who = request.asker  # type: ignore[attr-defined]
    who.require(Permission.EDIT_SPACES)
    form = RecipeForm(request.POST or None, initial={"address": request.GET.get("address", "")})
    tried, fault = None, ""
    if request.method == "POST" and form.is_valid():
        now, _today = choices.now_and_today(request)
        try:
            tried = _tried(form.cleaned_data, client(), now)
        except VigieError as error:
            fault = sentence_of(error)
        if tried is not None:
            form = RecipeForm({**form.cleaned_data, "recipe": tried.toml, "engine": ""})
    return render(request, "web/spaces/recipe.html", {"form": form, "fault": fault, **_context(form, tried)})


def _tried(values: dict[str, str], fetch: Fetch, now: datetime) -> Tried:
    """Read the address, and the first thread when it lists threads."""
    answer = fetch(values["address"])
    ours = recipes()
    toml = (
        ours.builtins().get(values["engine"])
        or values["recipe"]
        or ours.builtins().get(ours.engine_of(answer.body), "")
    )
    media_type = answer.headers.get("content-type", "")
    listing = ours.trial(toml, answer.body, answer.url, now=now, media_type=media_type)
    if listing.rows or not listing.threads:
        return Tried(toml, listing, listing)
    first = fetch(listing.threads[0].url)
    posts = ours.trial(toml, first.body, first.url, now=now, media_type=first.headers.get("content-type", ""))
    return Tried(toml, listing, posts, first.url)


def _context(form: RecipeForm, tried: Tried | None) -> dict[str, Any]:
    if tried is None:
        return {}
    problems = tried.posts.problems
    works = bool(tried.posts.rows)
    name, network = recipes().named(tried.toml) if works else ("", "")
    return {
        "tried": tried,
        "works": works,
        "posts": tried.posts.rows[:POSTS_SHOWN],
        "n_posts": len(tried.posts.rows),
        "n_threads": len(tried.listing.threads),
        "problems": [_told(p) for p in problems],
        "name": name,
        "network": network,
        "address": form.data["address"],
    }


def _told(problem: Any) -> str:
    where = f"{problem.facts['where']} · " if "where" in problem.facts else ""
    return where + sentence(problem.code, problem.facts, fallback=problem.sentence)


urlpatterns = [path("spaces/recipe/", recipe_page, name="spaces-recipe")]
