"""Train the model that tells whether a sentence holds an unwanted effect, and measure it: `vigie health train FOLDER`.

The folder holds `psytar` (binary_train.csv, binary_dev.csv, binary_test.csv) and `phee` (train.json, dev.json, test.json).
A sentence holds an effect when PsyTAR labels it ADR (adverse reaction) or WD (withdrawal).
"""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from threadpoolctl import threadpool_limits

from vigie.enrich.health.finder import HealthFinder, find
from vigie.enrich.health.sentences import FACTS, LANGUAGE, LONGEST, WORD_SHARE, Sentences, facts_of, plain_words, tells
from vigie.enrich.training.tone import Matrix, nb_factor
from vigie.text.features import batches, spoken
from vigie.text.lexicon import Lexicon

BITS = 16
"""2^16 slots in int8 are 65 kB before they are compressed; 4,800 sentences fill a quarter of them."""

STRENGTH, FACTS_SHARE = 1.0, 0.5
"""Inverse strength of regularisation and how freely facts are used; 1 to 3 and 0.5 to 1.5 differ by 0.4 points of F1."""

FOLDS, SEED = 5, 0


@dataclass(frozen=True, slots=True)
class Told:
    """Sentences, and whether each tells an effect."""

    texts: list[str]
    truth: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Given:
    """Features of sentences."""

    hashed: Matrix
    facts: NDArray[np.float32]


def sentences(folder: Path, *splits: str) -> Told:
    """Read the sentences of some splits of PsyTAR."""
    rows = []
    for split in splits:
        with (folder / "psytar" / f"binary_{split}.csv").open(encoding="utf-8", newline="") as file:
            rows += list(csv.DictReader(file, delimiter="\t"))
    truth = [row["ADR"] not in ("", "0") or row["WD"] not in ("", "0") for row in rows]
    return Told([row["sentences"] for row in rows], np.array(truth))


def read(texts: Sequence[str], finder: HealthFinder, lexicon: Lexicon) -> Given:
    """Return the features of sentences, as the model in use computes them."""
    blocks = []
    for _, data, offsets, room in batches(texts, LONGEST):
        found = spoken(data, offsets, room, bits=BITS, most=LONGEST, valences=plain_words())
        words, characters = found.middle - found.first[:-1], found.first[1:] - found.middle
        share = np.stack([WORD_SHARE / np.sqrt(np.maximum(words, 1)), 1 / np.sqrt(np.maximum(characters, 1))], axis=1)
        values = np.repeat(share.ravel(), np.stack([words, characters], axis=1).ravel())
        block = sp.csr_matrix((values, found.slots, found.first), shape=(len(words), 1 << BITS))
        block.sum_duplicates()
        blocks.append(block)
    by_rules = find(texts, [LANGUAGE] * len(texts), finder, lexicon)
    return Given(sp.vstack(blocks).tocsr(), facts_of(by_rules, len(texts)))


def fit(given: Given, truth: NDArray[np.bool_]) -> Sentences:
    """Return the weights of a regression."""
    factor = nb_factor(given.hashed, truth)
    regression = LogisticRegression(C=STRENGTH, max_iter=200, tol=1e-3)
    facts = sp.csr_matrix(given.facts.astype(np.float64) * FACTS_SHARE)
    regression.fit(sp.hstack([given.hashed @ sp.diags(factor), facts]).tocsr(), truth)
    n = len(factor)
    return Sentences(
        (regression.coef_[0, :n] * factor).astype(np.float32)[:, None],
        (regression.coef_[0, n:] * FACTS_SHARE).astype(np.float32), float(regression.intercept_[0]),
    )  # fmt: skip


def shares(model: Sentences, given: Given) -> NDArray[np.float32]:
    """Return the probability of each sentence, from its features."""
    told = given.hashed @ model.weights[:, 0] + given.facts @ model.facts + model.offset
    return np.asarray(1 / (1 + np.exp(-told)), np.float32)


def holds(model: Sentences, given: Given) -> NDArray[np.bool_]:
    """Say of each sentence whether the finder gives it an effect: by rule, or by the model."""
    by_rule = given.facts[:, FACTS.index("named")] > 0
    return np.asarray(by_rule | tells(shares(model, given), given.facts))


def f1(truth: NDArray[np.bool_], said: NDArray[np.bool_]) -> dict[str, float]:
    """Return precision, recall and F1 of sentences said to tell an effect."""
    right = int((truth & said).sum())
    precision, recall = right / max(1, int(said.sum())), right / max(1, int(truth.sum()))
    return {"precision": precision, "recall": recall, "f1": 2 * precision * recall / max(1e-9, precision + recall)}


def crossed(folder: Path) -> dict[str, dict[str, float]]:
    """Answer each sentence of train and dev by a model that has not seen it, and by the rules alone."""
    told = sentences(folder, "train", "dev")
    given = read(told.texts, HealthFinder(sentences=None), Lexicon())
    said = np.zeros(len(told.truth), np.bool_)
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=SEED).split(np.zeros(len(told.truth)), told.truth)
    with threadpool_limits(1):
        for seen, asked in folds:
            model = fit(Given(given.hashed[seen], given.facts[seen]), told.truth[seen])
            said[asked] = holds(model, Given(given.hashed[asked], given.facts[asked]))
    by_rule = given.facts[:, FACTS.index("named")] > 0
    return {"rules": f1(told.truth, by_rule), "rules and model": f1(told.truth, said)}


def train(folder: Path) -> Sentences:
    """Train on all sentences of train and dev, on one thread."""
    told = sentences(folder, "train", "dev")
    given = read(told.texts, HealthFinder(sentences=None), Lexicon())
    with threadpool_limits(1):
        return rounded(fit(given, told.truth))


def rounded(model: Sentences) -> Sentences:
    """Return the model as it is kept: weights in int8."""
    scale = np.float32(np.abs(model.weights).max() / 127)
    return Sentences(np.round(model.weights / scale) * scale, model.facts, model.offset)


def save(model: Sentences, path: Path) -> None:
    """Write a model; the same model gives the same bytes."""
    scale = np.float32(np.abs(model.weights).max() / 127)
    np.savez_compressed(
        path, weights=np.round(model.weights / scale).astype(np.int8), scale=scale, facts=model.facts,
        offset=np.float64(model.offset),
    )  # fmt: skip
