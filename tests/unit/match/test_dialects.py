"""Any text is read or refused in any dialect; what is written for a product means there what it means here."""

import importlib.util
import time
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from vigie.match import Document, PlainQueries, QueryError, parse, tree
from vigie.match.dialects import DIALECTS, WRITTEN, parse_dialect, write
from vigie.match.faults import ERRORS, WARNINGS
from vigie.match.parser import Query

_SPEC = importlib.util.spec_from_file_location("match_strategies", Path(__file__).parent / "strategies.py")
assert _SPEC and _SPEC.loader
drawn = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(drawn)

names = st.sampled_from(sorted(DIALECTS))
signs = st.text(alphabet=st.sampled_from('ab AND OR NOT()"*-+~^:[]{}<>?/5éœ#@_&'), max_size=40)
pieces = st.sampled_from(
    ("a", "fièvre", "#b", '"a b"', "AND", "OR", "NOT", "and", "not", "(", ")", "-", "NEAR", "NEAR/3", "ONEAR/2", '"a b"~3',
     "a~1", "a~", "b*", "^9", "raw:A", '++"A"', "from:nasa", "to:nasa", "is:reply", "has:links", "url:b.fr", "lang:fr",
     "site:b.fr", "title:(", "rating:[1 TO 2]", "{A}", "<<<", ">>>", "country:fra", "a/5")
)  # fmt: skip
queries = st.lists(pieces, max_size=12).map(" ".join) | st.lists(pieces, max_size=8).map("".join) | signs


@given(queries | st.text(max_size=60), names)
def test_any_text_is_read_or_refused_in_any_dialect(text: str, dialect: str) -> None:
    try:
        query = parse_dialect(text, dialect)
    except QueryError as error:
        assert 0 <= error.start <= error.end <= len(text)
        assert error.code in ERRORS
        return
    assert parse(str(query)).root == query.root
    assert all(one.code in WARNINGS and 0 <= one.start <= one.end <= len(text) for one in query.warnings)


@given(drawn.trees, st.sampled_from(sorted(WRITTEN)))
def test_any_query_is_written_or_refused(root: tree.Node, dialect: str) -> None:
    assume(tree.demands(root, of=lambda leaf: True))
    try:
        text = write(Query(root), dialect).text
    except QueryError as error:
        assert error.code in ("query.dialect_out", "query.x_alone")
        return
    parse_dialect(text, dialect)


@given(drawn.trees)
def test_query_written_for_brandwatch_reads_as_the_same_query(root: tree.Node) -> None:
    assume(tree.demands(root, of=lambda leaf: True))
    assume(
        all(
            leaf.low is not None and leaf.high is not None for leaf in tree.leaves(root) if isinstance(leaf, tree.Range)
        )
    )
    try:
        text = write(Query(root), "brandwatch").text
    except QueryError:
        return
    assert parse_dialect(text, "brandwatch").root == root


x_words = st.sampled_from(("fievre", "doliprane", "mal", "de", "#doliprane", "😡", "ab")).map(tree.Word)
x_phrases = st.lists(x_words, min_size=2, max_size=3).map(lambda parts: tree.Phrase(tuple(parts)))
x_sides = st.lists(x_words, min_size=1, max_size=2, unique=True).map(tuple)
x_nears = st.builds(lambda a, b, n, f: tree.Near((a, b), n, f), x_sides, x_sides, st.integers(0, 6), st.booleans())
x_facts = st.sampled_from(
    (tree.Field("author", "bob"), tree.Field("engagementType", "reply"), tree.Field("engagingWith", "bob"),
     tree.Field("language", "fr"), tree.Range("authorFollowers", 10.0, None), tree.Range("authorFollowers", 0.0, 600.0))
)  # fmt: skip
x_trees = st.recursive(
    x_words | x_phrases | x_nears | x_facts,
    lambda inner: (
        st.lists(inner, min_size=2, max_size=3).map(tree.conjunction)
        | st.lists(inner, min_size=2, max_size=3).map(tree.disjunction)
        | inner.map(tree.negation)
    ),
    max_leaves=6,
)


@given(x_trees, st.lists(drawn.documents(), min_size=1, max_size=4))
def test_query_written_for_x_finds_the_same_posts(root: tree.Node, posts: list[Document]) -> None:
    assume(tree.demands(root, of=lambda leaf: True))
    try:
        again = parse_dialect(write(Query(root), "x").text, "x")
    except QueryError as error:
        assert error.code in ("query.dialect_out", "query.x_alone")
        return
    held = PlainQueries({"ours": Query(root), "theirs": again}, knowledge=drawn.KNOWLEDGE)
    assert all(("ours" in found) == ("theirs" in found) for found in map(held.match, posts))


def test_links_of_a_post_are_what_x_means_by_has_links() -> None:
    held = PlainQueries({"q": parse_dialect("has:links", "x")})
    assert "q" in held.match(Document(title=None, text="voir https://avis.fr/mal"))
    assert "q" in held.match(Document(title=None, text="voir HTTP://avis.fr"))
    assert "q" not in held.match(Document(title=None, text="voir https et avis.fr"))


@pytest.mark.parametrize(
    ("text", "holds"),
    [("a b", True), ("a x x b", True), ("a x x x b", False), ("b a", True), ("b x a", False)],
)
def test_moves_count_two_more_the_other_way_round(text: str, holds: bool) -> None:
    held = PlainQueries({"q": parse_dialect('"a b"~2', "x")})
    assert ("q" in held.match(Document(title=None, text=text))) is holds


HOSTILE = {
    "a hundred thousand brackets": "(" * 100_000,
    "brackets": "(" * 15_000 + "a" + ")" * 15_000,
    "a mixture": "a OR b AND " * 2_900,
    "mixtures in brackets": "(a OR b AND " * 2_600,
    "minuses": "-" * 31_999,
    "quotation marks": '"' * 31_999,
    "accents": "é " * 15_999,
    "tildes": "a~ " * 10_000,
    "colons": "a:" * 15_000,
    "priorities": "a^9" * 10_000,
    "words": "ab " * 10_000,
}


@pytest.mark.parametrize("dialect", sorted(DIALECTS))
@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_query_of_another_product_is_answered_within_a_second(text: str, dialect: str) -> None:
    begun = time.process_time()
    try:
        parse_dialect(text, dialect)
    except QueryError as error:
        assert error.sentence
    assert time.process_time() - begun < 1
