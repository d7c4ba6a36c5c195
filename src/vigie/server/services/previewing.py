"""Previews of queries on what is stored, before a watch is saved.

A preview lives in the memory of this process for a few minutes: it holds no right of its own, its page asks again.
"""

import random
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any

import pyarrow as pa

from vigie.flows.preview import Estimate, Preview
from vigie.match import Queries
from vigie.server import engine
from vigie.server.models import Mention, Watch
from vigie.server.permissions import Asker, Permission
from vigie.server.queries import documents
from vigie.server.services import archiving
from vigie.server.services.backfilling import matching_rows

KEPT = 32
"""Previews kept at once, the oldest forgotten: each holds an open file and twenty posts."""

FIRST_S = 1.0
"""Seconds of the first answer: a sample and a count within a second."""

SLICE_ROWS = 2_000
"""Posts between two looks at the clock: about a tenth of a second."""

COMPARED_MOST = 20_000
"""Mentions of a watch that a change is compared with; beyond, the newest that many."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A preview as a page shows it."""

    estimate: Estimate
    seen: int
    total: int
    sample: list[dict[str, Any]]
    queries: Queries
    """To mark the sample."""


@dataclass(frozen=True, slots=True)
class Compared:
    """What a change of a watch would do to its mentions: those that would lapse, of those looked at."""

    looked_at: int
    lapsing: int


_previews: OrderedDict[str, tuple[Preview, Queries]] = OrderedDict()
_lock = threading.Lock()


def preview(expression: str, *, asker: Asker, monotonic: Callable[[], float], more: bool = False) -> Shown:
    """Count what an expression would find in all that was heard; `more` goes on with the same count.

    Raises:
        DecisionError: the role does not allow it.
        QueryError: the expression can't be read.
    """
    asker.require(Permission.EDIT_WATCHES)
    running, queries = _running(expression, more=more)
    with _lock:
        running.go_on(seconds=FIRST_S, monotonic=monotonic)
    return Shown(running.estimate(), running.seen, running.total, running.sample, queries)


def _running(expression: str, *, more: bool) -> tuple[Preview, Queries]:
    queries = engine.compiled({"preview": expression})
    key = f"{engine.generation()}:{expression}"
    with _lock:
        found = _previews.get(key) if more else None
        if found is None:
            found = _previews[key] = (_start(queries), queries)
        _previews.move_to_end(key)
        while len(_previews) > KEPT:
            _previews.popitem(last=False)
    return found


def _start(queries: Queries) -> Preview:
    spaces = engine.standing().spaces
    rng = random.Random()  # noqa: S311 -- the order of files, no secret
    waiting = list(archiving.pending_tables())
    archive = archiving.archive()
    total = archive.count() + sum(table.num_rows for table in waiting)
    batches = _slices(waiting, (pa.Table.from_batches([b]) for b in archive.sample_batches(rng)))
    return Preview(batches, lambda table: matching_rows(table, queries, spaces), total=total)


def _slices(waiting: list[pa.Table], archived: Iterator[pa.Table]) -> Iterator[pa.Table]:
    """Yield all tables in slices short enough to look at the clock between them."""
    for table in chain(waiting, archived):
        for start in range(0, table.num_rows, SLICE_ROWS):
            yield table.slice(start, SLICE_ROWS)


def compare(watch: Watch, expression: str, *, asker: Asker) -> Compared:
    """Say how many mentions of a watch a new wording would let lapse; exact up to a bound, then of the newest."""
    asker.require(Permission.EDIT_WATCHES, brand_id=watch.brand_id)
    queries = engine.compiled({"preview": expression})
    live = Mention.objects.filter(watch=watch, lapsed_at=None).order_by("-pk").values_list("post_id", flat=True)
    ids = list(live[:COMPARED_MOST])
    lapsing = sum(
        len(piece) - len(set(queries.found(documents.of_record(piece)).row.tolist())) for piece in _pieces(ids)
    )
    return Compared(len(ids), lapsing)


def _pieces(ids: list[int]) -> Iterator[list[int]]:
    yield from (ids[start : start + SLICE_ROWS] for start in range(0, len(ids), SLICE_ROWS))


def forget() -> None:
    """Forget every preview: another database is in place."""
    _previews.clear()
