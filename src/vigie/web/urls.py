"""Addresses: those of accounts and of the frame here, those of each area in its view module."""

from importlib import import_module
from importlib.util import find_spec

from django.urls import URLPattern, URLResolver, include, path

from vigie.web.views import errors, frame, logins, look

AREAS = (
    "dashboards",
    "mentions",
    "corrections",
    "authors",
    "evidence",
    "stories",
    "watches",
    "categories",
    "searches",
    "lists",
    "dictionary",
    "opml",
    "spaces",
    "recipes",
    "catalogue",
    "accounts",
    "names",
    "imports",
    "work",
    "audit",
    "people",
    "settings",
    "models",
    "annotation",
    "keys",
    "retention",
    "relabelling",
    "methods",
    "start",
    "demo",
)
"""View modules with `urlpatterns`, one an area."""


def _areas() -> list[URLPattern | URLResolver]:
    names = [f"vigie.web.views.{area}" for area in AREAS]
    return [path("", include(import_module(name).urlpatterns)) for name in names if find_spec(name)]


urlpatterns: list[URLPattern | URLResolver] = [
    *frame.urlpatterns,
    path("account/", include(logins.urlpatterns)),
    *_areas(),
    path("_look/", look.look, name="look"),
]

handler400 = errors.bad_request
handler403 = errors.forbidden
handler404 = errors.not_found
handler429 = errors.too_many
handler500 = errors.server_error
