"""The engine answers what the plain evaluator answers: pairs, places, what depends on the language, what is not said."""

import importlib.util
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vigie.match import DOCUMENTS, Certain, Document, PlainQueries
from vigie.match.document import ENGAGEMENTS, TITLE
from vigie.match.engine import Engine
from vigie.match.parser import Query
from vigie.text.lexicon import Lexicon

_SPEC = importlib.util.spec_from_file_location("match_strategies", Path(__file__).parent / "strategies.py")
assert _SPEC and _SPEC.loader
drawn = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(drawn)

LEXICON = Lexicon()
"""Shared by all tests here, as by all queries of a process."""


def table_of(documents: Sequence[Document]) -> pa.Table:
    """Return posts as columns."""
    columns = {
        name: [getattr(document, name) for document in documents]
        for name in DOCUMENTS.names
        if name in Document.__dataclass_fields__
    }
    for kind, column in ENGAGEMENTS.items():
        columns[column] = ["1" if kind in document.engagement else None for document in documents]
    return pa.table({f.name: pa.array(columns[f.name], f.type) for f in DOCUMENTS if f.name in columns})


def compared(roots: Sequence[object], documents: Sequence[Document]) -> None:
    """Hold the posts against the queries both ways."""
    queries = {str(n): Query(root) for n, root in enumerate(roots)}
    plain = PlainQueries(queries, knowledge=drawn.KNOWLEDGE)
    engine = Engine(queries, knowledge=drawn.KNOWLEDGE, lexicon=LEXICON)
    table = table_of(documents)
    found = engine.match(table, spans=True)
    said = {(int(r), engine.ids[q]): n for n, (r, q) in enumerate(zip(found.row, found.query, strict=True))}
    assert len(said) == len(found.row)
    for row, document in enumerate(documents):
        expected = plain.match(document)
        assert {q for r, q in said if r == row} == set(expected), document
        for query_id, match in expected.items():
            spans = {True: [], False: []}
            mine = found.span_pair == said[row, query_id]
            for zone, start, end in zip(
                found.span_zone[mine], found.span_start[mine], found.span_end[mine], strict=True
            ):
                spans[bool(zone == TITLE)].append((int(start), int(end)))
            assert (tuple(spans[False]), tuple(spans[True])) == (match.spans, match.title_spans), queries[query_id]
    _compared_unread(engine, plain, table, documents)
    strict = engine.match(table, strictly=True)
    pairs = {(int(r), engine.ids[q]) for r, q in zip(strict.row, strict.query, strict=True)}
    assert pairs == {(n, q) for n, d in enumerate(documents) for q in plain.holding(d, strict=True)}


def _compared_unread(engine: Engine, plain: PlainQueries, table: pa.Table, documents: Sequence[Document]) -> None:
    unread = engine.match(table, unread=True)
    said = {(int(r), engine.ids[q]): bool(c) for r, q, c in zip(unread.row, unread.query, unread.certain, strict=True)}
    assert said == {(n, q): held is Certain for n, d in enumerate(documents) for q, held in plain.text_match(d).items()}


@settings(max_examples=250, deadline=None)
@given(st.lists(drawn.trees, min_size=1, max_size=12), st.lists(drawn.documents(), min_size=1, max_size=8))
def test_engine_and_plain_evaluator_agree(roots: list[object], documents: list[Document]) -> None:
    """A case is a pair of a query and a post: thousands."""
    compared(roots, documents)


@pytest.mark.slow
def test_engine_and_plain_evaluator_agree_a_hundred_thousand_times() -> None:
    """A case is a pair of a query and a post; they are counted."""
    cases = 0

    @settings(max_examples=2_100, deadline=None)
    @given(st.lists(drawn.trees, min_size=8, max_size=12), st.lists(drawn.documents(), min_size=6, max_size=8))
    def hold(roots: list[object], documents: list[Document]) -> None:
        nonlocal cases
        compared(roots, documents)
        cases += len(roots) * len(documents)

    hold()
    assert cases >= 100_000
