"""Claim: a hundred thousand posts a second against a thousand standing queries, on one core, places included.

`python benchmarks/match.py [--quick]`. Posts and queries are drawn by a seed (`matching/drawn.py`); posts are matched
that the engine has not seen, on a lexicon that has read others. Peers answer the same queries in the same run
(`matching/peers.py`); their pairs are compared with ours. Seconds are those of one thread's processor time, medians of
repeats. Last comes one table of all goals (`matching/goals.py`); a ratio that was missed ends the run with 1.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pyarrow as pa

sys.path.insert(0, str(Path(__file__).parent))
from matching import drawn, goals, peers, plot
from matching.goals import Figures
from matching.plot import Points

from vigie.match import Knowledge, Query, parse
from vigie.match.engine import Engine
from vigie.store.archive import Archive
from vigie.text.lexicon import Lexicon
from vigie.text.phrases import Phrases

KNOWLEDGE = Knowledge(drawn.SECRET)

PLOT = Path(__file__).parents[1] / "docs/proofs/match.svg"

SAMPLES = {
    "pure Python, compiled": 1_000,
    "ahocorasick_rs": 1_000,
    "Tantivy": 10_000,
    "Tantivy, unchecked": 10_000,
    "Lucene Monitor": 1_000,
}
"""Posts that each peer is given: some seconds of its work."""

Speeds = Mapping[str, Mapping[int, float]]
"""Posts a second of each peer, by number of queries."""

NUMBA_COLD = "/dev/shm/vigie-cold"
"""Folder of kernels for a cold start: in memory, so that no disk is measured."""

PREPARED = """
import ctypes, gc, sys, time
from pathlib import Path
sys.path.insert(0, {folder!r})
from matching import drawn
from vigie.match import Knowledge, kept
from vigie.match.engine import Engine
from vigie.match.expressions import Expressions
from vigie.text.lexicon import Lexicon
expressions, posts, file = Expressions(drawn.queries({n})), drawn.posts({posts}), Path({file!r})
knowledge = Knowledge(drawn.SECRET)
def resident():
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 1e6
def start():
    if file.exists():
        found = kept.unpacked(file.read_bytes(), secret=drawn.SECRET)
        return kept.restored(found, expressions, knowledge=knowledge, lexicon=Lexicon())[0]
    return Engine(expressions, knowledge=knowledge)
"""
"""A process of its own, before it has an engine."""

START = """
begun = time.perf_counter()
engine = start()
engine.match(posts, spans=True)
print(time.perf_counter() - begun)
if not file.exists():
    file.write_bytes(kept.packed(engine, expressions, secret=drawn.SECRET))
