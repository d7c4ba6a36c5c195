"""`reading.py N PORT DOWN_PORT`: the worker of an empty installation reads N feeds; prints what it measured as JSON."""

import json
import resource
import sys
import threading
import time
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[2] / "tests")]

WATCHES = ("serelium", "vertige*", "nausee* OR fatigue", '"nouvelle formule"', "kalmydor OR orselan")
"""As `door.py`."""

PATIENCE_S = 600.0
"""Seconds after which a run is given up."""


def prepared(n: int, port: int, down: int) -> None:
    """Make the record, its watches and its spaces, none of them read."""
    from collecting import hosts
    from vigie.server import commands
    from vigie.server.clock import now as present
    from vigie.server.models import Space
    from vigie.server.permissions import COMMAND
    from vigie.server.services import people, watches
    from vigie.server.services.watches import WatchDraft

    commands.migrate()
    now = present()
    brand = people.add_brand("Vaubrun", is_ours=True, asker=COMMAND, now=now)
    for k, expression in enumerate(WATCHES):
        watches.add(WatchDraft(f"w{k}", brand.pk, "product", brand.pk, expression), asker=COMMAND, now=now)
    Space.objects.bulk_create(
        [
            Space(name=f"s{k}", title=f"Site {k}", kind="feed", network="feed", created_at=now, next_read_at=now,
                  address=f"http://{hosts.address(k)}:{down if hosts.fault(k) == 'down' else port}/feed")
            for k in range(n)
        ],
        batch_size=500,
    )  # fmt: skip


def timed(handler, lasted: dict[str, list[float]]):  # type: ignore[no-untyped-def]
    """Return the handler of reads, which notes how long each held its thread, by what was wrong with the site."""
    from collecting import hosts
    from vigie.server.models import Space
    from vigie.server.services.work import NotYet

    numbers = {pk: int(name[1:]) for pk, name in Space.objects.values_list("pk", "name")}

    def read(job):  # type: ignore[no-untyped-def]
        begun, failed = time.monotonic(), True
        try:
            outcome = handler(job)
            failed = False
        except NotYet:
            failed = False
            raise
        finally:
            kind = hosts.fault(numbers[job.args["space"]]) if failed else ""
            lasted.setdefault(kind, []).append(time.monotonic() - begun)
        return outcome

    return read


def read_all(n: int) -> dict[str, Any]:
    """Read every feed as the worker does; then once more, when nothing has changed."""
    from vigie.server import clock
    from vigie.server.models import Space, SpaceRead
    from vigie.server.worker.handlers import handlers
    from vigie.server.worker.loop import Loop
    from vigie.server.worker.schedule import Schedule

    known, lasted = dict(handlers()), dict[str, list[float]]()
    known["collect"] = timed(known["collect"], lasted)
    loop = Loop(known, holder="bench", tick=Schedule(clock=clock.now).tick)
    worker = threading.Thread(target=loop.run)
    begun, busy = time.monotonic(), time.process_time()
    worker.start()
    figures: dict[str, Any] = {}
    reads = SpaceRead.objects.exclude(finished_at=None)
    good = Space.objects.exclude(cursor="")

    def waited(done) -> float:  # type: ignore[no-untyped-def]
        while not done() and time.monotonic() - begun < PATIENCE_S:
            time.sleep(0.25)
        return time.monotonic() - begun

    figures["s of start"] = waited(lambda: good.count() >= n * 0.05)
    early, busy = good.count(), time.process_time()
    took = waited(lambda: good.count() >= n * 0.9) - figures["s of start"]
    late = good.count() - early
    figures["first"], figures["first busy"] = late / took, (time.process_time() - busy) / late * 1000
    figures["s of 99"] = waited(lambda: good.count() >= n * 0.99)
    figures["share"], figures["lasted"] = good.count() / n, {kind: list(found) for kind, found in lasted.items()}
    ok = list(good.values_list("pk", flat=True))
    last, busy, again = reads.count(), time.process_time(), time.monotonic()
    Space.objects.filter(cursor__contains='"etag": "\\"').update(next_read_at=clock.now())
    waited(lambda: reads.count() - last >= len(ok) * 0.99)
    took = time.monotonic() - again
    figures["again"] = (reads.count() - last) / took
    figures["again busy"] = (time.process_time() - busy) / max(reads.count() - last, 1) * 1000
    loop.stopping.set()
    worker.join()
    return figures


def main(n: int, port: int, down: int) -> None:
    """Measure."""
    import os

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vigie.server.settings")
    import django

    django.setup()
    prepared(n, port, down)
    figures = read_all(n)
    figures["MB"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps(figures))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
