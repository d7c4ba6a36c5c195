"""Stories: those of a window, and the page of one: its first post, who passed it on, where it went, how its words changed."""

from datetime import date, timedelta
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from vigie.server.permissions import Permission
from vigie.server.queries import stories
from vigie.server.queries.filters import Filters
from vigie.server.queries.stories import Reached, Relay, StoryDetail, StoryRow, Told, Worded
from vigie.web import charts, choices, formats
from vigie.web.charts import Cell, Column
from vigie.web.choices import Choice
from vigie.web.context import brand_id
from vigie.web.rows import author_name, shown
from vigie.web.views.mentions import counted

ORDERS = {"newest": "latest", "seen": "largest"}
"""Orders of the address, which are those of mentions, and what they mean of stories."""

CHART_DAYS = 366
"""Days of the chart at most, the last: a bar would be thinner than a pixel."""


@require_GET
def list_page(request: HttpRequest) -> HttpResponse:
    """Show a page of the stories that the address asks for."""
    who = request.asker  # type: ignore[attr-defined]
    who.require(Permission.SEE_MENTIONS)
    filters = choices.filters_of(request)
    now, today = choices.now_and_today(request)
    page = stories.page(filters, who=who, now=now, order=ORDERS[filters.order], after=request.GET.get("after"))
    names = choices.Names(who)
    window_name, windows = choices.windows(filters, today, request.path)
    order_name, orders = _orders(filters, request.path)
    context = {
        "filters": filters,
        "stories": [_row(row, filters) for row in page.rows],
        "chips": choices.chips(filters, names, request.path),
        "menus": choices.menus(filters, names, request.path)[:-1],
        "window_name": window_name,
        "windows": windows,
        "order_name": order_name,
        "orders": orders,
        "next": f"{request.path}?{filters.to_query()}&after={page.next_key}" if page.next_key else "",
        "first": f"{request.path}?{filters.to_query()}" if request.GET.get("after") else "",
        "has_watches": bool(names.watches),
        "now": now,
    }
    return render(request, "web/stories/list.html", context)


def _orders(filters: Filters, address: str) -> tuple[str, tuple[Choice, ...]]:
    texts = {"newest": _("Latest first"), "seen": _("Largest first")}
    offers = tuple(
        Choice(text, f"{address}?{filters.to_query(order=order)}", filters.order == order)
        for order, text in texts.items()
    )
    return texts[filters.order], offers


def _row(row: StoryRow, filters: Filters) -> dict[str, Any]:
    told = row.told
    return {
        "told": told,
        "href": reverse("stories-detail", args=[told.id]),
        "list_href": choices.list_of(filters, stories=(told.id,), order="newest"),
        "posts": ngettext("%(n)s post", "%(n)s posts", told.posts) % {"n": formats.number(told.posts)},
        "counted": counted(told.mentions, told.mentions),
        "spaces": _spaces(told.spaces),
        "engaged": _engaged(told),
        "first": shown(row.first, filters),
    }


def _spaces(n: int) -> str:
    return ngettext("%(n)s space", "%(n)s spaces", n) % {"n": formats.number(n)}


def _engaged(told: Told) -> str:
    if not told.engaged:
        return ""
    text = ngettext("%(n)s like, repost or reply", "%(n)s likes, reposts and replies", told.engaged)
    return text % {"n": formats.number(told.engaged)}


@require_GET
def detail_page(request: HttpRequest, story_id: int) -> HttpResponse:
    """Show a story; one that was merged into another leads there."""
    who = request.asker  # type: ignore[attr-defined]
    who.require(Permission.SEE_MENTIONS)
    now, today = choices.now_and_today(request)
    stands = stories.merged_into(story_id)
    found = stories.detail(stands, who=who, brand=brand_id(request), now=now)
    if found is None:
        raise Http404
    if stands != story_id:
        return redirect("stories-detail", stands)
    return render(request, "web/stories/detail.html", _context(found, today) | {"now": now})


def _context(found: StoryDetail, today: date) -> dict[str, Any]:
    filters = found.filters
    return {
        "told": found.told,
        "filters": filters,
        "counted": counted(found.told.mentions, found.told.posts),
        "list_href": choices.list_of(filters),
        "cards": _cards(found),
        "first": shown(found.first, filters),
        "chart": _chart(found, today),
        "relay_columns": _relay_columns(),
        "relays": [_relay(relay, filters) for relay in found.relays],
        "space_columns": _space_columns(),
        "reached": [_reached(one, filters) for one in found.reached],
        "more_spaces": found.told.spaces - len(found.reached),
        "worded": [_worded(one, filters) for one in found.worded],
        "wordings": found.wordings,
        "compared": found.compared,
        "all_compared": found.compared == found.told.posts,
    }


def _cards(found: StoryDetail) -> list[dict[str, Any]]:
    told, href = found.told, choices.list_of(found.filters)
    return [
        {"name": _("Mentions"), "value": formats.number(told.mentions), "href": href, "note": _posts_note(told)},
        {"name": _("Authors"), "value": formats.number(told.authors or None), "note": _("those that sources name")},
        {"name": _("Spaces"), "value": formats.number(told.spaces), "note": _("where its posts were first met")},
        {
            "name": _("Lasted"),
            "value": _lasted(told.last_at - told.first_at),
            "note": _("from its first post to its last one so far"),
        },
    ]


