"""Each step beside its peers on the same posts of the demo, in one run: posts a second of one thread's processor time.

Ours begins from raw text in every row, so words are cut anew for each. A peer does what it can: lingua and pycld2 tell more
languages, datasketch groups by as many lanes and bands, ahocorasick_rs finds the same names and ways of saying in folded text,
without what is said of them; learners of tone have learnt from the same tweets.
"""

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pyarrow as pa

sys.path.insert(0, str(Path(__file__).parents[1]))
import stories
from goals import Goal
from health import demo_texts

from enriching.telling import Answer, language_peers, learners, vader
from vigie.enrich.health.finder import HealthFinder
from vigie.enrich.health.table import drug_rows, said_rows, shipped
from vigie.enrich.language import LanguageLabeller
from vigie.enrich.tone_grams import ToneLabeller
from vigie.enrich.training import tone
from vigie.text import words
from vigie.text.lexicon import Lexicon
from vigie.text.sketches import Sketcher

POSTS = 3_000
"""Posts asked: some seconds of the slowest."""


def rate(texts: Sequence[str], answer: Callable[[Sequence[str]], object], repeats: int = 1) -> float:
    """Return posts a second: the median of repeats, after some posts that warm up."""
    answer(texts[:100])
    found = sorted(_seconds(answer, texts) for _ in range(repeats))
    return len(texts) / found[repeats // 2]


def _seconds(answer: Callable[[Sequence[str]], object], texts: Sequence[str]) -> float:
    begun = time.thread_time()
    answer(texts)
    return time.thread_time() - begun


def goals(folder: Path) -> Iterator[Goal]:
    """Print each step beside its peers; ours is the faster."""
    texts = demo_texts()
    texts = texts[:: len(texts) // POSTS][:POSTS]
    french = [text for text, name in zip(texts, LanguageLabeller().label(texts)[0], strict=True) if name == "fr"]
    print(f"\nbeside peers: {len(texts):,} posts of the demo, {len(french):,} of them French (tone, names)")
    for step, asked, ours, peers in (
        ("language", texts, LanguageLabeller().label, language_peers()),
        ("tone", french, _tone, _tone_peers(folder)),
        ("stories", texts, _stories(), {"datasketch": stories.by_datasketch}),
        ("health names", french, _health(), {"ahocorasick_rs": _automaton()}),
    ):
        own = rate(asked, ours, 5)
        print(f"{step:<14} ours {own:>34,.0f} posts/s")
        for name, answer in peers.items():
            theirs = rate(asked, answer)
            print(f"{'':<14} {name:<28} {theirs:>10,.0f} posts/s   ours {own / theirs:,.1f} times that")
            yield Goal(f"{step}: times {name}", own / theirs, at_least=1)


def _tone(texts: Sequence[str]) -> object:
    return ToneLabeller().label(texts, ["fr"] * len(texts))


def _tone_peers(folder: Path) -> dict[str, Answer]:
    """Return the peers of tone, as taught French."""
    if not folder.is_dir():
        return {}
    told = tone.tweets(folder / "sentiment/umsab", "fr", "train")
    names = list(told.labels)
    return {"VADER with VADER-FR's list": vader(folder / "sentiment", "fr"), **learners(told.texts, names)}


def _stories() -> Callable[[Sequence[str]], object]:
    sketcher = Sketcher(Lexicon())
    return lambda texts: stories.groups_of(texts, sketcher)


def _health() -> Callable[[Sequence[str]], object]:
    finder, lexicon = HealthFinder(), Lexicon()

    def find(texts: Sequence[str]) -> object:
        array = pa.array(texts, pa.large_string())
        return finder.find(array, ["fr"] * len(texts), lexicon=lexicon, tokens=lexicon.read(array))

    return find


def _automaton() -> Answer:
    """Return ahocorasick_rs on all names and ways of saying that the finder looks for in French."""
    import ahocorasick_rs

    phrases = [*drug_rows((), shipped(), False), *said_rows("fr", False)]
    machine = ahocorasick_rs.AhoCorasick([f" {_plain(phrase)} " for phrase in phrases])
    return lambda texts: [str(machine.find_matches_as_indexes(f" {_plain(text)} ")) for text in texts]


def _plain(text: str) -> str:
    return " ".join(word.plain for word in words.words(text))
