"""What holds, what was caught, and what can be said before the language is known."""

import importlib.util
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from vigie.match import Certain, Depends, Document, compile_queries
from vigie.match.evaluate import Queries, Reading, holds
from vigie.match.parser import Query
from vigie.match.tree import And, Language, Not, Or, Phrase, Prefix, Space, Word

_SPEC = importlib.util.spec_from_file_location("match_strategies", Path(__file__).parent / "strategies.py")
assert _SPEC and _SPEC.loader
drawn = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(drawn)

spaces = st.lists(st.sampled_from(("avis", "forum-sante", "autre")), max_size=2).map(tuple)


@given(drawn.trees, drawn.texts, drawn.texts, spaces)
def test_text_match_is_certain_only_when_no_language_changes_it(root, title, text, names) -> None:
    queries = Queries({"q": Query(root)})
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
    for caught in Queries({"q": Query(root)}).explain(document).get("q", ()):
        if isinstance(caught.leaf, Space | Language):
            assert (caught.spans, caught.title_spans) == ((), ())
            continue
        assert caught.spans or caught.title_spans
        alone = Queries({"leaf": Query(caught.leaf)})
        for of, spans in ((text, caught.spans), (title, caught.title_spans)):
            for start, end in spans:
                assert 0 <= start < end <= len(of)
                assert alone.holding(Document(None, of[start:end])) == ["leaf"]


@given(drawn.texts, st.sampled_from((Word("mal"), Prefix("doli"), Phrase((Word("de"), Word("tête"))))))
def test_match_spans_are_sorted_and_all_occurrences(text, leaf) -> None:
    found = Queries({"q": Query(leaf)}).match(Document(None, text))
    spans = found["q"].spans if found else ()
    assert list(spans) == sorted(set(spans))
    reading = Reading(Document(None, text))
    assert len(spans) == len(reading.of_phrase(leaf) if isinstance(leaf, Phrase) else reading.of_part(leaf))


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
