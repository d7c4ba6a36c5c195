"""All steps together, as the product calls them, in a process of its own: posts a second, each step's share, memory.

    posts, 1,000 a batch ──flows.ingest──► words, language, tone, health, who, intent ──sketched, grouped──► stories

`python benchmarks/enriching/together.py KIND` prints JSON. The labellers and finders are those of the product's own lists;
each stands in a proxy that adds up its thread's processor seconds. No query is asked: the matching pass cuts words, no more.
"""

import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import pyarrow as pa

sys.path.insert(0, str(Path(__file__).parents[1]))
from goals import Goal

from vigie.enrich.finders import FINDERS
from vigie.enrich.labellers import LABELLERS
from vigie.enrich.stories import StoryIndex, batch_of
from vigie.flows.ingest import ingest
from vigie.match import compile_queries
from vigie.text.sketches import Sketcher

BATCH, REPEATS = 1_000, 5
"""Posts a batch, as the door takes them (DESIGN §1); runs of which the median counts, after one that meets the words."""

POSTS = {"demo": 20_000, "long": 12_000}
"""Posts of the demo company, and of the corpus of `match.py` (61 words on average): a second of the work or so."""

ASKED, AIM, MOST_MB = 10_000, 25_000, 600
"""Posts a second on one core, and megabytes of the process (issue 6, Figures)."""


class Timed:
    """Something of the product, and the processor seconds that one of its methods takes."""

    def __init__(self, whole: object, method: str) -> None:
        self._whole, self.seconds = whole, 0.0
        setattr(self, method, self._timed(getattr(whole, method)))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._whole, name)

    def _timed(self, act: Callable[..., Any]) -> Callable[..., Any]:
        def run(*args: Any, **named: Any) -> Any:
            begun = time.thread_time()
            answer = act(*args, **named)
            self.seconds += time.thread_time() - begun
            return answer

        return run


@dataclass(frozen=True)
class Steps:
    """The product's steps, timed, by name."""

    queries: Timed
    labellers: Sequence[Timed]
    finders: Sequence[Timed]
    sketcher: Timed

    @classmethod
    def new(cls) -> "Steps":
        """Return the steps on one vocabulary, as in a worker."""
        queries = compile_queries({})
        sketcher = Timed(Sketcher(queries.engine.lexicon), "sketch")
        labellers, finders = [Timed(one, "label") for one in LABELLERS], [Timed(one, "find") for one in FINDERS]
        return cls(Timed(queries, "found"), labellers, finders, sketcher)

    def by_name(self) -> dict[str, Timed]:
        """Return them in the order they are run in."""
        named = {one.kind: one for one in self.labellers} | {one.name: one for one in self.finders}
        return {"words cut": self.queries, **named, "stories: sketched": self.sketcher}


def once(posts: Sequence[pa.Table], steps: Steps) -> dict[str, float]:
    """Run all steps over all batches; return the seconds of each, and of the whole as `whole`."""
    for step in steps.by_name().values():
        step.seconds = 0.0
    index, ids, numbers = StoryIndex(), count(1), count(1)
    place = Timed(index, "place")
    begun = time.thread_time()
    for batch in posts:
        n = batch.num_rows
        ingest(batch, queries=steps.queries, keep=[True] * n, labellers=steps.labellers, finders=steps.finders)
        sketched = steps.sketcher.sketch(batch["text"].chunk(0)).signatures
        some = [next(ids) for _ in range(n)]
        keys, none = [i.to_bytes(8, "little") for i in some], [None] * n
        placed = place.place(batch_of(some, keys, none, none, sketched, at=some[0]))
        index.name([next(numbers) for _ in range(placed.made)])
    whole = time.thread_time() - begun
    parts = {name: step.seconds for name, step in steps.by_name().items()} | {"stories: grouped": place.seconds}
    return parts | {"between them": whole - sum(parts.values()), "whole": whole}


def tables(kind: str) -> list[pa.Table]:
    """Return posts of a kind in batches."""
    if kind == "demo":
        from health import demo_texts

        texts = demo_texts()[: POSTS[kind]]
    else:
        from matching import drawn

        texts = drawn.posts(POSTS[kind])["text"].to_pylist()
    return [pa.table({"text": pa.array(some, pa.large_string())}) for some in _batched(texts)]


def _batched(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    yield from (texts[at : at + BATCH] for at in range(0, len(texts), BATCH))


def measure(kind: str) -> dict[str, Any]:
    """Return the seconds of the median run and of the first one, what was read, and the process's peak memory."""
    posts, steps = tables(kind), Steps.new()
    # Compiled code is loaded, tables are laid out: a start, not a post.
    once([posts[0].slice(0, 10)], steps)
    first = once(posts, steps)["whole"]
    runs = sorted((once(posts, steps) for _ in range(REPEATS)), key=lambda run: run["whole"])
    n = sum(table.num_rows for table in posts)
    letters = sum(len(text) for table in posts for text in table["text"].to_pylist())
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"posts": n, "letters": letters / n, "first": first, "run": runs[REPEATS // 2], "mb": peak}


def goals() -> Iterator[Goal]:
    """Measure each kind of posts in a process of its own, and print what each step takes."""
    for kind in POSTS:
        run = subprocess.run([sys.executable, __file__, kind], capture_output=True, text=True, check=True)
        found = json.loads(run.stdout.splitlines()[-1])
        n, whole = found["posts"], found["run"].pop("whole")
        print(
            f"\nall steps together, {kind}: {n:,} posts, {found['letters']:.0f} characters on average: {n / whole:,.0f} posts/s;"
            f" {n / found['first']:,.0f} at first sight of their words; peak memory {found['mb']:.0f} MB"
        )
        for name, seconds in found["run"].items():
            print(f"   {name:<20} {1e6 * seconds / n:>6.2f} µs a post   {seconds / whole:>6.1%}")
        yield Goal(f"all steps, {kind}: posts/s, one core", n / whole, at_least=ASKED)
        if kind == "demo":
            yield Goal(f"all steps, {kind}: posts/s, one core, the aim", n / whole, at_least=AIM)
        yield Goal(f"all steps, {kind}: peak memory, MB", found["mb"], at_most=MOST_MB)


if __name__ == "__main__":
    print(json.dumps(measure(sys.argv[1])))
