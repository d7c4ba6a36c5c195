"""Charts of lines: what is counted now and then, where a day without a count is a break and never a zero."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext

from vigie.web import charts, formats
from vigie.web.charts import Cell, Chart, Column, Days, Entry, Spec


@dataclass(frozen=True, slots=True)
class Line:
    """One line: what it is called, the token of its colour, its counts by day, and the page it opens."""

    text: str
    token: str
    counts: dict[date, int]
    href: str


def by_day(key: str, title: str, lines: Sequence[Line], span: Days, *, unit: str, note: str) -> Chart:
    """Draw counts by day as lines, at most eight; the table has the days that anything was counted on, newest first."""
    counted = [day for day in reversed(span.days) if any(day in line.counts for line in lines)]
    return Chart(
        key=key,
        title=title,
        spec=_spec(lines, span, unit),
        columns=[Column(gettext("Day")), *(Column(line.text, numeric=True) for line in lines)],
        rows=[
            [Cell(formats.day(day, "medium")), *(Cell(formats.number(x.counts.get(day)), numeric=True) for x in lines)]
            for day in counted
        ],
        legend=[Entry(line.text, line.token.removeprefix("series-")) for line in lines] if len(lines) > 1 else (),
        note=note,
        unit=unit,
    )  # fmt: skip


def _spec(lines: Sequence[Line], span: Days, unit: str) -> Spec:
    texts = [line.text for line in lines]
    colour = {"domain": texts, "range": [f"token:{line.token}" for line in lines]}
    return {
        "$schema": charts.SCHEMA,
        "width": "container",
        "height": charts.DAY_HEIGHT,
        "autosize": {"type": "fit-x", "contains": "padding"},
        "data": {"values": [_value(line, day) for line in lines for day in span.days]},
        "encoding": {
            "x": charts.x_of_days(span),
            # Lines of accounts of many sizes: what is looked at is how each moves, so the axis need not begin at zero.
            "y": {
                "field": "n",
                "type": "quantitative",
                "axis": {"title": None, "tickCount": 4, "format": ",d", "tickMinStep": 1},
                "scale": {"zero": False, "nice": True},
            },
            "color": {"field": "line", "type": "nominal", "scale": colour, "legend": None},
            "href": {"field": "href", "type": "nominal"},
            "tooltip": _tooltip(unit),
        },
        "layer": [
            {"mark": {"type": "line", "strokeWidth": 2, "invalid": "break-paths-show-path-domains"}},
            {"mark": {"type": "point", "filled": True, "size": 24, "cursor": "pointer", "invalid": "filter"}},
        ],
    }


def _value(line: Line, day: date) -> dict[str, Any]:
    return {"day": day.isoformat(), "line": line.text, "n": line.counts.get(day), "href": line.href}


def _tooltip(unit: str) -> list[Spec]:
    day = {
        "field": "day", "type": "temporal", "timeUnit": "utcyearmonthdate", "format": "%-d %B", "title": gettext("Day"),
    }  # fmt: skip
    return [
        day,
        {"field": "line", "type": "nominal", "title": gettext("Which")},
        {"field": "n", "type": "quantitative", "format": ",d", "title": unit},
    ]
