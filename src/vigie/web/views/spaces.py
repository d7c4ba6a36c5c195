"""Spaces: what is listened to, how each was last read, adding by address, reading now, closing with undo."""

import csv
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from vigie.collect.catalogue import catalogue
from vigie.collect.discovery import is_plain, with_scheme
from vigie.collect.registry import sources
from vigie.collect.source import Found
from vigie.errors import DecisionError, VigieError
from vigie.schema.vocab import Network, Ownership, SpaceState
from vigie.server.models import Space, SpaceRead, Work
from vigie.server.permissions import Permission
from vigie.server.queries import hearing, proposals, scope
from vigie.server.queries import spaces as reading
from vigie.server.services import collecting, discovering, spaces, streaming
from vigie.server.services import hearing as noticing
from vigie.server.services.places import options_of
from vigie.server.services.spaces import SpaceDraft
from vigie.web import choices, formats, paging
from vigie.web.forms import AddressForm, SpaceForm
from vigie.web.sentences import place, sentence_of, stored
from vigie.web.undo import told

LOG_DAYS = 92
"""Days that the log of reads shows at once: a quarter, as audits ask for."""

UNDO = "added"
"""What the way back of an added space says in its address: what it was made of is proposed again."""


@require_GET
def list_page(request: HttpRequest) -> HttpResponse:
    """Show the spaces with their last read."""
    who = request.asker  # type: ignore[attr-defined]
    who.require(Permission.SEE_SPACES)
    now, _today = choices.now_and_today(request)
    filters = choices.filters_of(request)
    found, more_after = reading.listed(filters, who=who, now=now, after=paging.key(request))
    rows = [
        {
            "space": s.space,
            "read": s.last,
            "mentions": s.mentions,
            "href": choices.list_of(filters, spaces=(s.space.pk,)),
            "why": _why(s.last),
        }
        for s in found
    ]
    context = {
        "rows": rows,
        "pages": paging.links(request, more_after),
        "may_edit": who.may(Permission.EDIT_SPACES),
        "may_import": who.may(Permission.IMPORT_FILES),
        "heard": hearing.now_heard(now=now),
        "filters": filters,
        "now": now,
    }
    return render(request, "web/spaces/list.html", context)


def _why(read: SpaceRead | None) -> str:
    return stored(read.code, read.facts) if read is not None else ""


def _how(read: SpaceRead, work: Work | None) -> str:
    """Say why a read failed; one that nobody works on was interrupted, though its end could not be written."""
    died = not read.code and read.finished_at is None and work is None
    return stored(collecting.INTERRUPTED, {}) if died else _why(read)


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
    work = reading.work_of(space)
    reads = [{"read": r, "why": _how(r, work), "notes": [_note(n) for n in r.notes]} for r in reading.reads_of(space)]
    who = request.asker  # type: ignore[attr-defined]
    may_count = scope.sees_counts_of(space, who)
    context = {
        "space": space,
        "reads": reads,
        "work": work,
        "next_read": reading.next_read_of(space, work),
        "done": work.done if work and may_count else None,
        "total": work.total if work and may_count else None,
        "may_count": may_count,
        "may_count_all": scope.sees_all(who),
        "states": hearing.states_of(space),
        "tried": sources()[space.kind].tried if space.kind in sources() else "",
        "stream": streaming.lags([space.pk]).get(space.pk),
        "rhythm": noticing.rhythm_of(space),
        "login": space.state == SpaceState.LOGIN,
        "mentions": reading.mentions_of(space, filters, who=who, now=now),
        "mentions_href": choices.list_of(filters, spaces=(space.pk,)),
        "may_edit": who.may(Permission.EDIT_SPACES, brand_id=space.brand_id),
        "may_import": who.may(Permission.IMPORT_FILES, brand_id=space.brand_id),
        "filters": filters,
        "now": now,
    }
    inner = "web/spaces/_reads.html" if request.htmx else "web/spaces/detail.html"  # type: ignore[attr-defined]
    answer = render(request, inner, context)
    if request.htmx and not context["work"]:  # type: ignore[attr-defined]
        # What was asked every second is over: what it brought stands elsewhere on the page too.
        answer.headers["HX-Refresh"] = "true"
    return answer


def _note(note: dict[str, Any]) -> dict[str, str]:
    return {"where": place(note["where"]), "why": stored(note["code"], note["facts"])}


