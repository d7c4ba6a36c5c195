"""Mastodon's answers: addresses, statuses as recorded and as hostile as can be, walks, and streams of a double."""

import json
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.faulty import FaultyProxy
from support.mastodon import Mastodon
from support.reading import NOW, Reader, guarded
from support.shared import shared_path

from vigie.collect.source import Page, Place
from vigie.errors import FatalError, RetryableError, SkippableError
from vigie.platforms.mastodon.client import known_id, target_of
from vigie.platforms.mastodon.parse import parse
from vigie.platforms.mastodon.source import SOURCE
from vigie.platforms.mastodon.walk import walk
from vigie.schema.tables import POSTS

URL = "https://m.example/api/v1/timelines/tag/x"


def page(value: Any, part: str = "posts") -> Page:
    body = value if isinstance(value, bytes) else json.dumps(value).encode()
    return Page(URL, body, "application/json", part, NOW, "")


def status(number: int = 1, **values: Any) -> dict[str, Any]:
    return {
        "id": str(number), "uri": f"https://m.example/users/zoe/statuses/{number}", "content": f"<p>texte {number}</p>",
        "created_at": "2026-10-01T08:00:00.000Z", "account": {"id": "7", "username": "zoe", "acct": "zoe"}, **values,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("address", "kind", "name", "canonical"),
    [
        ("https://m.example/tags/Vertige", "tag", "Vertige", "https://m.example/tags/Vertige"),
        ("https://m.example/tags/sant%C3%A9", "tag", "santé", "https://m.example/tags/sant%C3%A9"),
        ("https://m.example/tag/vertige/", "tag", "vertige", "https://m.example/tags/vertige"),
        ("https://m.example/@zoe", "account", "zoe", "https://m.example/@zoe"),
        ("https://m.example/@zoe/with_replies", "account", "zoe", "https://m.example/@zoe"),
        (
            "https://m.example/@zoe@autre.example",
            "account",
            "zoe@autre.example",
            "https://m.example/@zoe@autre.example",
        ),
        ("https://m.example/users/zoe", "account", "zoe", "https://m.example/@zoe"),
        ("https://M.example:444/public", "public", "", "https://m.example:444/public"),
        ("https://m.example/public/local", "local", "", "https://m.example/public/local"),
        ("https://m.example/public/remote", "remote", "", "https://m.example/public/remote"),
        ("https://m.example/search?q=un+deux", "search", "un deux", "https://m.example/search?q=un+deux"),
        ("https://m.example", "local", "", "https://m.example/public/local"),
    ],
)
def test_addresses_mean_what_their_shape_says(address: str, kind: str, name: str, canonical: str) -> None:
    target = target_of(address)
    assert target is not None
    assert (target.kind, target.name, target.address) == (kind, name, canonical)
    assert target_of(target.address) == target, "canonical addresses are stable"


@pytest.mark.parametrize(
    "address",
    [
        "https://m.example/blog/2026",
        "ftp://m.example/@zoe",
        "zoe@m.example",
        "https://[::1",
        "https://m.example/@zoe/11",
    ],
)
def test_other_addresses_mean_nothing_and_ask_nobody(address: str) -> None:
    def never(url: str, **_: Any) -> Any:
        raise AssertionError(f"asked for {url}")

    assert SOURCE.discover(address, fetch=never, now=NOW) is None  # type: ignore[arg-type]


