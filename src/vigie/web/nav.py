"""The places of the product, in the order in which they stand in the side bar."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from vigie.server.permissions import Permission


@dataclass(frozen=True, slots=True)
class Area:
    """One place: its url name, which is also the name of its views and templates, and who may go there."""

    key: str
    label: str | Promise
    permission: Permission | None
    in_bar: bool = False
    """Whether it stands in the bottom bar of a narrow screen; the others are under "More"."""


@dataclass(frozen=True, slots=True)
class Place:
    """An area as one reader sees it."""

    key: str
    label: str | Promise
    href: str
    is_current: bool
    in_bar: bool


@dataclass(frozen=True, slots=True)
class Group:
    label: str | Promise
    places: tuple[Place, ...]


AREAS: tuple[tuple[str | Promise, tuple[Area, ...]], ...] = (
    (
        _("Listen"),
        (
            Area("dashboard", _("Dashboard"), Permission.SEE_MENTIONS, in_bar=True),
            Area("mentions", _("Mentions"), Permission.SEE_MENTIONS, in_bar=True),
            Area("stories", _("Stories"), Permission.SEE_MENTIONS),
            Area("watches", _("Watches"), Permission.SEE_MENTIONS, in_bar=True),
            Area("categories", _("Categories"), Permission.SEE_MENTIONS),
            Area("search", _("Search"), Permission.EDIT_WATCHES),
            Area("lists", _("Lists"), Permission.EDIT_WATCHES),
            Area("spaces", _("Spaces"), Permission.SEE_SPACES, in_bar=True),
            Area("catalogue", _("Catalogue"), Permission.SEE_SPACES),
            Area("accounts", _("Accounts"), Permission.SEE_SPACES),
            Area("names", _("Names"), Permission.SEE_SPACES),
            Area("annotation", _("Annotation"), Permission.ANNOTATE),
        ),
    ),
    (
        _("House"),
        (
            Area("work", pgettext_lazy("what the worker does", "Work"), Permission.SEE_WORK),
            Area("audit", _("Audit log"), Permission.SEE_AUDIT),
            Area("people", _("People"), Permission.EDIT_PEOPLE),
            Area("settings", _("Settings"), None),
        ),
    ),
)
"""Every area. Its first page's url name is its key; other names of the area begin with it (`mentions-detail`)."""


def groups(request: HttpRequest) -> tuple[Group, ...]:
    """Return the areas that exist and that the asker may enter."""
    found = (Group(label, tuple(_places(areas, request))) for label, areas in AREAS)
    return tuple(group for group in found if group.places)


def _places(areas: tuple[Area, ...], request: HttpRequest) -> Iterator[Place]:
    for area in areas:
        if area.permission is not None and not request.asker.may(area.permission):  # type: ignore[attr-defined]
            continue
        try:
            href = reverse(area.key)
        except NoReverseMatch:
            continue
        yield Place(area.key, area.label, href, current(request) == area.key, area.in_bar)


def current(request: HttpRequest) -> str:
    """Return the area of the request, from its url's name."""
    name = (request.resolver_match.url_name if request.resolver_match else None) or ""
    return name.partition("-")[0]


def first_place(request: HttpRequest) -> str | None:
    """Return the address of the first place that the asker may enter."""
    return next((place.href for group in groups(request) for place in group.places), None)
