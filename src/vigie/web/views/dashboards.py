"""The dashboard: what needs a person now, and the figures of a window, each opening its posts."""

from datetime import date, datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from vigie.collect.rhythm import is_heard
from vigie.schema.vocab import SpaceState, Tone
from vigie.server.permissions import Asker, Permission
from vigie.server.queries import categories, dashboards, hearing
from vigie.server.queries.dashboards import Figures, Notice
from vigie.server.queries.filters import NO_VALUE, Filters
from vigie.server.queries.speaking import KINDS
from vigie.web import charts, choices, formats, speaking
from vigie.web.category_charts import category_charts
from vigie.web.rows import shown
from vigie.web.sentences import stored
from vigie.web.sure import tone_note
from vigie.web.words import word

GAPS_SHOWN = 3
"""Gaps told under the figures; the others are counted."""


@require_GET
def dashboard(request: HttpRequest) -> HttpResponse:
    """Show the dashboard of the filters in the address."""
    request.asker.require(Permission.SEE_MENTIONS)  # type: ignore[attr-defined]
    filters = choices.filters_of(request)
    now, today = choices.now_and_today(request)
    found = dashboards.figures(filters, who=request.asker, now=now)  # type: ignore[attr-defined]
    names = choices.Names(request.asker)  # type: ignore[attr-defined]
    notices = dashboards.notices(filters, who=request.asker, now=now)  # type: ignore[attr-defined]
    current, offers = choices.windows(filters, today, request.path)
    context = {
        "filters": filters,
        "figures": found,
        "cards": _cards(found, filters),
        "charts": _charts(found, filters, today, request.asker),  # type: ignore[attr-defined]
        "category_charts": category_charts(
            categories.charted(filters, names.trees, who=request.asker, now=now, total=found.mentions)  # type: ignore[attr-defined]
        ),
        "notices": [_notice(notice, filters) for notice in notices],
        "most_seen": [shown(row, filters) for row in found.most_seen],
        "chips": choices.chips(filters, names, request.path),
        "window_name": current,
        "windows": offers,
        "watch_menu": choices.menus(filters, names, request.path)[:1],
        **_hearing(request, filters, now),
        "all_href": choices.list_of(filters),
        "seen_href": choices.list_of(filters, order="seen"),
        "now": now,
    }
    return render(request, "web/dashboards/dashboard.html", context)


def _hearing(request: HttpRequest, filters: Filters, now: datetime) -> dict[str, Any]:
    """Return what was heard: the share now, and the gaps of the window, for those who may see spaces."""
    if not request.asker.may(Permission.SEE_SPACES):  # type: ignore[attr-defined]
        return {}
    zone = settings.VIGIE.time_zone
    first = datetime.combine(filters.first, time.min, zone)
    after = datetime.combine(filters.last + timedelta(days=1), time.min, zone)
    gaps, total = hearing.gaps(first, min(after, now), space_ids=filters.spaces or None)
    shown = [gap for gap in gaps if gap.state != SpaceState.SILENT][:GAPS_SHOWN]
    return {"heard": hearing.now_heard(now=now), "gaps": shown, "more_gaps": total - len(shown)}


def _cards(found: Figures, filters: Filters) -> list[dict[str, Any]]:
    return [
        _mentions_card(found, filters),
        _negative_card(found, filters),
        _voice_card(found, filters),
        _day_card(found, filters),
    ]


def _mentions_card(found: Figures, filters: Filters) -> dict[str, Any]:
    change = (found.mentions - found.before) / found.before if found.before else None
    note = _("over the window before") if change is not None else _("nothing in the window before to compare with")
    days = found.days
    spark = [days.get(filters.first + timedelta(days=n), 0) for n in range(filters.days)]
    return {
        "name": _("Mentions"), "value": formats.number(found.mentions), "href": choices.list_of(filters),
        "change": _signed_percent(change), "note": note, "spark": spark,
    }  # fmt: skip


def _signed_percent(ratio: float | None) -> str:
    if ratio is None:
        return ""
    return f"{'+' if ratio > 0 else '−' if ratio < 0 else ''}{formats.percent(abs(ratio))}"


