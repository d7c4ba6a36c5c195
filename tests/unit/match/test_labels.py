"""The label part of queries: its split from the text part, and the engine beside the plain evaluator."""

import importlib.util
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vigie.match import DOCUMENTS, Document, PlainQueries, QueryError, compile_queries, document_of, parse
from vigie.match.document import LABEL_COLUMNS
from vigie.match.engine import Engine
from vigie.match.fields import label_form
from vigie.match.labels import labels_of, stream_part, text_part, with_categories
from vigie.match.parser import Query
from vigie.match.tree import LABELS, Field
from vigie.text.lexicon import Lexicon

_SPEC = importlib.util.spec_from_file_location("match_strategies", Path(__file__).parent / "strategies.py")
assert _SPEC and _SPEC.loader
drawn = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(drawn)

LEXICON = Lexicon()

VALUES = {
    "drug": ("paracetamol", "acide folique"), "reaction": ("nausee",), "condition": ("asthme",), "device": ("stylo",),
    "tone": ("negative", "positive"), "who": ("patient",), "intent": ("question", "thanks"), "category": ("1", "2"),
    "story": ("7",),
}  # fmt: skip
SAID = {"paracetamol": "Paracétamol", "acide folique": "Acide  folique", "nausee": "nausée"}
"""How a label may be written where a query asks for its folded form."""

labels = st.sampled_from([Field(name, value) for name, values in VALUES.items() for value in values])
trees = st.recursive(labels | labels | drawn.words | drawn.facts, drawn._grown, max_leaves=8)


@st.composite
def rows(draw: st.DrawFn) -> dict[str, object]:
    """Draw a post with some labels."""
    row: dict[str, object] = {"text": draw(drawn.texts), "language": draw(drawn.languages)}
    for name, values in VALUES.items():
        column = LABEL_COLUMNS[name]
        if DOCUMENTS.field(column).type == pa.string():
            row[column] = draw(st.none() | st.sampled_from(values))
        else:
            found = draw(st.none() | st.lists(st.sampled_from(values), max_size=2))
            row[column] = None if found is None else [SAID.get(value, value) for value in found]
    return row


@settings(max_examples=150, deadline=None)
@given(st.lists(trees, min_size=1, max_size=4), st.lists(rows(), min_size=1, max_size=4), st.booleans())
def test_engine_holds_labels_as_the_plain_evaluator_does(roots: list, posts: list, strictly: bool) -> None:
    queries = {str(n): Query(root) for n, root in enumerate(roots)}
    table = pa.Table.from_pylist(posts, schema=DOCUMENTS)
    engine = Engine(queries, knowledge=drawn.KNOWLEDGE, lexicon=LEXICON)
    found = engine.match(table, strictly=strictly)
    plain = PlainQueries(queries, knowledge=drawn.KNOWLEDGE)
    said = {(int(r), engine.ids[q]) for r, q in zip(found.row, found.query, strict=True)}
    expected = {
        (n, i) for n, row in enumerate(table.to_pylist()) for i in plain.holding(document_of(row), strict=strictly)
    }
    assert said == expected


@settings(max_examples=300, deadline=None)
@given(trees, rows())
def test_text_part_holds_exactly_where_the_whole_may(root: object, row: dict[str, object]) -> None:
    part = text_part(root)  # type: ignore[arg-type]
    document = document_of(row)
    whole = PlainQueries({"q": Query(root)}, knowledge=drawn.KNOWLEDGE)  # type: ignore[arg-type]
    may = "q" in whole.text_match(document)
    if part is None:
        return
    assert not labels_of(Query(part))
    text = PlainQueries({"q": Query(part)}, knowledge=drawn.KNOWLEDGE)
    assert ("q" in text.text_match(document)) == may
    assert may or "q" not in whole.holding(document)
    assert "q" in text.holding(document) or "q" not in whole.holding(document)


@pytest.mark.parametrize(
    ("expression", "part"),
    [
        ("doliprane AND tone:negative", "doliprane"),
        ("doliprane AND NOT tone:negative", "doliprane"),
        ("doliprane AND (who:patient OR who:relative)", "doliprane"),
        ("doliprane AND (mal OR reaction:nausée)", "doliprane"),
        ("(doliprane AND who:patient) OR (efferalgan AND NOT who:press)", "doliprane OR efferalgan"),
        ("doliprane AND NOT (mal OR tone:positive)", "doliprane AND NOT mal"),
        ("doliprane AND NOT (mal AND tone:positive)", "doliprane"),
        ("site:avis.fr AND drug:ibuprofène", "site:avis.fr"),
        ('"tone negative" AND mal', '"tone negative" AND mal'),
    ],
)
def test_text_part_of(expression: str, part: str) -> None:
    assert str(text_part(parse(expression).root)) == part
    assert str(parse(stream_part(expression))) == part


@pytest.mark.parametrize(
    "expression",
    ["drug:ibuprofène", "doliprane OR drug:paracétamol", "tone:negative AND who:patient", "drug:x AND NOT mal"],
)
def test_labels_alone_are_refused(expression: str) -> None:
    with pytest.raises(QueryError) as refused:
        parse(expression)
    assert refused.value.code == "query.labels_alone"


def test_a_name_is_asked_for_folded() -> None:
    (field,) = labels_of(parse('x AND drug:"Acide  FOLIQUE®"'))
    assert field.value == label_form("acide folique") == "acide folique"


def test_categories_are_asked_for_by_their_ids() -> None:
    root = parse("x AND category:prix AND NOT category:absente").root
    settled = with_categories(root, {"prix": ("3", "4")})
    assert str(settled) == "x AND (category:3 OR category:4) AND NOT category:0"
    queries = PlainQueries({"q": Query(settled)})
    assert queries.holding(Document(None, "x", labels=frozenset({("category", "4")}))) == ["q"]


def test_every_label_has_its_column() -> None:
    assert set(LABELS) == set(LABEL_COLUMNS) and set(LABEL_COLUMNS.values()) <= set(DOCUMENTS.names)


def test_without_labels_a_test_of_one_holds_nowhere() -> None:
    queries = compile_queries({"a": "mal AND tone:negative", "b": "mal AND NOT tone:negative"})
    found = queries.found(pa.table({"text": ["mal"]}))
    assert [queries.engine.ids[q] for q in found.query] == ["b"]
