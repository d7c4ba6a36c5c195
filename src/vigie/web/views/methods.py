"""How figures are made: definitions, models and their measured accuracy."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_GET

from vigie.enrich import stories
from vigie.enrich.card import card
from vigie.server.permissions import Permission
from vigie.server.queries.speaking import KINDS
from vigie.text.sketches import FEWEST_WORDS
from vigie.web import formats, speaking


@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """Show the definitions with the figures of the models in use."""
    request.asker.require(Permission.SEE_MENTIONS)  # type: ignore[attr-defined]
    tone = card("tone-grams")
    rows = [(part, tone.macro_f1[part], tone.interval[part], tone.posts[part]) for part in ("fr", "en")]
    spoken = [speaking.method(kind) for kind in KINDS]
    context = {"tone": tone, "rows": rows, "zone": formats.zone_name(), "speaking": spoken, **_stories()}
    return render(request, "web/methods/page.html", context)


def _stories() -> dict[str, object]:
    return {
        "fewest": FEWEST_WORDS,
        "least": formats.percent(stories.LEAST_ALIKE),
        "days": stories.WINDOW_DAYS,
        "recall": formats.percent(stories.PLANTED_RECALL, 1),
        "precision": formats.percent(stories.PLANTED_PRECISION, 1),
    }


urlpatterns = [path("methods/", page, name="methods")]
