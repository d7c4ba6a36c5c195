"""Hearing: every read puts its space in a state; changes that matter are told once; gaps and reads are counted."""

import contextlib
import itertools
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core import mail
from support.factories import make

from vigie.errors import DecisionError, FatalError, RetryableError, VigieError
from vigie.server.models import (
    AuditEvent,
    Brand,
    Fetch,
    Membership,
    Notice,
    Post,
    Space,
    SpaceRead,
    SpaceStateRow,
    User,
    Work,
)
from vigie.server.permissions import COMMAND, WORKER
from vigie.server.queries import hearing as reading
from vigie.server.queries.spaces import next_read_of
from vigie.server.services import collecting, hearing, work

pytestmark = pytest.mark.django_db(transaction=True)
NOW = datetime(2026, 10, 30, 8, tzinfo=UTC)
FEED = """<?xml version="1.0"?><rss version="2.0"><channel><title>F</title>{}</channel></rss>"""


def item(n: int) -> str:
    return f"<item><title>T{n}</title><guid>https://a.example/{n}</guid><link>https://a.example/{n}</link></item>"


class Net:
    """A network with one answer, or one failure."""

    def __init__(self, answer: str | VigieError) -> None:
        self.answer = answer

    def __call__(self, url, *, headers=None, body=None):  # type: ignore[no-untyped-def]
        from vigie.collect.source import Response

        if isinstance(self.answer, VigieError):
            raise self.answer
        return Response(url, 200, {"content-type": "application/rss+xml"}, self.answer.encode())


def read(space: Space, answer: str | VigieError, at: datetime = NOW) -> str:
    with contextlib.suppress(VigieError):
        collecting.collect(space.pk, fetch=Net(answer), clock=lambda: at)  # type: ignore[arg-type]
    space.refresh_from_db()
    return space.state


@pytest.fixture
def space() -> Space:
    return make(Space, kind="feed", network="feed", address="https://a.example/feed", interval_s=900, created_at=NOW)


def refusal(code: str) -> FatalError:
    return FatalError("No.", code=code, facts={"host": "a.example", "status": 401})


def test_states_follow_each_other_without_overlap(space: Space) -> None:
    answers = [
        FEED.format(item(1)),
        FEED.format(item(1)),
        refusal("net.login"),
        FEED.format(item(2)),
        refusal("net.gone"),
        "<html>no feed",
    ]
    states = [read(space, answer, NOW + timedelta(hours=n)) for n, answer in enumerate(answers)]
    assert states == ["reading", "reading", "login", "reading", "gone", "broken"]
    rows = list(SpaceStateRow.objects.order_by("pk"))
    assert [r.state for r in rows] == ["reading", "login", "reading", "gone", "broken"]
    assert all(a.until == b.since for a, b in itertools.pairwise(rows))
    assert rows[-1].until is None


def test_lost_hearing_is_told_once_and_so_is_its_return(space: Space) -> None:
    for n, answer in enumerate(
        [FEED.format(item(1)), refusal("net.login"), refusal("net.login"), FEED.format(item(2))]
    ):
        read(space, answer, NOW + timedelta(hours=n))
    assert [n.facts["state"] for n in Notice.objects.order_by("pk")] == ["login", "reading"]


def test_failure_that_may_pass_is_told_after_three(space: Space) -> None:
    for n in range(4):
        read(
            space,
            RetryableError("Later.", code="net.too_many", facts={"host": "a.example", "status": 429}),
            NOW + timedelta(hours=n),
        )
        assert Notice.objects.count() == (1 if n >= 2 else 0)


def test_silence_that_is_unusual_is_told(space: Space) -> None:
    for n in range(24 * 20):
        make(SpaceRead, space=space, started_at=NOW - timedelta(days=20) + timedelta(hours=n), new=1)
    Space.objects.filter(pk=space.pk).update(last_new_at=NOW - timedelta(hours=1))
    assert read(space, FEED.format(item(1)), NOW) == "reading"
    assert read(space, FEED.format(item(1)), NOW + timedelta(hours=5)) == "reading"
    assert read(space, FEED.format(item(1)), NOW + timedelta(hours=30)) == "silent"
    assert Notice.objects.get().facts["state"] == "silent"


