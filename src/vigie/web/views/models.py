"""Models trained here: how each was measured, which is in use, and the way back."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from vigie.enrich.tone_grams import LANGUAGES
from vigie.server.models import TrainedModel
from vigie.server.permissions import Permission
from vigie.server.queries import trained
from vigie.server.services import modelling
from vigie.web import choices
from vigie.web.undo import told
from vigie.web.whys import VERDICTS
from vigie.web.words import language_name


@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """Show the models of each language, and what there is to learn from."""
    who = request.asker  # type: ignore[attr-defined]
    who.require(Permission.STEER_WORK)
    languages = [
        {"of": found, "rows": [_shown(row) for row in found.rows], "may_train": found.corrected >= trained.FEWEST}
        for found in trained.models()
    ]
    context = {
        "by_language": languages,
        "fewest": trained.FEWEST,
        "has_sets": modelling.folder_of_sets() is not None,
        "is_busy": any(one["of"].is_training for one in languages),
    }
    return render(request, "web/settings/models.html", context)


def _shown(row: TrainedModel) -> dict[str, Any]:
    figures = row.figures
    verdict = figures.get("verdict", "")
    return {
        "row": row, "own": figures.get("corrections"), "public": figures.get("public"), "verdict": VERDICTS.get(verdict, verdict),
        "kind": {"better": "positive", "worse": "negative"}.get(verdict, ""), "others": figures.get("others", 0),
        "others_changed": figures.get("others_changed", 0), "is_of_tweets": figures.get("how") == "tweets",
    }  # fmt: skip


@require_POST
def train(request: HttpRequest, language: str) -> HttpResponse:
    """Ask the worker to learn from corrections."""
    _known(language)
    modelling.start(language, asker=request.asker, now=choices.now_and_today(request)[0])  # type: ignore[attr-defined]
    told(request, _("The worker trains a model; it is measured, and waits to be chosen."))
    return redirect("settings-models")


@require_POST
def choose(request: HttpRequest, language: str) -> HttpResponse:
    """Put a model in use, or the one that came with Vigie; the message undoes it."""
    _known(language)
    asked = request.POST.get("model", request.GET.get("model", ""))
    number = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 19 else None  # noqa: PLR2004 -- of 64 bits
    if asked and number is None:
        raise Http404
    now, _today = choices.now_and_today(request)
    before = modelling.choose(language, number, asker=request.asker, now=now)  # type: ignore[attr-defined]
    undo = f"{reverse('settings-models-choose', args=[language])}?model={before or ''}"
    sentence = _("Another model tells the tone in %(language)s from now on; posts are labelled again.")
    told(request, sentence % {"language": language_name(language)}, undo=undo)
    return redirect("settings-models")


def _known(language: str) -> None:
    if language not in LANGUAGES:
        raise Http404


urlpatterns = [
    path("settings/models/", page, name="settings-models"),
    path("settings/models/<str:language>/train/", train, name="settings-models-train"),
    path("settings/models/<str:language>/choose/", choose, name="settings-models-choose"),
]
