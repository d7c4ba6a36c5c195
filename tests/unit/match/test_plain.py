"""What holds, what was caught, and what can be said before the language is known."""

import fnmatch
import importlib.util
import itertools
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from vigie.match import Certain, Depends, Document, compile_queries
from vigie.match.document import TEXT, TITLE
from vigie.match.parser import Query
from vigie.match.plain import PlainQueries, Reading, _has_shape, _letters_apart, holds
from vigie.match.tree import And, Field, In, Near, Not, Or, Phrase, Prefix, Range, Word

_SPEC = importlib.util.spec_from_file_location("match_strategies", Path(__file__).parent / "strategies.py")
assert _SPEC and _SPEC.loader
drawn = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(drawn)

spaces = st.lists(st.sampled_from(("avis", "forum-sante", "autre")), max_size=2).map(tuple)


@given(drawn.trees, drawn.texts, drawn.texts, spaces)
def test_text_match_is_certain_only_when_no_language_changes_it(root, title, text, names) -> None:
    queries = PlainQueries({"q": Query(root)})
    said = queries.text_match(Document(title, text, names)).get("q")
    full = {bool(queries.holding(Document(title, text, names, code))) for code in (None, "fr", "en", "und", "de-CH")}
    if said is Certain:
        assert full == {True}
    elif said is None:
        assert full == {False}


@given(drawn.trees, drawn.texts, drawn.texts, spaces, st.sampled_from((None, "fr", "en")))
def test_evaluation_follows_boolean_algebra(root, title, text, names, language) -> None:
    reading = Reading(Document(title, text, names, language))
    assert holds(Not(root), reading) is not holds(root, reading)
    assert holds(And((root, Not(root))), reading) is False
    assert holds(Or((root, Not(root))), reading) is True


@given(drawn.trees, drawn.texts, drawn.texts, spaces)
def test_spans_lie_in_the_text_and_hold_by_themselves(root, title, text, names) -> None:
    document = Document(title, text, names, "fr")
    for caught in PlainQueries({"q": Query(root)}).explain(document).get("q", ()):
        if isinstance(caught.leaf, Field | Range):
            assert (caught.spans, caught.title_spans) == ((), ())
            continue
        if isinstance(caught.leaf, In) and caught.leaf.zone != "title":
            assert (caught.spans, caught.title_spans) == ((), ())
            continue
        assert caught.spans or caught.title_spans
        if isinstance(caught.leaf, Near | In):
            continue
        alone = PlainQueries({"leaf": Query(caught.leaf)})
        for of, spans in ((text, caught.spans), (title, caught.title_spans)):
            for start, end in spans:
                assert 0 <= start < end <= len(of)
                assert alone.holding(Document(None, of[start:end])) == ["leaf"]


MAIN = frozenset({TITLE, TEXT})


@given(drawn.texts, st.sampled_from((Word("mal"), Prefix("doli"), Phrase((Word("de"), Word("tête"))))))
def test_match_spans_are_sorted_and_all_occurrences(text, leaf) -> None:
    found = PlainQueries({"q": Query(leaf)}).match(Document(None, text))
    spans = found["q"].spans if found else ()
    assert list(spans) == sorted(set(spans))
    assert len(spans) == len(Reading(Document(None, text)).of(leaf, MAIN))


short = st.lists(st.sampled_from("abcx"), max_size=9).map(" ".join)
sides = st.lists(st.sampled_from((("a",), ("b",), ("c",), ("a", "b"), ("b", "c"))), min_size=2, max_size=4)


@settings(deadline=None)
@given(short, sides, st.integers(0, 5), st.booleans())
def test_near_holds_where_some_choice_of_words_does(text, drawn_sides, distance, in_order) -> None:
    """Try every choice of one word a side."""
    in_order = in_order and len(drawn_sides) == 2
    near = Near(tuple(tuple(Word(form) for form in side) for side in drawn_sides), distance, in_order)
    letters = text.split()
    places = [[n for n, letter in enumerate(letters) if letter in side] for side in drawn_sides]
    choices = [c for c in itertools.product(*places) if len(set(c)) == len(c) and max(c) - min(c) < distance + len(c)]
    choices = [c for c in choices if not in_order or list(c) == sorted(c)]
    reading = Reading(Document(None, text))
    assert holds(near, reading) is bool(choices)
    shortest = {min(c): min(max(d) for d in choices if min(d) == min(c)) for c in choices}
    found: dict[int, int] = {}
    for _, first, last in reading.of(near, MAIN):
        found[first] = min(last, found.get(first, last))
    assert found == shortest


