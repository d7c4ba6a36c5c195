"""Filters as a page shows them: read from the address, shown as removable chips and menus of what else there is."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from vigie.schema.tables import FOUND_COLUMNS
from vigie.schema.vocab import FindingKind, Intent, Network, Speaker, Tone
from vigie.server import clock
from vigie.server.models import Brand, Space, Watch
from vigie.server.permissions import Asker
from vigie.server.queries import categories, scope
from vigie.server.queries import filters as filtering
from vigie.server.queries.filters import NO_VALUE, Filters
from vigie.web import formats
from vigie.web.context import brand_id
from vigie.web.words import finding_name, language_name, without_finding, word

WINDOWS = (7, 30, 90, 365)
"""Days of the windows offered."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing that may be chosen, and the address that chooses it."""

    text: str
    href: str
    is_current: bool = False
    depth: int = 0
    """How far within others it stands."""


@dataclass(frozen=True, slots=True)
class Menu:
    """A kind of filter, with what it offers."""

    name: str
    choices: tuple[Choice, ...]


def now_and_today(request: HttpRequest) -> tuple[datetime, date]:
    """Read the clock once per page: the page is a shell."""
    now = clock.now()
    return now, clock.today(now)


def filters_of(request: HttpRequest) -> Filters:
    """Read the filters of the address; the brand of the side bar counts when the address names none.

    Raises:
        SchemaError: a value can't be read.
    """
    _, today = now_and_today(request)
    found = filtering.parse(dict(request.GET.lists()), today=today)
    return found if found.brand is not None else replace(found, brand=brand_id(request))


def list_of(filters: Filters, **changes: Any) -> str:
    """Return the address of the list that filters open, with some changed."""
    return f"{reverse('mentions')}?{filters.to_query(**changes)}"


def lists_of_days(filters: Filters, **changes: Any) -> Callable[[date], str]:
    """Return a function that gives the address of the list of one day: a chart has hundreds, which differ by their day."""
    pattern = list_of(filters, first=date.min, last=date.min, **changes)
    return lambda day: pattern.replace(date.min.isoformat(), day.isoformat())


class Names:
    """The names of watches, spaces, brands and categories that one page shows; five statements in all."""

    def __init__(self, who: Asker) -> None:
        self.watches = dict(Watch.objects.filter(pk__in=scope.watch_ids(who)).values_list("pk", "name"))
        self.spaces = dict(Space.objects.values_list("pk", "title"))
        self.brands = dict(Brand.objects.values_list("pk", "name"))
        self.trees = categories.trees(who)
        self.categories = {node.category.pk: node.category.name for tree in self.trees for node in tree.nodes}
        self.dimensions = {filtering.without(tree.dimension.pk): tree.dimension.name for tree in self.trees}

    def finding(self, kind: str, value: str) -> str:
        """Return what a value of a kind of finding is called; `none` is said to be so."""
        if value == NO_VALUE:
            return without_finding(kind)
        if kind == FindingKind.CATEGORY:
            if value in self.dimensions:
                return _("%(dimension)s: none") % {"dimension": self.dimensions[value]}
            return self.categories.get(int(value), _("unknown category")) if value.isdigit() else _("unknown category")
        return finding_name(kind, value)


def chips(filters: Filters, names: Names, path: str) -> list[Choice]:
    """Return what is chosen, each with the address without it."""
    shown: list[Choice] = []
    for field, value, text in _chosen(filters, names):
        shown.append(Choice(text, f"{path}?{filters.without(field, value).to_query()}"))
    return shown


def _chosen(filters: Filters, names: Names) -> Iterable[tuple[str, Any, str]]:
    for watch in filters.watches:
        yield "watches", watch, names.watches.get(watch, _("unknown watch"))
    for subject in filters.subjects:
        yield "subjects", subject, names.brands.get(subject, _("unknown subject"))
    for space in filters.spaces:
        yield "spaces", space, names.spaces.get(space, _("unknown space"))
    for network in filters.networks:
        yield "networks", network, word(network, "network")
    for tone in filters.tones:
        yield "tones", tone, tone_name(tone)
    for language in filters.languages:
        yield "languages", language, language_of(language)
    for author in filters.authors:
        yield "authors", author, _("one author")
    for story in filters.stories:
        yield "stories", story, _("one story")
    for kind, column in FOUND_COLUMNS.items():
        for value in getattr(filters, column):
            yield column, value, names.finding(kind, value)
    if filters.lapsed != "without":
        yield "lapsed", None, _("lapsed only") if filters.lapsed == "only" else _("lapsed too")
    if filters.marked:
        yield "marked", None, _("“not about us” too")