def test_status_gives_every_column() -> None:
    (row,) = parse(
        page(
            [
                status(
                    5, url="https://m.example/@zoe/5", spoiler_text="Vertige &amp; co", language="fr", in_reply_to_id="4",
                    in_reply_to_account_id="9", mentions=[{"id": "9", "username": "ana", "acct": "ana@b.example"}],
                    content='<p><span class="h-card"><a href="https://b.example/@ana">@<span>ana</span></a></span> oui<br>non</p>',
                    media_attachments=[{"url": "https://m.example/a.png", "remote_url": None}, {"url": None}],
                    favourites_count=3, reblogs_count=2, replies_count=0,
                    account={"id": "7", "username": "zoe", "acct": "zoe", "display_name": "Zoé", "followers_count": 12},
                    quote={"state": "accepted", "quoted_status": status(3)},
                    poll={"options": [{"title": "un"}, {"title": "deux"}]},
                )
            ]
        )
    ).posts.to_pylist()  # fmt: skip
    assert row == dict.fromkeys(POSTS.names) | {
        "origin": "m.example", "native_id": "https://m.example/users/zoe/statuses/5", "network": "mastodon",
        "site": "m.example", "url": "https://m.example/@zoe/5", "title": "Vertige & co", "text": "@ana oui\nnon\nun\ndeux",
        "author": "zoe@m.example", "author_name": "Zoé", "followers": 12, "lang_claimed": "fr",
        "published_at": datetime(2026, 10, 1, 8, tzinfo=UTC), "in_reply_to": "https://m.example/api/v1/statuses/4",
        "quote_of": "https://m.example/users/zoe/statuses/3", "media": ["https://m.example/a.png"],
        "likes": 3, "reposts": 2, "replies": 0, "engaging_with": "ana@b.example",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"in_reply_to_id": "1", "in_reply_to_account_id": "9"}, "https://m.example/users/zoe/statuses/1"),  # on the page
        ({"in_reply_to_id": "44", "in_reply_to_account_id": "7"}, "https://m.example/users/zoe/statuses/44"),
        (
            {"in_reply_to_id": "44", "in_reply_to_account_id": "9", "mentions": [{"id": "9", "username": "ana", "acct": "ana"}]},
            "https://m.example/users/ana/statuses/44",
        ),
        (
            {
                "in_reply_to_id": "44", "in_reply_to_account_id": "9", "uri": "https://m.example/ap/users/7/statuses/2",
                "mentions": [{"id": "9", "username": "ana", "acct": "ana"}],
            },
            "https://m.example/ap/users/9/statuses/44",
        ),
        ({"in_reply_to_id": 44, "uri": "https://b.example/objects/f3"}, "https://m.example/api/v1/statuses/44"),
        ({}, None),
    ],
)  # fmt: skip
def test_answers_name_what_they_answer(values: dict[str, Any], expected: str | None) -> None:
    rows = parse(page([status(2, **values), status(1)])).posts.to_pylist()
    assert rows[0]["in_reply_to"] == expected


def test_boosts_repeat_and_made_up_boosts_bring_the_post_too() -> None:
    boost = status(9, content="", account={"id": "8", "username": "ana", "acct": "ana@b.example"}, reblog=status(5))
    (row,) = parse(page([boost])).posts.to_pylist()
    assert (row["repost_of"], row["text"], row["author"]) == (
        "https://m.example/users/zoe/statuses/5", "texte 5", "ana@b.example",
    )  # fmt: skip
    assert row["engaging_with"] == "zoe@m.example" and row["likes"] is None
    snac = {**boost, "id": "5", "uri": "https://m.example#5"}
    rows = parse(page([snac])).posts.to_pylist()
    assert [r["native_id"] for r in rows] == [
        "https://m.example/users/zoe/statuses/5",
        "https://m.example/users/zoe/statuses/5#boost-by-ana@b.example",
    ]


def test_what_is_not_public_is_left_alone_and_what_is_broken_is_counted() -> None:
    parsed = parse(
        page([status(1, visibility="private"), status(2), "no status", {"id": None}, status(3, visibility="direct")])
    )
    assert [row["text"] for row in parsed.posts.to_pylist()] == ["texte 2"]
    assert [s.code for s in parsed.skipped] == [
        "mastodon.private",
        "mastodon.item",
        "mastodon.item",
        "mastodon.private",
    ]


@pytest.mark.parametrize("date", ["0001-01-01T00:00:00Z", "1970-01-01T00:00:00Z", "2999-01-01T00:00:00Z"])
def test_absurd_dates_are_given_as_said(date: str) -> None:
    (row,) = parse(page([status(created_at=date)])).posts.to_pylist()
    assert row["published_at"] == datetime.fromisoformat(date)


