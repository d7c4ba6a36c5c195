"""The key under which authors are hashed: its version, how far a change has come, and the button that makes one."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from vigie.schema.vocab import WorkState
from vigie.server.models import AuditEvent, User
from vigie.server.permissions import Permission
from vigie.server.services import rotating
from vigie.web import choices
from vigie.web.undo import told

CHANGES_SHOWN = 2 * rotating.MOST_VERSIONS
"""Rows of the audit log about changes of the key that the page lists: a beginning and an end for each."""


@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """Show the version, and the changes so far."""
    request.asker.require(Permission.ROTATE_KEYS)  # type: ignore[attr-defined]
    now, _today = choices.now_and_today(request)
    events = AuditEvent.objects.filter(action__in=("keys.rotate", "keys.rotated"), target__startswith="key:")
    found = rotating.state()
    context = {
        "state": found,
        "is_busy": found.is_moving and found.work is not None and found.work.state in _OPEN,
        "rows": _shown(list(events.order_by("-pk")[:CHANGES_SHOWN])),
        "most": rotating.MOST_VERSIONS,
        "now": now,
    }
    inner = request.htmx and request.htmx.target == "key"  # type: ignore[attr-defined]
    return render(request, "web/settings/_key.html" if inner else "web/settings/keys.html", context)


def _shown(events: list[AuditEvent]) -> list[dict[str, Any]]:
    """Return events with who made them: a person by name."""
    ids = {int(e.actor.partition(":")[2]) for e in events if e.actor.startswith("user:")}
    names = {f"user:{user.pk}": str(user) for user in User.objects.filter(pk__in=ids)}
    actors = {"worker": _("the worker"), "command": _("the command line"), **names}
    return [{"event": e, "actor": actors.get(e.actor, e.actor)} for e in events]


_OPEN = (WorkState.WAITING.value, WorkState.RUNNING.value)


@require_POST
def rotate(request: HttpRequest) -> HttpResponse:
    """Have the key changed, or a change that was stopped gone on with."""
    now, _today = choices.now_and_today(request)
    rotating.start(asker=request.asker, now=now)  # type: ignore[attr-defined]
    told(request, _("The key is being changed: everything goes on meanwhile."))
    return redirect("settings-keys")


urlpatterns = [
    path("settings/keys/", page, name="settings-keys"),
    path("settings/keys/rotate/", rotate, name="settings-keys-rotate"),
]