letters = st.sampled_from("abc").map(Word)
small_phrases = st.lists(letters, min_size=2, max_size=3).map(lambda parts: Phrase(tuple(parts)))


def _near(inner: st.SearchStrategy[object]) -> st.SearchStrategy[Near]:
    alternatives = st.lists(inner, min_size=1, max_size=2, unique=True).map(tuple)
    return st.builds(
        lambda a, b, n, f: Near((a, b), n, f), alternatives, alternatives, st.integers(0, 3), st.booleans()
    )


def every_choice(what: object, text: list[str]) -> set[tuple[int, int]]:
    """Return where something stands, by trying all there is: first and last word."""
    if isinstance(what, Word):
        return {(n, n) for n, letter in enumerate(text) if letter == what.form}
    if isinstance(what, Phrase):
        asked = [part.form for part in what.parts]
        ends = ((n, n + len(asked) - 1) for n in range(len(text)))
        return {(first, last) for first, last in ends if text[first : last + 1] == asked}
    found = set()
    for choice in itertools.product(*(set().union(*(every_choice(o, text) for o in side)) for side in what.sides)):
        used = [n for first, last in choice for n in range(first, last + 1)]
        between = max(used) - min(used) + 1 - len(used)
        apart = len(set(used)) == len(used) and between <= what.distance
        if apart and (not what.in_order or list(choice) == sorted(choice)):
            found.add((min(used), max(used)))
    return found


def within(what: object, text: list[str]) -> set[tuple[int, int]]:
    """Return where the words and phrases of a Near stand."""
    if not isinstance(what, Near):
        return every_choice(what, text)
    return set().union(*(within(one, text) for side in what.sides for one in side))