@pytest.mark.parametrize("date", ["0001-01-01T00:00:00+23:00", "no date", "", None, "9999-12-31T23:59:59-23:00"])
def test_dates_that_are_none_are_absent(date: str | None) -> None:
    assert parse(page([status(created_at=date)])).posts["published_at"].to_pylist() == [None]


DEEP = b'[{"id":"1","reblog":' * 1 + b'{"id":"1","reblog":' * 30_000


@pytest.mark.parametrize("body", [DEEP, b"[" * 100_000, b'{"error":"no"}', b"\xff\xfe", b"null", b"7"])
def test_hostile_bodies_are_refused_with_a_sentence(body: bytes) -> None:
    with pytest.raises(SkippableError) as refused:
        parse(page(body))
    assert refused.value.code == "mastodon.answer"


def test_hostile_values_are_tamed() -> None:
    huge = status(
        1, content="<p>" + "a" * 200_000 + "\0", favourites_count=2**62, reblogs_count=-1, language="x" * 99,
        media_attachments=[{"url": "javascript:alert(1)"}], account={"id": 1, "acct": "z\0oe", "display_name": None},
    )  # fmt: skip
    (row,) = parse(page([huge])).posts.to_pylist()
    assert len(row["text"]) == 100_000 and row["likes"] is None and row["reposts"] is None
    assert row["media"] == [] and row["author"] == "zoe@m.example" and len(row["lang_claimed"]) == 35


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.floats(allow_nan=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(sorted(status())), inner, max_size=5),
    max_leaves=12,
)


@settings(max_examples=150, deadline=None)
@given(JSON, st.sampled_from(["posts", "search", "conversation", "events"]))
def test_no_json_crashes(value: Any, part: str) -> None:
    try:
        assert parse(page(value, part)).posts.schema == POSTS
    except SkippableError as error:
        assert error.sentence


@pytest.mark.parametrize(
    ("uri", "number"),
    [
        ("https://m.example/users/zoe/statuses/117", "117"),
        ("https://m.example/ap/users/7/statuses/117", "117"),
        ("https://m.example/@zoe/117", "117"),
        ("https://m.example/api/v1/statuses/117", "117"),
        ("http://localhost:47241/alice/p/1795640625.203971", "179564062524a22149feeaa36270ae462b6bfbf314"),
        ("https://b.example/objects/f3", ""),
    ],
)
def test_ids_told_by_addresses(uri: str, number: str) -> None:
    assert known_id(uri) == number


# Recorded answers of Mastodon 4.6.


def recorded() -> list[tuple[str, bytes]]:
    import yaml

    found = []
    for path in sorted(shared_path("data/payloads/mastodon/tests/cassettes").glob("*.yaml")):
        for one in yaml.safe_load(path.read_text())["interactions"]:
            body = one["response"]["body"].get("string") or b""
            found.append((one["request"]["uri"], body if isinstance(body, bytes) else body.encode()))
    return found


def test_recorded_answers_are_read_as_the_reference_client_reads_them() -> None:
    from mastodon.return_types import Status
    from mastodon.types_base import try_cast_recurse

    read = 0
    for uri, body in recorded():
        if ("/statuses/" in uri and body.startswith(b'{"id"')) or uri.endswith("/api/v1/statuses"):
            parsed = parse(Page(uri, b"[" + body + b"]", "", "posts", NOW, ""))
            if json.loads(body)["visibility"] in ("direct", "private"):
                assert [s.code for s in parsed.skipped] == ["mastodon.private"]
                continue
            (row,) = parsed.posts.to_pylist()
            wanted = try_cast_recurse(Status, json.loads(body))
            assert row["native_id"] == wanted.uri and row["likes"] == wanted.favourites_count
            assert row["author"] == f"{wanted.account.acct}@localhost:3000"
            assert row["published_at"].isoformat()[:19] == str(wanted.created_at)[:19].replace(" ", "T")
            if wanted.quote:
                assert row["quote_of"] == wanted.quote.quoted_status.uri
            read += 1
        elif "/timelines/" in uri and body.startswith(b"["):
            parsed = parse(Page(uri, body, "", "posts", NOW, ""))
            assert parsed.posts.num_rows == len(json.loads(body)) and not parsed.skipped
            read += parsed.posts.num_rows
    assert read >= 25