def test_mail_goes_to_those_who_may_act_in_their_language(space: Space, settings) -> None:  # type: ignore[no-untyped-def]
    brand, other = make(Brand, name="Sereli"), make(Brand, name="Kalmo")
    Space.objects.filter(pk=space.pk).update(ownership="owned", brand=brand, title="Notre forum")
    seen = [
        ("fr", brand, "community_manager"),
        ("en", None, "administrator"),
        ("fr", other, "community_manager"),
        ("fr", brand, "reader"),
    ]
    users = [make(User, language=language) for language, *_ in seen]
    for user, (_, whose, role) in zip(users, seen, strict=True):
        make(Membership, user=user, brand=whose, role=role)
    read(space, refusal("net.login"))
    (claimed,) = work.claim_key("notify", holder="test")
    hearing.send(work.Inline(claimed, lambda *_: None), now=NOW)
    assert {m.to[0] for m in mail.outbox} == {users[0].email, users[1].email}
    by = {m.to[0]: m for m in mail.outbox}
    assert "Notre forum" in by[users[0].email].body and "connexion" in by[users[0].email].body
    assert "log-in" in by[users[1].email].body
    hearing.send(work.Inline(claimed, lambda *_: None), now=NOW)
    assert len(mail.outbox) == 2, "nothing is sent twice"


def test_share_heard_counts_states_and_lateness(space: Space) -> None:
    read(space, FEED.format(item(1)))
    make(Space, kind="feed", state="gone", interval_s=900)
    make(Space, kind="import", state="new")
    assert reading.now_heard(now=NOW) == reading.Hearing(1, 2, 0)
    assert reading.now_heard(now=NOW + timedelta(hours=3)) == reading.Hearing(0, 2, 1)


def test_gap_joins_what_follows_and_leaves_out_what_is_short(space: Space) -> None:
    for n, answer in enumerate([FEED.format(item(1)), refusal("net.login"), refusal("net.gone"), FEED.format(item(2))]):
        read(space, answer, NOW + timedelta(hours=n))
    read(space, refusal("net.gone"), NOW + timedelta(hours=4))
    read(space, FEED.format(item(3)), NOW + timedelta(hours=4, minutes=5))
    found, total = reading.gaps(NOW - timedelta(days=1), NOW + timedelta(days=1))
    assert total == 1
    assert (found[0].since, found[0].until) == (NOW + timedelta(hours=1), NOW + timedelta(hours=3))


def test_pause_and_its_undo(space: Space) -> None:
    hearing.lock(space.pk, asker=COMMAND, now=NOW)
    space.refresh_from_db()
    assert (space.state, space.next_read_at) == ("locked", None)
    assert not collecting.due_spaces(NOW + timedelta(days=1))
    hearing.unlock(space.pk, asker=COMMAND, now=NOW)
    assert collecting.due_spaces(NOW) == [space.pk]
    assert list(AuditEvent.objects.filter(action__startswith="space.").values_list("action", flat=True)) == [
        "space.lock",
        "space.unlock",
    ]
    with pytest.raises(DecisionError):
        hearing.lock(make(Space, kind="import").pk, asker=COMMAND, now=NOW)


def test_screening_log_counts_reads_failures_and_the_longest_pause(space: Space) -> None:
    brand = make(Brand)
    Space.objects.filter(pk=space.pk).update(ownership="owned", brand=brand, created_at=NOW - timedelta(days=3))
    zone = ZoneInfo("Europe/Paris")
    for hours, code in [(0, ""), (6, ""), (7, "net.timeout"), (9, "")]:
        at = NOW - timedelta(days=1) + timedelta(hours=hours - 6)
        make(SpaceRead, space=space, started_at=at, finished_at=at, code=code)
    rows = reading.screening(date(2026, 10, 28), date(2026, 10, 30), zone=zone, now=NOW)
    assert [(r.day.day, r.reads, r.failed) for r in rows] == [(28, 0, 0), (29, 4, 1), (30, 0, 0)]
    assert rows[1].longest_s == 6 * 3600