def _negative_card(found: Figures, filters: Filters) -> dict[str, Any]:
    tones = found.tones
    negative, read = tones.get(Tone.NEGATIVE, 0), sum(n for tone, n in tones.items() if tone)
    ratio = negative / read if read else None
    note = ngettext(
        "%(share)s of the %(n)s mention whose tone is known",
        "%(share)s of the %(n)s mentions whose tone is known",
        read,
    ) % {
        "share": formats.percent(ratio),
        "n": formats.number(read),
    }
    by_day = {day: n for (day, tone), n in found.by_day_and_tone.items() if tone == Tone.NEGATIVE}
    spark = [by_day.get(filters.first + timedelta(days=n), 0) for n in range(filters.days)]
    return {
        "name": _("Negative mentions"), "value": formats.number(negative), "note": note,
        "href": choices.list_of(filters, tones=(Tone.NEGATIVE.value,)), "spark": spark, "spark_kind": "bad",
    }  # fmt: skip


def _voice_card(found: Figures, filters: Filters) -> dict[str, Any]:
    own = dashboards.ours(found.voices)
    if own is None:
        return {
            "name": _("Share of voice"),
            "value": formats.NO_VALUE,
            "note": _("No watch has a subject of ours here."),
        }
    brand, share = own
    interval = f"{formats.percent(share.low)} – {formats.percent(share.high)}"
    return {
        "name": _("Share of voice"), "value": formats.percent(share.ratio), "interval": interval,
        "note": ngettext("%(brand)s among %(n)s subject", "%(brand)s among %(n)s subjects", len(found.voices)) % {"brand": brand.name, "n": len(found.voices)},
        "href": choices.list_of(filters, subjects=(brand.pk,)), "count": share.n,
    }  # fmt: skip


def _day_card(found: Figures, filters: Filters) -> dict[str, Any]:
    n = found.days.get(filters.last, 0)
    average = found.mentions / filters.days
    return {
        "name": _("Last day"), "value": formats.number(n),
        "note": _("%(n)s a day on average; the day is not over") % {"n": formats.number(average)},
        "href": choices.list_of(filters, first=filters.last),
    }  # fmt: skip


def _charts(found: Figures, filters: Filters, today: date, who: Asker) -> dict[str, charts.Chart]:
    days = [filters.first + timedelta(days=n) for n in range(filters.days)]
    span = charts.Days(days=days, partial=today if today in days else None)
    return {
        "tones": _tone_chart(found, filters, span, who),
        "networks": _network_chart(found, filters, span),
        "voices": _voice_chart(found, filters),
        **{kind.value: speaking.chart(kind, found.speaking[kind], filters) for kind in KINDS},
    }


def _tone_chart(found: Figures, filters: Filters, span: charts.Days, who: Asker) -> charts.Chart:
    keys: dict[str, tuple[str | None, str]] = {}
    series = []
    for tone, token in (*_tones(), (None, "ink-3")):
        counts = {day: n for (day, t), n in found.by_day_and_tone.items() if t == tone}
        if tone or counts:
            text = word(tone, "tone") if tone else _("no tone")
            keys[text] = (tone or NO_VALUE, token)
            series.append(charts.Series(text, token, counts))

    lists = {text: choices.lists_of_days(filters, tones=(tone,)) for text, (tone, _token) in keys.items()}
    of_all = choices.lists_of_days(filters)

    def href(day: date, one: charts.Series | None) -> str:
        return (lists[one.text] if one else of_all)(day)

    return charts.by_day(
        "tones",
        _("Mentions by day and tone"),
        series,
        span,
        href=href,
        note=tone_note(found, who),
        method=f"{reverse('methods')}#tone",
    )


def _tones() -> list[tuple[str, str]]:
    return [(tone, token) for tone, token in charts.TONE_COLOURS.items()]


def _network_chart(found: Figures, filters: Filters, span: charts.Days) -> charts.Chart:
    names = list(found.networks)
    kept, rest = names[: charts.MAX_SERIES - 1], names[charts.MAX_SERIES - 1 :]
    groups = [(word(n, "network"), (n,)) for n in kept] + ([(_("others"), tuple(rest))] if rest else [])
    series = [
        charts.Series(text, f"series-{rank}", _sum(found, members)) for rank, (text, members) in enumerate(groups, 1)
    ]

    lists = {text: choices.lists_of_days(filters, networks=members) for text, members in groups}
    of_all = choices.lists_of_days(filters)

    def href(day: date, one: charts.Series | None) -> str:
        return (lists[one.text] if one else of_all)(day)

    note = ngettext("%(n)s mention, %(zone)s time.", "%(n)s mentions, %(zone)s time.", found.mentions) % {
        "n": formats.number(found.mentions),
        "zone": formats.zone_name(),
    }
    return charts.by_day(
        "networks",
        _("Mentions by day and network"),
        series,
        span,
        href=href,
        note=note,
        method=f"{reverse('methods')}#day",
    )


