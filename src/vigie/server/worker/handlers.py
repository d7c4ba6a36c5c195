"""What each kind of work does: one service each, with the clock and the network handed in."""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial

from vigie.server import mirroring
from vigie.server.clock import now as present
from vigie.server.models import Fetch as FetchRow
from vigie.server.services import (
    accounts,
    archiving,
    backfilling,
    categorising,
    collecting,
    erasing,
    hearing,
    importing,
    modelling,
    naming,
    picturing,
    proposing,
    recounting,
    regrouping,
    relabelling,
    rotating,
    streaming,
    threads,
)
from vigie.server.services.network import client
from vigie.server.services.work import Outcome, Progress
from vigie.server.worker.loop import Handler

Clock = Callable[[], datetime]


def collect(job: Progress, *, clock: Clock) -> Outcome:
    """Read a space."""
    read = collecting.collect(job.args["space"], fetch=client(), clock=clock)
    return Outcome("space.read", {"new": read.new, "mentions": read.mentions})


def recount(job: Progress, *, clock: Clock) -> Outcome:
    """Read the counts of posts that reached an age."""
    return recounting.run(job, fetch=client(), clock=clock)


def ingest(job: Progress, *, clock: Clock) -> Outcome:
    """Take in the bytes of a fetch that a crash left behind."""
    for row in FetchRow.objects.filter(pk=job.args["fetch"], ingested_at=None):
        collecting.recover(row, clock=clock)
    return Outcome()


def archive(job: Progress, *, clock: Clock) -> Outcome:
    """Write what waits to the archive; comes back every minute."""
    rows = archiving.write(now=clock())
    importing.forget_files()
    return Outcome("archive.written", {"rows": rows}, again_in_s=archiving.COMMIT_EVERY_S)


def tidy(job: Progress, *, clock: Clock) -> Outcome:
    """Keep the archive in few files and within its months, and the sketches within their window; comes back every day."""
    regrouping.tidy(now=clock())
    return Outcome("archive.tidied", {"rows": archiving.tidy(now=clock())}, again_in_s=archiving.TIDY_EVERY_S)


def merge(job: Progress, *, clock: Clock) -> Outcome:
    """Bring the mirror up to the record; comes back every 30 seconds."""
    behind = mirroring.revisions_behind()
    if behind > 0:
        mirroring.merge_now(clock=clock)
    return Outcome("mirror.merged", {"rows": max(behind, 0)}, again_in_s=mirroring.MERGE_EVERY_S)


def evidence(job: Progress, *, clock: Clock) -> Outcome:
    """Fetch the media of what is kept as evidence."""
    return picturing.run(job, fetch=client(), now=clock())


def notify(job: Progress, *, clock: Clock) -> Outcome:
    """Mail what people must know of the spaces."""
    return hearing.send(job, now=clock())


def stream(job: Progress, *, clock: Clock) -> Outcome:
    """Listen to a space as it speaks, until the worker stops."""
    return streaming.run(job, fetch=client(), clock=clock)


def account(job: Progress, *, clock: Clock) -> Outcome:
    """Read the counts of an account."""
    return accounts.read(job.args["account"], fetch=client(), clock=clock)


HANDLERS: Mapping[str, Callable[..., Outcome]] = {
    "collect": collect,
    "ingest": ingest,
    "import": importing.run,
    "backfill": backfilling.run,
    "archive": archive,
    "merge": merge,
    "tidy": tidy,
    "thread": threads.run,
    "recount": recount,
    "relabel": relabelling.run,
    "train": modelling.run,
    "categorise": categorising.run,
    "erase": erasing.run,
    "rekey": rotating.run,
    "evidence": evidence,
    "notify": notify,
    "stream": stream,
    "propose": proposing.run,
    "account": account,
    "names": naming.run,
    "stories": regrouping.run_walk,
    "merge_story": regrouping.run_merge,
}
"""Every kind of work, by name."""


def handlers(*, clock: Clock = present) -> dict[str, Handler]:
    """Return the handlers with the clock in hand."""
    return {kind: partial(handler, clock=clock) for kind, handler in HANDLERS.items()}
