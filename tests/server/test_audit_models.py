"""Corrections, models and annotation leave one row each in the audit log, or are not made."""

from unittest.mock import ANY, patch

import pytest

from vigie.enrich import comparing, tone_grams
from vigie.schema.vocab import FindingKind
from vigie.server.models import Mention, TrainedModel, User
from vigie.server.permissions import COMMAND
from vigie.server.queries import trained
from vigie.server.services import judging, modelling

from .audited import WHEN, Act, Case, is_not_made_without_its_row, leaves_one_row
from .conftest import NOW, House, post


@pytest.fixture(autouse=True)
def _chief_is_there(db: None) -> None:
    User.objects.create_user("patronne@example.org", "x", id=7)


def correct_finding(house: House) -> Act:
    house.take(post("1", "Sérélium", author="zoe"))
    row = Mention.objects.get().pk
    return lambda: judging.correct_finding(row, FindingKind.REACTION, "vertige de Nina", True, **WHEN)


def ask_for_training(house: House) -> Act:
    def ask() -> object:
        with patch.object(trained, "FEWEST", 0):
            return modelling.start("fr", **WHEN)

    return ask


def keep_model(house: House) -> Act:
    nothing = comparing.Compared(0, 0.0, 0.0, 0.0, 0.0, (0.0, 0.0))
    figures = {"verdict": comparing.verdict(nothing, None).value, "texts": 40}
    return lambda: modelling._keep("fr", tone_grams.committed("fr"), dict(figures), WHEN["asker"], NOW)


def choose(house: House) -> Act:
    house.take(post("0", "Sérélium"))  # the labellers have their rows
    modelling._keep("fr", tone_grams.committed("fr"), {"verdict": "same", "texts": 40}, COMMAND, NOW)
    row = TrainedModel.objects.get().pk
    return lambda: modelling.choose("fr", row, **WHEN)


CASES = {
    "mention.correct_finding": Case(
        correct_finding, "mention", {"kind": "reaction", "correction": None, "holds": None},
        {"kind": "reaction", "correction": ANY, "holds": True},
    ),
    "model.train_asked": Case(ask_for_training, "model", None, {"kind": "tone", "language": "fr"}),
    "model.train": Case(
        keep_model, "model", None, {"kind": "tone", "language": "fr", "verdict": "same", "texts": 40}
    ),
    "model.choose": Case(
        choose, "model", {"kind": "tone", "language": "fr", "model": None}, {"kind": "tone", "language": "fr", "model": ANY},
        besides=frozenset({"posts.relabel_asked"}),
    ),
}  # fmt: skip
"""Every such write, by the action that its row names."""


@pytest.mark.parametrize("action", sorted(CASES))
def test_write_leaves_one_row_with_who_what_before_and_after(action: str, house: House) -> None:
    leaves_one_row(action, CASES[action], house)


@pytest.mark.parametrize("action", sorted(CASES))
def test_write_whose_row_fails_is_not_made(action: str, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    is_not_made_without_its_row(CASES[action], house, monkeypatch)
