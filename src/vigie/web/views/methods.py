"""How figures are made: definitions, models and their measured accuracy."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_GET

from vigie.enrich.card import card
from vigie.server.permissions import Permission
from vigie.web import formats


@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """Show the definitions with the figures of the models in use."""
    request.asker.require(Permission.SEE_MENTIONS)  # type: ignore[attr-defined]
    tone = card("tone-lexicon")
    rows = [(language, f1, tone.interval[language], tone.measured_on[language]) for language, f1 in tone.macro_f1.items()]
    return render(request, "web/methods/page.html", {"tone": tone, "rows": rows, "zone": formats.zone_name()})


urlpatterns = [path("methods/", page, name="methods")]
