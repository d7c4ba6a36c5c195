"""Model cards as tables: whatever figures a card holds, part by part."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from vigie.enrich.card import Sheet
from vigie.web import formats

COLUMNS: Mapping[str, str | Promise] = {
    "posts": gettext_lazy("Posts"), "sentences": gettext_lazy("Sentences"), "texts": gettext_lazy("Texts"),
    "macro_f1": gettext_lazy("Macro-F1"), "interval": gettext_lazy("Interval at 95%"), "mean_right": gettext_lazy("Mean share right"),
    "accuracy": gettext_lazy("Share right"), "precision": gettext_lazy("Precision"), "recall": gettext_lazy("Recall"),
    "f1": "F1", "calibration_error": gettext_lazy("Calibration error"), "right": gettext_lazy("Right"),
}  # fmt: skip
"""Figures that have a name, in the order in which they stand; others stand after them, as the card calls them."""

LEFT_OUT = ("confusion", "macro_f1_by_seed")
"""What a card holds for whoever checks it, and a page has no room for."""

SENTENCES: Mapping[str, Promise] = {
    "definition": gettext_lazy("What it tells"), "method": gettext_lazy("How"), "tuned_on": gettext_lazy("Tuned on"),
    "measured_on": gettext_lazy("Measured on"), "interval_is": gettext_lazy("The interval is"),
    "licence": pgettext_lazy("of data", "Licence"),
}  # fmt: skip

WIDEST = 12
"""Values of one cell: more are told by the card's file alone."""


@dataclass(frozen=True, slots=True)
class Table:
    """The figures of a card."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[str, ...]], ...]
    """Part, then its figures as texts; what a part does not have is a dash."""


def table(sheet: Sheet) -> Table | None:
    """Return the figures of a card; absent when nothing was measured."""
    keys = dict.fromkeys(key for part in sheet.measured.values() for key in part if key not in LEFT_OUT)
    if not keys:
        return None
    ordered = [key for key in COLUMNS if key in keys] + [key for key in keys if key not in COLUMNS]
    columns = tuple(str(COLUMNS.get(key, key.replace("_", " "))) for key in ordered)
    rows = tuple(
        (name.replace("_", " "), tuple(_text(part.get(key)) for key in ordered))
        for name, part in sheet.measured.items()
    )
    return Table(columns, rows)


def _text(value: Any) -> str:
    if value is None:
        return formats.NO_VALUE
    if isinstance(value, bool | str):
        return str(value)
    if isinstance(value, int):
        return formats.number(value)
    if isinstance(value, float):
        return formats.number(value, 3)
    if isinstance(value, list):
        return " – ".join(_text(one) for one in value[:WIDEST])
    if isinstance(value, dict):
        return " · ".join(f"{name} {_text(one)}" for name, one in list(value.items())[:WIDEST])
    return str(value)


def sentences(sheet: Sheet) -> list[tuple[str, str]]:
    """Return what a card tells in words, each with its name."""
    return [(str(SENTENCES[key]), text) for key, text in sheet.sentences.items()]


def nothing() -> str:
    """Say that a figure was not measured."""
    return _("not measured")
