"""Labels of the past: what telling them anew would change, the run that does it, and its way back; for administrators."""

import time
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_POST

from vigie.errors import DecisionError
from vigie.schema.vocab import FindingKind, LabelKind
from vigie.server.permissions import Permission
from vigie.server.queries.filters import DEFAULT_DAYS, NO_VALUE
from vigie.server.services import foretelling, relabelling, retelling
from vigie.server.services.foretelling import Shown
from vigie.server.services.relabelling import Run
from vigie.web import choices
from vigie.web.sentences import sentence_of, stored
from vigie.web.undo import told
from vigie.web.words import FINDING_KINDS, finding_name

MOST_DAYS = 92
"""Days of the window at most: a quarter, of which every mention's id is held while the page is looked at."""

RUNS = 5
"""Runs listed: those before are in the list of work."""

LABELS = {LabelKind.LANGUAGE: gettext_lazy("Language"), LabelKind.TONE: gettext_lazy("Tone")}


class WindowForm(forms.Form):
    """The days whose figures are told before and after."""

    first = forms.DateField(
        label=gettext_lazy("Figures from"), widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    )
    last = forms.DateField(
        label=gettext_lazy("Figures until"), widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    )

    def clean(self) -> dict[str, Any]:
        """Refuse a window that ends before it begins, or is too long."""
        values = super().clean() or {}
        first, last = values.get("first"), values.get("last")
        if first and last and last < first:
            self.add_error("last", _("The window ends before it begins."))
        elif first and last and (last - first).days >= MOST_DAYS:
            sentence = ngettext("Choose %(most)s day at most.", "Choose %(most)s days at most.", MOST_DAYS)
            self.add_error("last", sentence % {"most": MOST_DAYS})
        return values


def kind_name(kind: str) -> str:
    """Return what a kind of labels or findings is called."""
    return str(LABELS.get(kind) or FINDING_KINDS.get(kind, kind))  # type: ignore[call-overload]


def value_name(kind: str, value: str) -> str:
    """Return what a value is called; an empty one is none."""
    if kind == LabelKind.LANGUAGE:
        return choices.language_of(value or NO_VALUE)
    if kind == LabelKind.TONE:
        return choices.tone_name(value or NO_VALUE)
    return finding_name(kind, value) if value and kind in list(FindingKind) else value or _("not found")


@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """Show what says each kind, and what a run of the chosen kinds would change; parts of it are asked again by themselves."""
    who = request.asker  # type: ignore[attr-defined]
    who.require(Permission.STEER_WORK)
    now, today = choices.now_and_today(request)
    runs = relabelling.runs()
    if request.htmx and request.htmx.target == "runs":  # type: ignore[attr-defined]
        return render(request, "web/labels/_runs.html", _runs(runs))
    said_by = retelling.tellers()
    kinds = [kind for kind in said_by.kinds if kind in request.GET.getlist("kind")]
    given = request.GET if "first" in request.GET else None
    form = WindowForm(given, label_suffix="", initial=_last_days(today))
    context: dict[str, Any] = {
        "form": form,
        "kinds": _kinds(said_by.kinds, kinds, runs),
        **_runs(runs),
        "is_asked": bool(given),
    }
    if form.is_valid() and kinds:
        window = form.cleaned_data
        shown = foretelling.foretell(
            kinds, **window, asker=who, now=now, monotonic=time.monotonic, more="more" in request.GET
        )
        context |= _told(shown, kinds) | {"asked": window, "go_on": f"{request.path}?{_query(kinds, window)}&more=1"}
    is_part = request.htmx and request.htmx.target == "foretold"  # type: ignore[attr-defined]
    return render(request, "web/labels/_foretold.html" if is_part else "web/labels/past.html", context)


def _last_days(today: date) -> dict[str, date]:
    return {"first": today - timedelta(days=DEFAULT_DAYS - 1), "last": today}


