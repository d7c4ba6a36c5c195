"""Work: one open row per key, one holder per row, a lease that runs out, failures that wait longer each time."""

import errno
import threading
from concurrent.futures import Future
from itertools import pairwise
from typing import Any

import pytest
from django.db import OperationalError, connection

from vigie.errors import DecisionError, FatalError, RetryableError
from vigie.server import leases
from vigie.server.models import AuditEvent, Work
from vigie.server.permissions import COMMAND, Asker
from vigie.server.services import work
from vigie.server.services.work import Outcome
from vigie.server.worker.loop import POLL_S, Lane, Loop

from .conftest import NOW

pytestmark = pytest.mark.django_db


def test_same_key_is_one_open_row() -> None:
    first = work.enqueue("collect", "collect:1", {"space": 1}, in_s=600)
    assert work.enqueue("collect", "collect:1", {"space": 1}) == first
    assert Work.objects.count() == 1
    assert [c.id for c in work.claim(holder="a", limit=5)] == [first]  # brought forward by the second


def test_row_that_is_claimed_is_not_claimed_again() -> None:
    work.enqueue("collect", "collect:1")
    assert len(work.claim(holder="a", limit=5)) == 1
    assert work.claim(holder="b", limit=5) == []


def test_silent_holder_loses_its_row_by_the_databases_clock() -> None:
    work.enqueue("collect", "collect:1")
    (dead,) = work.claim(holder="a", limit=1, lease_s=-1)
    (alive,) = work.claim(holder="b", limit=1)
    assert (alive.id, alive.attempts) == (dead.id, 2)
    with pytest.raises(work.LeaseLost):
        work.checkpoint(dead, done=3)
    work.finish(dead, Outcome())
    assert Work.objects.get().state == "running"  # what the dead one says no longer counts


def test_renewed_lease_holds() -> None:
    work.enqueue("collect", "collect:1")
    (mine,) = work.claim(holder="a", limit=1, lease_s=-1)
    work.renew(holder="a", ids=[mine.id])
    assert work.claim(holder="b", limit=1) == []


def test_row_whose_end_could_not_be_written_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    """With a full disk not even the failure is saved: a worker that goes on must not hold the row for ever."""
    work.enqueue("x", "x:1")
    work.enqueue("x", "x:2")
    lost, kept = work.claim(holder="a", limit=2, lease_s=-1)
    loop = Loop({}, holder="a")
    over, going_on = Future[None](), Future[None]()
    over.set_exception(OperationalError("database or disk is full"))
    loop.readers.running = {over: lost.id, going_on: kept.id}
    loop._renewed = float("-inf")
    loop._renew()
    assert [one.id for one in work.claim(holder="b", limit=5)] == [lost.id]


class Held:
    """Threads that never come to an end of what they are given."""

    def submit(self, act: Any, *args: Any) -> Future[None]:
        return Future[None]()


def test_lane_that_got_less_than_it_had_room_for_looks_again_later_and_one_that_filled_at_once() -> None:
    now = [0.0]
    loop = Loop({}, holder="a", monotonic=lambda: now[0])
    (one,) = loop.lanes = (Lane(Held(), 2, only=("x",)),)  # type: ignore[arg-type]

    def rows_at(seconds: float) -> int:
        now[0] = seconds
        loop.step()
        return len(one.running)

    work.enqueue("x", "x:1")
    assert rows_at(0.0) == 1
    work.enqueue("x", "x:2")
    work.enqueue("x", "x:3")
    assert (rows_at(POLL_S / 2), rows_at(POLL_S)) == (1, 2)
    next(iter(one.running)).set_result(None)
    assert rows_at(POLL_S) == 2
    assert [row.key for row in Work.objects.filter(state="waiting")] == []


def failing(error: Exception) -> Loop:
    def handler(job: Any) -> Outcome:
        raise error

    return Loop({"x": handler}, holder="a")


def run(loop: Loop) -> Work:
    for one in work.claim(holder="a", limit=5):
        loop.run_one(one)
    return Work.objects.get()


def test_failure_that_passes_waits_longer_each_time_then_is_given_up() -> None:
    work.enqueue("x", "x")
    loop = failing(RetryableError("Later.", code="net.timeout"))
    waits = []
    for _ in range(work.MAX_ATTEMPTS):
        row = run(loop)
        waits.append(row.due_s)
        Work.objects.update(due_s=0)
    assert row.state == "failed" and row.code == "net.timeout"
    assert [round((b - a) / (waits[1] - waits[0])) for a, b in pairwise(waits[:-1])][:3] == [
        1,
        2,
        4,
    ]


def test_full_disk_is_a_failure_that_passes_and_says_where_to_make_room() -> None:
    work.enqueue("x", "x")
    row = run(failing(OSError(errno.ENOSPC, "No space left on device")))
    assert (row.state, row.code, row.facts["place"]) == ("waiting", "disk.full", "VIGIE_VAR")


def test_wish_of_the_other_side_is_kept() -> None:
    work.enqueue("x", "x")
    row = run(failing(RetryableError("Later.", code="net.too_many", retry_after=500)))
    assert row.state == "waiting" and row.due_s > work.clock_s() + 490


def test_final_failure_is_not_tried_again() -> None:
    work.enqueue("x", "x")
    assert run(failing(FatalError("Gone.", code="net.gone"))).state == "failed"


def test_fault_of_ours_does_not_stop_the_worker_and_names_its_reference() -> None:
    work.enqueue("x", "x")
    row = run(failing(ZeroDivisionError("secret text")))
    assert row.code == "work.crashed" and row.facts == {"reference": f"w-{row.pk}"}


