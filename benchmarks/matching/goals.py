"""The goals of the query language, and whether a run met them: ratios decide, as a machine's speed is not ours.

Source: performance reference §2 (matching, memory, batches), §3 (tagging); the query language's issue (starts, changes,
back-fill, preview). Absolute figures are of an idle machine of the project's kind; printed as met or not, they decide
nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass

Figures = Mapping[str, float]
"""What was measured, by name."""


@dataclass(frozen=True, slots=True)
class Goal:
    """A figure to reach; `figure` names what was measured."""

    figure: str
    text: str
    unit: str
    ship: float | None
    """None: the figure stands beside the one before it and has no goal of its own."""
    aim: float | None = None
    at_least: bool = True
    is_ratio: bool = False

    def said(self, value: float | None) -> str:
        """Return a value as the table shows it."""
        if value is None:
            return "—"
        shown = f"{value:,.0f}" if value >= 100 else f"{value:,.2f}".rstrip("0").rstrip(".")  # noqa: PLR2004 -- no decimals
        return f"{shown} {self.unit}"

    def bound(self, value: float | None) -> str:
        """Return a bound as the table shows it."""
        return "—" if value is None else f"{'≥' if self.at_least else '≤'} {self.said(value)}"

    def is_met(self, figures: Figures) -> bool | None:
        """Say whether a run met it; nothing when there is no goal or nothing was measured."""
        value = figures.get(self.figure)
        if value is None or self.ship is None:
            return None
        return value >= self.ship if self.at_least else value <= self.ship


GOALS = (
    Goal("speed 1000", "1,000 queries, spellings known", "posts/s", 150_000, 250_000),
    Goal("speed 1000 new", "  posts with spellings never met", "posts/s", None),
    Goal("speed 1000 first", "  the first posts of a process", "posts/s", None),
    Goal("× compiled 1000", "  against pure Python", "×", 18, is_ratio=True),
    Goal("× compiled 1000 first", "  the first posts of a process against pure Python", "×", None),
    Goal("time 10000", "10,000 queries: times the time of 1,000", "×", 5, 3.5, at_least=False, is_ratio=True),
    Goal("speed 10000", "  spellings known", "posts/s", None),
    Goal("speed 10000 first", "  the first posts of a process", "posts/s", None),
    Goal("time of words", "1,000 queries: times the time of cutting words", "×", 5, 3, at_least=False, is_ratio=True),
    Goal("× Tantivy 1000", "1,000 queries against Tantivy", "×", 30, 60, is_ratio=True),
    Goal("× Tantivy 10000", "10,000 queries against Tantivy", "×", 30, 60, is_ratio=True),
    Goal("× Lucene Monitor 1000", "1,000 queries against Lucene Monitor", "×", 45, 90, is_ratio=True),
    Goal("× Lucene Monitor 10000", "10,000 queries against Lucene Monitor", "×", 45, 90, is_ratio=True),
    Goal("MB a thousand", "memory of 1,000 queries more", "MB", 1, at_least=False),
    Goal("MB fixed", "memory of the engine itself", "MB", 60, at_least=False),
    Goal("ms of 1", "one post, 1,000 queries", "ms", 1, at_least=False),
    Goal("ms of 100", "100 posts, 1,000 queries", "ms", 2, at_least=False),
    Goal("start warm", "start with 10,000 queries, as the last one left them", "s", 2, at_least=False),
    Goal("start anew", "  nothing kept: read and compiled", "s", None, at_least=False),
    Goal("start cold", "  the kernels too", "s", None, at_least=False),
    Goal("ms added", "one query added to 10,000", "ms", 50, at_least=False),
    Goal("tagging", "tagging by 30,000 phrases, words cut for matching", "posts/s", 300_000),
    Goal("back-fill", "one new query over a million archived posts", "posts/s", 300_000),
    Goal("preview", "its preview exact at a million posts", "s", 3, at_least=False),
)  # fmt: skip


def table(figures: Figures) -> str:
    """Return every goal beside what was measured; † marks the ratios, which decide."""
    met = {True: "met", False: "NOT MET", None: ""}
    rows = [("goal", "ship at", "aim at", "measured", "met")]
    for goal in GOALS:
        value = figures.get(goal.figure)
        verdict = "not measured" if value is None else met[goal.is_met(figures)]
        text = f"{goal.text} †" if goal.is_ratio else goal.text
        rows.append((text, goal.bound(goal.ship), goal.bound(goal.aim), goal.said(value), verdict))
    widths = [max(len(row[n]) for row in rows) for n in range(len(rows[0]))]
    lines = [" | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    lines.insert(1, "-|-".join("-" * width for width in widths))
    return "\n".join(lines)


def missed(figures: Figures, *, all_of_them: bool) -> list[str]:
    """Return the ratios that a run did not meet; when all are due, those that were not measured too."""
    verdicts = {goal.text.strip(): goal.is_met(figures) for goal in GOALS if goal.is_ratio}
    return [text for text, met in verdicts.items() if met is False or (met is None and all_of_them)]
