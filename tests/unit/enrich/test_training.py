"""Training: what folds into what, what temperature and calibration are, on small worked examples."""

from pathlib import Path

import numpy as np
import pytest
import scipy.sparse as sp

from vigie.enrich import tone_grams
from vigie.enrich.tone_grams import load, softmax
from vigie.enrich.training import tone
from vigie.enrich.training.language import Corpus, train
from vigie.enrich.training.tone import Linear, Trainer, calibration_error, fit, macro_f1, nb_factor, read, temperature

GOOD = ["quelle joie", "bravo, merci", "très beau succès", "j'adore, super", "magnifique idée", "merci, génial"]
BAD = ["quelle honte", "encore un échec", "c'est nul", "je déteste ça", "mauvaise idée", "scandale, horrible"]
FLAT = ["réunion lundi", "le rapport est en ligne", "voici la carte", "deux trains par jour", "il est midi", "page 4"]
TEXTS, TRUTH = BAD + FLAT + GOOD, np.repeat([0, 1, 2], 6)


def test_fit_learns_what_it_is_shown() -> None:
    found = read(TEXTS, "fr")
    assert macro_f1(TRUTH, fit(found, TRUTH, 6.0).scores(found)) == 1.0


def test_a_second_model_folds_into_the_first() -> None:
    given = read(TEXTS, "fr")
    other = fit(read(BAD + GOOD, "fr"), np.repeat([0, 2], 6), 3.0)
    trainer = Trainer("fr", other, given, TRUTH, TEXTS)
    apart = fit(trainer.helped(given), TRUTH, 3.0)
    assert trainer.folded(apart).scores(given) == pytest.approx(apart.scores(trainer.helped(given)), abs=1e-4)


def test_saved_model_answers_as_the_one_in_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    linear = fit(read(TEXTS, "fr"), TRUTH, 6.0)
    monkeypatch.setattr(Trainer, "fit", lambda self, rows: linear)
    found = Trainer("fr", linear, read(TEXTS, "fr"), TRUTH, TEXTS)
    scores = linear.scores(found.given)
    model = tone.final(found, tone.Crossed(TEXTS, TRUTH, [scores], [softmax(scores)]))
    tone_grams.save(model, tmp_path / "a.npz")
    tone_grams.save(model, tmp_path / "b.npz")
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()
    again = load(tmp_path / "a.npz", "fr")
    assert again.scores(TEXTS) == pytest.approx(model.scores(TEXTS), abs=1e-4)
    assert again.scores(TEXTS) == pytest.approx(scores, abs=0.1)


def test_nb_factor_is_large_where_a_feature_tells() -> None:
    both_tells_one = sp.csr_matrix(np.array([[1, 1], [1, 1], [1, 0], [1, 0]]))
    common, telling = nb_factor(both_tells_one, np.array([True, True, False, False]))
    assert telling > common >= 0.25


def test_temperature_mends_scores_that_are_too_sure() -> None:
    rng = np.random.default_rng(1)
    scores = rng.normal(size=(4_000, 3)).astype(np.float32)
    draws = rng.random(len(scores))[:, None]
    truth = (draws > np.cumsum(softmax(scores), axis=1)[:, :2]).sum(axis=1)
    assert temperature(2 * scores, truth) == pytest.approx(2, abs=0.15)
    assert calibration_error(softmax(scores), truth) < 0.03 < calibration_error(softmax(3 * scores), truth)


def test_calibration_error_of_a_worked_example() -> None:
    shares = np.array([[0.9, 0.1, 0], [0.9, 0.1, 0], [0.5, 0.3, 0.2], [0.5, 0.3, 0.2]], np.float32)
    assert calibration_error(shares, np.array([0, 1, 0, 0])) == pytest.approx(0.5 * 0.4 + 0.5 * 0.5)


def test_linear_of_nothing_but_an_offset_says_it() -> None:
    found = read(["a"], "fr")
    none = Linear(np.zeros((3, found.hashed.shape[1])), np.zeros((3, found.facts.shape[1])), np.array([1.0, 2.0, 3.0]))
    assert none.scores(found)[0].tolist() == [1, 2, 3]


def test_language_training_is_the_same_twice_and_learns() -> None:
    corpus = Corpus([], []).with_(GOOD + BAD + FLAT, "fr").with_(["good morning to you", "this is the way"] * 9, "en")
    one, two = train(corpus), train(corpus)
    assert (one.weights == two.weights).all()
    assert one.languages == ("en", "fr")
    assert one.shares(["this is the morning", "quelle idée magnifique"])[0].argmax(axis=1).tolist() == [0, 1]
