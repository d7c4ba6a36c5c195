"""What a query means, and what it is refused for: the second chapter of the query manual."""

import time
from datetime import UTC, datetime

import pytest

from vigie.match import Document, QueryError, check, compile_queries

POST = Document(
    title="Rappel de lot",
    text="Le Doliprane contre la fièvre et le mal de tête, merci l'aspirine",
    spaces=("forum-sante", "avis"),
    language="fr",
    url="https://forum.example/sujet/rappel-de-lot",
    site="forum.example",
    network="forum",
    country="FR",
    followers=700,
    rating=2.0,
    published_at=datetime(2026, 3, 1, 18, 30, tzinfo=UTC),
    engagement=("reply",),
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
    ("fièvre NEAR/2 tête", False),
    ("fièvre NEAR/4 tête", True),
    ("tête NEAR/4 fièvre", True),
    ("tête NEAR/4f fièvre", False),
    ('(fièvre OR toux) NEAR/2 "mal de tête"', True),
    ('"tête fièvre"~4', True),
    ('"doliprane fièvre tête"~6', True),
    ('"doliprane fièvre tête"~5', False),
    ("(doliprane AND fièvre)~2", True),
    ("doliprane NEAR/9 doliprane", False),
    ("rappel NEAR/9 doliprane", False),
    ("fi*vre", True),
    ("fi?vre", True),
    ("f??vre", True),
    ("fi?ore", False),
    ("{Doliprane}", True),
    ("{DOLIPRANE}", False),
    ("dolipranne~1", True),
    ("dolipran~1", True),
    ("dolirpane~1", True),
    ("doliprannes~1", False),
    ("doliprannes~2", True),
    ("title:rappel", True),
    ("title:doliprane", False),
    ("title:(rappel AND lot)", True),
    ("title:(rappel NEAR/1 lot)", True),
    ('url:"forum.example/sujet"', True),
    ("site:example", True),
    ("site:autre.example", False),
    ("network:forum", True),
    ("country:fr", True),
    ("NOT country:be AND doliprane", True),
    ("authorFollowers:[500 TO 1000]", True),
    ("authorFollowers:[800 TO *]", False),
    ("rating:[1 TO 2]", True),
    ("minuteOfDay:[1110 TO 1140]", True),
    ("engagementType:comment", True),
    ("engagementType:repost", False),
    ("authorVerified:true", False),
    ("doliprane AND NOT authorVerified:true", True),
    ("doliprane AND continent:europe", False),
    ("doliprane <<< la marque >>> AND aspirine", True),
]
"""Whether the query holds for the post above."""

