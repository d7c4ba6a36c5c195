"""Claim: who speaks and what for are told of more than 50,000 posts a second on one core, both together.

`python benchmarks/speaking.py FOLDER`: the folder holds `sentiment/umsab`. Beside them the same rules as plain regular
expressions, one a rule, over the same tweets in small letters without accents: they know neither sentences nor quotations,
so they do less. Seconds are those of the thread's processor time, medians of repeats; peers are timed on fewer posts.
"""

import argparse
import re
import statistics
import sys
import time
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa

sys.path.insert(0, str(Path(__file__).parent))
from goals import Goal, told

from vigie.enrich import intent, speaker
from vigie.enrich.cards.tables import tweets
from vigie.enrich.finders import FINDERS
from vigie.enrich.ruling import WORDS, words_of
from vigie.text.lexicon import Lexicon
from vigie.text.wordings import ANY, conditions, written_out
from vigie.text.words import fold

REPEATS = 5
COPIES = 20
PEER_POSTS = 500


def median(work: Callable[[], object], repeats: int = REPEATS) -> float:
    """Return the median of the thread's seconds, after a run that warms up."""
    work()
    taken = []
    for _ in range(repeats):
        begun = time.thread_time()
        work()
        taken.append(time.thread_time() - begun)
    return statistics.median(taken)


def expressions() -> list[re.Pattern[str]]:
    """Return a plain expression a rule: words parted by anything but letters."""
    classes, lists = words_of(*WORDS)
    found = []
    for rule in (*speaker.ruling().rules, *intent.ruling().rules):
        shapes = [r"\?"] if "?" in rule.wordings else []
        for wording in rule.wordings:
            if wording not in ("?", "?!"):
                shapes += [_shape(steps) for steps in written_out(conditions(wording)[1], classes, lists)]
        found.append(re.compile(r"\b(?:" + "|".join(shapes) + r")\b"))
    return found


def _shape(steps: list[tuple[str, ...]]) -> str:
    return r"\W+".join(r"\w+" if step == (ANY,) else "(?:" + "|".join(_word(w) for w in step) + ")" for step in steps)


def _word(word: str) -> str:
    return re.escape(fold(word.rstrip("*")).plain) + (r"\w*" if word.endswith("*") else "")


def plainly(text: str) -> str:
    """Return a text in small letters without accents."""
    return "".join(c for c in unicodedata.normalize("NFD", text.lower()) if not unicodedata.combining(c))


def main() -> int:
    """Time both."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", default=Path(__file__).parents[2] / "shared/data")
    folder = parser.parse_args().folder / "sentiment/umsab"
    if not folder.is_dir():
        print(f"{folder} is missing: give the folder that holds the tweets")
        return 0
    some = [(text, tag) for tag in ("fr", "en") for text in tweets(folder, tag, "train").texts] * COPIES
    texts, tags = pa.array([text for text, _ in some], pa.large_string()), [tag for _, tag in some]
    lexicon = Lexicon()
    cutting = median(lambda: lexicon.read(texts))
    tokens = lexicon.read(texts)
    shares = {f.name: median(lambda f=f: f.find(texts, tags, lexicon=lexicon, tokens=tokens)) for f in FINDERS}
    for name, seconds in {"cutting into words": cutting, **shares}.items():
        print(f"{name:<20} {len(some) / seconds:>12,.0f} posts/s")
    rules = expressions()
    plain = [plainly(text) for text, _ in some[:: len(some) // PEER_POSTS]]
    peer = len(plain) / median(lambda: [rule.search(text) for text in plain for rule in rules], 1)
    ours = len(some) / sum(shares.values())
    print(f"{'plain expressions':<20} {peer:>12,.0f} posts/s ({len(rules)} rules)")
    return told(
        [
            Goal("who and what for: posts/s, one core, words cut already", ours, at_least=50_000),
            Goal("who and what for: times plain expressions", ours / peer, at_least=1),
        ]
    )


if __name__ == "__main__":
    raise SystemExit(main())
