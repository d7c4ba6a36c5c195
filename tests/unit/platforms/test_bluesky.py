"""Repositories of the AT Protocol: records to rows, names to servers, walks that lose nothing."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.appview import cid, did, key

from vigie.collect.source import Page, Place, Response
from vigie.errors import FatalError, RetryableError, SkippableError
from vigie.platforms.bluesky.client import actor_of
from vigie.platforms.bluesky.parse import parse
from vigie.platforms.bluesky.source import BlueskySource
from vigie.schema.tables import POSTS

NOW = datetime(2026, 10, 30, 8, tzinfo=UTC)
DID = did("alice")
POST = "app.bsky.feed.post"


def record(text: str = "bonjour", **more: Any) -> dict[str, Any]:
    return {"$type": POST, "text": text, "createdAt": "2026-10-01T08:00:00.123Z", **more}


def page(value: Any, part: str = "posts", collection: str = POST, fragment: str = "#alice.test") -> Page:
    records = [{"uri": f"at://{DID}/{collection}/{key(1)}", "cid": cid("1"), "value": value}]
    return Page(f"https://pds.example/x{fragment}", json.dumps({"records": records}).encode(), "", part, NOW, "")


def row(value: Any, **where: Any) -> dict[str, Any]:
    parsed = parse(page(value, **where))
    assert not parsed.skipped
    (found,) = parsed.posts.to_pylist()
    return dict(found)


def test_a_record_gives_the_row_of_a_post() -> None:
    found = row(record(langs=["fr", "en"]))
    assert found["origin"] == found["site"] == "bsky.app"
    assert found["network"] == "bluesky"
    assert found["native_id"] == f"at://{DID}/{POST}/{key(1)}"
    assert found["url"] == f"https://bsky.app/profile/{DID}/post/{key(1)}"
    assert (found["author"], found["author_name"]) == (DID, "alice.test")
    assert found["lang_claimed"] == "fr"
    assert found["published_at"] == datetime(2026, 10, 1, 8, 0, 0, 123000, UTC)
    assert found["likes"] is None


def test_without_a_handle_nobody_is_named() -> None:
    assert row(record(), fragment="")["author_name"] is None


def test_answers_and_quotes_name_the_other_post_and_its_author() -> None:
    other = {"uri": f"at://{did('bob')}/{POST}/{key(7)}", "cid": cid("7")}
    answer = row(record(reply={"root": other, "parent": other}))
    assert (answer["in_reply_to"], answer["engaging_with"]) == (other["uri"], did("bob"))
    quote = row(record(embed={"$type": "app.bsky.embed.record", "record": other}))
    assert (quote["quote_of"], quote["engaging_with"]) == (other["uri"], did("bob"))
    image = {
        "alt": "une boîte",
        "image": {"$type": "blob", "ref": {"$link": cid("i")}, "mimeType": "image/jpeg", "size": 1},
    }
    both = {"$type": "app.bsky.embed.recordWithMedia", "record": {"record": other}, "media": {"images": [image]}}
    found = row(record(embed=both))
    assert found["quote_of"] == other["uri"]
    assert found["media"] == [f"https://cdn.bsky.app/img/feed_fullsize/plain/{DID}/{cid('i')}@jpeg"]
    assert found["text"] == "bonjour\nune boîte"


def test_a_quoted_list_is_no_post() -> None:
    other = {"uri": f"at://{did('bob')}/app.bsky.graph.list/{key(7)}", "cid": cid("7")}
    assert row(record(embed={"$type": "app.bsky.embed.record", "record": other}))["quote_of"] is None


def test_links_stand_whole_beside_the_text_once() -> None:
    whole = "https://sante.example/une/longue/adresse?x=1"
    facet = {
        "index": {"byteStart": 5, "byteEnd": 22},
        "features": [{"$type": "app.bsky.richtext.facet#link", "uri": whole}],
    }
    card = {"$type": "app.bsky.embed.external", "external": {"uri": whole, "title": "Le Sérélium", "description": "d"}}
    found = row(record("Lire sante.example/une/... 😀", facets=[facet], embed=card, tags=["sante"]))
    assert found["text"] == f"Lire sante.example/une/... 😀\nLe Sérélium\n{whole}\n#sante"
    assert row(record(f"Lire {whole}", facets=[facet]))["text"] == f"Lire {whole}"


def test_film_is_media() -> None:
    embed = {"$type": "app.bsky.embed.video", "video": {"ref": {"$link": cid("v")}}, "alt": "mode d'emploi"}
    found = row(record(embed=embed))
    assert found["media"] == [f"https://video.bsky.app/watch/{DID}/{cid('v')}/playlist.m3u8"]
    assert found["text"].endswith("mode d'emploi")


def test_a_repetition_has_no_words_of_its_own() -> None:
    other = {"uri": f"at://{did('bob')}/{POST}/{key(7)}", "cid": cid("7")}
    value = {"$type": "app.bsky.feed.repost", "subject": other, "createdAt": "2026-10-01T08:00:00Z"}
    found = row(value, part="reposts", collection="app.bsky.feed.repost")
    assert (found["text"], found["repost_of"], found["engaging_with"]) == ("", other["uri"], did("bob"))
    assert found["native_id"] == f"at://{DID}/app.bsky.feed.repost/{key(1)}"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0001-01-01T00:00:00Z", datetime(1, 1, 1, tzinfo=UTC)),
        ("1970-01-01T00:00:00.000Z", datetime(1970, 1, 1, tzinfo=UTC)),
        ("9999-12-31T23:59:59Z", datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)),
        ("0001-01-01T00:00:00+14:00", None),
        ("2026-10-01T10:00:00+02:00", datetime(2026, 10, 1, 8, tzinfo=UTC)),
        ("2026-10-01T10:00:00.123456789Z", datetime(2026, 10, 1, 10, 0, 0, 123456, UTC)),
        ("hier", None),
        ("", None),
    ],
)
def test_dates_are_what_the_source_says_or_absent(text: str, expected: datetime | None) -> None:
    assert row(record() | {"createdAt": text})["published_at"] == expected


@pytest.mark.parametrize(
    "strange",
    [
        {"embed": 5}, {"facets": "x"}, {"langs": [1]}, {"reply": []}, {"embed": {"images": [{"image": 3}]}}, {"tags": None},
    ],
)  # fmt: skip
def test_what_is_strange_beside_the_text_does_not_lose_the_post(strange: dict[str, Any]) -> None:
    assert row(record(**strange))["text"] == "bonjour"


@pytest.mark.parametrize("value", [None, 3, [], {}, {"text": 5}, {"createdAt": "2026-10-01T08:00:00Z"}])
def test_what_is_no_post_is_counted(value: Any) -> None:
    parsed = parse(page(value))
    assert parsed.posts.num_rows == 0
    assert [(s.where, s.code) for s in parsed.skipped] == [("item 1", "bluesky.item")]


@pytest.mark.parametrize("body", [b"", b"[1]", b"<html>", b'{"records": 5}', b"\xff"])
def test_what_is_no_answer_is_said(body: bytes) -> None:
    with pytest.raises(SkippableError):
        parse(Page("https://pds.example/x", body, "", "posts", NOW, ""))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(["text", "createdAt", "embed", "record", "uri", "post", "author", "did", "likeCount", "reply",
                         "parent", "images", "image", "ref", "facets", "features", "reason", "by", "replies", "value"]),
        inner, max_size=6,
    ),
    max_leaves=30,
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(["records", "feed", "posts", "gone", "thread"]), st.lists(JSON, max_size=3) | JSON)
def test_hostile_answers_give_a_table_or_a_sentence(name: str, value: Any) -> None:
    body = json.dumps({name: value}).encode("utf-8", "surrogatepass")
    try:
        parsed = parse(Page("https://pds.example/x", body, "", "posts", NOW, ""))
    except SkippableError as error:
        assert error.sentence
    else:
        assert parsed.posts.schema == POSTS
        parsed.posts.validate(full=True)


@pytest.mark.parametrize(
    ("url", "actor"),
    [
        ("https://bsky.app/profile/alice.test", "alice.test"),
        ("https://bsky.app/profile/alice.test/", "alice.test"),
        ("https://bsky.app/profile/@alice.test?lang=fr", "alice.test"),
        (f"https://bsky.app/profile/{DID}", DID),
        (f"at://{DID}", DID),
        (f"at://{DID}/", DID),
        ("at://alice.test", "alice.test"),
        ("at://did:web:sante.example", "did:web:sante.example"),
        (f"at://{DID}/{POST}/{key(1)}", None),
        ("https://bsky.app/profile/alice.test/post/3k", None),
        ("https://bsky.app/search?q=x", None),
        ("https://blog.example/profile/alice.test", None),
        ("https://bsky.app/profile/127.0.0.1", None),
        ("https://bsky.app/profile/localhost", None),
        ("https://[bad/profile/x.y", None),
    ],
)
def test_addresses_of_accounts_are_known_by_their_shape(url: str, actor: str | None) -> None:
    assert actor_of(url) == actor


@dataclass
class Repository:
    """A server of one repository, a directory and an index's resolver, by the lexicons."""

    posts: dict[str, str] = field(default_factory=dict)
    reposts: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    fails_after: int | None = None
    rev: int = 0

    def write(self, n: int, text: str = "") -> None:
        self.posts[key(n)] = text or f"texte {n}"
        self.rev += 1

    def __call__(self, url: str, *, headers: Mapping[str, str] | None = None, body: bytes | None = None) -> Response:
        if self.fails_after is not None and len(self.asked) >= self.fails_after:
            raise RetryableError("Later.", code="net.too_many", retry_after=7)
        self.asked.append(url)
        parts = urlsplit(url)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        return Response(
            url, 200, {"content-type": "application/json"}, json.dumps(self._answer(parts.path, query)).encode()
        )

    def dial(self, *_: Any, **__: Any) -> Any:
        raise AssertionError

    def _answer(self, path: str, query: Mapping[str, str]) -> Any:
        if path.endswith("resolveHandle"):
            if query["handle"] != "alice.test":
                raise FatalError("no", code="net.status", facts={"host": "h", "status": 400})
            return {"did": DID}
        if path == f"/{DID}" or path.endswith("did.json"):
            name = DID if path == f"/{DID}" else "did:web:sante.example"
            service = {
                "id": "#atproto_pds",
                "type": "AtprotoPersonalDataServer",
                "serviceEndpoint": "https://pds.example",
            }
            return {"id": name, "alsoKnownAs": ["at://alice.test"], "service": [service]}
        if path.endswith("getLatestCommit"):
            return {"cid": cid("c"), "rev": key(self.rev)}
        if not path.endswith("listRecords"):
            raise FatalError("Gone.", code="net.gone", facts={"host": "h", "status": 404})
        held = self.posts if query["collection"] == POST else self.reposts
        keys = sorted((k for k in held if k < query.get("cursor", "~")), reverse=True)[: int(query["limit"])]
        records = [
            {"uri": f"at://{query['repo']}/{query['collection']}/{k}", "cid": cid(held[k]), "value": record(held[k])}
            for k in keys
        ]
        return {"records": records, **({"cursor": keys[-1]} if keys else {})}


