"""`hour.py N FILE`: the worker's own loop reads N feeds by a clock of its own, each read lasting what one was measured to.

FILE holds the seconds of measured reads, by their outcome. Claims, leases, threads, schedule, retries and the record are
the real ones; only the time passes as told, the threads are counted rather than run, and sites answer “not changed”.
"""

import heapq
import json
import random
import sys
from collections.abc import Callable, Mapping
from concurrent.futures import Executor, Future
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[2] / "tests")]

HOUR_S = 3_600.0
STEP_S = 0.5
"""Seconds of the clock between two looks of the loop: `loop.POLL_S`, so that threads are rather found free too late."""

WAITS = ("down", "500", "429", "slow", "cut")
"""Faults that pass after `hosts.LASTS_S`."""


class Clock:
    """Seconds since 1970, for the loop and the record alike."""

    def __init__(self) -> None:
        self.now_s = self.begun_s = datetime(2026, 10, 30, 8, tzinfo=UTC).timestamp()

    def go(self, seconds: float) -> None:
        """Let time pass."""
        from vigie.server import database

        self.now_s += seconds
        database.CLOCK["sqlite"] = f"({self.now_s!r})"

    def now(self) -> datetime:
        """Return the instant."""
        return datetime.fromtimestamp(self.now_s, UTC)

    def passed(self) -> float:
        """Return the seconds since the beginning."""
        return self.now_s - self.begun_s


class Threads(Executor):
    """Threads that are counted: what is given to one ends when the time it takes has passed."""

    def __init__(self, clock: Clock, lasts: Callable[[Any], float]) -> None:
        self.clock, self.lasts = clock, lasts
        self.ends: list[tuple[float, int, Future[None], Callable[..., None], Any]] = []

    def submit(self, act: Any, /, *args: Any, **_: Any) -> Any:
        """Begin a piece of work."""
        future = Future[None]()
        end = self.clock.now_s + self.lasts(args[0])
        heapq.heappush(self.ends, (end, args[0].id, future, act, args[0]))
        return future

    def end(self) -> None:
        """End what has lasted long enough."""
        while self.ends and self.ends[0][0] <= self.clock.now_s:
            _, _, future, act, claimed = heapq.heappop(self.ends)
            act(claimed)
            future.set_result(None)


class Sites:
    """Sites of which one in twenty is at fault, as those of `hosts.py`."""

    def __init__(self, clock: Clock, measured: Mapping[str, list[float]], numbers: Mapping[int, int]) -> None:
        self.clock, self.measured, self.numbers = clock, measured, numbers
        self.first: dict[int, float] = {}
        self.rng = random.Random(1)

    def wrong(self, space: int) -> str:
        """Return what is wrong with a site now."""
        from collecting import hosts

        since = self.clock.now_s - self.first.setdefault(space, self.clock.now_s)
        kind = hosts.fault(self.numbers[space])
        return kind if kind not in WAITS or since < hosts.LASTS_S else ""

    def lasts(self, claimed: Any) -> float:
        """Return how long a read lasts, one of those that were measured."""
        kind = self.wrong(claimed.args["space"])
        return self.rng.choice(self.measured.get(kind) or self.measured[""])

    def read(self, job: Any) -> Any:
        """Read a space."""
        from vigie.server.services import collecting
        from vigie.server.services.work import Outcome

        collecting.collect(job.args["space"], fetch=_Answer(self.wrong(job.args["space"])), clock=self.clock.now)
        return Outcome("space.read")


class _Answer:
    """A network that says “not changed”, or what is wrong."""

    def __init__(self, wrong: str) -> None:
        self.wrong = wrong

    def __call__(self, url: str, **_: Any) -> Any:
        from vigie.collect.source import Response
        from vigie.errors import FatalError, RetryableError

        if self.wrong == "not XML":
            raise FatalError("This is no feed.", code="feed.not_a_feed")
        if self.wrong:
            raise RetryableError("Later.", code="net.server_error", retry_after=60 if self.wrong == "429" else None)
        return Response(url, 304, {}, b"")


def passed_hour(n: int, measured: Mapping[str, list[float]]) -> dict[str, float]:
    """Read until the hour is over or no site is left that can be read."""
    from collecting.reading import prepared
    from vigie.server.models import Space
    from vigie.server.worker.loop import Loop
    from vigie.server.worker.schedule import Schedule

    prepared(n, 80, 80)
    clock = Clock()
    clock.go(0.0)
    Space.objects.update(next_read_at=clock.now())
    sites = Sites(clock, measured, {pk: int(name[1:]) for pk, name in Space.objects.values_list("pk", "name")})
    schedule = Schedule(clock=clock.now, monotonic=lambda: clock.now_s)
    schedule._housekeeping = lambda: None  # type: ignore[method-assign]
    loop = Loop({"collect": sites.read}, holder="hour", tick=schedule.tick, monotonic=lambda: clock.now_s)
    threads = Threads(clock, sites.lasts)
    loop.readers.pool, loop.lanes = threads, (loop.readers,)
    heard = Space.objects.filter(failures=0).exclude(state="new")
    found: dict[str, float] = {}
    while clock.passed() < HOUR_S and "s of 99" not in found:
        loop.step()
        clock.go(STEP_S)
        threads.end()
        if clock.passed() % 10 < STEP_S and (share := heard.count() / n) >= 0.99:
            found = {"s of 99": clock.passed(), "share": share}
    return found or {"s of 99": HOUR_S, "share": heard.count() / n}


def main(n: int, file: str) -> None:
    """Measure."""
    import os

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vigie.server.settings")
    import django

    django.setup()
    print(json.dumps(passed_hour(n, json.loads(Path(file).read_text("utf-8")))))


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