@require_http_methods(["GET", "POST"])
def add_page(request: HttpRequest) -> HttpResponse:
    """Add a space by its address: first the ways to read it are found out, then one is chosen, named and told what it needs."""
    who = request.asker  # type: ignore[attr-defined]
    who.require(Permission.EDIT_SPACES)
    given = request.POST or ({"address": request.GET["address"]} if request.GET.get("address") else None)
    origin = _origin(request)
    address = AddressForm(given)
    ways, fault = _ways(request, address)
    found = next((way for way in ways if way.kind == request.POST.get("way")), ways[0] if ways else None)
    form = _form_for(request, found) if found is not None else None
    if form is not None and found is not None and form.is_bound and form.is_valid():
        try:
            return _added(request, form, found)
        except DecisionError as error:
            form.add_error(None, sentence_of(error))
    context = {"address": address, "found": found, "ways": ways, "form": form, "fault": fault, **origin}
    context["is_plain"] = bool(found and is_plain(address.cleaned_data["address"], found.address))
    context["told_elsewhere"] = bool(found and request.POST.get("kind") == found.kind)
    return render(request, "web/spaces/add.html", context)


def _origin(request: HttpRequest) -> dict[str, Any]:
    """Return the row of the catalogue and the proposal that the space is made of, those that exist for the asker."""
    given = request.POST or request.GET
    row = next((row for row in catalogue() if row.id == given.get("catalogue")), None)
    number = given.get("proposal", "")
    known = number.isdigit() and len(number) < 19  # noqa: PLR2004 -- digits of a 64-bit id
    proposal = proposals.one(int(number), who=request.asker) if known else None  # type: ignore[attr-defined]
    return {"catalogue": row.id if row else "", "proposal": proposal.pk if proposal else None}


def _ways(request: HttpRequest, address: AddressForm) -> tuple[list[Found], str]:
    """Return the ways in which the address can be read, or why there is none."""
    if request.method != "POST" or not address.is_valid():
        return [], ""
    if (told := _told_elsewhere(request, with_scheme(address.cleaned_data["address"]))) is not None:
        return [told], ""
    now = choices.now_and_today(request)[0]
    try:
        return discovering.discover(address.cleaned_data["address"], asker=request.asker, now=now), ""  # type: ignore[attr-defined]
    except VigieError as error:
        return [], sentence_of(error)


def _told_elsewhere(request: HttpRequest, address: str) -> Found | None:
    """Return what another page found out of an address, such as its recipe; `None` when that is to be found out."""
    kind = request.POST.get("kind", "")
    names = [o.name for o in options_of(kind) if request.POST.get(f"option-{o.name}")]
    if not names:
        return None
    network = request.POST.get("found-network", "")
    title = request.POST.get("found-title", "")[:200] or address
    known = network if network in set(Network) else Network.OTHER.value
    return Found(kind, address, title, known, ("posts",), {name: request.POST[f"option-{name}"] for name in names})


def _form_for(request: HttpRequest, found: Found) -> SpaceForm:
    initial: dict[str, Any] = {
        "title": found.title,
        "network": found.network,
        "ownership": Ownership.EXTERNAL.value,
        "interval_s": 900,
    } | {f"option-{name}": value for name, value in found.options.items()}
    is_told = "title" in request.POST and request.POST.get("way", found.kind) == found.kind
    return SpaceForm(
        request.POST if is_told else None,
        who=request.asker,  # type: ignore[attr-defined]
        kind=found.kind,
        initial=initial,
    )


def _added(request: HttpRequest, form: SpaceForm, found: Found) -> HttpResponse:
    values, origin = form.cleaned_data, _origin(request)
    draft = SpaceDraft(
        values["title"], found.kind, values["network"], found.address, values["ownership"], values["brand"],
        values["interval_s"], options=form.options(found.options), secrets=form.secrets(),
        catalogue_id=origin["catalogue"], proposal_id=origin["proposal"], looked_at=with_scheme(request.POST["address"]),
    )  # fmt: skip
    now, _today = choices.now_and_today(request)
    space = spaces.add(draft, asker=request.asker, now=now)  # type: ignore[attr-defined]
    collecting.read_now(space.pk, asker=request.asker, now=now)  # type: ignore[attr-defined]
    told(
        request,
        _("“%(title)s” is listened to; its first read is under way.") % {"title": space.title},
        undo=f"{reverse('spaces-close', args=[space.pk])}?{UNDO}",
    )
    return redirect("spaces-detail", space.pk)


@require_POST
def read_now(request: HttpRequest, space_id: int) -> HttpResponse:
    """Have a space read at once."""
    space = _space(request, space_id)
    now, _today = choices.now_and_today(request)
    collecting.read_now(space.pk, asker=request.asker, now=now)  # type: ignore[attr-defined]
    told(request, _("The space is being read."))
    return redirect("spaces-detail", space.pk)


