"""What each kind of test finds and what it passes over, in tables worked out by hand: the oracle's own proof."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from vigie.match import Document, Knowledge, Members, PlainQueries, parse
from vigie.match.parser import Query
from vigie.match.plain import LONGEST_ASKED
from vigie.match.tree import Not
from vigie.schema import ids
from vigie.text import lexicon

SECRET = b"a secret of tests"


def caught(query: str, text: str, title: str | None = None) -> list[str] | None:
    """Return what a query marks in a text, or nothing when it does not hold."""
    found = PlainQueries({"q": parse(query)}).match(Document(title, text)).get("q")
    return None if found is None else [text[start:end] for start, end in found.spans]


WORDS = [
    ("fievre", "fièvre Fievre FIÈVRE fiévre", ["fièvre", "Fievre", "FIÈVRE", "fiévre"]),
    ("fièvre", "fièvre Fievre FIÈVRE fiévre fie\u0300vre", ["fièvre", "FIÈVRE", "fie\u0300vre"]),
    ("fiè*", "fièvres fievre fiévreux", ["fièvres"]),
    ("fie*", "fièvres fievre fiévreux fit", ["fièvres", "fievre", "fiévreux"]),
    ("doli*", "doli Doliprane indolipe #doliprane", ["doli", "Doliprane", "#doliprane"]),
    ("colo?r", "color colour colouur coloür", ["colour", "coloür"]),
    ("vac*tion", "vaction vaccination vacation vaccinations", ["vaction", "vaccination", "vacation"]),
    ("fr??t", "fruit fret front fröüt", ["fruit", "front", "fröüt"]),
    ("do*pra?e", "doliprane dopraée doprae dolipranes", ["doliprane", "dopraée"]),
    ("doliprane~1", "dolipranne dolipran doliprene odliprane dolirpnae", ["dolipranne", "dolipran", "doliprene", "odliprane"]),
    ("doliprane~2", "dolirpnae dolipr dolprne", ["dolirpnae", "dolprne"]),
    ("fievre~1", "fiévres fiebre", ["fiévres", "fiebre"]),
    ("fièvre~1", "fièvres fievre fiebre", ["fièvres", "fievre"]),
    ("{BT}", "BT bt Bt #BT ＢＴ", ["BT", "#BT", "ＢＴ"]),
    ("{Été}", "Été ÉTÉ Ete été", ["Été"]),
    ("{Ete}", "Été ÉTÉ Ete été", ["Été", "Ete"]),
    ("{Œdème}", "Œdème ŒDÈME œdème", ["Œdème"]),
    ("#covid", "covid #covid @covid #Covid ＃covid", ["#covid", "#Covid", "＃covid"]),
    ("covid", "covid #covid @covid", ["covid", "#covid", "@covid"]),
    ("@ansm", "ansm @ANSM #ansm", ["@ANSM"]),
    ("aspirine", "l'aspirine l’aspirine d'aspirines", ["aspirine", "aspirine"]),
    ("👍", "👍🏽 👍", ["👍🏽", "👍"]),
    ("👍🏽", "👍🏽 👍", ["👍🏽"]),
    ("coeur", "cœur CŒUR coeur", ["cœur", "CŒUR", "coeur"]),
    ("5€", "5 € 5€ 5", ["5 €", "5€"]),
    ("a", "\ud800a\udfff b", ["a"]),
]  # fmt: skip
"""Query, text, what is marked."""

PHRASES = [
    ('"mal de tête"', "mal de tête, mal-de-TÊTE ; mal! de? tête mal tête", ["mal de tête", "mal-de-TÊTE", "mal! de? tête"]),
    ('"a a"', "a a a", ["a a", "a a"]),
    ('"a b"', "a x b", None),
    ('"a b"', "a ® b", ["a ® b"]),
    ('"ma* de"', "mal de mars de", ["mal de", "mars de"]),
    ('"{Le} mal"', "le mal Le mal", ["Le mal"]),
    ('"mal de doliprane~1"', "mal de dolipran", ["mal de dolipran"]),
]  # fmt: skip

NEARS = [
    ("a NEAR/0 b", "a b", ["a", "b"]),
    ("a NEAR/0 b", "b a", ["b", "a"]),
    ("a NEAR/0f b", "b a", None),
    ("a NEAR/0 b", "a x b", None),
    ("a NEAR/1 b", "a x b", ["a", "b"]),
    ("a NEAR/1f b", "b a x b", ["a", "b"]),
    ("a NEAR/1 b", "a x y b x x x x a b", ["a", "b"]),
    # From each first word the nearest partner; what lies between and is asked too is marked.
    ("a NEAR/3 b", "a a b x b", ["a", "a", "b"]),
    ("a NEAR/2 b", "b a b", ["b", "a", "b"]),
    ("a NEAR/5 a", "x a x", None),
    ("a NEAR/5 a", "a x a", ["a", "a"]),
    ("(a OR b) NEAR/1 (b OR c)", "b", None),
    ("(a OR b) NEAR/1 (b OR c)", "b x b", ["b", "b"]),
    # What begins within the shortest stretch and ends after it is not of it.
    ('c NEAR/0 (a OR "a b")', "c a b", ["c", "a"]),
    ('"mal de" NEAR/1 tête', "mal de la tête", ["mal de", "tête"]),
    ('"mal de" NEAR/0 tête', "tête mal de", ["tête", "mal de"]),
    ('"a b" NEAR/3 "b c"', "a b c", None),
    ('"a b" NEAR/3 "b c"', "a b b c", ["a b", "b c"]),
    ("(a NEAR/1 b) NEAR/2 c", "a x b y z c", ["a", "b", "c"]),
    ("(a NEAR/1 b) NEAR/2 c", "a x b y z w c", None),
    # What stands within a side is not between.
    ("(a NEAR/1 b) NEAR/2 c", "a c b", None),
    ('"a b c"~0', "c a b", ["c", "a", "b"]),
    ('"a b c"~0', "c x a b", None),
    ('"a b c"~1', "c x a b", ["c", "a", "b"]),
    ('"a a b"~2', "a b x", None),
    ('"a a b"~2', "a b x a", ["a", "b", "a"]),
    ("((a OR b) AND (b OR c) AND c)~0", "c b a", ["c", "b", "a"]),
    ("((a OR b) AND (b OR c) AND c)~0", "c b b", ["c", "b", "b"]),
    # Three sides need three words, though two have an answer for each.
    ("((a OR b) AND (b OR c) AND c)~0", "c b", None),
    ("((a OR b) AND (b OR c) AND c)~0", "c c c", None),
    ("((a OR b) AND (b OR c) AND c)~0", "c b x c", None),
    ('"a b"~3', "a https://x.fr/b", ["a", "b"]),
]  # fmt: skip


@pytest.mark.parametrize(("query", "text", "marked"), [*WORDS, *PHRASES, *NEARS])
def test_query_marks_in_a_text(query: str, text: str, marked: list[str] | None) -> None:
    assert caught(query, text) == marked


def test_nothing_is_found_over_the_end_of_a_zone() -> None:
    assert caught('"a b"', "b", "a") is None
    assert caught("a NEAR/9 b", "b", "a") is None
    assert caught("a AND b", "b", "a") == ["b"]


def test_word_longer_than_any_is_found_by_nothing_but_keeps_its_place() -> None:
    assert LONGEST_ASKED == lexicon.LONGEST_ASKED
    longest = "a" * LONGEST_ASKED
    assert caught("aa*", longest) == [longest]
    assert caught("aa* OR aa*b OR aab?", f"{longest}a") is None
    assert caught("aa* OR aa*b", f"#{longest}") is None
    assert caught('"x y"', f"x {longest}a y") is None
    assert caught("x NEAR/1 y", f"x {longest}a y") == ["x", "y"]
    assert caught("x AND NOT aa*", f"x {longest}a") == ["x"]


ZONED = Document(
    "Rappel de lot",
    "Voir https://ansm.sante.fr/rappel-lot et http://msn.com/news?id=1 pour le mal de tête",
    url="https://www.forum.fr/mal-de-dos/page-2",
)

ZONES = [
    ("title:rappel", True), ("title:voir", False), ('title:"rappel de lot"', True), ('title:"de rappel"', False),
    ("title:(rappel AND lot)", True), ("title:(voir OR lot)", True), ("title:(voir AND lot)", False),
    ("title:rap* AND title:{Rappel} AND title:rapel~1", True), ("title:{rappel}", False),
    ("title:(rappel NEAR/1 lot)", True), ("title:(rappel NEAR/0 lot)", False),
    ("voir AND NOT title:voir", True),
    ("url:dos", True), ("url:forum.fr", True), ('url:"www.forum.fr/mal-de-dos"', True), ("url:mal-de-tête", False),
    ("url:rappel", False), ("url:https", True), ("dos", False), ("forum", False),
    ("links:ansm.sante.fr", True), ('links:"msn.com/news?id=1"', True), ("links:voir", False), ("links:forum", False),
    ("links:rappel-lot", True), ("links:tete", False),
    # No phrase goes over two links; nor does nearness.
    ('links:"lot http"', False), ("links:(lot NEAR/9 msn)", False), ("links:(ansm AND msn)", True),
    # Words of links stand in the text too.
    ("ansm", True), ('"lot et http"', True), ("lot NEAR/1 http", True),
]  # fmt: skip


@pytest.mark.parametrize(("query", "holds"), ZONES)
def test_zone_holds_its_own_words(query: str, holds: bool) -> None:
    queries = PlainQueries({"q": parse(query)})
    assert queries.holding(ZONED) == (["q"] if holds else [])


@pytest.mark.parametrize(
    ("query", "spans", "title_spans"),
    [("title:lot", (), ((10, 13),)), ("url:dos", (), ()), ("links:ansm", (), ()), ("ansm", ((13, 17),), ())],
)
def test_only_title_and_text_are_marked(query: str, spans: object, title_spans: object) -> None:
    found = PlainQueries({"q": parse(query)}).match(ZONED)["q"]
    assert (found.spans, found.title_spans) == (spans, title_spans)


AUTHOR = ids.author_key(SECRET, "forum.fr", "Zoé_B")
KNOWLEDGE = Knowledge(
    SECRET,
    {
        "people": Members(authors=frozenset({AUTHOR})),
        "places": Members(sites=frozenset({"forum.fr"})),
        "nobody": Members(),
    },
)
SAID = Document(
    None, "a", spaces=("Forum-Sante", "avis"), language="fr-CA", space_kinds=("owned",), url="https://m.forum.fr/1",
    site="www.M.Forum.fr", network="forum", country="FR", origin="forum.fr", author_key=AUTHOR,
    engaging_key=ids.author_key(SECRET, "forum.fr", "@bob"), author_verified=False, followers=500, rating=2.5,
    published_at=datetime(2026, 3, 1, 18, 30, 59, tzinfo=UTC), engagement=("reply",),
)  # fmt: skip

HOLD = [
    "space:forum-sante", "space:AVIS", "language:fr", "spacekind:owned", "site:forum.fr", "site:m.forum.fr",
    "site:www.m.forum.fr", "site:fr", "topLevelDomain:.fr", "network:forum", "country:fr", "country:FRA",
    "author:zoé_b", "author:@Zoé_B", "author:ZOÉ_B", "engagingWith:bob", "authorVerified:false",
    "engagementType:reply", "engagementType:COMMENT", "list:people", "list:PLACES", "authorFollowers:500",
    "authorFollowers:[500 TO 500]", "authorFollowers:[* TO 500]", "authorFollowers:[500 TO *]", "rating:[2 TO 3]",
    "rating:2.5", "minuteOfDay:[1110 TO 1110]", "minuteOfDay:[* TO 1110]",
]  # fmt: skip
HOLD_NOT = [
    "space:forum", "space:autre", "language:en", "spacekind:external", "site:orum.fr", "site:x.forum.fr", "site:com",
    "network:blog", "country:be", "author:zoe_b", "author:bob", "engagingWith:zoé_b", "authorVerified:true",
    "engagementType:quote", "engagementType:share", "list:nobody", "list:absent", "authorFollowers:[501 TO *]",
    "authorFollowers:[0 TO 499]", "rating:[3 TO 5]", "minuteOfDay:[1111 TO *]", "minuteOfDay:[0 TO 1109]",
]  # fmt: skip
UNSAID = [
    "language:fr", "site:fr", "network:forum", "country:fr", "author:bob", "engagingWith:bob", "authorVerified:true",
    "authorVerified:false", "list:people", "list:absent", "authorFollowers:[0 TO *]", "rating:[0 TO 5]",
    "minuteOfDay:[0 TO 1439]", "continent:europe", "latitude:[-90 TO 90]", "blogName:x", "authorGender:f",
]  # fmt: skip
KNOWN_TO_US = ["space:avis", "spacekind:owned", "engagementType:reply"]
"""What we always know: where a post was met, and whether it names a post that it answers."""


def holding(query: str, document: Document, *, negated: bool = False, strict: bool = False) -> bool:
    """Say whether a query, or its NOT, holds."""
    root = parse(query).root
    queries = PlainQueries({"q": Query(Not(root) if negated else root)}, knowledge=KNOWLEDGE)
    return queries.holding(document, strict=strict) == ["q"]


@pytest.mark.parametrize("strict", [False, True])
@pytest.mark.parametrize(("query", "holds"), [(q, True) for q in HOLD] + [(q, False) for q in HOLD_NOT])
def test_what_a_source_says_is_held_against(query: str, holds: bool, strict: bool) -> None:
    assert holding(query, SAID, strict=strict) is holds
    assert holding(query, SAID, negated=True, strict=strict) is not holds


@pytest.mark.parametrize("query", UNSAID)
def test_what_no_source_says_holds_nowhere_its_not_everywhere_and_strictly_neither(query: str) -> None:
    nothing = Document(None, "a")
    assert not holding(query, nothing)
    assert holding(query, nothing, negated=True)
    assert not holding(query, nothing, strict=True)
    assert not holding(query, nothing, negated=True, strict=True)


@pytest.mark.parametrize("query", KNOWN_TO_US)
def test_what_we_know_ourselves_is_never_unsaid(query: str) -> None:
    nothing = Document(None, "a")
    assert not holding(query, nothing, strict=True)
    assert holding(query, nothing, negated=True, strict=True)


def test_two_nots_ask_for_what_is_said() -> None:
    nothing = Document(None, "a")
    inner = Not(Not(parse("site:fr").root))
    assert PlainQueries({"q": Query(inner)}).holding(nothing) == []
    assert PlainQueries({"q": Query(inner)}).holding(nothing, strict=True) == []


def test_a_number_that_is_none_is_not_said() -> None:
    unrated = replace(SAID, rating=float("nan"))
    assert not holding("rating:[0 TO 5]", unrated)
    assert holding("rating:[0 TO 5]", unrated, negated=True)
    assert not holding("rating:[0 TO 5]", unrated, negated=True, strict=True)


def test_minute_of_day_is_that_of_utc() -> None:
    in_paris = replace(SAID, published_at=datetime(2026, 3, 1, 19, 30, tzinfo=timezone(timedelta(hours=1))))
    assert holding("minuteOfDay:[1110 TO 1110]", in_paris)


def test_author_is_compared_within_the_origin() -> None:
    assert not holding("author:zoé_b", replace(SAID, origin="autre.fr"))
    assert not holding("author:zoé_b", replace(SAID, origin=None))
    assert not holding("list:people", replace(SAID, author_key=ids.author_key(SECRET, "autre.fr", "Zoé_B")))


@pytest.mark.parametrize("known", [{"site": "autre.fr"}, {"origin": "forum.fr", "author_key": b"another"}])
def test_list_is_said_when_author_or_site_is(known: dict[str, object]) -> None:
    document = replace(Document(None, "a"), **known)
    for name in ("people", "places", "nobody", "absent"):
        assert not holding(f"list:{name}", document)
        assert holding(f"list:{name}", document, negated=True, strict=True)
