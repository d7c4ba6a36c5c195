"""Train the language model and measure it: `vigie language train FOLDER`.

The folder holds `language` (lines of subtitles by language), `sentiment/umsab` (tweets), `sentiment/goemotions-en` and
`hpo` (names of symptoms, French and English), as their sources give them.
"""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vigie.enrich.cards.tables import labelled, tweets
from vigie.enrich.language import LONGEST, LanguageLabeller, Model
from vigie.enrich.training.descent import descend
from vigie.schema.vocab import UNDETERMINED
from vigie.text.features import batches, spelt

TWEETS = ("ar", "de", "en", "es", "fr", "it", "pt")
"""Languages of UMSAB; Hindi is left out, since its files hold English tweets."""

BITS = 15
"""2^15 slots x 26 languages in int8 are 0.85 MB, 0.5 compressed; 2^16 tell 0.1 % more tweets right (measured)."""

EPOCHS, RATE, FIRST_SQUARE = 6, 0.5, 0.1
"""Passes over the texts, step size, and what squared gradients begin at. On held-out folds of tweets 4 and 6
passes differ by 0.1 %."""

WIDEST = 4.0
"""Weight at which int8 ends: one in two hundred is beyond, and is cut; 2 and 8 tell 0.1 % fewer right or as many."""

LINES = 3_000
"""Lines a language: what the scarcer sets have; more of English would pull short texts to it."""

NAMES = 1_000
"""Names of symptoms, a language: they bring the words of health; more would pull short Latin words to French and English."""

CYRILLIC = str.maketrans("abcčćdđefghijklmnoprsštuvzž", "абцчћдђефгхијклмнопрсштувзж")
"""Letters of Serbian in its other script: the set has Latin lines, people write both."""

FOLDS, SEED = 5, 20_261_126


@dataclass(frozen=True, slots=True)
class Corpus:
    """Texts and their languages."""

    texts: list[str]
    languages: list[str]

    def with_(self, texts: Sequence[str], language: str) -> "Corpus":
        """Return the corpus with more texts of a language."""
        return Corpus([*self.texts, *texts], [*self.languages, *([language] * len(texts))])

    def and_(self, other: "Corpus", places: NDArray[np.int64]) -> "Corpus":
        """Return the corpus with some texts of another."""
        chosen = places.tolist()
        texts, languages = [other.texts[i] for i in chosen], [other.languages[i] for i in chosen]
        return Corpus(self.texts + texts, self.languages + languages)


def lines(folder: Path) -> Corpus:
    """Return what is no tweet: subtitles of all languages, names of symptoms, comments."""
    found = Corpus([], [])
    for path in sorted((folder / "language").glob("*.txt")):
        found = found.with_(path.read_text("utf-8").splitlines()[:LINES], path.stem)
    serbian = [text for text, language in zip(found.texts, found.languages, strict=True) if language == "sr"]
    found = found.with_([text.lower().translate(CYRILLIC) for text in map(_joined, serbian)], "sr")
    sentences = labelled(folder / "sentiment/psytar-tone/en_sentences.tsv", dropped=frozenset())
    found = found.with_(sentences.texts[:LINES], "en")
    comments = labelled(folder / "sentiment/goemotions-en/en_train.tsv", dropped=frozenset())
    found = found.with_(comments.texts[:LINES], "en")
    found = found.with_(_column(folder / "hpo/hp-fr.babelon.tsv", "translation_value")[:NAMES], "fr")
    found = found.with_(labelled(folder / "sentiment/xed/fr.tsv", dropped=frozenset()).texts, "fr")
    return found.with_(_column(folder / "hpo/layperson-synonyms-en.tsv", "?layperson")[:NAMES], "en")


def _joined(text: str) -> str:
    """Return Serbian with the letters that Latin writes in two as one, as Unicode has them."""
    for two, one in (("lj", "љ"), ("nj", "њ"), ("dž", "џ")):
        text = text.lower().replace(two, one)
    return text


