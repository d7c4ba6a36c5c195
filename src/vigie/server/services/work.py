"""Work that must happen: rows that are enqueued, claimed under a lease, carried on, finished, cancelled, tried again.

A claim is one conditional UPDATE: what it changed is ours, whoever else asks at the same moment. A worker that dies
leaves a lease that runs out by the database's clock; the row is then claimed again and goes on from its last checkpoint.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from threading import Event
from typing import Any, Protocol

from django.db import OperationalError, connection, transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Now

from vigie.errors import DecisionError, Facts, RetryableError, VigieError
from vigie.schema.vocab import WorkState
from vigie.server.database import clock_s, clock_sql, is_full, select, update
from vigie.server.models import Work
from vigie.server.models.work import OPEN_STATES
from vigie.server.permissions import WORKER, Asker, Permission
from vigie.server.services import audit

LEASE_S = 60.0
"""Seconds a claim holds without renewal; renewed every third of it, so one lost renewal does no harm."""

MAX_ATTEMPTS = 8
"""Tries before work is given up: with the waits below that is about four hours of an absent other side."""

FIRST_RETRY_S = 30.0
"""Wait after the first failure; doubled at each further one."""


STREAMS = ("stream",)
"""Kinds of work that never end."""

_DUE = "state = 'waiting' AND due_s <= {now}"
_SILENT = "state = 'running' AND lease_until_s < {now}"


class LeaseLost(Exception):  # noqa: N818 -- an event, not an error
    """Another worker holds this row now: what was not saved is theirs to do."""


class NotYet(Exception):  # noqa: N818 -- an event, not an error
    """A host may not be asked yet, and nothing was begun: whoever runs the work takes it up again in a moment."""

    def __init__(self, host: str, seconds: float) -> None:
        super().__init__(host, seconds)
        self.host, self.seconds = host, seconds


class Cancelled(Exception):  # noqa: N818 -- an event, not an error
    """A person cancelled this work, or the worker is stopping."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A piece of work under our lease."""

    id: int
    kind: str
    key: str
    args: Mapping[str, Any]
    state: Mapping[str, Any]
    """The last checkpoint."""
    attempts: int
    holder: str
    by_id: int | None = None
    done: int = 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a piece of work ended; `again_in_s` puts the same row back to wait, for work that recurs."""

    code: str = "work.done"
    facts: Facts = field(default_factory=dict)
    again_in_s: float | None = None


class Progress(Protocol):
    """A claimed piece of work as a service sees it: what it is about, and where to save how far it has come."""

    claimed: Claimed

    @property
    def args(self) -> Mapping[str, Any]: ...

    def is_stopping(self) -> bool: ...

    def pause(self, seconds: float) -> None: ...

    def checkpoint(
        self, *, done: int | None = None, total: int | None = None, state: Mapping[str, Any] | None = None
    ) -> None: ...


def enqueue(
    kind: str, key: str, args: Mapping[str, Any] | None = None, *, in_s: float = 0.0, asker: Asker = WORKER
) -> int:
    """Make sure that open work with this key exists, and is due no later than asked; return its id."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO vigie_work (kind, key, args, state, due_s, lease_holder, lease_until_s, attempts, done, "
            f"state_json, code, facts, cancel_asked, created_at, by_id) VALUES (%s, %s, %s, 'waiting', {clock_sql()} + %s, "
            "'', 0, 0, 0, '{}', '', '{}', %s, CURRENT_TIMESTAMP, %s) ON CONFLICT DO NOTHING RETURNING id",
            [kind, key, json.dumps(dict(args or {})), in_s, False, asker.user_id],
        )
        made = cursor.fetchone()
    if made:
        return int(made[0])
    _advance(key, in_s)
    return int(select("SELECT id FROM vigie_work WHERE key = %s AND state IN ('waiting', 'running')", [key])[0][0])


def enqueue_all(kind: str, args: Mapping[str, Mapping[str, Any]]) -> None:
    """Add work that is due now, args by key; keys that are open already are left alone."""
    now = clock_s()
    rows = [Work(kind=kind, key=key, args=dict(found), due_s=now) for key, found in args.items()]
    Work.objects.bulk_create(rows, ignore_conflicts=True, batch_size=500)