class Reader:
    """Reads as the worker does: saves the cursor of each page, may be killed after any."""

    def __init__(self, network: Repository) -> None:
        self.network, self.cursor = network, None
        self.posts: dict[str, str] = {}
        self.gone: list[str] = []

    def read(self, kill_after: int | None = None) -> int:
        source, n = BlueskySource(), 0
        for n, found in enumerate(
            source.pages(Place(f"at://{DID}"), self.cursor, fetch=self.network, now=NOW), start=1
        ):
            self.cursor = found.cursor
            for post in source.parse(found).posts.to_pylist():
                if post["deleted"]:
                    self.gone.append(post["native_id"])
                    self.posts.pop(post["native_id"], None)
                else:
                    self.posts[post["native_id"]] = post["text"]
            if n == kill_after:
                return n
        return n

    def holds(self) -> dict[str, str]:
        return {uri.rpartition("/")[2]: text for uri, text in self.posts.items()}


def filled(n: int) -> Repository:
    network = Repository()
    for number in range(n):
        network.write(number)
    return network


def test_a_repository_is_read_whole_then_what_is_new() -> None:
    network = filled(450)
    reader = Reader(network)
    reader.read()
    assert reader.holds() == network.posts
    assert reader.read() == 0
    for number in range(450, 455):
        network.write(number)
    assert reader.read() == 1
    assert reader.holds() == network.posts