def _query(kinds: Sequence[str], window: dict[str, date]) -> str:
    return urlencode([*(("kind", kind) for kind in kinds), *((name, day.isoformat()) for name, day in window.items())])


def _kinds(said: Sequence[str], chosen: Sequence[str], runs: Sequence[Run]) -> list[dict[str, Any]]:
    """Return each kind with what says it today, and what said the past last; all are chosen when none is."""
    versions = retelling.tellers().versions(said)
    last = {kind: run for run in reversed(runs) if run.work.code == "posts.retold" for kind in run.kinds}
    return [
        {
            "kind": kind, "name": kind_name(kind), "today": versions[kind], "is_chosen": kind in chosen or not chosen,
            "last": last.get(kind), "by": last[kind].versions.get(kind, "") if kind in last else "",
        }
        for kind in said
    ]  # fmt: skip


def _runs(runs: Sequence[Run]) -> dict[str, Any]:
    rows = [
        {
            "run": run, "work": run.work, "names": ", ".join(map(kind_name, run.kinds)),
            "sentence": stored(run.work.code, run.work.facts),
            "versions": ", ".join(dict.fromkeys(run.versions.values())),
        }
        for run in runs[:RUNS]
    ]  # fmt: skip
    return {"runs": rows, "is_busy": any(run.is_open for run in runs)}


def _told(shown: Shown, kinds: Sequence[str]) -> dict[str, Any]:
    """Return what would change in words."""
    parts = [
        {
            "name": kind_name(one.kind), "shown": one, "is_asked": one.kind in kinds,
            "moves": [(value_name(one.kind, b), value_name(one.kind, a), n) for b, a, n in one.moves],
            "is_label": foretelling.is_label(one.kind),
        }
        for one in shown.kinds
    ]  # fmt: skip
    effects = [
        (kind_name(one.kind), [(value_name(one.kind, value), n, then) for value, n, then in one.rows])
        for one in shown.effects
    ]
    examples = [
        (
            one.text,
            [(kind_name(kind), _listed(kind, before), _listed(kind, after)) for kind, before, after in one.changes],
        )
        for one in shown.examples
    ]
    found = [kind_name(kind) for kind in kinds if not foretelling.is_label(kind)]
    return {
        "shown": shown, "parts": parts, "effects": effects, "examples": examples, "asked_kinds": kinds,
        "lasting": ", ".join(found),
    }  # fmt: skip


def _listed(kind: str, values: Sequence[str]) -> str:
    return ", ".join(value_name(kind, value) for value in values) or value_name(kind, "")


@require_POST
def run(request: HttpRequest) -> HttpResponse:
    """Ask for a run over the past."""
    now, _today = choices.now_and_today(request)
    try:
        row = relabelling.start(*request.POST.getlist("kind"), asker=request.asker, now=now)  # type: ignore[attr-defined]
    except DecisionError as error:
        if error.code == "permission.refused":
            raise
        told(request, sentence_of(error))
        return redirect("settings-labels")
    told(request, _("The past is being labelled again."), undo=reverse("work-cancel", args=[row]))
    return redirect("settings-labels")


@require_POST
def back(request: HttpRequest, work_id: int) -> HttpResponse:
    """Ask for the labels before a run."""
    now, _today = choices.now_and_today(request)
    try:
        row = relabelling.take_back(work_id, asker=request.asker, now=now)  # type: ignore[attr-defined]
    except DecisionError as error:
        if error.code == "permission.refused":
            raise
        told(request, sentence_of(error))
        return redirect("settings-labels")
    told(request, _("The labels of before are being chosen again."), undo=reverse("work-cancel", args=[row]))
    return redirect("settings-labels")


urlpatterns = [
    path("settings/labels/", page, name="settings-labels"),
    path("settings/labels/run/", run, name="settings-labels-run"),
    path("settings/labels/<int:work_id>/back/", back, name="settings-labels-back"),
]
