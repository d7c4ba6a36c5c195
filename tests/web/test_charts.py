"""Charts are valid Vega-Lite, say what they count, and open their posts."""

from datetime import date, timedelta
from typing import Any

import altair as alt
from django.utils import translation

from vigie.web import charts

DAYS = [date(2026, 10, 1) + timedelta(days=n) for n in range(30)]
SERIES = [
    charts.Series("négatif", "negative", {DAYS[0]: 4, DAYS[3]: 7}),
    charts.Series("neutre", "series-8", {DAYS[0]: 9}),
]


def address(day: date, series: charts.Series | None) -> str:
    return f"/mentions/?day={day}&series={series.text if series else ''}"


def daily(**more: Any) -> charts.Chart:
    span = charts.Days(days=DAYS, **more)
    with translation.override("fr"):
        return charts.by_day("daily", "Mentions par jour", SERIES, span, href=address, note="20 mentions.")


def valid(spec: dict[str, Any]) -> bool:
    """Hold a specification against Altair's schema; it raises with what is wrong."""
    chart = alt.Chart.from_dict({key: value for key, value in spec.items() if key != "$schema"})
    return bool(chart.to_dict())


def values(spec: Any) -> list[dict[str, Any]]:
    """Collect the rows of every layer."""
    if isinstance(spec, list):
        return [row for item in spec for row in values(item)]
    if not isinstance(spec, dict):
        return []
    own = spec.get("data", {}).get("values", []) if isinstance(spec.get("data"), dict) else []
    return [*own, *values(spec.get("layer", []))]


def test_chart_by_day_is_valid_with_gaps_notes_and_a_partial_day() -> None:
    notes = [charts.Note(DAYS[2], "tôt"), charts.Note(DAYS[20], "tard")]
    assert valid(daily(gaps=[DAYS[5]], gap_text="2 espaces muets", partial=DAYS[-1], notes=notes).spec)
    assert valid(daily().spec)


def test_chart_by_day_of_nothing_is_valid() -> None:
    chart = charts.by_day("d", "t", [], charts.Days(days=DAYS), href=address, note="")
    assert valid(chart.spec)
    assert chart.rows[0][-1] == charts.Cell("0", "", numeric=True)


def test_every_bar_and_every_cell_opens_its_posts() -> None:
    chart = daily()
    assert [row["href"] for row in values(chart.spec)] == [
        address(DAYS[0], SERIES[0]),
        address(DAYS[3], SERIES[0]),
        address(DAYS[0], SERIES[1]),
    ]
    assert [cell.href for cell in chart.rows[0][1:]] == [
        address(DAYS[0], SERIES[0]),
        address(DAYS[0], SERIES[1]),
        address(DAYS[0], None),
    ]


def test_table_of_a_chart_holds_every_day_and_its_total() -> None:
    chart = daily()
    assert len(chart.rows) == 30
    assert [cell.text for cell in chart.rows[0]] == ["1ᵉʳ oct. 2026", "4", "9", "13"]
    assert [cell.text for cell in chart.rows[1]] == ["2 oct. 2026", "0", "0", "0"]


def test_colours_of_a_specification_are_tokens() -> None:
    encoding = daily().spec["layer"][0]["encoding"]["color"]["scale"]
    assert encoding == {"domain": ["négatif", "neutre"], "range": ["token:negative", "token:series-8"]}


def test_chart_of_shares_is_valid_and_its_others_are_grey() -> None:
    bars = [charts.Share("Vaubrun", 0.6, 6, "/a", 0.3, 0.8), charts.Share("Autres", 0.4, 4, "/b", is_others=True)]
    with translation.override("fr"):
        chart = charts.shares("voice", "Part de voix", bars, note="10 mentions.")
    assert valid(chart.spec)
    assert charts._share_colours(bars)["range"] == ["token:series-1", "token:series-8"]
    assert [cell.text for cell in chart.rows[0]] == ["Vaubrun", "60\u202f%", "30\u202f% – 80\u202f%", "6"]
    assert chart.rows[1][2].text == "–"


def test_chart_of_amounts_is_valid_of_one_colour_and_has_no_whiskers() -> None:
    bars = [charts.Share("patient", 0.5, 2, "/a"), charts.Share("inconnu", 0.5, 2, "/b", is_others=True)]
    with translation.override("fr"):
        chart = charts.amounts("who", "Qui parle", bars, note="4 citations.", unit="part", method="/methods/")
    assert valid(chart.spec)
    assert [layer["mark"]["type"] for layer in chart.spec["layer"]] == ["bar", "text"]
    colours = chart.spec["layer"][0]["encoding"]["color"]["scale"]["range"]
    assert colours == ["token:series-1", f"token:series-{charts.MAX_SERIES}"]
    assert [[cell.text for cell in row][::2] for row in chart.rows] == [["patient", "2"], ["inconnu", "2"]]


def test_with_others_keeps_seven_and_adds_up_the_rest() -> None:
    many = [charts.Series(f"s{n}", "", {DAYS[0]: n}) for n in range(1, 11)]
    kept = charts.with_others(many, "autres")
    assert [one.text for one in kept] == ["s10", "s9", "s8", "s7", "s6", "s5", "s4", "autres"]
    assert kept[-1] == charts.Series("autres", "series-8", {DAYS[0]: 6})


def test_sparkline_fits_its_picture() -> None:
    points = [tuple(map(float, pair.split(","))) for pair in charts.sparkline([3, 9, 3]).split()]
    assert points == [(2.0, 23.0), (48.0, 3.0), (94.0, 23.0)]
    assert charts.sparkline([5]) == ""
    assert charts.sparkline([5, 5]) == "2.0,13.0 94.0,13.0"
