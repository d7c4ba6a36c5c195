"""Matched words are marked, and nothing of a post is ever HTML."""

import html
import re
from itertools import pairwise

from django.utils.safestring import mark_safe
from hypothesis import given
from hypothesis import strategies as st

from vigie.web.marks import Named, excerpt, marked, merged

NASTY = st.lists(
    st.sampled_from([*"<>&\"'/= abcé\n\u202f😵", "<script>", "</mark>", "&lt;", "<mark>"]), max_size=60
).map("".join)
SPANS = st.lists(st.tuples(st.integers(-5, 70), st.integers(-5, 70)), max_size=6)


@given(NASTY, SPANS)
def test_marked_text_holds_no_tag_but_its_marks(text: str, spans: list[tuple[int, int]]) -> None:
    rendered = str(marked(text, spans))
    without = rendered.replace("<mark>", "").replace("</mark>", "")
    assert re.search(r"[<>\"']", without) is None
    assert html.unescape(without) == text


@given(NASTY, SPANS)
def test_marks_stand_around_exactly_the_spans(text: str, spans: list[tuple[int, int]]) -> None:
    inside = [html.unescape(piece) for piece in re.findall(r"<mark>(.*?)</mark>", str(marked(text, spans)), re.DOTALL)]
    assert inside == [text[start:end] for start, end in merged(spans, len(text))]


NAMED = st.lists(
    st.builds(
        Named,
        st.integers(-5, 70),
        st.integers(-5, 70),
        st.sampled_from(["drug", 'x" y']),
        st.sampled_from(["a", "<b>"]),
    ),
    max_size=5,
)


@given(NASTY, SPANS, NAMED)
def test_named_places_are_underlined_and_marks_stay(
    text: str, spans: list[tuple[int, int]], named: list[Named]
) -> None:
    rendered = str(marked(text, spans, named))
    pieces = re.findall(r"(<mark>)?(<u class=\"[^\"<>]*\" title=\"[^\"<>]*\">)?([^<]*)(?:</u>)?(?:</mark>)?", rendered)
    assert html.unescape("".join(piece for _, _, piece in pieces)) == text
    at, seen = 0, []
    for mark, under, piece in pieces:
        plain = html.unescape(piece)
        seen += [(at + n, bool(mark), bool(under)) for n in range(len(plain))]
        at += len(plain)
    assert seen == [
        (n, any(a <= n < b for a, b in spans), any(one.start <= n < one.end for one in named)) for n in range(len(text))
    ]


@given(SPANS, st.integers(0, 60))
def test_merged_spans_cover_the_same_letters_in_order_and_apart(spans: list[tuple[int, int]], length: int) -> None:
    covered = {n for start, end in spans for n in range(max(start, 0), min(end, length))}
    found = merged(spans, length)
    assert {n for start, end in found for n in range(start, end)} == covered
    assert all(a[1] < b[0] for a, b in pairwise(found))


def test_marked_escapes_even_what_calls_itself_safe() -> None:
    assert marked(mark_safe("<b>x</b>"), [(0, 3)]) == "<mark>&lt;b&gt;</mark>x&lt;/b&gt;"  # noqa: S308 -- the point


@given(st.text(max_size=900), SPANS)
def test_excerpt_is_a_piece_of_its_text_with_spans_inside_it(text: str, spans: list[tuple[int, int]]) -> None:
    piece, inside, before, after = excerpt(text, spans, limit=100)
    assert piece in text
    assert (before, after) == (not text.startswith(piece), not text.endswith(piece)) or len(text) > 100
    assert all(0 <= start < end <= len(piece) for start, end in inside)


def test_excerpt_shows_the_first_mark_of_a_long_text() -> None:
    text = "mot " * 300 + "Sérélium " + "fin " * 100
    piece, inside, before, after = excerpt(text, [(1200, 1208)], limit=120)
    assert [piece[start:end] for start, end in inside] == ["Sérélium"]
    assert before
    assert after
