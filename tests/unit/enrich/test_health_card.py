"""The figures of the health card are those that the committed lists and model reach, and they reach their goals."""

import tomllib
from pathlib import Path
from typing import Any

import pytest
from support.shared import shared_path

from vigie.enrich.card import CARDS
from vigie.enrich.cards import marked
from vigie.enrich.health.finder import HealthFinder
from vigie.enrich.health.sentences import committed, load
from vigie.enrich.health.table import learnt_rows
from vigie.enrich.training import health, health_measuring, health_names
from vigie.text.lexicon import Lexicon

MEASURED = Path(__file__).parents[2] / "measured"
FRENCH = {"fr": MEASURED / "health-fr-2.tsv", "fr_dev": MEASURED / "health-fr.tsv"}
"""The set that the rules have not seen, which may not be there yet, and the one they were improved on."""

FIRST = "fr_first_"
"""Sections of what version 1 reached on a set it had not seen: they stay as they are."""


@pytest.fixture(scope="module")
def measured() -> dict[str, Any]:
    return dict(tomllib.loads((CARDS / "health.toml").read_text("utf-8"))["measured"])


def test_goals_are_reached(measured: dict[str, Any]) -> None:
    assert measured["psytar_test"]["f1"] >= 0.74
    assert measured["phee_test_drugs_base_alone"]["recall"] >= 0.55
    assert measured["phee_test_drugs"]["f1"] >= 0.70


def test_the_card_is_what_is_measured(measured: dict[str, Any]) -> None:
    again = health_measuring.parts(shared_path("data"), committed())
    assert again.keys() == {name for name in measured if not name.startswith("fr_")}
    for name, found in again.items():
        for figure, value in found.items():
            assert value == pytest.approx(measured[name][figure], abs=0.003), (name, figure)


@pytest.mark.parametrize("prefix", FRENCH)
def test_french_figures_are_what_is_measured(measured: dict[str, Any], prefix: str) -> None:
    if not FRENCH[prefix].is_file():
        assert not [name for name in measured if _set_of(name) == prefix]
        pytest.skip("not measured: the set is not there")
    again = marked.measured(FRENCH[prefix], prefix)
    assert again.keys() == {name for name in measured if _set_of(name) == prefix}
    for name, found in again.items():
        for figure, value in found.items():
            assert value == pytest.approx(measured[name][figure], abs=0.0005), (name, figure)


def _set_of(name: str) -> str:
    """Return the prefix of a French section."""
    return next((one for one in (FIRST, "fr_dev", "fr") if name.startswith(one)), "")


@pytest.mark.parametrize("prefix", ["fr", "fr_first", "fr_dev"])
def test_french_medicines_reach_their_goal(measured: dict[str, Any], prefix: str) -> None:
    assert measured[f"{prefix}_drugs"]["f1"] >= 0.85
    assert measured[f"{prefix}_reactions"]["precision"] >= 0.6


def test_french_effects_reach_their_goal_on_texts_that_the_rules_had_not_seen(measured: dict[str, Any]) -> None:
    assert measured["fr_reactions"]["recall"] >= 0.7
    assert measured["fr_reactions"]["precision"] >= 0.6


def test_marks_are_read_as_places() -> None:
    text, places = marked.parted("J'ai [[reaction/past,other|mal]] sous [[drug|Tahor]]")
    assert text == "J'ai mal sous Tahor"
    assert [(p.kind, text[p.start : p.end], sorted(p.flags)) for p in places] == [
        ("reaction", "mal", ["of_another", "past"]), ("drug", "Tahor", []),
    ]  # fmt: skip


@pytest.mark.parametrize("text", ["[[reactoin|mal]]", "[[drug|Tahor", "un [[drug|]] vide"])
def test_a_mark_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="can't be read"):
        marked.parted(text)


def test_training_gives_the_committed_model_and_the_same_bytes_twice(tmp_path: Any) -> None:
    folder = shared_path("data")
    for n in ("once", "twice"):
        health.save(health.train(folder), tmp_path / f"{n}.npz")
    assert (tmp_path / "once.npz").read_bytes() == (tmp_path / "twice.npz").read_bytes()
    assert (tmp_path / "once.npz").stat().st_size < 1_000_000
    told = health.sentences(folder, "dev")
    given = health.read(told.texts, HealthFinder(sentences=None), Lexicon())
    again = health.holds(load(tmp_path / "once.npz"), given)
    assert (again == health.holds(committed(), given)).mean() > 0.99


def test_the_learnt_names_are_those_of_the_training_sentences() -> None:
    names = {name for name, _ in health_names.learnt(shared_path("data"))}
    assert names == {name for kind in (health_names.DRUG, health_names.EFFECT) for name, _ in learnt_rows(kind)}
