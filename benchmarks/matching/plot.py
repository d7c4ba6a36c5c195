"""Draw speed by number of queries, and the law µs/post = a + b × matches, as one SVG."""

from collections.abc import Mapping
from pathlib import Path

import altair as alt
import numpy as np
import vl_convert

Points = Mapping[int, tuple[float, float]]
"""By number of queries: matches a post, µs a post."""


def draw(ours: Points, peers: Mapping[str, Mapping[int, float]], target: Path) -> None:
    """Write the drawing; `peers` are posts a second by number of queries, by name. Two sizes at least are needed."""
    target.parent.mkdir(parents=True, exist_ok=True)
    chart = alt.hconcat(_speeds(ours, peers), _law(ours)).resolve_scale(color="independent")
    target.write_text(vl_convert.vegalite_to_svg(chart.to_dict()), "utf-8")


def _speeds(ours: Points, peers: Mapping[str, Mapping[int, float]]) -> alt.Chart:
    series = {"Vigie": {n: 1e6 / micros for n, (_, micros) in ours.items()}, **peers}
    rows = [{"of": name, "n": n, "speed": speed} for name, found in series.items() for n, speed in found.items()]
    return (
        alt.Chart(alt.Data(values=rows), width=360, height=300, title="Posts a second, one core")
        .mark_line(point=True)
        .encode(
            alt.X("n:Q", scale=alt.Scale(type="log"), title="queries"),
            alt.Y("speed:Q", scale=alt.Scale(type="log"), title="posts/s"),
            alt.Color("of:N", sort=list(series), title=None),
        )
    )


def _law(ours: Points) -> alt.LayerChart:
    x, y = np.array(list(ours.values())).T
    b, a = np.polyfit(x, y, 1)
    ends = [{"x": at, "y": a + b * at} for at in (0.0, float(x.max()))]
    points = [{"x": matches, "y": micros} for matches, micros in ours.values()]
    title = f"µs/post = {a:.2f} + {b:.2f} × matches"
    axes = alt.X("x:Q", title="matches a post"), alt.Y("y:Q", title="µs a post")
    line = alt.Chart(alt.Data(values=ends), width=300, height=300, title=title).mark_line(strokeDash=[4, 4])
    return line.encode(*axes) + alt.Chart(alt.Data(values=points)).mark_point(filled=True, size=60).encode(*axes)
