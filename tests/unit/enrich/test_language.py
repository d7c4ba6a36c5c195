"""Language: told where it can be, `und` where it can't."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from vigie.enrich.labellers import LABELLERS
from vigie.enrich.language import LanguageLabeller, committed, language_of, told_apart


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
        ("Sérélium et vertiges", "fr"),
        ("Doliprane", "und"),
        ("Ozempic Wegovy Mounjaro", "und"),
        ("merci beaucoup", "fr"),
        ("今日は頭が痛い", "ja"),
        ("안녕하세요 머리가 아파요", "ko"),
        ("我今天头痛得很厉害", "zh"),
        ("Мені болить голова", "uk"),
        ("У мене дуже болить голова, їжа не допомагає", "uk"),
        ("У меня очень болит голова", "ru"),
        ("Имам много силно главоболие", "bg"),
        ("Данас ме боли глава и није ми добро", "sr"),
        ("امروز سرم خیلی درد می‌کند", "und"),
        ("Πονάει πολύ το κεφάλι μου", "el"),
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
    for labeller in LABELLERS:
        found = card(labeller.name)
        assert (found.name, found.version) == (labeller.name, labeller.version)


def test_at_least_twenty_four_languages_are_told_apart() -> None:
    assert len(told_apart()) >= 24
    assert {"fr", "en", "de", "es", "it", "pt", "ar", "nl", "pl", "uk", "ja", "ko"} <= set(told_apart())


FRENCH = "Le médecin m'a dit de reprendre le traitement demain matin"


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("", "und"),
        (" \n\t ", "und"),
        ("!!! ???", "und"),
        ("ok", "und"),
        ("Sérélium", "und"),
        ("🤢🤮 😡", "und"),
        ("https://exemple.fr/le-medecin-et-le-traitement www.exemple.fr/bonjour", "und"),
        ("@le_medecin_francais @et_le_traitement", "und"),
        (FRENCH.upper(), "fr"),
        ("\u200b".join(FRENCH), "fr"),
        (f"\u200f{FRENCH}\ufeff", "fr"),
        ("Je l\u2019ai e\u0301te\u0301 tre\u0300s fatigue\u0301e par ce traitement", "fr"),
        ("ＪＥ ＳＵＩＳ ＴＲＥＳ ＦＡＴＩＧＵＥＥ ＡＵＪＯＵＲＤＨＵＩ", "fr"),
        ("\u202bأشعر بصداع شديد منذ أمس\u202c", "ar"),
        ("יש לי כאב ראש חזק מאתמול", "he"),
        (f"{FRENCH} ! As my mother would say", "fr"),
        ("Thit is nòt \ud800 broken, it is only half a character", "en"),
        ("мен бүгүн өзүмдү жаман сезип жатам \u045e", "und"),
        (f"{FRENCH}. " * 1_700, "fr"),
        ("a" * 100_000, "und"),
        ("नमस्ते आप कैसे हैं", "und"),
    ],
)
def test_language_of_bad_input(text: str, language: str) -> None:
    assert language_of(text)[0] == language


@given(st.lists(st.text(st.characters(codec=None), max_size=60), max_size=5))
@example(["", "A", "\ud800", "@", "#", "http", "https://", "www.", "a@b.fr", "\U000e0001", "'", "l'"])
def test_any_text_gets_an_answer_that_does_not_depend_on_its_neighbours(texts: list[str]) -> None:
    values, scores = LanguageLabeller().label(texts)
    assert len(values) == len(scores) == len(texts)
    assert all(value == "und" or value in told_apart() for value in values)
    assert all(0 <= score <= 1 for score in scores)
    assert [language_of(text) for text in texts] == list(zip(values, scores, strict=True))


def test_answers_do_not_depend_on_how_texts_are_cut_into_batches() -> None:
    texts = [FRENCH, "x " * 150_000, "The treatment works well", "y" * 90_000] * 40
    assert LanguageLabeller().label(texts)[0] == [language_of(text)[0] for text in texts[:4]] * 40


def test_a_letter_more_or_less_in_small_or_capital_changes_no_language() -> None:
    shares = committed().shares([FRENCH, FRENCH.upper(), re.sub(r"(.) ", r"\1  ", FRENCH)])[0]
    assert (shares[0] == shares[1]).all()
    assert (shares[0] == shares[2]).all()
