"""The page of an author: a pseudonym with their mentions, the name on demand; and who looked at which name."""

from datetime import timedelta
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from vigie.schema.vocab import NamePurpose
from vigie.server.models import Author
from vigie.server.permissions import Permission
from vigie.server.queries import authors as reads
from vigie.server.services import authors
from vigie.web import choices, formats, paging
from vigie.web.rows import author_name, shown
from vigie.web.views.mentions import counted
from vigie.web.words import PURPOSE_SENTENCES, word

DAYS = 365
"""Days of the window when the address names none: whoever opens an author asks who that is, not what is new."""


def _found(request: HttpRequest, author_id: int) -> Author:
    request.asker.require(Permission.SEE_MENTIONS)  # type: ignore[attr-defined]
    found = reads.visible(author_id, who=request.asker)  # type: ignore[attr-defined]
    if found is None:
        raise Http404
    return found


@require_GET
def detail_page(request: HttpRequest, author_id: int) -> HttpResponse:
    """Show an author; who has asked for the name sees it for a while."""
    return _page(request, _found(request, author_id))


def _page(request: HttpRequest, found: Author, *, unsaid: bool = False) -> HttpResponse:
    who = request.asker  # type: ignore[attr-defined]
    now, today = choices.now_and_today(request)
    filters = choices.filters_of(request).of_author(found.pk)
    if not {"from", "to"} & set(request.GET):
        filters = filters.over(today - timedelta(days=DAYS - 1), today)
    seen = reads.author(found, filters, who=who, now=now, after=request.GET.get("after"))
    query = filters.to_query()
    window_name, windows = choices.windows(filters, today, request.path)
    context: dict[str, Any] = {
        "author": found,
        "name": author_name(seen.pseudonym),
        "seen": seen,
        "counted": counted(seen.found.mentions, seen.found.posts),
        "posts": [shown(row, filters) for row in seen.found.rows],
        "filters": filters,
        "window_name": window_name,
        "windows": windows,
        "networks": [
            _figure(word(n, "network"), count, filters, networks=(n,)) for n, count in seen.by_network.items()
        ],
        "tones": [
            _figure(choices.tone_name(t or "none"), count, filters, tones=(t or "none",))
            for t, count in sorted(seen.by_tone.items(), key=lambda pair: -pair[1])
        ],
        "lists": reads.lists_of(found) if who.may(Permission.EDIT_WATCHES) else None,
        "list_href": choices.list_of(filters),
        "next": f"{request.path}?{query}&after={seen.found.next_key}" if seen.found.next_key else "",
        "first": f"{request.path}?{query}" if request.GET.get("after") else "",
        "now": now,
        **_naming(request, found, unsaid=unsaid),
    }
    response = render(request, "web/authors/detail.html", context)
    if shown_now := context["shown"]:
        # A page that is left open asks again when the time is over, without a script; the name is then gone.
        response.headers["Refresh"] = str(max(1, int((shown_now.view.until - now).total_seconds()) + 1))
    return response


def _figure(text: str, n: int, filters: Any, **chosen: Any) -> dict[str, Any]:
    """Return a figure with the address of the list that it counts."""
    return {"text": text, "n": n, "href": choices.list_of(filters, **chosen)}


def _naming(request: HttpRequest, found: Author, *, unsaid: bool) -> dict[str, Any]:
    """Return the name while it may be seen, and else what may be asked for."""
    who = request.asker  # type: ignore[attr-defined]
    now, _today = choices.now_and_today(request)
    seen = authors.shown(found.pk, asker=who, now=now)
    allowed = authors.purposes(found.pk, asker=who)
    return {
        "shown": seen,
        "shown_for": word(seen.view.purpose, "name_purpose") if seen else "",
        "purposes": [
            {"value": p.value, "word": word(p, "name_purpose"), "sentence": PURPOSE_SENTENCES[p]} for p in allowed
        ],
        "unsaid": unsaid,
        "minutes": formats.number(int(authors.SHOWN_FOR.total_seconds() // 60)),
    }


@require_POST
def name(request: HttpRequest, author_id: int) -> HttpResponse:
    """Show the name for a purpose, for a while."""
    found = _found(request, author_id)
    purpose = request.POST.get("purpose", "")
    if purpose not in set(NamePurpose):
        return _page(request, found, unsaid=True)
    now, _today = choices.now_and_today(request)
    authors.ask(author_id, NamePurpose(purpose), asker=request.asker, now=now)  # type: ignore[attr-defined]
    return redirect("authors-detail", author_id)


@require_GET
def views_page(request: HttpRequest) -> HttpResponse:
    """Show who looked at whose name, for what and until when; the authors by their number alone."""
    who = request.asker  # type: ignore[attr-defined]
    who.require(Permission.SEE_NAME_VIEWS)
    now, _today = choices.now_and_today(request)
    user, author = paging.key(request, "user"), paging.key(request, "author")
    found = reads.views(after=paging.key(request), user_id=user, author_id=author)
    context = {
        "rows": found.rows,
        "chosen": _chosen(found.rows, user, author),
        "pages": paging.links(request, found.more_after),
        "now": now,
    }
    return render(request, "web/authors/views.html", context)


def _chosen(rows: list[Any], user: int | None, author: int | None) -> list[str]:
    """Return what the page is narrowed to."""
    said = [str(rows[0].user) if rows else _("one person")] if user is not None else []
    return [*said, _("author no. %(n)s") % {"n": author}] if author is not None else said


urlpatterns = [
    path("authors/<int:author_id>/", detail_page, name="authors-detail"),
    path("authors/<int:author_id>/name/", name, name="authors-name"),
    path("settings/names-shown/", views_page, name="settings-names-shown"),
]
