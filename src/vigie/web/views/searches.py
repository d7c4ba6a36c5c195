"""Search in all that was heard: a query, a window of days, spaces; what was found, and what was covered."""

import time
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from vigie.errors import RetryableError
from vigie.match import QueryError, parse
from vigie.server.permissions import Permission
from vigie.server.queries import searches
from vigie.server.services import archiving, searching
from vigie.server.services.previewing import Among
from vigie.server.services.searching import Found, Place
from vigie.web import choices, editor, sentences
from vigie.web.forms import SearchForm

WINDOW_DAYS = 30
"""Days looked at unless asked otherwise: as a preview of a watch does."""


@require_GET
def search_page(request: HttpRequest) -> HttpResponse:
    """Show the form, and what it found once something is asked; all of it stands in the address."""
    who = request.asker  # type: ignore[attr-defined]
    who.require(Permission.EDIT_WATCHES)
    now, today = choices.now_and_today(request)
    begin = {"first": today - timedelta(days=WINDOW_DAYS), "last": today}
    given = _with_days(request.GET, today) if "q" in request.GET else None
    form = SearchForm(given, spaces=searches.spaces(who), initial=begin)
    context: dict[str, Any] = {"form": form, "now": now}
    if given is not None:
        context["is_assumed"] = any(given[name] != request.GET.get(name) for name in ("first", "last"))
        request.GET = given
    if form.is_valid():
        context |= _answer(request, form.cleaned_data, now)
    return render(request, "web/search/search.html", context)


def _with_days(asked: QueryDict, today: date) -> QueryDict:
    """Return what was asked with the days that were left out: up to today, and from a month before the last day."""
    given = asked.copy()
    given["last"] = asked.get("last") or today.isoformat()
    if not asked.get("first"):
        given["first"] = (_read(given["last"], today) - timedelta(days=WINDOW_DAYS)).isoformat()
    return given


def _read(day: str, otherwise: date) -> date:
    """Return the day that a text says; another where it says none that posts can be of, which the form then refuses."""
    try:
        return max(date.fromisoformat(day), date(1970, 1, 1))
    except ValueError:
        return otherwise


def _answer(request: HttpRequest, asked: dict[str, Any], now: datetime) -> dict[str, Any]:
    expression = asked["q"].replace("\r\n", "\n").strip()
    ids = searches.space_ids(request.asker, asked["space"])  # type: ignore[attr-defined]
    among = Among(_begin(asked["first"]), _begin(asked["last"] + timedelta(days=1)), ids)
    try:
        found = searching.search(
            expression, among, after=Place.read(request.GET.get("after", "")), asker=request.asker,  # type: ignore[attr-defined]
            monotonic=time.monotonic, more="more" in request.GET or "after" in request.GET,
        )  # fmt: skip
    except QueryError as error:
        return {"fault": editor.fault_of(error, expression)}
    except RetryableError as error:
        return {"away": sentences.sentence_of(error)}
    return _shown(request, expression, found, among, now) | {"asked": asked}


def _begin(day: date) -> datetime:
    """Return the first instant of a day in the company's time zone."""
    return datetime(day.year, day.month, day.day, tzinfo=settings.VIGIE.time_zone)


def _shown(request: HttpRequest, expression: str, found: Found, among: Among, now: datetime) -> dict[str, Any]:
    marking = editor.marking_of(parse(expression).root)
    titles = dict(searches.spaces(request.asker))  # type: ignore[attr-defined]
    oldest = date.fromisoformat(f"{archiving.oldest_month(now, settings.VIGIE.archive_months)}-01")
    return {
        "found": found,
        "shown": found.counted,
        "rows": [
            editor.sampled(row, marking)
            | {"heard_at": row["heard_at"], "url": row["url"] or "", "space": titles.get(row["space_id"], _("unknown space"))}
            for row in found.rows
        ],
        "holes": searches.holes(among.since, min(among.until or now, now), among.space_ids),
        "dropped_before": oldest if among.since < _begin(oldest) else None,
        "months": settings.VIGIE.archive_months,
        "next": _address(request, after=str(found.more)) if found.more else "",
        "first": _address(request) if "after" in request.GET else "",
        "count_on": "" if found.counted.estimate.is_exact else _address(request, more="1", after=request.GET.get("after", "")),
        "watch": urlencode({"q": expression}),
    }  # fmt: skip


def _address(request: HttpRequest, **changes: str) -> str:
    """Return the address of the same search at another place of its list."""
    asked = request.GET.copy()
    for name in ("after", "more"):
        asked.pop(name, None)
    for name, value in changes.items():
        if value:
            asked[name] = value
    return f"{request.path}?{asked.urlencode()}"


urlpatterns = [path("search/", search_page, name="search")]
