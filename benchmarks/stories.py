"""Claim: stories are told at 100,000 posts a second and core, with 0.95 of planted edits found, 0.99 of what is grouped right.

`python benchmarks/stories.py [FOLDER] [--posts N]`. First quality: posts of the demo, and tweets (UMSAB train, French and English)
when the folder holds them, each unlike the others, each edited in seven ways, told in any order; beside ours word triples
with the same lanes and bands, and with half of them. Then speed, from raw text to stories, one thread, processor time, medians:
N posts, half of them edited copies, in batches of 1,000, an index that holds all of them; beside it datasketch's MinHash and
MinHashLSH of as many lanes and bands on the same pairs of words, cut by the same rule, each candidate's likeness checked as ours
is. Last the memory of the index, and how cost grows with it. Exit 1 when a goal is missed.
"""

import argparse
import random
import re
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "support"))
from edits import EDITS, edited, unlike
from goals import Goal, told
from story_oracle import pairs, read

from vigie.demo import corpus
from vigie.enrich.stories import LEAST_ALIKE, Batch, StoryIndex
from vigie.text.groups import BANDS, ROWS_A_BAND
from vigie.text.lexicon import Lexicon
from vigie.text.sketches import LANES, Sketcher

RATE, RECALL, PRECISION = 100_000, 0.95, 0.99
"""Posts a second, shares of edits found and of pairs that belong together (issue 6, part 3)."""

BATCH, REPEATS, PEER_POSTS = 1_000, 3, 3_000
"""Posts a batch; runs of which the median is taken; posts that the peer is timed on: some seconds of its work."""

UNLIKE = 0.2
"""Share of pairs that two posts of the quality sets have in common at most: they are no copies of each other."""

LENGTHS = (4.0, 0.5)
"""Mean and deviation of the logarithm of a timed post's words: 61 on average, as in `match.py`'s corpus."""


def groups_of(texts: Sequence[str], sketcher: Sketcher) -> list[int]:
    """Return the story of each text, 0 alone."""
    index, named = StoryIndex(), 0
    for first in range(0, len(texts), BATCH):
        placed = index.place(batch(texts[first : first + BATCH], first, sketcher))
        index.name(range(named + 1, named + 1 + placed.made))
        named += placed.made
    found: list[int] = index.stories_of(np.arange(1, len(texts) + 1)).tolist()
    return found


def batch(texts: Sequence[str], first: int, sketcher: Sketcher) -> Batch:
    """Return posts as a batch; each has a key and repeats nobody by name."""
    posts = np.arange(first + 1, first + len(texts) + 1)
    none, signatures = np.zeros(len(texts), np.uint64), sketcher.sketch(pa.array(texts, pa.large_string())).signatures
    return Batch(posts, posts.astype(np.uint64), none, none, signatures, posts, np.zeros(len(texts), np.int64))


def demo_posts() -> list[str]:
    """Return posts of the demo."""
    until = datetime(2026, 3, 1, tzinfo=UTC)
    batches = corpus.batches(posts=6_000, days=30, until=until)
    return list(dict.fromkeys(text for one in batches for text in one.posts["text"].to_pylist()))


def tweets(folder: Path) -> list[str]:
    """Return tweets of the sets that models are trained on; none without the folder."""
    files = [folder / f"sentiment/umsab/{name}_train.tsv" for name in ("fr", "en")]
    rows = [line.split("\t") for file in files if file.is_file() for line in file.read_text("utf-8").splitlines()[1:]]
    return list(dict.fromkeys(max(row, key=len) for row in rows))