def bring_forward(kind: str, keys: QuerySet[Any, Any]) -> None:
    """Make waiting work due now whose key is among those of a query."""
    now = clock_s()
    Work.objects.filter(kind=kind, state=WorkState.WAITING.value, due_s__gt=now, key__in=keys).update(due_s=now)


def is_open(key: str) -> bool:
    """Say whether work with this key waits or runs."""
    return Work.objects.filter(key=key, state__in=OPEN_STATES).exists()


def _advance(key: str, in_s: float) -> None:
    """Bring waiting work forward; work that runs is left alone."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE vigie_work SET due_s = {clock_sql()} + %s "
            f"WHERE key = %s AND state = 'waiting' AND due_s > {clock_sql()} + %s",
            [in_s, key, in_s],
        )


def claim(
    *, holder: str, limit: int, lease_s: float = LEASE_S, only: Sequence[str] = (), but: Sequence[str] = STREAMS
) -> list[Claimed]:
    """Claim due rows, oldest due first, then rows whose holder went silent: of some kinds, or all but some."""
    kinds, names = ("IN", only) if only else ("NOT IN", but)
    among = f"kind {kinds} ({','.join(['%s'] * len(names))})"
    found: list[Claimed] = []
    # Each by itself, so that the index by state gives the oldest due without looking at all that waits.
    for due, first in ((_DUE, "due_s"), (_SILENT, "lease_until_s")):
        if left := limit - len(found):
            sql = f"SELECT id FROM vigie_work WHERE {due.format(now=clock_sql())} AND {among} ORDER BY {first} LIMIT %s"
            found += _claim(select(sql, [*names, left]), due, holder, lease_s)
    return found


def claim_key(key: str, *, holder: str, lease_s: float = LEASE_S) -> list[Claimed]:
    """Claim the waiting row with this key, for a command that does the work itself; empty when a worker has it."""
    rows = Work.objects.filter(key=key, state=WorkState.WAITING.value).values_list("id")
    return _claim(list(rows), "state = 'waiting'", holder, lease_s)


class Inline:
    """Work under our lease, done by a command."""

    def __init__(self, claimed: Claimed, progress: Callable[[str, int, int | None], None]) -> None:
        self.claimed, self._progress = claimed, progress

    @property
    def args(self) -> Mapping[str, Any]:
        """Return the ids that the work is about."""
        return self.claimed.args

    def is_stopping(self) -> bool:
        """Say no: a command does its work to the end."""
        return False

    def pause(self, seconds: float) -> None:
        """Wait; nothing cuts it short."""
        Event().wait(seconds)

    def checkpoint(
        self, *, done: int | None = None, total: int | None = None, state: Mapping[str, Any] | None = None
    ) -> None:
        """Save progress, tell the terminal, and hold on to the row."""
        checkpoint(self.claimed, done=done, total=total, state=state)
        renew(holder=self.claimed.holder, ids=[self.claimed.id])
        self._progress(self.claimed.kind, done or 0, total)


def run_inline(
    claimed: Claimed,
    handler: Callable[[Progress], Outcome],
    *,
    progress: Callable[[str, int, int | None], None] = lambda kind, done, total: None,
) -> None:
    """Do claimed work here and now; what must wait goes back for the worker.

    Raises:
        VigieError: the work failed for good.
    """
    try:
        with full_disk_told():
            outcome = handler(Inline(claimed, progress))
        finish(claimed, outcome)
    except Cancelled:
        stop_cancelled(claimed)
    except RetryableError as error:
        fail(claimed, error.code, told(error), retry_after=error.retry_after)
    except VigieError as error:
        fail(claimed, error.code, told(error), final=True)
        raise


def _claim(rows: Sequence[tuple[int]], due: str, holder: str, lease_s: float) -> list[Claimed]:
    """Claim those rows that are still free, each in its own right, in one statement."""
    if not rows:
        return []
    chosen = [row[0] for row in rows]
    # Two claimers that lock the same rows in two orders would wait for each other for ever; SQLite has one writer.
    free = "FOR UPDATE SKIP LOCKED" if connection.vendor == "postgresql" else ""
    mine = select(
        f"UPDATE vigie_work SET state = 'running', lease_holder = %s, lease_until_s = {clock_sql()} + %s, "
        "attempts = attempts + 1, started_at = CURRENT_TIMESTAMP "
        f"WHERE id IN (SELECT id FROM vigie_work WHERE id IN ({','.join(['%s'] * len(chosen))}) "
        f"AND {due.format(now=clock_sql())} {free}) RETURNING id, kind, key, args, state_json, attempts, by_id, done",
        [holder, lease_s, *chosen],
    )
    found = {row[0]: _claimed(row, holder) for row in mine}
    return [found[i] for i in chosen if i in found]


def _claimed(row: Sequence[Any], holder: str) -> Claimed:
    work_id, kind, key, args, state, attempts, by_id, done = row
    return Claimed(work_id, kind, key, json.loads(args), json.loads(state), attempts, holder, by_id, done)


def renew(*, holder: str, ids: Sequence[int], lease_s: float = LEASE_S) -> None:
    """Hold on to what this worker runs; a row whose end it could not write is let go, and claimed again."""
    Work.objects.filter(pk__in=ids, lease_holder=holder, state=WorkState.RUNNING.value).update(
        lease_until_s=clock_s() + lease_s
    )


def checkpoint(
    work: Claimed, *, done: int | None = None, total: int | None = None, state: Mapping[str, Any] | None = None
) -> None:
    """Save how far the work has come, inside the caller's transaction when there is one.

    Raises:
        LeaseLost: another worker holds the row.
        Cancelled: somebody asked to stop it.
    """
    changes: dict[str, Any] = {}
    if done is not None:
        changes["done"] = done
    if total is not None:
        changes["total"] = total
    if state is not None:
        changes["state_json"] = dict(state)
    mine = Work.objects.filter(pk=work.id, lease_holder=work.holder, state=WorkState.RUNNING.value)
    if changes and not mine.update(**changes):
        raise LeaseLost
    row = mine.values_list("cancel_asked", flat=True).first()
    if row is None:
        raise LeaseLost
    if row:
        raise Cancelled


_DONE = (
    "UPDATE vigie_work SET state = 'done', finished_at = CURRENT_TIMESTAMP, code = %s, facts = %s, lease_holder = '' "
    "WHERE id = %s AND lease_holder = %s AND state = 'running'"
)


def finish(work: Claimed, outcome: Outcome) -> None:
    """Put the row in its last state, or back to wait when the work recurs."""
    if outcome.again_in_s is None:
        # By hand, as it ends each read of a space.
        update(_DONE, [(outcome.code, json.dumps(dict(outcome.facts)), work.id, work.holder)])
    else:
        mine = Work.objects.filter(pk=work.id, lease_holder=work.holder, state=WorkState.RUNNING.value)
        changes: dict[str, Any] = {"code": outcome.code, "facts": dict(outcome.facts), "lease_holder": ""}
        mine.update(
            state=WorkState.WAITING.value, due_s=clock_s() + outcome.again_in_s, attempts=0, state_json={}, **changes
        )


def fail(work: Claimed, code: str, facts: Facts, *, retry_after: float | None = None, final: bool = False) -> None:
    """Put failed work back to wait, longer each time, or give it up."""
    mine = Work.objects.filter(pk=work.id, lease_holder=work.holder, state=WorkState.RUNNING.value)
    changes: dict[str, Any] = {"code": code, "facts": dict(facts), "lease_holder": ""}
    if final or work.attempts >= MAX_ATTEMPTS:
        mine.update(state=WorkState.FAILED.value, finished_at=Now(), **changes)
        return
    wait = retry_after if retry_after is not None else FIRST_RETRY_S * 2 ** (work.attempts - 1)
    mine.update(state=WorkState.WAITING.value, due_s=clock_s() + wait, **changes)


def told(error: VigieError) -> dict[str, str | int | float]:
    """Return an error's facts with its English sentence, which is shown where no translation knows the code."""
    return {**error.facts, "sentence": error.sentence}


