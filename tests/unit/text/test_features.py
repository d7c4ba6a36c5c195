"""What weights say of features, word by word and kept, is what they say of each feature."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from numpy.typing import NDArray

from vigie.enrich.valences import valences
from vigie.text import features
from vigie.text.features import array_of, batches, spelt, spoken, told, weighed

TEXTS = [
    "Le matin, le chat n'est pas là ; l’été non plus 😡😡 :-)",
    "",
    "日本語 and ни́кто, https://example.org @moi 3 fois",
    "le chat " * 50,
    "e\u0301te\u0301 encore",
    "a!a!a!",
]

BITS, MOST = 12, 300

WEIGHTS = np.random.default_rng(3).normal(size=(1 << BITS, 3)).astype(np.float32)


def over_root(slots: NDArray[np.int32]) -> NDArray[np.float64]:
    """Return the sums of some features' weights, over the root of their number."""
    found: NDArray[np.float64] = WEIGHTS[slots].astype(np.float64).sum(axis=0) / np.sqrt(max(len(slots), 1))
    return found


@pytest.mark.parametrize("bits", [0, 1, 14])
def test_what_words_say_of_a_language_is_what_their_features_say(bits: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(features, "MOST_MET_BITS", bits)  # 0: each word takes the place of the one before
    for _, data, offsets, room in batches(TEXTS, MOST):
        read = spelt(data, offsets, room, bits=BITS, most=MOST)
        wanted = [over_root(read.slots[a:b]) for a, b in zip(read.first, read.first[1:], strict=False)]
        scores, letters = told(data, offsets, bits=BITS, most=MOST, weights=WEIGHTS)
        assert_allclose(scores, wanted, atol=1e-4)
        assert letters.tolist() == read.letters.tolist()


@pytest.mark.parametrize("bits", [0, 1, 14])
@pytest.mark.parametrize("language", ["fr", "en"])
def test_what_words_say_of_a_tone_is_what_their_features_say(
    bits: int, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(features, "MOST_MET_BITS", bits)
    for _, data, offsets, room in batches(TEXTS, MOST):
        read = spoken(data, offsets, room, bits=BITS, most=MOST, valences=valences(language))
        edges = zip(read.first, read.middle, read.first[1:], strict=False)
        wanted = [1.4 * over_root(read.slots[a:b]) + over_root(read.slots[b:c]) for a, b, c in edges]
        found = weighed(
            data, offsets, room, bits=BITS, most=MOST, valences=valences(language), weights=WEIGHTS, word_share=1.4
        )
        assert_allclose(found.scores, wanted, atol=1e-4)
        assert_allclose(found.facts, read.facts)
        assert found.cares.tolist() == read.cares.tolist()


def test_accents_beside_their_letter_are_joined_to_it_and_other_texts_stay() -> None:
    texts = ["déjà", "de\u0301ja\u0300", "", "\ud83d x", "naïve", "i\u0302le"]
    assert array_of(texts).to_pylist() == ["déjà", "déjà", "", "? x", "naïve", "île"]
