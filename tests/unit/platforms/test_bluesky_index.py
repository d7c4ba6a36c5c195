"""Author feeds, counts, accounts, threads and search, against a double whose answers the reference client reads too."""

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from support.appview import PASSWORD, START, AppView, did

from vigie.collect.source import AccountReader, Counts, Page, Place, Recounter, Streamer, Threaded
from vigie.errors import FatalError
from vigie.net.client import Client
from vigie.net.guard import networks_of
from vigie.platforms.bluesky import search
from vigie.platforms.bluesky.settings import Servers
from vigie.platforms.bluesky.source import SOURCE, BlueskySource
from vigie.testing.sources import _watched_logs

pytestmark = pytest.mark.enable_socket
NOW = START + timedelta(days=20)


@pytest.fixture
def double() -> Iterator[AppView]:
    found = AppView().start()
    yield found
    found.stop()


@pytest.fixture
def fetch() -> Client:
    return Client(
        allowed_private_networks=networks_of("127.0.0.0/8"), version="tests", sleep=lambda _: None, monotonic=time.monotonic
    )  # fmt: skip


@pytest.fixture
def source(double: AppView) -> BlueskySource:
    return BlueskySource(Servers(appview=double.url, plc=double.url, login=double.url))


def rows(source: BlueskySource, pages: list[Page]) -> dict[str, dict[str, Any]]:
    found = {}
    for page in pages:
        parsed = source.parse(page)
        assert not parsed.skipped
        found |= {row["native_id"]: row for row in parsed.posts.to_pylist()}
    return found


FEED = Place("https://bsky.app/profile/alice.test", {"through": "appview"})


def test_it_is_all_that_a_source_can_be() -> None:
    for kind in (Recounter, Streamer, Threaded, AccountReader):
        assert isinstance(SOURCE, kind)


def test_a_feed_gives_posts_with_counts_and_repetitions(double: AppView, source: BlueskySource, fetch: Client) -> None:
    other = double.post("bob", "de Bob")
    own = double.post("alice", "bonjour")
    double.repost("alice", other, START + timedelta(hours=1))
    found = rows(source, list(source.pages(FEED, None, fetch=fetch, now=NOW)))
    assert (found[own]["likes"], found[own]["reposts"], found[own]["replies"]) == (1, 1, 2)
    assert (found[own]["author"], found[own]["author_name"]) == (did("alice"), "alice.test")
    assert found[other]["author"] == did("bob")
    (again,) = (row for row in found.values() if row["repost_of"])
    assert (again["repost_of"], again["author"], again["engaging_with"]) == (other, did("alice"), did("bob"))
    assert again["text"] == "" and again["native_id"].startswith(f"at://{did('alice')}/app.bsky.feed.repost/")


def test_a_feed_is_walked_back_and_goes_on_after_a_kill(double: AppView, source: BlueskySource, fetch: Client) -> None:
    uris = {double.post("alice", f"texte {n}") for n in range(350)}
    pages = source.pages(FEED, None, fetch=fetch, now=NOW)
    first = [next(pages), next(pages)]
    uris.add(double.post("alice", "tout neuf"))
    rest = list(source.pages(FEED, first[-1].cursor, fetch=fetch, now=NOW))
    assert set(rows(source, [*first, *rest])) == uris
    assert list(source.pages(FEED, rest[-1].cursor, fetch=fetch, now=NOW)) == []


def test_rows_are_the_same_by_feed_and_by_repository(double: AppView, source: BlueskySource, fetch: Client) -> None:
    uri = double.post("alice", "bonjour")
    (by_feed,) = rows(source, list(source.pages(FEED, None, fetch=fetch, now=NOW))).values()
    value = {"records": [{"uri": uri, "cid": "c", "value": double.posts[0]["record"]}]}
    page = Page("https://pds.example/x#alice.test", json.dumps(value).encode(), "", "posts", NOW, "")
    (by_repository,) = rows(source, [page]).values()
    uncounted = {"likes": None, "reposts": None, "replies": None}
    assert by_feed | uncounted == by_repository


