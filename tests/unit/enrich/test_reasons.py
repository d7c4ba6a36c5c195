"""Why a model answered: what pieces add up to is the score, to the last digit that counts."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from vigie.enrich import language, reasons, tone_grams
from vigie.enrich.reasons import FACTS, PieceKind, Rule
from vigie.schema.vocab import UNDETERMINED
from vigie.text.grams import FACTS as FACT_COUNT

TEXTS = st.text(alphabet=st.sampled_from("aeé nst!?.😀🙂'’#@: -\nhttps/w.7œ中"), max_size=60)


@settings(max_examples=60, deadline=None)
@given(text=TEXTS, name=st.sampled_from(tone_grams.LANGUAGES))
@example(text="", name="fr")
@example(text="nul nul nul @zoe https://a.fr/x :-) pas bien… migraine", name="fr")
@example(text="a" * 30_000, name="en")
def test_pieces_add_up_to_the_scores_of_tone(text: str, name: str) -> None:
    model = tone_grams.committed(name)
    found = reasons.of_tone(text, model)
    np.testing.assert_allclose(found.scores, model.scores([text])[0], atol=2e-4)
    value, score = tone_grams.tone_of(text, name)
    assert (found.value, round(found.score, 4)) == (value, score)


@settings(max_examples=60, deadline=None)
@given(text=TEXTS)
@example(text="")
@example(text="Bonjour à tous, merci pour votre réponse")
@example(text="東京へ行きます ありがとう")
def test_pieces_add_up_to_the_scores_of_language(text: str) -> None:
    model = language.committed()
    found = reasons.of_language(text, model)
    shares = np.exp(found.scores - found.scores.max())
    np.testing.assert_allclose(shares / shares.sum(), model.shares([text])[0][0], atol=1e-4)
    assert (found.value, found.score) == language.language_of(text)


@given(text=TEXTS, most=st.integers(0, 12))
@settings(max_examples=40, deadline=None)
def test_what_is_shown_adds_up_and_gives_the_probability(text: str, most: int) -> None:
    found = reasons.of_tone(text, tone_grams.committed("fr"))
    counted = found.counted(most=most)
    shown = sum(weight for _, weight in (*counted.on, *counted.against))
    assert counted.start + shown + counted.others == pytest.approx(counted.total, abs=1e-9)
    centred = (found.scores - found.scores.mean()) / found.temperature
    shares = np.exp(centred) / np.exp(centred).sum()
    np.testing.assert_allclose(shares, found.shares, atol=1e-4)
    assert all(weight > 0 for _, weight in counted.on) and all(weight < 0 for _, weight in counted.against)


def test_words_that_count_are_the_ones_one_sees() -> None:
    counted = reasons.of_tone("Super service, équipe géniale, merci", tone_grams.committed("fr")).counted(most=10)
    assert "merci" in {piece.text for piece, _ in counted.on if piece.kind is PieceKind.WORD}
    assert "list1_ups" in {piece.text for piece, _ in counted.on if piece.kind is PieceKind.FACT}


def test_words_that_lexicons_rate_are_told_with_their_list() -> None:
    found = {(one.word, one.source) for one in reasons.rated("Quelle honte, une migraine", "fr") if one.valence < 0}
    assert ("honte", "vader-fr") in found
    assert not any(word == "migraine" for word, _ in found)


def test_links_and_names_are_told_as_such() -> None:
    found = reasons.of_tone("@zoe voir https://a.example/b", tone_grams.committed("fr"))
    texts = {piece.text for piece in found.pieces if piece.kind is PieceKind.WORD}
    assert texts == {"<@>", "voir", "<link>"}


def test_the_edge_of_a_word_shows() -> None:
    found = reasons.of_language("le chat", language.committed())
    texts = {piece.text for piece in found.pieces}
    assert {"·le·", "·chat·", "·le", "le·", "·cha"} <= texts


def test_rules_that_answer_in_the_models_place_are_named() -> None:
    model = language.committed()
    assert reasons.of_language("ok", model).rule is Rule.FEW_LETTERS
    assert reasons.of_language("ok", model).value == UNDETERMINED
    assert reasons.of_language("Сьогодні я їду до Києва, дуже гарна погода", model).value == "uk"
    assert reasons.of_language("Bonjour à tous, merci pour votre réponse", model).rule is None


def test_a_text_of_illness_is_not_negative_by_rule() -> None:
    texts = ["J'ai mal et une migraine", "encore une migraine", "migraine fatigue", "migraine depuis lundi, marre"]
    found = [reasons.of_tone(text, tone_grams.committed("fr")) for text in texts]
    assert all((one.rule is Rule.CARE) == (one.best == "negative" and one.value == "neutral") for one in found)


def test_every_fact_has_a_name() -> None:
    assert len(FACTS) == len(set(FACTS)) == FACT_COUNT
