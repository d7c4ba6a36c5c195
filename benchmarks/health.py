"""Claim: medicines, effects, illnesses and devices are found in tens of thousands of posts a second on one core.

`python benchmarks/health.py FOLDER`: the folder holds the sets that the card names. Seconds are those of the thread's processor
time, medians of repeats, after the words were cut (the matching pass did that). The demo's posts are of all kinds; PsyTAR's
sentences are all about a medicine, so each is read by the model as well. Figures come from the card's measures.
"""

import argparse
import statistics
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa

sys.path.insert(0, str(Path(__file__).parent))
from goals import Goal, told

from vigie.demo.corpus import batches
from vigie.enrich.health.finder import HealthFinder
from vigie.enrich.health.sentences import committed
from vigie.enrich.language import LanguageLabeller
from vigie.enrich.training import health, health_measuring
from vigie.enrich.training.health_names import DRUG, EFFECT
from vigie.text.lexicon import Lexicon

REPEATS = 5

POSTS = 20_000
"""Posts timed: a second of the work."""


def speed(texts: Sequence[str], languages: Sequence[str | None]) -> tuple[float, int]:
    """Return posts a second, the median of repeats after one that warms up, and how many things are found."""
    finder, lexicon = HealthFinder(), Lexicon()
    array = pa.array(texts, pa.large_string())
    tokens = lexicon.read(array)
    taken, found = [], 0
    for n in range(REPEATS + 1):
        begun = time.thread_time()
        found = finder.find(array, languages, lexicon=lexicon, tokens=tokens).num_rows
        if n:
            taken.append(time.thread_time() - begun)
    return len(texts) / statistics.median(taken), found


def demo_texts() -> list[str]:
    """Return the demo company's posts."""
    rows = [
        row
        for batch in batches(posts=POSTS, until=datetime(2026, 10, 30, tzinfo=UTC))
        for row in batch.posts.select(["title", "text"]).to_pylist()
    ]
    return [f"{row['title']}\n{row['text']}" if row["title"] else row["text"] for row in rows]


def main() -> int:
    """Time the finder and print what it reaches."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", default=Path(__file__).parents[2] / "shared/data")
    folder = parser.parse_args().folder
    goals = []
    texts = demo_texts()
    languages = LanguageLabeller().label(texts)[0]
    rate, found = speed(texts, languages)
    print(f"demo: {len(texts):,} posts, {found:,} findings, {rate:,.0f} posts/s")
    goals.append(Goal("health: posts/s, one core, the demo's posts", rate, at_least=25_000))
    if not folder.is_dir():
        print(f"{folder} is missing: give the folder that holds the sets which the card names")
        return told(goals)
    sentences = health.sentences(folder, "train").texts
    about = [f"Zoloft. {text}" for text in sentences] * 4
    rate, found = speed(about, ["en"] * len(about))
    print(f"reviews: {len(about):,} texts that name a medicine, {found:,} findings, {rate:,.0f} posts/s")
    goals.append(Goal("health: posts/s, one core, each about a medicine", rate, at_least=10_000))
    by_model = health_measuring.psytar(folder, "test", committed())
    alone = health_measuring.phee(folder, "test", DRUG, learnt=False)
    known = health_measuring.phee(folder, "test", DRUG, learnt=True)
    effects = health_measuring.phee(folder, "test", EFFECT, learnt=True)
    for name, row in (
        ("PsyTAR test", by_model),
        ("PHEE drugs, base alone", alone),
        ("PHEE drugs", known),
        ("PHEE effects", effects),
    ):
        print(name, {key: round(value, 4) if isinstance(value, float) else value for key, value in row.items()})
    goals += [
        Goal("PsyTAR test, holds an effect: F1", by_model["f1"], at_least=0.74),
        Goal("PHEE test, drugs by the base alone: recall", alone["recall"], at_least=0.55),
        Goal("PHEE test, drugs with learnt names: F1", known["f1"], at_least=0.70),
    ]
    return told(goals)


if __name__ == "__main__":
    raise SystemExit(main())
