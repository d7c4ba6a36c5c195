"""Model cards as tables: whatever figures a card holds, part by part."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from vigie.enrich.card import Sheet
from vigie.schema.vocab import FindingKind
from vigie.web import formats
from vigie.web.words import INTENTS, SPEAKERS, TONES

COLUMNS: Mapping[str, str | Promise] = {
    "posts": gettext_lazy("Posts"), "sentences": gettext_lazy("Sentences"), "texts": gettext_lazy("Texts"),
    "with_an_effect": gettext_lazy("With an effect"), "marked": gettext_lazy("Marked"), "found": gettext_lazy("Found"),
    "macro_f1": gettext_lazy("Macro-F1"), "interval": gettext_lazy("Interval at 95%"), "mean_right": gettext_lazy("Mean share right"),
    "accuracy": gettext_lazy("Share right"), "precision": gettext_lazy("Precision"), "recall": gettext_lazy("Recall"),
    "f1": "F1", "f1_rules_alone": gettext_lazy("F1, rules alone"), "exact_recall": gettext_lazy("Recall, exact places"),
    "f1_interval": gettext_lazy("F1, interval"), "precision_interval": gettext_lazy("Precision, interval"),
    "recall_interval": gettext_lazy("Recall, interval"), "precision_of": gettext_lazy("Right, of those given"),
    "recall_of": gettext_lazy("Given, of those right"),
    "calibration_error": gettext_lazy("Calibration error"), "right": gettext_lazy("Right"),
}  # fmt: skip
"""Figures that have a name, in the order in which they stand; others stand after them, as the card calls them."""

PARTS: Mapping[str, str | Promise] = {
    "all": gettext_lazy("All"), "short": gettext_lazy("Short texts"), "no_tweets": gettext_lazy("No tweets"),
    "fr": gettext_lazy("French"), "fr_short": gettext_lazy("French, short"), "fr_long": gettext_lazy("French, long"),
    "fr_negated": gettext_lazy("French, with a negation"), "fr_not_negated": gettext_lazy("French, without negation"),
    "en": gettext_lazy("English"), "en_short": gettext_lazy("English, short"), "en_long": gettext_lazy("English, long"),
    "en_negated": gettext_lazy("English, with a negation"), "en_not_negated": gettext_lazy("English, without negation"),
    "en_drug_reviews": gettext_lazy("English reviews of medicines"),
    "psytar_test": gettext_lazy("English reviews of medicines (PsyTAR), test"),
    "psytar_folds_rules": gettext_lazy("PsyTAR, folds, rules alone"),
    "psytar_folds_rules_and_model": gettext_lazy("PsyTAR, folds, rules and model"),
    "phee_test_drugs_base_alone": gettext_lazy("English case reports (PHEE), medicines, drug base alone"),
    "phee_test_drugs": gettext_lazy("PHEE, medicines"),
    "phee_test_effects_lists_alone": gettext_lazy("English case reports (PHEE), effects, lists alone"),
    "phee_test_effects": gettext_lazy("PHEE, effects"),
}  # fmt: skip
"""Parts of cards that have a name; of the French set: `MARKED`."""

MARKED: Mapping[str, Promise] = {
    "drugs": gettext_lazy("Medicines"), "reactions": gettext_lazy("Effects"), "conditions": gettext_lazy("Illnesses"),
    "reactions_negated": gettext_lazy("Effects: denied"), "reactions_hypothetical": gettext_lazy("Effects: supposed"),
    "reactions_past": gettext_lazy("Effects: past"), "reactions_of_another": gettext_lazy("Effects: somebody else's"),
}  # fmt: skip
"""What is marked in the French texts of health (`enrich.cards.marked`)."""

SETS: Mapping[str, Promise] = {
    "fr": gettext_lazy("French texts, not seen"), "fr_first": gettext_lazy("First French texts, when not seen"),
    "fr_dev": gettext_lazy("First French texts, once looked at"),
}  # fmt: skip
"""The sets of French texts, as their parts begin."""

ABOUT: Mapping[str, tuple[str, ...]] = {
    FindingKind.DRUG.value: ("drugs",), FindingKind.REACTION.value: ("reactions", "effects", "psytar"),
    FindingKind.CONDITION.value: ("conditions",), FindingKind.DEVICE.value: ("devices",),
}  # fmt: skip
"""Words in the names of parts that are about one kind, where a card holds several."""

LEFT_OUT = ("confusion", "macro_f1_by_seed")
"""What a card holds for whoever checks it, and a page has no room for."""

SENTENCES: Mapping[str, Promise] = {
    "definition": gettext_lazy("What it tells"), "method": gettext_lazy("How"), "tuned_on": gettext_lazy("Tuned on"),
    "measured_on": gettext_lazy("Measured on"), "interval_is": gettext_lazy("The interval is"),
    "licence": pgettext_lazy("of data", "Licence"),
}  # fmt: skip

LABELS: Mapping[str, Promise] = {**TONES, **SPEAKERS, **INTENTS}
"""Values of which cards give figures."""

WIDEST = 12
"""Values of one cell: more are told by the card's file alone."""


@dataclass(frozen=True, slots=True)
class Table:
    """The figures of a card."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[str, ...]], ...]
    """Part, then its figures as texts; what a part does not have is a dash."""


def table(sheet: Sheet, kind: str = "") -> Table | None:
    """Return the figures of a card, those about one kind when one is given; absent when nothing was measured."""
    measured = {name: part for name, part in sheet.measured.items() if _is_about(name, kind)}
    keys = dict.fromkeys(key for part in measured.values() for key in part if key not in LEFT_OUT)
    if not keys:
        return None
    ordered = [key for key in COLUMNS if key in keys] + [key for key in keys if key not in COLUMNS]
    columns = tuple(str(COLUMNS.get(key, key.replace("_", " "))) for key in ordered)
    rows = tuple((part_name(name), tuple(_text(part.get(key)) for key in ordered)) for name, part in measured.items())
    return Table(columns, rows)


def _is_about(name: str, kind: str) -> bool:
    return kind not in ABOUT or any(word in name for word in ABOUT[kind])


def part_name(name: str) -> str:
    """Name a part of a card; one that has no name is called as the card calls it."""
    head = next((one for one in ("fr_first", "fr_dev", "fr") if name.startswith(f"{one}_")), "")
    if name not in PARTS and name.removeprefix(f"{head}_") in MARKED:
        return _("%(what)s (%(set)s)") % {"what": MARKED[name.removeprefix(f"{head}_")], "set": SETS[head]}
    return str(PARTS.get(name, name.replace("_", " ")))


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
        return " · ".join(f"{_called(name)} {_text(one)}" for name, one in list(value.items())[:WIDEST])
    return str(value)


def _called(value: str) -> str:
    """Name a label in the language of the page; a language keeps its code."""
    return str(LABELS.get(value, value))


def sentences(sheet: Sheet) -> list[tuple[str, str]]:
    """Return what a card tells in words, each with its name."""
    return [(str(SENTENCES[key]), text) for key, text in sheet.sentences.items()]


def nothing() -> str:
    """Say that a figure was not measured."""
    return _("not measured")