@require_POST
def pause(request: HttpRequest, space_id: int) -> HttpResponse:
    """Stop reading a space for a while."""
    space = _space(request, space_id)
    noticing.lock(space.pk, asker=request.asker, now=choices.now_and_today(request)[0])  # type: ignore[attr-defined]
    told(
        request,
        _("“%(title)s” is paused; figures will show the gap.") % {"title": space.title},
        undo=reverse("spaces-go-on", args=[space.pk]),
    )
    return redirect("spaces-detail", space.pk)


@require_POST
def go_on(request: HttpRequest, space_id: int) -> HttpResponse:
    """Read a paused space again."""
    space = _space(request, space_id)
    noticing.unlock(space.pk, asker=request.asker, now=choices.now_and_today(request)[0])  # type: ignore[attr-defined]
    told(request, _("“%(title)s” is read again, from where it was left.") % {"title": space.title})
    return redirect("spaces-detail", space.pk)


@require_POST
def see_notice(request: HttpRequest, notice_id: int) -> HttpResponse:
    """Take a notice off the dashboard."""
    noticing.see(notice_id, asker=request.asker, now=choices.now_and_today(request)[0])  # type: ignore[attr-defined]
    return redirect("dashboard")


@require_GET
def log_page(request: HttpRequest) -> HttpResponse:
    """Show how often each space of ours was read, day by day; as CSV too."""
    who = request.asker  # type: ignore[attr-defined]
    who.require(Permission.SEE_SPACES)
    now, _today = choices.now_and_today(request)
    filters = choices.filters_of(request)
    first = max(filters.first, filters.last - timedelta(days=LOG_DAYS - 1))
    rows = hearing.screening(first, filters.last, zone=settings.VIGIE.time_zone, now=now)
    if request.GET.get("format") == "csv":
        return _log_csv(rows)
    context = {"rows": rows, "first": first, "filters": filters, "now": now, "zone": formats.zone_name()}
    return render(request, "web/spaces/log.html", context)


def _log_csv(rows: list[hearing.Screened]) -> HttpResponse:
    answer = HttpResponse(content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="screening-log.csv"'
    writer = csv.writer(answer)
    writer.writerow(["space_id", "space", "day", "reads", "failed", "longest_pause_s"])
    for row in rows:
        title = f"'{row.title}" if row.title[:1] in "=+-@" else row.title
        writer.writerow([row.space_id, title, row.day.isoformat(), row.reads, row.failed, round(row.longest_s)])
    return answer


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
    initial |= {f"option-{name}": value for name, value in space.options.items()}
    kept = list(space.secrets.values_list("name", flat=True))
    form = SpaceForm(request.POST or None, who=who, kind=space.kind, initial=initial, kept=kept)
    for fixed in ("title", "network"):
        del form.fields[fixed]
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            spaces.change(
                space.pk, asker=who, now=choices.now_and_today(request)[0], ownership=values["ownership"],
                brand_id=values["brand"], interval_s=values.get("interval_s") or space.interval_s,
                options=form.options(space.options), secrets=form.secrets(),
            )  # fmt: skip
            told(request, _("The space is changed."))
            return redirect("spaces-detail", space.pk)
        except DecisionError as error:
            form.add_error(None, sentence_of(error))
    return render(request, "web/spaces/change.html", {"space": space, "form": form})


@require_POST
def close(request: HttpRequest, space_id: int) -> HttpResponse:
    """Stop listening to a space."""
    space = _space(request, space_id)
    act = spaces.take_back if UNDO in request.GET else spaces.close
    act(space.pk, asker=request.asker, now=choices.now_and_today(request)[0])  # type: ignore[attr-defined]
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
    path("spaces/log/", log_page, name="spaces-log"),
    path("spaces/notices/<int:notice_id>/seen/", see_notice, name="spaces-notice-seen"),
    path("spaces/<int:space_id>/pause/", pause, name="spaces-pause"),
    path("spaces/<int:space_id>/go-on/", go_on, name="spaces-go-on"),
    path("spaces/<int:space_id>/", detail_page, name="spaces-detail"),
    path("spaces/<int:space_id>/change/", change_page, name="spaces-change"),
    path("spaces/<int:space_id>/read/", read_now, name="spaces-read"),
    path("spaces/<int:space_id>/close/", close, name="spaces-close"),
    path("spaces/<int:space_id>/reopen/", reopen, name="spaces-reopen"),
]
