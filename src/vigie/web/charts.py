"""Charts as Vega-Lite specifications with their honest surroundings: title, unit, legend, note and table.

A specification names colours as `token:NAME`; the page's script puts those of the reader's theme. Specifications are
plain dictionaries, held against Altair's schema by a test: importing Altair takes 0.7 s and validating 30 ms a chart.
Every mark carries `href`, the list of its posts.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from babel.dates import format_date
from django.utils.translation import gettext

from vigie.web import formats

SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
"""The version whose rules specifications follow; vl-convert 1.9 carries it."""

TONE_COLOURS = {"negative": "negative", "neutral": "series-8", "positive": "positive"}
"""Tokens of tones in charts: neutral is the grey of "others", because its token is a text's grey."""

MAX_SERIES = 8
"""Series of one chart: more colours can't be told apart; what is over is added up as "others"."""

DAY_HEIGHT, ROW_HEIGHT = 220, 40
"""Pixels: of a chart by day, and of one bar of a chart of shares."""

NOTE_ROOM = 1.14
"""How much higher than the highest bar a chart with notes is, so that their words stand above it."""

WIDE = "tall"
"""Class of a chart by day: its box has its height before the script draws, so nothing jumps."""

Spec = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Column:
    label: str
    numeric: bool = False


@dataclass(frozen=True, slots=True)
class Cell:
    text: str
    href: str = ""
    numeric: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of a legend: its word and its colour (`negative`, `neutral`, `positive`, or `1` to `8`)."""

    text: str
    colour: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """What `web/components/_chart.html` shows."""

    key: str
    """Id within the page."""
    title: str
    spec: Spec
    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    note: str
    """How many mentions, which watches, time zone, model and its accuracy."""
    unit: str = ""
    legend: Sequence[Entry] = ()
    method: str = ""
    """Address of how the figure is made."""
    height_class: str = WIDE

    @property
    def spec_id(self) -> str:
        return f"{self.key}-spec"


@dataclass(frozen=True, slots=True)
class Series:
    """One colour of a chart by day: what it is called, its token, and its counts by day, absent meaning none."""

    text: str
    token: str
    counts: dict[date, int]

    @property
    def colour(self) -> str:
        """The legend's class for the token."""
        return "neutral" if self.token == "series-8" else self.token.removeprefix("series-")  # noqa: S105 -- a colour


@dataclass(frozen=True, slots=True)
class Note:
    """A mark on the time line: an alert, or what a person wrote."""

    day: date
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Days:
    """The days of a chart, with what must be said of them."""

    days: Sequence[date]
    gaps: Sequence[date] = ()
    """Days when spaces were not heard; hatched."""
    gap_text: str = ""
    partial: date | None = None
    """The current, incomplete day; lighter."""
    notes: Sequence[Note] = field(default=())


def by_day(
    key: str, title: str, series: Sequence[Series], span: Days, *, href: Any, note: str, method: str = ""
) -> Chart:
    """Draw counts by day as stacked bars.

    Args:
        series: At most eight, in the order of the stack from below.
        href: Function of (day, series or None) that gives the address of the posts counted.
    """
    return Chart(
        key=key,
        title=title,
        spec=_days_spec(series, span, href),
        columns=[
            Column(gettext("Day")),
            *(Column(s.text, numeric=True) for s in series),
            Column(gettext("Total"), numeric=True),
        ],
        rows=[_day_row(day, series, href) for day in span.days],
        legend=[Entry(s.text, s.colour) for s in series] if len(series) > 1 else (),
        note=note,
        method=method,
    )


def _day_row(day: date, series: Sequence[Series], href: Any) -> list[Cell]:
    counts = [one.counts.get(day, 0) for one in series]
    cells = [
        Cell(formats.number(n), href(day, one) if n else "", numeric=True)
        for n, one in zip(counts, series, strict=True)
    ]
    total = sum(counts)
    return [
        Cell(formats.day(day, "medium")),
        *cells,
        Cell(formats.number(total), href(day, None) if total else "", numeric=True),
    ]


