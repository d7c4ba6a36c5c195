"""The engine beside the plain evaluator where words are few and near: NEAR in NEAR, eight sides, tables in pieces."""

import importlib.util
import time
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vigie.match import DOCUMENTS, Certain, Document, Knowledge, PlainQueries, document_of, parse
from vigie.match.document import TITLE
from vigie.match.engine import Engine
from vigie.match.parser import Query
from vigie.match.tree import Cased, Field, Fuzzy, In, Near, Pattern, Phrase, Prefix, Range, Word
from vigie.text.lexicon import Lexicon

_SPEC = importlib.util.spec_from_file_location("match_strategies", Path(__file__).parent / "strategies.py")
assert _SPEC and _SPEC.loader
drawn = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(drawn)

LEXICON = Lexicon()
"""Shared by all tests here, as by all queries of a process."""

letters = st.sampled_from("abcd").map(Word)
terms = letters | letters | st.sampled_from((Prefix("b"), Pattern("x?"), Fuzzy("ab", 1), Cased("A")))
phrases = st.lists(terms, min_size=2, max_size=4).map(lambda parts: Phrase(tuple(parts)))


def _pairs(inner: st.SearchStrategy[object]) -> st.SearchStrategy[Near]:
    sides = st.lists(inner, min_size=1, max_size=2).map(tuple)
    return st.builds(lambda a, b, n, f: Near((a, b), n, f), sides, sides, st.integers(0, 5), st.booleans())


windows = st.builds(
    lambda sides, n: Near(tuple(sides), n),
    st.lists(st.lists(terms, min_size=1, max_size=2).map(tuple), min_size=3, max_size=8),
    st.sampled_from((0, 1, 2, 3, 6, 12, 30)),
)
nears = _pairs(terms | phrases) | _pairs(terms | _pairs(terms | phrases | _pairs(terms))) | windows
zoned = st.builds(In, st.sampled_from(("title", "url", "links")), terms | phrases | nears)
facts = st.sampled_from(
    (Field("site", "a.fr"), Field("language", "fr"), Field("space", "s"), Range("rating", 1.0, 2.0))
)
trees = st.recursive(nears | nears | phrases | zoned | terms | facts, drawn._grown, max_leaves=4)

pieces = st.sampled_from(
    ("a", "a", "b", "b", "c", "d", "e", "x1", "ab", "A", "é", "bé", "-", "1€", "https://a.fr/b-c?d", "http://a.b/é", "b" * 201)
)  # fmt: skip
texts = st.lists(pieces, max_size=40).map(" ".join)
rows = st.fixed_dictionaries(
    {
        "title": st.none() | st.lists(pieces, max_size=8).map(" ".join),
        "text": texts,
        "url": st.none() | st.sampled_from(("https://a.fr/a-b-c", "https://b.fr/b?a=b")),
        "site": st.sampled_from((None, "www.A.fr", "x.a.fr", "b.fr")),
        "rating": st.sampled_from((None, 1.5, 3.0)),
        "spaces": st.sampled_from((None, [], ["s"], ["t", "S"])),
        "language": st.sampled_from((None, "fr", "en-GB", "und")),
    }
)


def compared(queries: dict[str, Query], table: pa.Table, knowledge: Knowledge = drawn.KNOWLEDGE) -> None:
    """Hold a table against queries both ways: pairs, places, what depends on the language, what is not said."""
    plain = PlainQueries(queries, knowledge=knowledge)
    engine = Engine(queries, knowledge=knowledge, lexicon=LEXICON)
    documents = [document_of(row) for row in table.to_pylist()]
    found = engine.match(table, spans=True)
    marked = {pair: ([], []) for pair in range(len(found.row))}
    spans = zip(found.span_pair, found.span_zone, found.span_start, found.span_end, strict=True)
    for pair, zone, start, end in spans:
        marked[int(pair)][int(zone == TITLE)].append((int(start), int(end)))
    said = {(int(r), engine.ids[q]): marked[n] for n, (r, q) in enumerate(zip(found.row, found.query, strict=True))}
    matches = {(n, q): match for n, document in enumerate(documents) for q, match in plain.match(document).items()}
    assert said == {pair: (list(match.spans), list(match.title_spans)) for pair, match in matches.items()}
    strictly = engine.match(table, strictly=True)
    pairs = {(int(r), engine.ids[q]) for r, q in zip(strictly.row, strictly.query, strict=True)}
    assert pairs == {(n, q) for n, document in enumerate(documents) for q in plain.holding(document, strict=True)}
    unread = engine.match(table, unread=True)
    certain = {
        (int(r), engine.ids[q]): bool(c) for r, q, c in zip(unread.row, unread.query, unread.certain, strict=True)
    }
    held = {(n, q): h is Certain for n, document in enumerate(documents) for q, h in plain.text_match(document).items()}
    assert certain == held


