"""Stories the slow way: exact pairs of words, every post against every other, sets in plain Python."""

import re
from collections.abc import Iterable, Sequence
from itertools import combinations

from vigie.text import words
from vigie.text.groups import APART
from vigie.text.sketches import FEWEST_WORDS, LINKS


def read(text: str) -> list[str]:
    """Return the words of a text that a sketch reads."""
    found = [word for word in words.words(re.sub(LINKS, " ", text)) if word.sign != "@"]
    return [word.plain for word in found if word.plain[0].isalnum()]


def pairs(text: str) -> frozenset[object]:
    """Return the pairs of words of a text, whatever their order; none of a text of few words."""
    found = read(text)
    if len(found) < FEWEST_WORDS:
        return frozenset()
    return frozenset(
        tuple(sorted((one, other))) for at, one in enumerate(found) for other in found[max(0, at - APART) : at]
    )


def likeness(one: frozenset[object], other: frozenset[object]) -> float:
    """Return the share of pairs that two texts have in common (Jaccard)."""
    return len(one & other) / len(one | other) if one and other else 0.0


def partition(n: int, ties: Iterable[tuple[int, int]]) -> set[frozenset[int]]:
    """Return the groups of two or more that ties make."""
    group = {i: {i} for i in range(n)}
    for one, other in ties:
        together = group[one] | group[other]
        for i in together:
            group[i] = together
    return {frozenset(some) for some in group.values() if len(some) > 1}


def alike(texts: Sequence[str], least: float) -> list[tuple[int, int]]:
    """Return the pairs of places whose texts have so much in common."""
    own = [pairs(text) for text in texts]
    return [(i, j) for i, j in combinations(range(len(texts)), 2) if likeness(own[i], own[j]) >= least]
