"""The audit log: who did what, newest first, never changed."""

import json
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_GET

from vigie.server.models import AuditEvent, User
from vigie.server.permissions import Permission
from vigie.web import choices, paging

ROWS = 100
"""Rows of a page."""


@require_GET
def list_page(request: HttpRequest) -> HttpResponse:
    """Show events, filtered by actor, action or target; pages go by id."""
    request.asker.require(Permission.SEE_AUDIT)  # type: ignore[attr-defined]
    now, _today = choices.now_and_today(request)
    wanted = {name: request.GET[name][:80] for name in ("actor", "action", "target") if request.GET.get(name)}
    rows = AuditEvent.objects.filter(**wanted).order_by("-pk")
    before = paging.key(request, "before")
    if before is not None:
        rows = rows.filter(pk__lt=before)
    page = list(rows[: ROWS + 1])
    context = {
        "rows": _shown(page[:ROWS]),
        "wanted": list(wanted.items()),
        **paging.links(request, page[ROWS - 1].pk if len(page) > ROWS else None, "before"),
        "now": now,
    }
    return render(request, "web/audit/list.html", context)


def _shown(events: list[AuditEvent]) -> list[dict[str, Any]]:
    ids = {int(e.actor.partition(":")[2]) for e in events if e.actor.startswith("user:")}
    names = {f"user:{u.pk}": str(u) for u in User.objects.filter(pk__in=ids)}
    return [
        {"event": e, "actor": names.get(e.actor, e.actor), "before": _plain(e.before), "after": _plain(e.after)}
        for e in events
    ]


def _plain(values: Any) -> str:
    """Write values as `name value, name value`; they are ids, codes and numbers."""
    if not values:
        return ""
    return ", ".join(f"{name} {v if isinstance(v, str) else json.dumps(v)}" for name, v in values.items())


urlpatterns = [path("audit/", list_page, name="audit")]