def _sum(found: Figures, networks: tuple[str, ...]) -> dict[date, int]:
    totals: dict[date, int] = {}
    for (day, network), n in found.by_day_and_network.items():
        if network in networks:
            totals[day] = totals.get(day, 0) + n
    return totals


def _voice_chart(found: Figures, filters: Filters) -> charts.Chart:
    bars = [
        charts.Share(
            brand.name, share.ratio, share.n, choices.list_of(filters, subjects=(brand.pk,)), share.low, share.high
        )
        for brand, share in found.voices
    ]
    over = sum(share.ratio for _brand, share in found.voices) > 1.0005  # noqa: PLR2004 -- beyond rounding
    note = ngettext(
        "%(n)s post about a subject; a post counts once per subject.",
        "%(n)s posts about a subject; a post counts once per subject.",
        found.voice_posts,
    ) % {"n": formats.number(found.voice_posts)}
    if over:
        note += " " + _("Shares add up to more than 100% because posts speak of several subjects.")
    return charts.shares(
        "voices", _("Share of voice"), bars, note=note, unit=_("line: interval at 95%"), method=f"{reverse('methods')}#voice",
        counted=_("Posts"),
    )  # fmt: skip


def _notice(notice: Notice, filters: Filters) -> dict[str, Any]:
    return {"at": notice.at, **_NOTICES[notice.kind](notice, filters)}


def _space_state(notice: Notice, filters: Filters) -> dict[str, Any]:
    state = str(notice.facts.get("state", ""))
    text = _("%(space)s: %(state)s") % {"space": notice.name, "state": word(state, "space_state")}
    why = stored(notice.code, notice.facts)
    if state == SpaceState.LOGIN:
        why = " ".join([why, _("Log in again: give the space a new secret on its page.")])
    return {
        "dot": "positive" if is_heard(state) else "warning", "text": text, "note": why,
        "href": reverse("spaces-detail", args=[notice.target]), "seen": reverse("spaces-notice-seen", args=[notice.n]),
    }  # fmt: skip


def _import_failed(notice: Notice, filters: Filters) -> dict[str, Any]:
    note = stored(notice.code, notice.facts)
    text = _("A file for %(space)s could not be taken in") % {"space": notice.name}
    return {"dot": "warning", "text": text, "note": note, "href": reverse("spaces-detail", args=[notice.target])}


def _work_failed(notice: Notice, filters: Filters) -> dict[str, Any]:
    text = ngettext("%(n)s piece of work failed", "%(n)s pieces of work failed", notice.n) % {
        "n": formats.number(notice.n)
    }
    return {
        "dot": "negative",
        "text": text,
        "note": _("in the last seven days"),
        "href": f"{reverse('work')}?state=failed",
    }


def _watch_running(notice: Notice, filters: Filters) -> dict[str, Any]:
    text = _("The watch “%(watch)s” is being run over the past") % {"watch": notice.name}
    return {
        "dot": "brand",
        "text": text,
        "note": _("its figures grow until it is done"),
        "href": reverse("watches-detail", args=[notice.target]),
    }


def _negative_seen(notice: Notice, filters: Filters) -> dict[str, Any]:
    first = max(filters.first, filters.last - timedelta(days=1))
    text = ngettext("%(n)s negative mention to read", "%(n)s negative mentions to read", notice.n) % {
        "n": formats.number(notice.n)
    }
    href = choices.list_of(filters, first=first, tones=(Tone.NEGATIVE.value,), order="seen")
    return {
        "dot": "negative",
        "text": text,
        "note": _("of the last two days, most seen first"),
        "href": href,
        "at": None,
    }


def _name_overdue(notice: Notice, filters: Filters) -> dict[str, Any]:
    text = ngettext("%(n)s decision about a name is overdue", "%(n)s decisions about names are overdue", notice.n) % {
        "n": formats.number(notice.n)
    }
    href = reverse("names-detail", args=[notice.target]) if notice.n == 1 else f"{reverse('names')}?state=others"
    return {"dot": "warning", "text": text, "note": notice.name, "href": href}


_NOTICES = {
    "name_overdue": _name_overdue,
    "space_state": _space_state,
    "import_failed": _import_failed,
    "work_failed": _work_failed,
    "watch_running": _watch_running,
    "negative_seen": _negative_seen,
}

urlpatterns = [path("dashboard/", dashboard, name="dashboard")]
