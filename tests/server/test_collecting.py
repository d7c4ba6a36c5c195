"""Reading a space: bytes and cursor together, failures said and paced, what a crash left taken in."""

import errno
import json
import os
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client

from vigie.collect.source import Response
from vigie.errors import FatalError, RetryableError, VigieError
from vigie.schema.vocab import Role
from vigie.server.models import AuditEvent, Fetch, Membership, Mention, Post, Space, SpaceRead, User, Work
from vigie.server.permissions import COMMAND
from vigie.server.services import archiving, collecting, importing, spaces, work
from vigie.server.services.spaces import SpaceDraft
from vigie.server.worker.handlers import handlers
from vigie.server.worker.loop import Loop
from vigie.server.worker.schedule import Schedule

from .conftest import NOW, House

RSS = "<rss version='2.0'><channel><title>Blog</title>{}</channel></rss>"
ITEM = "<item><title>{0}</title><link>https://blog.example/{0}</link><description>Sérélium {0}</description></item>"


class Net:
    """A network with one answer, or one failure."""

    def __init__(self, answer: str | VigieError) -> None:
        self.answer, self.headers = answer, dict[str, str]()

    def __call__(self, url: str, *, headers: Mapping[str, str] | None = None, body: bytes | None = None) -> Response:
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


@pytest.mark.parametrize(("language", "sentence"), [("fr", "interrompue"), ("en", "interrupted")])
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
    assert [(row.code, row.finished_at) for row in rows] == [("read.interrupted", NOW), ("", NOW)]
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


@pytest.mark.parametrize("n", [1, 3])
def test_schedule_adds_all_due_reads_in_as_many_statements(
    house: House, n: int, django_assert_max_num_queries: Any
) -> None:
    for k in range(n):
        spaces.add(SpaceDraft(f"Blog {k}", "feed", f"b{k}", f"https://b{k}.example/feed/"), asker=COMMAND, now=NOW)
    Work.objects.all().delete()
    with django_assert_max_num_queries(8):
        assert collecting.read_all_due(NOW) == n
    assert collecting.read_all_due(NOW) == 0 and Work.objects.count() == n