def test_the_reference_client_reads_the_double(double: AppView) -> None:
    from atproto import models

    root = double.post("alice", "question")
    double.post("bob", "réponse", reply={"root": double.ref(root), "parent": double.ref(root)})
    double.repost("bob", root, START + timedelta(hours=1))
    shapes = {
        f"app.bsky.feed.getAuthorFeed?actor={did('bob')}": models.AppBskyFeedGetAuthorFeed.Response,
        f"app.bsky.feed.getPosts?uris={root}": models.AppBskyFeedGetPosts.Response,
        f"app.bsky.feed.getPostThread?uri={root}": models.AppBskyFeedGetPostThread.Response,
        "app.bsky.actor.getProfile?actor=alice.test": models.AppBskyActorDefs.ProfileViewDetailed,
    }
    for path, shape in shapes.items():
        assert models.get_or_create(httpx.get(f"{double.url}/xrpc/{path}").json(), shape)
    session = httpx.post(
        f"{double.url}/xrpc/com.atproto.server.createSession", json={"identifier": "us.test", "password": PASSWORD}
    ).json()
    models.get_or_create(session, models.ComAtprotoServerCreateSession.Response)
    headers = {"Authorization": f"Bearer {session['accessJwt']}"}
    found = httpx.get(f"{double.url}/xrpc/app.bsky.feed.searchPosts?q=question", headers=headers).json()
    read = models.get_or_create(found, models.AppBskyFeedSearchPosts.Response)
    assert [post.uri for post in read.posts] == [root]


def test_counts_are_read_25_a_call_and_what_is_gone_is_said(
    double: AppView, source: BlueskySource, fetch: Client
) -> None:
    uris = [double.post("alice", f"texte {n}") for n in range(60)]
    double.delete(uris[3])
    found = source.recount(FEED, uris, fetch=fetch)
    assert found[uris[3]] == Counts(gone=True)
    assert found[uris[4]] == Counts(4, 1, 2)
    assert len(found) == 60
    assert len(double.asked) == 3
    assert source.recounts(uris[0])
    assert not source.recounts("at://did:plc:x/app.bsky.feed.repost/3k")
    assert not source.recounts("https://bsky.app/")


def test_an_account_has_followers(double: AppView, source: BlueskySource, fetch: Client) -> None:
    double.post("alice", "bonjour")
    found = source.account("https://bsky.app/profile/alice.test", fetch=fetch, now=NOW)
    assert found is not None
    assert (found.address, found.name, found.network) == (
        f"https://bsky.app/profile/{did('alice')}",
        "Alice",
        "bluesky",
    )
    assert (found.followers, found.following, found.posts) == (1234, 56, 1)
    assert source.account("https://blog.example/alice", fetch=fetch, now=NOW) is None
    with pytest.raises(FatalError) as raised:
        source.account("https://bsky.app/profile/nobody.test", fetch=fetch, now=NOW)
    assert raised.value.code == "net.gone"


def test_a_thread_gives_what_is_answered_and_the_answers(double: AppView, source: BlueskySource, fetch: Client) -> None:
    root = double.post("alice", "question")
    middle = double.post("bob", "réponse", reply={"root": double.ref(root), "parent": double.ref(root)})
    below = [
        double.post("carol", f"suite {n}", reply={"root": double.ref(root), "parent": double.ref(middle)})
        for n in range(3)
    ]
    found = rows(source, list(source.conversation(FEED, middle, fetch=fetch, now=NOW)))
    assert set(found) == {root, middle, *below}
    assert {found[uri]["in_reply_to"] for uri in below} == {middle}
    with pytest.raises(FatalError) as raised:
        list(source.conversation(FEED, middle.replace("2", "3"), fetch=fetch, now=NOW))
    assert raised.value.code == "net.gone"


def test_a_thread_whose_root_is_gone_still_gives_the_rest(
    double: AppView, source: BlueskySource, fetch: Client
) -> None:
    root = double.post("alice", "question")
    answer = double.post("bob", "réponse", reply={"root": double.ref(root), "parent": double.ref(root)})
    double.delete(root)
    (page,) = source.conversation(FEED, answer, fetch=fetch, now=NOW)
    assert source.parse(page).posts["native_id"].to_pylist() == [answer]


def place(password: str = PASSWORD, words: str = "serelium") -> Place:
    return Place(search.address_of(words), {"identifier": "us.test"}, {"password": password})


