"""How fast figures and lists are over the mirror, beside SQLite with a covering index, in one run.

    python benchmarks/mirror.py [--rows 10000 100000 1000000] [--tail 10000] [--repeat 21] [--no-peer]

Prints the median and the p95 of each read in milliseconds and its processor time when nobody asked it before, its median when
the files were asked already, SQLite's median over the same rows, and the ratio to it of a first time; then how the medians
of a first time grow with the rows, and the goals, which are of it too. Exit 1 when one is missed.
The mentions are invented by a seed: 365 days, 200 watches of very different size, a third of the posts in several.
"""

import argparse
import json
import resource
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from goals import Goal, told

from vigie.schema.tables import MENTIONS
from vigie.store.figures import View, forget
from vigie.store.filters import Filter
from vigie.store.mirror import Mirror
from vigie.store.tail import Tail

SEED = 20261030
LAST = date(2026, 10, 30)
DAYS = 365
WATCHES = 200
NOW = datetime(2026, 10, 30, 12, tzinfo=UTC)
EPOCH = 7
ZONE = "Europe/Paris"
EVERYBODY = tuple(range(1, WATCHES + 1))
MONTH = LAST - timedelta(days=29)
QUARTER = LAST - timedelta(days=89)
YEAR = LAST - timedelta(days=DAYS - 1)
BATCH = 500_000
FILTER_MS, YEAR_MS = 300, 1_000
"""Milliseconds of the p95 at ten million mentions: any filter, and the whole year (DESIGN §6)."""


def batches(rows: int, rng: np.random.Generator) -> Iterator[pa.RecordBatch]:
    """Yield mention rows by id, as a rebuild reads them."""
    for start in range(0, rows, BATCH):
        ids = np.arange(start + 1, min(rows, start + BATCH) + 1)
        yield from mentions(ids, ids, rows, rng).to_batches()


