"""What every page's frame needs: navigation, brands, theme, texts of the script."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.timezone import localtime
from django.utils.translation import gettext

from vigie.server.clock import now as present
from vigie.server.context import BEHIND
from vigie.server.models import Brand
from vigie.server.permissions import Permission
from vigie.web.formats import clock, moment
from vigie.web.nav import groups
from vigie.web.themes import theme

BRAND_KEY = "brand"
"""Key of the session under which the chosen brand's id stands; absent means all that one may see."""


def frame(request: HttpRequest) -> dict[str, Any]:
    """Return the context of `web/base.html`; a visitor who is not logged in gets no navigation."""
    shown = {
        "theme": theme(request),
        "languages": settings.LANGUAGES,
        "no_mail": settings.VIGIE.mail_url is None,
        "as_of": figures_as_of(),
    }
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return shown
    brands = brands_of(request)
    chosen = brand_id(request)
    return {
        **shown,
        "nav": groups(request),
        "brands": brands,
        "brand": next((brand for brand in brands if brand.pk == chosen), None),
    }


def brands_of(request: HttpRequest) -> list[Brand]:
    """Return our open brands whose mentions the asker may see."""
    allowed = request.asker.brands(Permission.SEE_MENTIONS)  # type: ignore[attr-defined]
    rows = Brand.objects.filter(is_ours=True, closed_at=None)
    return list(rows if allowed is None else rows.filter(pk__in=allowed))


def brand_id(request: HttpRequest) -> int | None:
    """Return the brand that the reader chose in the side bar, if they may still see it; `None` means all of theirs."""
    chosen = request.session.get(BRAND_KEY)
    if not isinstance(chosen, int):
        return None
    return chosen if request.asker.may(Permission.SEE_MENTIONS, brand_id=chosen) else None  # type: ignore[attr-defined]


def figures_as_of() -> str:
    """Say as of when the figures of this page are, when they are not of now; else nothing."""
    behind = BEHIND.get()
    if behind is None:
        return ""
    if behind.as_of is None:
        return gettext("The figures are being built and are not complete yet.")
    if localtime(behind.as_of).date() == localtime(present()).date():
        return gettext("Figures as of %(time)s: what changed since is being taken in.") % {"time": clock(behind.as_of)}
    return gettext("Figures as of %(moment)s: what changed since is being taken in.") % {"moment": moment(behind.as_of)}
