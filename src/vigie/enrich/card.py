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


def off_by_default(name: str) -> frozenset[str]:
    """Return the labels that a card switches off: those measured under 0.5."""
    found = tomllib.loads((CARDS / f"{name}.toml").read_text("utf-8"))
    return frozenset(found["off"])
