"""How figures are made: definitions, models and their measured accuracy."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_GET

from vigie.enrich.card import card
from vigie.server.permissions import Permission
from vigie.server.queries.speaking import KINDS
from vigie.web import formats, speaking


@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """Show the definitions with the figures of the models in use."""
    request.asker.require(Permission.SEE_MENTIONS)  # type: ignore[attr-defined]
    tone = card("tone-grams")
    rows = [(part, tone.macro_f1[part], tone.interval[part], tone.posts[part]) for part in ("fr", "en")]
    context = {"tone": tone, "rows": rows, "zone": formats.zone_name(), "speaking": [speaking.method(k) for k in KINDS]}
    return render(request, "web/methods/page.html", context)


urlpatterns = [path("methods/", page, name="methods")]
