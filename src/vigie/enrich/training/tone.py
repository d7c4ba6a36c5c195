"""Train the tone model of a language and measure it: `vigie tone train FOLDER`.

The folder holds `umsab` (tweets), `xed` (French lines) and `goemotions-en` (English comments), as their sources give
them. A model learnt on the second kind of text speaks through three more facts of each tweet; as all is linear, its
weights are folded into those of the tweets, and cost nothing to run.

NB weighting: each feature is multiplied, before a regression of one tone against the others, by how much its counts
differ between the two (Wang and Manning, ACL 2012).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from threadpoolctl import threadpool_limits

from vigie.enrich.accuracy import f1_of
from vigie.enrich.cards.tables import Labelled, labelled, tweets
from vigie.enrich.tone_grams import LONGEST, TONES, WORD_SHARE, Model, Scores, softmax
from vigie.enrich.valences import valences
from vigie.text.features import batches, spoken

BITS = 18
"""2^18 slots x 3 tones in int8 are 0.79 MB before they are compressed; fewer lose 0.1 points a halving (measure)."""

OTHER = {"fr": ("xed", "fr.tsv"), "en": ("goemotions-en", "en_train.tsv")}
"""The set of another kind of text that helps each language. By cross-validation: English comments raise macro-F1 from
0.644 to 0.658; French subtitles change nothing on tweets (0.671, 0.670), and bring words that tweets do not have."""

CANDIDATES = (3.0, 6.0)
"""Inverse strengths of regularisation that are tried inside the training folds."""

OTHER_C = 3.0
"""The same, of the model of another kind of text: not tuned."""

SMOOTHING, LEAST, SPREAD = 0.5, 0.25, 0.75
"""NB weighting: what is added to counts, and the factor LEAST + SPREAD x |ratio| / mean |ratio| (0.1 + 0.9 and 0.5 + 0.5
give the same to 0.2 points)."""

FACTS_SHARE = 0.4
"""What standardised facts are multiplied by, that is how freely they are used (0.2 to 0.8 differ by 0.5 points)."""

FOLDS, INNER_FOLDS, SEEDS = 5, 3, (0, 1, 2, 3, 4)

WIDEST_QUANTILE = 0.9995
"""Share of the weights that int8 holds uncut."""

Labels = NDArray[np.int64]
Matrix = Any
"""A sparse matrix of scipy, which has no types."""


@dataclass(frozen=True, slots=True)
class Read:
    """Features of texts."""

    hashed: Matrix
    facts: NDArray[np.float64]

    def __getitem__(self, rows: NDArray[np.int64]) -> "Read":
        return Read(self.hashed[rows], self.facts[rows])


@dataclass(frozen=True, slots=True)
class Linear:
    """Weights by tone."""

    hashed: NDArray[np.float64]
    facts: NDArray[np.float64]
    offset: NDArray[np.float64]

    def scores(self, read: Read) -> Scores:
        """Return a score by tone, a row a text."""
        return np.asarray(read.hashed @ self.hashed.T + read.facts @ self.facts.T + self.offset, np.float32)


def read(texts: Sequence[str], language: str) -> Read:
    """Return the features of texts, as the model in use computes them."""
    blocks, facts = [], []
    for _, data, offsets, room in batches(texts, LONGEST):
        found = spoken(data, offsets, room, bits=BITS, most=LONGEST, valences=valences(language))
        words, characters = found.middle - found.first[:-1], found.first[1:] - found.middle
        lengths = np.stack([words, characters], axis=1).ravel()
        share = np.stack([WORD_SHARE / np.sqrt(np.maximum(words, 1)), 1 / np.sqrt(np.maximum(characters, 1))], axis=1)
        values = np.repeat(share.ravel(), lengths)
        block = sp.csr_matrix((values, found.slots, found.first), shape=(len(words), 1 << BITS))
        block.sum_duplicates()
        blocks.append(block)
        facts.append(found.facts.astype(np.float64))
    return Read(sp.vstack(blocks).tocsr(), np.concatenate(facts))


def fit(given: Read, truth: Labels, inverse_strength: float, counts: NDArray[np.float64] | None = None) -> Linear:
    """Return the weights of three regressions, one tone against the others; `counts` says how much each text counts."""
    seen = np.unique(given.hashed.indices)
    hashed = given.hashed[:, seen]
    mean, spread = given.facts.mean(axis=0), given.facts.std(axis=0) + 1e-6
    facts = sp.csr_matrix((given.facts - mean) / spread * FACTS_SHARE)
    weights, of_facts = np.zeros((len(TONES), given.hashed.shape[1])), np.zeros((len(TONES), len(mean)))
    offset = np.zeros(len(TONES))
    for tone in range(len(TONES)):
        is_tone = truth == tone
        if not is_tone.any():
            continue
        factor = nb_factor(hashed, is_tone)
        regression = LogisticRegression(C=inverse_strength, max_iter=150, tol=1e-3)
        regression.fit(sp.hstack([hashed @ sp.diags(factor), facts]).tocsr(), is_tone, sample_weight=counts)
        weights[tone, seen] = regression.coef_[0, : len(seen)] * factor
        of_facts[tone] = regression.coef_[0, len(seen) :] * FACTS_SHARE / spread
        offset[tone] = regression.intercept_[0] - of_facts[tone] @ mean
    return Linear(weights, of_facts, offset)


def nb_factor(hashed: Matrix, is_tone: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return what each feature is multiplied by before a tone is told from the others."""
    present = hashed > 0
    own = np.asarray(present[is_tone].sum(axis=0)).ravel() + SMOOTHING
    others = np.asarray(present[~is_tone].sum(axis=0)).ravel() + SMOOTHING
    ratio = np.abs(np.log(own / own.sum()) - np.log(others / others.sum()))
    return np.asarray(LEAST + SPREAD * ratio / ratio.mean())