def in_pieces(posts: list[dict[str, object]], cuts: list[int]) -> pa.Table:
    """Return posts as a table of several chunks, of which the first were cut away."""
    schema = pa.schema([field for field in DOCUMENTS if field.name in posts[0]])
    before = pa.Table.from_pylist([{"text": "a b", "spaces": ["s"], "rating": 1.5}] * 3, schema=schema)
    table = pa.concat_tables([before, pa.Table.from_pylist(posts, schema=schema)]).combine_chunks()[3:]
    edges = [0, *sorted(cut for cut in cuts if cut < len(posts)), len(posts)]
    return pa.concat_tables([table[a:b] for a, b in pairwise(edges)])


@settings(max_examples=60, deadline=None)
@given(
    st.lists(trees, min_size=4, max_size=12),
    st.lists(rows, min_size=2, max_size=8),
    st.lists(st.integers(0, 8), max_size=2),
)
def test_few_words_near_one_another(roots: list[object], posts: list[dict[str, object]], cuts: list[int]) -> None:
    compared({str(n): Query(root) for n, root in enumerate(roots)}, in_pieces(posts, cuts))


@pytest.mark.slow
def test_few_words_near_one_another_a_hundred_thousand_times() -> None:
    """A case is a pair of a query and a post; they are counted."""
    cases = 0

    @settings(max_examples=1_600, deadline=None)
    @given(
        st.lists(trees, min_size=8, max_size=12),
        st.lists(rows, min_size=8, max_size=10),
        st.lists(st.integers(0, 8), max_size=2),
    )
    def hold(roots: list[object], posts: list[dict[str, object]], cuts: list[int]) -> None:
        nonlocal cases
        compared({str(n): Query(root) for n, root in enumerate(roots)}, in_pieces(posts, cuts))
        cases += len(roots) * len(posts)

    hold()
    assert cases >= 100_000


def test_posts_of_many_blocks_are_numbered_through() -> None:
    posts = [
        {"text": "a b", "site": "a.fr" if n % 7 == 0 else None, "spaces": ["s"] if n % 5 else None}
        for n in range(9_000)
    ]
    queries = {"site": Query(Field("site", "a.fr")), "space": Query(Field("space", "s")), "no": Query(Word("c"))}
    found = Engine(queries, lexicon=LEXICON).match(in_pieces(posts, [4_000, 4_100]))
    pairs = set(zip(found.row.tolist(), found.query.tolist(), strict=True))
    assert pairs == {(n, 0) for n in range(0, 9_000, 7)} | {(n, 1) for n in range(9_000) if n % 5}


def test_changed_queries_answer_as_new_ones() -> None:
    first = {"a": Query(Word("a")), "b": Query(Word("b")), "near": Query(Near(((Word("a"),), (Word("b"),)), 1))}
    second = {"b": Query(Word("c")), "near": first["near"], "d": Query(Field("site", "a.fr"))}
    table = in_pieces([{"text": "a x b", "site": "a.fr"}, {"text": "c", "site": None}], [])
    changed = Engine(first, lexicon=LEXICON).changed({"b": second["b"], "d": second["d"]}, ["a"])
    anew = Engine(second, lexicon=LEXICON)
    answers = [
        {(int(r), engine.ids[q]) for r, q in zip(f.row, f.query, strict=True)}
        for engine in (changed, anew)
        for f in (engine.match(table),)
    ]
    assert answers[0] == answers[1] == {(0, "near"), (0, "d"), (1, "b")}


