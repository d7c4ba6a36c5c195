"""The company's dictionary: all entries, adding and changing one, closing with undo."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from vigie.enrich.health.table import installed
from vigie.errors import DecisionError
from vigie.server.models import DictionaryEntry
from vigie.server.permissions import Permission
from vigie.server.queries.paging import page
from vigie.server.services import dictionary
from vigie.web import choices, paging
from vigie.web.sentences import sentence_of
from vigie.web.undo import told

SPELLINGS_SHOWN = 5
"""Spellings that a row of the list shows: a line of them."""


LONGEST_WAY_BACK = 1_500
"""Characters of the wording before that an undo carries: messages travel in a cookie, which holds 4,096 bytes."""


class EntryForm(forms.Form):
    """An entry of the dictionary."""

    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=dictionary.LONGEST,
        help_text=gettext_lazy("As you write it: the brand, the device."),
    )
    is_device = forms.TypedChoiceField(
        label=gettext_lazy("What it is"), coerce=lambda value: value == "device", widget=forms.RadioSelect,
        choices=[("drug", gettext_lazy("a medicine")), ("device", gettext_lazy("a device, or another product"))],
        initial="drug",
    )  # fmt: skip
    substance = forms.CharField(
        label=gettext_lazy("Substance"), max_length=dictionary.LONGEST, required=False,
        help_text=gettext_lazy("Of a medicine: all its names are counted under it. Left empty, it is counted under its own name."),
    )  # fmt: skip
    spellings = forms.CharField(
        label=gettext_lazy("Other spellings, one a line"), widget=forms.Textarea(attrs={"rows": 6}), required=False,
        help_text=gettext_lazy("Nicknames, short forms, the name abroad. One wrong letter, accents and capitals are read anyway."),
    )  # fmt: skip
    is_ours = forms.BooleanField(label=gettext_lazy("It is ours"), required=False)

    def wording(self) -> dictionary.Wording:
        """Return what was typed."""
        data = self.cleaned_data
        return dictionary.Wording(
            name=" ".join(data["name"].split()), spellings=dictionary.read_spellings(data["spellings"]),
            substance=" ".join(data["substance"].split()), is_ours=data["is_ours"], is_device=data["is_device"],
        )  # fmt: skip


@require_GET
def list_page(request: HttpRequest) -> HttpResponse:
    """Show the entries, and the base that comes after them."""
    request.asker.require(Permission.EDIT_WATCHES)  # type: ignore[attr-defined]
    found = page(DictionaryEntry.objects.all(), ("name",), after=paging.key(request))
    rows = [
        {"entry": e, "spellings": e.spellings[:SPELLINGS_SHOWN], "more": max(0, len(e.spellings) - SPELLINGS_SHOWN)}
        for e in found.rows
    ]
    base = installed(Path(settings.VIGIE.var))
    context = {"rows": rows, "pages": paging.links(request, found.more_after), "base": base, "names": len(base.drugs)}
    return render(request, "web/dictionary/list.html", context)


@require_http_methods(["GET", "POST"])
def add_page(request: HttpRequest) -> HttpResponse:
    """Add an entry."""
    request.asker.require(Permission.EDIT_WATCHES)  # type: ignore[attr-defined]
    form = EntryForm(request.POST or None, label_suffix="")
    if request.method == "POST" and form.is_valid() and (made := _saved(request, form, None)):
        words = _("“%(name)s” is in the dictionary; the past is read again.") % {"name": made.name}
        told(request, words, undo=reverse("dictionary-close", args=[made.pk]))
        return redirect("dictionary")
    return render(request, "web/dictionary/edit.html", {"form": form})


@require_http_methods(["GET", "POST"])
def change_page(request: HttpRequest, product_id: int) -> HttpResponse:
    """Change an entry."""
    request.asker.require(Permission.EDIT_WATCHES)  # type: ignore[attr-defined]
    entry = get_object_or_404(DictionaryEntry, pk=product_id)
    before = _initial(entry)
    form = EntryForm(request.POST or None, initial=before, label_suffix="")
    if request.method == "POST" and form.is_valid() and (made := _saved(request, form, entry)):
        told(
            request,
            _("“%(name)s” is changed; the past is read again.") % {"name": made.name},
            undo=_way_back(entry, before),
        )
        return redirect("dictionary")
    return render(request, "web/dictionary/edit.html", {"form": form, "entry": entry})


def _way_back(entry: DictionaryEntry, before: Mapping[str, Any]) -> str:
    """Return the address that words an entry as before; none where that is too long for an address."""
    query = urlencode({name: value for name, value in before.items() if value})
    return f"{reverse('dictionary-change-back', args=[entry.pk])}?{query}" if len(query) <= LONGEST_WAY_BACK else ""


@require_POST
def change_back(request: HttpRequest, product_id: int) -> HttpResponse:
    """Word an entry as it was before a change: the address says how."""
    request.asker.require(Permission.EDIT_WATCHES)  # type: ignore[attr-defined]
    entry = get_object_or_404(DictionaryEntry, pk=product_id)
    form = EntryForm(request.GET)
    if form.is_valid() and (made := _saved(request, form, entry)):
        told(request, _("“%(name)s” is as it was; the past is read again.") % {"name": made.name})
    else:
        told(request, " ".join(str(error) for errors in form.errors.values() for error in errors))
    return redirect("dictionary")


def _initial(entry: DictionaryEntry) -> dict[str, Any]:
    return {
        "name": entry.name, "is_device": "device" if entry.is_device else "drug", "substance": entry.substance,
        "spellings": "\n".join(entry.spellings), "is_ours": entry.is_ours,
    }  # fmt: skip


def _saved(request: HttpRequest, form: EntryForm, entry: DictionaryEntry | None) -> DictionaryEntry | None:
    """Save; a refusal stands above the form."""
    who, (now, _today) = request.asker, choices.now_and_today(request)  # type: ignore[attr-defined]
    try:
        if entry is None:
            return dictionary.add(form.wording(), asker=who, now=now)
        return dictionary.change(entry.pk, form.wording(), asker=who, now=now)
    except DecisionError as error:
        form.add_error(None, sentence_of(error))
    return None


@require_POST
def close(request: HttpRequest, product_id: int) -> HttpResponse:
    """Close an entry."""
    entry = get_object_or_404(DictionaryEntry, pk=product_id)
    now, _today = choices.now_and_today(request)
    dictionary.close(entry.pk, asker=request.asker, now=now)  # type: ignore[attr-defined]
    words = _("“%(name)s” is looked for no more; the past is read again.") % {"name": entry.name}
    told(request, words, undo=reverse("dictionary-reopen", args=[entry.pk]))
    return redirect("dictionary")


@require_POST
def reopen(request: HttpRequest, product_id: int) -> HttpResponse:
    """Open a closed entry again."""
    request.asker.require(Permission.EDIT_WATCHES)  # type: ignore[attr-defined]
    entry = get_object_or_404(DictionaryEntry, pk=product_id)
    now, _today = choices.now_and_today(request)
    try:
        dictionary.close(entry.pk, asker=request.asker, now=now, closed=False)  # type: ignore[attr-defined]
        told(request, _("“%(name)s” is looked for again; the past is read again.") % {"name": entry.name})
    except DecisionError as error:
        told(request, sentence_of(error))
    return redirect("dictionary")


urlpatterns = [
    path("settings/dictionary/", list_page, name="dictionary"),
    path("settings/dictionary/add/", add_page, name="dictionary-add"),
    path("settings/dictionary/<int:product_id>/", change_page, name="dictionary-change"),
    path("settings/dictionary/<int:product_id>/change-back/", change_back, name="dictionary-change-back"),
    path("settings/dictionary/<int:product_id>/close/", close, name="dictionary-close"),
    path("settings/dictionary/<int:product_id>/reopen/", reopen, name="dictionary-reopen"),
]