@dataclass(slots=True)
class Trainer:
    """Tweets of a language, and the model of another kind of text that helps to read them."""

    language: str
    other: Linear
    given: Read
    truth: Labels
    texts: list[str]
    chosen: list[float] = field(default_factory=list)
    """What each training chose among `CANDIDATES`."""

    def fit(self, rows: Labels) -> Linear:
        """Return the weights of some tweets, the setting chosen among them alone, the other model folded in."""
        inverse_strength = self._choose(rows)
        self.chosen.append(inverse_strength)
        return self.folded(fit(self.helped(self.given[rows]), self.truth[rows], inverse_strength))

    def helped(self, some: Read) -> Read:
        """Return features with what the other model says of the texts as facts beside them."""
        return Read(some.hashed, np.hstack([some.facts, self.other.scores(some)]))

    def folded(self, found: Linear) -> Linear:
        """Return weights that need no second model: all is linear."""
        n = self.given.facts.shape[1]
        mix = found.facts[:, n:]
        return Linear(
            found.hashed + mix @ self.other.hashed, found.facts[:, :n] + mix @ self.other.facts,
            found.offset + mix @ self.other.offset,
        )  # fmt: skip

    def _choose(self, rows: Labels) -> float:
        """Return the candidate that tells best the tweets it has not seen, among these."""
        reached = dict.fromkeys(CANDIDATES, 0.0)
        for seen, asked in _folds(self.truth[rows], INNER_FOLDS, seed=0):
            for c in CANDIDATES:
                found = fit(self.helped(self.given[rows[seen]]), self.truth[rows[seen]], c)
                scores = found.scores(self.helped(self.given[rows[asked]]))
                reached[c] += macro_f1(self.truth[rows[asked]], scores)
        return max(CANDIDATES, key=lambda c: reached[c])


def _folds(truth: Labels, n: int, *, seed: int) -> list[tuple[Labels, Labels]]:
    return list(StratifiedKFold(n, shuffle=True, random_state=seed).split(np.zeros(len(truth)), truth))


def macro_f1(truth: Labels, scores: Scores) -> float:
    """Return the mean F1 of the tones."""
    n = len(TONES)
    table = np.bincount(truth * n + scores.argmax(axis=1), minlength=n * n).reshape(n, n)
    return float(f1_of(table).mean())