def test_document_of_nothing_is_found_by_nothing() -> None:
    table = pa.table({"text": pa.array([""])})
    compared({"a": Query(Word("a")), "b": Query(Prefix("aa"))}, table)
    assert document_of(table.to_pylist()[0]) == Document(None, "")


HOSTILE = {
    "near within near": ("(a NEAR/50 a) NEAR/50 (a NEAR/50 a)", "a " * 2_000),
    "near over a long text": ("a NEAR/100 a", "a " * 20_000),
    "many sides": ('"a a a a a a a a"~100', "a " * 5_000),
    "many stars": ("aa*a*a*a*a*a*a*a*a*b", "a" * 200),
    "many question marks": ("ab" + "?" * 5_000, "ab" + "c" * 5_000),
    "one endless word": ("doliprane~2 OR doli*e", "doliprane" * 10_000),
}
"""What could take forever: query, text."""


@pytest.mark.parametrize(("query", "text"), HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_text_is_answered_in_a_moment(query: str, text: str) -> None:
    engine = Engine({"q": parse(query)}, lexicon=LEXICON)
    table = pa.table({"text": pa.array([text])})
    engine.match(table.slice(0, 0), spans=True)
    begun = time.process_time()
    engine.match(table, spans=True)
    assert time.process_time() - begun < 3


AT = datetime(2026, 1, 1, 0, 30, tzinfo=UTC)
HIDDEN = pa.ListArray.from_arrays(
    pa.array([0, 1, 2, 3]), pa.array(["s", "s", "t"]), mask=pa.array([True, False, False])
)
ODD = {
    "answer to nothing": ("engagementType:reply", {"in_reply_to": pa.array(["", None, "x"])}),
    "list under a null": ("space:s", {"spaces": HIDDEN}),
    "no number": ("rating:[1 TO 2]", {"rating": pa.array([float("nan"), None, 1.5])}),
    "more followers than people": ("authorFollowers:[10 TO *]", {"followers": pa.array([2**53 + 1, None, 5])}),
    "site without a type": ("site:x", {"site": pa.nulls(3)}),
    "spaces without a type": ("space:x", {"spaces": pa.nulls(3)}),
    "verified without a type": ("authorVerified:true", {"author_verified": pa.nulls(3)}),
    "text that is null": ("site:x", {"text": pa.array(["a", "b", None])}),
    "text by dictionary": ("site:x", {"text": pa.array(["a", "b", None]).dictionary_encode()}),
    "site by dictionary": ("site:fr", {"site": pa.array(["www.a.fr", "FR", None]).dictionary_encode()}),
    "another time zone": ("minuteOfDay:[0 TO 60]", {"published_at": pa.array([AT, None, AT], pa.timestamp("us", "Asia/Tokyo"))}),
    "no time zone": ("minuteOfDay:[0 TO 60]", {"published_at": pa.array([AT.replace(tzinfo=None), None, None], pa.timestamp("us"))}),
}  # fmt: skip
"""Columns as other programs write them: query, columns."""


@pytest.mark.parametrize(("query", "columns"), ODD.values(), ids=ODD.keys())
def test_odd_columns_say_what_their_rows_say(query: str, columns: dict[str, pa.Array]) -> None:
    table = pa.table({"text": pa.array(["a", "a", "a"]), **columns})
    queries = {"held": parse(f"a AND {query}"), "not": parse(f"a AND NOT {query}")}
    compared(queries, table)


def test_emoji_between_braces_is_itself() -> None:
    query = parse("{👩‍⚕}")
    assert parse(str(query)) == query
    compared({"q": query}, pa.table({"text": pa.array(["👩‍⚕", "👩", "👩⚕"])}))
