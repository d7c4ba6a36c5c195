"""The card of a model: what it is, what it was measured on, and what it reached."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

CARDS = Path(__file__).parent / "cards"


@dataclass(frozen=True, slots=True)
class Card:
    """A model's card, as committed; a test measures it again. Figures stand by what was measured, such as `fr`."""

    name: str
    version: str
    date: str
    licence: str
    data: tuple[str, ...]
    measured_on: str
    limits: tuple[str, ...]
    """Sentences: what the figures do not say."""
    posts: Mapping[str, int]
    """Posts measured."""
    macro_f1: Mapping[str, float]
    """0-1."""
    interval: Mapping[str, tuple[float, float]]
    """Of the macro-F1, at 95 %."""
    f1: Mapping[str, Mapping[str, float]]
    """By label."""
    confusion: Mapping[str, Mapping[str, Mapping[str, int]]]
    """Posts by true label, then by label given."""
    calibration_error: Mapping[str, float]
    """Expected, over 15 bins of probability, 0-1; of models that give probabilities."""


@cache
def card(name: str) -> Card:
    """Return the card of a model by its name."""
    values = tomllib.loads((CARDS / f"{name}.toml").read_text("utf-8"))
    measured = values["measured"]
    return Card(
        name=values["name"],
        version=values["version"],
        date=values["date"],
        licence=values["licence"],
        data=tuple(values["data"]),
        measured_on=values["measured_on"],
        limits=tuple(values["limits"]),
        posts={part: found["posts"] for part, found in measured.items()},
        macro_f1={part: found["macro_f1"] for part, found in measured.items()},
        interval={part: (found["interval"][0], found["interval"][1]) for part, found in measured.items()},
        f1={part: found["f1"] for part, found in measured.items()},
        confusion={part: found["confusion"] for part, found in measured.items()},
        calibration_error={
            part: found["calibration_error"] for part, found in measured.items() if "calibration_error" in found
        },
    )


@dataclass(frozen=True, slots=True)
class Sheet:
    """A card as it is written, whatever it measures: what a page shows of any model."""

    name: str
    version: str
    date: str
    kinds: tuple[str, ...]
    """What it labels or finds; empty when the card does not say."""
    sentences: Mapping[str, str]
    """What is told in words: method, what it was tuned and measured on, licence, what the interval is."""
    data: tuple[str, ...]
    limits: tuple[str, ...]
    off: tuple[str, ...]
    """Values that the model could give and does not, as they were measured too low."""
    measured: Mapping[str, Mapping[str, object]]
    """Figures by part, such as `fr_short`, as the card holds them."""


SAID = ("definition", "method", "tuned_on", "measured_on", "interval_is", "licence")
"""What a card tells in words, in the order in which a page shows it."""


@cache
def sheets() -> tuple[Sheet, ...]:
    """Return all cards, by name."""
    return tuple(_sheet(tomllib.loads(path.read_text("utf-8"))) for path in sorted(CARDS.glob("*.toml")))


def _sheet(values: Mapping[str, object]) -> Sheet:
    kinds = values.get("kinds", values.get("kind", ()))
    measured = values.get("measured", {})
    return Sheet(
        name=str(values["name"]),
        version=str(values.get("version", "")),
        date=str(values.get("date", "")),
        kinds=tuple(kinds.split(", ")) if isinstance(kinds, str) else _texts(kinds),
        sentences={key: str(values[key]) for key in SAID if values.get(key)},
        data=_texts(values.get("data", ())),
        limits=_texts(values.get("limits", ())),
        off=_texts(values.get("off", ())),
        measured={key: part for key, part in measured.items() if isinstance(part, dict)}
        if isinstance(measured, dict)
        else {},
    )


def _texts(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,)
    return tuple(str(one) for one in value) if isinstance(value, list | tuple) else ()


@dataclass(frozen=True, slots=True)
class RulesCard:
    """The card of a finder made of rules. Figures are those of French posts; absent while nothing was measured."""

    name: str
    version: str
    measured_on: str
    limits: tuple[str, ...]
    labels: tuple[str, ...]
    off: tuple[str, ...]
    """Labels that are not given, since they were measured under 0.5."""
    posts: int
    macro_f1: float | None
    interval: tuple[float, float] | None
    f1: Mapping[str, float]
    """By label; empty while nothing was measured."""
    f1_interval: Mapping[str, tuple[float, float]]
    precision: Mapping[str, float]
    recall: Mapping[str, float]


@cache
def rules_card(name: str) -> RulesCard:
    """Return the card of a finder made of rules by its name."""
    values = tomllib.loads((CARDS / f"{name}.toml").read_text("utf-8"))
    found = values.get("measured", {}).get("fr", {})
    return RulesCard(
        name=values["name"],
        version=values["version"],
        measured_on=values["measured_on"],
        limits=tuple(values["limits"]),
        labels=tuple(values["labels"]),
        off=tuple(values["off"]),
        posts=found.get("posts", 0),
        macro_f1=found.get("macro_f1"),
        interval=(found["interval"][0], found["interval"][1]) if found else None,
        f1=found.get("f1", {}),
        f1_interval={label: (pair[0], pair[1]) for label, pair in found.get("f1_interval", {}).items()},
        precision=found.get("precision", {}),
        recall=found.get("recall", {}),
    )


def off_by_default(name: str) -> frozenset[str]:
    """Return the labels that a card switches off: those measured under 0.5."""
    return frozenset(rules_card(name).off)
