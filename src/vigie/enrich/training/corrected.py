"""Train a tone model on its tweets with what people corrected beside them: `vigie tone train FOLDER --with-corrections`.

Measured before and after are the same recipe without and with corrections, on tweets and corrections that neither has
seen: the committed model has seen all tweets, so its own answers to them would prove nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import scipy.sparse as sp
from threadpoolctl import threadpool_limits

from vigie.enrich import adapting
from vigie.enrich.adapting import FOLDS, Given
from vigie.enrich.tone_grams import TONES, Model, Scores
from vigie.enrich.training import tone
from vigie.enrich.training.tone import CANDIDATES, Labels, Linear, Read, Trainer

WEIGHT = 3.0
"""Tweets that a correction counts as: a person's word on the very kind of text. Not tuned."""


@dataclass(frozen=True, slots=True)
class Crossed:
    """Answers of models that had not seen the text, without corrections and with them."""

    truth: Labels
    before: Labels
    after: Labels
    tweets_truth: Labels
    tweets_before: Labels
    tweets_after: Labels


def train(
    folder: Path, language: str, given: Given, *, rng: np.random.Generator, told: Callable[[], None] = lambda: None
) -> tuple[Model, Crossed]:
    """Return the model of all tweets and corrections, and what five folds say of it; on one thread."""
    with threadpool_limits(1):
        found = tone.trainer(folder, language)
        texts = tone.read(list(given.texts), language)
        known, scores = _crossed(found, texts, given.labels, rng, told)
        everything = np.arange(len(found.truth)), np.arange(len(given.labels))
        return _model(found, _fitted(found, texts, given.labels, *everything), scores), known


def _crossed(
    found: Trainer, texts: Read, labels: Labels, rng: np.random.Generator, told: Callable[[], None]
) -> tuple[Crossed, Scores]:
    of_tweets, of_texts = adapting.folds(len(found.truth), rng), adapting.folds(len(labels), rng)
    before, after = (np.zeros((len(labels), len(TONES)), np.float32) for _ in range(2))
    tweets_before, tweets_after = (np.zeros((len(found.truth), len(TONES)), np.float32) for _ in range(2))
    for part in range(FOLDS):
        seen, asked = np.flatnonzero(of_tweets != part), np.flatnonzero(of_tweets == part)
        texts_seen, texts_asked = np.flatnonzero(of_texts != part), np.flatnonzero(of_texts == part)
        without = _fitted(found, texts, labels, seen, texts_seen[:0])
        with_them = _fitted(found, texts, labels, seen, texts_seen)
        for linear, own, tweets in ((without, before, tweets_before), (with_them, after, tweets_after)):
            tweets[asked] = linear.scores(found.given[asked])
            own[texts_asked] = linear.scores(texts[texts_asked])
        told()
    said = [scores.argmax(axis=1) for scores in (before, after, tweets_before, tweets_after)]
    return Crossed(labels, said[0], said[1], found.truth, said[2], said[3]), tweets_after


def _fitted(found: Trainer, texts: Read, labels: Labels, tweets: Labels, corrections: Labels) -> Linear:
    """Return the weights of some tweets and corrections, the other set's model folded in."""
    own, beside = found.helped(found.given[tweets]), found.helped(texts[corrections])
    rows = Read(sp.vstack([own.hashed, beside.hashed]).tocsr(), np.concatenate([own.facts, beside.facts]))
    truth = np.concatenate([found.truth[tweets], labels[corrections]])
    counts = np.concatenate([np.ones(len(tweets)), np.full(len(corrections), WEIGHT)])
    return found.folded(tone.fit(rows, truth, CANDIDATES[0], counts))


def _model(found: Trainer, linear: Linear, scores: Scores) -> Model:
    """Return the weights as a model; its temperature is that of the tweets not seen."""
    return Model(
        found.language, linear.hashed.T.astype(np.float32).copy(), linear.facts.astype(np.float32),
        linear.offset.astype(np.float32), tone.temperature(scores, found.truth),
    )  # fmt: skip
