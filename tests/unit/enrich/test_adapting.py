"""A model brought closer to what people corrected: it learns, and what they do not speak of stays."""

import io
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vigie.enrich import adapting
from vigie.enrich.adapting import Given
from vigie.enrich.comparing import Compared, Verdict, compared, verdict
from vigie.enrich.tone_grams import TONES, committed, load, save, softmax

WRONG = tuple(
    f"la tisane numéro {n} est servie, {word}" for n, word in enumerate(["alpha", "beta", "gamma", "delta"] * 8)
)
OTHERS = tuple(f"merci pour le message {n}, bonne journée" for n in range(20))
GIVEN = Given(WRONG, np.full(len(WRONG), TONES.index("negative")), OTHERS)


def test_model_learns_what_people_say_and_keeps_what_they_do_not_speak_of() -> None:
    model = committed("fr")
    new = adapting.adapted(model, GIVEN)
    asked = "la tisane numéro 99 est servie, omega"
    assert TONES[model.told([asked])[0][0]] != "negative" and TONES[new.told([asked])[0][0]] == "negative"
    calm = "Réunion lundi à 14 h : le programme est en ligne"
    np.testing.assert_allclose(new.shares([calm]), model.shares([calm]), atol=0.1)
    assert (new.told(list(OTHERS))[0] == model.told(list(OTHERS))[0]).all()


def test_texts_that_were_not_seen_are_answered_as_by_the_whole_model() -> None:
    found = adapting.crossed(committed("fr"), GIVEN, rng=np.random.default_rng(1))
    assert (found.before != 0).all() and (found.after == 0).mean() > 0.9
    assert (found.others_before == found.others_after).all()


def test_change_is_the_least_there_is() -> None:
    """The gradient vanishes: pull and surprise are in balance."""
    model = committed("fr")
    work = adapting._Work(model, GIVEN)
    rows = np.arange(len(WRONG) + len(OTHERS))
    share = work.change_of(rows)
    told = softmax((work.scores + work.likeness @ share) / np.float32(model.temperature))
    np.testing.assert_allclose(adapting.PULL * share, (work.wanted - told) / model.temperature, atol=0.02)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.text(alphabet="abé !", max_size=12), min_size=1, max_size=6))
def test_likeness_is_the_product_of_all_pairs(texts: list[str]) -> None:
    model = committed("fr")
    some = adapting.features(texts, model)
    dense = np.zeros((len(texts), 1 << model.bits))
    for n in range(len(texts)):
        np.add.at(dense[n], *some.row(n))
    np.testing.assert_allclose(adapting.likeness(some, model.bits), dense @ dense.T, atol=1e-3)
    scores = dense @ model.weights
    read = model.scores(texts) - model.offset
    facts = read - scores
    assert np.isfinite(facts).all()


def test_trained_model_is_kept_whole_in_bytes() -> None:
    new = adapting.adapted(committed("fr"), GIVEN)
    file = io.BytesIO()
    save(new, file, whole=np.int16)
    assert file.tell() < 2_000_000
    read = load(io.BytesIO(file.getvalue()), "fr")
    np.testing.assert_allclose(read.scores(list(WRONG)), new.scores(list(WRONG)), atol=0.02)


def test_folds_are_as_large_as_can_be() -> None:
    counts = np.bincount(adapting.folds(13, np.random.default_rng(0)), minlength=adapting.FOLDS)
    assert sorted(counts) == [2, 2, 3, 3, 3]


def of(low: float, high: float) -> Compared:
    return Compared(100, 0.5, 0.6, 0.5, 0.6, (low, high))


@pytest.mark.parametrize(
    ("corrections", "elsewhere", "said"),
    [
        (of(0.1, 0.3), of(-0.005, 0.01), Verdict.BETTER),
        (of(0.1, 0.3), None, Verdict.BETTER_HERE),
        (of(0.1, 0.3), of(-0.02, 0.01), Verdict.SAME),
        (of(0.1, 0.3), of(-0.05, -0.01), Verdict.WORSE),
        (of(0.0, 0.3), of(0.0, 0.1), Verdict.SAME),
        (of(-0.1, 0.3), None, Verdict.SAME),
        (of(-0.3, -0.1), None, Verdict.WORSE),
    ],
)
def test_verdict(corrections: Compared, elsewhere: Compared | None, said: Verdict) -> None:
    assert verdict(corrections, elsewhere) is said


def test_two_models_are_compared_on_the_same_posts() -> None:
    truth, before, after = np.array([0, 0, 1, 2] * 25), np.array([0, 1, 1, 1] * 25), np.array([0, 0, 1, 1] * 25)
    found = compared(truth, before, after, answers=3, rng=np.random.default_rng(0))
    assert (found.posts, found.before, found.after) == (100, 0.5, 0.75)
    assert 0.15 < found.interval[0] < 0.25 < found.interval[1] < 0.35
    nothing = compared(truth[:0], before[:0], after[:0], answers=3, rng=np.random.default_rng(0))
    assert (nothing.posts, nothing.before, nothing.interval) == (0, 0.0, (0.0, 0.0))


def test_pure_numpy() -> None:
    """Administrators press a button where scikit-learn is not installed."""
    with open(adapting.__file__, encoding="utf-8") as file:
        assert not re.search("sklearn|scipy", file.read())
