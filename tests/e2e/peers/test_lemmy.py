"""The double of Lemmy through the real client: every post and comment arrives once, whatever fails on the way."""

from collections.abc import Iterator

import pytest
from support.faults import survive
from support.faulty import FaultyProxy
from support.lemmy import Lemmy
from support.reading import NOW, Reader, guarded

from vigie.collect.source import Place
from vigie.platforms.lemmy.source import SOURCE

pytestmark = pytest.mark.enable_socket


@pytest.fixture
def server() -> Iterator[Lemmy]:
    server = Lemmy()
    for post in range(60):
        server.post(f"Titre {post}", f"texte {post}", by="zoe" if post % 2 else "max")
    for comment in range(130):
        server.comment(1 + comment % 60, f"commentaire {comment}")
    yield server
    server.stop()


def reader(server: Lemmy, path: str = "/c/vertige", port: int = 0) -> Reader:
    return Reader(SOURCE, Place(f"http://127.0.0.1:{port or server.port}{path}"))


def test_community_arrives_once_then_what_is_new_or_edited(server: Lemmy) -> None:
    read = reader(server).read()
    assert len(read.posts) == read.met == 190
    before = len(server.asked)
    assert read.read().met == 190 and len(server.asked) - before == 2, "nothing is new: two lists are asked for"
    server.post("Nouveau", "tout neuf")
    server.edit(59, "texte 58, corrigé")
    answered = server.comment(61, "un commentaire")
    server.comment(61, "sa réponse", by="max", to=answered)
    server.delete(1_129)
    read.read()
    rows = {row["native_id"]: row for row in read.posts.values()}
    assert rows[f"{server.url}/post/59"]["text"] == "texte 58, corrigé"
    assert rows[f"{server.url}/comment/1131"]["in_reply_to"] == f"{server.url}/comment/1130"
    assert rows[f"{server.url}/comment/1131"]["engaging_with"] == f"ana@{server.host}"
    assert rows[f"{server.url}/comment/1130"]["in_reply_to"] == f"{server.url}/post/61"
    assert rows[f"{server.url}/comment/1129"]["deleted"] is True
    assert len(rows) == 193


def test_killed_at_every_page_nothing_is_lost(server: Lemmy) -> None:
    whole = reader(server).read()
    for page in range(1, len(whole.pages) + 1):
        read = reader(server).read(most=page)
        server.post(f"pendant {page}")
        server.comment(1, f"pendant {page}")
        again = Reader(SOURCE, read.place, cursor=read.cursor, posts=read.posts).read()
        assert len(again.posts) == len(server.posts) + len(server.comments)


@pytest.mark.parametrize(
    ("path", "number"), [("/u/max", 30), ("/search?q=texte+1", 11), ("/", 190), ("/post/1", 1 + 3)]
)
def test_other_places(server: Lemmy, path: str, number: int) -> None:
    assert len(reader(server, path).read().posts) == number


def test_conversation_counts_and_account(server: Lemmy) -> None:
    place = reader(server).place
    for native_id in (f"{server.url}/post/1", f"{server.url}/comment/1000"):
        pages = SOURCE.conversation(place, native_id, fetch=guarded(), now=NOW)
        assert sum(SOURCE.parse(page).posts.num_rows for page in pages) == 4
    server.delete(1_000)
    ids = [f"{server.url}/post/1", f"{server.url}/comment/1000", f"{server.url}/post/999", "https://b.example/x"]
    counts = SOURCE.recount(place, ids, fetch=guarded())
    assert counts[ids[0]].likes == 5 and not counts[ids[0]].gone
    assert counts[ids[1]].gone and counts[ids[2]].gone and ids[3] not in counts
    account = SOURCE.account(f"{server.url}/c/vertige", fetch=guarded(), now=NOW)
    assert account is not None
    assert (account.name, account.followers, account.posts) == ("Vertiges", 12, 60)
    assert SOURCE.account(f"{server.url}/c/autre", fetch=guarded(), now=NOW) is None
    assert SOURCE.account(f"{server.url}/u/zoe", fetch=guarded(), now=NOW) is None


def test_discovery_and_token(server: Lemmy) -> None:
    found = SOURCE.discover(f"{server.url}/c/vertige", fetch=guarded(), now=NOW)
    assert found is not None
    assert (found.address, found.title) == (f"{server.url}/c/vertige", f"!vertige · {server.host}")
    Reader(SOURCE, Place(f"{server.url}/c/vertige", {}, {"token": "hush"})).read(most=1)
    assert server.headers[-1]["authorization"] == "Bearer hush"


def test_faults_lose_and_repeat_nothing(server: Lemmy) -> None:
    with FaultyProxy(server.port) as proxy:
        read = survive(proxy, lambda: reader(server, port=proxy.port))
        assert len(read.posts) == 190
