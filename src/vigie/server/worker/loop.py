"""Claim due work and run it: one claimer, many runners, no memory but the table.

If every worker dies, starting one is enough: leases run out and the rows are claimed again.
"""

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from django.db import OperationalError, close_old_connections, connection

from vigie.errors import RetryableError, VigieError
from vigie.server.context import REFERENCE
from vigie.server.services import work
from vigie.server.services.work import Cancelled, Claimed, LeaseLost, Outcome

log = logging.getLogger("vigie.worker")

Handler = Callable[["Job"], Outcome]

POLL_S = 0.5
"""Seconds between two looks for due work: a press on “read now” must show within ten seconds, most of them the site's."""

RUNNERS = 8
"""Threads that run work: most of them wait for networks, a tenth of a second and more for each read; writes take turns."""


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


class Loop:
    """The worker's loop; `run` returns when told to stop and nothing runs any more."""

    def __init__(
        self,
        handlers: Mapping[str, Handler],
        *,
        holder: str,
        tick: Callable[[], None] = lambda: None,
        runners: int = RUNNERS,
        lease_s: float = work.LEASE_S,
    ) -> None:
        self.handlers, self.holder, self.tick, self.lease_s = handlers, holder, tick, lease_s
        self.stopping = threading.Event()
        self._wake = threading.Event()
        self._pool = ThreadPoolExecutor(runners, thread_name_prefix="runner")
        self._listeners = ThreadPoolExecutor(STREAMS, thread_name_prefix="listener")
        self._listening: dict[Future[None], int] = {}
        self._running: dict[Future[None], int] = {}
        self._runners = runners
        self._renewed = 0.0

    def run(self) -> None:
        """Work until told to stop."""
        while not self.stopping.is_set():
            if not self.step():
                # A runner that is free again looks at once for what else is due.
                self._wake.wait(POLL_S)
            self._wake.clear()
        self._pool.shutdown(wait=True)
        self._listeners.shutdown(wait=True)

    def step(self) -> bool:
        """Schedule, renew and claim once; say whether anything was claimed."""
        try:
            close_old_connections()
            self._renew()
            self.tick()
            return self._claim()
        except OperationalError:
            log.exception("worker.database_away")
            return False

    def _renew(self) -> None:
        self._running, self._listening = _unfinished(self._running), _unfinished(self._listening)
        held = [*self._running.values(), *self._listening.values()]
        now = time.monotonic()
        if held and now - self._renewed > self.lease_s / 3:
            work.renew(holder=self.holder, ids=held, lease_s=self.lease_s)
            self._renewed = now

    def _claim(self) -> bool:
        claimed = self._start(self._pool, self._running, self._runners)
        return self._start(self._listeners, self._listening, STREAMS, only=work.STREAMS) or claimed

    def _start(
        self, pool: ThreadPoolExecutor, running: dict[Future[None], int], most: int, *, only: Sequence[str] = ()
    ) -> bool:
        free = most - len(running)
        claimed = work.claim(holder=self.holder, limit=free, lease_s=self.lease_s, only=only) if free else []
        for one in claimed:
            future = pool.submit(self._run_in_thread, one)
            running[future] = one.id
            future.add_done_callback(lambda _: self._wake.set())
        return bool(claimed)

    def _run_in_thread(self, claimed: Claimed) -> None:
        try:
            self.run_one(claimed)
        finally:
            connection.close()

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
            work.finish(claimed, outcome)
        except Cancelled:
            work.stop_cancelled(claimed)
        except Stopping:
            work.release(claimed)
        except RetryableError as error:
            work.fail(claimed, error.code, work.told(error), retry_after=error.retry_after)
        except VigieError as error:
            work.fail(claimed, error.code, work.told(error), final=True)


def _unfinished(running: dict[Future[None], int]) -> dict[Future[None], int]:
    return {future: work_id for future, work_id in running.items() if not future.done()}