@contextmanager
def full_disk_told() -> Iterator[None]:
    """Turn a full disk into a failure that passes, with a sentence for who reads the page and for who makes room.

    Raises:
        RetryableError: with code `disk.full`.
    """
    try:
        yield
    except (OperationalError, OSError) as error:
        if not is_full(error):
            raise
        far = isinstance(error, OperationalError) and connection.vendor == "postgresql"
        place = "VIGIE_DATABASE_URL" if far else "VIGIE_VAR"
        sentence = f"The disk that holds {place} is full. Make room there; Vigie then goes on by itself."
        raise RetryableError(sentence, code="disk.full", facts={"place": place}) from error


def is_held(key: str) -> bool:
    """Say whether somebody runs the work with this key, and has not gone silent."""
    running = Work.objects.filter(key=key, state=WorkState.RUNNING.value)
    return running.filter(lease_until_s__gte=clock_s()).exists()


def release(work: Claimed, *, in_s: float = 0.0) -> None:
    """Give a row back untouched, because it can't be done here and now; the try does not count."""
    Work.objects.filter(pk=work.id, lease_holder=work.holder, state=WorkState.RUNNING.value).update(
        state=WorkState.WAITING.value, lease_holder="", attempts=F("attempts") - 1, due_s=clock_s() + in_s
    )