def test_what_did_not_change_is_asked_once() -> None:
    network = filled(30)
    reader = Reader(network)
    reader.read()
    network.asked.clear()
    assert reader.read() == 0
    assert [urlsplit(url).path for url in network.asked] == [f"/{DID}", "/xrpc/com.atproto.sync.getLatestCommit"]


def test_new_posts_come_before_the_walk_back_goes_on() -> None:
    network = filled(450)
    reader = Reader(network)
    reader.read(kill_after=2)
    network.write(1_000, "tout neuf")
    reader.read(kill_after=1)
    assert "tout neuf" in reader.posts.values()
    reader.read()
    assert reader.holds() == network.posts


def test_an_empty_account_that_begins_to_write_is_read_whole() -> None:
    network = Repository()
    reader = Reader(network)
    reader.read()
    for number in range(250):
        network.write(number)
    reader.read()
    assert reader.holds() == network.posts


@settings(max_examples=60, deadline=None)
@given(
    start=st.integers(0, 350),
    steps=st.lists(st.tuples(st.integers(0, 260), st.integers(1, 5)), max_size=6),
    deleted=st.sets(st.integers(0, 90), max_size=5),
)
def test_nothing_is_lost_wherever_reads_are_killed(start: int, steps: list[tuple[int, int]], deleted: set[int]) -> None:
    network, reader = filled(start), None
    reader, number = Reader(network), start
    for n_new, kill in steps:
        reader.read(kill_after=kill)
        for _ in range(n_new):
            network.write(number)
            number += 1
    reader.read()
    reader.read()
    assert reader.holds() == network.posts
    newest = sorted(network.posts, reverse=True)
    for place in deleted:
        if place < len(newest):
            del network.posts[newest[place]]
            network.rev += 1
    reader.read()
    assert reader.holds() == network.posts