def trainer(folder: Path, language: str) -> Trainer:
    """Read what a language is trained on."""
    name, file = OTHER[language]
    other = labelled(
        folder / name / file, dropped=frozenset((folder / name / "drop_ids.txt").read_text("utf-8").split())
    )
    own = of_tweets(folder, language)
    return Trainer(
        language, fit(read(other.texts, language), numbers(other), OTHER_C), read(own.texts, language), numbers(own), own.texts
    )  # fmt: skip


def of_tweets(folder: Path, language: str) -> Labelled:
    """Return all tweets of a language that may be trained on."""
    parts = [tweets(folder / "umsab", language, split) for split in ("train", "val")]
    return Labelled([t for part in parts for t in part.texts], [v for part in parts for v in part.labels])


def numbers(some: Labelled) -> Labels:
    """Return labels as places among `TONES`."""
    return np.array([TONES.index(label) for label in some.labels], np.int64)


@dataclass(frozen=True, slots=True)
class Crossed:
    """Scores of each tweet by models that had not seen it, a table a seed."""

    texts: list[str]
    truth: Labels
    scores: list[Scores]
    shares: list[Scores]
    """Probabilities, the temperature fitted on the other folds."""


def crossed(found: Trainer, seeds: Sequence[int] = SEEDS) -> Crossed:
    """Answer each tweet by a model trained without it, once a seed."""
    tables, calibrated = [], []
    for seed in seeds:
        scores, shares = np.zeros((len(found.truth), len(TONES)), np.float32), None
        folds = _folds(found.truth, FOLDS, seed=seed)
        for seen, asked in folds:
            scores[asked] = found.fit(seen).scores(found.given[asked])
        shares = np.zeros_like(scores)
        for seen, asked in folds:
            shares[asked] = softmax(scores[asked] / np.float32(temperature(scores[seen], found.truth[seen])))
        tables.append(scores)
        calibrated.append(shares)
    return Crossed(found.texts, found.truth, tables, calibrated)


def temperature(scores: Scores, truth: Labels) -> float:
    """Return the temperature under which the truth is most probable (Guo and others, ICML 2017), in steps of 0.01."""

    def surprise(t: float) -> float:
        return -float(np.log(softmax(scores / np.float32(t))[np.arange(len(truth)), truth] + 1e-9).mean())

    return min((round(n / 100, 2) for n in range(30, 250)), key=surprise)


def calibration_error(shares: Scores, truth: Labels, bins: int = 15) -> float:
    """Return the expected calibration error: by bins of equal width, how far probability and being right are apart."""
    sure, right = shares.max(axis=1), shares.argmax(axis=1) == truth
    part = np.minimum((sure * bins).astype(int), bins - 1)
    gaps = [
        abs(float(sure[part == n].mean() - right[part == n].mean())) * float((part == n).mean())
        for n in set(part.tolist())
    ]
    return float(sum(gaps))


def final(found: Trainer, known: Crossed) -> Model:
    """Return the model of all tweets, as it is saved; its temperature is that of the tweets not seen."""
    linear = found.fit(np.arange(len(found.truth)))
    warmth = float(np.mean([temperature(scores, known.truth) for scores in known.scores]))
    whole, scale = rounded(linear.hashed.T)
    return Model(
        found.language, whole.astype(np.float32) * np.float32(scale), linear.facts.astype(np.float32),
        linear.offset.astype(np.float32), round(warmth, 3),
    )  # fmt: skip


def rounded(weights: NDArray[Any]) -> tuple[NDArray[np.int8], float]:
    """Return weights as int8, and the scale that makes them weights again."""
    scale = float(np.float32(np.quantile(np.abs(weights[weights != 0]), WIDEST_QUANTILE) / 127))
    return np.clip(np.round(weights / scale), -127, 127).astype(np.int8), scale


def train(folder: Path, language: str, *, told: Callable[[Crossed], None] = lambda known: None) -> Model:
    """Train the model of a language on one thread; `told` gets what models said of tweets they had not seen."""
    with threadpool_limits(1):
        found = trainer(folder, language)
        known = crossed(found)
        told(known)
        return final(found, known)
