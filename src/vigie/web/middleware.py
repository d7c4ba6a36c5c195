"""What every request passes: a reference, headers, log-in, who asks, refusals turned into pages."""

import logging
import secrets
import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import translation
from django.utils.functional import SimpleLazyObject
from django_htmx.http import HttpResponseClientRedirect
from whitenoise.middleware import WhiteNoiseMiddleware

from vigie.errors import DecisionError, SchemaError, VigieError
from vigie.schema.vocab import Role
from vigie.server.context import BEHIND, REFERENCE
from vigie.server.models import Membership
from vigie.server.permissions import Asker, asker_of
from vigie.web.views import errors

log = logging.getLogger(__name__)

Handler = Callable[[HttpRequest], HttpResponse]

POLICY = "; ".join(
    (
        "default-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "object-src 'none'",
    )
)
"""Content-Security-Policy: nothing from elsewhere, nothing inline, no eval, in no frame (CSP Level 3)."""

FEATURES = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"
"""Permissions-Policy: features of the browser that no page uses."""


def references(get_response: Handler) -> Handler:
    """Name the request, in the log, in the audit and in the answer; write one line when it is done."""

    def middleware(request: HttpRequest) -> HttpResponse:
        reference = f"r-{secrets.token_hex(5)}"
        request.reference = reference  # type: ignore[attr-defined]
        token = REFERENCE.set(reference)
        behind = BEHIND.set(None)
        started = time.perf_counter()
        try:
            response = get_response(request)
            _write_line(request, response, time.perf_counter() - started)
        finally:
            REFERENCE.reset(token)
            BEHIND.reset(behind)
        response.headers["Vigie-Reference"] = reference
        return response

    return middleware


def _write_line(request: HttpRequest, response: HttpResponseBase, seconds: float) -> None:
    match = request.resolver_match
    facts = {
        "method": request.method,
        "route": match.view_name if match else None,
        "status": response.status_code,
        "duration_ms": round(seconds * 1000),
    }
    level = logging.ERROR if response.status_code >= 500 else logging.INFO
    log.log(level, "request", extra={"facts": facts})


def headers(get_response: Handler) -> Handler:
    """Add the headers that Django does not; pages with data are kept by no cache."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers.setdefault("Content-Security-Policy", POLICY)
        response.headers.setdefault("Permissions-Policy", FEATURES)
        response.headers.setdefault("X-Frame-Options", "DENY")
        if not request.path.startswith(settings.STATIC_URL):
            response.headers.setdefault("Cache-Control", "no-store")
        return response

    return middleware


class Static(WhiteNoiseMiddleware):
    """Serve static files whole: none is over 1 MB, and a stream of blocks would cross between threads for each."""

    @staticmethod
    def serve(static_file: Any, request: HttpRequest) -> HttpResponse:
        answer = static_file.get_response(request.method, request.META)
        content = b""
        if answer.file is not None:
            with answer.file as file:
                content = file.read()
        response = HttpResponse(content, status=answer.status)
        del response.headers["Content-Type"]
        for name, value in answer.headers:
            response.headers[name] = value
        return response


class LoggedIn(LoginRequiredMiddleware):
    """Ask for a log-in everywhere but where a view says otherwise; a fragment sends the whole page there."""

    def handle_no_permission(
        self, request: HttpRequest, view_func: Callable[..., HttpResponseBase]
    ) -> HttpResponseBase:
        response = super().handle_no_permission(request, view_func)
        if getattr(request, "htmx", False):
            return HttpResponseClientRedirect(response.url)
        return response


def who_asks(get_response: Handler) -> Handler:
    """Give the request its `asker`, read when first used, and the language that its user chose."""

    def middleware(request: HttpRequest) -> HttpResponse:
        request.asker = SimpleLazyObject(lambda: asker(request))  # type: ignore[attr-defined]
        language = getattr(request.user, "language", "")
        if language and language in dict(settings.LANGUAGES):
            translation.activate(language)
            request.LANGUAGE_CODE = language
        return get_response(request)

    return middleware


def asker(request: HttpRequest) -> Asker:
    """Return who asks; somebody without membership, or not logged in, may nothing."""
    if not request.user.is_authenticated:
        return Asker(None, "anonymous", frozenset(), {})
    rows = Membership.objects.filter(user=request.user).values_list("brand_id", "role")
    return asker_of(request.user.pk, [(brand_id, Role(role)) for brand_id, role in rows])


class Refusals:
    """Turn our own exceptions into their page: a refused permission is 403, a refused move or input 400."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, DecisionError | SchemaError):
            return errors.refused(request, exception)
        if isinstance(exception, VigieError):
            return errors.away(request, exception)
        return None
