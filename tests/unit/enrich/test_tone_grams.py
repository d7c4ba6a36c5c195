"""Tone by trained models: routed by language, calibrated, and not led by symptoms."""

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from vigie.enrich.tone_grams import LANGUAGES, TONES, Model, ToneLabeller, committed, softmax, tone_of
from vigie.text.grams import FACTS


@pytest.mark.parametrize(
    ("language", "text", "tone"),
    [
        ("fr", "J'adore ce médicament, il m'a sauvé la vie, merci !", "positive"),
        ("fr", "C'est vraiment honteux, quelle bande d'incapables", "negative"),
        ("fr", "Réunion lundi à 14 h : le programme http://exemple.fr", "neutral"),
        ("fr", "Super service, équipe géniale 😍", "positive"),
        ("fr", "Ça ne marche pas, je suis déçue et en colère 😡", "negative"),
        ("en", "I love it, great relief, thank you so much!", "positive"),
        ("en", "This is the worst service ever, I hate it", "negative"),
        ("en", "The meeting is on Monday at 10 am", "neutral"),
        ("fr-CA", "Super, merci, génial", "positive"),
        ("en-GB", "Brilliant, thanks a lot, love it", "positive"),
    ],
)
def test_tone_of_plain_cases(language: str, text: str, tone: str) -> None:
    assert tone_of(text, language)[0] == tone


@pytest.mark.parametrize("language", ["de", "und", "", None, "frr"])
def test_tone_is_absent_for_languages_without_a_model(language: str | None) -> None:
    assert tone_of("gut, super, bad", language) == (None, 0.0)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("fr", "J'ai des nausées et des vertiges depuis lundi"),
        ("fr", "Fièvre, toux et douleurs : deux comprimés matin et soir"),
        ("fr", "Migraine ce matin, traitement pris à 8 h"),
        ("en", "Headache and nausea since Monday"),
        ("en", "Two tablets for the fever and the pain, morning and evening"),
        ("en", "I take it for migraine and anxiety"),
        ("en", "I have migraine and anxiety"),
        ("fr", "Je le prends pour la migraine"),
        ("fr", "Elle a eu un cancer en 2019"),
    ],
)
def test_a_symptom_is_not_a_negative_tone(language: str, text: str) -> None:
    assert tone_of(text, language)[0] != "negative"


@pytest.mark.parametrize(
    ("language", "frame", "symptoms"),
    [
        ("fr", "hier le médecin a parlé de {}", ("migraine", "cancer", "douleurs", "nausées", "fièvre", "patients")),
        ("en", "yesterday the doctor spoke of {}", ("migraine", "cancer", "pain", "nausea", "fever", "patients")),
    ],
)
def test_which_symptom_is_named_changes_nothing(language: str, frame: str, symptoms: tuple[str, ...]) -> None:
    shares = committed(language).shares([frame.format(word) for word in symptoms])
    # Length of a word is no feature; how many letters are capitals is, and stays nothing.
    assert np.ptp(shares, axis=0).max() < 1e-6


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("fr", "Ce médicament est une honte, horrible douleur, je suis furieuse contre ce laboratoire de menteurs"),
        ("en", "This pill is awful, the worst pain ever, I hate it and the company lies"),
    ],
)
def test_a_complaint_that_names_symptoms_is_negative(language: str, text: str) -> None:
    assert tone_of(text, language)[0] == "negative"


def test_negation_turns_what_lexicons_say() -> None:
    fr, en = (committed(language) for language in LANGUAGES)
    for model, plain, negated in ((fr, "c'est bien", "ce n'est pas bien"), (en, "it is good", "it is not good")):
        with_, without = model.shares([negated, plain])
        assert with_[TONES.index("positive")] < without[TONES.index("positive")]


BAD = (
    "", " ", "!!!", "ok", "😡", "😍😍😍", "https://exemple.fr/a http://b.org", "@a @b", "\u200b\u200b", "\u202bשלום\u202c",
    "مرحبا", "Je l\u2019aime. I hate it. Ich auch.", "\ud800", "x" * 100_000, "mot " * 25_000, "!" * 100_000, "\n" * 9,
    "#" * 50, "e\u0301" * 40, "'" * 30, "\U000e0001", "今日は頭が痛い",
)  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("text", BAD, ids=lambda text: repr(text[:12]))
def test_bad_input_gets_a_tone_and_a_probability(text: str, language: str) -> None:
    tone, score = tone_of(text, language)
    assert tone in TONES
    assert 0.2 < score <= 1


@given(st.lists(st.tuples(st.text(max_size=60), st.sampled_from(["fr", "en", "de", None])), max_size=6))
@example([("bon", "fr"), ("bon", "de"), ("good", "en"), ("", None), (":-)", "fr"), ("</3 :'(", "en")])
def test_an_answer_does_not_depend_on_its_neighbours(posts: list[tuple[str, str | None]]) -> None:
    values, scores = ToneLabeller().label([text for text, _ in posts], [language for _, language in posts])
    assert [tone_of(text, language) for text, language in posts] == list(zip(values, scores, strict=True))


def test_zero_width_signs_and_how_accents_are_typed_change_no_tone() -> None:
    model = committed("fr")
    shares = model.shares(["Très déçue par l'été", "Tre\u0300s de\u0301c\u0327\u200bue par l\u2019e\u0301te\u0301"])
    assert shares[0] == pytest.approx(shares[1], abs=1e-6)


def test_probabilities_follow_the_temperature() -> None:
    weights, facts = np.zeros((4, 3), np.float32), np.zeros((3, FACTS), np.float32)
    offset = np.array([0, 0, 2], np.float32)
    hot, cold = (Model("fr", weights, facts, offset, t).shares(["a"])[0] for t in (4.0, 1.0))
    assert cold == pytest.approx(softmax(np.array([[0, 0, 2]], np.float32))[0])
    assert hot.max() < cold.max()


def test_running_models_needs_nothing_that_trains_them() -> None:
    code = "import sys, vigie.enrich.labellers as l\nl.LABELLERS[1].label(['bon'], ['fr'])\n"
    code += "print([m for m in ('sklearn', 'vigie.enrich.training') if m in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