"""

MEMORY = """
sys.modules["scipy"] = None
before = resident()
engine = start()
engine.match(posts, spans=True)
print(resident() - before)
"""
"""As Vigie is installed, without SciPy: Numba's first call loads its linear algebra where it finds it (16 MB more), which it does
where the extra “train” is installed alone."""


def seconds(act: Callable[[], object], repeats: int = 3) -> float:
    """Return the median processor time of an act."""
    found = []
    for _ in range(repeats):
        begun = time.process_time()
        act()
        found.append(time.process_time() - begun)
    return statistics.median(found)


def alone(code: str, n: int, file: Path, *, posts: int = 100, **environment: str) -> float:
    """Return the number that a process of its own prints, with so many queries."""
    prepared = PREPARED.format(folder=str(Path(__file__).parent), n=n, posts=posts, file=str(file))
    env = {**os.environ, **environment}
    run = subprocess.run([sys.executable, "-c", prepared + code], capture_output=True, text=True, check=True, env=env)
    return float(run.stdout)


def sizes(posts: pa.Table, seen: pa.Table, parsed: Mapping[str, Query], counts: list[int]) -> tuple[Points, Figures]:
    """Print speed by number of queries; return matches and µs a post by number, and posts a second."""
    print("With places. Spellings known; posts that hold new ones after the first were read; the first posts of all.")
    print(
        "queries  posts/s  without places  µs/post  matches/post  new: posts/s (spellings)  first: posts/s (spellings)"
    )
    points: dict[int, tuple[float, float]] = {}
    figures: dict[str, float] = {}
    for n in counts:
        engine = Engine({i: parsed[i] for i in list(parsed)[:n]}, knowledge=KNOWLEDGE)
        engine.match(seen.slice(0, 1))
        first = seen.num_rows / _spent(engine, seen, spans=True)
        met = engine.lexicon.size
        pieces = [posts.slice(k * (posts.num_rows // 3), posts.num_rows // 3) for k in range(3)]
        each = pieces[0].num_rows
        fresh, known, plain = (
            each / statistics.median(_spent(engine, piece, spans=spans) for piece in pieces)
            for spans in (True, True, False)
        )
        points[n] = (len(engine.match(pieces[0]).row) / each, 1e6 / known)
        figures |= {f"speed {n}": known, f"speed {n} new": fresh, f"speed {n} first": first}
        new = (engine.lexicon.size - met) / posts.num_rows
        print(
            f"{n:>7,}  {known:>7,.0f}  {plain:>14,.0f}  {points[n][1]:>7.2f}  {points[n][0]:>12.2f}"
            f"  {fresh:>12,.0f} ({new:.2f})  {first:>20,.0f} ({met / seen.num_rows:.2f})",
            flush=True,
        )
    return points, figures


def _spent(engine: Engine, posts: pa.Table, *, spans: bool) -> float:
    return seconds(lambda: engine.match(posts, spans=spans), 1)


def law(points: Points) -> None:
    """Print the line µs/post = a + b × matches."""
    x, y = (np.array([v[k] for v in points.values()]) for k in (0, 1))
    b, a = np.polyfit(x, y, 1)
    rest = ((y - a - b * x) ** 2).sum() / ((y - y.mean()) ** 2).sum()
    print(f"\nlaw: µs/post = {a:.2f} + {b:.2f} × matches   (R² {1 - rest:.3f})")


def tokens(posts: pa.Table, engine: Engine) -> Figures:
    """Print the pass that cuts words, alone, beside the whole."""
    texts = posts["text"].combine_chunks()
    cut = seconds(
        lambda: [engine.lexicon.read(texts, k, min(k + 1000, len(texts))) for k in range(0, len(texts), 1000)]
    )
    whole = seconds(lambda: engine.match(posts, spans=True))
    print(
        f"cutting words alone: {len(texts) / cut:,.0f} posts/s; matching with places takes {whole / cut:.1f} × its time"
    )
    return {"time of words": whole / cut}


def against(
    parsed: Mapping[str, Query], posts: pa.Table, counts: list[int], samples: Mapping[str, int]
) -> tuple[Speeds, Figures]:
    """Print peers beside us on the same posts and queries; return their posts a second, and ratios."""
    print("\npeer                    queries    posts/s      Vigie  ratio  pairs: theirs, ours, only one has")
    speeds: dict[str, dict[int, float]] = {}
    ratios: dict[str, float] = {}
    for n in counts:
        asked = {i: parsed[i] for i in list(parsed)[:n]}
        engine = Engine(asked, knowledge=KNOWLEDGE)
        engine.match(posts, spans=True)
        for name, answer in peers.PEERS.items():
            found = _beside(name, answer, asked, engine, posts.slice(0, samples[name]), posts)
            if found is not None:
                speeds.setdefault(name, {})[n] = found[0]
                ratios[f"× {name.removeprefix('pure Python, ')} {n}"] = found[1] / found[0]
    return speeds, ratios


def _beside(
    name: str, answer: Callable, asked: Mapping[str, Query], engine: Engine, some: pa.Table, posts: pa.Table
) -> tuple[float, float] | None:
    """Print a peer beside us; return the posts a second of both."""
    if name in peers.GIVEN_PLAIN:
        facts_too = name != "Lucene Monitor"
        asked = {i: Query(peers.unaccented(q.root)) for i, q in asked.items() if facts_too or not peers.has_facts(q)}
        engine = Engine(asked, knowledge=KNOWLEDGE, lexicon=engine.lexicon)
        engine.match(some, spans=True)
    given = answer(asked, some)
    if given is None:
        print(f"{name:<22}  {len(asked):>7,}  is not installed here")
        return None
    pairs, spent = given
    ours = some.num_rows / spent, posts.num_rows / seconds(lambda: engine.match(posts, spans=True))
    found = engine.match(some)
    mine = {(int(r), engine.ids[q]) for r, q in zip(found.row, found.query, strict=True)}
    compared = f"{len(pairs):,}, {len(mine):,}, {len(mine ^ pairs):,}"
    print(
        f"{name:<22}  {len(asked):>7,}  {ours[0]:>9,.0f}  {ours[1]:>9,.0f}  {ours[1] / ours[0]:>5.0f}  {compared}",
        flush=True,
    )
    return ours


def batches(engine: Engine, posts: pa.Table) -> Figures:
    """Print what a batch of each size takes."""
    print()
    figures = {}
    for size in (1, 10, 100, 1_000, 10_000):
        times = []
        for k in range(min(200, max(1, posts.num_rows // size))):
            begun = time.perf_counter()
            engine.match(posts.slice(k * size, size), spans=True)
            times.append(time.perf_counter() - begun)
        middle = statistics.median(times)
        figures[f"ms of {size}"] = middle * 1000
        print(f"a batch of {size:>6,}: {middle * 1000:>8.2f} ms, {size / middle:>9,.0f} posts/s")
    return figures


def threads(engine: Engine, posts: pa.Table) -> None:
    """Print two threads beside one, by the wall clock."""
    half = posts.num_rows // 2
    begun = time.perf_counter()
    engine.match(posts, spans=True)
    one = time.perf_counter() - begun
    workers = [
        threading.Thread(target=engine.match, args=(posts.slice(k * half, half),), kwargs={"spans": True})
        for k in (0, 1)
    ]
    begun = time.perf_counter()
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    print(f"two threads: {one / (time.perf_counter() - begun):.2f} × one")


def changes(parsed: Mapping[str, Query], posts: pa.Table) -> Figures:
    """Print what one more query costs."""
    engine = Engine({i: parsed[i] for i in list(parsed)[:10_000]}, knowledge=KNOWLEDGE)
    engine.match(posts)
    times = []
    for k in range(5):
        begun = time.perf_counter()
        engine.changed({"new": parse(f"(nouveau{k} NEAR/3 douleur) OR doliprane~1 OR fi?vre OR vacc*")}).match(
            posts.slice(0, 1)
        )
        times.append((time.perf_counter() - begun) * 1000)
    middle = statistics.median(times)
    print(f"one query added to {len(engine):,}: {middle:.0f} ms, {engine.lexicon.size:,} spellings known")
    return {"ms added": middle}


def starts(n: int) -> Figures:
    """Print starts in processes of their own: of nothing, of compiled kernels, of what the last one kept too."""
    figures = {}
    with tempfile.TemporaryDirectory() as folder:
        for name, file, extra in (
            ("cold", "cold", {"NUMBA_CACHE_DIR": NUMBA_COLD}), ("anew", "kept", {}), ("warm", "kept", {}),
        ):  # fmt: skip
            shutil.rmtree(NUMBA_COLD, ignore_errors=True)
            figures[f"start {name}"] = alone(START, n, Path(folder) / file, **extra)
            print(f"{name} start with {n:,} queries: {figures[f'start {name}']:.2f} s")
    shutil.rmtree(NUMBA_COLD, ignore_errors=True)
    return figures


def memory(counts: tuple[int, int], posts: int) -> Figures:
    """Print what engines of two sizes, restored as at a start, take in processes that have read some posts."""
    found = []
    with tempfile.TemporaryDirectory() as folder:
        for n in counts:
            file = Path(folder) / str(n)
            alone(START, n, file)
            found.append(statistics.median(alone(MEMORY, n, file, posts=posts) for _ in range(3)))
    each = (found[1] - found[0]) / (counts[1] - counts[0]) * 1000
    fixed = found[0] - each * counts[0] / 1000
    print(f"memory: {each:.2f} MB per 1,000 queries beside {fixed:.0f} MB (kernels, spellings of {posts:,} posts)")
    return {"MB a thousand": each, "MB fixed": fixed}


def tagging(posts: pa.Table) -> Figures:
    """Print tagging with 30,000 phrases beside Aho-Corasick on folded text."""
    import ahocorasick_rs

    from vigie.text import words

    vocabulary = drawn.vocabulary("fr")
    phrases = [f"{vocabulary[k]} {vocabulary[k // 7]}" if k % 3 else vocabulary[k + 2_000] for k in range(30_000)]
    lexicon, texts = Lexicon(), posts["text"].combine_chunks()
    tagger = Phrases(phrases, lexicon)
    tagger.tag(texts)
    ours = seconds(lambda: [tagger.tag(texts.slice(k, 1000)) for k in range(0, len(texts), 1000)])
    cut = [lexicon.read(texts, k, min(k + 1000, len(texts))) for k in range(0, len(texts), 1000)]
    alone = len(texts) / seconds(lambda: [tagger.of(tokens) for tokens in cut])
    finder = ahocorasick_rs.AhoCorasick([f" {' '.join(w.plain for w in words.words(p))} " for p in phrases])
    few = texts.slice(0, 2_000).to_pylist()
    peer = seconds(
        lambda: [finder.find_matches_as_indexes(f" {' '.join(w.plain for w in words.words(t))} ") for t in few], 1
    )
    speed, theirs = len(texts) / ours, len(few) / peer
    print(
        f"\ntagging with 30,000 phrases: {alone:,.0f} posts/s on words cut for matching, {speed:,.0f} with the cutting; ahocorasick_rs on folded text {theirs:,.0f}; ratio {speed / theirs:.0f}"
    )
    return {"tagging": alone}


def back_fill(posts: int) -> Figures:
    """Print one new query over posts of an archive."""
    import random
    from datetime import UTC, datetime

    from vigie.schema.tables import ARCHIVE, conform

    some = drawn.posts(min(posts, 100_000), seed=5)
    n = some.num_rows
    now = datetime(2026, 10, 30, tzinfo=UTC)
    with tempfile.TemporaryDirectory() as folder:
        archive = Archive(folder)
        for part in range(posts // n):
            columns = {
                "post_key": [f"{part:08d}{k:08d}".encode() for k in range(n)], "version": [1] * n, "heard_at": [now] * n,
                "space_id": [1] * n, "heard_month": ["2026-10"] * n, "network": ["forum"] * n,
                "native_id": [str(k) for k in range(n)],
            }  # fmt: skip
            table = some.drop_columns(["language"])
            for name, values in columns.items():
                table = table.append_column(name, pa.array(values, ARCHIVE.field(name).type))
            archive.append({f"b{part}": conform(table, ARCHIVE, what="benchmark")})
        engine = Engine({"new": parse('sereli* AND ("mal de tête" OR vomir OR poids)')})
        begun, seen, hits = time.perf_counter(), 0, 0
        for batch in archive.sample_batches(random.Random(1), columns=["title", "text"]):
            found = engine.match(pa.Table.from_batches([batch]).select(["title", "text"]))
            seen, hits = seen + batch.num_rows, hits + len(found.row)
        spent = time.perf_counter() - begun
        print(f"one new query over {seen:,} archived posts: {spent:.1f} s, {seen / spent:,.0f} posts/s, {hits:,} found")
        return {"back-fill": seen / spent, "preview": previewed(archive)}


def previewed(archive: Archive) -> float:
    """Print the preview of a query on all that is archived, part by part, until it is exact; return the longest time."""
    import random

    from vigie.flows.preview import Looker, Preview
    from vigie.match import compile_queries

    longest = 0.0
    for asked in (
        'sereli* AND ("mal de tête" OR vomir OR poids)',
        "(sereli* OR kalmo*) AND (tete NEAR/5 mal) AND NOT prise",
    ):
        queries = compile_queries({"q": asked})
        looker = Looker(queries["q"], queries, ())
        batches = (
            pa.Table.from_batches([b]) for b in archive.sample_batches(random.Random(1), columns=["title", "text"])
        )
        preview = Preview((b.select(["title", "text"]) for b in batches), looker.look, total=archive.count(), threads=2)
        begun, first = time.perf_counter(), None
        while not preview.is_over:
            preview.go_on(seconds=1.0, monotonic=time.perf_counter)
            first = first or preview.estimate()
        spent = time.perf_counter() - begun
        longest = max(longest, spent)
        said = (
            f"first second: {first.low:,} to {first.high:,}"
            if first and not first.is_exact
            else "exact in the first second"
        )
        print(f"preview of {len(looker.parts)} parts: exact after {spent:.1f} s, {preview.matched:,} found; {said}")
    return longest


def main() -> int:
    """Measure all; 1 when a ratio that is a goal was missed, or not measured."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--quick", action="store_true", help="small sizes, no drawing")
    quick = asked.parse_args().quick
    posts, seen = drawn.posts(9_000 if quick else 60_000), drawn.posts(5_000 if quick else 60_000, seed=9)
    counts = [100, 1_000] if quick else [100, 1_000, 3_000, 10_000, 30_000]
    parsed = {i: parse(e) for i, e in drawn.queries(max(counts)).items()}
    points, speeds = sizes(posts, seen, parsed, counts)
    law(points)
    figures = {**speeds, **one_size(parsed, posts, seen), **others(posts, quick=quick)}
    theirs, ratios = against(parsed, posts.slice(0, 10_000), [1_000] if quick else [1_000, 10_000], SAMPLES)
    figures |= ratios | compared(speeds, theirs)
    if not quick:
        plot.draw(points, theirs, PLOT)
    print(
        f"\n{goals.table(figures)}\n\n† a ratio of one run: it decides. The others depend on the machine and on what else it does."
    )
    missed = goals.missed(figures, all_of_them=not quick)
    print(f"missed: {'; '.join(missed) or 'none'}")
    return 1 if missed else 0