def test_edits_and_deletions_among_the_newest_are_noticed() -> None:
    network = filled(250)
    reader = Reader(network)
    reader.read()
    network.write(240, "corrigé")
    del network.posts[key(200)]
    reader.read()
    assert reader.holds() == network.posts
    assert reader.gone == [f"at://{DID}/{POST}/{key(200)}"]
    assert reader.read() == 0


def test_a_deletion_survives_a_kill_before_it_is_told() -> None:
    network = filled(50)
    reader = Reader(network)
    reader.read()
    network.write(50)
    del network.posts[key(20)]
    assert reader.read(kill_after=1) == 1
    reader.read()
    assert reader.holds() == network.posts


def test_pages_before_a_refusal_stay_given() -> None:
    network = filled(450)
    network.fails_after = 5
    reader = Reader(network)
    with pytest.raises(RetryableError) as raised:
        reader.read()
    assert raised.value.retry_after == 7
    assert len(reader.posts) > 100
    network.fails_after = None
    reader.read()
    assert reader.holds() == network.posts


def test_discover_finds_the_server_of_a_handle() -> None:
    found = BlueskySource().discover("https://bsky.app/profile/alice.test", fetch=Repository(), now=NOW)
    assert found is not None
    assert (found.address, found.title, found.network) == (f"at://{DID}", "alice.test", "bluesky")
    assert found.parts == ("posts", "reposts")
    web = BlueskySource().discover("at://did:web:sante.example", fetch=Repository(), now=NOW)
    assert web is not None and web.address == "at://did:web:sante.example"


@pytest.mark.parametrize(
    "url", ["https://bsky.app/profile/nobody.test", "https://bsky.app/about", "https://blog.example/"]
)
def test_discover_is_quiet_about_what_is_not_its_own(url: str) -> None:
    network = Repository()
    assert BlueskySource().discover(url, fetch=network, now=NOW) is None
    assert len(network.asked) <= 2
