"""Figures of our own labels as tables show them."""

from typing import Any

from vigie.measure.judged import Judged, Part
from vigie.schema.vocab import LabelKind
from vigie.server.queries.annotation import CLOSED
from vigie.web.words import finding_name, language_name, word

VALUES_SHOWN = 20
"""Rows of a table of values: those that people found most."""


def shown(kind: str, judged: Judged) -> dict[str, Any]:
    """Return what a page shows of figures: the whole, then value by value."""
    parts = sorted(judged.parts, key=lambda part: -part.true) if kind not in CLOSED else judged.parts
    return {
        "judged": judged,
        "parts": [{"name": value_name(kind, part), "part": part} for part in parts[:VALUES_SHOWN]],
        "has_many": kind != LabelKind.TONE and kind != LabelKind.LANGUAGE,
    }


def value_name(kind: str, part: Part) -> str:
    """Return what the value of a row is called."""
    if kind == LabelKind.TONE:
        return word(part.value, "tone")
    return language_name(part.value) if kind == LabelKind.LANGUAGE else finding_name(kind, part.value)
