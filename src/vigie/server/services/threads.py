"""Bring back from the archive what kept posts answer."""

from collections.abc import Callable
from datetime import datetime

import pyarrow as pa

from vigie.schema.tables import ARCHIVE
from vigie.server.models import Wanted
from vigie.server.services import archiving, door
from vigie.server.services.work import Outcome, Progress

STEP = 1_000
"""Posts per transaction (DESIGN §1, rule 8)."""

DUE_S = 20.0
"""Seconds that wanted posts are gathered: one look into the archive serves many threads."""


def waiting() -> bool:
    """Say whether any post is wanted."""
    return Wanted.objects.exists()


def run(job: Progress, *, clock: Callable[[], datetime]) -> Outcome:
    """Keep the wanted posts; what they answer themselves is wanted next, so threads are climbed to their top."""
    kept = 0
    while rows := list(Wanted.objects.order_by("pk").values_list("pk", "key")[:STEP]):
        kept += _bring({bytes(key) for _, key in rows}, clock())
        Wanted.objects.filter(pk__in=[pk for pk, _ in rows]).delete()
        job.checkpoint(done=kept)
    return Outcome("thread.found", {"posts": kept})


def _bring(keys: set[bytes], now: datetime) -> int:
    """Keep posts by key: the last version of each, from what waits to be archived or from the archive."""
    last: dict[bytes, dict[str, object]] = {
        row["post_key"]: row for row in archiving.archive().get(list(keys)).to_pylist()
    }
    for table in archiving.pending_tables():
        for row in table.to_pylist():
            if row["post_key"] in keys and row["version"] >= last.get(row["post_key"], row)["version"]:
                last[row["post_key"]] = row
    if not last:
        return 0
    return door.take_from_archive(pa.Table.from_pylist(list(last.values()), schema=ARCHIVE), None, now=now).kept
