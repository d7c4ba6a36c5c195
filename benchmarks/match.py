"""Claim: a hundred thousand posts a second against a thousand standing queries, on one core, places included.

`python benchmarks/match.py [--quick]`. Posts and queries are drawn by a seed (`matching/drawn.py`); posts are matched
that the engine has not seen, on a lexicon that has read others. Peers answer the same queries in the same run
(`matching/peers.py`); their pairs are compared with ours. Seconds are those of one thread's processor time, medians of
repeats. Goals: reference of the query language's issue; printed beside what was measured.
"""

import argparse
import resource
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pyarrow as pa

sys.path.insert(0, str(Path(__file__).parent))
from matching import drawn, peers

from vigie.match import Knowledge, Query, parse
from vigie.match.engine import Engine
from vigie.store.archive import Archive
from vigie.text.lexicon import Lexicon
from vigie.text.phrases import Phrases

KNOWLEDGE = Knowledge(drawn.SECRET)
START = """
import sys, time
begun = time.perf_counter()
sys.path.insert(0, {folder!r})
from matching import drawn
from vigie.match import Knowledge, parse
from vigie.match.engine import Engine
expressions, posts = drawn.queries({n}), drawn.posts(100)
ready = time.perf_counter()
engine = Engine({{i: parse(e) for i, e in expressions.items()}}, knowledge=Knowledge(drawn.SECRET))
engine.match(posts, spans=True)
print(time.perf_counter() - ready)
"""


def seconds(act: Callable[[], object], repeats: int = 3) -> float:
    """Return the median processor time of an act."""
    found = []
    for _ in range(repeats):
        begun = time.process_time()
        act()
        found.append(time.process_time() - begun)
    return statistics.median(found)