def quality(name: str, texts: Sequence[str]) -> list[Goal]:
    """Plant edits of texts that are unlike each other, and count what is found."""
    base = unlike(texts, pairs, most=UNLIKE)
    planted = edited(base)
    every = [*base, *(e.text for e in planted)]
    truth = [*range(len(base)), *(e.of for e in planted)]
    order = random.Random(6).sample(range(len(every)), len(every))
    found = groups_of([every[i] for i in order], Sketcher(Lexicon()))
    story = dict(zip(order, found, strict=True))
    recalled = Counter(e.kind for i, e in enumerate(planted, len(base)) if story[i] and story[i] == story[truth[i]])
    recall, precision = sum(recalled.values()) / len(planted), precision_of(story, truth)
    print(
        f"\n{name}: {len(base):,} posts unlike each other, {len(planted):,} edits; recall {recall:.4f}, precision {precision:.4f}"
    )
    for kind in EDITS:
        print(f"   {kind:<28} {recalled[kind] / len(base):.4f}")
    for label, sketch, lanes in (
        ("triples", triples, LANES),
        ("triples", triples, LANES // 2),
        ("pairs", pairs, LANES // 2),
    ):
        print(
            f"   beside it, {label}, {lanes} lanes, pairs of posts alone: recall {slow_recall(base, planted, sketch, lanes):.4f}"
        )
    return [
        Goal(f"{name}: recall of planted edits", recall, at_least=RECALL),
        Goal(f"{name}: precision, pairs of posts", precision, at_least=PRECISION),
    ]


def precision_of(story: dict[int, int], truth: Sequence[int]) -> float:
    """Return the share of pairs of one story that come from one post."""
    grouped: dict[int, Counter[int]] = {}
    for i, number in story.items():
        if number:
            grouped.setdefault(number, Counter())[truth[i]] += 1
    made = sum(some.total() * (some.total() - 1) for some in grouped.values())
    return sum(n * (n - 1) for some in grouped.values() for n in some.values()) / made


def triples(text: str) -> frozenset[object]:
    """Return the word triples of a text, in their order."""
    found = read(text)
    return frozenset(zip(found, found[1:], found[2:], strict=False)) if pairs(text) else frozenset()


def slow_recall(
    base: Sequence[str], planted: Sequence[tuple[int, str, str]], sketch: Callable[[str], frozenset[object]], lanes: int
) -> float:
    """Return the share of edits that meet their post in a band and are alike by so many lanes, of other sets of words."""
    rng = np.random.default_rng(1)
    factors, addends = rng.integers(0, 1 << 32, (2, lanes), dtype=np.uint64)
    seen: dict[str, np.ndarray | None] = {}

    def lowest(text: str) -> np.ndarray | None:
        if text not in seen:
            hashes = np.array([hash(one) & 0xFFFFFFFF for one in sketch(text)], np.uint64)
            mixed = hashes[:, None] * (factors | np.uint64(1)) + addends & np.uint64(0xFFFFFFFF)
            seen[text] = mixed.min(axis=0) if len(hashes) else None
        return seen[text]

    hits = 0
    for of, _kind, text in planted:
        one, other = lowest(base[of]), lowest(text)
        if one is not None and other is not None:
            same = one == other
            hits += bool(same.reshape(-1, ROWS_A_BAND).all(axis=1).any() and same.mean() >= LEAST_ALIKE)
    return hits / len(planted)


def timed_posts(n: int) -> list[str]:
    """Return posts of everyday words, of which each second is an edited copy of one before."""
    rng = random.Random(11)
    words = sorted({word for text in demo_posts() for word in re.findall(r"\w+", text)})
    weights = [1 / rank for rank in range(1, len(words) + 1)]
    rng.shuffle(words)
    drawn = iter(rng.choices(words, weights, k=n * 50))
    posts: list[str] = []
    kinds = list(EDITS.values())
    while len(posts) < n:
        size = min(300, max(8, int(rng.lognormvariate(*LENGTHS))))
        posts.append(" ".join(next(drawn, "encore") for _ in range(size)))
        posts.append(rng.choice(kinds)(rng.choice(posts[-500:]).split(), rng))
    return posts[:n]


def seconds(run: Callable[[], object], repeats: int = REPEATS) -> float:
    """Return the median of processor seconds."""
    taken = []
    for _ in range(repeats):
        begun = time.thread_time()
        run()
        taken.append(time.thread_time() - begun)
    return statistics.median(taken)


def by_datasketch(texts: Sequence[str]) -> int:
    """Group texts by datasketch's MinHash and MinHashLSH and a forest in Python; return how many are in a group."""
    from datasketch import MinHash, MinHashLSH

    index = MinHashLSH(num_perm=LANES, params=(BANDS, ROWS_A_BAND))
    sketches: dict[int, object] = {}
    parent = list(range(len(texts)))

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = i = parent[parent[i]]
        return i

    for i, text in enumerate(texts):
        own = pairs(text)
        if not own:
            continue
        minhash = MinHash(num_perm=LANES)
        minhash.update_batch([" ".join(pair).encode() for pair in own])  # type: ignore[arg-type]
        for other in index.query(minhash):
            if minhash.jaccard(sketches[other]) >= LEAST_ALIKE:
                parent[root(i)] = root(other)
        sketches[i] = minhash
        index.insert(i, minhash)
    sizes = Counter(root(i) for i in range(len(texts)))
    return sum(n for n in sizes.values() if n > 1)


def speed(n: int) -> Iterator[Goal]:
    """Time ours and the peer."""
    texts = timed_posts(n)
    sketcher = Sketcher(Lexicon())
    groups_of(texts[: 2 * BATCH], sketcher)
    rate = n / seconds(lambda: groups_of(texts, sketcher))
    parts = {
        "words cut and sketched": lambda: [
            sketcher.sketch(pa.array(texts[i : i + BATCH], pa.large_string())) for i in range(0, n, BATCH)
        ]
    }
    for name, run in parts.items():
        print(
            f"\n{n:,} posts, {sum(map(len, texts)) / n:.0f} characters on average; {name}: {n / seconds(run):,.0f} posts/s"
        )
    few = texts[:PEER_POSTS]
    ours = seconds(lambda: groups_of(few, sketcher))
    peer = seconds(lambda: by_datasketch(few), 1)
    print(
        f"text to stories: {rate:,.0f} posts/s; in one run on {len(few):,}: ours {len(few) / ours:,.0f}, datasketch {len(few) / peer:,.0f}"
    )
    alone, together = sum(map(bool, groups_of(few, sketcher))), by_datasketch(few)
    print(f"in a story: ours {alone:,}, datasketch {together:,} of {len(few):,}")
    yield Goal("text to stories, posts/s, one core", rate, at_least=RATE)
    yield Goal("times datasketch on the same posts", peer / ours, at_least=50)
    yield Goal("in a story, ours over datasketch's", alone / together, at_least=0.98)


def growth() -> Iterator[Goal]:
    """Tell how cost and memory grow with the posts that an index holds."""
    texts = timed_posts(160_000)
    sketcher, index, named = Sketcher(Lexicon()), StoryIndex(), 0
    print("\nposts held   µs a post of the next 10,000, words cut and sketched before")
    first_cost = last_cost = 0.0
    for first in range(0, len(texts), 10_000):
        batches = [batch(texts[at : at + BATCH], at, sketcher) for at in range(first, first + 10_000, BATCH)]
        begun = time.thread_time()
        for one in batches:
            placed = index.place(one)
            index.name(range(named + 1, named + 1 + placed.made))
            named += placed.made
        last_cost = (time.thread_time() - begun) / 10_000 * 1e6
        first_cost = first_cost or last_cost
        if first in (0, 10_000, 40_000, 70_000, 150_000):
            print(f"{first:>10,}   {last_cost:.2f}")
    rows = index.rows()
    begun = time.thread_time()
    StoryIndex.of(rows)
    print(
        f"loaded again from {rows.num_rows:,} rows in {time.thread_time() - begun:.2f} s; {index.bytes / rows.num_rows:,.0f} bytes a post"
    )
    yield Goal("bytes of the index a post", index.bytes / rows.num_rows, at_most=1_500)


def main() -> int:
    """Run all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", default=Path(__file__).parents[2] / "shared/data")
    parser.add_argument("--posts", type=int, default=100_000)
    asked = parser.parse_args()
    goals = quality("demo", demo_posts())
    if found := tweets(asked.folder):
        goals += quality("tweets", found)
    else:
        print(f"\n{asked.folder} holds no tweets: their figure is not measured")
    goals += [*speed(asked.posts), *growth()]
    return told(goals)


if __name__ == "__main__":
    raise SystemExit(main())
