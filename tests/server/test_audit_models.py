"""Corrections, models and annotation leave one row each in the audit log, or are not made."""

from unittest.mock import ANY, patch

import pytest

from vigie.enrich import comparing, tone_grams
from vigie.schema.vocab import FindingKind
from vigie.server.models import Annotation, AnnotationSet, Mention, TrainedModel, User
from vigie.server.permissions import COMMAND
from vigie.server.queries import trained
from vigie.server.services import annotating, judging, modelling
from vigie.server.services.annotating import Draft

from .audited import CHIEF, WHEN, Act, Case, is_not_made_without_its_row, leaves_one_row
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


def a_set(house: House, *, seed: int | None = 1) -> AnnotationSet:
    house.take(post("1", "Sérélium, merci beaucoup pour votre réponse", author="zoe"))
    draft = Draft("octobre", "tone", "fr", house.brand.pk, 5, NOW.date(), NOW.date(), seed)
    return annotating.create(draft, asker=CHIEF, now=NOW)


def create_set(house: House) -> Act:
    house.take(post("1", "Sérélium, merci beaucoup pour votre réponse", author="zoe"))
    draft = Draft("octobre", "tone", "fr", house.brand.pk, 5, NOW.date(), NOW.date(), 1)
    return lambda: annotating.create(draft, **WHEN)


def add_to_set(house: House) -> Act:
    row = a_set(house, seed=None).pk
    mention = Mention.objects.get().pk
    return lambda: annotating.add(row, mention, **WHEN)


def say(house: House) -> Act:
    item = a_set(house).items.get().pk
    return lambda: annotating.say(item, ["positive"], **WHEN)


def withdraw(house: House) -> Act:
    item = a_set(house).items.get().pk
    annotating.say(item, ["positive"], **WHEN)
    return lambda: annotating.withdraw(item, **WHEN)


def settle(house: House) -> Act:
    item = a_set(house).items.get()
    for user, value in ((1, "positive"), (2, "neutral")):
        Annotation.objects.create(item=item, user_id=user, values=[value], at=NOW)
    return lambda: annotating.settle(item.pk, ["neutral"], **WHEN)


def close_set(house: House) -> Act:
    row = a_set(house).pk
    return lambda: annotating.close(row, **WHEN)


def reopen_set(house: House) -> Act:
    row = a_set(house).pk
    annotating.close(row, **WHEN)
    return lambda: annotating.close(row, closed=False, **WHEN)


CASES = {
    "annotation.create": Case(
        create_set, "annotation_set", None, {"kind": "tone", "language": "fr", "random": True, "seed": 1, "posts": 1}
    ),
    "annotation.add": Case(add_to_set, "annotation_set", None, {"mention": ANY, "place": 1}),
    "annotation.say": Case(say, "annotation_item", None, {"set": ANY, "labels": 1}),
    "annotation.withdraw": Case(withdraw, "annotation_item", None, {"set": ANY}),
    "annotation.settle": Case(settle, "annotation_item", {"settled": False}, {"settled": True}),
    "annotation.close": Case(close_set, "annotation_set", {"closed": False}, {"closed": True}),
    "annotation.reopen": Case(reopen_set, "annotation_set", {"closed": True}, {"closed": False}),
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