def test_no_more_reads_wait_than_threads_take_soon_and_the_longest_due_come_first(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(collecting, "MOST_WAITING", 2)
    made = [
        spaces.add(SpaceDraft(f"Blog {k}", "feed", f"b{k}", f"https://b{k}.example/feed/"), asker=COMMAND, now=NOW)
        for k in range(3)
    ]
    Work.objects.all().delete()
    for late, one in zip((1, 3, 2), made, strict=True):
        Space.objects.filter(pk=one.pk).update(next_read_at=NOW - timedelta(hours=late))
    assert collecting.read_all_due(NOW) == 2
    assert set(Work.objects.values_list("key", flat=True)) == {f"collect:{made[1].pk}", f"collect:{made[2].pk}"}


class Turns(Net):
    """A network whose hosts may be asked later, or can't be."""

    def __init__(self, wait: float | VigieError) -> None:
        super().__init__(feed("a"))
        self.wait = wait

    def wait_s(self, url: str) -> float:
        if isinstance(self.wait, VigieError):
            raise self.wait
        return self.wait


def reading_by(net: Net) -> Any:
    """Return the handler that reads through a network."""

    def handler(job: Any) -> work.Outcome:
        collecting.collect(job.args["space"], fetch=net, clock=lambda: NOW)
        return work.Outcome("space.read")

    return handler


def test_host_whose_turn_has_not_come_is_not_asked_and_nothing_was_begun(space: Space) -> None:
    with pytest.raises(work.NotYet) as later:
        collecting.collect(space.pk, fetch=Turns(0.8), clock=lambda: NOW)
    assert (later.value.host, later.value.seconds) == ("blog.example", 0.8)
    assert not SpaceRead.objects.exists()
    assert collecting.collect(space.pk, fetch=Turns(0.0), clock=lambda: NOW).new == 1


def test_host_that_cannot_say_its_rules_is_a_read_that_failed(space: Space) -> None:
    with pytest.raises(RetryableError):
        collecting.collect(
            space.pk, fetch=Turns(RetryableError("Later.", code="net.timeout", facts={})), clock=lambda: NOW
        )
    assert SpaceRead.objects.get().code == "net.timeout"


def test_work_that_waits_for_a_host_is_held_under_its_lease_and_read_in_its_turn(space: Space) -> None:
    net, now = Turns(5.0), [100.0]
    loop = Loop({"collect": reading_by(net)}, holder="a", monotonic=lambda: now[0])
    Work.objects.all().delete()
    collecting.read_due(space.pk)
    (claimed,) = work.claim(holder="a", limit=1)
    loop.run_one(claimed)
    assert loop.parked.ids() == [claimed.id] and Work.objects.get().state == "running"
    assert loop.parked.due(104.9, 9) == []
    net.wait = 0.0
    (again,) = loop.parked.due(105.0, 9)
    loop.run_one(again)
    assert Work.objects.filter(kind="collect").get().state == "done" and Post.objects.count() == 1


def test_host_of_too_many_spaces_gives_work_back_untouched(space: Space, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vigie.server.worker.parked.MOST_OF_A_HOST", 0)
    loop = Loop({"collect": reading_by(Turns(5.0))}, holder="a")
    Work.objects.all().delete()
    collecting.read_due(space.pk)
    (claimed,) = work.claim(holder="a", limit=1)
    loop.run_one(claimed)
    row = Work.objects.get()
    assert (row.state, row.attempts) == ("waiting", 0) and row.due_s > work.clock_s() + 50


def test_closed_space_is_not_read(space: Space) -> None:
    spaces.close(space.pk, asker=COMMAND, now=NOW)
    assert collecting.due_spaces(NOW + timedelta(days=9)) == []
    spaces.reopen(space.pk, asker=COMMAND, now=NOW)
    assert collecting.due_spaces(NOW) == [space.pk]


def page_of(space: Space, client: Client, language: str = "en") -> str:
    user = User.objects.create_user("lecteur@example.org", language=language)
    Membership.objects.create(user=user, role=Role.ADMINISTRATOR)
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client.get(f"/spaces/{space.pk}/").content.decode()


def died(space: Space, *names: str) -> SpaceRead:
    """Leave what a process leaves that is killed once the bytes of a page are safe."""
    with pytest.MonkeyPatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(collecting, "ingest_page", lambda *a, **k: (_ for _ in ()).throw(KeyboardInterrupt))
        read(space, feed(*names))
    row = SpaceRead.objects.latest("pk")
    assert (row.code, row.finished_at) == ("", None)
    return row


def test_read_that_died_is_closed_by_the_next_one(space: Space) -> None:
    dead = died(space, "a")
    after = read(space, feed("a", "b"))
    dead.refresh_from_db()
    assert (dead.code, dead.finished_at) == ("read.interrupted", NOW)
    assert (after.code, after.finished_at) == ("", NOW)


def test_read_that_dies_each_time_is_a_space_that_fails(space: Space) -> None:
    for failures in (0, 1, 2):
        died(space, f"a{failures}")
        space.refresh_from_db()
        assert space.failures == failures
    with pytest.raises(RetryableError):
        read(space, RetryableError("Later.", code="net.timeout", facts={"host": "blog.example"}))
    space.refresh_from_db()
    assert space.failures == 4
    assert AuditEvent.objects.filter(action="space.read_failed", after__code="read.interrupted").count() == 3


def test_read_that_died_is_closed_once_its_last_bytes_are_in(space: Space, run_work: Any) -> None:
    dead = died(space, "a")
    Work.objects.filter(kind="ingest").update(due_s=0)
    run_work()
    dead.refresh_from_db()
    assert (dead.code, dead.finished_at, dead.new) == ("read.interrupted", NOW, 1)


def test_read_under_way_is_not_closed_by_the_recovery_of_its_page(space: Space, run_work: Any) -> None:
    row = died(space, "a")
    Work.objects.filter(kind="ingest").update(due_s=0)
    collecting.read_due(space.pk)
    (held,) = work.claim_key(f"collect:{space.pk}", holder="another")
    run_work()
    row.refresh_from_db()
    assert Fetch.objects.get().ingested_at is not None and row.finished_at is None and held


@pytest.mark.parametrize(
    ("language", "sentence"), [("fr", "Cette lecture a été interrompue"), ("en", "This read was interrupted")]
)
def test_page_of_the_space_says_that_a_read_died(space: Space, client: Client, language: str, sentence: str) -> None:
    died(space, "a")
    page = page_of(space, client, language)
    assert sentence in page and "under way" not in page and "en cours" not in page


FULL = (
    OperationalError("database or disk is full"),
    OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)),
    OSError(errno.EDQUOT, os.strerror(errno.EDQUOT)),
)


