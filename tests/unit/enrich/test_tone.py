"""Tone by lexicon: what turns, strengthens and weighs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigie.enrich.tone import LISTS, Tuned, care_words, decide, polarity, read, tone_of, tuned, valences


@pytest.mark.parametrize(
    ("language", "text", "tone"),
    [
        ("fr", "J'adore ce médicament, il m'a sauvé la vie", "positive"),
        ("fr", "Je n'aime pas du tout ce médicament", "negative"),
        ("fr", "Rendez-vous lundi à 14 h", "neutral"),
        ("fr", "Effets secondaires horribles, vomissements et vertiges", "negative"),
        ("fr", "Bien au début mais ensuite des douleurs insupportables", "negative"),
        ("fr", "génial 😍", "positive"),
        ("en", "I love it, great relief", "positive"),
        ("en", "not good at all", "negative"),
        ("en", "It works great but the nausea was awful!!!", "negative"),
        ("en", "Appointment on Monday", "neutral"),
        ("fr-CA", "super, merci, génial", "positive"),
    ],
)
def test_tone_of_plain_cases(language: str, text: str, tone: str) -> None:
    assert tone_of(text, language)[0] == tone


@pytest.mark.parametrize("language", ["de", "und", "", None])
def test_tone_is_absent_for_languages_without_lists(language: str | None) -> None:
    assert tone_of("gut, super, bad", language) == (None, 0.0)


def test_negation_turns_until_punctuation_and_four_words() -> None:
    assert polarity("good", "en") > 0 > polarity("not good", "en")
    assert polarity("no, good", "en") == polarity("good", "en")
    assert polarity("not one two three good", "en") < 0 < polarity("not one two three four good", "en")
    assert polarity("it isn’t good", "en") == polarity("it isn't good", "en") < 0
    assert abs(polarity("not good", "en")) < polarity("good", "en")


def test_intensifier_exclamation_and_emoji_strengthen() -> None:
    assert polarity("très bon", "fr") > polarity("bon", "fr")
    assert polarity("bon !!!", "fr") > polarity("bon !", "fr") > polarity("bon", "fr")
    assert polarity("bon !!!!!!", "fr") == polarity("bon !!!", "fr")
    assert polarity("bon 😍", "fr") > polarity("bon", "fr") > polarity("bon 😡", "fr")
    assert polarity("bon :)", "fr") > polarity("bon", "fr") > polarity("bon :(", "fr")


def test_what_follows_but_weighs_more() -> None:
    assert polarity("good but bad", "en") < polarity("good and bad", "en") < polarity("bad but good", "en")


def test_letters_drawn_out_and_accents_left_out_are_understood() -> None:
    assert polarity("j'adooooore", "fr") == polarity("j'adore", "fr") > 0
    assert polarity("enerve", "fr") < 0
    assert polarity("enervé", "fr") < 0


def test_links_mentions_and_prose_signs_say_nothing() -> None:
    assert polarity("@love https://good.example/great", "en") == 0
    assert polarity("Doliprane (1000 mg): 143 comprimés à 12:30", "fr") == 0


def test_symptoms_and_medicines_say_nothing_by_themselves() -> None:
    assert polarity("fièvre, nausées, douleur : deux comprimés, matin et soir", "fr") == 0
    assert polarity("headache, nausea and pain: two pills a day", "en") == 0


@given(st.text(max_size=120), st.sampled_from(sorted(LISTS)))
def test_polarity_is_bounded_and_every_text_has_a_tone(text: str, language: str) -> None:
    assert -1 <= polarity(text, language) <= 1
    tone, score = tone_of(text, language)
    assert tone in ("negative", "neutral", "positive")
    assert 0 <= score <= 1


def test_decide_takes_thresholds_and_the_score_of_the_part() -> None:
    known = Tuned(-0.5, 0.5, (-0.5, 0.5), (0.9, 0.6, 0.8))
    found = [decide(value, known) for value in (-0.51, -0.5, 0.49, 0.5)]
    assert found == [("negative", 0.9), ("neutral", 0.6), ("neutral", 0.6), ("positive", 0.8)]


@pytest.mark.parametrize("language", sorted(LISTS))
def test_lists_are_whole_and_within_bounds(language: str) -> None:
    for name in LISTS[language]:
        assert len(read(name)) > 2_000
        assert all(-1 <= value <= 1 and value for value in read(name).values())
    assert set(valences(language)) >= {word for name in LISTS[language] for word in read(name)} - care_words(language)
    assert not set(valences(language)) & care_words(language)
    parts = tuned()[language]
    assert len(parts.scores) == len(parts.edges) + 1
