"""What was compiled and kept answers as what is compiled anew; what is not ours, or not whole, is as if it were not there."""

import importlib.util
from collections.abc import Sequence
from pathlib import Path

import msgspec
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vigie.match import Document, QueryError, kept, parse
from vigie.match.compiled import lay
from vigie.match.document import DOCUMENTS, ENGAGEMENTS
from vigie.match.engine import LOOSE, Engine
from vigie.match.expressions import Expressions, differing
from vigie.match.frequencies import share_of
from vigie.match.laid import Laid, merged
from vigie.text.lexicon import Lexicon

_SPEC = importlib.util.spec_from_file_location("match_strategies", Path(__file__).parent / "strategies.py")
assert _SPEC and _SPEC.loader
drawn = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(drawn)

LEXICON = Lexicon()
SECRET = drawn.SECRET
TEXTS = {"a": "doliprane", "b": "mal NEAR/2 (tete OR ventre)", "c": 'site:avis.fr AND "mal de"', "d": "rating:[1 TO 2]"}


def readable(root: object) -> bool:
    """Say whether a tree drawn at random is one that the language has."""
    try:
        return parse(str(root)) is not None
    except QueryError:
        return False


expressions = st.lists(drawn.trees.filter(readable).map(str), min_size=1, max_size=8)


def table_of(documents: Sequence[Document]) -> pa.Table:
    """Return posts as columns."""
    rows = []
    for document in documents:
        row = {name: getattr(document, name, None) for name in DOCUMENTS.names}
        row |= {column: "1" if kind in document.engagement else None for kind, column in ENGAGEMENTS.items()}
        rows.append(row)
    return pa.Table.from_pylist(rows, schema=DOCUMENTS)


def answers(engine: Engine, posts: pa.Table) -> list[object]:
    """Return all that an engine says of posts, by the ids of queries, in every way of asking."""
    said: list[object] = []
    for ways in ({"spans": True}, {"unread": True}, {"strictly": True}):
        found = engine.match(posts, **ways)
        pairs = [(int(r), engine.ids[q]) for r, q in zip(found.row, found.query, strict=True)]
        spans = zip(found.span_pair, found.span_zone, found.span_start, found.span_end, strict=True)
        said.append(sorted(zip(pairs, found.certain.tolist(), strict=True)))
        said.append(sorted((pairs[p], int(z), int(s), int(e)) for p, z, s, e in spans))
    return said


def compiled(texts: dict[str, str]) -> Engine:
    return Engine(Expressions(texts), knowledge=drawn.KNOWLEDGE, lexicon=LEXICON)


def again(data: bytes, texts: dict[str, str]) -> tuple[Engine, int]:
    """Return what a start makes of bytes."""
    found = kept.unpacked(data, secret=SECRET)
    assert found is not None
    return kept.restored(found, Expressions(texts), knowledge=drawn.KNOWLEDGE, lexicon=LEXICON)


def same_tables(one: Laid, other: Laid) -> bool:
    pairs = ((getattr(one.tables, name), getattr(other.tables, name)) for name in one.tables.__dataclass_fields__)
    return all(a.dtype == b.dtype and a.shape == b.shape and (a == b).all() for a, b in pairs)


@settings(max_examples=60, deadline=None)
@given(expressions, st.lists(drawn.documents(), min_size=1, max_size=6))
def test_kept_queries_answer_as_new_ones(asked: list[str], documents: list[Document]) -> None:
    texts = {str(n): text for n, text in enumerate(asked)}
    anew = compiled(texts)
    restored, changes = again(kept.packed(anew, Expressions(texts), secret=SECRET), texts)
    assert changes == 0
    assert same_tables(restored.parts[0].compiled.laid, anew.parts[0].compiled.laid)
    posts = table_of(documents)
    assert answers(restored, posts) == answers(anew, posts)