def rss() -> float:
    """Return the memory in use now, in MB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1e6


def sizes(
    posts: pa.Table, seen: pa.Table, parsed: Mapping[str, Query], counts: list[int]
) -> dict[int, tuple[float, float]]:
    """Print speed by number of queries; return matches and µs a post."""
    print("Spellings known, then posts that hold new ones (spellings a post).")
    print("queries  posts/s  with places  µs/post  matches/post  MB more  new: posts/s (spellings)")
    found = {}
    for n in counts:
        before = rss()
        engine = Engine({i: parsed[i] for i in list(parsed)[:n]}, knowledge=KNOWLEDGE)
        engine.match(seen, spans=True)
        pieces = [posts.slice(k * (posts.num_rows // 3), posts.num_rows // 3) for k in range(3)]
        known = engine.lexicon.size
        fresh = statistics.median(_spent(engine, piece, spans=True) for piece in pieces)
        new = (engine.lexicon.size - known) / posts.num_rows
        with_places = statistics.median(_spent(engine, piece, spans=True) for piece in pieces)
        plain = statistics.median(_spent(engine, piece, spans=False) for piece in pieces)
        matches = len(engine.match(pieces[0]).row) / pieces[0].num_rows
        each = pieces[0].num_rows
        found[n] = (matches, with_places / each * 1e6)
        print(
            f"{n:>7,}  {each / plain:>7,.0f}  {each / with_places:>11,.0f}  {found[n][1]:>7.2f}  {matches:>12.2f}"
            f"  {rss() - before:>7.0f}  {each / fresh:>12,.0f} ({new:.2f})",
            flush=True,
        )
    return found


def _spent(engine: Engine, posts: pa.Table, *, spans: bool) -> float:
    return seconds(lambda: engine.match(posts, spans=spans), 1)


def law(found: Mapping[int, tuple[float, float]]) -> None:
    """Print the line µs/post = a + b × matches."""
    x, y = (np.array([v[k] for v in found.values()]) for k in (0, 1))
    b, a = np.polyfit(x, y, 1)
    rest = ((y - a - b * x) ** 2).sum() / ((y - y.mean()) ** 2).sum()
    print(f"\nlaw: µs/post = {a:.2f} + {b:.2f} × matches   (R² {1 - rest:.3f})")


def tokens(posts: pa.Table, engine: Engine) -> None:
    """Print the pass that cuts words, alone, beside the whole."""
    texts = posts["text"].combine_chunks()
    cut = seconds(
        lambda: [engine.lexicon.read(texts, k, min(k + 1000, len(texts))) for k in range(0, len(texts), 1000)]
    )
    whole = seconds(lambda: engine.match(posts, spans=True))
    print(
        f"cutting words alone: {len(texts) / cut:,.0f} posts/s; matching with places takes {whole / cut:.1f} × its time (goal ≤ 5)"
    )


def against(parsed: Mapping[str, Query], posts: pa.Table, counts: list[int], samples: Mapping[str, int]) -> None:
    """Print peers beside us on the same posts and queries."""
    print("\npeer                    queries    posts/s      Vigie  ratio  pairs: theirs, ours, only one has")
    for n in counts:
        asked = {i: parsed[i] for i in list(parsed)[:n]}
        engine = Engine(asked, knowledge=KNOWLEDGE)
        engine.match(posts, spans=True)
        for name, answer in peers.PEERS.items():
            _beside(name, answer, asked, engine, posts.slice(0, samples[name]), posts)


def _beside(
    name: str, answer: Callable, asked: Mapping[str, Query], engine: Engine, some: pa.Table, posts: pa.Table
) -> None:
    if name == "Lucene Monitor":
        asked = {i: Query(peers.unaccented(q.root)) for i, q in asked.items() if not peers.has_facts(q)}
        engine = Engine(asked, knowledge=KNOWLEDGE, lexicon=engine.lexicon)
        engine.match(some, spans=True)
    given = answer(asked, some)
    if given is None:
        print(f"{name:<22}  {len(asked):>7,}  is not installed here")
        return
    pairs, spent = given
    ours = some.num_rows / spent, posts.num_rows / seconds(lambda: engine.match(posts, spans=True))
    found = engine.match(some)
    mine = {(int(r), engine.ids[q]) for r, q in zip(found.row, found.query, strict=True)}
    compared = "NEAR is AND there" if name == "Tantivy" else f"{len(pairs):,}, {len(mine):,}, {len(mine ^ pairs):,}"
    print(
        f"{name:<22}  {len(asked):>7,}  {ours[0]:>9,.0f}  {ours[1]:>9,.0f}  {ours[1] / ours[0]:>5.0f}  {compared}",
        flush=True,
    )


def batches(engine: Engine, posts: pa.Table) -> None:
    """Print what a batch of each size takes."""
    print()
    for size in (1, 10, 100, 1_000, 10_000):
        times = []
        for k in range(min(200, max(1, posts.num_rows // size))):
            begun = time.perf_counter()
            engine.match(posts.slice(k * size, size), spans=True)
            times.append(time.perf_counter() - begun)
        middle = statistics.median(times)
        print(f"a batch of {size:>6,}: {middle * 1000:>8.2f} ms, {size / middle:>9,.0f} posts/s")


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


def changes(parsed: Mapping[str, Query], posts: pa.Table) -> None:
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
    print(
        f"one query added to {len(engine):,}: {statistics.median(times):.0f} ms (goal ≤ 50), {engine.lexicon.size:,} spellings known"
    )


def starts(n: int) -> None:
    """Print cold and warm starts in processes of their own."""
    code = START.format(folder=str(Path(__file__).parent), n=n)
    for name, extra in (("cold", {"NUMBA_CACHE_DIR": "/dev/shm/vigie-cold"}), ("warm", {})):
        import os
        import shutil

        shutil.rmtree("/dev/shm/vigie-cold", ignore_errors=True)
        run = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True, env={**os.environ, **extra}
        )
        print(f"{name} start with {n:,} queries: {float(run.stdout):.1f} s")
    shutil.rmtree("/dev/shm/vigie-cold", ignore_errors=True)


def tagging(posts: pa.Table) -> None:
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
        f"\ntagging with 30,000 phrases: {alone:,.0f} posts/s on words cut for matching (goal ≥ 300,000), {speed:,.0f} with the cutting; ahocorasick_rs on folded text {theirs:,.0f}; ratio {speed / theirs:.0f}"
    )


def back_fill(posts: int) -> None:
    """Print one new query over posts of an archive."""
    import random
    import tempfile
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
        previewed(archive)


def previewed(archive: Archive) -> None:
    """Print the preview of a query on all that is archived, part by part, until it is exact."""
    import random

    from vigie.flows.preview import Looker, Preview
    from vigie.match import compile_queries

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
        said = (
            f"first second: {first.low:,} to {first.high:,}"
            if first and not first.is_exact
            else "exact in the first second"
        )
        print(
            f"preview of {len(looker.parts)} parts: exact after {spent:.1f} s (goal 3 at a million), {preview.matched:,} found; {said}"
        )


def main() -> None:
    """Measure all."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true")
    quick = parser.parse_args().quick
    posts, seen = drawn.posts(9_000 if quick else 60_000), drawn.posts(5_000 if quick else 60_000, seed=9)
    counts = [100, 1_000] if quick else [100, 1_000, 3_000, 10_000, 30_000]
    parsed = {i: parse(e) for i, e in drawn.queries(max(counts)).items()}
    found = sizes(posts, seen, parsed, counts)
    law(found)
    engine = Engine({i: parsed[i] for i in list(parsed)[:1_000]}, knowledge=KNOWLEDGE)
    engine.match(seen, spans=True)
    tokens(posts, engine)
    batches(engine, posts)
    threads(engine, posts)
    changes(parsed, seen)
    starts(1_000 if quick else 10_000)
    tagging(posts)
    back_fill(100_000 if quick else 1_000_000)
    samples = {"pure Python, compiled": 1_000, "ahocorasick_rs": 1_000, "Tantivy": 10_000, "Lucene Monitor": 1_000}
    against(parsed, posts.slice(0, 10_000), [1_000] if quick else [1_000, 10_000], samples)


if __name__ == "__main__":
    main()
