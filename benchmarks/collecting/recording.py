"""`recording.py ADDRESS POSTS WATCHES SECONDS`: one process listens as the worker does, into the record of an empty installation.

Prints what it measured as JSON. Watches are drawn as those of `match.py`; what none of them asks for is dropped, as it
always is. The lag is the time since the last event of a page was sent, when the page's transaction is over.
"""

import json
import os
import resource
import socket
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[2] / "tests")]


class Loopback:
    """Dials loopback."""

    def dial(self, host: str, port: int, *, tls: bool, timeout_s: float = 30.0) -> socket.socket:
        return socket.create_connection((host, port), timeout_s)


def prepared(address: str, watches: int):  # type: ignore[no-untyped-def]
    """Make the record, its watches and the space; return the space."""
    from matching import drawn

    from vigie.server import commands
    from vigie.server.clock import now as present
    from vigie.server.models import Space, Watch
    from vigie.server.permissions import COMMAND
    from vigie.server.services import people
    from vigie.server.services import watches as watching
    from vigie.server.services.watches import WatchDraft

    commands.migrate()
    brand = people.add_brand("Vaubrun", is_ours=True, asker=COMMAND, now=present())
    queries = list(drawn.queries(watches).values())
    watching.add(WatchDraft("w0", brand.pk, "product", brand.pk, queries[0]), asker=COMMAND, now=present())
    first = Watch.objects.get()
    shared = {f.attname: getattr(first, f.attname) for f in Watch._meta.concrete_fields if not f.primary_key}
    rows = [Watch(**{**shared, "name": f"w{n}", "expression": text}) for n, text in enumerate(queries) if n]
    Watch.objects.bulk_create(rows, batch_size=500)
    return Space.objects.create(
        name="firehose", title="Firehose", kind="bluesky", network="bluesky", address=address, created_at=present()
    )


def listened(space, n: int, seconds: float) -> dict[str, object]:  # type: ignore[no-untyped-def]
    """Listen by the service that the worker runs, until so many posts were heard or the time is over."""
    from django.db.models import Sum

    from vigie.server import engine
    from vigie.server.models import Mention, StreamCount
    from vigie.server.services import streaming, work

    engine.standing()
    streaming.listen(space.pk)
    (claimed,) = work.claim(holder="bench", limit=1, only=work.STREAMS)
    begun, busy = time.monotonic(), time.process_time()
    lags: list[tuple[float, float, int]] = []

    class Job(work.Inline):
        def is_stopping(self) -> bool:
            return heard() >= n or time.monotonic() - begun > seconds

        def checkpoint(self, **_: object) -> None:
            row = StreamCount.objects.latest("hour")
            age = (datetime.now(UTC) - row_time(space.pk)).total_seconds()
            lags.append((round(time.monotonic() - begun, 1), round(age, 2), row.posts))

    def heard() -> int:
        return lags[-1][2] if lags else 0

    streaming.run(Job(claimed, lambda *_: None), fetch=Loopback(), clock=lambda: datetime.now(UTC))
    took = time.monotonic() - begun
    sums = StreamCount.objects.aggregate(posts=Sum("posts"), kept=Sum("matched"))
    return {
        **sums, "took": took, "busy": time.process_time() - busy, "lags": lags, "mentions": Mention.objects.count(),
        "MB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }  # fmt: skip


def row_time(space_id: int) -> datetime:
    """Return the time of the last event whose page is in the record."""
    from vigie.server.models import Space

    return datetime.fromisoformat(json.loads(Space.objects.get(pk=space_id).cursor)["time"])


def main(address: str, n: int, watches: int, seconds: float) -> None:
    """Measure."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vigie.server.settings")
    import django

    django.setup()
    print(json.dumps(listened(prepared(address, watches), n, seconds)))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4]))
