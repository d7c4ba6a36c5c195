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
from vigie.match import Queries, Query, compile_queries
from vigie.match.fields import label_form
from vigie.match.labels import labels_of, text_part, with_categories
from vigie.match.parts import COMMON, Part, costs
from vigie.server import engine
from vigie.server.models import Watch
from vigie.server.permissions import Asker, Permission
from vigie.server.queries import categories, documents, labels, scope
from vigie.server.queries import watches as reading
from vigie.server.services import archiving
from vigie.server.services.comparing import Compared, Comparison

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

LAPSE_S = 0.3
"""Seconds, of those of an answer, in which mentions that would lapse are looked for: the count is what one waits for."""


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
    compared: Compared | None = None
    """What it would do to the watch that it is a change of."""

    @property
    def is_over(self) -> bool:
        """Say whether nothing is left to count."""
        return self.estimate.is_exact and (self.compared is None or self.compared.is_over)


@dataclass(frozen=True, slots=True)
class Among:
    """What is looked at: posts heard from a time until before another, in spaces; all spaces without any."""

    since: datetime
    until: datetime | None = None
    space_ids: tuple[int, ...] | None = None

    @property
    def asked(self) -> dict[str, Any]:
        """Return it as the archive is asked."""
        return {"since": self.since, "until": self.until, "space_ids": self.space_ids}

    def of(self, table: pa.Table) -> pa.Table:
        """Return the rows of a table that are meant."""
        heard = table["heard_at"]
        kept = pc.greater_equal(heard, pa.scalar(self.since, heard.type))
        if self.until is not None:
            kept = pc.and_(kept, pc.less(heard, pa.scalar(self.until, heard.type)))
        if self.space_ids is not None:
            kept = pc.and_(kept, pc.is_in(table["space_id"], pa.array(self.space_ids, pa.int64())))
        return table.filter(kept)


@dataclass(slots=True)
class Running:
    """A preview under way."""

    preview: Preview
    queries: Queries
    parts: tuple[Part, ...]
    seconds: list[float]
    """What each part cost on the first posts; empty until some were seen."""
    comparison: Comparison | None


_previews: OrderedDict[str, Running] = OrderedDict()
_lock = threading.Lock()


def preview(
    expression: str,
    *,
    since: datetime,
    asker: Asker,
    monotonic: Callable[[], float],
    more: bool = False,
    watch: Watch | None = None,
    until: datetime | None = None,
    space_ids: tuple[int, ...] | None = None,
) -> Shown:
    """Count what an expression would find in what was heard in a time, in spaces; `more` goes on with the same count.

    With a watch, also what it would add to the watch's mentions, and which of them would lapse.

    Raises:
        DecisionError: the role does not allow it.
        QueryError: the expression can't be read.
    """
    asker.require(Permission.EDIT_WATCHES, brand_id=watch.brand_id if watch else None)
    running = _running(expression, Among(since, until, space_ids), watch, more=more)
    with _lock:
        _go_on(running, monotonic)
    found, comparison = running.preview, running.comparison
    compared = comparison.compared(found.estimate_of(comparison.adding)) if comparison else None
    return Shown(
        found.estimate(), found.seen, found.total, found.unsaid, found.sample, _parts(running), running.queries, compared
    )  # fmt: skip


LABELLED_MOST = 2_000
"""Mentions on which the label part of a query is tried: the newest; reading them takes a tenth of a second."""


@dataclass(frozen=True, slots=True)
class LabelPart:
    """What the two parts of a query that asks for labels did among the newest mentions of whoever asks."""

    text: str
    labels: tuple[str, ...]
    looked_at: int
    by_text: int
    """Posts that the text part holds for."""
    by_all: int
    """Of these, those that the labels let in."""
    each: tuple[int, ...]
    """Of those that the text part holds for, how many have each label that is asked."""


def label_part(query: Query, *, asker: Asker) -> LabelPart | None:
    """Try both parts of a query on the newest mentions that somebody sees; nothing of a query without labels."""
    asked, text = labels_of(query), text_part(query.root)
    if not asked or text is None:
        return None
    ids = _category_ids(asker)
    whole = {"text": Query(text), "all": Query(with_categories(query.root, ids))}
    whole |= {f"label:{n}": Query(with_categories(leaf, ids)) for n, leaf in enumerate(asked)}
    posts = reading.newest_posts(scope.watch_ids(asker), most=LABELLED_MOST)
    table = labels.labelled(documents.of_record(posts), posts, labels.of_posts(posts))
    queries = compile_queries(whole, knowledge=engine.knowledge())
    found = queries.found(table)
    rows = {
        name: {int(r) for r, q in zip(found.row, found.query, strict=True) if queries.engine.ids[q] == name}
        for name in whole
    }
    each = tuple(len(rows["text"] & rows[f"label:{n}"]) for n in range(len(asked)))
    return LabelPart(str(text), tuple(map(str, asked)), len(posts), len(rows["text"]), len(rows["all"]), each)


def _category_ids(asker: Asker) -> dict[str, list[str]]:
    """Return the ids of the categories that somebody sees, by name as queries compare it."""
    found: dict[str, list[str]] = {}
    for tree in categories.trees(asker):
        for node in tree.nodes:
            found.setdefault(label_form(node.category.name), []).append(str(node.category.pk))
    return found


def _go_on(running: Running, monotonic: Callable[[], float]) -> None:
    """Count for a second, of which a part goes to what would lapse while that is not known."""
    seconds = FIRST_S
    if running.comparison is not None:
        begun = monotonic()
        running.comparison.go_on(seconds=LAPSE_S, monotonic=monotonic)
        seconds -= monotonic() - begun
    running.preview.go_on(seconds=seconds, monotonic=monotonic)


def _running(expression: str, among: Among, watch: Watch | None, *, more: bool) -> Running:
    which = f"{watch.pk}.{watch.version}" if watch else ""
    key = f"{engine.generation()}:{which}:{among}:{expression}"
    queries = engine.compiled({"preview": expression})
    with _lock:
        found = _previews.get(key) if more else None
        if found is None:
            found = _previews[key] = _start(queries, among, Comparison(watch, queries) if watch else None)
        _previews.move_to_end(key)
        while len(_previews) > KEPT:
            _previews.popitem(last=False)
    return found


def _start(queries: Queries, among: Among, comparison: Comparison | None) -> Running:
    spaces = engine.standing().spaces
    looker = Looker(queries["preview"], queries, engine.languages())
    rng = random.Random()  # noqa: S311 -- the order of files, no secret
    waiting = [among.of(table) for table in archiving.pending_tables()]
    archive = archiving.archive()
    total = archive.count(**among.asked) + sum(table.num_rows for table in waiting)
    archived = (pa.Table.from_batches([b]) for b in archive.sample_batches(rng, **among.asked, columns=READ))
    seconds: list[float] = []
    costing = threading.Lock()

    def look(table: pa.Table) -> Look:
        posts = documents.of_archive(table, spaces=spaces)
        with costing:
            if not seconds:
                first = posts.slice(0, COSTED)
                seconds.extend(costs(looker.parts, first, knowledge=queries.knowledge, lexicon=queries.engine.lexicon))
        return looker.look(posts)

    def matched(table: pa.Table, rows: list[int]) -> None:
        if comparison is not None:
            comparison.meet(table["post_key"].take(pa.array(rows, pa.int64())).to_pylist())

    counting = Preview(_slices(waiting, archived), look, total=total, threads=THREADS, matched=matched)
    return Running(counting, queries, looker.parts, seconds, comparison)


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


def forget() -> None:
    """Forget every preview: another database is in place."""
    _previews.clear()