@settings(deadline=None)
@given(short, _near(letters | small_phrases) | _near(letters | _near(letters | small_phrases)) | _near(_near(letters)))
def test_near_is_what_trying_every_choice_finds_and_marks(text, near) -> None:
    words = text.split()
    choices = every_choice(near, words)
    document = Document(None, text)
    assert {(first, last) for _, first, last in Reading(document).of(near, MAIN)} == choices
    windows = {s: min(end for begin, end in choices if begin == s) for s, _ in choices}
    marked = {(a, b) for a, b in within(near, words) for s, e in windows.items() if s <= a and b <= e}
    found = PlainQueries({"q": Query(near)}).match(document)
    # Words are one letter here, and one space parts them.
    assert ({(a // 2, b // 2) for a, b in found["q"].spans} if found else set()) == marked


@given(drawn.texts, st.sampled_from(drawn.WORDS), st.sampled_from(drawn.WORDS), st.integers(0, 3))
def test_near_grows_with_its_distance_and_does_not_mind_the_order(text, one, other, distance) -> None:
    reading = Reading(Document(None, text))

    def held(a, b, n, in_order=False):
        return holds(Near(((Word(a),), (Word(b),)), n, in_order), reading)

    assert held(one, other, distance) is held(other, one, distance)
    assert not held(one, other, distance) or held(one, other, distance + 1)
    assert not held(one, other, distance, True) or held(one, other, distance)
    assert not holds(Phrase((Word(one), Word(other))), reading) or held(one, other, 0, True)


def test_same_word_twice_is_needed_to_be_near_itself() -> None:
    near = {"q": "a NEAR/5 a"}
    assert compile_queries(near).match(Document(None, "a b")) == {}
    assert "q" in compile_queries(near).match(Document(None, "a b a"))


@given(drawn.trees, drawn.noise, st.none() | drawn.noise)
def test_any_text_is_answered_halves_of_characters_too(root, text, title) -> None:
    queries = PlainQueries({"q": Query(root)})
    document = Document(title, text, url=text)
    found = queries.match(document)
    assert list(found) == queries.holding(document)
    for match in found.values():
        assert all(0 <= start < end <= len(text) for start, end in match.spans)
        assert all(0 <= start < end <= len(title or "") for start, end in match.title_spans)


HOSTILE = {
    "three the same": ('"a a a"~5', "a " * 2000),
    "many pairs": ('"a a a a"~20 AND (("a" NEAR/50 b) NEAR/50 c)', "a " * 2000),
    "many sides": ('"a b c d e f g h"~90', "a " * 2000),
    "near within near": ("(a NEAR/20 a) NEAR/20 (a NEAR/20 a)", "a " * 2000),
    "many stars": ("aa*a*a*a*a*a*a*a*a*b", "a" * 200),
    "many question marks": ("ab" + "?" * 5000, "ab" + "c" * 5000),
    "one endless word": ("doliprane~2 OR doli*e", "doliprane" * 10_000),
    "many different words": ("doliprane~2", " ".join(f"doliprane{n}" for n in range(2000))),
    "many links": ("links:(a NEAR/5 b)", "https://a.fr/b " * 1000),
}
"""What could take forever: query, text."""


@pytest.mark.parametrize(("query", "text"), HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_text_is_answered_in_a_moment(query: str, text: str) -> None:
    queries = compile_queries({"q": query})
    begun = time.process_time()
    queries.match(Document(None, text))
    assert time.process_time() - begun < 4


@given(st.text("abé", max_size=6), st.text("abé", max_size=6))
def test_letters_apart_are_those_of_a_well_kept_library(one, other) -> None:
    assert _letters_apart(one, other) == OSA.distance(one, other)


@given(st.text("ab", max_size=6), st.text("ab?*", max_size=5))
def test_shape_is_that_of_file_names(form, pattern) -> None:
    assert _has_shape(form, pattern) is fnmatch.fnmatchcase(form, pattern)


@given(st.sampled_from(sorted(drawn.FIELDS)), drawn.documents())
def test_what_a_source_does_not_say_holds_nowhere_and_its_not_everywhere(name, document) -> None:
    nothing = Document(None, "a")
    for value in drawn.FIELDS[name]:
        leaf = Field(name, value)
        assert holds(leaf, Reading(nothing)) is False
        assert holds(Not(leaf), Reading(nothing)) is True
        reading = Reading(document, knowledge=drawn.KNOWLEDGE)
        strict = Reading(document, knowledge=drawn.KNOWLEDGE, strict=True)
        assert not holds(Not(leaf), strict) or holds(Not(leaf), reading)
        assert holds(leaf, strict) is holds(leaf, reading)


def test_match_leaves_out_what_did_not_make_it_hold() -> None:
    queries = compile_queries({"q": "doliprane AND NOT (concours AND photo)", "r": "(toux AND rhume) OR doliprane"})
    found = queries.match(Document(None, "doliprane concours toux"))
    assert {name: match.spans for name, match in found.items()} == {"q": ((0, 9),), "r": ((0, 9),)}


def test_language_unknown_is_no_language() -> None:
    queries = compile_queries({"in": "a AND language:fr", "out": "a AND NOT language:fr", "und": "a AND language:und"})
    assert queries.holding(Document(None, "a")) == ["out"]
    assert queries.holding(Document(None, "a", (), "fr-CA")) == ["in"]
    assert queries.holding(Document(None, "a", (), "und")) == ["out", "und"]
    assert queries.text_match(Document(None, "a", (), "fr")) == {"in": Depends, "out": Depends, "und": Depends}
    assert queries.text_match(Document(None, "b")) == {}


def test_text_match_does_not_need_the_language_when_the_words_decide() -> None:
    queries = compile_queries({"q": "a OR (b AND language:fr)", "r": "a AND b AND language:fr"})
    assert queries.text_match(Document(None, "a")) == {"q": Certain}
    assert queries.text_match(Document(None, "b")) == {"q": Depends}


def test_title_and_text_have_their_own_spans() -> None:
    found = compile_queries({"q": "doli* OR toux"}).match(Document("Toux !", "la toux, le Doliprane"))
    assert (found["q"].title_spans, found["q"].spans) == (((0, 4),), ((3, 7), (12, 21)))
