"""Queries that stand for long: a vocabulary that is full begins anew, and what holds stays the same."""

import pyarrow as pa
import pytest

from vigie.match import Queries, compile_queries
from vigie.match.parser import parse
from vigie.text import lexicon


def test_vocabulary_that_is_full_begins_anew_with_the_next_change(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lexicon, "MOST_SPELLINGS", 30)
    monkeypatch.setattr(Queries, "_lexicon", lexicon.Lexicon())
    expressions = {"a": "vertige*", "b": "serelium~1 AND NOT {Fatigue}"}
    posts = pa.table({"text": ["Serelim et des vertiges", "Sérélium, Fatigue", *(f"mot{n}" for n in range(40))]})
    queries = compile_queries(expressions)
    before = queries.found(posts, spans=True)
    assert queries.is_full
    after = queries.changed({name: parse(text) for name, text in expressions.items()})
    assert not after.is_full and queries.is_full, "who holds the old ones goes on with them"
    assert after.engine.lexicon.size == 0 and list(after.engine.ids) == list(queries.engine.ids)
    again = after.found(posts, spans=True)
    for name in ("row", "query", "span_start", "span_end"):
        assert getattr(again, name).tolist() == getattr(before, name).tolist()


def test_no_query_at_all_begins_anew_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lexicon, "MOST_SPELLINGS", 3)
    monkeypatch.setattr(Queries, "_lexicon", lexicon.Lexicon())
    nothing = compile_queries({})
    assert not len(nothing.found(pa.table({"text": ["un deux trois quatre"]})).row)
    assert nothing.is_full and not nothing.changed({}).is_full
