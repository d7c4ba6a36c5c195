"""Which words would drop the most noise: from what people marked “not about us”."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from vigie.text import words

MOST_LOST = 0.01
"""Share of the good mentions that an exclusion may lose: one in a hundred, as a query is for what must not be missed."""

FEWEST = 2
"""Noise mentions that must have a word: one proves nothing."""

FEWEST_LETTERS = 3
"""Letters of a word that is proposed; shorter ones are articles."""


@dataclass(frozen=True, slots=True)
class Exclusion:
    """What `NOT word` would do."""

    word: str
    dropped: int
    """Noise mentions that have the word."""
    lost: int
    """Good mentions that have it."""


def exclusions(
    noise: Sequence[str], good: Sequence[str], *, asked: Iterable[str] = (), most: int = 8
) -> list[Exclusion]:
    """Return the words whose exclusion drops the most noise for at most one good mention in a hundred.

    Ranked by noise dropped, then by good lost, then by the word. Cost: every word of the texts, once.

    Args:
        noise: Texts marked as not about us.
        good: Texts that are not.
        asked: Words that the query asks for: they are never proposed.
    """
    dropped, lost = _texts_with(noise), _texts_with(good)
    never = set(asked)
    found = [
        Exclusion(word, count, lost[word])
        for word, count in dropped.items()
        if count >= FEWEST and lost[word] <= MOST_LOST * len(good) and word not in never and lost[word] < count
    ]
    return sorted(found, key=lambda e: (-e.dropped, e.lost, e.word))[:most]


def _texts_with(texts: Iterable[str]) -> Counter[str]:
    """Count the texts that have each word, accents taken off."""
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update({w.plain for w in words.words(text) if len(w.plain) >= FEWEST_LETTERS and w.plain.isalpha()})
    return counts
