"""Misspelt words, against all distances worked out."""

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from vigie.text.near import Near

WORDS = ("doliprane", "levothyrox", "lexomil", "lexapro", "xanax", "abcdef", "abcdeg")

spelt = st.one_of(
    st.sampled_from(WORDS),
    st.tuples(st.sampled_from(WORDS), st.integers(0, 9), st.text("abcdelx", max_size=2)).map(
        lambda t: t[0][: t[1]] + t[2] + t[0][t[1] + 1 :]
    ),
    st.text("abcdefg", min_size=5, max_size=7),
)


@given(spelt, st.integers(5, 7))
def test_one_letter_wrong_and_none_else(form: str, least: int) -> None:
    near = Near(WORDS, (), least)
    expected = {w for w in WORDS if len(w) >= least and form and w[0] == form[0] and OSA.distance(w, form) == 1}
    assert near.meant(form) == (expected if len(expected) == 1 else set())


def test_a_word_that_is_itself_is_no_mistake() -> None:
    near = Near(["concerta"], ["concert"], 6).numbered({"concerta": 7})
    forms = pa.array(["concert", "concerte", "concerta1", "Concert"], pa.large_string())
    assert near.pairs(forms) == ([1], [7])


def test_what_may_stand_for_two_stands_for_none() -> None:
    near = Near(["abcdef", "abcdeg"], (), 6)
    assert near.meant("abcdeh") == set()
    assert near.meant("abcdf") == {"abcdef"}
