"""The style sheet: contrast of the tokens; nothing inline in any template."""

import re
from pathlib import Path

import pytest

WEB = Path(__file__).parents[2] / "src" / "vigie" / "web"
CSS = (WEB / "static" / "vigie" / "vigie.css").read_text(encoding="utf-8")
TOKENS = {name: (light, dark) for name, light, dark in re.findall(r"--([\w-]+): light-dark\((#\w{6}), (#\w{6})\)", CSS)}

TEXT_ON = [
    *((text, ground) for ground in ("bg", "surface", "sunken", "brand-soft") for text in ("ink", "ink-2", "link")),
    *((tone, f"{tone}-soft") for tone in ("negative", "positive", "warning", "safety", "brand")),
    *((text, "surface") for text in ("ink-3", "negative", "positive", "brand")),
    *(("ink-3", ground) for ground in ("bg", "sunken")),
    ("ink-2", "neutral-soft"),
    ("on-brand", "brand"),
    ("ink", "mark"),
    ("bg", "ink"),
    ("surface", "negative"),
    ("negative", "bg"),
]
"""Pairs that text is set in."""

MARKS_ON = [(f"series-{n}", "surface") for n in range(1, 9)] + [
    ("line-strong", "surface"), ("focus", "surface"), ("focus", "bg"), ("neutral", "surface"), ("positive", "surface"),
    ("negative", "surface"), ("warning", "surface"), ("safety", "surface"),
]  # fmt: skip
"""Pairs of graphic marks, borders of controls and the focus ring."""


def luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.2)."""
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), TEXT_ON)
def test_text_has_contrast(theme: int, text: str, ground: str) -> None:
    assert contrast(TOKENS[text][theme], TOKENS[ground][theme]) >= 4.5


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("mark", "ground"), MARKS_ON)
def test_mark_has_contrast(theme: int, mark: str, ground: str) -> None:
    assert contrast(TOKENS[mark][theme], TOKENS[ground][theme]) >= 3


def test_colours_stand_in_tokens_alone() -> None:
    rules = CSS[CSS.index("/* ── Ground") :]
    found = set(re.findall(r"#[0-9a-f]{3,8}\b", rules)) - {"#ffffff"}
    assert found == set()


def test_only_three_weights_are_used() -> None:
    assert set(re.findall(r"font-weight: (\d+)", CSS)) <= {"400", "600", "650"}


@pytest.mark.parametrize("path", sorted((WEB / "templates").rglob("*.html")), ids=lambda path: path.name)
def test_template_holds_nothing_inline(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert re.findall(r"<style|\sstyle=|\son[a-z]+=|javascript:", text) == []
    assert [tag for tag in re.findall(r"<script[^>]*>", text) if "src=" not in tag] == []
    assert re.search(r"\|\s*safe\b|autoescape off", text) is None
