"""What a query means, and what it is refused for: the second chapter of the query manual."""

import time

import pytest

from vigie.match import Document, QueryError, check, compile_queries

POST = Document(
    title="Rappel de lot",
    text="Le Doliprane contre la fièvre et le mal de tête, merci l'aspirine",
    spaces=("forum-sante", "avis"),
    language="fr",
)

MEANINGS = [
    ("doliprane", True),
    ("ibuprofène", False),
    ("doliprane AND aspirine", True),
    ("doliprane AND ibuprofène", False),
    ("ibuprofène OR aspirine", True),
    ("doliprane AND NOT concours", True),
    ("doliprane NOT aspirine", False),
    ("doliprane AND (ibuprofène OR fièvre)", True),
    ("doliprane AND NOT (aspirine OR ibuprofène)", False),
    ("doliprane AND (fièvre OR (NOT aspirine))", True),
    ('"mal de tête"', True),
    ('"mal tête"', False),
    ("“mal de tête”", True),
    ("« mal de tête »", True),
    ("dolip*", True),
    ("prane*", False),
    ('"mal* de têt*"', True),
    ("rappel", True),
    ('"lot le doliprane"', False),
    ("space:forum-sante", True),
    ("space:AVIS AND doliprane", True),
    ("space:forum AND doliprane", False),
    ("doliprane AND language:fr", True),
    ("doliprane AND language:en", False),
    ("doliprane AND NOT language:en", True),
]
"""Whether the query holds for the post above."""

NORMAL_FORMS = [
    ("((doliprane))", "doliprane", []),
    ("Doliprane AND (FIÈVRE AND toux)", "doliprane AND fièvre AND toux", []),
    ("doliprane NOT concours", "doliprane AND NOT concours", []),
    ("doliprane AND NOT (NOT fièvre)", "doliprane AND fièvre", []),
    ("anti-inflammatoire", '"anti inflammatoire"', []),
    ("doliprane fièvre", "doliprane AND fièvre", ["query.implicit_and"]),
    ("do*", "do*", ["query.prefix_two"]),
    ("(doliprane and fièvre)", "doliprane AND and AND fièvre",
     ["query.implicit_and", "query.operator_word", "query.implicit_and"]),
    ("Language:FR AND Space:Avis", "language:fr AND space:avis", []),
    ("language:fr", "language:fr", ["query.language_alone"]),
]  # fmt: skip
"""Query, its normal form, the codes of its warnings."""

REFUSALS = [
    ("", "query.empty", ""),
    ("   ", "query.empty", "   "),
    ("a OR b AND c", "query.mixed", "OR b AND"),
    ("a AND b OR c", "query.mixed", "AND b OR"),
    ("a b OR c", "query.mixed", "b OR"),
    ("a OR NOT b", "query.mixed", "OR NOT"),
    ("a OR b NOT c", "query.mixed", "OR b NOT"),
    ("NOT a OR b", "query.mixed", "NOT a OR"),
    ("NOT a", "query.only_not", "NOT a"),
    ("a OR (NOT b)", "query.only_not", "a OR (NOT b)"),
    ("NOT (a AND b)", "query.only_not", "NOT (a AND b)"),
    ("NOT NOT a", "query.double_not", "NOT NOT"),
    ("(a AND b", "query.bracket_open", "("),
    ("a AND b)", "query.bracket_close", ")"),
    ("a AND ()", "query.bracket_empty", "()"),
    ('doliprane AND "mal de', "query.quote", '"'),
    ('a AND "!!"', "query.phrase_empty", '"!!"'),
    ("AND a", "query.operand", "AND"),
    ("a OR", "query.operand", "OR"),
    ("a AND OR b", "query.operand", "AND"),
    ("(a AND) b", "query.operand", "AND"),
    ("a NOT", "query.operand", "NOT"),
    ("*prane", "query.leading_star", "*"),
    ("d*prane", "query.star_place", "*"),
    ("dolip**", "query.star_place", "*"),
    ("d*", "query.prefix_short", "d*"),
    ("author:bob", "query.field", "author"),
    ("http://exemple.fr", "query.field", "http"),
    ("space: avis", "query.field_value", "space:"),
    ("language:français", "query.language_value", "language:français"),
    ("a AND ...", "query.no_word", "..."),
    ("a -b", "query.sign", "-"),
    ("+a", "query.sign", "+"),
    ("a | b", "query.not_yet", "|"),
    ("doliprane?", "query.not_yet", "?"),
    ('"a b"~5', "query.not_yet", "~"),
    ("a NEAR/5 b", "query.not_yet", "NEAR/5"),
    ("{BT}", "query.not_yet", "{"),
]
"""Query, the code of its refusal, the place that is marked."""


@pytest.mark.parametrize(("query", "holds"), MEANINGS)
def test_query_holds_as_the_manual_says(query: str, holds: bool) -> None:
    assert ("q" in compile_queries({"q": query}).match(POST)) is holds


@pytest.mark.parametrize(("query", "normal", "codes"), NORMAL_FORMS)
def test_query_has_one_normal_form(query: str, normal: str, codes: list[str]) -> None:
    checked = check(query)
    assert (checked.normal, [warning.code for warning in checked.warnings]) == (normal, codes)


@pytest.mark.parametrize(("query", "code", "marked"), REFUSALS)
def test_query_is_refused_where_it_is_wrong(query: str, code: str, marked: str) -> None:
    with pytest.raises(QueryError) as refused:
        check(query)
    error = refused.value
    assert (error.code, query[error.start : error.end]) == (code, marked)
    assert error.sentence.endswith(".")
    assert error.advice.endswith(".")


HOSTILE = {
    "ten thousand brackets": "(" * 10_000 + "a" + ")" * 10_000,
    "a hundred thousand brackets": "(" * 100_000,
    "a hundred thousand characters": "doliprane OR " * 8_000,
    "many NOTs": "NOT " * 7_000,
    "many groups of NOT": "(NOT " * 6_000,
    "many quotation marks": '"' * 31_999,
    "many stars": "a*" * 15_999,
    "one long word": "a" * 31_999 + "*" * 9,
    "accents upon accents": "e" + "\u0301" * 31_000,
    "apostrophes": "l'" * 15_000 + "(",
    "halves of characters": "\ud800 AND \udfff",
    "nothing visible": "\x00\u200b\u202e",
}


@pytest.mark.parametrize("query", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_query_is_answered_within_a_second(query: str) -> None:
    begun = time.perf_counter()
    try:
        check(query)
    except QueryError as error:
        assert error.sentence
    assert time.perf_counter() - begun < 1