NORMAL_FORMS = [
    ("((doliprane))", "doliprane", ["query.useless_brackets", "query.useless_brackets"]),
    ("Doliprane AND (FIÈVRE AND toux)", "doliprane AND fièvre AND toux", []),
    ("doliprane NOT concours", "doliprane AND NOT concours", []),
    ("doliprane AND NOT (NOT fièvre)", "doliprane AND fièvre", []),
    ("anti-inflammatoire", '"anti inflammatoire"', []),
    ("doliprane fièvre", "doliprane AND fièvre", ["query.implicit_and"]),
    ("do*", "do*", ["query.prefix_two"]),
    ("(doliprane and fièvre)", "doliprane AND and AND fièvre",
     ["query.implicit_and", "query.operator_word", "query.implicit_and"]),
    ("near AND far", "near AND far", ["query.operator_word"]),
    ("a near b", "a AND near AND b", ["query.implicit_and", "query.operator_word", "query.implicit_and"]),
    ("Near AND onear", "near AND onear", ["query.operator_word", "query.operator_word"]),
    ("a ANDNOT b", "a AND andnot AND b", ["query.implicit_and", "query.operator_word", "query.implicit_and"]),
    ("C++", "c", ["query.signs_dropped"]),
    ("C# OR F#", "c OR f", ["query.signs_dropped", "query.signs_dropped"]),
    ("{C++} AND \"a + b\"", '{C} AND "a b"', ["query.signs_dropped", "query.signs_dropped"]),
    ("Doliprane® AND R&D AND dr_house AND et/ou AND a, AND b... AND (c!)", 'doliprane AND "r d" AND "dr house" AND "et ou" AND a AND b AND c', ["query.useless_brackets"]),
    ("Language:FR AND Space:Avis", "language:fr AND space:avis", []),
    ("language:fr", "language:fr", ["query.language_alone"]),
    ('"a b"~5', "a NEAR/5 b", []),
    ("(a AND b)~5", "a NEAR/5 b", []),
    ('"a b c"~5', "(a AND b AND c)~5", []),
    ("(a OR b) NEAR/3f (c OR \"d e\")", "(a OR b) NEAR/3f (c OR \"d e\")", []),
    ("((a NEAR/2 b) NEAR/5 c) AND d", "((a NEAR/2 b) NEAR/5 c) AND d", []),
    ("title:(a OR b)", "title:a OR title:b", []),
    ("title:(a NEAR/2 b)", "title:(a NEAR/2 b)", []),
    ('title:"a b"', 'title:"a b"', []),
    ("hashtags:Covid", "#covid", []),
    ("at_mentions:@ANSM", "@ansm", []),
    ("hashtags:ab*", "#ab*", ["query.prefix_two"]),
    ("colo?r AND vac*tion", "colo?r AND vac*tion", []),
    ("{BT} AND {Apple Watch}", '{BT} AND "{Apple} {Watch}"', []),
    ("doliprane~1", "doliprane~1", []),
    ("mal~1", "mal~1", ["query.fuzzy_short"]),
    ('"doliprane"~5', "doliprane", ["query.near_single"]),
    ("a <<< un avis >>> OR b", "a OR b", []),
    ("a<<<x>>> OR b", "a OR b", []),
    ("rating:3", "rating:[3 TO 3]", []),
    ("authorFollowers:[500 TO *]", "authorFollowers:[500 TO *]", []),
    ("site:www.Doctissimo.fr", "site:doctissimo.fr", []),
    ("topLevelDomain:fr", "site:fr", []),
    ("country:GBR", "country:gb", []),
    ("engagementType:RETWEET", "engagementType:repost", []),
    ("a AND continent:europe", "a AND continent:europe", ["query.no_data"]),
    ("a AND latitude:[48 TO 49]", "a AND latitude:[48 TO 49]", ["query.no_data"]),
    ('url:"msn.com/news?id=1"', 'url:"msn com news id 1"', []),
    ("100% OR 5€", '"100 %" OR "5 €"', []),
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
    ("*prane", "query.leading_star", "*prane"),
    ("?oliprane", "query.leading_star", "?oliprane"),
    ("😡*", "query.leading_star", "*"),
    ("d*prane", "query.prefix_short", "d*prane"),
    ("dolip**", "query.star_place", "dolip**"),
    ("d*", "query.prefix_short", "d*"),
    ("auteur:bob", "query.field", "auteur"),
    ("http://exemple.fr", "query.field", "http"),
    ("space: avis", "query.field_value", "space:"),
    ("language:français", "query.language_value", "language:français"),
    ("a AND ...", "query.no_word", "..."),
    ("a -b", "query.sign", "-"),
    ("+a", "query.sign", "+"),
    ("a | b", "query.not_yet", "|"),
    ("a && b", "query.not_yet", "&&"),
    ("a NEAR b", "query.near_number", "NEAR"),
    ("a ONEAR/5 b", "query.near_number", "ONEAR/5"),
    ("a near/5 b", "query.near_number", "near/5"),
    ("a NEAR/-1 b", "query.near_number", "NEAR/-1"),
    ("a NEAR/1.5 b", "query.near_number", "NEAR/1.5"),
    ("a NEAR5 b", "query.near_number", "NEAR5"),
    ("a NEAR~5 b", "query.near_number", "NEAR~5"),
    ("a NEAR/101 b", "query.near_far", "NEAR/101"),
    ("NEAR/5 a", "query.operand", "NEAR/5"),
    ("a NEAR/5", "query.operand", "NEAR/5"),
    ("a NEAR/5 b NEAR/5 c", "query.mixed", "NEAR/5 b NEAR/5"),
    ("a NEAR/5 b AND c", "query.mixed", "NEAR/5 b AND"),
    ("a NEAR/5 NOT b", "query.mixed", "NEAR/5 NOT"),
    ("a NEAR/5 (b AND c)", "query.near_side", "NEAR/5"),
    ("a NEAR/5 (b NOT c)", "query.near_side", "NEAR/5"),
    ("a NEAR/5 language:fr", "query.near_side", "NEAR/5"),
    ("(a OR b)~5", "query.near_joined", "(a OR b)~5"),
    ('(a AND b AND "c d")~5', "query.near_words", '(a AND b AND "c d")~5'),
    ('"a b c d e f g h i"~5', "query.near_many", '"a b c d e f g h i"~5'),
    ("apple ~5", "query.tilde", "~"),
    ("apple~ 5", "query.fuzzy", "~"),
    ("apple~3", "query.fuzzy", "~3"),
    ("anti-douleur~1", "query.fuzzy_words", "anti-douleur~1"),
    ("a AND {BT", "query.cased", "{"),
    ("a AND }", "query.cased", "}"),
    ("{B*}", "query.cased_empty", "{B*}"),
    ("a <<< sans fin", "query.comment", "<<<"),
    ("title :rappel", "query.colon", ":"),
    ("title:(a AND site:b.fr)", "query.zone", "title:(a AND site:b.fr)"),
    ("network:minitel", "query.one_of", "network:minitel"),
    ("site:", "query.field_value", "site:"),
    ("country:france", "query.field_form", "country:france"),
    ("author:bo*", "query.author_star", "author:bo*"),
    ("hashtags:* AND a", "query.leading_star", "*"),
    ("a AND at_mentions:*", "query.leading_star", "*"),
    ("a AND hashtags:b*", "query.prefix_short", "b*"),
    ('a AND hashtags:" #b* "', "query.prefix_short", "#b*"),
    ("rating:beaucoup", "query.range", "rating:beaucoup"),
    ("rating:[5 TO 1]", "query.range_backwards", "rating:[5 TO 1]"),
    ("rating:[1 TO 9]", "query.range_limits", "rating:[1 TO 9]"),
    ("rating:[* TO *]", "query.range", "rating:[* TO *]"),
    ("minuteOfDay:[0 TO 1440]", "query.range_limits", "minuteOfDay:[0 TO 1440]"),
    ("tone:negative", "query.label_later", "tone"),
    ("drug:doliprane", "query.label_later", "drug"),
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
