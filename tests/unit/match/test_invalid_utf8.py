"""Arrow strings whose bytes are not UTF-8 are read as `bytes.decode("utf-8", "replace")` reads them, places included."""

import importlib.util
from itertools import accumulate
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vigie.match import Document, PlainQueries, parse
from vigie.match.document import TITLE, sound
from vigie.match.engine import Engine
from vigie.match.parser import Query
from vigie.text.lexicon import Lexicon
from vigie.text.phrases import Phrases

_SPEC = importlib.util.spec_from_file_location("match_strategies", Path(__file__).parent / "strategies.py")
assert _SPEC and _SPEC.loader
drawn = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(drawn)

LEXICON = Lexicon()
TYPES = ((pa.string(), np.int32), (pa.large_string(), np.int64))

broken = st.sampled_from(
    (b"\xff", b"\x80", b"\xc3", b"\xc3 ", b"\xe2\x82", b"\xf0\x9f\x98", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xf5")
)  # fmt: skip
"""Stray and missing bytes, a character cut off, one written too long, half of a pair, one beyond the last."""
fragments = drawn.fragments.map(lambda text: text.encode("utf-8", "replace")) | broken | st.binary(max_size=4)
texts = st.lists(fragments, max_size=10).map(b" ".join) | st.lists(fragments, max_size=10).map(b"".join)


def strings(raws: list[bytes], type_: pa.DataType, places: type[np.signedinteger], *, before: int) -> pa.Array:
    """Return bytes as an Arrow array of strings, unchecked, cut out of a longer one."""
    given_ = [b"\xff x"] * before + raws
    offsets = np.array([0, *accumulate(map(len, given_))], places)
    buffers = [None, pa.py_buffer(offsets.tobytes()), pa.py_buffer(b"".join(given_))]
    return pa.Array.from_buffers(type_, len(given_), buffers)[before:]


def compared(roots: list[object], titles: list[bytes], bodies: list[bytes], at: int, before: int) -> int:
    """Hold posts against queries both ways; return how many pairs were held."""
    queries = {str(n): Query(root) for n, root in enumerate(roots)}
    rows = list(zip(titles, bodies, strict=False))
    table = pa.table(
        {
            "title": strings([title for title, _ in rows], *TYPES[at], before=before),
            "text": strings([body for _, body in rows], *TYPES[1 - at], before=before),
        }
    )
    engine = Engine(queries, knowledge=drawn.KNOWLEDGE, lexicon=LEXICON)
    found = engine.match(table, spans=True)
    said = {(int(r), engine.ids[q]): ([], []) for r, q in zip(found.row, found.query, strict=True)}
    pairs = list(said)
    for pair, zone, start, end in zip(found.span_pair, found.span_zone, found.span_start, found.span_end, strict=True):
        said[pairs[pair]][int(zone == TITLE)].append((int(start), int(end)))
    plain = PlainQueries(queries, knowledge=drawn.KNOWLEDGE)
    expected = {
        (n, query): (list(match.spans), list(match.title_spans))
        for n, (title, body) in enumerate(rows)
        for query, match in plain.match(
            Document(title.decode("utf-8", "replace"), body.decode("utf-8", "replace"))
        ).items()
    }
    assert said == expected
    return len(queries) * len(rows)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(drawn.trees, min_size=1, max_size=10),
    st.lists(texts, min_size=1, max_size=6),
    st.lists(texts, min_size=1, max_size=6),
    st.integers(0, 1),
    st.integers(0, 2),
)
def test_bytes_that_are_not_utf8_are_read_as_replaced(
    roots: list[object], titles: list[bytes], bodies: list[bytes], at: int, before: int
) -> None:
    """A case is a pair of a query and a post: thousands."""
    compared(roots, titles, bodies, at, before)


@pytest.mark.slow
def test_bytes_that_are_not_utf8_are_read_as_replaced_a_hundred_thousand_times() -> None:
    """A case is a pair of a query and a post; they are counted."""
    cases = 0

    @settings(max_examples=2_100, deadline=None)
    @given(
        st.lists(drawn.trees, min_size=8, max_size=12),
        st.lists(texts, min_size=6, max_size=8),
        st.lists(texts, min_size=6, max_size=8),
        st.integers(0, 1),
        st.integers(0, 2),
    )
    def hold(roots: list[object], titles: list[bytes], bodies: list[bytes], at: int, before: int) -> None:
        nonlocal cases
        cases += compared(roots, titles, bodies, at, before)

    hold()
    assert cases >= 100_000


@settings(deadline=None)
@given(st.lists(texts, max_size=6))
def test_what_sources_say_may_be_any_bytes(raws: list[bytes]) -> None:
    asked = (
        "site:avis.fr", "network:forum", "country:fr", "author:bob", "language:fr AND a", "url:avis", "links:avis",
        "engagementType:reply", "engagingWith:bob",
    )  # fmt: skip
    engine = Engine({q: parse(q) for q in asked}, knowledge=drawn.KNOWLEDGE, lexicon=LEXICON)
    names = ("title", "text", "url", "site", "network", "country", "origin", "in_reply_to", "language")
    table = pa.table({name: strings(raws, *TYPES[0], before=1) for name in names})
    keys = pa.array(raws, pa.binary())
    table = table.append_column("author_key", keys).append_column("engaging_key", keys)
    for strictly in (False, True):
        engine.match(table, spans=True, strictly=strictly)


@settings(deadline=None)
@given(st.lists(texts, max_size=6))
def test_cutting_and_tagging_any_bytes_ends(raws: list[bytes]) -> None:
    """They do not repair: of such bytes they make some words or others, within the text."""
    array = strings(raws, *TYPES[1], before=1)
    tokens = LEXICON.read(array)
    lengths = np.repeat([len(raw) for raw in raws], np.diff(tokens.first)) if raws else np.zeros(0)
    assert ((tokens.starts >= 0) & (tokens.starts < tokens.ends) & (tokens.ends <= lengths)).all()
    Phrases(["mal de tête", "doliprane"], LEXICON).tag(array)


def test_sound_posts_are_left_as_they_are() -> None:
    table = pa.table({"text": ["é", None], "n": [1, 2]})
    assert sound(table) is table
    bad = pa.chunked_array([strings([b"\xc3", b"b"], *TYPES[0], before=0)])
    repaired = sound(pa.table({"text": bad, "title": ["a", None]}))
    assert repaired.to_pylist() == [{"text": "\ufffd", "title": "a"}, {"text": "b", "title": None}]
    assert repaired.schema.field("text").type == pa.string()