@pytest.mark.parametrize("fault", FULL, ids=["database", "file", "quota"])
def test_full_disk_is_said_and_the_read_comes_later(
    space: Space, client: Client, monkeypatch: pytest.MonkeyPatch, fault: Exception
) -> None:
    monkeypatch.setattr(collecting, "save_page", lambda *a: (_ for _ in ()).throw(fault))
    with pytest.raises(RetryableError) as raised:
        read(space, feed("a"))
    monkeypatch.undo()
    row = SpaceRead.objects.get()
    space.refresh_from_db()
    assert raised.value.code == row.code == "disk.full" and row.finished_at == NOW
    assert (space.failures, space.next_read_at) == (1, NOW + timedelta(seconds=space.interval_s * 2))
    page = page_of(space, client)
    assert "The disk that holds VIGIE_VAR is full. Make room there" in page and "under way" not in page
    assert read(space, feed("a")).new == 1


def test_fault_that_is_no_full_disk_stays_what_it_is(space: Space, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        collecting, "save_page", lambda *a: (_ for _ in ()).throw(OperationalError("database is locked"))
    )
    with pytest.raises(OperationalError):
        read(space, feed("a"))


class Importing:
    """A file of 1,200 posts (two batches) on its way into the forum."""

    def __init__(self, house: House) -> None:
        lines = [f"{n},Sérélium {n}" for n in range(1_200)]
        name = importing.store_upload(iter([b"id,text\n", "\n".join(lines).encode()]), suffix=".csv")
        mapping = importing.look(name).suggested
        self.space = house.forum
        self.row = importing.start(name, mapping, space_id=house.forum.pk, asker=COMMAND, now=NOW)
        self.work = Work.objects.get(kind="import")

    def after_a_batch(self, then: Any) -> None:
        """Have something happen once, when the first batch is in."""
        original = collecting.take

        def take(*args: Any, **kwargs: Any) -> Any:
            taken = original(*args, **kwargs)
            collecting.take = original
            then()
            return taken

        collecting.take = take

    def read(self) -> SpaceRead:
        self.row.refresh_from_db()
        return self.row


@pytest.fixture
def importing_file(house: House, monkeypatch: pytest.MonkeyPatch) -> Importing:
    monkeypatch.setattr(collecting, "take", collecting.take)  # put back at the end
    return Importing(house)


def test_import_that_is_cancelled_under_way_is_closed_and_can_be_tried_again(
    importing_file: Importing, run_work: Any, client: Client
) -> None:
    importing_file.after_a_batch(lambda: work.cancel(importing_file.work.pk, asker=COMMAND, now=NOW))
    run_work()
    row = importing_file.read()
    assert (row.heard, row.code) == (1_000, "import.cancelled") and row.finished_at is not None
    assert "Cancelled before its end" in page_of(importing_file.space, client)
    work.retry(importing_file.work.pk, asker=COMMAND, now=NOW)
    run_work()
    row = importing_file.read()
    assert (row.heard, row.code, row.finished_at) == (1_200, "", NOW)


def test_import_that_is_cancelled_before_it_begins_is_closed(importing_file: Importing) -> None:
    work.cancel(importing_file.work.pk, asker=COMMAND, now=NOW)
    row = importing_file.read()
    assert row.code == "import.cancelled" and row.finished_at is not None


def test_import_that_another_worker_took_over_is_closed_once_by_that_one(
    importing_file: Importing, run_work: Any
) -> None:
    def silent() -> None:
        Work.objects.filter(pk=importing_file.work.pk).update(lease_until_s=0)
        (again,) = work.claim(holder="another", limit=1)
        Loop(handlers(clock=lambda: NOW), holder="another").run_one(again)

    importing_file.after_a_batch(silent)
    run_work()
    row = importing_file.read()
    assert (row.heard, row.code, row.finished_at) == (1_200, "", NOW)
    assert Work.objects.get(pk=importing_file.work.pk).state == "done"


def test_import_that_was_cancelled_while_its_worker_was_dead_is_closed(
    importing_file: Importing, run_work: Any
) -> None:
    work.claim(holder="dead", limit=1, lease_s=-1)
    work.cancel(importing_file.work.pk, asker=COMMAND, now=NOW)
    run_work()
    assert importing_file.read().code == "import.cancelled"


def test_import_goes_on_after_a_full_disk(importing_file: Importing, run_work: Any, client: Client) -> None:
    def full() -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    importing_file.after_a_batch(full)
    run_work()
    row = importing_file.read()
    assert (row.code, row.finished_at) == ("disk.full", None)
    assert "The disk that holds VIGIE_VAR is full" in page_of(importing_file.space, client)
    Work.objects.update(due_s=0)
    run_work()
    row = importing_file.read()
    assert (row.heard, row.code, row.finished_at) == (1_200, "", NOW)
