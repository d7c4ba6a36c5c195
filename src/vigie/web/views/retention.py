"""What is kept, what for, where, how long, and what erases it."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from vigie.server.permissions import Permission
from vigie.server.services import keeping
from vigie.web import formats
from vigie.web.keeping_words import ENDS, ERASED_BY, KINDS, NOT_ERASED, PLACES


@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """Show every kind of datum; whoever works here may know."""
    who = request.asker  # type: ignore[attr-defined]
    rows = [_row(kind) for kind in keeping.kinds()]
    return render(request, "web/settings/retention.html", {"rows": rows, "may_set": who.may(Permission.EDIT_PEOPLE)})


def _row(kind: keeping.Kind) -> dict[str, Any]:
    words = KINDS[kind.code]
    return {
        "code": kind.code, "name": words.name, "purpose": words.purpose, "place": PLACES[kind.place], "time": _time(kind),
        "setting": kind.setting, "clear": kind.clear,
        "erased": ERASED_BY[kind.step] if kind.step else NOT_ERASED.get(kind.code, _("holds nobody of the web")),
    }  # fmt: skip


def _time(kind: keeping.Kind) -> str:
    if kind.months is not None:
        return ngettext("%(n)s month", "%(n)s months", kind.months) % {"n": formats.number(kind.months)}
    if kind.time is not None:
        days = kind.time.days
        return (
            ngettext("%(n)s day", "%(n)s days", days) % {"n": formats.number(days)}
            if days
            else formats.duration(kind.time)
        )
    return str(ENDS[kind.end]) if kind.end else formats.NO_VALUE


urlpatterns = [path("settings/retention/", page, name="settings-retention")]
