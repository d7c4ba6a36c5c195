"""What stands around every page: home, choice of brand, of language, of theme."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST

from vigie.server import clock
from vigie.server.models import User
from vigie.server.permissions import Permission
from vigie.server.services import audit, starting
from vigie.web.context import BRAND_KEY
from vigie.web.nav import first_place
from vigie.web.themes import THEME_COOKIE, THEMES

ONE_YEAR_S = 365 * 24 * 3600
"""How long a browser keeps the theme that was chosen."""


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """Go to the first place open to the reader; somebody without membership is told so."""
    if starting.is_wanted(request.asker):  # type: ignore[attr-defined]
        return redirect("start")
    address = first_place(request)
    return redirect(address) if address else render(request, "web/home.html")


@require_POST
def choose_brand(request: HttpRequest) -> HttpResponse:
    """Keep the brand in the session; an empty one means all that the reader may see."""
    chosen = request.POST.get("brand", "")
    if not chosen:
        request.session.pop(BRAND_KEY, None)
        return _back(request)
    if not chosen.isdigit() or not request.asker.may(Permission.SEE_MENTIONS, brand_id=int(chosen)):  # type: ignore[attr-defined]
        raise Http404
    request.session[BRAND_KEY] = int(chosen)
    return _back(request)


@login_not_required
@require_POST
def choose_theme(request: HttpRequest) -> HttpResponse:
    """Keep the theme in a cookie; `auto` follows the system."""
    response = _back(request)
    chosen = request.POST.get("theme", "auto")
    if chosen in THEMES[1:]:
        response.set_cookie(THEME_COOKIE, chosen, max_age=ONE_YEAR_S, samesite="Lax", secure=request.is_secure())
    else:
        response.delete_cookie(THEME_COOKIE, samesite="Lax")
    return response


@login_not_required
@require_POST
def choose_language(request: HttpRequest) -> HttpResponse:
    """Keep the language in a cookie, and with the user when there is one."""
    chosen = request.POST.get("language", "")
    if chosen not in dict(settings.LANGUAGES):
        raise Http404
    if request.user.is_authenticated:
        _keep_language(request, chosen)
    translation.activate(chosen)
    response = _back(request)
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        chosen,
        max_age=settings.LANGUAGE_COOKIE_AGE,
        samesite=settings.LANGUAGE_COOKIE_SAMESITE,
        secure=settings.LANGUAGE_COOKIE_SECURE,
    )
    return response


def _keep_language(request: HttpRequest, chosen: str) -> None:
    user = User.objects.get(pk=request.user.pk)
    before = user.language
    if before == chosen:
        return
    with transaction.atomic():
        user.language = chosen
        user.save(update_fields=["language"])
        audit.write(
            request.asker,  # type: ignore[attr-defined]
            "user.language",
            f"user:{user.pk}",
            now=clock.now(),
            before={"language": before},
            after={"language": chosen},
        )


def _back(request: HttpRequest) -> HttpResponse:
    """Go back to the page of the form, if its address is one of ours."""
    address = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(address, allowed_hosts=None, require_https=request.is_secure())
    return redirect(address if is_ours and address.startswith("/") else "home")


urlpatterns = [
    path("", home, name="home"),
    path("frame/brand/", choose_brand, name="choose_brand"),
    path("frame/theme/", choose_theme, name="choose_theme"),
    path("frame/language/", choose_language, name="choose_language"),
]