def _column(path: Path, name: str) -> list[str]:
    with path.open(encoding="utf-8", newline="") as file:
        return [row[name] for row in csv.DictReader(file, delimiter="\t") if row[name]]


def of_tweets(folder: Path) -> Corpus:
    """Return tweets whose language is taken to be that of their set."""
    found = Corpus([], [])
    for language in TWEETS:
        for split in ("train", "val"):
            found = found.with_(tweets(folder / "sentiment/umsab", language, split).texts, language)
    return found


def train(corpus: Corpus) -> Model:
    """Return the model of a corpus; languages weigh by the root of what is missing to `LINES`, half way to equal."""
    names = tuple(sorted(set(corpus.languages)))
    truth = np.array([names.index(language) for language in corpus.languages])
    importance = np.sqrt(LINES / np.bincount(truth))[truth].astype(np.float32)
    weights = np.zeros((1 << BITS, len(names)), np.float32)
    squares = np.full_like(weights, FIRST_SQUARE)
    read = _features(corpus.texts)
    rng = np.random.default_rng(SEED)
    for _ in range(EPOCHS):
        order = rng.permutation(len(truth))
        descend(*read, truth, importance, order, np.float32(RATE), weights, squares)
    return Model(rounded(weights)[0].astype(np.float32) * np.float32(WIDEST / 127), names)


def _features(texts: Sequence[str]) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    parts = [spelt(data, at, room, bits=BITS, most=LONGEST) for _, data, at, room in batches(texts, LONGEST)]
    starts = np.cumsum([0, *(len(part.slots) for part in parts)])
    first = [part.first[:-1] + start for part, start in zip(parts, starts, strict=False)]
    return np.concatenate([*first, starts[-1:]]), np.concatenate([part.slots for part in parts])


def rounded(weights: NDArray[np.float32]) -> tuple[NDArray[np.int8], float]:
    """Return weights as int8 and the scale that makes them weights again."""
    scale = WIDEST / 127
    return np.clip(np.round(weights / scale), -127, 127).astype(np.int8), scale


def save(model: Model, path: Path) -> None:
    """Write a model; the same model gives the same bytes."""
    weights, scale = rounded(model.weights)
    np.savez_compressed(path, weights=weights, scale=np.float32(scale), languages=np.array(model.languages))


@dataclass(frozen=True, slots=True)
class Answers:
    """What was said of tweets by models that had not seen them."""

    truth: list[str]
    given: list[str]
    letters: NDArray[np.int64]

    def where(self, chosen: NDArray[np.bool_]) -> "Answers":
        """Return the answers of some tweets."""
        places = np.flatnonzero(chosen).tolist()
        return Answers([self.truth[i] for i in places], [self.given[i] for i in places], self.letters[chosen])

    def right(self, language: str) -> float:
        """Return the share of the answers that is this language."""
        return round(sum(answer == language for answer in self.given) / max(len(self.given), 1), 4)


def crossed(folder: Path, *, with_tweets: bool = True) -> Answers:
    """Answer each tweet by a model trained without it; or all by one that saw no tweet."""
    other, found = lines(folder), of_tweets(folder)
    fold = np.random.default_rng(SEED).permutation(len(found.texts)) % FOLDS
    given: list[str] = [UNDETERMINED] * len(found.texts)
    for n in range(FOLDS if with_tweets else 1):
        model = train(other.and_(found, np.flatnonzero(fold != n)) if with_tweets else other)
        asked = np.flatnonzero(fold == n).tolist() if with_tweets else range(len(given))
        values, _ = LanguageLabeller(model).label([found.texts[i] for i in asked])
        for i, value in zip(asked, values, strict=True):
            given[i] = value or UNDETERMINED
    return Answers(found.languages, given, model.shares(found.texts)[1])


def final(folder: Path) -> Model:
    """Return the model of all texts."""
    other, found = lines(folder), of_tweets(folder)
    return train(other.and_(found, np.arange(len(found.texts))))
