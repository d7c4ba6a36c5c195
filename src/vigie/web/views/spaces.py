"""Spaces: what is listened to, how each was last read, adding by address, reading now, closing with undo."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from vigie.collect.source import Found
from vigie.errors import DecisionError, VigieError
from vigie.schema.vocab import Network, Ownership
from vigie.server.models import Space, SpaceSecret
from vigie.server.permissions import Permission
from vigie.server.queries import spaces as reading
from vigie.server.services import collecting, discovering, places, spaces
from vigie.server.services.spaces import SpaceDraft
from vigie.web import choices
from vigie.web.forms import AddressForm, OptionsForm, SpaceForm
from vigie.web.sentences import sentence_of, stored
from vigie.web.undo import told


@require_GET
def list_page(request: HttpRequest) -> HttpResponse:
    """Show the spaces with their last read."""
    who = request.asker  # type: ignore[attr-defined]
    who.require(Permission.SEE_SPACES)
    now, _today = choices.now_and_today(request)
    filters = choices.filters_of(request)
    rows = [
        {
            "space": s.space,
            "read": s.last,
            "mentions": s.mentions,
            "href": choices.list_of(filters, spaces=(s.space.pk,)),
            "why": _why(s.last),
        }
        for s in reading.listed(filters, who=who, now=now)
    ]
    context = {
        "rows": rows,
        "may_edit": who.may(Permission.EDIT_SPACES),
        "may_import": who.may(Permission.IMPORT_FILES),
        "filters": filters,
        "now": now,
    }
    return render(request, "web/spaces/list.html", context)


def _why(read: Any) -> str:
    return stored(read.code, read.facts) if read is not None else ""


def _space(request: HttpRequest, space_id: int) -> Space:
    request.asker.require(Permission.SEE_SPACES)  # type: ignore[attr-defined]
    space = Space.objects.select_related("brand").filter(pk=space_id).first()
    if space is None:
        raise Http404
    return space


@require_GET
def detail_page(request: HttpRequest, space_id: int) -> HttpResponse:
    """Show a space: its last reads, what came, what failed and why."""
    space = _space(request, space_id)
    now, _today = choices.now_and_today(request)
    filters = choices.filters_of(request)
    reads = [{"read": r, "why": _why(r), "notes": [_note(n) for n in r.notes]} for r in reading.reads_of(space)]
    who = request.asker  # type: ignore[attr-defined]
    context = {
        "space": space,
        "reads": reads,
        "work": reading.work_of(space),
        "mentions": reading.mentions_of(space, filters, who=who, now=now),
        "mentions_href": choices.list_of(filters, spaces=(space.pk,)),
        "may_edit": who.may(Permission.EDIT_SPACES, brand_id=space.brand_id),
        "may_import": who.may(Permission.IMPORT_FILES, brand_id=space.brand_id),
        "filters": filters,
        "now": now,
    }
    inner = "web/spaces/_reads.html" if request.htmx else "web/spaces/detail.html"  # type: ignore[attr-defined]
    return render(request, inner, context)


def _note(note: dict[str, Any]) -> dict[str, str]:
    return {"where": note["where"], "why": stored(note["code"], note["facts"])}


@require_http_methods(["GET", "POST"])
def add_page(request: HttpRequest) -> HttpResponse:
    """Add a space by its address: first how it can be read is found out, then it is named."""
    who = request.asker  # type: ignore[attr-defined]
    who.require(Permission.EDIT_SPACES)
    address = AddressForm(request.POST or None)
    found, form, options, fault = None, None, None, ""
    if request.method == "POST" and address.is_valid():
        try:
            found = _told(request, address.cleaned_data["address"]) or discovering.discover(
                address.cleaned_data["address"], asker=who, now=choices.now_and_today(request)[0]
            )
        except VigieError as error:
            fault = sentence_of(error)
    if found is not None:
        named = request.POST if "title" in request.POST else None
        initial = {
            "title": found.title,
            "network": found.network,
            "ownership": Ownership.EXTERNAL.value,
            "interval_s": 900,
        }
        form = SpaceForm(named, who=who, kind=found.kind, initial=initial)
        options = OptionsForm(named, kind=found.kind, initial=dict(found.options))
        if named is not None and form.is_valid() and options.is_valid():
            try:
                return _added(request, form, found, options)
            except DecisionError as error:
                form.add_error(None, sentence_of(error))
    return render(
        request,
        "web/spaces/add.html",
        {"address": address, "found": found, "form": form, "options": options, "fault": fault},
    )


def _told(request: HttpRequest, address: str) -> Found | None:
    """Return what another page found out of an address, such as its recipe; `None` when that is to be found out."""
    kind = request.POST.get("kind", "")
    told = {
        o.name: request.POST[f"option-{o.name}"]
        for o in places.options_of(kind)
        if request.POST.get(f"option-{o.name}")
    }
    if not told:
        return None
    network = request.POST.get("found-network", "")
    title = request.POST.get("found-title", "")[:200] or address
    return Found(kind, address, title, network if network in set(Network) else Network.OTHER.value, ("posts",), told)


def _added(request: HttpRequest, form: SpaceForm, found: Found, options: OptionsForm) -> HttpResponse:
    values = form.cleaned_data
    draft = SpaceDraft(
        values["title"], found.kind, values["network"], found.address, values["ownership"], values["brand"], values["interval_s"],
        options=options.options(found.options),
    )  # fmt: skip
    now, _today = choices.now_and_today(request)
    space = spaces.add(draft, asker=request.asker, now=now)  # type: ignore[attr-defined]
    _keep_secrets(request, space, options)
    collecting.read_now(space.pk, asker=request.asker)  # type: ignore[attr-defined]
    told(
        request,
        _("“%(title)s” is listened to; its first read is under way.") % {"title": space.title},
        undo=reverse("spaces-close", args=[space.pk]),
    )
    return redirect("spaces-detail", space.pk)


def _keep_secrets(request: HttpRequest, space: Space, options: OptionsForm) -> None:
    """Encrypt the secrets that were typed."""
    now, _today = choices.now_and_today(request)
    for name, secret in options.secrets().items():
        places.set_secret(space.pk, name, secret, asker=request.asker, now=now)  # type: ignore[attr-defined]


@require_POST
def read_now(request: HttpRequest, space_id: int) -> HttpResponse:
    """Have a space read at once."""
    space = _space(request, space_id)
    request.asker.require(Permission.EDIT_SPACES, brand_id=space.brand_id)  # type: ignore[attr-defined]
    collecting.read_now(space.pk, asker=request.asker)  # type: ignore[attr-defined]
    told(request, _("The space is being read."))
    return redirect("spaces-detail", space.pk)


@require_http_methods(["GET", "POST"])
def change_page(request: HttpRequest, space_id: int) -> HttpResponse:
    """Change whose a space is and how often it is read."""
    space = _space(request, space_id)
    who = request.asker  # type: ignore[attr-defined]
    who.require(Permission.EDIT_SPACES, brand_id=space.brand_id)
    initial = {
        "title": space.title,
        "network": space.network,
        "ownership": space.ownership,
        "brand": space.brand_id or "",
        "interval_s": space.interval_s,
    }
    form = SpaceForm(request.POST or None, who=who, kind=space.kind, initial=initial)
    for fixed in ("title", "network"):
        del form.fields[fixed]
    kept = SpaceSecret.objects.filter(space=space).values_list("name", flat=True)
    options = OptionsForm(request.POST or None, kind=space.kind, kept=list(kept), initial=space.options)
    if request.method == "POST" and form.is_valid() and options.is_valid():
        values = form.cleaned_data
        try:
            spaces.change(
                space.pk, asker=who, now=choices.now_and_today(request)[0], ownership=values["ownership"],
                brand_id=values["brand"], interval_s=values.get("interval_s") or space.interval_s,
                options=options.options(space.options),
            )  # fmt: skip
            _keep_secrets(request, space, options)
            told(request, _("The space is changed."))
            return redirect("spaces-detail", space.pk)
        except DecisionError as error:
            form.add_error(None, sentence_of(error))
    return render(request, "web/spaces/change.html", {"space": space, "form": form, "options": options})


@require_POST
def close(request: HttpRequest, space_id: int) -> HttpResponse:
    """Stop listening to a space."""
    space = _space(request, space_id)
    spaces.close(space.pk, asker=request.asker, now=choices.now_and_today(request)[0])  # type: ignore[attr-defined]
    told(
        request,
        _("“%(title)s” is no longer read; what was heard stays.") % {"title": space.title},
        undo=reverse("spaces-reopen", args=[space.pk]),
    )
    return redirect("spaces")


@require_POST
def reopen(request: HttpRequest, space_id: int) -> HttpResponse:
    """Listen to a closed space again."""
    space = _space(request, space_id)
    spaces.reopen(space.pk, asker=request.asker, now=choices.now_and_today(request)[0])  # type: ignore[attr-defined]
    told(request, _("“%(title)s” is listened to again.") % {"title": space.title})
    return redirect("spaces-detail", space.pk)


urlpatterns = [
    path("spaces/", list_page, name="spaces"),
    path("spaces/add/", add_page, name="spaces-add"),
    path("spaces/<int:space_id>/", detail_page, name="spaces-detail"),
    path("spaces/<int:space_id>/change/", change_page, name="spaces-change"),
    path("spaces/<int:space_id>/read/", read_now, name="spaces-read"),
    path("spaces/<int:space_id>/close/", close, name="spaces-close"),
    path("spaces/<int:space_id>/reopen/", reopen, name="spaces-reopen"),
]
