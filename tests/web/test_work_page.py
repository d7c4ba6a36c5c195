"""Steering work through its page: each press by its effect, on the row, on the worker and in the audit."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client

from vigie.schema.vocab import Role
from vigie.server.models import AuditEvent, Membership, User, Work
from vigie.server.permissions import COMMAND
from vigie.server.services import spaces, work
from vigie.server.services.spaces import SpaceDraft
from vigie.server.services.work import Outcome
from vigie.server.worker.loop import Loop

pytestmark = pytest.mark.usefixtures("quick_passwords")

NOW = datetime.now(UTC)


@pytest.fixture
def chief(client: Client, db: None) -> Client:
    """An administrator of all brands."""
    user = User.objects.create_user("chef@example.org", "x", language="en")
    Membership.objects.create(user=user, role=Role.ADMINISTRATOR)
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def pressed(client: Client, label: str, work_id: int) -> str:
    """Press the button of a row as the page shows it, and return the page that follows; a missing button fails."""
    page = client.get("/work/").content.decode()
    (row,) = [r.partition("</tr>")[0] for r in page.split("<tr>") if f"w-{work_id} " in r]
    forms = re.findall(r'<form method="post" action="([^"]+)">.*?<button[^>]*>([^<]+)</button>', row, re.DOTALL)
    (address,) = [action for action, text in forms if text == label]
    return client.post(address, follow=True).content.decode()


def buttons(client: Client, work_id: int) -> set[str]:
    page = client.get("/work/").content.decode()
    (row,) = [r.partition("</tr>")[0] for r in page.split("<tr>") if f"w-{work_id} " in r]
    return set(re.findall(r"<button[^>]*>([^<]+)</button>", row))


def ran(*, fails: bool = False) -> list[str]:
    """Let a worker do what is due; return the keys of what it began."""
    begun: list[str] = []

    def handler(job: Any) -> Outcome:
        begun.append(job.claimed.key)
        if fails:
            raise ZeroDivisionError
        job.checkpoint(done=1)
        return Outcome()

    loop = Loop({"x": handler}, holder="w")
    for one in work.claim(holder="w", limit=9):
        loop.run_one(one)
    return begun


def test_waiting_work_that_is_cancelled_is_never_done(chief: Client) -> None:
    row = work.enqueue("x", "x:1")
    page = pressed(chief, "Cancel", row)
    assert "The work is cancelled." in page and ran() == []
    assert Work.objects.get(pk=row).state == "cancelled"
    event = AuditEvent.objects.get(action="work.cancel")
    assert event.target == f"work:{row}" and event.actor.startswith("user:")


def test_running_work_that_is_cancelled_stops_at_its_next_checkpoint(chief: Client) -> None:
    row = work.enqueue("x", "x:1")
    passed: list[str] = []

    def handler(job: Any) -> Outcome:
        job.checkpoint(done=1)
        pressed(chief, "Cancel", row)
        job.checkpoint(done=2)
        passed.append("went on")
        return Outcome()

    (claimed,) = work.claim(holder="w", limit=1)
    Loop({"x": handler}, holder="w").run_one(claimed)
    stopped = Work.objects.get(pk=row)
    assert (stopped.state, stopped.done, passed) == ("cancelled", 2, [])


@pytest.mark.parametrize("state", ["failed", "cancelled"])
def test_work_that_is_tried_again_is_done_by_the_next_worker(chief: Client, state: str) -> None:
    row = work.enqueue("x", "x:1")
    if state == "failed":
        Work.objects.update(attempts=work.MAX_ATTEMPTS)
        ran(fails=True)
    else:
        work.cancel(row, asker=COMMAND, now=NOW)
    assert Work.objects.get(pk=row).state == state and ran() == []
    assert "The work is tried again." in pressed(chief, "Try again", row)
    assert ran() == ["x:1"] and Work.objects.get(pk=row).state == "done"


def test_work_that_waits_for_its_next_try_is_tried_at_once(chief: Client) -> None:
    row = work.enqueue("x", "x:1", in_s=3_600)
    assert ran() == []
    pressed(chief, "Try again", row)
    assert ran() == ["x:1"]


def test_work_that_is_over_offers_no_button_and_refuses_a_late_press(chief: Client) -> None:
    row = work.enqueue("x", "x:1")
    ran()
    assert buttons(chief, row) == set()
    assert chief.post(f"/work/{row}/cancel/").status_code == 400
    assert chief.post(f"/work/{row}/retry/").status_code == 400
    assert Work.objects.get(pk=row).state == "done"


def test_failed_work_whose_like_is_open_is_not_doubled(chief: Client) -> None:
    row = work.enqueue("x", "x:1")
    Work.objects.update(state="failed")
    work.enqueue("x", "x:1", in_s=3_600)
    assert chief.post(f"/work/{row}/retry/").status_code == 400
    assert sorted(Work.objects.values_list("state", flat=True)) == ["failed", "waiting"]


def test_press_on_read_now_is_in_the_log(chief: Client) -> None:
    space = spaces.add(SpaceDraft("Blog", "feed", "blog", "https://b.example/"), asker=COMMAND, now=NOW)
    chief.post(f"/spaces/{space.pk}/read/")
    event = AuditEvent.objects.get(action="space.read_asked")
    assert event.target == f"space:{space.pk}" and event.actor.startswith("user:")
    assert event.after == {"work": Work.objects.get(kind="collect").pk} and event.reference.startswith("r-")