def tone_name(tone: str) -> str:
    """Return a tone's word; `none` is said to be so."""
    return _("no tone") if tone == NO_VALUE else word(tone, "tone")


def language_of(tag: str) -> str:
    """Return a language's name; `none` is said to be so."""
    return _("language not read") if tag == NO_VALUE else language_name(tag)


def menus(filters: Filters, names: Names, path: str) -> list[Menu]:
    """Return what else may be chosen, kind by kind; a kind with one possible value is left out."""
    offered = [
        (_("Watch"), "watches", names.watches.items()),
        (_("Network"), "networks", [(n.value, word(n.value, "network")) for n in Network]),
        (_("Space"), "spaces", sorted(names.spaces.items(), key=lambda pair: pair[1])[:40]),
        (_("Tone"), "tones", [(t, tone_name(t)) for t in (*(t.value for t in Tone), NO_VALUE)]),
        (_("Language"), "languages", [(tag, language_of(tag)) for tag in ("fr", "en", "und")]),
        (_("Who speaks"), "speakers", [(v, names.finding(FindingKind.WHO, v)) for v in (*Speaker, NO_VALUE)]),
        (_("What for"), "intents", [(v, names.finding(FindingKind.INTENT, v)) for v in (*Intent, NO_VALUE)]),
    ]
    found = [
        Menu(text, _offers(filters, field, values, path)) for text, field, values in offered if len(list(values)) > 1
    ]
    # Near the beginning of the line: names of categories are long, and their menus wide.
    return [*found[:1], *_category_menus(filters, names, path), *found[1:], _states(filters, path)]


def _category_menus(filters: Filters, names: Names, path: str) -> list[Menu]:
    """Return a menu a dimension, its categories nested, then “none of them”."""
    found = []
    for tree in names.trees:
        values = [(str(node.category.pk), node.category.name) for node in tree.nodes]
        none = (filtering.without(tree.dimension.pk), _("none of them"))
        offers = _offers(filters, "categories", [*values, none], path)
        depths = [*(node.depth for node in tree.nodes), 0]
        nested = tuple(replace(offer, depth=depth) for offer, depth in zip(offers, depths, strict=True))
        found += [Menu(tree.dimension.name, nested)] if values else []
    return found


def _states(filters: Filters, path: str) -> Menu:
    """Return what is shown of what figures leave out: the lapsed, and what people marked."""
    lapsed = _offers(filters, "lapsed", [("only", _("lapsed only")), ("all", _("lapsed too"))], path)
    changed = replace(filters, marked=not filters.marked)
    marked = Choice(_("“not about us” too"), f"{path}?{changed.to_query()}", filters.marked)
    return Menu(_("State"), (*lapsed, marked))


def _offers(filters: Filters, field: str, values: Iterable[tuple[Any, str]], path: str) -> tuple[Choice, ...]:
    current = getattr(filters, field)
    offers = []
    for value, text in values:
        if isinstance(current, tuple):
            chosen = value in current
            changed = filters.without(field, value) if chosen else replace(filters, **{field: (*current, value)})
        else:
            chosen = current == value
            changed = replace(filters, **{field: value})
        offers.append(Choice(text, f"{path}?{changed.to_query()}", chosen))
    return tuple(offers)


def windows(filters: Filters, today: date, path: str) -> tuple[str, tuple[Choice, ...]]:
    """Return the window's name and the other ones."""
    offers = tuple(
        Choice(
            ngettext("last %(n)s day", "last %(n)s days", days) % {"n": days},
            f"{path}?{replace(filters, first=today - timedelta(days=days - 1), last=today).to_query()}",
            filters.last == today and filters.days == days,
        )
        for days in WINDOWS
    )
    current = next((offer.text for offer in offers if offer.is_current), formats.window(filters.first, filters.last))
    return current, offers


def orders(filters: Filters, path: str) -> tuple[str, tuple[Choice, ...]]:
    """Return the order's name and both orders."""
    texts = {"newest": _("Newest first"), "seen": _("Most seen first")}
    offers = tuple(
        Choice(text, f"{path}?{filters.to_query(order=order)}", filters.order == order) for order, text in texts.items()
    )
    return texts[filters.order], offers