def one_size(parsed: Mapping[str, Query], posts: pa.Table, seen: pa.Table) -> Figures:
    """Measure what concerns a thousand queries, and a change of many."""
    engine = Engine({i: parsed[i] for i in list(parsed)[:1_000]}, knowledge=KNOWLEDGE)
    engine.match(seen, spans=True)
    figures = {**tokens(posts, engine), **batches(engine, posts)}
    threads(engine, posts)
    return figures | changes(parsed, seen)


def others(posts: pa.Table, *, quick: bool) -> Figures:
    """Measure starts, memory, tagging and the archive."""
    figures = {**starts(1_000 if quick else 10_000), **memory((100, 1_000) if quick else (100, 10_000), 20_000)}
    return {**figures, **tagging(posts), **back_fill(100_000 if quick else 1_000_000)}


def compared(speeds: Figures, theirs: Speeds) -> Figures:
    """Return ratios of what was measured apart: sizes with one another, first posts with pure Python."""
    found = {}
    if "speed 10000" in speeds:
        found["time 10000"] = speeds["speed 1000"] / speeds["speed 10000"]
    for n, speed in theirs.get("pure Python, compiled", {}).items():
        found[f"× compiled {n} first"] = speeds[f"speed {n} first"] / speed
    return found


if __name__ == "__main__":
    sys.exit(main())
