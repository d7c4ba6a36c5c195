"""Errors as pages: what happened, what was kept, what to do, and a reference that stands in the log."""

import logging
import sys
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from vigie.errors import RetryableError, VigieError
from vigie.server.context import REFERENCE
from vigie.web.sentences import sentence_of
from vigie.web.themes import theme

log = logging.getLogger(__name__)

RETRY_AFTER_S = 30
"""Seconds after which a page whose database was away may be asked again; a restart of PostgreSQL takes fewer."""


@dataclass(frozen=True, slots=True)
class Problem:
    """An error as a page tells it."""

    status: int
    code: str
    title: str | Promise
    sentence: str | Promise
    advice: str | Promise


BAD_REQUEST = Problem(
    400,
    "page.bad_request",
    _("This request can't be read"),
    _("The address or the form holds something that Vigie does not understand. Nothing was changed."),
    _("Go back and try again from the page."),
)
FORBIDDEN = Problem(
    403,
    "page.forbidden",
    _("This is not open to your role"),
    _("You are logged in, but your role does not allow this. Nothing was changed."),
    _("An administrator of your team can change it."),
)
NOT_FOUND = Problem(
    404,
    "page.not_found",
    _("There is nothing at this address"),
    _("The page does not exist, or it belongs to a brand that is not yours."),
    _("Check the address, or start again from the dashboard."),
)
TOO_MANY = Problem(
    429,
    "page.too_many",
    _("Too many attempts"),
    _("There were too many attempts in a short time, so Vigie pauses them. Nothing was changed."),
    _("Wait a quarter of an hour, then try again, or ask for a new password."),
)
CSRF = Problem(
    403,
    "page.csrf",
    _("This form has expired"),
    _("The form was opened before you logged in, or cookies are refused. Nothing was saved."),
    _("Go back, reload the page and send it again."),
)
SERVER_ERROR = Problem(
    500,
    "page.server_error",
    _("Something went wrong on our side"),
    _("Vigie met an error that it did not expect. What was saved before is kept; this page's change was not made."),
    _("Try again. If it happens again, give your administrator the reference below."),
)
DATABASE_AWAY = Problem(
    503,
    "page.database_away",
    _("The database does not answer"),
    _("Vigie can't reach its database, or it is busy. What was saved before is kept; this page's change was not made."),
    _("Try again in half a minute. If it lasts, give your administrator the reference below."),
)


def page(request: HttpRequest, problem: Problem, **more: Any) -> HttpResponse:
    """Render a problem; reads neither the database nor the session, which may be what is broken."""
    facts = {"code": problem.code, "status": problem.status}
    log.log(logging.ERROR if problem.status >= 500 else logging.INFO, "error page", extra={"facts": facts})
    reference = getattr(request, "reference", "") or REFERENCE.get()
    context = {"problem": problem, "reference": reference, "theme": theme(request), **more}
    body = render_to_string("web/errors/page.html", context, request=None)
    response = HttpResponse(body, status=problem.status)
    if problem.status == 503:
        response.headers["Retry-After"] = str(RETRY_AFTER_S)
    return response


@login_not_required
def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return page(request, BAD_REQUEST)


@login_not_required
def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return page(request, FORBIDDEN)


@login_not_required
def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return page(request, NOT_FOUND)


@login_not_required
def too_many(request: HttpRequest) -> HttpResponse:
    return page(request, TOO_MANY)


def too_many_log_ins(request: HttpRequest, response: HttpResponse | None, credentials: Any = None) -> HttpResponse:
    """Answer a log-in that axes refuses."""
    return page(request, TOO_MANY)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return page(request, CSRF)


@login_not_required
def server_error(request: HttpRequest) -> HttpResponse:
    """Tell an exception that nobody caught; one of the database's connection is 503, with when to come back."""
    error = sys.exc_info()[1]
    log.error("uncaught exception", exc_info=error)
    return page(request, DATABASE_AWAY if isinstance(error, OperationalError | InterfaceError) else SERVER_ERROR)


def refused(request: HttpRequest, error: VigieError) -> HttpResponse:
    """Tell a refused move or input in its own sentence."""
    if error.code == "permission.refused":
        return page(request, FORBIDDEN)
    advice = _("Nothing was changed. Go back and mend it.")
    return page(request, Problem(400, error.code, _("This can't be done"), sentence_of(error), advice))


def away(request: HttpRequest, error: VigieError) -> HttpResponse:
    """Tell that another system failed us: 503 when the same call may do later, else 502."""
    log.warning("other side failed", exc_info=error)
    status = 503 if isinstance(error, RetryableError) else 502
    advice = _("What was saved before is kept. Try again later.")
    return page(request, Problem(status, error.code, _("The other side did not answer"), sentence_of(error), advice))
