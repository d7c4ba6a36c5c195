"""Whether a sentence of somebody who takes a medicine tells an unwanted effect: a trained model, English alone.

What it adds to the lists: effects in words that no list has (“I was out of control”), told without a name. Trained by
`vigie health train` on the sentences of PsyTAR; `cards/health-sentences.toml` says what it reaches. It is asked only of
texts that name a medicine, as those it learnt from are all about one.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from vigie.enrich.tone import NEGATORS, TURNS
from vigie.enrich.valences import table
from vigie.text import grams
from vigie.text.features import Valences, batches, weighed

MODELS = Path(__file__).parents[1] / "models"

LANGUAGE = "en"
"""The one language with such sentences to learn from, under a licence that lets the model ship."""

VERSION = "1"

LONGEST = 2_000
"""Letters of a sentence that are read: a third of a page, and a bound on the work."""

WORD_SHARE = 1.4
"""How much more words count than characters; as for tone."""

FACTS = ("named", "how many", "denied", "illness", "medicine", "past", "somebody else's", "perhaps")
"""What the rules found in a sentence, in numbers."""

LEAST = 0.5
"""Probability from which a sentence tells an effect. By five folds of PsyTAR's train and dev sentences: rules alone F1 0.75,
with the model 0.80; 71 % of what it adds is right."""

MOST_SENTENCES = 40
"""Sentences of a text that are read: two pages, and a bound on the work."""

_STOP = re.compile(r"[.!?;\n…]+(?=\s|$)|\n")


@dataclass(frozen=True, slots=True)
class Sentences:
    """The trained model."""

    weights: NDArray[np.float32]
    """One column, by slot."""
    facts: NDArray[np.float32]
    offset: float

    @property
    def bits(self) -> int:
        """Return how many bits a slot's number has."""
        return int(self.weights.shape[0]).bit_length() - 1

    def shares(self, texts: Sequence[str], facts: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the probability of each sentence that it tells an effect.

        Args:
            texts: Sentences.
            facts: What the rules found, `FACTS` columns, as `facts_of` counts it.
        """
        scores = np.zeros((len(texts), 1), np.float32)
        for rows, data, offsets, room in batches(texts, LONGEST):
            scores[rows] = weighed(
                data, offsets, room, bits=self.bits, most=LONGEST, valences=plain_words(), weights=self.weights,
                word_share=WORD_SHARE,
            ).scores  # fmt: skip
        told = scores[:, 0] + facts @ self.facts + np.float32(self.offset)
        return np.asarray(1 / (1 + np.exp(-told)), np.float32)


@cache
def plain_words() -> Valences:
    """Return what the reader of features knows of words: which turn others, and no valence."""
    nothing = [0.0] * (grams.LISTS + 1)
    known = dict.fromkeys(NEGATORS[LANGUAGE], grams.NEGATOR) | dict.fromkeys(TURNS[LANGUAGE], grams.TURN)
    return table({word: (nothing, part) for word, part in known.items()}, {}, splits=False)


def facts_of(found: pa.Table, n: int) -> NDArray[np.float32]:
    """Count what was found in each of n sentences: `FACTS` columns."""
    facts = np.zeros((n, len(FACTS)), np.float32)
    row = found["row"].to_numpy()
    kind = np.array(found["kind"].to_pylist(), object)
    flags = {
        name: found[name].to_numpy(zero_copy_only=False) for name in ("negated", "hypothetical", "past", "of_another")
    }
    reaction = kind == "reaction"
    told = reaction & ~flags["negated"] & ~flags["hypothetical"]
    facts[:, 1] = np.log1p(np.bincount(row[told], minlength=n))
    facts[:, 0] = facts[:, 1] > 0
    for column, which in (
        (2, reaction & ~told), (3, kind == "condition"), (4, kind == "drug"), (5, told & flags["past"]),
        (6, told & flags["of_another"]), (7, reaction & flags["hypothetical"]),
    ):  # fmt: skip
        facts[row[which], column] = 1
    return facts


def tells(shares: NDArray[np.float32], facts: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Say which sentences tell an effect that no list names: sure enough, and nothing was named or denied in them."""
    return np.asarray((shares >= LEAST) & ~facts[:, : FACTS.index("medicine")].any(axis=1))


def cut(text: str) -> Iterator[tuple[int, int]]:
    """Yield the places of the sentences of a text, end excluded, the first `MOST_SENTENCES`."""
    begin = n = 0
    for stop in (*_STOP.finditer(text), None):
        end = stop.end() if stop else len(text)
        if text[begin:end].strip(" \t\r\n.!?;…"):
            yield begin + len(text[begin:end]) - len(text[begin:end].lstrip()), begin + len(text[begin:end].rstrip())
            n += 1
        begin = end
        if n >= MOST_SENTENCES:
            return


@cache
def committed() -> Sentences:
    """Return the committed model."""
    return load(MODELS / "health-en.npz")


def load(path: Path) -> Sentences:
    """Read a model: weights in int8 and their scale, facts, offset."""
    with np.load(path, allow_pickle=False) as found:
        weights = found["weights"].astype(np.float32) * np.float32(found["scale"])
        return Sentences(np.ascontiguousarray(weights), found["facts"], float(found["offset"]))