# Walks.


class Line:
    """A timeline whose ids can be compared, or not."""

    def __init__(self, ids: list[str]) -> None:
        self.posts = [{"id": n, "created_at": "2026-10-01T08:00:00Z", "edited_at": None} for n in ids]
        self.asked = 0

    def __call__(self, before: str) -> Any:
        from vigie.collect.source import Response

        self.asked += 1
        ids = [p["id"] for p in self.posts]
        start = ids.index(before) + 1 if before else 0
        return Response(URL, 200, {}, json.dumps(self.posts[start : start + 40]).encode())

    def read(self, state: dict[str, Any]) -> set[str]:
        return {p["id"] for page in walk(self, state, "posts", NOW) for p in json.loads(page.body)}


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 150), st.lists(st.integers(1, 130), max_size=4), st.integers(0, 60))
def test_walks_lose_nothing_whatever_is_published_and_deleted(first: int, later: list[int], deleted: int) -> None:
    line, state = Line([f"x{n}" for n in range(first, 0, -1)]), {}
    met = line.read(state)
    for wave, more in enumerate(later):
        fresh = [
            {"id": f"y{wave}-{n}", "created_at": f"2026-10-0{wave + 2}T08:00:00Z", "edited_at": None}
            for n in range(more)
        ]
        line.posts = fresh + line.posts[min(deleted, len(line.posts)) :] if wave % 2 else fresh + line.posts
        met |= line.read(state)
        assert {p["id"] for p in line.posts} <= met


def test_quiet_timeline_costs_one_request_and_no_page() -> None:
    line, state = Line([str(n) for n in range(500, 0, -1)]), {}
    assert len(line.read(state)) == 500
    line.asked = 0
    assert line.read(state) == set() and line.asked == 1
    line.posts[3]["edited_at"] = "2026-10-02T08:00:00Z"
    assert "497" in line.read(state) and line.asked == 2


def test_first_read_is_bounded_and_long_ones_go_on() -> None:
    line, state = Line([str(n) for n in range(5_000, 0, -1)]), {}
    assert len(line.read(state)) == 1_000
    line.posts = [
        {"id": str(n), "created_at": "2026-11-01T08:00:00Z", "edited_at": None} for n in range(9_000, 5_000, -1)
    ] + line.posts
    met = line.read(state)
    assert len(met) == 2_000 and "back" in state
    met |= line.read(state) | line.read(state)
    assert {str(n) for n in range(9_000, 5_000, -1)} <= met and "back" not in state


# The double.


@pytest.fixture
def server() -> Iterator[Mastodon]:
    double = Mastodon(token="none")
    yield double
    double.stop()


def place(server: Mastodon, path: str = "/tags/suite") -> Place:
    return Place(
        f"http://127.0.0.1:{server.port}{path}", {"stream": f"ws://127.0.0.1:{server.port}"}, {"token": "none"}
    )


class Listening:
    """A stream that is listened to by a thread, as the worker does."""

    def __init__(self, where: Place, cursor: str | None = None) -> None:
        self.reader, self.stopped = Reader(SOURCE, where, cursor=cursor), threading.Event()
        self.error: Exception | None = None
        self.firehose: set[bool] = set()
        self.thread = threading.Thread(target=self._run)
        self.thread.start()

    def _run(self) -> None:
        try:
            for page in SOURCE.stream(
                self.reader.place, self.reader.cursor, fetch=guarded(), clock=lambda: NOW, stopping=self.stopped.is_set
            ):
                self.firehose.add(page.is_firehose)
                self.reader.take(page)
        except (RetryableError, FatalError) as error:
            self.error = error

    def until(self, true: Any) -> None:
        end = time.monotonic() + 10
        while not true() and time.monotonic() < end and self.thread.is_alive():
            time.sleep(0.02)
        assert true()

    def stop(self) -> None:
        self.stopped.set()
        self.thread.join(10)


