"""The parser never crashes, and its normal form reads as the same query."""

import importlib.util
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from vigie.match import QueryError, check, compile_queries, parse
from vigie.match.faults import ERRORS, WARNINGS
from vigie.match.lexer import NOT_SIMPLE, SIMPLE, lexemes, term_of
from vigie.match.parser import MAX_DEPTH, Query
from vigie.match.tree import And, Not, Or, Word, demands

_SPEC = importlib.util.spec_from_file_location("match_strategies", Path(__file__).parent / "strategies.py")
assert _SPEC and _SPEC.loader
drawn = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(drawn)


@given(st.text(max_size=80) | drawn.noise)
def test_parse_refuses_or_understands_any_text(expression: str) -> None:
    try:
        query = parse(expression)
    except QueryError as error:
        assert 0 <= error.start <= error.end <= len(expression)
        assert error.code in ERRORS
        return
    assert parse(str(query)) == query
    assert all(w.code in WARNINGS and 0 <= w.start < w.end <= len(expression) for w in query.warnings)


@settings(deadline=None)
@given(st.from_regex(SIMPLE, fullmatch=True))
def test_simple_word_is_read_as_any_other(word: str) -> None:
    assume(word not in NOT_SIMPLE)
    (lexeme,) = lexemes(word, [])
    assert lexeme.leaf == term_of(word, (0, len(word)), [])
    assert lexeme.leaf.at == lexeme.at == (0, len(word))


@given(drawn.trees)
def test_normal_form_reads_as_the_same_query(root: object) -> None:
    assume(demands(root, of=lambda leaf: True))
    assert parse(str(Query(root))).root == root
    assert check(str(Query(root))).normal == str(root)


def test_places_of_leaves_are_those_of_the_expression() -> None:
    expression = 'toux AND ("mal de tête" OR fiè*) AND space:avis'
    root = parse(expression).root
    assert isinstance(root, And)
    leaves = [root.children[0], *root.children[1].children, root.children[2]]
    assert [expression[slice(*leaf.at)] for leaf in leaves] == ["toux", '"mal de tête"', "fiè*", "space:avis"]


def test_deepest_allowed_query_is_read_printed_and_evaluated() -> None:
    expression = "a"
    for _ in range(MAX_DEPTH // 2):
        expression = f"b AND NOT (c OR ({expression}))"
    assert parse(str(parse(expression))) == parse(expression)
    compile_queries({"q": expression})
    with pytest.raises(QueryError, match="50") as refused:
        parse(f"({expression} AND d)")
    assert refused.value.code == "query.too_deep"


def test_compile_names_the_query_that_is_wrong() -> None:
    with pytest.raises(QueryError) as refused:
        compile_queries({"good": "a", "bad": "a AND"})
    assert refused.value.facts == {"operator": "AND", "side": "right", "start": 2, "end": 5, "query": "bad"}


def test_groups_of_one_kind_are_one_group() -> None:
    a, b, c = Word("a"), Word("b"), Word("c")
    assert parse("a OR (b OR c)").root == Or((a, b, c))
    assert parse("a AND (b AND NOT c)").root == And((a, b, Not(c)))
