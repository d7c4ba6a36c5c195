"""The double of PeerTube through the real client: every video and comment arrives once, whatever fails on the way."""

from collections.abc import Iterator

import pytest
from support.faults import survive
from support.faulty import FaultyProxy
from support.peertube import PeerTube
from support.reading import NOW, Reader, guarded

from vigie.collect.source import Place
from vigie.platforms.peertube.source import SOURCE

pytestmark = pytest.mark.enable_socket

LONG = "mot " * 100


@pytest.fixture
def server() -> Iterator[PeerTube]:
    server = PeerTube()
    for video in range(120):
        server.video(f"Film {video}", LONG if video % 40 == 0 else f"texte {video}")
    for video in server.videos[:6]:
        first = server.comment(video["uuid"], "premier")
        second = server.comment(video["uuid"], "réponse", by="max", to=first)
        server.comment(video["uuid"], "réponse à la réponse", to=second)
    for comment in range(150):
        server.comment(server.videos[119]["uuid"], f"commentaire {comment}")
    yield server
    server.stop()


def reader(server: PeerTube, path: str = "/c/vertige", port: int = 0) -> Reader:
    return Reader(SOURCE, Place(f"http://127.0.0.1:{port or server.port}{path}"))


def test_channel_arrives_once_then_what_changed(server: PeerTube) -> None:
    read = reader(server).read()
    assert len(read.posts) == 120 + 6 * 3 + 150
    rows = {row["native_id"]: row for row in read.posts.values()}
    videos = [video["url"] for video in server.videos]
    assert rows[videos[40]]["text"] == LONG.strip() and rows[videos[41]]["text"] == "texte 41"
    assert rows[f"{videos[0]}/comments/500"]["in_reply_to"] == videos[0]
    assert rows[f"{videos[0]}/comments/502"]["in_reply_to"] == f"{videos[0]}/comments/501"
    assert rows[f"{videos[0]}/comments/502"]["engaging_with"] == f"max@{server.host}"
    before, pages = len(server.asked), len(read.pages)
    assert len(read.read().pages) == pages and len(server.asked) - before == 1, "nothing is new: one list is asked for"
    server.comment(server.videos[110]["uuid"], "tout neuf")
    server.edit(server.videos[115]["uuid"], "texte 115, corrigé")
    server.video("Nouveau")
    assert len(read.read().posts) == 120 + 6 * 3 + 150 + 2
    assert {"tout neuf", "texte 115, corrigé"} <= set(read.texts)


def test_killed_at_every_page_nothing_is_lost(server: PeerTube) -> None:
    whole = reader(server).read()
    for page in range(1, len(whole.pages) + 1):
        read = reader(server).read(most=page)
        again = Reader(SOURCE, read.place, cursor=read.cursor, posts=read.posts).read()
        assert again.posts == whole.posts


@pytest.mark.parametrize(
    ("path", "number"), [("/a/zoe", 288), ("/videos/local", 288), ("/search?search=Film+11", 11 + 150)]
)
def test_other_places(server: PeerTube, path: str, number: int) -> None:
    assert len(reader(server, path).read().posts) == number


def test_servers_that_do_not_count_comments() -> None:
    server = PeerTube(counts_comments=False)
    videos = [server.video(f"Film {n}") for n in range(30)]
    server.comment(videos[29], "dessous")
    read = reader(server).read()
    server.comment(videos[29], "plus tard")
    assert len(read.read().posts) == 32
    server.stop()


def test_conversation_counts_and_account(server: PeerTube) -> None:
    place, videos = reader(server).place, [video["url"] for video in server.videos]
    pages = list(SOURCE.conversation(place, f"{videos[0]}/comments/501", fetch=guarded(), now=NOW))
    found = {row["native_id"] for page in pages for row in SOURCE.parse(page).posts.to_pylist()}
    assert found == {videos[0], *(f"{videos[0]}/comments/{n}" for n in (500, 501, 502))}
    gone = f"{server.url}/videos/watch/00000000-0000-0000-0000-00000000dead"
    counts = SOURCE.recount(place, [videos[0], gone, f"{videos[0]}/comments/500"], fetch=guarded())
    assert (counts[videos[0]].likes, counts[videos[0]].views, counts[videos[0]].replies) == (6, 40, 3)
    assert counts[gone].gone and len(counts) == 2
    account = SOURCE.account(f"{server.url}/c/vertige", fetch=guarded(), now=NOW)
    assert account is not None
    assert (account.name, account.followers, account.following, account.posts) == ("Vertiges", 12, 3, 120)
    assert SOURCE.account(f"{server.url}/c/autre", fetch=guarded(), now=NOW) is None


def test_video_that_vanishes_during_a_walk_is_left_aside(server: PeerTube) -> None:
    read = reader(server).read(most=1)
    del server.videos[0]
    again = Reader(SOURCE, read.place, cursor=read.cursor, posts=read.posts).read()
    assert len(again.posts) == 119 + 5 * 3 + 150


def test_discovery(server: PeerTube) -> None:
    found = SOURCE.discover(f"{server.url}/c/vertige/videos", fetch=guarded(), now=NOW)
    assert found is not None
    assert (found.address, found.title) == (f"{server.url}/c/vertige", f"Vertiges · {server.host}")
    assert SOURCE.discover(f"{server.url}/c/autre", fetch=guarded(), now=NOW) is None


def test_faults_lose_and_repeat_nothing(server: PeerTube) -> None:
    with FaultyProxy(server.port) as proxy:
        read = survive(proxy, lambda: reader(server, port=proxy.port), passing=3)
        assert len(read.posts) == 288
