"""Models that learn from corrections: measured before and after, chosen by a person, and one press from the one before."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from support.shared import shared_path

from vigie.enrich import tone_grams
from vigie.enrich.tone_grams import TONES, ToneLabeller
from vigie.errors import DecisionError, SchemaError
from vigie.schema.vocab import LabelKind
from vigie.server import chosen, engine
from vigie.server.models import AuditEvent, Correction, Label, Labeller, Mention, TrainedModel, Work
from vigie.server.permissions import COMMAND, Asker, Permission
from vigie.server.queries import trained as trained_
from vigie.server.services import judging, modelling

from .conftest import NOW, House, post
from .test_stores import agree

TEXT = "Sérélium, la tisane numéro {} est servie"
WHEN: dict[str, Any] = {"asker": COMMAND, "now": NOW}


@pytest.fixture
def corrections(house: House) -> House:
    """Forty posts that people say are negative, and some that nobody corrected."""
    house.take(*(post(str(n), TEXT.format(n)) for n in range(40)))
    house.take(*(post(f"m{n}", f"Sérélium : merci pour votre message {n}, bonne journée") for n in range(10)))
    for mention in Mention.objects.filter(post__text__contains="tisane"):
        judging.correct(mention.pk, LabelKind.TONE, "negative", **WHEN)
    Work.objects.all().delete()
    return house


def trained() -> TrainedModel:
    return modelling.train("fr", None, asker=COMMAND, clock=lambda: NOW)


def test_model_is_trained_as_work_and_waits_to_be_chosen(corrections: House, run_work: Any) -> None:
    modelling.start("fr", **WHEN)
    run_work()
    row, job = TrainedModel.objects.get(), Work.objects.get()
    assert (job.state, job.code, job.done) == ("done", "model.trained", modelling.STEPS)
    assert (row.version, row.chosen) == ("1.1", False)
    own = row.figures["corrections"]
    assert row.figures["how"] == "from_weights" and own["posts"] == 40 and own["after"] > own["before"]
    assert row.figures["public"] is None and row.figures["verdict"] == "better_here"
    assert row.figures["others"] == 10
    assert modelling.labeller_version() == "1"


def test_chosen_model_labels_what_comes_and_the_past(corrections: House, run_work: Any) -> None:
    row = trained()
    assert modelling.choose("fr", row.pk, **WHEN) is None
    corrections.take(post("new", TEXT.format(77)))
    label = Label.objects.get(post__native_id="new", kind="tone", chosen=True)
    assert (label.value, label.labeller.version) == ("negative", "1+fr1.1")
    run_work()
    said = Label.objects.filter(kind="tone", chosen=True).values_list("post__text", "value")
    model = chosen.trained(row.pk, row.version)
    assert all(TONES[model.told([text])[0][0]] == value for text, value in said)
    agree()


def test_old_model_is_one_press_away(corrections: House, run_work: Any) -> None:
    row = trained()
    modelling.choose("fr", row.pk, **WHEN)
    run_work()
    assert modelling.choose("fr", None, **WHEN) == row.pk
    run_work()
    assert set(Label.objects.filter(kind="tone", chosen=True).values_list("labeller__version", flat=True)) == {"1"}
    assert not TrainedModel.objects.filter(chosen=True).exists()
    events = AuditEvent.objects.filter(action="model.choose").order_by("pk").values_list("after", flat=True)
    assert [event["model"] for event in events] == [row.pk, None]
    agree()


def test_new_model_overwrites_no_person(corrections: House, run_work: Any) -> None:
    mention = Mention.objects.get(post__native_id="3")
    judging.correct(mention.pk, LabelKind.TONE, "positive", **WHEN)
    modelling.choose("fr", trained().pk, **WHEN)
    run_work()
    assert mention.corrections.get().value == "positive"
    agree()


def test_second_choice_takes_the_first_one_s_place(corrections: House) -> None:
    first, second = trained(), trained()
    assert [first.version, second.version] == ["1.1", "1.2"]
    modelling.choose("fr", first.pk, **WHEN)
    assert modelling.choose("fr", second.pk, **WHEN) == first.pk
    assert list(TrainedModel.objects.filter(chosen=True)) == [second]
    assert modelling.choose("fr", second.pk, **WHEN) == second.pk


def test_model_that_made_a_label_is_found_again(corrections: House) -> None:
    row = trained()
    assert chosen.tone_model("1", "fr") is not None
    assert chosen.tone_model("1+en1.4+fr1.1", "fr") is chosen.trained(row.pk, "1.1")
    assert chosen.tone_model("1+fr1.9", "fr") is None and chosen.tone_model("0", "fr") is None
    assert chosen.tone_model("1", "de") is None


def test_same_corrections_give_the_same_model(corrections: House) -> None:
    assert bytes(trained().weights) == bytes(trained().weights)


def test_too_few_corrections_are_refused(house: House) -> None:
    for ask in (lambda: modelling.start("fr", **WHEN), trained):
        with pytest.raises(DecisionError) as refused:
            ask()
        assert refused.value.code == "model.few"
    with pytest.raises(SchemaError):
        modelling.start("de", **WHEN)


def test_texts_on_which_people_differ_teach_nothing(corrections: House) -> None:
    before = len(trained_.corrected("fr"))
    first, second = Mention.objects.filter(post__text__contains="tisane")[:2]
    second.post.text = first.post.text
    second.post.save()
    judging.correct(second.pk, LabelKind.TONE, "positive", **WHEN)
    assert len(trained_.corrected("fr")) == before - 2
    judging.correct(first.pk, LabelKind.LANGUAGE, "es", **WHEN)
    assert len(trained_.corrected("fr")) == before - 1  # the second one teaches by itself again


def test_only_those_who_steer_work_train_and_choose(corrections: House) -> None:
    nobody = Asker(9, "user:9", frozenset({Permission.MARK_MENTIONS}), {})
    with pytest.raises(DecisionError):
        modelling.start("fr", asker=nobody, now=NOW)
    with pytest.raises(DecisionError):
        modelling.choose("fr", None, asker=nobody, now=NOW)


def test_labeller_of_this_installation_has_its_row(corrections: House) -> None:
    modelling.choose("fr", trained().pk, **WHEN)
    assert [one.version for one in engine.standing().labellers if one.kind == "tone"] == ["1+fr1.1"]
    assert Labeller.objects.filter(kind="tone", name=ToneLabeller.name, version="1+fr1.1").exists()


def test_recipe_of_the_tweets_is_measured_on_both(corrections: House) -> None:
    given: list[Any] = []

    def recipe(language: str, some: Any, rng: Any, told: Any) -> Any:
        given.append((language, len(some.texts), len(some.others)))
        n = len(some.texts)
        known = SimpleNamespace(
            truth=some.labels, before=np.ones(n, np.int64), after=some.labels, tweets_truth=np.zeros(500, np.int64),
            tweets_before=np.zeros(500, np.int64), tweets_after=np.zeros(500, np.int64),
        )  # fmt: skip
        return tone_grams.committed("fr"), known

    row = modelling.train("fr", None, recipe, asker=COMMAND, clock=lambda: NOW)
    assert given == [("fr", 40, 10)]
    assert (row.figures["how"], row.figures["verdict"], row.figures["public"]["posts"]) == ("tweets", "better", 500)
    assert row.figures["others_changed"] == 0


def test_loss_on_public_tweets_would_show(corrections: House) -> None:
    row = modelling.train("fr", shared_path("data/sentiment"), asker=COMMAND, clock=lambda: NOW)
    public = row.figures["public"]
    assert public["posts"] == 2131 and public["interval"][0] > -0.05


def test_languages_without_enough_corrections_are_told(corrections: House) -> None:
    assert trained_.trainable() == ("fr",)
    Correction.objects.all().delete()
    with pytest.raises(DecisionError, match="texts: 0"):
        trained_.trainable()
