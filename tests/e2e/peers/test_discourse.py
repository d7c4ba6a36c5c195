"""The double of Discourse through the real client: every post arrives once, whatever fails on the way."""

from collections.abc import Iterator

import pytest
from support.discourse import Discourse
from support.faults import survive
from support.faulty import FaultyProxy
from support.reading import NOW, Reader, guarded

from vigie.collect.source import Place
from vigie.platforms.discourse.source import SOURCE

pytestmark = pytest.mark.enable_socket


@pytest.fixture
def forum() -> Iterator[Discourse]:
    forum = Discourse()
    for topic in range(40):
        forum.topic(f"Sujet {topic}", f"texte {topic}", tag="vertige" if topic % 2 else "", pinned=topic == 3)
    for reply in range(70):
        forum.reply(12, f"réponse {reply}")
    yield forum
    forum.stop()


def reader(forum: Discourse, path: str = "/latest", port: int = 0) -> Reader:
    return Reader(SOURCE, Place(f"http://127.0.0.1:{port or forum.port}{path}"))


def expected(forum: Discourse) -> list[str]:
    return sorted(post["cooked"][3:-4] for post in forum.posts)


def test_whole_forum_arrives_once_then_what_is_new(forum: Discourse) -> None:
    read = reader(forum).read()
    assert read.texts == expected(forum) and read.met == 110
    before = len(forum.asked)
    assert read.read().met == 110 and len(forum.asked) - before <= 3, "nothing is new: lists alone are asked for"
    forum.reply(12, "encore", to=60)
    forum.reply(20, "ailleurs")
    forum.topic("Nouveau", "tout neuf")
    forum.edit(15, 1, "texte 5, corrigé")
    read.read()
    assert read.texts == expected(forum)
    last = read.posts[f"127.0.0.1:{forum.port}", "discourse:12/72"]
    assert last["in_reply_to"] == "discourse:12/60" and last["engaging_with"] == "ana"
    assert read.met == 110 + 1 + 2 + 1 + 1, "of a long topic, what is new alone; the first page of the others"


def test_killed_at_every_page_nothing_is_lost(forum: Discourse) -> None:
    whole = reader(forum).read()
    for page in range(1, len(whole.pages) + 1, 5):
        read = reader(forum).read(most=page)
        # Somebody writes into a topic that was read already, and into one that was not.
        first, late = forum.reply(10, f"tôt {page}"), forum.reply(49, f"tard {page}")
        assert first and late
        again = Reader(SOURCE, read.place, cursor=read.cursor, posts=read.posts).read()
        assert again.texts == expected(forum)


def test_one_tag_and_one_topic(forum: Discourse) -> None:
    read = reader(forum, "/tag/vertige").read()
    assert {row["title"] for row in read.posts.values()} == {f"Sujet {n}" for n in range(1, 40, 2)}
    topic = reader(forum, "/t/sujet-12/12/3").read()
    assert len(topic.posts) == 71 and len(topic.pages) == 4
    forum.reply(12, "de plus")
    forum.edit(12, 2, "réponse 0, corrigée")
    assert len(topic.read().posts) == 72
    assert "réponse 0, corrigée" in topic.texts


def test_conversation_and_counts(forum: Discourse) -> None:
    place = reader(forum).place
    pages = list(SOURCE.conversation(place, "discourse:12/5", fetch=guarded(), now=NOW))
    assert sum(SOURCE.parse(page).posts.num_rows for page in pages) == 71
    forum.delete(12, 40)
    ids = ["discourse:12/1", "discourse:12/40", "discourse:12/41", "discourse:999/1"]
    counts = SOURCE.recount(place, ids, fetch=guarded())
    assert counts[ids[0]].likes == 4 and counts[ids[0]].views == 9
    assert [counts[one].gone for one in ids] == [False, True, False, True]


def test_topic_that_vanishes_during_a_walk_is_left_aside(forum: Discourse) -> None:
    read = reader(forum).read(most=2)
    del forum.topics[30]
    again = Reader(SOURCE, read.place, cursor=read.cursor, posts=read.posts).read()
    assert len(again.posts) == 109


def test_key_and_user_are_sent(forum: Discourse) -> None:
    place = Place(f"{forum.url}/latest", {"api_username": "vigie"}, {"api_key": "hush"})
    Reader(SOURCE, place).read(most=1)
    assert forum.headers[-1]["api-key"] == "hush" and forum.headers[-1]["api-username"] == "vigie"


def test_discovery(forum: Discourse) -> None:
    found = SOURCE.discover(f"{forum.url}/", fetch=guarded(), now=NOW)
    assert found is not None and (found.address, found.title) == (f"{forum.url}/latest", "Le forum")
    tag = SOURCE.discover(f"{forum.url}/tag/vertige", fetch=guarded(), now=NOW)
    assert tag is not None and tag.title == "Le forum · #vertige"


def test_faults_lose_and_repeat_nothing(forum: Discourse) -> None:
    with FaultyProxy(forum.port) as proxy:
        read = survive(proxy, lambda: reader(forum, port=proxy.port), passing=5)
        assert read.texts == expected(forum)
