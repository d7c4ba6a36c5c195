"""snac2, a real server with Mastodon's interface: every post arrives once, whatever fails on the way."""

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.faults import survive
from support.faulty import FaultyProxy
from support.processes import free_port
from support.reading import NOW, Reader, guarded
from support.snac import Snac

from vigie.collect.source import Place
from vigie.errors import FatalError
from vigie.platforms.mastodon.source import SOURCE

pytestmark = pytest.mark.enable_socket

POSTS = 90
"""Three pages, the last one short."""

DELIVERED_S, QUESTIONS = 30, 5
"""Seconds that a delivery may take on a machine that does much else, and how often a question is asked."""


@pytest.fixture(scope="module")
def proxy() -> Iterator[FaultyProxy]:
    with FaultyProxy(free_port()) as proxy:
        yield proxy


@pytest.fixture(scope="module")
def snac(proxy: FaultyProxy) -> Iterator[Snac]:
    with tempfile.TemporaryDirectory(prefix="vigie-snac-", ignore_cleanup_errors=True) as folder:
        server = Snac(Path(folder), port=proxy.upstream_port, public=proxy.port).start("alice", "bob")
        for number in range(POSTS):
            server.post("alice" if number % 2 else "bob", f"post {number} #suite")
        yield server
        server.stop()


@pytest.fixture(autouse=True)
def _in_peace(proxy: FaultyProxy) -> None:
    proxy.mode, proxy.skip = "pass", 0


def reader(snac: Snac, path: str, *, token: str = "", **options: str) -> Reader:
    secrets = {"token": snac.tokens[token]} if token else {}
    return Reader(SOURCE, Place(f"http://{snac.host}{path}", options, secrets))


def test_discovers_what_an_address_means(snac: Snac) -> None:
    fetch = guarded()
    found = SOURCE.discover(f"http://{snac.host}/@alice", fetch=fetch, now=NOW)
    assert found is not None
    assert (found.address, found.title) == (f"http://{snac.host}/@alice", f"alice (@alice@{snac.host})")
    tag = SOURCE.discover(f"http://{snac.host}/tags/suite", fetch=fetch, now=NOW)
    assert tag is not None and tag.title == f"#suite · {snac.host}" and not tag.options
    root = SOURCE.discover(f"http://{snac.host}/", fetch=fetch, now=NOW)
    assert root is not None and root.address == f"http://{snac.host}/public/local"
    assert SOURCE.discover(f"http://{snac.host}/@nobody", fetch=fetch, now=NOW) is None


def test_hashtag_arrives_once_page_by_page(snac: Snac) -> None:
    read = reader(snac, "/tags/suite").read()
    assert read.texts == sorted(f"post {n} #suite" for n in range(POSTS))
    assert read.met == POSTS and len(read.pages) == 3
    assert len(read.read().pages) == 3, "nothing is new"
    row = next(r for r in read.posts.values() if r["text"] == "post 7 #suite")
    assert row["author"] == f"alice@{snac.host}" and row["origin"] == snac.host
    assert row["native_id"].startswith(f"http://{snac.host}/alice/p/") and row["published_at"].tzinfo is not None
    # A new post is one page more.
    snac.post("alice", "encore #suite", spoiler_text="santé")
    read.read()
    assert read.met == POSTS + 40 and len(read.pages) == 4 and len(read.posts) == POSTS + 1
    assert next(r for r in read.posts.values() if r["text"].startswith("encore"))["title"] == "santé"


def test_killed_at_every_page_nothing_is_lost(snac: Snac) -> None:
    whole = reader(snac, "/public/local").read()
    for page in range(1, len(whole.pages) + 1):
        read = reader(snac, "/public/local").read(most=page)
        fresh = Reader(SOURCE, read.place, cursor=read.cursor, posts=read.posts).read()
        assert fresh.posts == whole.posts


def test_account_and_its_counts(snac: Snac) -> None:
    read = reader(snac, "/@bob").read()
    assert {row["author"] for row in read.posts.values()} == {f"bob@{snac.host}"}
    assert len(read.posts) >= POSTS // 2
    account = SOURCE.account(f"http://{snac.host}/@bob", fetch=guarded(), now=NOW)
    assert account is not None and account.name == "bob" and account.followers == 0
    with pytest.raises(FatalError) as gone:
        SOURCE.account(f"http://{snac.host}/@nobody", fetch=guarded(), now=NOW)
    assert gone.value.code == "net.gone"


def test_conversation_counts_and_boosts(snac: Snac) -> None:
    place = reader(snac, "/tags/fil", token="alice").place
    post, answer = _answered(snac, place)
    snac.act("bob", post["id"], "favourite")
    snac.act("bob", post["id"], "reblog")
    assert answer["in_reply_to"] == post["uri"] and answer["engaging_with"] == f"alice@{snac.host}"
    counts = SOURCE.recount(place, [post["uri"]], fetch=guarded())
    assert counts[post["uri"]].likes == 1 and counts[post["uri"]].reposts == 1
    read = reader(snac, "/tags/fil").read()
    boost = next(row for row in read.posts.values() if row["repost_of"])
    assert boost["repost_of"] == post["uri"] and boost["author"] == f"bob@{snac.host}"
    assert (snac.host, post["uri"]) in read.posts


def _answered(snac: Snac, place: Place) -> tuple[dict[str, Any], dict[str, Any]]:
    """Have a question answered; the server loses an answer now and then on a busy machine (seen): it is asked again."""
    for _ in range(QUESTIONS):
        post = snac.post("alice", "question #fil")
        snac.post("bob", f"@alice@{snac.host} réponse", in_reply_to_id=post["id"])
        if (answer := _answer(place, post["uri"])) is not None:
            return post, answer
    raise AssertionError(f"no answer to any of {QUESTIONS} questions")


def _answer(place: Place, uri: str) -> dict[str, Any] | None:
    """Return the answer, which the server delivers to itself through a queue of its own: within seconds when idle."""
    until = time.monotonic() + DELIVERED_S
    while time.monotonic() < until:
        pages = list(SOURCE.conversation(place, uri, fetch=guarded(), now=NOW))
        rows = [row for page in pages for row in SOURCE.parse(page).posts.to_pylist()]
        found = [row for row in rows if "réponse" in row["text"]]
        if found:
            return found[0]
        time.sleep(0.25)
    return None


def test_search_needs_a_token_and_finds(snac: Snac) -> None:
    with pytest.raises(FatalError) as refused:
        reader(snac, "/search?q=suite").read()
    assert refused.value.code == "mastodon.token"
    read = reader(snac, "/", token="alice", q="suite").read()
    assert "post 89 #suite" in read.texts


def test_faults_lose_and_repeat_nothing(snac: Snac, proxy: FaultyProxy) -> None:
    whole = reader(snac, "/tags/suite").read()
    read = survive(proxy, lambda: reader(snac, "/tags/suite"))
    assert read.posts == whole.posts
    # Stopped, and started again.
    snac.stop()
    error = read.fails()
    assert error is not None and error.code == "net.unreachable"
    snac.start()
    snac.post("bob", "après la panne #suite")
    read.read()
    assert len(read.posts) == len(whole.posts) + 1