def test_what_could_not_be_read_is_kept_and_read_again_when_the_parser_is_mended(space: Space, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    assert read(space, "<html>no feed") == "broken"
    fetch = Fetch.objects.get()
    assert fetch.unparsed and fetch.body
    assert collecting.reparse(space_id=None, asker=WORKER, clock=lambda: NOW) == (1, 1)
    source = type(collecting.source("feed"))
    from vigie.collect.source import Parsed
    from vigie.platforms.feed.parse import parse

    def mended(self, page) -> Parsed:  # type: ignore[no-untyped-def]
        from dataclasses import replace

        return parse(replace(page, body=FEED.format(item(1)).encode()))

    monkeypatch.setattr(source, "parse", mended)
    assert collecting.reparse(space_id=space.pk, asker=WORKER, clock=lambda: NOW) == (1, 0)
    assert not Fetch.objects.filter(unparsed=True).exists()
    assert SpaceRead.objects.get().new == 1
    assert not Post.objects.exists(), "no watch asks for it"


def test_waits_are_drawn_so_that_spaces_drift_apart(space: Space, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr(collecting, "JITTER", 0.1)
    waits = set()
    for n in range(5):
        read(space, FEED.format(item(n)))
        assert space.next_read_at is not None
        waits.add((space.next_read_at - NOW).total_seconds())
    assert len(waits) == 5 and all(900 <= wait <= 990 for wait in waits)


def test_recipe_that_a_person_mended_reads_the_bytes_that_were_kept(monkeypatch) -> None:  # type: ignore[no-untyped-def]
    toml = 'name = "F"\n[post]\nitem = "{}"\nid = "@id"\ntext = "p"\n'
    page = b'<html><body><ol><li id="p1"><p>serelium</p></li></ol></body></html>'
    forum = make(
        Space,
        kind="recipe",
        network="forum",
        address="https://f.example/t",
        options={"recipe": toml.format("div.post")},
    )

    class Site:
        def __call__(self, url, *, headers=None, body=None):  # type: ignore[no-untyped-def]
            from vigie.collect.source import Response

            return Response(url, 200, {"content-type": "text/html"}, page)

    with contextlib.suppress(VigieError):
        collecting.collect(forum.pk, fetch=Site(), clock=lambda: NOW)  # type: ignore[arg-type]
    forum.refresh_from_db()
    assert forum.state == "broken" and Fetch.objects.get().unparsed
    Space.objects.filter(pk=forum.pk).update(options={"recipe": toml.format("li")})
    assert collecting.reparse(space_id=None, asker=WORKER, clock=lambda: NOW) == (1, 0)
    assert SpaceRead.objects.get().new == 1


def test_day_that_has_hardly_begun_is_not_said_to_have_gone_by_unread(space: Space) -> None:
    brand = make(Brand)
    Space.objects.filter(pk=space.pk).update(ownership="owned", brand=brand, created_at=NOW - timedelta(minutes=1))
    make(SpaceRead, space=space, started_at=NOW, finished_at=NOW)
    (row,) = reading.screening(date(2026, 10, 30), date(2026, 10, 30), zone=ZoneInfo("Europe/Paris"), now=NOW)
    assert (row.reads, row.longest_s) == (1, 60.0)


def test_next_read_is_the_one_that_is_tried_again_when_it_comes_first() -> None:
    space = Space(next_read_at=NOW + timedelta(hours=2))
    again = Work(state="waiting", due_s=(NOW + timedelta(minutes=1)).timestamp())
    running = Work(state="running", due_s=NOW.timestamp())
    assert next_read_of(space, None) == next_read_of(space, running) == NOW + timedelta(hours=2)
    assert next_read_of(space, again) == NOW + timedelta(minutes=1)
    assert next_read_of(Space(next_read_at=None), again) is None
