"""The catalogue of health networks, and the places that mentions point at: one press listens to one."""

from dataclasses import asdict
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from vigie.collect.catalogue import Asked, Row, catalogue, chosen, page_after
from vigie.collect.registry import sources
from vigie.errors import VigieError
from vigie.server.models import SpaceProposal
from vigie.server.permissions import Permission
from vigie.server.queries import catalogue as listening
from vigie.server.queries import proposals
from vigie.server.services import cataloguing, proposing
from vigie.web import choices, words
from vigie.web.context import brand_id
from vigie.web.formats import language
from vigie.web.sentences import sentence_of
from vigie.web.undo import told

PAGE = 30
"""Networks a page."""

PROPOSED = 5
"""Proposals above the catalogue; the others have a page."""


@require_GET
def list_page(request: HttpRequest) -> HttpResponse:
    """Show the catalogue, filtered, with the first proposals above."""
    who = request.asker  # type: ignore[attr-defined]
    who.require(Permission.SEE_SPACES)
    asked = _asked(request)
    listened = listening.listened(catalogue())
    rows = chosen(catalogue(), asked, frozenset(listened))
    page, after = page_after(rows, request.GET.get("after", ""), PAGE)
    first = page_after(rows, "", 1)[0]
    proposed, more = proposals.page(who=who, brand_id=brand_id(request), size=PROPOSED)
    context = {
        "rows": [_shown(row, listened) for row in page],
        "found": len(rows),
        "whole": len(catalogue()),
        "menus": _menus(asked),
        "asked": asked,
        "is_filtered": asked != Asked(),
        "uses": [(value, text, words.USE_SENTENCES[value]) for value, text in words.choices("use")],
        "next": f"?{_query(asked, after)}" if after else "",
        "start": f"?{_query(asked)}" if page and page[0] != first[0] else "",
        "proposals": proposed,
        "more_proposals": more,
        "may_edit": who.may(Permission.EDIT_SPACES),
        "editable": _editable(request),
    }
    return render(request, "web/catalogue/list.html", context)


def _asked(request: HttpRequest) -> Asked:
    """Read the filters of the address; a word that no vocabulary has finds nothing, which the page says."""
    return Asked(**{name: request.GET.get(name, "")[:40] for name in asdict(Asked())})


def _query(asked: Asked, after: str = "") -> str:
    given = {name: value for name, value in asdict(asked).items() if value}
    return urlencode(given | ({"after": after} if after else {}))


def _menus(asked: Asked) -> list[dict[str, Any]]:
    """Return the filters with what each offers."""
    tongues = sorted({tag for row in catalogue() for tag in row.languages})
    offered = {
        "section": (_("Chapter"), words.choices("section")),
        "use": (_("Use"), words.choices("use")),
        "audience": (_("Audience"), words.choices("audience")),
        "language": (_("Language"), [(tag, words.language_name(tag)) for tag in tongues]),
        "reading": (_("Way of reading"), words.choices("reading")),
        "listened": (_("Listened to"), [("yes", _("listened to")), ("no", _("not listened to"))]),
    }
    return [
        {"name": name, "label": label, "offers": offers, "value": getattr(asked, name)}
        for name, (label, offers) in offered.items()
    ]


def _shown(row: Row, listened: dict[str, int]) -> dict[str, Any]:
    french = language() == "fr"
    return {
        "row": row,
        "name": _name(row),
        "note": row.fr if french else row.en,
        "space": listened.get(row.id),
        "can_now": row.is_readable and row.reading in sources(),
        "add": _add_address(row),
    }


def _name(row: Row) -> str:
    return row.name if language() == "fr" else row.name_en


def _add_address(row: Row) -> str:
    return f"{reverse('spaces-add')}?{urlencode({'address': row.address, 'catalogue': row.id})}"


def _editable(request: HttpRequest) -> set[int | None] | None:
    """Return the brands whose proposals the asker may decide on; `None` is all of them."""
    brands = request.asker.brands(Permission.EDIT_SPACES)  # type: ignore[attr-defined]
    return None if brands is None else set(brands)


@require_POST
def listen(request: HttpRequest, network_id: str) -> HttpResponse:
    """Listen to a network; where something must be chosen, go to the page that asks."""
    who = request.asker  # type: ignore[attr-defined]
    who.require(Permission.EDIT_SPACES)
    row = next((one for one in catalogue() if one.id == network_id), None)
    if row is None:
        raise Http404
    now, _today = choices.now_and_today(request)
    try:
        space = cataloguing.listen(row, name=_name(row), asker=who, now=now)
    except VigieError as error:
        messages.error(request, sentence_of(error))
        return redirect(_add_address(row))
    if space is None:
        return redirect(_add_address(row))
    undo = reverse("spaces-close", args=[space.pk])
    told(request, _("“%(title)s” is listened to; its first read is under way.") % {"title": space.title}, undo=undo)
    return redirect("catalogue")


@require_GET
def proposals_page(request: HttpRequest) -> HttpResponse:
    """Show all that is proposed, or what was dismissed."""
    who = request.asker  # type: ignore[attr-defined]
    who.require(Permission.SEE_SPACES)
    given = request.GET.get("after", "")
    dismissed = request.GET.get("dismissed") == "1"
    after = int(given) if given.isdigit() and len(given) < 19 else None  # noqa: PLR2004 -- digits of a 64-bit id
    rows, more = proposals.page(who=who, brand_id=brand_id(request), after=after, dismissed=dismissed)
    context = {
        "proposals": rows,
        "dismissed": dismissed,
        "next": f"?{'dismissed=1&' if dismissed else ''}after={more}" if more else "",
        "may_edit": who.may(Permission.EDIT_SPACES),
        "editable": _editable(request),
    }
    return render(request, "web/catalogue/proposals.html", context)


def _proposal(request: HttpRequest, proposal_id: int) -> SpaceProposal:
    who = request.asker  # type: ignore[attr-defined]
    who.require(Permission.SEE_SPACES)
    found = proposals.one(proposal_id, who=who)
    if found is None:
        raise Http404
    return found


@require_POST
def dismiss(request: HttpRequest, proposal_id: int) -> HttpResponse:
    """Propose a place no more."""
    row = _proposal(request, proposal_id)
    proposing.dismiss(row.pk, asker=request.asker, now=choices.now_and_today(request)[0])  # type: ignore[attr-defined]
    undo = reverse("catalogue-restore", args=[row.pk])
    told(request, _("%(host)s is not proposed any more.") % {"host": row.host}, undo=undo)
    return _back(request)


@require_POST
def restore(request: HttpRequest, proposal_id: int) -> HttpResponse:
    """Propose a place again."""
    row = _proposal(request, proposal_id)
    proposing.restore(row.pk, asker=request.asker, now=choices.now_and_today(request)[0])  # type: ignore[attr-defined]
    told(request, _("%(host)s is proposed again.") % {"host": row.host})
    return _back(request)


def _back(request: HttpRequest) -> HttpResponseRedirect:
    return redirect("catalogue-proposals" if request.POST.get("from") == "proposals" else "catalogue")


urlpatterns = [
    path("catalogue/", list_page, name="catalogue"),
    path("catalogue/proposals/", proposals_page, name="catalogue-proposals"),
    path("catalogue/proposals/<int:proposal_id>/dismiss/", dismiss, name="catalogue-dismiss"),
    path("catalogue/proposals/<int:proposal_id>/restore/", restore, name="catalogue-restore"),
    path("catalogue/<slug:network_id>/listen/", listen, name="catalogue-listen"),
]
