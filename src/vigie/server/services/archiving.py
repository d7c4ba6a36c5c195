"""Move batches from the record to the archive; their bytes are dropped only once they are found in its log."""

import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pyarrow as pa
from django.conf import settings
from django.db import transaction

from vigie.errors import FatalError
from vigie.schema.vocab import WorkState
from vigie.server import leases, mirroring
from vigie.server.database import clock_s, select
from vigie.server.models import Batch, Fetch, Work
from vigie.server.services.saving import unpack
from vigie.store.objects import refuses_second

if TYPE_CHECKING:
    from vigie.store.archive import Archive

COMMIT_EVERY_S = 60.0
"""At most one commit a minute (DESIGN §1, rule 6): each commit is a file, and files are what a reader pays for.

What a burst left, such as an import, goes in several commits of `MAX_ROWS` one after another (docs/adr/0004)."""

LEASE_S = 600.0
"""Seconds one writer may hold the archive; renewed at each commit."""

MAX_ROWS, MAX_BATCHES = 25_000, 500
"""Rows and batches of one commit: 25 MB of Arrow at most, as a batch of ten posts takes 50 kB while it waits to be put together.

Of 25,000 posts of the demo company, 11 MB, a commit took 120 MB on the way; of 100,000 it took 320 (measured)."""

PIECE = 10
"""Batches whose bytes are read at once: 1 MB, where Django reads two thousand (100 MB)."""

TIDY_EVERY_S = 86_400.0
"""Seconds between two tidyings: a day of commits is 1,440 files at most."""

WORK_DAYS = 30
"""Days that done work stays on its page; failed work stays until somebody looks."""

UNPARSED_DAYS = 90
"""Days that bytes which could not be parsed are kept (DESIGN §1, rule 6)."""


def archive() -> "Archive":
    """Open this installation's archive."""
    from vigie.store.archive import Archive  # noqa: PLC0415 -- Delta's library: 20 MB that an import does without

    return Archive(settings.VIGIE.archive_url)


_safe: set[str] = set()
"""Object stores that were asked, and refuse what they must; asked once a process."""


def is_safe() -> bool | None:
    """Say whether the archive's object store keeps one writer from writing over another; `None` when it can't be asked.

    A folder has a lock, and is safe.

    Raises:
        RetryableError: the store does not answer.
    """
    location = settings.VIGIE.archive_url
    # A store refuses requests that are not signed with the real time: the database's, as leases go by it.
    real = datetime.fromtimestamp(clock_s(), UTC)
    return refuses_second(location, os.environ, now=real) if location.startswith("s3://") else True


def _require_safe() -> None:
    """Refuse to write where two writers at once would lose posts.

    Raises:
        FatalError: the store took a second commit of the same number.
    """
    location = settings.VIGIE.archive_url
    if location in _safe:
        return
    if is_safe() is False:
        sentence = "The object store of VIGIE_ARCHIVE_URL lets one writer write over another: nothing is written to it."
        raise FatalError(sentence, code="archive.unsafe")
    _safe.add(location)


def pending() -> int:
    """Return how many batches wait to be archived."""
    return int(select("SELECT COUNT(*) FROM vigie_batch")[0][0])


def write(*, now: datetime) -> int:
    """Append what waits, in commits of bounded size, and drop what the log then holds; return the rows archived.

    Another process that holds the lease does it instead: then nothing is done here.
    """
    with leases.lease("archive", holder=mirroring.holder(), seconds=LEASE_S) as ours:
        return drain(now=now) if ours else 0


def drain(*, now: datetime) -> int:
    """Append all that waits, under the caller's lease; return the rows archived."""
    store, rows = archive(), 0
    if pending():
        _require_safe()
    while _still_ours() and (batches := _next_batches()):
        names = list(batches)
        rows += sum(table.num_rows for table in batches.values())
        store.append(batches)
        settle(store, names, now=now)
        # What a commit took goes back to the system before the next one takes as much.
        del batches
        pa.default_memory_pool().release_unused()
    drop_bytes(now=now)
    return rows


def _still_ours() -> bool:
    """Renew the lease; `False` when we were silent so long that another took it: what waits is theirs to write."""
    return leases.take("archive", holder=mirroring.holder(), seconds=LEASE_S)


def _next_batches() -> dict[str, pa.Table]:
    """Read the oldest batches, as many as one commit takes."""
    chosen: list[str] = []
    rows = 0
    for batch_id, n in select("SELECT id, rows FROM vigie_batch ORDER BY created_at, id LIMIT %s", [MAX_BATCHES]):
        if chosen and rows + n > MAX_ROWS:
            break
        chosen.append(batch_id)
        rows += n
    # Their bytes are read by id: in the order of time, the database would sort those of all that waits.
    payloads = Batch.objects.filter(pk__in=chosen).values_list("id", "payload").iterator(chunk_size=PIECE)
    found = {batch_id: unpack(bytes(payload)) for batch_id, payload in payloads}
    return {batch_id: found[batch_id] for batch_id in chosen}


def settle(store: "Archive", batch_ids: list[str], *, now: datetime) -> None:
    """Delete the batches that the archive's log holds."""
    found = store.committed(batch_ids)
    with transaction.atomic():
        Batch.objects.filter(pk__in=found).delete()


def drop_bytes(*, now: datetime) -> int:
    """Drop the bytes of fetches of which nothing waits any more; those that could not be parsed stay 90 days."""
    waiting = Batch.objects.filter(fetch__isnull=False).values("fetch_id")
    old = now.astimezone(UTC) - timedelta(days=UNPARSED_DAYS)
    done = Fetch.objects.filter(dropped_at=None).exclude(ingested_at=None).exclude(pk__in=waiting)
    parsed = done.filter(unparsed=False).update(body=None, dropped_at=now)
    return parsed + done.filter(unparsed=True, fetched_at__lt=old).update(body=None, dropped_at=now)


def pending_tables() -> Iterator[pa.Table]:
    """Yield what is heard and not yet archived."""
    for (payload,) in Batch.objects.order_by("id").values_list("payload").iterator(chunk_size=PIECE):
        yield unpack(bytes(payload))


def heard_tables(sample: Callable[["Archive"], Iterator[pa.RecordBatch]]) -> Iterator[pa.Table]:
    """Yield all that was heard: first what waits, then the archive, opened after, so that nothing falls between."""
    yield from list(pending_tables())
    for batch in sample(archive()):
        yield pa.Table.from_batches([batch])


def tidy(*, now: datetime) -> int:
    """Compact crowded months, drop those older than the archive keeps, and forget work long done; once a day.

    Returns the months rewritten. Another process that holds the lease does it instead.
    """
    with leases.lease("archive", holder=mirroring.holder(), seconds=LEASE_S) as ours:
        if not ours:
            return 0
        store = archive()
        store.drop_before(oldest_month(now, settings.VIGIE.archive_months))
        months = store.compact()
    Work.objects.filter(state=WorkState.DONE.value, finished_at__lt=now - timedelta(days=WORK_DAYS)).delete()
    return months


def oldest_month(now: datetime, months: int) -> str:
    """Return the first month that the archive keeps, YYYY-MM."""
    index = now.year * 12 + now.month - 1 - months
    return f"{index // 12:04d}-{index % 12 + 1:02d}"