def _lasted(time: timedelta) -> str:
    if time < timedelta(days=2):
        return formats.duration(time.total_seconds())
    return ngettext("%(n)s day", "%(n)s days", time.days) % {"n": formats.number(time.days)}


def _posts_note(told: Told) -> str:
    text = ngettext("of %(n)s post", "of %(n)s posts", told.posts) % {"n": formats.number(told.posts)}
    return f"{text}, {engaged}" if (engaged := _engaged(told)) else text


def _chart(found: StoryDetail, today: date) -> charts.Chart:
    filters = found.filters
    first = max(filters.first, filters.last - timedelta(days=CHART_DAYS - 1))
    days = [first + timedelta(days=n) for n in range((filters.last - first).days + 1)]
    groups = _groups(found)
    series = [
        charts.Series(text, f"series-{rank}", _counts(found, members)) for rank, (text, members) in enumerate(groups, 1)
    ]
    lists = {text: choices.lists_of_days(filters, spaces=members) for text, members in groups}
    of_all = choices.lists_of_days(filters)

    def href(day: date, one: charts.Series | None) -> str:
        return (lists[one.text] if one else of_all)(day)

    span = charts.Days(days=days, partial=today if today in days else None)
    method = f"{reverse('methods')}#story"
    return charts.by_day(
        "spread", _("Mentions by day and space"), series, span, href=href, note=_chart_note(found, days), method=method
    )


def _chart_note(found: StoryDetail, days: list[date]) -> str:
    note = ngettext(
        "%(n)s mention, %(window)s, %(zone)s time, of the watches that you see.",
        "%(n)s mentions, %(window)s, %(zone)s time, of the watches that you see.",
        found.told.mentions,
    ) % {
        "n": formats.number(found.told.mentions),
        "window": formats.window(found.filters.first, found.filters.last),
        "zone": formats.zone_name(),
    }
    if days[0] > found.filters.first:
        note += " " + _("The chart begins on %(day)s: it shows a year at most.") % {"day": formats.day(days[0])}
    return note


def _groups(found: StoryDetail) -> list[tuple[str, tuple[int, ...]]]:
    """Return the spaces that have a colour, those with most mentions first, and the others together."""
    totals: dict[int, int] = {}
    for (_day, space), n in found.by_day.items():
        totals[space] = totals.get(space, 0) + n
    titles = {one.space_id: one.title for one in found.reached}
    ordered = sorted(totals, key=lambda space: (space not in titles, -totals[space], space))
    named = [space for space in ordered if space in titles]
    room = charts.MAX_SERIES - (1 if len(ordered) > min(len(named), charts.MAX_SERIES) else 0)
    kept = named[:room]
    rest = tuple(space for space in ordered if space not in kept)
    seen: dict[str, int] = {}
    groups = []
    for space in kept:
        # Two spaces may bear one title: a series needs a name of its own.
        seen[titles[space]] = seen.get(titles[space], 0) + 1
        groups.append((titles[space] + (f" ({seen[titles[space]]})" if seen[titles[space]] > 1 else ""), (space,)))
    return [*groups, (_("others"), rest)] if rest else groups


def _counts(found: StoryDetail, spaces: tuple[int, ...]) -> dict[date, int]:
    totals: dict[date, int] = {}
    for (day, space), n in found.by_day.items():
        if space in spaces:
            totals[day] = totals.get(day, 0) + n
    return totals


def _relay_columns() -> list[Column]:
    numbers = (_("Posts"), _("Likes, reposts, replies"), _("Views"))
    return [Column(_("Author")), *(Column(text, numeric=True) for text in numbers), Column(_("First post on"))]


def _relay(relay: Relay, filters: Filters) -> list[Cell]:
    href = choices.list_of(filters, authors=(relay.author_id,))
    return [
        Cell(author_name(relay.author), href),
        *(Cell(formats.number(n), numeric=True) for n in (relay.posts, relay.engaged, relay.views)),
        Cell(formats.moment(relay.first_at)),
    ]


def _space_columns() -> list[Column]:
    numbers = (_("Mentions"), _("Posts"), _("Likes, reposts, replies"))
    return [Column(_("Space")), Column(_("First post on")), *(Column(text, numeric=True) for text in numbers)]


def _reached(one: Reached, filters: Filters) -> list[Cell]:
    href = choices.list_of(filters, spaces=(one.space_id,))
    return [
        Cell(one.title),
        Cell(formats.moment(one.first_at)),
        Cell(formats.number(one.mentions), href, numeric=True),
        *(Cell(formats.number(n), numeric=True) for n in (one.posts, one.engaged)),
    ]


def _worded(one: Worded, filters: Filters) -> dict[str, Any]:
    return {
        "href": f"{reverse('mentions-detail', args=[one.mention_id])}?{filters.to_query()}",
        "author": author_name(one.author) or _("Unnamed author"),
        "space": one.space,
        "at": one.post.published_at,
        "posts": ngettext("%(n)s post", "%(n)s posts", one.posts) % {"n": formats.number(one.posts)},
        "pieces": one.pieces,
    }


urlpatterns = [
    path("stories/", list_page, name="stories"),
    path("stories/<int:story_id>/", detail_page, name="stories-detail"),
]
