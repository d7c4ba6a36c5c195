"""Language: told where it can be, `und` where it can't."""

import pytest

from vigie.enrich.labellers import LABELLERS
from vigie.enrich.language import LanguageLabeller, language_of


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