def settled(key: str) -> None:
    """Close waiting work that was done by other means, inside the transaction that did it."""
    update(
        "UPDATE vigie_work SET state = 'done', code = 'work.done', finished_at = CURRENT_TIMESTAMP "
        "WHERE key = %s AND state = 'waiting'",
        [(key,)],
    )


_WHEN_CANCELLED: dict[str, Callable[[Mapping[str, Any]], None]] = {}


def when_cancelled(kind: str, then: Callable[[Mapping[str, Any]], None]) -> None:
    """Have a service told of cancelled work of its kind, in the transaction that cancels it; it is given the ids."""
    _WHEN_CANCELLED[kind] = then


@transaction.atomic
def stop_cancelled(work: Claimed) -> None:
    """Close a row that a person cancelled."""
    _cancelled(Work.objects.filter(pk=work.id, lease_holder=work.holder), work.kind, work.args)


def _cancelled(mine: QuerySet[Work], kind: str, args: Mapping[str, Any]) -> None:
    closed = mine.update(state=WorkState.CANCELLED.value, lease_holder="", code="work.cancelled", finished_at=Now())
    if closed and kind in _WHEN_CANCELLED:
        _WHEN_CANCELLED[kind](args)


def cancel(work_id: int, *, asker: Asker, now: datetime) -> None:
    """Cancel waiting work at once; ask running work to stop at its next checkpoint.

    Raises:
        DecisionError: it is over already.
    """
    asker.require(Permission.STEER_WORK)
    with transaction.atomic():
        row = Work.objects.select_for_update().get(pk=work_id)
        if row.state not in OPEN_STATES:
            raise DecisionError("This work is over; there is nothing to cancel.", code="work.over")
        if row.state == WorkState.WAITING.value:
            _cancelled(Work.objects.filter(pk=work_id), row.kind, row.args)
        else:
            Work.objects.filter(pk=work_id).update(cancel_asked=True)
        waited = row.state == WorkState.WAITING.value
        after = {"state": WorkState.CANCELLED.value} if waited else {"state": row.state, "cancel_asked": True}
        audit.write(asker, "work.cancel", f"work:{work_id}", now=now, before={"state": row.state}, after=after)


def retry(work_id: int, *, asker: Asker, now: datetime) -> None:
    """Make failed, cancelled or waiting work due now.

    Raises:
        DecisionError: it is done or running, or newer work with the same key is open.
    """
    asker.require(Permission.STEER_WORK)
    with transaction.atomic():
        row = Work.objects.select_for_update().get(pk=work_id)
        if row.state in (WorkState.DONE.value, WorkState.RUNNING.value):
            raise DecisionError("This work is done or under way; it need not be tried again.", code="work.not_failed")
        if row.state != WorkState.WAITING.value and Work.objects.filter(key=row.key, state__in=OPEN_STATES).exists():
            raise DecisionError("The same work is already waiting or under way.", code="work.open")
        Work.objects.filter(pk=work_id).update(
            state=WorkState.WAITING.value, due_s=clock_s(), attempts=0, cancel_asked=False, finished_at=None
        )
        after = {"state": WorkState.WAITING.value}
        audit.write(asker, "work.retry", f"work:{work_id}", now=now, before={"state": row.state}, after=after)