def test_recurring_work_waits_in_the_same_row() -> None:
    work.enqueue("x", "x")
    run(Loop({"x": lambda job: Outcome(again_in_s=60)}, holder="a"))
    assert (Work.objects.get().state, Work.objects.count()) == ("waiting", 1)


def test_running_work_stops_at_its_next_checkpoint_when_cancelled() -> None:
    work.enqueue("x", "x")

    def handler(job: Any) -> Outcome:
        work.cancel(job.claimed.id, asker=COMMAND, now=NOW)
        job.checkpoint(done=1)
        raise AssertionError("the checkpoint stops it")

    assert run(Loop({"x": handler}, holder="a")).state == "cancelled"
    assert AuditEvent.objects.filter(action="work.cancel").count() == 1


def test_failed_work_is_tried_again_and_done_work_is_not() -> None:
    work.enqueue("x", "x")
    row = run(failing(FatalError("Gone.", code="net.gone")))
    work.retry(row.pk, asker=COMMAND, now=NOW)
    done = run(Loop({"x": lambda job: Outcome()}, holder="a"))
    assert done.state == "done"
    with pytest.raises(DecisionError):
        work.retry(done.pk, asker=COMMAND, now=NOW)


def test_only_who_may_steers_work() -> None:
    work_id = work.enqueue("x", "x")
    with pytest.raises(DecisionError):
        work.cancel(work_id, asker=Asker(1, "user:1", frozenset(), {}), now=NOW)


def test_stopping_worker_gives_its_work_back_as_it_stands() -> None:
    work.enqueue("x", "x")
    loop = Loop({"x": lambda job: job.checkpoint(done=4, state={"at": 4})}, holder="a")
    loop.stopping.set()
    connection_was_atomic = connection.in_atomic_block
    if connection_was_atomic:
        from vigie.server.worker import loop as module

        original, module.connection = module.connection, type("C", (), {"in_atomic_block": False})()  # type: ignore[assignment]
    try:
        row = run(loop)
    finally:
        if connection_was_atomic:
            module.connection = original
    assert (row.state, row.attempts, row.done, row.state_json) == ("waiting", 0, 4, {"at": 4})


def test_lease_has_one_holder_until_it_runs_out() -> None:
    assert leases.take("archive", holder="a", seconds=60)
    assert not leases.take("archive", holder="b", seconds=60)
    assert leases.take("archive", holder="a", seconds=-1)
    assert leases.take("archive", holder="b", seconds=60)
    assert not leases.held("archive", holder="a")


@pytest.mark.django_db(transaction=True)
def test_eight_claimers_never_share_a_row() -> None:
    for n in range(60):
        work.enqueue("x", f"x:{n}")
    taken: list[int] = []

    def claimer(name: str) -> None:
        try:
            while claimed := work.claim(holder=name, limit=3):
                taken.extend(one.id for one in claimed)
        finally:
            connection.close()

    threads = [threading.Thread(target=claimer, args=(f"c{n}",)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(taken) == len(set(taken)) == 60


def test_claim_takes_the_oldest_due_then_what_its_holder_let_go() -> None:
    for n, due in enumerate((30, 10, 20)):
        work.enqueue("x", f"x:{n}")
        Work.objects.filter(key=f"x:{n}").update(due_s=due)
    (silent,) = work.claim(holder="dead", limit=1, lease_s=-1)
    work.enqueue("y", "y:1", in_s=60)
    claimed = work.claim(holder="a", limit=9)
    assert [one.key for one in claimed] == ["x:2", "x:0", silent.key]
    assert [one.attempts for one in claimed] == [1, 1, 2]


def test_claim_leaves_other_kinds_alone() -> None:
    for kind in ("x", "y", "stream"):
        work.enqueue(kind, kind)
    assert [one.kind for one in work.claim(holder="a", limit=9, only=("x",))] == ["x"]
    assert [one.kind for one in work.claim(holder="a", limit=9)] == ["y"]


@pytest.mark.parametrize("n", [1, 3])
def test_claim_takes_as_many_statements_whatever_the_rows(n: int, django_assert_num_queries: Any) -> None:
    work.enqueue_all("x", {f"x:{i}": {} for i in range(n)})
    with django_assert_num_queries(3):
        assert len(work.claim(holder="a", limit=n + 1)) == n


def test_many_are_added_once_each_and_those_that_wait_are_brought_forward() -> None:
    work.enqueue("x", "x:1", {"kept": 1}, in_s=60)
    work.enqueue("x", "x:2", in_s=60)
    work.enqueue_all("x", {"x:1": {"kept": 2}, "x:3": {"n": 3}})
    assert sorted(Work.objects.values_list("key", flat=True)) == ["x:1", "x:2", "x:3"]
    work.bring_forward("x", Work.objects.filter(key="x:1").values("key"))
    claimed = {one.key: one.args for one in work.claim(holder="a", limit=9)}
    assert claimed == {"x:1": {"kept": 1}, "x:3": {"n": 3}}


def test_row_given_back_for_later_counts_no_try() -> None:
    work.enqueue("x", "x")
    (mine,) = work.claim(holder="a", limit=1)
    work.release(mine, in_s=60)
    row = Work.objects.get()
    assert (row.state, row.attempts, row.lease_holder) == ("waiting", 0, "") and row.due_s > work.clock_s() + 50


def test_work_done_by_other_means_is_closed_unless_someone_does_it() -> None:
    work.enqueue("x", "x:1", in_s=60)
    work.enqueue("x", "x:2")
    work.claim(holder="a", limit=1)
    work.settled("x:1")
    work.settled("x:2")
    assert dict(Work.objects.values_list("key", "state")) == {"x:1": "done", "x:2": "running"}
