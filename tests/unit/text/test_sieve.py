"""The sieve drops no text that holds what is sought, however it is written, and keeps few of the others."""

import sys
import unicodedata

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vigie.text import sieve, words
from vigie.text.sieve import Sieve

WRITTEN = "abeoszBEOZ09éÉœŒæßÆﬁſ́̀\u00ad\u200b\u200d\ufe0f'’-_ #@😀🏽ｅＢKÅçøłже\u0901"
"""Letters that fold to others, marks, joiners, signs and what ends a word."""


def kept(forms: list[str], texts: list[str | None] | pa.Array) -> list[bool]:
    found = Sieve.of(forms)
    assert found is not None
    column = texts if isinstance(texts, pa.Array) else pa.array(texts, pa.string())
    rows = np.zeros(len(column), np.bool_)
    found.keep(column, rows)
    return [bool(row) for row in rows]


@pytest.mark.parametrize("text", [
    "Sérélium", "SERELIUM", "se\u0301relium", "se\u00adrelium", "ｓｅｒｅｌｉｕｍ", "#Serelium", "d’Sérélium", "le sérélium.",
    "se\u200drelium", "sereliumab", "anti-sérélium",
])  # fmt: skip
def test_a_word_is_kept_however_it_is_written(text: str) -> None:
    assert kept(["serelium"], [text]) == [True]


def test_letters_that_are_two_letters_are_read_so() -> None:
    assert kept(["oeuf"], ["un œuf", "un ŒUF", "un euf"]) == [True, True, False]
    assert kept(["strasse"], ["Straße", "strase"]) == [True, False]
    assert kept(["office"], ["oﬃce", "ofice"]) == [True, False]


def test_what_holds_none_is_dropped() -> None:
    assert kept(["serelium", "vertige"], ["bonjour", None, "", "sere lium", "verti-ge", "des vertiges"]) == [
        False, False, False, False, False, True,
    ]  # fmt: skip


def test_bytes_that_are_no_text_are_kept_until_they_are_repaired() -> None:
    raw = pa.array([b"\xffserelium\xf0", b"\xc3", b"\xe2\x80serelium", b"\x80", b"x", b"\xf8aaa"], pa.binary())
    assert kept(["serelium"], pa.Array.from_buffers(pa.string(), 6, raw.buffers())) == [
        True, True, True, True, False, True,
    ]  # fmt: skip


def test_a_slice_is_read_at_its_own_rows() -> None:
    assert kept(["serelium"], pa.array(["serelium", "x", "y", "serelium"]).slice(1)) == [False, False, True]


@pytest.mark.parametrize("forms", [["ab"], ["serelium", "😀"], [""], [f"{n:04d}" for n in range(22)]])
def test_short_words_signs_and_many_words_have_no_sieve(forms: list[str]) -> None:
    assert Sieve.of(forms) is None


def test_many_words_are_sought_by_their_beginnings() -> None:
    assert kept([f"{n:04d}x" for n in range(21)], ["a 0007", "b 0021"]) == [True, True]
    assert kept([f"{n:04d}x" for n in range(16)], ["a 0007", "b 0021"]) == [True, False]


def test_no_other_character_is_read_as_a_letter_of_ascii() -> None:
    known = {code for first, last in sieve.FOLDED_TO_ASCII for code in range(first, last)}
    others = (
        chr(code) for code in range(0x80, sys.maxunicode + 1) if code not in known and not 0xD800 <= code < 0xE000
    )
    candidates = (c for c in others if unicodedata.category(c)[0] in "LNS")
    assert [c for c in candidates if sieve.PIECE.search(words.fold(c).plain)] == []


@settings(max_examples=1_500, deadline=None)
@given(st.text(WRITTEN, max_size=12), st.integers(0, 9), st.integers(3, 6))
def test_a_text_with_the_word_is_never_dropped(text: str, at: int, length: int) -> None:
    forms = [form for word in words.words(text) for form in word.forms]
    sought = [form[at : at + length] for form in forms]
    for form in {*forms, *sought}:
        if (found := Sieve.of([form])) is not None:
            rows = np.zeros(1, np.bool_)
            found.keep(pa.array([text]), rows)
            assert rows[0], (text, form)
