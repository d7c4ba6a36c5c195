"""Settings: what this installation runs with, read from its environment; the private networks that may be read."""

from django import forms
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from vigie import __version__
from vigie.errors import DecisionError
from vigie.server.config import SETTINGS
from vigie.server.models import AllowedNetwork
from vigie.server.permissions import Permission
from vigie.server.services import leaving, networks
from vigie.web import choices
from vigie.web.sentences import sentence_of
from vigie.web.undo import told

NETWORKS_SHOWN = 200
"""Networks that the page lists; nobody allows a hundredth of that."""


class NetworkForm(forms.Form):
    """A network to allow."""

    network = forms.CharField(
        label=gettext_lazy("Network"), max_length=50, help_text=gettext_lazy("Such as 192.168.4.0/24.")
    )
    reason = forms.CharField(label=gettext_lazy("Why"), max_length=200)


@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """Show one's own choices, and to an administrator the settings."""
    who = request.asker  # type: ignore[attr-defined]
    rows = []
    if who.may(Permission.EDIT_PEOPLE):
        rows = [
            {
                "name": s.name,
                "value": "" if s.secret else _shown(getattr(settings.VIGIE, s.field)),
                "doc": s.doc,
                "secret": s.secret and bool(getattr(settings.VIGIE, s.field)),
            }
            for s in SETTINGS
        ]
    context = {
        "rows": rows,
        "version": __version__,
        "may_edit_dictionary": who.may(Permission.EDIT_WATCHES),
        "may_allow": who.may(Permission.ALLOW_NETWORKS),
        "may_see_views": who.may(Permission.SEE_NAME_VIEWS),
        "may_rotate": who.may(Permission.ROTATE_KEYS),
        "may_steer": who.may(Permission.STEER_WORK),
        "has_demo": bool(rows) and leaving.is_demo(),
    }
    return render(request, "web/settings/page.html", context)


def _shown(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    if isinstance(value, bool):
        return "on" if value else "off"
    host = getattr(value, "host", None)
    return f"{host}:{getattr(value, 'port', '')}" if host else str(value if value is not None else "")


@require_http_methods(["GET", "POST"])
def networks_page(request: HttpRequest) -> HttpResponse:
    """Show the private networks that may be read, and allow another."""
    who = request.asker  # type: ignore[attr-defined]
    who.require(Permission.ALLOW_NETWORKS)
    form = NetworkForm(request.POST or None, label_suffix="")
    if request.method == "POST" and form.is_valid():
        try:
            row = networks.allow(**form.cleaned_data, asker=who, now=choices.now_and_today(request)[0])
            undo = reverse("settings-network-withdraw", args=[row.pk])
            told(request, _("%(network)s may be read.") % {"network": row.network}, undo=undo)
            return redirect("settings-networks")
        except DecisionError as error:
            form.add_error("network", sentence_of(error))
    rows = AllowedNetwork.objects.filter(withdrawn_at=None).select_related("allowed_by").order_by("network")
    context = {"form": form, "rows": rows[:NETWORKS_SHOWN], "fixed": settings.VIGIE.allowed_private_networks}
    return render(request, "web/settings/networks.html", context)


@require_POST
def withdraw(request: HttpRequest, allowed_id: int) -> HttpResponse:
    """Refuse a network again."""
    row = AllowedNetwork.objects.filter(pk=allowed_id).first()
    if row is None:
        raise Http404
    networks.withdraw(row.pk, asker=request.asker, now=choices.now_and_today(request)[0])  # type: ignore[attr-defined]
    undo = reverse("settings-network-again", args=[row.pk])
    told(request, _("%(network)s is refused again.") % {"network": row.network}, undo=undo)
    return redirect("settings-networks")


@require_POST
def again(request: HttpRequest, allowed_id: int) -> HttpResponse:
    """Undo a withdrawal."""
    networks.allow_again(allowed_id, asker=request.asker, now=choices.now_and_today(request)[0])  # type: ignore[attr-defined]
    return redirect("settings-networks")


urlpatterns = [
    path("settings/", page, name="settings"),
    path("settings/networks/", networks_page, name="settings-networks"),
    path("settings/networks/<int:allowed_id>/withdraw/", withdraw, name="settings-network-withdraw"),
    path("settings/networks/<int:allowed_id>/again/", again, name="settings-network-again"),
]
