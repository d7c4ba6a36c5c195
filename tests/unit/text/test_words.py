"""Words lie in the text, and fold to the same wherever they stand."""

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from vigie.text.words import fold, spans, tokens, words

texts = st.text(max_size=60) | st.text(alphabet="aéE\u0301'’œß#@_-lLsS qu😡👍🏽\u200d\ufe0f頭1", max_size=30)


@given(texts)
def test_tokens_lie_in_the_text_in_order_and_apart(text: str) -> None:
    last = 0
    for token in tokens(text):
        assert last <= token.start < token.end <= len(text)
        assert fold(text[token.start : token.end]) == token.word
        last = token.end
    assert words(text) == [token.word for token in tokens(text)]
    assert spans(text) == [(token.start, token.end) for token in tokens(text)]


@given(texts)
def test_every_letter_and_digit_is_in_a_word(text: str) -> None:
    covered = {place for start, end in spans(text) for place in range(start, end)}
    missed = [c for i, c in enumerate(text) if c.isalnum() and c != "ʼ" and i not in covered]
    assert missed == []


@given(texts)
def test_folding_a_folded_word_changes_nothing(text: str) -> None:
    for word in words(text):
        again = words(word.asked)
        assert [(w.sign, w.exact, w.plain) for w in again] == [(word.sign, word.exact, word.plain)]


@given(texts)
def test_composed_and_decomposed_texts_have_the_same_words(text: str) -> None:
    composed, decomposed = (unicodedata.normalize(form, text) for form in ("NFC", "NFD"))
    assert words(composed) == words(decomposed)


@given(texts)
def test_capitals_do_not_count(text: str) -> None:
    letters = "".join(c for c in text if len(c.upper()) == 1 and c.upper().lower() == c.lower() and c not in "'’")
    assert [w.plain for w in words(letters)] == [w.plain for w in words("".join(c.upper() for c in letters))]
