"""Settings: what this installation runs with, read from its environment; secrets are not shown."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_GET

from vigie import __version__
from vigie.server.config import SETTINGS
from vigie.server.permissions import Permission
from vigie.server.services import leaving


@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """Show one's own choices, and to an administrator the settings."""
    rows = []
    if request.asker.may(Permission.EDIT_PEOPLE):  # type: ignore[attr-defined]
        rows = [
            {
                "name": s.name,
                "value": "" if s.secret else _shown(getattr(settings.VIGIE, s.field)),
                "doc": s.doc,
                "secret": s.secret,
            }
            for s in SETTINGS
        ]
    return render(
        request,
        "web/settings/page.html",
        {"rows": rows, "version": __version__, "has_demo": bool(rows) and leaving.is_demo()},
    )


def _shown(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    if isinstance(value, bool):
        return "on" if value else "off"
    host = getattr(value, "host", None)
    return f"{host}:{getattr(value, 'port', '')}" if host else str(value if value is not None else "")


urlpatterns = [path("settings/", page, name="settings")]
