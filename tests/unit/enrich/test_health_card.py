"""The figures of the health card are those that the committed lists and model reach, and they reach their goals."""

import tomllib
from typing import Any

import pytest
from support.shared import shared_path

from vigie.enrich.card import CARDS
from vigie.enrich.health.finder import HealthFinder
from vigie.enrich.health.sentences import committed, load
from vigie.enrich.health.table import learnt_rows
from vigie.enrich.training import health, health_measuring, health_names
from vigie.text.lexicon import Lexicon


@pytest.fixture(scope="module")
def measured() -> dict[str, Any]:
    return dict(tomllib.loads((CARDS / "health.toml").read_text("utf-8"))["measured"])


def test_goals_are_reached(measured: dict[str, Any]) -> None:
    assert measured["psytar_test"]["f1"] >= 0.74
    assert measured["phee_test_drugs_base_alone"]["recall"] >= 0.55
    assert measured["phee_test_drugs"]["f1"] >= 0.70


def test_the_card_is_what_is_measured(measured: dict[str, Any]) -> None:
    again = health_measuring.parts(shared_path("data"), committed())
    assert again.keys() == measured.keys()
    for name, found in again.items():
        for figure, value in found.items():
            assert value == pytest.approx(measured[name][figure], abs=0.003), (name, figure)


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