def _days_spec(series: Sequence[Series], span: Days, href: Any) -> Spec:
    top = max((sum(s.counts.get(day, 0) for s in series) for day in span.days), default=0)
    ceiling = max(top, 1) * (NOTE_ROOM if span.notes else 1)
    layers = [_gap_layer(span, ceiling)] if span.gaps else []
    layers.append(_bar_layer(series, span, href, ceiling))
    layers += [_note_layer(span)] if span.notes else []
    return {
        "$schema": SCHEMA,
        "width": "container",
        "height": DAY_HEIGHT,
        "autosize": {"type": "fit-x", "contains": "padding"},
        "layer": layers,
    }


def x_of_days(span: Days) -> Spec:
    """Lay the window out from its first day to the end of its last, whether or not something was counted there."""
    edges = (span.days[0], span.days[-1] + timedelta(days=1))
    shown: Spec = {"title": None, "format": "%-d %b", "labelOverlap": "greedy", "labelFlush": False, "grid": False}
    return {
        "field": "day",
        "type": "temporal",
        "timeUnit": "utcyearmonthdate",
        "scale": {"type": "utc", "domain": [_date_time(day) for day in edges], "nice": False},
        "axis": {**shown, "tickCount": min(len(span.days), 8)},
    }


def _date_time(day: date) -> Spec:
    return {"year": day.year, "month": day.month, "date": day.day, "utc": True}


def _y_of_counts(ceiling: float) -> Spec:
    # Counts are whole: more ticks than the highest of them would be written twice.
    axis = {"title": None, "tickCount": max(1, min(4, int(ceiling))), "format": ",d", "tickMinStep": 1}
    return {"type": "quantitative", "axis": axis, "scale": {"domain": [0, ceiling], "nice": False}}


def _bar_layer(series: Sequence[Series], span: Days, href: Any, ceiling: float) -> Spec:
    values = [
        {
            "day": day.isoformat(),
            "series": one.text,
            "rank": rank,
            "n": one.counts[day],
            "href": href(day, one),
            "partial": day == span.partial,
        }
        for rank, one in enumerate(series)
        for day in span.days
        if one.counts.get(day)
    ]
    return {
        "data": {"values": values},
        "mark": {"type": "bar", "cursor": "pointer", "binSpacing": 2},
        "encoding": {
            "x": x_of_days(span),
            "y": {"field": "n", "aggregate": "sum", **_y_of_counts(ceiling)},
            "color": {
                "field": "series",
                "type": "nominal",
                "scale": {"domain": [s.text for s in series], "range": [f"token:{s.token}" for s in series]},
                "legend": None,
            },
            "order": {"field": "rank", "type": "ordinal"},
            "opacity": {"condition": {"test": "datum.partial", "value": 0.55}, "value": 1},
            "href": {"field": "href", "type": "nominal"},
            "tooltip": [
                {
                    "field": "day",
                    "type": "temporal",
                    "timeUnit": "utcyearmonthdate",
                    "format": "%-d %B",
                    "title": gettext("Day"),
                },
                {"field": "series", "type": "nominal", "title": gettext("Which")},
                {"field": "n", "type": "quantitative", "format": ",d", "title": gettext("Mentions")},
            ],
            "detail": {"field": "partial", "type": "nominal"},
        },
    }


def _gap_layer(span: Days, ceiling: float) -> Spec:
    """Rectangles behind the bars of days that were not wholly heard; the script hatches what is called `gaps`."""
    return {
        "name": "gaps",
        "data": {"values": [{"day": day.isoformat(), "top": ceiling, "text": span.gap_text} for day in span.gaps]},
        "mark": {"type": "bar", "color": "token:neutral-soft", "binSpacing": 0},
        "encoding": {
            "x": x_of_days(span),
            "y": {"field": "top", **_y_of_counts(ceiling)},
            "tooltip": {"field": "text", "type": "nominal"},
        },
    }


