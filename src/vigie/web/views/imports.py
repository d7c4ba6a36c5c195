"""Take a file in: upload, look at what was recognised, map other columns with a preview, then hand it to the worker."""

from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from vigie.collect.imports import FIELDS, Inspected, Mapping
from vigie.collect.imports.mapping import DATE_ORDERS
from vigie.errors import DecisionError, SchemaError
from vigie.schema.vocab import Network, SpaceKind
from vigie.server.models import Space
from vigie.server.permissions import Permission
from vigie.server.services import importing, spaces
from vigie.server.services.spaces import SpaceDraft
from vigie.web import choices
from vigie.web.forms import UploadForm
from vigie.web.sentences import sentence_of
from vigie.web.undo import told
from vigie.web.words import choices as word_choices

SHOWN_FIELDS = {
    "text": gettext_lazy("Text"), "title": gettext_lazy("Title"), "published_at": gettext_lazy("Date"),
    "author": gettext_lazy("Author"), "url": gettext_lazy("Link"), "id": gettext_lazy("Id"), "lang": gettext_lazy("Language"),
    "site": gettext_lazy("Site"), "network": gettext_lazy("Network"), "likes": gettext_lazy("Likes"),
    "reposts": gettext_lazy("Reposts"), "replies": gettext_lazy("Replies"), "views": gettext_lazy("Views"),
    "rating": gettext_lazy("Rating"), "followers": gettext_lazy("Followers"), "country": gettext_lazy("Country"),
}  # fmt: skip
"""Fields that a person maps, the needed ones first."""


@require_http_methods(["GET", "POST"])
def upload_page(request: HttpRequest) -> HttpResponse:
    """Take an upload; it is looked at before anything is read."""
    who = request.asker  # type: ignore[attr-defined]
    who.require(Permission.IMPORT_FILES)
    if request.method == "GET":
        form = UploadForm(initial={"space": request.GET.get("space", "")})
        return render(request, "web/imports/upload.html", {"form": form})
    kept, fault = None, ""
    try:
        kept = _kept(request)
    except SchemaError as error:
        fault = sentence_of(error)
    form = UploadForm(request.POST, files=None if fault else request.FILES, kept=kept)
    if kept is not None and form.is_valid():
        try:
            return redirect(
                "imports-map", form.cleaned_data["space"] or _new_space(request, form.cleaned_data["title"]), kept[0]
            )
        except DecisionError as error:
            form.add_error("title", sentence_of(error))
    if fault:
        form.errors["file"] = form.error_class([fault])
    return render(request, "web/imports/upload.html", {"form": form})


def _kept(request: HttpRequest) -> tuple[str, str] | None:
    """Return the name under which the file is kept, sent now or before, and its own name.

    Raises:
        SchemaError: it can't be read.
    """
    upload = request.FILES.get("file")
    if upload is None:
        name, own = request.POST.get("kept", ""), request.POST.get("kept_as", "")
        return (name, own[:200]) if importing.is_name(name) else None
    own = upload.name or ""
    suffix = "." + own.rsplit(".", 1)[-1] if "." in own else ".csv"
    importing.check_suffix(suffix)
    name = importing.store_upload(upload.chunks(), suffix=suffix)
    importing.look(name)
    return name, own


def _new_space(request: HttpRequest, title: str) -> int:
    draft = SpaceDraft(title, SpaceKind.IMPORT.value, Network.OTHER.value)
    return spaces.add(draft, asker=request.asker, now=choices.now_and_today(request)[0]).pk  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class FieldChoice:
    """A field of ours with the columns that may be it."""

    name: str
    label: Any
    chosen: str


@require_http_methods(["GET", "POST"])
def map_page(request: HttpRequest, space_id: int, name: str) -> HttpResponse:
    """Show what was recognised, and the first posts as they will be; another mapping may be chosen."""
    who = request.asker  # type: ignore[attr-defined]
    space = Space.objects.filter(pk=space_id, kind=SpaceKind.IMPORT.value).first()
    if space is None or not importing.is_name(name):
        raise Http404
    who.require(Permission.IMPORT_FILES, brand_id=space.brand_id)
    found = importing.look(name)
    mapping = _mapping(request, found) if request.method == "POST" else found.suggested
    fault, preview = "", []
    try:
        preview = importing.preview(name, mapping, space=space.name)
        if request.method == "POST" and "start" in request.POST:
            return _started(request, space, name, mapping)
    except SchemaError as error:
        fault = sentence_of(error)
    context = {
        "space": space, "found": found, "mapping": mapping, "fault": fault, "preview": preview,
        "fields": [FieldChoice(n, label, (mapping.columns.get(n) or ("",))[0]) for n, label in SHOWN_FIELDS.items()],
        "date_orders": [("dmy", "31/12/2026"), ("mdy", "12/31/2026"), ("ymd", "2026/12/31")],
        "networks": word_choices("network"), "network": mapping.constants.get("network", ""),
        "asks_order": not found.date_order_is_sure,
    }  # fmt: skip
    return render(request, "web/imports/map.html", context)


def _mapping(request: HttpRequest, found: Inspected) -> Mapping:
    """Return the mapping that the page's form says; a known tool's keeps its several columns where unchanged."""
    columns = {}
    for name in FIELDS:
        chosen = request.POST.get(f"field-{name}", "")
        suggested = found.suggested.columns.get(name, ())
        if name not in SHOWN_FIELDS:
            columns |= {name: suggested} if suggested else {}
        elif chosen:
            columns[name] = suggested if suggested[:1] == (chosen,) else (chosen,)
    network = request.POST.get("network", "")
    order = request.POST.get("date_order", found.suggested.date_order)
    constants = {"network": network} if network in list(Network) else {}
    return Mapping(columns, constants, order if order in DATE_ORDERS else "dmy", importing.zone_name())


def _started(request: HttpRequest, space: Space, name: str, mapping: Mapping) -> HttpResponse:
    now, _today = choices.now_and_today(request)
    importing.start(name, mapping, space_id=space.pk, asker=request.asker, now=now)  # type: ignore[attr-defined]
    told(request, _("The file is being taken in; you may leave this page."))
    return redirect("spaces-detail", space.pk)


urlpatterns = [
    path("imports/", upload_page, name="imports"),
    path("imports/<int:space_id>/<str:name>/", map_page, name="imports-map"),
]
