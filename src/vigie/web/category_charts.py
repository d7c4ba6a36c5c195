"""Mentions by category, a chart a dimension: each bar opens its posts."""

from collections.abc import Sequence
from dataclasses import replace

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from vigie.server.queries.categories import Bars
from vigie.server.queries.filters import without
from vigie.web import charts, choices, formats


def category_charts(shown: Sequence[Bars]) -> list[charts.Chart]:
    """Draw the dimensions, each as shares of the mentions that the other filters let through."""
    return [_chart(bars) for bars in shown]


def _chart(bars: Bars) -> charts.Chart:
    shown = [_bar(category.name, n, str(category.pk), bars) for category, n in bars.bars]
    if bars.others:
        shown.append(replace(_bar(_("none of them"), bars.others, without(bars.dimension.pk), bars), is_others=True))
    name = f"{bars.dimension.name} › {bars.parent.name}" if bars.parent else bars.dimension.name
    return charts.shares(
        f"categories-{bars.dimension.pk}", _("By category of “%(dimension)s”") % {"dimension": name}, shown,
        note=_note(bars), unit=_("share of the mentions"), method=f"{reverse('methods')}#category",
    )  # fmt: skip


def _bar(text: str, n: int, value: str, bars: Bars) -> charts.Share:
    href = choices.list_of(bars.filters, categories=(*bars.filters.categories, value))
    return charts.Share(text, n / bars.total if bars.total else 0.0, n, href if n else "")


def _note(bars: Bars) -> str:
    counted = ngettext(
        "%(n)s mention, sorted by your own queries.", "%(n)s mentions, sorted by your own queries.", bars.total
    ) % {"n": formats.number(bars.total)}
    if sum(n for _category, n in bars.bars) + bars.others <= bars.total:
        return counted
    return " ".join([counted, _("Shares add up to more than 100% where mentions are in several categories.")])