def _note_layer(span: Days) -> Spec:
    """Draw a mark above the bars for each note, its text on the side where there is more room."""
    late = [note for note in span.notes if note.day > span.days[len(span.days) // 2]]
    early = [note for note in span.notes if note not in late]
    texts = [_text_layer(early, span, align="left", dx=5), _text_layer(late, span, align="right", dx=-5)]
    rule = {"mark": {"type": "rule", "color": "token:ink-2", "y": 0, "y2": 20}}
    return {
        "layer": [
            {"data": {"values": _note_values(span.notes)}, "encoding": {"x": _x_of_notes(span)}, **rule},
            *(layer for layer, notes in zip(texts, (early, late), strict=True) if notes),
        ]
    }


def _note_values(notes: Sequence[Note]) -> list[Spec]:
    return [{"day": note.day.isoformat(), "text": note.text} for note in notes]


def _x_of_notes(span: Days) -> Spec:
    return {**x_of_days(span), "bandPosition": 0.5}


def _text_layer(notes: Sequence[Note], span: Days, **mark: Any) -> Spec:
    return {
        "data": {"values": _note_values(notes)},
        "mark": {"type": "text", "y": 2, "fontWeight": 600, "baseline": "top", **mark},
        "encoding": {"x": _x_of_notes(span), "text": {"field": "text", "type": "nominal"}},
    }


@dataclass(frozen=True, slots=True)
class Share:
    """One bar: a subject's share, in 0-1, with its interval at 95 % when it is known."""

    text: str
    ratio: float
    n: int
    href: str
    low: float | None = None
    high: float | None = None
    is_others: bool = False
    """Whether it adds up the rest; grey then."""


LABEL_ROOM = 1.25
"""Length of the axis for the longest bar: beside it stands its share, a fifth of a chart 180 pixels wide."""


def shares(
    key: str, title: str, bars: Sequence[Share], *, note: str, unit: str = "", method: str = "", counted: str = ""
) -> Chart:
    """Draw shares as horizontal bars with whiskers."""
    rows = [
        [
            Cell(bar.text),
            Cell(formats.percent(bar.ratio), numeric=True),
            Cell(_interval(bar), numeric=True),
            Cell(formats.number(bar.n), bar.href, numeric=True),
        ]
        for bar in bars
    ]
    return Chart(
        key=key,
        title=title,
        spec=_shares_spec(bars, _share_colours(bars)),
        columns=[
            Column(gettext("Which")),
            Column(gettext("Share"), True),
            Column(gettext("Interval at 95%"), True),
            Column(counted or gettext("Mentions"), True),
        ],
        rows=rows,
        note=note,
        unit=unit,
        method=method,
        height_class="",
    )


def amounts(key: str, title: str, bars: Sequence[Share], *, note: str, unit: str, method: str) -> Chart:
    """Draw how many mentions have each value, as bars of one colour; what has none is grey."""
    rows = [
        [
            Cell(bar.text),
            Cell(formats.percent(bar.ratio), numeric=True),
            Cell(formats.number(bar.n), bar.href, numeric=True),
        ]
        for bar in bars
    ]
    tokens = [f"token:series-{MAX_SERIES if bar.is_others else 1}" for bar in bars]
    return Chart(
        key=key,
        title=title,
        spec=_shares_spec(bars, {"domain": [bar.text for bar in bars], "range": tokens}),
        columns=[Column(gettext("Which")), Column(gettext("Share"), True), Column(gettext("Mentions"), True)],
        rows=rows,
        note=note,
        unit=unit,
        method=method,
        height_class="",
    )


def _interval(bar: Share) -> str:
    if bar.low is None or bar.high is None:
        return formats.NO_VALUE
    return f"{formats.percent(bar.low)} \u2013 {formats.percent(bar.high)}"


def _shares_spec(bars: Sequence[Share], colours: Spec) -> Spec:
    values = [
        {"text": bar.text, "rank": rank, "ratio": bar.ratio, "low": bar.low, "high": bar.high, "href": bar.href,
         "shown": formats.percent(bar.ratio), "end": max(bar.ratio, bar.high or 0)}
        for rank, bar in enumerate(bars)
    ]  # fmt: skip
    top = max((max(bar.ratio, bar.high or 0) for bar in bars), default=1.0)
    y = {
        "field": "text",
        "type": "nominal",
        "sort": None,
        "axis": {"title": None, "labelFontSize": 12, "labelLimit": 130},
    }
    scale = {"domain": [0, top * LABEL_ROOM or 1]}
    return {
        "$schema": SCHEMA,
        "width": "container",
        "height": {"step": ROW_HEIGHT},
        "data": {"values": values},
        "encoding": {"y": y},
        "layer": [
            {
                "mark": {"type": "bar", "height": 18, "cornerRadiusEnd": 2, "cursor": "pointer"},
                "encoding": {
                    "x": {"field": "ratio", "type": "quantitative", "scale": scale, "axis": None},
                    "color": {"field": "text", "type": "nominal", "legend": None, "scale": colours},
                    "href": {"field": "href", "type": "nominal"},
                    "tooltip": [
                        {"field": "text", "type": "nominal", "title": gettext("Which")},
                        {"field": "shown", "type": "nominal", "title": gettext("Share")},
                    ],
                },
            },
            # A whisker of no length would be a mark that no reader of screens can name.
            *([_WHISKERS] if any(bar.low is not None for bar in bars) else []),
            {
                "mark": {"type": "text", "align": "left", "dx": 6, "fontWeight": 600, "fontSize": 12},
                "encoding": {
                    "x": {"field": "end", "type": "quantitative"},
                    "text": {"field": "shown", "type": "nominal"},
                },
            },
        ],
    }


_WHISKERS: Spec = {
    "mark": {"type": "rule", "color": "token:ink"},
    "encoding": {"x": {"field": "low", "type": "quantitative"}, "x2": {"field": "high"}},
}
"""The layer of intervals."""


def _share_colours(bars: Sequence[Share]) -> Spec:
    tokens = [MAX_SERIES if bar.is_others else min(n, MAX_SERIES) for n, bar in enumerate(bars, start=1)]
    return {"domain": [bar.text for bar in bars], "range": [f"token:series-{n}" for n in tokens]}


def with_others(series: Iterable[Series], others: str) -> list[Series]:
    """Keep the seven largest series in the tokens' order, and add the rest up as the grey eighth."""
    ordered = sorted(series, key=lambda one: -sum(one.counts.values()))
    kept = [Series(s.text, f"series-{n}", s.counts) for n, s in enumerate(ordered[: MAX_SERIES - 1], start=1)]
    rest: dict[date, int] = {}
    for one in ordered[MAX_SERIES - 1 :]:
        for day, n in one.counts.items():
            rest[day] = rest.get(day, 0) + n
    return [*kept, Series(others, f"series-{MAX_SERIES}", rest)] if rest else kept


def sparkline(values: Sequence[float], *, width: int = 96, height: int = 26) -> str:
    """Return the points of a line that fits a small picture, as an SVG `points` attribute."""
    if len(values) < 2:
        return ""
    low, high = min(values), max(values)
    step, pad = (width - 4) / (len(values) - 1), 3
    scale = (height - 2 * pad) / ((high - low) or 1)
    flat = height / 2 if high == low else None
    points = (
        (2 + i * step, flat if flat is not None else height - pad - (value - low) * scale)
        for i, value in enumerate(values)
    )
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)


def vega_locale() -> dict[str, Any]:
    """Return d3's definitions of numbers and dates under the active language."""
    french = formats.language() == "fr"
    months = [format_date(date(2026, m, 1), "MMMM", locale=formats.language()) for m in range(1, 13)]
    short = [format_date(date(2026, m, 1), "MMM", locale=formats.language()) for m in range(1, 13)]
    days = [format_date(date(2026, 3, d), "EEEE", locale=formats.language()) for d in range(1, 8)]
    return {
        "number": {
            "decimal": "," if french else ".",
            "thousands": "\u202f" if french else ",",
            "grouping": [3],
            "currency": ["", ""],
            "percent": "\u202f%" if french else "%",
        },
        "time": {
            "dateTime": "%A %e %B %Y, %X",
            "date": "%d/%m/%Y",
            "time": "%H:%M",
            "periods": ["AM", "PM"],
            "days": days,
            "shortDays": [name[:3] for name in days],
            "months": months,
            "shortMonths": short,
        },
    }
