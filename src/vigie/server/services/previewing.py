"""Previews of queries on what is stored, before a watch is saved.

A preview lives in the memory of this process for a few minutes: it holds no right of its own, its page asks again.
"""

import random
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from vigie.flows.preview import Estimate, Look, Looker, Preview
from vigie.match import Queries
from vigie.match.parts import COMMON, Part, costs
from vigie.server import engine
from vigie.server.models import Mention, Watch
from vigie.server.permissions import Asker, Permission
from vigie.server.queries import documents
from vigie.server.services import archiving

KEPT = 32
"""Previews kept at once, the oldest forgotten: each holds an open file and twenty posts."""

FIRST_S = 1.0
"""Seconds of the first answer: a sample and a count within a second."""

SLICE_ROWS = 10_000
"""Posts between two looks at the clock: about a tenth of a second."""

THREADS = 2
"""Batches looked at side by side: the cores of the smallest machine that serves; a count is then nearly twice as fast."""

COSTED = 500
"""Posts on which the cost of each part is measured: milliseconds for a query of forty parts."""

FEWEST_SEEN = 200
"""Posts that must be seen before a word is called common."""

READ = (*documents.FROM_POSTS, "author_key", "engaging_key", "space_id", "heard_at")
"""Columns of the archive that a query can test; the others are not read."""

COMPARED_MOST = 20_000
"""Mentions of a watch that a change is compared with; beyond, the newest that many."""


@dataclass(frozen=True, slots=True)
class PartShown:
    """A branch or test of a query, and what it did among the posts seen."""

    name: str
    is_branch: bool
    held: int | None
    """Posts that it holds for; unknown for a test of the language."""
    caught: int
    """Matches that it holds for."""
    alone: int
    """Matches that no other branch holds for."""
    cost: float
    """Its share of the time that all parts take, 0 to 1, measured on the first posts."""
    is_common: bool
    """A word that is in so many posts that it says nothing by itself."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A preview as a page shows it."""

    estimate: Estimate
    seen: int
    total: int
    unsaid: int
    """Matches found for what their source does not say."""
    sample: list[dict[str, Any]]
    parts: tuple[PartShown, ...]
    queries: Queries
    """To mark the sample."""


@dataclass(frozen=True, slots=True)
class Compared:
    """What a change of a watch would do to its mentions: those that would lapse, of those looked at."""

    looked_at: int
    lapsing: int


@dataclass(slots=True)
class Running:
    """A preview under way."""

    preview: Preview
    queries: Queries
    parts: tuple[Part, ...]
    seconds: list[float]
    """What each part cost on the first posts; empty until some were seen."""


_previews: OrderedDict[str, Running] = OrderedDict()
_lock = threading.Lock()


def preview(
    expression: str, *, since: datetime, asker: Asker, monotonic: Callable[[], float], more: bool = False
) -> Shown:
    """Count what an expression would find in what was heard since a time; `more` goes on with the same count.

    Raises:
        DecisionError: the role does not allow it.
        QueryError: the expression can't be read.
    """
    asker.require(Permission.EDIT_WATCHES)
    running = _running(expression, since, more=more)
    with _lock:
        running.preview.go_on(seconds=FIRST_S, monotonic=monotonic)
    found = running.preview
    return Shown(
        found.estimate(), found.seen, found.total, found.unsaid, found.sample, _parts(running), running.queries
    )


def _running(expression: str, since: datetime, *, more: bool) -> Running:
    key = f"{engine.generation()}:{since.isoformat()}:{expression}"
    queries = engine.compiled({"preview": expression})
    with _lock:
        found = _previews.get(key) if more else None
        if found is None:
            found = _previews[key] = _start(queries, since)
        _previews.move_to_end(key)
        while len(_previews) > KEPT:
            _previews.popitem(last=False)
    return found


def _start(queries: Queries, since: datetime) -> Running:
    spaces = engine.standing().spaces
    looker = Looker(queries["preview"], queries, engine.languages())
    rng = random.Random()  # noqa: S311 -- the order of files, no secret
    waiting = [_heard_since(table, since) for table in archiving.pending_tables()]
    archive = archiving.archive()
    total = archive.count(since=since) + sum(table.num_rows for table in waiting)
    archived = (pa.Table.from_batches([b]) for b in archive.sample_batches(rng, since=since, columns=READ))
    seconds: list[float] = []
    costing = threading.Lock()

    def look(table: pa.Table) -> Look:
        posts = documents.of_archive(table, spaces=spaces)
        with costing:
            if not seconds:
                first = posts.slice(0, COSTED)
                seconds.extend(costs(looker.parts, first, knowledge=queries.knowledge, lexicon=queries.engine.lexicon))
        return looker.look(posts)

    return Running(
        Preview(_slices(waiting, archived), look, total=total, threads=THREADS), queries, looker.parts, seconds
    )


def _heard_since(table: pa.Table, since: datetime) -> pa.Table:
    return table.filter(pc.greater_equal(table["heard_at"], pa.scalar(since, table["heard_at"].type)))


def _parts(running: Running) -> tuple[PartShown, ...]:
    """Return the parts with what they did so far."""
    tally, seen = running.preview.tally, running.preview.seen
    if not len(tally.held):
        return ()
    whole = sum(running.seconds) or 1.0
    return tuple(
        PartShown(
            part.name, part.is_branch, None if held < 0 else held, caught, alone, seconds / whole,
            part.is_word and held >= COMMON * seen and seen >= FEWEST_SEEN,
        )
        for part, held, caught, alone, seconds in zip(
            running.parts, tally.held.tolist(), tally.caught.tolist(), tally.alone.tolist(), running.seconds, strict=True
        )
    )  # fmt: skip


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
