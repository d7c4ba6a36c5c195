"""Claim due work and run it: one claimer, many runners, no memory but the table.

If every worker dies, starting one is enough: leases run out and the rows are claimed again.
"""

import logging
import random
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from django.db import DEFAULT_DB_ALIAS, OperationalError, close_old_connections, connection, connections

from vigie.errors import RetryableError, VigieError
from vigie.server.context import REFERENCE
from vigie.server.database import desk
from vigie.server.services import work
from vigie.server.services.work import Cancelled, Claimed, LeaseLost, NotYet, Outcome
from vigie.server.worker.parked import MOST as MOST_PARKED
from vigie.server.worker.parked import MOST_OF_A_HOST, Parked

log = logging.getLogger("vigie.worker")

Handler = Callable[["Job"], Outcome]

POLL_S = 0.5
"""Seconds between two looks for due work: a press on “read now” must show within ten seconds, most of them the site's."""

BREATH_S = 0.05
"""Seconds between two looks while work ends and more waits: a claim then takes several rows, in three statements."""

RUNNERS = 8
"""Threads that run other work: some wait for networks, a tenth of a second and more for each; writes take turns."""

READERS = 32
"""Threads that read spaces. At the goal of 50 feeds a second and 0.3 s each, 15 are busy; of 5 in 100 that are at fault,
some hold one for the 30 s of `net.bounded.MAX_SECONDS` (measured: benchmarks/collect.py, docs/proofs/collect.txt)."""

CACHE_KB = 256
"""Kilobytes of the record that a reader's connection keeps; 2,000 by default (SQLite), 64 MB for all readers. The system keeps
the file's pages anyway, once for all."""

READS = ("collect",)
"""Kinds of work that wait for other people's servers: they must not take the place of work on our own disk."""

STREAMS = 8
"""Threads that listen to streams, which never end: they must not take the place of work that does."""


class Stopping(Exception):  # noqa: N818 -- an event, not an error
    """The worker was told to stop; the work goes back as it stands."""


class Job:
    """A claimed piece of work, as its handler sees it."""

    def __init__(self, claimed: Claimed, stopping: threading.Event) -> None:
        self.claimed = claimed
        self._stopping = stopping

    @property
    def args(self) -> Mapping[str, Any]:
        """Return the ids that the work is about."""
        return self.claimed.args

    def is_stopping(self) -> bool:
        """Say whether the worker was told to stop."""
        return self._stopping.is_set()

    def pause(self, seconds: float) -> None:
        """Wait, no longer than until the worker is told to stop."""
        self._stopping.wait(seconds)

    def checkpoint(
        self, *, done: int | None = None, total: int | None = None, state: Mapping[str, Any] | None = None
    ) -> None:
        """Save progress; stop here when cancelled, when the lease is lost, or when the worker stops."""
        work.checkpoint(self.claimed, done=done, total=total, state=state)
        if self._stopping.is_set() and not connection.in_atomic_block:
            raise Stopping


@dataclass
class Lane:
    """Threads for some kinds of work, and what they run."""

    pool: Executor
    size: int
    only: Sequence[str] = ()
    but: Sequence[str] = ()
    running: dict[Future[None], int] = field(default_factory=dict)
    looks_again: float = float("-inf")
    """Instant of the next look for work, in seconds: nothing was left to claim at the last one."""

    def unfinished(self) -> list[int]:
        """Return the rows that still run."""
        self.running = {future: work_id for future, work_id in self.running.items() if not future.done()}
        return list(self.running.values())

    @property
    def free(self) -> int:
        """Return how many threads have nothing to do."""
        return self.size - len(self.unfinished())


def lane(
    size: int,
    name: str,
    *,
    only: Sequence[str] = (),
    but: Sequence[str] = (),
    begin: Callable[[], None] = lambda: None,
) -> Lane:
    """Return threads for some kinds of work, or for all but some; each begins by an act of its own."""
    return Lane(ThreadPoolExecutor(size, thread_name_prefix=name, initializer=begin), size, only, but)


def remember_little() -> None:
    """Let this thread's connection to SQLite keep few pages of its own."""
    with suppress(OperationalError):
        if connection.vendor == "sqlite":
            with connection.cursor() as cursor:
                cursor.execute(f"PRAGMA cache_size = -{CACHE_KB}")


def _close_if_broken() -> None:
    """Close this thread's connection when something went wrong on it; the next statement opens another."""
    if connection.errors_occurred or connection.needs_rollback:
        connection.close()