@settings(max_examples=80, deadline=None)
@given(expressions, expressions, st.sets(st.integers(0, 7)), st.lists(drawn.documents(), min_size=1, max_size=6))
def test_only_what_changed_is_compiled(
    asked: list[str], others: list[str], gone: set[int], documents: list[Document]
) -> None:
    before = {str(n): text for n, text in enumerate(asked)}
    after = {i: text for i, text in before.items() if int(i) not in gone} | {
        str(n + 5): text for n, text in enumerate(others)
    }
    data = kept.packed(compiled(before), Expressions(before), secret=SECRET)
    restored, changes = again(data, after)
    same = before.items() & after.items()
    assert changes == len(after) + len(before) - 2 * len(same)
    assert set(restored.ids) == set(after)
    posts = table_of(documents)
    assert answers(restored, posts) == answers(compiled(after), posts)
    twice, changes = again(kept.packed(restored, Expressions(after), secret=SECRET), after)
    assert changes == 0
    assert answers(twice, posts) == answers(restored, posts)


@settings(max_examples=40, deadline=None)
@given(expressions, st.lists(st.booleans(), min_size=8, max_size=8))
def test_thinned_queries_are_those_compiled_without_the_others(asked: list[str], drawn_alive: list[bool]) -> None:
    alive = np.array(drawn_alive[: len(asked)], np.bool_)
    queries = [parse(text) for text in asked]
    thin = merged([(lay(queries, chance=share_of), alive)])
    alone = merged(
        [(lay([q for q, is_alive in zip(queries, alive, strict=True) if is_alive], chance=share_of), alive[alive])]
    )
    assert (set(thin.asked), set(thin.said)) == (set(alone.asked), set(alone.said))
    for name in ("query_first", "query_last", "query_node", "query_nodes", "query_test", "always", "limits", "nodes"):
        assert (getattr(thin.tables, name) == getattr(alone.tables, name)).all(), name
    for name in ("tests", "steps", "test_terms", "postings"):
        assert getattr(thin.tables, name).shape == getattr(alone.tables, name).shape, name


def test_many_changes_are_put_together_and_answer_alike() -> None:
    engine, texts = compiled(TEXTS), dict(TEXTS)
    posts = table_of([Document(None, f"mal de tete doliprane mot{n}", site="avis.fr", rating=1.0) for n in range(9)])
    for n in range(LOOSE + 2):
        texts[f"n{n}"] = f"mot{n} AND NOT ventre"
        engine = engine.changed({f"n{n}": parse(texts[f"n{n}"])}, ["d"] if n == LOOSE // 2 else [])
    texts.pop("d")
    assert len(engine.parts) <= 2
    assert answers(engine, posts) == answers(compiled(texts), posts)


@pytest.mark.parametrize("place", [0, 31, 32, 100, -1])
def test_bytes_that_were_altered_are_not_believed(place: int) -> None:
    data = bytearray(kept.packed(compiled(TEXTS), Expressions(TEXTS), secret=SECRET))
    data[place] ^= 1
    assert kept.unpacked(bytes(data), secret=SECRET) is None


def test_bytes_that_are_cut_or_of_another_installation_are_not_believed() -> None:
    data = kept.packed(compiled(TEXTS), Expressions(TEXTS), secret=SECRET)
    assert kept.unpacked(data, secret=SECRET) is not None
    assert kept.unpacked(data, secret=b"another") is None
    for bad in (b"", data[:10], data[:-1], b"\0" * 100, data + b"x"):
        assert kept.unpacked(bad, secret=SECRET) is None


def test_bytes_of_another_version_are_compiled_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    data = kept.packed(compiled(TEXTS), Expressions(TEXTS), secret=SECRET)
    monkeypatch.setattr(kept, "code_version", lambda: b"of tomorrow")
    assert kept.unpacked(data, secret=SECRET) is None


def test_bytes_of_another_shape_are_not_believed() -> None:
    body = msgspec.msgpack.encode({"version": kept.code_version()})
    assert kept.unpacked(kept._mark(body, SECRET) + body, secret=SECRET) is None


def test_expressions_are_read_when_looked_at_and_name_what_cannot_be_read() -> None:
    asked = Expressions({"good": "a OR b", "bad": "("})
    assert list(asked) == ["good", "bad"]
    assert asked["good"] == parse("a OR b")
    with pytest.raises(QueryError) as raised:
        asked["bad"]
    assert raised.value.facts["query"] == "bad"
    assert differing(asked, Expressions({"good": "a OR b", "bad": ")"})) == ["bad"]
    assert differing({"x": parse("a")}, {"x": parse("a"), "y": parse("b")}) == []