def mentions(ids: np.ndarray, revisions: np.ndarray, rows: int, rng: np.random.Generator) -> pa.Table:
    """Invent a mention for each id: heard in the order of ids, up to two days late; a third share a post."""
    n = len(ids)
    posts = ids - (ids % 3 == 1)
    late = posts * 7919 % (2 * 86_400)
    seconds = np.clip(posts * (DAYS * 86_400) // rows - late, 0, DAYS * 86_400 - 1)
    start = np.datetime64(YEAR.isoformat(), "s")
    published = (start + seconds).astype("datetime64[us]")
    watches = (np.minimum(rng.zipf(1.3, n), 10**6) * 7919 + ids % 3) % WATCHES + 1
    columns = {
        "mention_id": ids, "revision": revisions, "watch_id": watches, "post_id": posts,
        "space_id": rng.integers(1, 300, n), "author_id": posts * 31 % 100_003 + 1,
        "network": _pick(rng, n, ("blog", "forum", "press", "mastodon", "bluesky", "reddit", "youtube", "x")),
        "published_at": pa.array(published, pa.timestamp("us")).cast(pa.timestamp("us", "UTC")),
        "day": pa.array(published.astype("datetime64[D]"), pa.date32()),
        "day_is_heard": np.zeros(n, bool), "language": _pick(rng, n, ("fr", "fr", "en", "de", None)),
        "tone": _pick(rng, n, ("negative", "neutral", "neutral", "positive", None)),
        "story_id": pa.array(posts // 7 + 1, mask=posts % 5 != 0), "drugs": _lists(rng, n, "drug", 300),
        "reactions": _lists(rng, n, "reaction", 400), "conditions": _lists(rng, n, "condition", 200),
        "devices": _lists(rng, n, "device", 20), "speakers": _lists(rng, n, "who", 6),
        "intents": _lists(rng, n, "intent", 9), "categories": _lists(rng, n, "", 40),
        "likes": posts * 17 % 997, "reposts": posts * 13 % 101, "replies": posts * 11 % 37,
        "views": pa.array(posts * 7 % 50_021, mask=posts % 4 == 0),
        "in_watch": rng.random(n) > 0.02, "lapsed": rng.random(n) < 0.03,
        "not_about_us": rng.random(n) < 0.01, "deleted": rng.random(n) < 0.01,
    }  # fmt: skip
    return pa.table([pa.array(columns[f.name]).cast(f.type) for f in MENTIONS], schema=MENTIONS)


def _pick(rng: np.random.Generator, n: int, words: tuple[str | None, ...]) -> pa.Array:
    return pa.DictionaryArray.from_arrays(rng.integers(0, len(words), n), pa.array(words)).cast(pa.string())


def _lists(rng: np.random.Generator, n: int, name: str, different: int) -> pa.Array:
    """Give two rows in five nothing, others one value or two; a few values are frequent, as names of medicines are."""
    sizes = rng.choice((0, 0, 1, 1, 2), n)
    values = np.minimum(rng.zipf(1.5, sizes.sum()), different)
    words = pa.array([f"{name} {i}".strip() for i in range(1, different + 1)])
    offsets = pa.array(np.concatenate([[0], np.cumsum(sizes)]), pa.int32())
    lists = pa.ListArray.from_arrays(offsets, words.take(pa.array(values - 1)))
    return pc.if_else(pa.array(sizes > 0), lists, pa.scalar(None, lists.type))


@dataclass(frozen=True)
class Read:
    """One thing that a page asks, of us and of SQLite."""

    name: str
    ours: Callable[[View], object]
    sql: str


LIVE = "in_watch AND NOT lapsed AND NOT not_about_us"


def _where(chosen: Filter) -> str:
    watches = ",".join(map(str, chosen.watches or ()))
    return f"FROM mentions WHERE {LIVE} AND watch_id IN ({watches}) AND day BETWEEN {_n(chosen.from_day)} AND {_n(chosen.to_day)}"


def _each(column: str, chosen: Filter) -> str:
    return _where(chosen).replace("FROM mentions", f"FROM mentions, json_each({column}) j")


def _n(day: date | None) -> int:
    return (day - date(1970, 1, 1)).days if day else 0


def _filter(watches: tuple[int, ...], first: date) -> Filter:
    return Filter(watches, first, LAST)


def reads(big: int) -> list[Read]:
    """Return what is timed; `big` is the watch with most mentions."""
    one, all_month = _filter((big,), MONTH), _filter(EVERYBODY, MONTH)
    some, year = _filter(tuple(range(1, 51)), QUARTER), _filter(EVERYBODY, YEAR)
    narrow = Filter(EVERYBODY, QUARTER, LAST, networks=("forum",), languages=("fr",), tones=("negative", "none"))
    subjects = {w: w % 6 for w in EVERYBODY}
    told = Filter(EVERYBODY, QUARTER, LAST, found={"reaction": ("reaction 9",)})
    tests = " AND network='forum' AND language='fr' AND (tone='negative' OR tone IS NULL)"
    top = "SELECT post_id, max(published_at) p, group_concat(mention_id)"
    seen = "SELECT post_id, coalesce(max(views),-1) s, max(coalesce(likes,0)+coalesce(reposts,0)+coalesce(replies,0)) e"
    return [
        Read("one watch, 30 days, by day and tone", lambda v: v.counts(one, ("day", "tone")), f"SELECT day,tone,count(*) {_where(one)} GROUP BY 1,2"),
        Read("one watch, 30 days, newest 50", lambda v: v.page(one), f"{top} {_where(one)} GROUP BY 1 ORDER BY 2 DESC,1 DESC LIMIT 50"),
        Read("50 watches, 90 days, by day and tone", lambda v: v.counts(some, ("day", "tone")), f"SELECT day,tone,count(*) {_where(some)} GROUP BY 1,2"),
        Read("all, 30 days, by day and tone", lambda v: v.counts(all_month, ("day", "tone")), f"SELECT day,tone,count(*) {_where(all_month)} GROUP BY 1,2"),
        Read("all, 30 days, mentions and posts", lambda v: v.total(all_month), f"SELECT count(*),count(DISTINCT post_id) {_where(all_month)}"),
        Read("all, 30 days, newest 50", lambda v: v.page(all_month), f"{top} {_where(all_month)} GROUP BY 1 ORDER BY 2 DESC,1 DESC LIMIT 50"),
        Read("all, 30 days, most seen 50", lambda v: v.page(all_month, order="seen"), f"{seen} {_where(all_month)} GROUP BY 1 ORDER BY 2 DESC,3 DESC,1 DESC LIMIT 50"),
        Read("all, 90 days, three filters, by day", lambda v: v.counts(narrow, ("day",)), f"SELECT day,count(*) {_where(narrow)}{tests} GROUP BY 1"),
        Read("all, 90 days, three filters, newest 50", lambda v: v.page(narrow), f"{top} {_where(narrow)}{tests} GROUP BY 1 ORDER BY 2 DESC,1 DESC LIMIT 50"),
        Read("all, 30 days, posts by subject", lambda v: v.counts(Filter(EVERYBODY, MONTH, LAST, subjects=subjects), ("subject",), posts=True), f"SELECT watch_id%6,count(*),count(DISTINCT post_id) {_where(all_month)} GROUP BY 1"),
        Read("all, 30 days, by medicine", lambda v: v.counts(all_month, ("drug",)), f"SELECT j.value,count(*) {_each('drugs', all_month)} GROUP BY 1"),
        Read("all, 90 days, one reaction, newest 50", lambda v: v.page(told), f"{top} {_each('reactions', told)} AND j.value='reaction 9' GROUP BY 1 ORDER BY 2 DESC,1 DESC LIMIT 50"),
        Read("all, the year, by intent", lambda v: v.counts(year, ("intent",)), f"SELECT j.value,count(*) {_each('intents', year)} GROUP BY 1"),
        Read("all, the year, by day and tone", lambda v: v.counts(year, ("day", "tone")), f"SELECT day,tone,count(*) {_where(year)} GROUP BY 1,2"),
        Read("all, the year, mentions and posts", lambda v: v.total(year), f"SELECT count(*),count(DISTINCT post_id) {_where(year)}"),
        Read("all, the year, newest 50", lambda v: v.page(year), f"{top} {_where(year)} GROUP BY 1 ORDER BY 2 DESC,1 DESC LIMIT 50"),
        Read("all, the year, most seen 50", lambda v: v.page(year, order="seen"), f"{seen} {_where(year)} GROUP BY 1 ORDER BY 2 DESC,3 DESC,1 DESC LIMIT 50"),
        Read("all, the year, by author", lambda v: v.counts(year, ("author_id",)), f"SELECT author_id,count(*) {_where(year)} GROUP BY 1"),
    ]  # fmt: skip


class Timed(NamedTuple):
    """What some runs took, in milliseconds."""

    median: float
    p95: float
    busy: float
    """Median of the processor time of all threads: on a quiet machine the clock says less."""


def timed(act: Callable[[], object], repeat: int, before: Callable[[], object] = lambda: None) -> Timed:
    """Time some runs, after one that warms the caches; `before` each, something is done that is not timed."""
    act()
    taken, busy = [], []
    for _ in range(repeat):
        before()
        begun, begun_busy = time.perf_counter(), time.process_time()
        act()
        taken.append((time.perf_counter() - begun) * 1000)
        busy.append((time.process_time() - begun_busy) * 1000)
    p95 = statistics.quantiles(taken, n=20, method="inclusive")[18] if repeat > 1 else taken[0]
    return Timed(statistics.median(taken), p95, statistics.median(busy))


def fill_sqlite(path: Path, rows: int) -> sqlite3.Connection:
    """Write the same mentions to SQLite, with an index that covers every read by watch and day."""
    names = MENTIONS.names
    db = sqlite3.connect(path)
    db.execute("PRAGMA journal_mode=WAL")
    db.execute(f"CREATE TABLE mentions ({', '.join(names)})")
    for batch in batches(rows, np.random.default_rng(SEED)):
        columns = [_plain(batch.column(n)) for n in names]
        db.executemany(f"INSERT INTO mentions VALUES ({','.join('?' * len(names))})", zip(*columns, strict=True))
    lists = {field.name for field in MENTIONS if pa.types.is_list(field.type)}
    rest = [
        n
        for n in names
        if n not in lists and n not in ("watch_id", "day", "mention_id", "revision", "day_is_heard", "deleted")
    ]
    db.execute(f"CREATE INDEX covering ON mentions (watch_id, day, {', '.join(rest)}, mention_id)")
    db.execute("ANALYZE")
    db.commit()
    return db


def _plain(column: pa.Array) -> list[object]:
    if pa.types.is_timestamp(column.type):
        return column.cast(pa.int64()).to_pylist()
    if pa.types.is_date32(column.type):
        return column.cast(pa.int32()).to_pylist()
    if pa.types.is_list(column.type):
        return [None if values is None else json.dumps(values) for values in column.to_pylist()]
    return column.to_pylist()


def build(mirror: Mirror, rows: int) -> None:
    """Build the mirror and say how long it took; then merge, as the worker does every half minute."""
    begun = time.perf_counter()
    rng = np.random.default_rng(SEED)
    made = mirror.rebuild(batches(rows, rng), epoch=EPOCH, revision=rows, time_zone=ZONE, now=NOW)
    took = time.perf_counter() - begun
    size = sum(file.bytes for file in made.months.values())
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"rebuilt {rows:,} rows in {took:.1f} s ({rows / took:,.0f}/s), {size / 1e6:.0f} MB, peak memory {peak:.0f} MB"
    )
    for n, (name, ids) in enumerate(
        (("newest", np.arange(rows - 999, rows + 1)), ("scattered", rng.integers(1, rows, 1000)))
    ):
        changed = mentions(np.unique(ids), np.unique(ids) + rows, rows, rng)
        begun = time.perf_counter()
        merged = mirror.merge(changed, [], epoch=EPOCH, revision=rows + n + 1, time_zone=ZONE, now=NOW)
        written = sum(file != made.months.get(month) for month, file in merged.months.items())
        made = merged
        print(f"merged 1,000 {name} rows in {time.perf_counter() - begun:.2f} s, {written} months written")


def tail_of(rows: int, size: int) -> Tail:
    """Make a tail: half corrections of mentions that the files hold, half new ones."""
    rng = np.random.default_rng(SEED + 1)
    known = rng.choice(rows, size // 2, replace=False) + 1
    ids = np.concatenate([known, np.arange(rows + 1, rows + 1 + size - size // 2)])
    tail = Tail(rows)
    tail.advance(mentions(ids, np.arange(rows + 1, rows + 1 + size), rows, rng), [], rows + size)
    return tail


def largest(view: View) -> int:
    """Return the watch with most mentions."""
    counts = view.counts(Filter(EVERYBODY), ("watch_id",)).sort_by([("mentions", "descending")])
    return int(counts["watch_id"][0].as_py())


Times = dict[str, Timed]
"""By read."""


def asked(read: Read, mirror: Mirror, tail: Tail) -> object:
    """Read one thing as a page does that nobody else has open."""
    return read.ours(View(mirror, mirror.manifest(), tail))


def run(rows: int, tail_rows: int, repeat: int, *, peer: bool) -> Times:
    """Build both stores in a temporary folder, and time every read."""
    found: Times = {}
    with tempfile.TemporaryDirectory() as folder:
        mirror = Mirror(Path(folder) / "mirror")
        build(mirror, rows)
        tail = tail_of(rows, min(tail_rows, rows))
        db = fill_sqlite(Path(folder) / "peer.sqlite", rows) if peer else None
        heads = f"{'read':45}{'median ms':>10}{'p95':>9}{'CPU ms':>9}{'again':>9}"
        print(heads + (f"{'SQLite':>9}{'ratio':>8}" if db else ""))
        big = largest(View(mirror, mirror.manifest(), tail))
        for read in reads(big):
            act = partial(asked, read, mirror, tail)
            ours, p95, busy = found[read.name] = timed(act, repeat, before=forget)
            line = f"{read.name:45}{ours:10.1f}{p95:9.1f}{busy:9.1f}{timed(act, repeat).median:9.1f}"
            if db is not None:
                theirs = timed(lambda r=read: db.execute(r.sql).fetchall(), max(1, repeat // 7)).median
                line += f"{theirs:9.1f}{theirs / ours:8.1f}"
            print(line, flush=True)
        print()
    return found


def grown(found: dict[int, Times]) -> None:
    """Print the medians at each size."""
    print(f"{'median ms':45}" + "".join(f"{rows:>13,}" for rows in found))
    for name in next(iter(found.values())):
        print(f"{name:45}" + "".join(f"{times[name].median:13.1f}" for times in found.values()))


def goals_of(rows: int, times: Times) -> list[Goal]:
    """Return the goals at one size: those of ten million mentions hold for fewer."""
    return [
        Goal(f"{name}, p95 at {rows:,}", one.p95, at_most=YEAR_MS if "the year" in name else FILTER_MS)
        for name, one in times.items()
    ]


def main(sizes: list[int], tail_rows: int, repeat: int, *, peer: bool) -> int:
    """Measure every size; return 1 when a goal is missed at the largest."""
    found = {rows: run(rows, tail_rows, repeat, peer=peer) for rows in sizes}
    grown(found)
    return told(goals_of(sizes[-1], found[sizes[-1]]))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--tail", type=int, default=10_000)
    parser.add_argument("--repeat", type=int, default=21)
    parser.add_argument("--no-peer", action="store_true")
    given = parser.parse_args()
    sys.exit(main(given.rows, given.tail, given.repeat, peer=not given.no_peer))