class Loop:
    """The worker's loop; `run` returns when told to stop and nothing runs any more."""

    def __init__(
        self,
        handlers: Mapping[str, Handler],
        *,
        holder: str,
        tick: Callable[[], None] = lambda: None,
        monotonic: Callable[[], float] = time.monotonic,
        lease_s: float = work.LEASE_S,
    ) -> None:
        self.handlers, self.holder, self.tick, self.lease_s = handlers, holder, tick, lease_s
        self.stopping, self._ended = threading.Event(), threading.Event()
        self.monotonic = monotonic
        self.readers = lane(READERS, "reader", only=READS, begin=remember_little)
        self.lanes = (
            lane(RUNNERS, "runner", but=(*READS, *work.STREAMS)),
            self.readers,
            lane(STREAMS, "listener", only=work.STREAMS),
        )
        self.parked = Parked()
        self._connections: dict[int, Any] = {}
        self._renewed = 0.0

    def run(self) -> None:
        """Work until told to stop."""
        while not self.stopping.is_set():
            self._ended.clear()
            if self.step() or self._ended.wait(POLL_S):
                self.stopping.wait(BREATH_S)
        for one in self.lanes:
            one.pool.shutdown(wait=True)
        self._hang_up()
        close_old_connections()
        for claimed in self.parked.empty():
            work.release(claimed)

    def step(self) -> bool:
        """Schedule, renew and claim once; say whether anything was claimed."""
        try:
            _close_if_broken()
            self._renew()
            self.tick()
            return self._claim()
        except OperationalError:
            log.exception("worker.database_away")
            return False

    def _renew(self) -> None:
        now = self.monotonic()
        if now - self._renewed <= self.lease_s / 3:
            return
        if held := [*self.parked.ids(), *(i for one in self.lanes for i in one.unfinished())]:
            work.renew(holder=self.holder, ids=held, lease_s=self.lease_s)
            self._renewed = now

    def _claim(self) -> bool:
        self._start(self.readers, self.parked.due(self.monotonic(), self.readers.free))
        started = [self._start(one, self._claimed(one)) for one in self.lanes]
        return any(started)

    def _claimed(self, one: Lane) -> list[Claimed]:
        now = self.monotonic()
        if now < one.looks_again or (free := min(one.free, MOST_PARKED - len(self.parked))) <= 0:
            return []
        claimed = work.claim(holder=self.holder, limit=free, lease_s=self.lease_s, only=one.only, but=one.but)
        if len(claimed) < free:
            one.looks_again = now + POLL_S
        return claimed

    def _start(self, one: Lane, claimed: Sequence[Claimed]) -> bool:
        for each in claimed:
            one.running[one.pool.submit(self._run_in_thread, each)] = each.id
        return bool(claimed)

    def _run_in_thread(self, claimed: Claimed) -> None:
        try:
            if connection.vendor == "postgresql" and connection.connection and not connection.is_usable():
                connection.close()
            self.run_one(claimed)
        finally:
            self._keep_connection()
            self._ended.set()

    def _keep_connection(self) -> None:
        """Let a thread keep its connection: opening one costs more than all statements of an unchanged feed."""
        _close_if_broken()
        self._connections[threading.get_ident()] = connections[DEFAULT_DB_ALIAS]

    def _hang_up(self) -> None:
        """Close what threads kept, once they have ended."""
        for one in self._connections.values():
            one.inc_thread_sharing()
            one.close()
        self._connections.clear()

    def run_one(self, claimed: Claimed) -> None:
        """Run one piece of work and put its row in the state it ends in."""
        token = REFERENCE.set(f"w-{claimed.id}")
        try:
            self._handle(claimed)
        except LeaseLost:
            log.warning("work.lease_lost", extra={"work": claimed.id, "kind": claimed.kind})
        except Exception:  # the loop outlives any fault of a handler; the log has the trace
            log.exception("work.crashed", extra={"work": claimed.id, "kind": claimed.kind})
            work.fail(claimed, "work.crashed", {"reference": f"w-{claimed.id}"})
        finally:
            REFERENCE.reset(token)

    def _handle(self, claimed: Claimed) -> None:
        try:
            with work.full_disk_told():
                outcome = self.handlers[claimed.kind](Job(claimed, self.stopping))
            with desk():
                work.finish(claimed, outcome)
        except NotYet as later:
            self._park(claimed, later)
        except Cancelled:
            work.stop_cancelled(claimed)
        except Stopping:
            work.release(claimed)
        except RetryableError as error:
            work.fail(claimed, error.code, work.told(error), retry_after=error.retry_after)
        except VigieError as error:
            work.fail(claimed, error.code, work.told(error), final=True)

    def _park(self, claimed: Claimed, later: NotYet) -> None:
        """Hold work until its host's turn, in no thread; when many wait for the same host, let others have the room."""
        if not self.parked.put(claimed, later.host, until=self.monotonic() + later.seconds):
            work.release(claimed, in_s=MOST_OF_A_HOST * (1 + random.random()))  # noqa: S311 -- no secret