def test_search_finds_what_is_new_then_what_is_older(double: AppView, source: BlueskySource, fetch: Client) -> None:
    uris = {double.post("alice", f"serelium {n}") for n in range(250)}
    recent = {double.post("bob", f"serelium {n}", at=NOW - timedelta(hours=n + 1)) for n in range(3)}
    double.post("bob", "autre chose")
    pages = list(source.pages(place(), None, fetch=fetch, now=NOW))
    assert set(rows(source, pages)) == uris | recent
    assert set(rows(source, pages[:1])) == recent
    assert double.sessions == 1
    new = double.post("bob", "serelium encore", at=NOW + timedelta(minutes=5))
    later = list(source.pages(place(), pages[-1].cursor, fetch=fetch, now=NOW + timedelta(minutes=10)))
    assert new in rows(source, later)
    asked = parse_qs(urlsplit(double.asked[-1]).query)
    assert asked["sort"] == ["latest"] and asked["since"] == [search._text(NOW - search.OVERLAP)]


def test_search_goes_on_beyond_the_cap_by_windows(
    double: AppView, source: BlueskySource, fetch: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    double.cap = 300
    monkeypatch.setattr(search, "CAP", 300)
    # Twenty posts of the same second at each place where a window ends.
    uris = {double.post("alice", f"serelium {n}", at=START + timedelta(seconds=n // 20)) for n in range(1_500)}
    pages = list(source.pages(place(), None, fetch=fetch, now=NOW))
    assert set(rows(source, pages)) == uris


def test_search_goes_on_after_a_kill_at_each_page(double: AppView, source: BlueskySource, fetch: Client) -> None:
    uris = {double.post("alice", f"serelium {n}", at=NOW - timedelta(minutes=n)) for n in range(450)}
    cursor, found = None, {}
    for _ in range(10):
        page = next(source.pages(place(), cursor, fetch=fetch, now=NOW), None)
        if page is None:
            break
        cursor = page.cursor
        found |= rows(source, [page])
    assert set(found) == uris


@pytest.mark.parametrize("status", [400, 401])
def test_an_expired_log_in_is_made_again_once(
    double: AppView, source: BlueskySource, fetch: Client, status: int
) -> None:
    uris = {double.post("alice", f"serelium {n}") for n in range(550)}
    double.expire_after, double.expired_status = 2, status
    assert set(rows(source, list(source.pages(place(), None, fetch=fetch, now=NOW)))) == uris
    assert double.sessions > 1
    double.expire_after, double.expired_status = 0, 401
    with pytest.raises(FatalError) as raised:
        list(source.pages(place(), None, fetch=fetch, now=NOW))
    assert raised.value.code == "net.login"


def test_a_wrong_password_asks_to_log_in_again(source: BlueskySource, fetch: Client) -> None:
    with pytest.raises(FatalError) as raised:
        list(source.pages(place("wrong"), None, fetch=fetch, now=NOW))
    assert raised.value.code == "net.login"
    with pytest.raises(FatalError) as raised:
        list(source.pages(Place(search.address_of("x")), None, fetch=fetch, now=NOW))
    assert raised.value.code == "net.login"
    assert "app password" in raised.value.sentence


def test_no_secret_is_told(double: AppView, source: BlueskySource, fetch: Client) -> None:
    double.post("alice", "serelium")
    with _watched_logs() as lines:
        pages = list(source.pages(place(), None, fetch=fetch, now=NOW))
    session = search.Session(place(), Servers(login=double.url), fetch)
    told = [*lines, *(f"{page.url} {page.cursor} {page!r}" for page in pages), repr(session), repr(place())]
    for secret in (PASSWORD, "secret-token"):
        assert not any(secret in text for text in told)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("https://bsky.app/search?q=s%C3%A9r%C3%A9lium%20lang:fr", "sérélium lang:fr"),
        ("https://bsky.app/hashtag/sante", "#sante"),
        ("https://bsky.app/search?q=", None),
        ("https://bsky.app/profile/alice.test", None),
        ("https://blog.example/search?q=x", None),
    ],
)
def test_searches_are_known_by_their_shape(url: str, words: str | None) -> None:
    assert search.words_of(url) == words
    if words:
        assert search.words_of(search.address_of(words)) == words
        found = SOURCE.discover(url, fetch=None, now=datetime(2026, 1, 1, tzinfo=UTC))  # type: ignore[arg-type]
        assert found is not None and found.address == search.address_of(words)
