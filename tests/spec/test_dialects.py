"""Queries written for other products: a chapter of the query manual.

Each row: their query, and what it is here; or the code of the refusal, and the place that is marked.
"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigie.match import QueryError, parse
from vigie.match.dialects import parse_dialect, write
from vigie.match.dialects.read import DIALECTS

BRANDWATCH = [
    ('"mal de tête"', '"mal de tête"'),
    ("apple AND juice", "apple AND juice"),
    ("apple OR orange", "apple OR orange"),
    ("apple NOT orange", "apple AND NOT orange"),
    ("apple AND NOT orange", "apple AND NOT orange"),
    ("(apple OR orange) AND juice", "(apple OR orange) AND juice"),
    ('"apple juice"~5', "apple NEAR/5 juice"),
    ("apple NEAR/5 juice", "apple NEAR/5 juice"),
    ("apple NEAR/5f juice", "apple NEAR/5f juice"),
    ("(apple OR pear) NEAR/3 (juice OR cider)", "(apple OR pear) NEAR/3 (juice OR cider)"),
    ("((apple OR pear) AND (juice OR cider))~5", "(apple OR pear) NEAR/5 (juice OR cider)"),
    ("complain*", "complain*"),
    ("colo?r", "colo?r"),
    ("title:apple", "title:apple"),
    ('title:"apple juice"', 'title:"apple juice"'),
    ("<<<fruits>>> apple OR orange", "apple OR orange"),
    ("{BT}", "{BT}"),
    ('raw:"BT"', "{BT}"),
    ("raw:BT AND telecom", "{BT} AND telecom"),
    ("apple AND country:gbr", "apple AND country:gb"),
    ("apple AND language:en", "apple AND language:en"),
    ("site:bbc.co.uk", "site:bbc.co.uk"),
    ("author:stephenfry", "author:stephenfry"),
    ("authorVerified:true AND apple", "authorVerified:true AND apple"),
    ("authorFollowers:[500 TO 100000] AND apple", "authorFollowers:[500 TO 100000] AND apple"),
    ("engagementType:COMMENT AND apple", "engagementType:reply AND apple"),
    ("engagementType:REPLY", "engagementType:reply"),
    ("engagementType:RETWEET", "engagementType:repost"),
    ("engagementType:QUOTE", "engagementType:quote"),
    ("engagingWith:brandwatch", "engagingWith:brandwatch"),
    ("rating:3", "rating:[3 TO 3]"),
    ("rating:[3 TO 5]", "rating:[3 TO 5]"),
    ("minuteOfDay:[1110 TO 1140] AND apple", "minuteOfDay:[1110 TO 1140] AND apple"),
    ("topLevelDomain:fr AND apple", "site:fr AND apple"),
    ("hashtags:apple", "#apple"),
    ("at_mentions:apple", "@apple"),
    ("#apple OR @apple", "#apple OR @apple"),
    ("apple AND 😡", "apple AND 😡"),
    ('"5 %" OR "10 €"', '"5 %" OR "10 €"'),
    ("fièvre OR fievre", "fièvre OR fievre"),
    ('"wendy\'s" OR "wendy s"', '"wendy s" OR "wendy s"'),
    ("apple AND continent:europe", "apple AND continent:europe"),
    ("apple AND region:usa.fl", "apple AND region:usa.fl"),
    ('apple AND city:"deu.berlin.berlin"', "apple AND city:deu.berlin.berlin"),
    ("apple AND latitude:[48 TO 49]", "apple AND latitude:[48 TO 49]"),
    ("apple AND longitude:[2 TO 3]", "apple AND longitude:[2 TO 3]"),
    ("apple AND authorGender:F", "apple AND authorGender:f"),
    ("apple AND authorVerifiedType:blue", "apple AND authorVerifiedType:blue"),
    ("apple AND imageType:image", "apple AND imageType:image"),
    ("apple AND publisherSubType:VIDEO", "apple AND publisherSubType:video"),
    ("apple AND sensitiveContent:true", "apple AND sensitiveContent:true"),
    ("apple AND subreddit:science", "apple AND subreddit:science"),
    ("apple AND redditSpoiler:true", "apple AND redditSpoiler:true"),
    ("apple AND subredditNSFW:true", "apple AND subredditNSFW:true"),
    ("apple AND channelId:42", "apple AND channelId:42"),
    ("apple AND blogName:tech", "apple AND blogName:tech"),
    ("apple AND guid:42", "apple AND guid:42"),
    ("apple AND weblogTitle:tech", "apple AND weblogTitle:tech"),
    ("apple AND pubType:blog", "apple AND pubType:blog"),
    ('links:"example.com/page"', 'links:"example com page"'),
    ('url:"msn.com/news"', 'url:"msn com news"'),
]

TALKWALKER = [
    ("apple AND juice", "apple AND juice"),
    ("apple AND NOT juice", "apple AND NOT juice"),
    ("apple NOT juice", "apple AND NOT juice"),
    ("apple AND -juice", "apple AND NOT juice"),
    ('apple AND -"orange juice"', 'apple AND NOT "orange juice"'),
    ("apple AND -(orange OR pear)", "apple AND NOT (orange OR pear)"),
    ("(apple OR pear) AND juice", "(apple OR pear) AND juice"),
    ('"apple juice"', '"apple juice"'),
    ('"apple juice"~5', "apple NEAR/5 juice"),
    ("appl*", "appl*"),
    ("appl?", "appl?"),
    ("roam~1", "roam~1"),
    ("doliprane~2", "doliprane~2"),
    ("roam~0", "roam"),
    ("apple NEAR/4 juice", "apple NEAR/4 juice"),
    ("apple ONEAR/4 juice", "apple NEAR/4f juice"),
    ("(apple OR pear) NEAR/4 juice", "(apple OR pear) NEAR/4 juice"),
    ('site:"lemonde.fr" AND apple', "site:lemonde.fr AND apple"),
    ('domain_url:"lemonde.fr" AND apple', "site:lemonde.fr AND apple"),
    ("lang:fr AND apple", "language:fr AND apple"),
    ("title:apple", "title:apple"),
    ("#apple", "#apple"),
    ("@apple", "@apple"),
    ("author:marie", "author:marie"),
    ("fièvre", "fièvre"),
]

MELTWATER = [
    ("apple and juice", "apple AND juice"),
    ("apple OR pear AND juice", "apple OR (pear AND juice)"),
    ("apple AND juice OR pear", "(apple AND juice) OR pear"),
    ("apple OR pear NOT juice", "apple OR (pear AND NOT juice)"),
    ("apple AND (pear OR juice)", "apple AND (pear OR juice)"),
    ("(apple OR pear AND juice) AND plum", "(apple OR (pear AND juice)) AND plum"),
    ("apple NEAR juice", "apple NEAR/4 juice"),
    ("apple NEAR/10 juice", "apple NEAR/10 juice"),
    ("apple ONEAR juice", "apple NEAR/4f juice"),
    ("apple ONEAR/7 juice", "apple NEAR/7f juice"),
    ("apple near/3 juice OR pear", "(apple NEAR/3 juice) OR pear"),
    ('"apple juice" OR pear', '"apple juice" OR pear'),
    ("appl*", "appl*"),
    ("title:apple", "title:apple"),
    ('title:"apple juice"', 'title:"apple juice"'),
    ("apple^10 OR pear^9", "apple OR pear"),
    ('"apple juice"^5', '"apple juice"'),
    ("apple not juice", "apple AND NOT juice"),
    ("apple OR (pear OR plum)", "apple OR pear OR plum"),
    ("language:fr AND apple", "language:fr AND apple"),
]

X = [
    ("apple juice", "apple AND juice"),
    ("apple OR juice", "apple OR juice"),
    ("apple juice OR pear", "(apple AND juice) OR pear"),
    ("apple OR pear juice", "apple OR (pear AND juice)"),
    ("(apple OR pear) juice", "(apple OR pear) AND juice"),
    ("apple -juice", "apple AND NOT juice"),
    ('apple -"orange juice"', 'apple AND NOT "orange juice"'),
    ("apple -(orange OR pear)", "apple AND NOT (orange OR pear)"),
    ('"apple juice"', '"apple juice"'),
    ('"apple juice"~5', "apple NEAR/5 juice"),
    ("#apple", "#apple"),
    ("@apple", "@apple"),
    ("$AAPL", '"$ aapl"'),
    ("from:ansm", "author:ansm"),
    ("from:ansm apple", "author:ansm AND apple"),
    ("to:ansm", "engagementType:reply AND engagingWith:ansm"),
    ("lang:fr apple", "language:fr AND apple"),
    ("is:retweet apple", "engagementType:repost AND apple"),
    ("apple -is:retweet", "apple AND NOT engagementType:repost"),
    ("is:reply apple", "engagementType:reply AND apple"),
    ("is:quote apple", "engagementType:quote AND apple"),
    ("is:verified apple", "authorVerified:true AND apple"),
    ("apple -is:verified", "apple AND NOT authorVerified:true"),
    ("followers_count:500 apple", "authorFollowers:[500 TO *] AND apple"),
    ("followers_count:500..1000 apple", "authorFollowers:[500 TO 1000] AND apple"),
    ('url:"ansm.sante.fr"', 'links:"ansm sante fr"'),
    ("apple 😡", "apple AND 😡"),
    ("(apple juice) OR (pear cider)", "(apple AND juice) OR (pear AND cider)"),
    ("-apple juice", "NOT apple AND juice"),
    ("from:ansm OR from:has_sante", "author:ansm OR author:has_sante"),
]

REFUSALS = [
    ("brandwatch", "apple OR pear AND juice", "query.mixed", "OR pear AND"),
    ("brandwatch", "space:forum AND apple", "query.dialect", "space:forum"),
    ("brandwatch", "network:forum AND apple", "query.dialect", "network:forum"),
    ("brandwatch", "tone:negative AND apple", "query.dialect", "tone:negative"),
    ("brandwatch", "NOT apple", "query.only_not", "NOT apple"),
    ("brandwatch", "*apple", "query.leading_star", "*apple"),
    ("brandwatch", "apple AND a*", "query.prefix_short", "a*"),
    ("brandwatch", "apple NEAR/5", "query.operand", "NEAR/5"),
    ("brandwatch", "apple ~5", "query.tilde", "~5"),
    ("brandwatch", "site :bbc.co.uk", "query.colon", ":bbc.co.uk"),
    ("brandwatch", "rating:[5 TO 3]", "query.range_backwards", "rating:[5 TO 3]"),
    ("brandwatch", "apple AND authorGender:X", "query.one_of", "authorGender:X"),
    ("talkwalker", "app*le", "query.dialect", "app*le"),
    ("talkwalker", "sharing~", "query.dialect", "sharing~"),
    ("talkwalker", 'host_url:"blog.lemonde.fr"', "query.dialect", 'host_url:"blog.lemonde.fr"'),
    ("talkwalker", "published:>1500000000", "query.dialect", "published:>1500000000"),
    ("talkwalker", "apple AND pear OR juice", "query.mixed", "AND pear OR"),
    ("meltwater", "ingress:apple", "query.dialect", "ingress:apple"),
    ("meltwater", '"apple juice"~5', "query.dialect", '"apple juice"~5'),
    ("meltwater", "apple OR not pear", "query.only_not", "apple OR not pear"),
    ("x", "apple has:links", "query.dialect", "has:links"),
    ("x", "apple point_radius:[2.3 48.8 16km]", "query.dialect", "point_radius:[2.3 48.8 16km]"),
    ("x", "apple context:10.799", "query.dialect", "context:10.799"),
    ("x", '"apple juice"~9', "query.dialect", '"apple juice"~9'),
    ("x", "appl*", "query.dialect", "appl*"),
    ("x", "apple AND juice", "query.dialect", "AND"),
    ("x", "-apple", "query.only_not", "-apple"),
]

OUT = [
    ("brandwatch", "doliprane AND country:fr", "doliprane AND country:fra"),
    ("brandwatch", "(a OR b) NEAR/3f c", "(a OR b) NEAR/3f c"),
    ("brandwatch", "(a NEAR/3 b) AND c", "(a NEAR/3 b) AND c"),
    ("brandwatch", '"a b c"~5 AND d', "(a AND b AND c)~5 AND d"),
    ("brandwatch", "engagementType:repost AND {BT}", "engagementType:RETWEET AND {BT}"),
    ("x", "doliprane AND (mal OR douleur) AND NOT rhume", "doliprane (mal OR douleur) -rhume"),
    ("x", "(a AND b) OR c", "(a b) OR c"),
    ("x", "a NEAR/5 b", '"a b"~5'),
    ("x", "author:ansm AND language:fr", "from:ansm lang:fr"),
    ("x", "engagementType:repost AND a AND authorFollowers:[5 TO 9]", "is:retweet a followers_count:5..9"),
]

NOT_OUT = [
    ("brandwatch", "doliprane~1", "doliprane~1"),
    ("brandwatch", "a AND space:forum", "space:forum"),
    ("brandwatch", "a AND url:b.fr", 'url:"b fr"'),
    ("x", "dolip*", "dolip*"),
    ("x", "a NEAR/9 b", "a NEAR/9 b"),
    ("x", "title:a", "title:a"),
    ("x", "a AND site:b.fr", "site:b.fr"),
]

ROWS = [
    (name, theirs, ours)
    for name, rows in (("brandwatch", BRANDWATCH), ("talkwalker", TALKWALKER), ("meltwater", MELTWATER), ("x", X))
    for theirs, ours in rows
]


@pytest.mark.parametrize(("dialect", "theirs", "ours"), ROWS)
def test_query_of_another_product_means_the_same_here(dialect: str, theirs: str, ours: str) -> None:
    read = parse_dialect(theirs, dialect)
    assert str(read) == ours
    assert parse(ours).root == read.root


@pytest.mark.parametrize(("dialect", "theirs", "code", "marked"), REFUSALS)
def test_what_has_no_exact_meaning_is_refused_where_it_stands(
    dialect: str, theirs: str, code: str, marked: str
) -> None:
    with pytest.raises(QueryError) as refused:
        parse_dialect(theirs, dialect)
    assert (refused.value.code, theirs[refused.value.start : refused.value.end]) == (code, marked)


@pytest.mark.parametrize(("dialect", "ours", "theirs"), OUT)
def test_query_is_written_for_another_product(dialect: str, ours: str, theirs: str) -> None:
    assert write(parse(ours), dialect).text == theirs
    assert parse_dialect(theirs, dialect).root == parse(ours).root


@pytest.mark.parametrize(("dialect", "ours", "named"), NOT_OUT)
def test_what_another_product_cannot_say_is_named(dialect: str, ours: str, named: str) -> None:
    with pytest.raises(QueryError) as refused:
        write(parse(ours), dialect)
    assert refused.value.facts["found"] == named


def test_long_query_for_x_is_warned_about() -> None:
    assert [w.code for w in write(parse(" OR ".join(["doliprane"] * 60)), "x").warnings] == ["query.x_limit"]


hostile = st.text(alphabet=st.sampled_from('ab AND OR NOT()"*-~^:[]{}<>?/5éœ#@'), max_size=40)


@given(hostile, st.sampled_from(sorted(DIALECTS)))
def test_any_text_is_read_or_refused_in_any_dialect(text: str, dialect: str) -> None:
    try:
        query = parse_dialect(text, dialect)
    except QueryError as error:
        assert 0 <= error.start <= error.end <= len(text)
        return
    assert parse(str(query)).root == query.root
