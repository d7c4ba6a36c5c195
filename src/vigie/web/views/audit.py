"""The audit log: who did what, newest first, never changed."""

import json
import re
from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_GET

from vigie.server.models import AuditEvent, User
from vigie.server.permissions import Permission
from vigie.web import acted, choices, paging

ROWS = 100
"""Rows of a page."""


@require_GET
def list_page(request: HttpRequest) -> HttpResponse:
    """Show events, all or those of people, filtered by actor, action or target; pages go by id."""
    request.asker.require(Permission.SEE_AUDIT)  # type: ignore[attr-defined]
    now, _today = choices.now_and_today(request)
    wanted = {name: request.GET[name][:80] for name in ("actor", "action", "target") if request.GET.get(name)}
    rows = AuditEvent.objects.filter(**wanted).order_by("-pk")
    if by_people := request.GET.get("by") == "people":
        # Each person by name, as both databases find them in the index so.
        rows = rows.filter(actor__in=[f"user:{pk}" for pk in User.objects.values_list("pk", flat=True)])
    before = paging.key(request, "before")
    if before is not None:
        rows = rows.filter(pk__lt=before)
    page = list(rows[: ROWS + 1])
    names = _names({*(event.actor for event in page), wanted.get("actor", "")})
    context = {
        "rows": [_shown(event, names) for event in page[:ROWS]],
        "wanted": [(name, _said(name, value, names)) for name, value in wanted.items()],
        "by_people": by_people,
        **paging.links(request, page[ROWS - 1].pk if len(page) > ROWS else None, "before"),
        "now": now,
    }
    return render(request, "web/audit/list.html", context)


def _names(actors: set[str]) -> dict[str, str]:
    ids = [int(actor.partition(":")[2]) for actor in actors if re.fullmatch(r"user:\d{1,18}", actor)]
    return {f"user:{user.pk}": str(user) for user in User.objects.filter(pk__in=ids)}


def _said(name: str, value: str, names: Mapping[str, str]) -> str:
    """Return what a filter asks for, in words."""
    return {"actor": lambda: acted.who(value, names), "action": lambda: acted.did(value)}.get(name, lambda: value)()


def _shown(event: AuditEvent, names: Mapping[str, str]) -> dict[str, Any]:
    who, did = acted.who(event.actor, names), acted.did(event.action)
    return {"event": event, "actor": who, "did": did, "before": _plain(event.before), "after": _plain(event.after)}


def _plain(values: Any) -> str:
    """Write values as `name value, name value`; they are ids, codes and numbers."""
    if not values:
        return ""
    return ", ".join(f"{name} {v if isinstance(v, str) else json.dumps(v)}" for name, v in values.items())


urlpatterns = [path("audit/", list_page, name="audit")]
