"""Streams: a firehose is matched first, what nobody asks for is counted and dropped, and nothing is lost by a break."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest
from support.factories import make

from vigie.collect import registry
from vigie.collect.source import Page, Parsed, Tried
from vigie.errors import RetryableError
from vigie.schema.tables import POSTS
from vigie.server import engine
from vigie.server.models import Heard, Mention, Post, Space, SpaceRead, StreamCount, Watch, Work
from vigie.server.services import streaming, work

pytestmark = pytest.mark.django_db(transaction=True)
NOW = datetime(2026, 10, 30, 8, tzinfo=UTC)


def row(n: int, text: str, **values: object) -> dict[str, object]:
    return {
        "origin": "sky.example", "native_id": f"at://{n}", "network": "bluesky", "text": text,
        "published_at": NOW, "media": [], **values,
    }  # fmt: skip


class Fire:
    """A firehose whose frames are JSON rows."""

    kind, title, tried, options = "fire", "Fire", Tried.DOUBLE, ()

    def __init__(self, pages: list[list[dict[str, object]]], breaks_after: int | None = None) -> None:
        self.given, self.breaks_after = pages, breaks_after

    def discover(self, url, *, fetch, now):  # type: ignore[no-untyped-def]
        return None

    def pages(self, place, cursor, *, fetch, now) -> Iterator[Page]:  # type: ignore[no-untyped-def]
        yield from ()

    def streams(self, place) -> bool:  # type: ignore[no-untyped-def]
        return True

    def stream(self, place, cursor, *, fetch, clock, stopping) -> Iterator[Page]:  # type: ignore[no-untyped-def]
        start = json.loads(cursor)["seq"] if cursor else 0
        for n, rows in enumerate(self.given[start:], start=start):
            if n == self.breaks_after:
                self.breaks_after = None
                raise RetryableError("The connection broke.", code="net.unreachable", facts={"host": "sky.example"})
            body = json.dumps([{**r, "published_at": None} for r in rows]).encode()
            told = {"seq": n + 1, "time": (clock() - timedelta(seconds=2)).isoformat()}
            yield Page("wss://sky.example", body, "", "firehose", clock(), json.dumps(told), is_firehose=True)

    def parse(self, page: Page) -> Parsed:
        return Parsed(pa.Table.from_pylist(json.loads(page.body), schema=POSTS))


@pytest.fixture
def fire(monkeypatch):  # type: ignore[no-untyped-def]
    """Install a firehose source, a space of it and a watch."""

    def install(source: Fire) -> Space:
        known = {**registry.sources(), "fire": source}
        monkeypatch.setattr(registry, "sources", lambda: known)
        monkeypatch.setattr(streaming, "sources", lambda: known)
        make(Watch, expression="serelium", matched_version=1)
        space = make(Space, kind="fire", network="bluesky", address="wss://sky.example")
        engine.bump_generation()
        return space

    return install


def listen(space: Space) -> work.Outcome:
    streaming.listen(space.pk)
    (claimed,) = work.claim(holder="test", limit=5, only=work.STREAMS)
    outcome = streaming.run(work.Inline(claimed, lambda *_: None), fetch=None, clock=lambda: NOW)  # type: ignore[arg-type]
    work.finish(claimed, outcome)
    return outcome


PAGES = [
    [row(1, "serelium me donne mal à la tête"), row(2, "il pleut"), row(3, "beau temps")],
    [row(4, "rien"), row(5, "oui", in_reply_to="at://1")],
    [row(1, "serelium me donne mal à la tête", deleted=True), row(6, "encore serelium")],
]


def test_only_what_a_watch_or_a_conversation_asks_for_is_kept(fire) -> None:  # type: ignore[no-untyped-def]
    space = fire(Fire(PAGES))
    listen(space)
    assert sorted(Post.objects.values_list("native_id", flat=True)) == ["at://1", "at://5", "at://6"]
    assert Heard.objects.count() == 3, "what is dropped leaves no row"
    assert Mention.objects.count() == 2
    assert Post.objects.get(native_id="at://1").deleted_at is not None
    count = StreamCount.objects.get()
    assert (count.events, count.posts, count.matched, count.lag_s) == (7, 7, 4, 2.0)
    read = SpaceRead.objects.get()
    assert (read.dropped, read.is_stream, read.code) == (3, True, "")


def test_stream_that_breaks_goes_on_where_it_was_and_its_space_says_so(fire) -> None:  # type: ignore[no-untyped-def]
    space = fire(Fire(PAGES, breaks_after=1))
    outcome = listen(space)
    assert outcome.again_in_s == work.FIRST_RETRY_S * 2
    space.refresh_from_db()
    assert (space.state, space.failures) == ("limited", 1)
    assert Work.objects.get(kind="stream").state == "waiting", "a stream is never given up"
    Work.objects.update(due_s=0)
    listen(space)
    assert sorted(Post.objects.values_list("native_id", flat=True)) == ["at://1", "at://5", "at://6"]
    space.refresh_from_db()
    assert (space.state, space.failures) == ("reading", 0)


def test_streams_do_not_take_the_place_of_other_work(fire) -> None:  # type: ignore[no-untyped-def]
    space = fire(Fire(PAGES))
    streaming.listen(space.pk)
    work.enqueue("tidy", "tidy")
    assert [w.kind for w in work.claim(holder="a", limit=9)] == ["tidy"]
    assert [w.kind for w in work.claim(holder="a", limit=9, only=work.STREAMS)] == ["stream"]


def test_paused_or_closed_space_is_not_listened_to(fire) -> None:  # type: ignore[no-untyped-def]
    space = fire(Fire(PAGES))
    assert streaming.due(now=NOW) == [space.pk]
    Space.objects.filter(pk=space.pk).update(locked_at=NOW)
    assert streaming.due(now=NOW) == []
    listen(space)
    assert Post.objects.count() == 0
