"""The key under which authors are hashed: its version, how far a change has come, and the button that makes one."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from vigie.schema.vocab import WorkState
from vigie.server.models import AuditEvent
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
        "events": events.order_by("-pk")[:CHANGES_SHOWN],
        "most": rotating.MOST_VERSIONS,
        "now": now,
    }
    inner = request.htmx and request.htmx.target == "key"  # type: ignore[attr-defined]
    return render(request, "web/settings/_key.html" if inner else "web/settings/keys.html", context)


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
