"""Reading a space: bytes and cursor together, failures said and paced, what a crash left taken in."""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from vigie.collect.source import Response
from vigie.errors import FatalError, RetryableError, VigieError
from vigie.schema.vocab import Role
from vigie.server.models import Fetch, Membership, Mention, Post, Space, SpaceRead, User, Work
from vigie.server.permissions import COMMAND
from vigie.server.services import archiving, collecting, spaces
from vigie.server.services.spaces import SpaceDraft
from vigie.server.worker.schedule import Schedule

from .conftest import NOW, House

RSS = "<rss version='2.0'><channel><title>Blog</title>{}</channel></rss>"
ITEM = "<item><title>{0}</title><link>https://blog.example/{0}</link><description>Sérélium {0}</description></item>"


class Net:
    """A network with one answer, or one failure."""

    def __init__(self, answer: str | VigieError) -> None:
        self.answer, self.headers = answer, dict[str, str]()

    def __call__(self, url: str, *, headers: Mapping[str, str] | None = None) -> Response:
        self.headers = dict(headers or {})
        if isinstance(self.answer, VigieError):
            raise self.answer
        return Response(url, 200, {"content-type": "application/rss+xml", "etag": '"1"'}, self.answer.encode())


@pytest.fixture
def space(house: House) -> Space:
    return spaces.add(SpaceDraft("Blog", "feed", "blog", "https://blog.example/feed/"), asker=COMMAND, now=NOW)


def read(space: Space, answer: str | VigieError, at: Any = NOW) -> SpaceRead:
    return collecting.collect(space.pk, fetch=Net(answer), clock=lambda: at)


def feed(*names: str) -> str:
    return RSS.format("".join(ITEM.format(name) for name in names))


def test_reading_a_feed_keeps_its_posts_and_its_place(space: Space) -> None:
    row = read(space, feed("a", "b"))
    assert (row.heard, row.new, row.mentions, row.code) == (2, 2, 2, "")
    space.refresh_from_db()
    assert json.loads(space.cursor)["etag"] == '"1"'
    assert space.next_read_at == NOW + timedelta(seconds=space.interval_s)


def test_second_read_asks_for_what_changed_alone(space: Space) -> None:
    read(space, feed("a"))
    net = Net(feed("a"))
    collecting.collect(space.pk, fetch=net, clock=lambda: NOW)
    assert net.headers["If-None-Match"] == '"1"' and Post.objects.count() == 1


def test_failure_is_on_the_spaces_row_and_each_one_doubles_the_wait(space: Space) -> None:
    for failures in (1, 2, 3):
        with pytest.raises(FatalError):
            read(
                space,
                FatalError("blog.example is gone.", code="net.gone", facts={"host": "blog.example", "status": 410}),
            )
        space.refresh_from_db()
        assert space.failures == failures
        assert space.next_read_at == NOW + timedelta(seconds=space.interval_s * 2**failures)
    assert SpaceRead.objects.last().code == "net.gone"  # type: ignore[union-attr]


def test_success_ends_a_row_of_failures(space: Space) -> None:
    with pytest.raises(RetryableError):
        read(space, RetryableError("Later.", code="net.timeout", facts={"host": "blog.example"}))
    read(space, feed("a"))
    space.refresh_from_db()
    assert space.failures == 0


def test_wish_of_the_site_is_kept(space: Space) -> None:
    with pytest.raises(RetryableError):
        read(space, RetryableError("Later.", code="net.too_many", retry_after=7200, facts={"host": "x", "status": 429}))
    space.refresh_from_db()
    assert space.next_read_at == NOW + timedelta(seconds=7200)


def test_answer_that_is_no_feed_is_said_and_its_bytes_stay_ninety_days(space: Space) -> None:
    row = read(space, "<html>pas un flux</html>")
    assert row.code == "feed.not_a_feed"
    archiving.drop_bytes(now=NOW + timedelta(days=89))
    assert Fetch.objects.get().body is not None
    archiving.drop_bytes(now=NOW + timedelta(days=91))
    assert Fetch.objects.get().body is None


@pytest.mark.parametrize(
    ("language", "sentence"),
    [("fr", "blog.example dit qu’il n’y a plus rien"), ("en", "blog.example says that there is nothing")],
)
def test_page_of_the_space_says_why_in_a_sentence(space: Space, client: Client, language: str, sentence: str) -> None:
    with pytest.raises(FatalError):
        read(space, FatalError("x", code="net.gone", facts={"host": "blog.example", "status": 410}))
    user = User.objects.create_user("chef@example.org", language=language)
    Membership.objects.create(user=user, role=Role.ADMINISTRATOR)
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    page = client.get(f"/spaces/{space.pk}/").content.decode()
    assert sentence in page and "Traceback" not in page


def test_bytes_that_a_crash_left_are_taken_in_by_the_worker(
    space: Space, run_work: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(collecting, "ingest_page", lambda *a, **k: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        read(space, feed("a"))
    monkeypatch.undo()
    assert Post.objects.count() == 0 and Fetch.objects.get().body is not None
    Work.objects.filter(kind="ingest").update(due_s=0)
    run_work()
    assert Mention.objects.count() == 1 and Fetch.objects.get().ingested_at is not None


@pytest.mark.parametrize(("language", "sentence"), [("fr", "Interrompue"), ("en", "Broken off")])
def test_read_that_a_crash_broke_off_is_closed_by_the_next_and_says_so(
    space: Space, client: Client, monkeypatch: pytest.MonkeyPatch, language: str, sentence: str
) -> None:
    monkeypatch.setattr(collecting, "ingest_page", lambda *a, **k: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        read(space, feed("a"))
    monkeypatch.undo()
    read(space, feed("a"))
    space.refresh_from_db()
    rows = SpaceRead.objects.order_by("pk")
    assert [(row.code, row.finished_at) for row in rows] == [("space.broken_off", NOW), ("", NOW)]
    assert space.failures == 0
    user = User.objects.create_user("chef@example.org", language=language)
    Membership.objects.create(user=user, role=Role.ADMINISTRATOR)
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert sentence in client.get(f"/spaces/{space.pk}/").content.decode()


def test_schedule_reads_due_spaces_once(space: Space) -> None:
    schedule = Schedule(clock=lambda: NOW, monotonic=iter(range(0, 100, 10)).__next__)
    schedule.tick()
    schedule.tick()
    assert Work.objects.filter(key=f"collect:{space.pk}").count() == 1


def test_closed_space_is_not_read(space: Space) -> None:
    spaces.close(space.pk, asker=COMMAND, now=NOW)
    assert collecting.due_spaces(NOW + timedelta(days=9)) == []
    spaces.reopen(space.pk, asker=COMMAND, now=NOW)
    assert collecting.due_spaces(NOW) == [space.pk]
