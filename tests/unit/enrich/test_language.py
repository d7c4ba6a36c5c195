"""Language: told where it can be, `und` where it can't."""

from datetime import UTC, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from vigie.demo.corpus import batches
from vigie.enrich.labellers import LABELLERS
from vigie.enrich.language import LanguageLabeller, _identifier, _model, language_of


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Effets secondaires du traitement depuis hier", "fr"),
        ("Side effects of the treatment since yesterday", "en"),
        ("Nebenwirkungen der Behandlung seit gestern", "de"),
        ("#EffetsSecondaires du traitement depuis hier https://example.org/in-english", "fr"),
        ("@docteur_house merci beaucoup pour votre aide", "fr"),
        ("", "und"),
        ("😡😡😡", "und"),
        ("https://example.org/voila-une-adresse-en-francais", "und"),
        ("12:30 1000", "und"),
        ("Pfizer Novartis Sanofi", "und"),
    ],
)
def test_language_of_plain_cases(text: str, language: str) -> None:
    assert language_of(text)[0] == language


def test_labeller_answers_every_text_in_order() -> None:
    values, scores = LanguageLabeller().label(["Le traitement marche bien", "", "The treatment works well"], [None] * 3)
    assert values == ["fr", "und", "en"]
    assert scores[1] == 0.0
    assert all(0.4 <= score <= 1 for score in (scores[0], scores[2]))


def test_labellers_read_language_before_tone_and_have_cards() -> None:
    from vigie.enrich.card import card

    assert [labeller.kind for labeller in LABELLERS] == ["language", "tone"]
    names = {"py3langid": "language-py3langid", "tone-lexicon": "tone-lexicon"}
    for labeller in LABELLERS:
        found = card(names[labeller.name])
        assert (found.name, found.version) == (labeller.name, labeller.version)


def as_the_library(texts: list[str]) -> None:
    for text, (language, probability) in zip(texts, _model().classify(texts), strict=True):
        wanted, sure = _identifier().classify(text)
        assert probability == pytest.approx(sure, abs=1e-4)
        assert language == wanted or sure < 0.4


@given(st.lists(st.text(max_size=60), max_size=5))
@example(["", "A", "VOILÀ QUI EST ÉCRIT EN CAPITALES", "e\u0301te\u0301", "\ud800", "Ово је српски", "Ovo je srpski"])
def test_compiled_loop_answers_as_the_library(texts: list[str]) -> None:
    as_the_library(texts)


def test_compiled_loop_tells_the_posts_of_the_demo_as_the_library() -> None:
    until = datetime(2026, 10, 30, 8, tzinfo=UTC)
    as_the_library([text for batch in batches(posts=2_000, until=until) for text in batch.posts["text"].to_pylist()])
