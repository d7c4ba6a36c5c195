"""The figures of the cards are those that the committed models reach, to the digit."""

import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support.shared import shared_path

from vigie.enrich import tone_grams
from vigie.enrich.card import CARDS, card
from vigie.enrich.cards import measure
from vigie.enrich.cards.tables import plain
from vigie.enrich.language import LanguageLabeller, load
from vigie.enrich.lexicons import build
from vigie.enrich.tone import LEXICONS, LISTS, tuned
from vigie.enrich.tone_grams import LANGUAGES, committed
from vigie.enrich.tone_grams import load as load_tone
from vigie.enrich.training import language, measuring, tone


@pytest.fixture
def folder() -> Path:
    return shared_path("data/sentiment")


@pytest.mark.parametrize("language", sorted(LISTS))
def test_tone_card_is_what_is_measured(folder: Path, language: str) -> None:
    again = tomllib.loads(measure.figures(measure.tone_accuracy(folder, language)))
    assert tomllib.loads((CARDS / "tone-lexicon.toml").read_text("utf-8"))["measured"][language] == again


def test_tone_card_says_what_drug_reviews_give(folder: Path) -> None:
    again = tomllib.loads(measure.figures(measure.review_accuracy(folder)))
    assert tomllib.loads((CARDS / "tone-lexicon.toml").read_text("utf-8"))["measured"]["en_drug_reviews"] == again


@pytest.mark.slow
def test_language_card_is_what_is_measured() -> None:
    found = tomllib.loads((CARDS / "language-grams.toml").read_text("utf-8"))["measured"]
    parts = {name: tomllib.loads(rows) for name, rows in measuring.language_parts(shared_path("data")).items()}
    assert {name: part["mean_right"] for name, part in parts.items()} == {
        name: pytest.approx(part["mean_right"], abs=0.003) for name, part in found.items()
    }


def test_language_reaches_its_goals_on_tweets_not_seen() -> None:
    found = tomllib.loads((CARDS / "language-grams.toml").read_text("utf-8"))["measured"]
    assert found["all"]["mean_right"] >= 0.98
    assert found["all"]["right"]["fr"] >= 0.99
    assert set(found["short"]["right"]) == {"ar", "de", "en", "es", "fr", "it", "pt"}


def test_committed_language_model_is_what_training_gives(tmp_path: Path) -> None:
    """On this machine to the byte; where sums are rounded otherwise, nearly all answers are the same."""
    folder = shared_path("data")
    language.save(language.final(folder), tmp_path / "language.npz")
    assert (tmp_path / "language.npz").stat().st_size < 1_000_000
    texts = language.of_tweets(folder).texts
    again = LanguageLabeller(load(tmp_path / "language.npz")).label(texts)[0]
    assert sum(map(str.__eq__, again, LanguageLabeller().label(texts)[0])) >= 0.999 * len(texts)


def test_thresholds_are_those_that_training_gives(folder: Path) -> None:
    assert {language: measure.tune(folder, language) for language in LISTS} == tuned()


def test_tone_beats_the_free_tools_it_replaces() -> None:
    found = card("tone-lexicon")
    assert found.macro_f1["fr"] >= 0.55
    assert found.macro_f1["en"] >= 0.57
    assert all(low < found.macro_f1[part] < high for part, (low, high) in found.interval.items())
    assert found.posts == {"fr": 321, "en": 324, "en_drug_reviews": 768}


def test_committed_lists_are_those_the_build_gives(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(build, "HERE", tmp_path)
    build.main(folder)
    built = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert built == {path.name: path.read_bytes() for path in LEXICONS.glob("*.tsv")}
    assert all(len(rows) < 1_000_000 for rows in built.values())


def test_plain_undoes_what_the_set_did_to_tweets() -> None:
    assert plain(r'"""don\u2019t say ""yes"" &amp; go"""') == 'don’t say "yes" & go'


@pytest.fixture(scope="module")
def measured() -> dict[str, Any]:
    return tomllib.loads((CARDS / "tone-grams.toml").read_text("utf-8"))["measured"]


@pytest.mark.parametrize(("language", "least", "widest"), [("fr", 0.68, 0.03), ("en", 0.635, 0.04)])
def test_tone_reaches_its_goals_on_tweets_not_seen(
    measured: dict[str, Any], language: str, least: float, widest: float
) -> None:
    assert measured[language]["posts"] > 2_000
    assert len(measured[language]["macro_f1_by_seed"]) == 5
    assert measured[language]["macro_f1"] >= least
    assert measured[language]["calibration_error"] <= widest
    assert measured[language]["macro_f1"] > card("tone-lexicon").macro_f1[language]


def test_committed_tone_says_what_drug_reviews_give(folder: Path, measured: dict[str, Any]) -> None:
    again = tomllib.loads(measuring.review_part(folder, committed("en")))
    assert again["macro_f1"] == pytest.approx(measured["en_drug_reviews"]["macro_f1"], abs=0.003)


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
def test_tone_training_gives_the_committed_model_and_the_same_bytes_twice(
    folder: Path, tmp_path: Path, measured: dict[str, Any], language: str
) -> None:
    known: list[tone.Crossed] = []
    for n in ("once", "twice"):
        tone_grams.save(tone.train(folder, language, told=known.append), tmp_path / f"{n}.npz")
    assert (tmp_path / "once.npz").read_bytes() == (tmp_path / "twice.npz").read_bytes()
    assert (tmp_path / "once.npz").stat().st_size < 1_000_000
    reached = np.mean([tone.macro_f1(known[0].truth, scores) for scores in known[0].scores])
    assert reached == pytest.approx(measured[language]["macro_f1"], abs=0.003)
    texts = known[0].texts
    again, committed_ = load_tone(tmp_path / "once.npz", language).shares(texts), committed(language).shares(texts)
    assert (again.argmax(axis=1) == committed_.argmax(axis=1)).mean() > 0.99