@pytest.mark.enable_socket
def test_stream_tells_posts_edits_and_deletions(server: Mastodon, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vigie.platforms.mastodon.stream.PAGE_S", 0.1)
    for number in range(50):
        server.post(f"avant {number} #suite")
    assert SOURCE.streams(place(server)) and not SOURCE.streams(Place("https://m.example/tags/x"))
    heard = Listening(place(server))
    try:
        heard.until(lambda: server.listeners == 1 and len(heard.reader.posts) == 50)
        one, two = server.post("un #suite"), server.post("deux #suite", answers="117000000000000000")
        server.post("autre #chose")
        server.edit(one["id"], "un, corrigé #suite")
        server.delete(two["id"])
        server.delete("117000000000000000")  # came before the stream: the reading of counts tells
        server.say('{"event": "announcement", "payload": "{}"}')
        heard.until(lambda: any(r["deleted"] for r in heard.reader.posts.values()))
        by_id = {key[1]: row for key, row in heard.reader.posts.items()}
        assert by_id[one["uri"]]["text"] == "un, corrigé #suite"
        assert (by_id[two["uri"]]["text"], by_id[two["uri"]]["deleted"]) == ("deux #suite", True)
        assert len(by_id) == 52
        # The server restarts: the reader is told to come back, and loses nothing.
        server.break_streams()
        heard.until(lambda: heard.error is not None)
    finally:
        heard.stop()
    assert isinstance(heard.error, RetryableError)
    server.post("pendant la panne #suite")
    again = Listening(place(server), cursor=heard.reader.cursor)
    try:
        again.until(lambda: "pendant la panne #suite" in again.reader.texts)
    finally:
        again.stop()
    polled = Reader(SOURCE, place(server), cursor=again.reader.cursor).read()
    assert not polled.posts, "what the stream gave is not read again by polling"
    assert heard.firehose == {False}


@pytest.mark.enable_socket
def test_stream_counts_what_it_cannot_read(server: Mastodon, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vigie.platforms.mastodon.stream.PAGE_S", 0.2)
    stopped, skipped = threading.Event(), []
    pages = SOURCE.stream(place(server, "/public"), None, fetch=guarded(), clock=lambda: NOW, stopping=stopped.is_set)
    threading.Timer(0.1, lambda: [server.say(t) for t in ("no json", '{"event":"update","payload":"[1"}')]).start()
    for page in pages:
        skipped += SOURCE.parse(page).skipped
        assert page.is_firehose
        if len(skipped) == 2:
            stopped.set()
    assert [s.code for s in skipped] == ["mastodon.item", "mastodon.item"]


@pytest.mark.enable_socket
@pytest.mark.parametrize(
    ("mode", "code"),
    [("401", "net.login"), ("429-retry", "net.too_many"), ("500", "net.server_error"), ("down", "net.unreachable")],
)
def test_stream_refusals_are_told_as_they_are(server: Mastodon, mode: str, code: str) -> None:
    with FaultyProxy(server.port) as proxy:
        proxy.mode = mode
        where = Place(place(server).address, {"stream": f"ws://127.0.0.1:{proxy.port}"}, {"token": "none"})
        pages = SOURCE.stream(where, None, fetch=guarded(), clock=lambda: NOW, stopping=lambda: False)
        with pytest.raises((FatalError, RetryableError)) as refused:
            next(pages)
    assert refused.value.code == code
    assert getattr(refused.value, "retry_after", None) == (120 if mode == "429-retry" else None)


@pytest.mark.enable_socket
def test_server_without_streams_and_wrong_token(server: Mastodon) -> None:
    server.has_streams = False
    with pytest.raises(FatalError) as refused:
        next(SOURCE.stream(place(server), None, fetch=guarded(), clock=lambda: NOW, stopping=lambda: False))
    assert refused.value.code == "net.gone"
    wrong = Place(place(server).address, {}, {"token": "wrong"})
    assert "wrong" not in repr(wrong)
    error = Reader(SOURCE, wrong).fails()
    assert error is not None and error.code == "net.login"


@pytest.mark.enable_socket
def test_edits_deletions_and_limits_by_polling(server: Mastodon) -> None:
    for number in range(3):
        server.post(f"post {number} #suite")
    reader = Reader(SOURCE, place(server)).read()
    server.edit("117000000000065536", "corrigé #suite")
    assert reader.read().texts == ["corrigé #suite", "post 0 #suite", "post 2 #suite"]
    ids = sorted(key[1] for key in reader.posts)
    server.delete("117000000000131072")
    counts = SOURCE.recount(reader.place, [*ids, "https://b.example.invalid/objects/1"], fetch=guarded())
    assert [counts[i].gone for i in ids] == [False, False, True] and counts[ids[0]].likes == 3
    server.left = 0
    error = reader.fails()
    assert error is not None and error.code == "net.too_many"


@pytest.mark.enable_socket
def test_token_goes_to_its_own_server_alone(server: Mastodon) -> None:
    other = Mastodon()
    post = other.post("ailleurs")
    asked: list[tuple[str, dict[str, str]]] = []
    client = guarded()

    def fetch(url: str, *, headers: Any = None, body: Any = None) -> Any:
        asked.append((url, dict(headers or {})))
        return client(url, headers=headers, body=body)

    assert SOURCE.recount(place(server), [post["uri"]], fetch=fetch)[post["uri"]].likes == 3  # type: ignore[arg-type]
    assert all("Authorization" not in headers for url, headers in asked if f":{other.port}/" in url)
    assert list(SOURCE.conversation(place(server), post["uri"], fetch=fetch, now=NOW))  # type: ignore[arg-type]
    assert asked and all("Authorization" not in headers for _, headers in asked)
    other.stop()


@pytest.mark.enable_socket
def test_discovery_of_the_double_and_its_account(server: Mastodon) -> None:
    server.token = ""
    server.post("un", by="zoe")
    found = SOURCE.discover(f"{server.url}/tags/suite", fetch=guarded(), now=NOW)
    assert found is not None and found.options == {"stream": f"ws://{server.host}"}
    account = SOURCE.account(f"{server.url}/@zoe", fetch=guarded(), now=NOW)
    assert account is not None
    assert (account.address, account.name, account.followers, account.following, account.posts) == (
        f"{server.url}/@zoe", "Zoe", 12, 3, 1,
    )  # fmt: skip
    assert SOURCE.account(f"{server.url}/about", fetch=guarded(), now=NOW) is None


@pytest.mark.enable_socket
def test_double_speaks_as_the_reference_client_expects(server: Mastodon) -> None:
    import mastodon

    for number in range(90):
        server.post(f"post {number} #suite", spoiler_text="s", answers="117000000000000000" if number == 1 else "")
    client = mastodon.Mastodon(api_base_url=server.url, access_token="none", version_check_mode="none")
    first = client.timeline_hashtag("suite", limit=40)
    whole = client.fetch_remaining(first)
    assert [s.content for s in whole] == [f"<p>post {n} #suite</p>" for n in range(89, -1, -1)]
    assert client.ratelimit_limit == 300 and client.ratelimit_remaining < 300
    read = Reader(SOURCE, place(server)).read()
    assert {s.uri for s in whole} == {key[1] for key in read.posts}
    context = client.status_context("117000000000000000")
    assert [str(s.in_reply_to_id) for s in context.descendants] == ["117000000000000000"]
    (around,) = SOURCE.conversation(place(server), whole[-1].uri, fetch=guarded(), now=NOW)
    assert [r["in_reply_to"] for r in SOURCE.parse(around).posts.to_pylist()] == [None, whole[-1].uri]
