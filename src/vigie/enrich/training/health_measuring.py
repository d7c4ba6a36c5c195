"""Measure what the health finder finds, and write its card."""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vigie.enrich.accuracy import RESAMPLES
from vigie.enrich.card import CARDS
from vigie.enrich.cards.measure import SEED, put, section
from vigie.enrich.health.finder import HealthFinder, find, lines
from vigie.enrich.health.sentences import LANGUAGE, Sentences
from vigie.enrich.training import health
from vigie.enrich.training.health_names import DRUG, EFFECT, events, spans
from vigie.text.lexicon import Lexicon

Counts = Mapping[str, int]


def psytar(folder: Path, split: str, model: Sentences) -> dict[str, Any]:
    """Return what is reached on the sentences of a split: by rules alone, and as the product says it."""
    told = health.sentences(folder, split)
    given = health.read(told.texts, HealthFinder(sentences=None), Lexicon())
    said = health.holds(model, given)
    by_rule = given.facts[:, 0] > 0
    return {
        "sentences": len(told.texts), "with_an_effect": int(told.truth.sum()), **health.f1(told.truth, said),
        "interval": interval(told.truth, said), "f1_rules_alone": health.f1(told.truth, by_rule)["f1"],
    }  # fmt: skip


def interval(truth: NDArray[np.bool_], said: NDArray[np.bool_]) -> list[float]:
    """Return the 95 % bootstrap percentile interval of F1, over sentences."""
    rng, n = np.random.default_rng(SEED), len(truth)
    drawn = [rng.integers(0, n, n) for _ in range(RESAMPLES)]
    found = [health.f1(truth[rows], said[rows])["f1"] for rows in drawn]
    return [float(value) for value in np.quantile(found, [0.025, 0.975])]


def phee(folder: Path, split: str, kind: str, *, learnt: bool) -> dict[str, Any]:
    """Return what is found of medicines or effects in the sentences of a split of PHEE.

    A place is right when it overlaps one that PHEE marks; exact: of the same bounds. Marks of other events count once.
    """
    rows = events(folder, split)
    finder, lexicon = HealthFinder(learnt=learnt, sentences=None), Lexicon()
    texts = [row["context"] for row in rows]
    counts: Counter[str] = Counter(sentences=len(rows))
    for row, found in zip(rows, lines(find(texts, [LANGUAGE] * len(texts), finder, lexicon), len(texts)), strict=True):
        marked = {(start, end) for start, end, _ in spans(row, kind)}
        places = [(one["start"], one["end"]) for one in found if one["kind"] == kind]
        counts.update(_compared(marked, places))
    return _rates(counts)


def _compared(marked: set[tuple[int, int]], places: Sequence[tuple[Any, Any]]) -> dict[str, int]:
    return {
        "marked": len(marked), "found": len(places), "exact": len(marked & set(places)),
        "met": sum(any(_overlap(one, other) for other in places) for one in marked),
        "right": sum(any(_overlap(one, other) for other in marked) for one in places),
    }  # fmt: skip


def _overlap(one: tuple[int, int], other: tuple[int, int]) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def _rates(counts: Counts) -> dict[str, Any]:
    recall, precision = counts["met"] / max(1, counts["marked"]), counts["right"] / max(1, counts["found"])
    return {
        "sentences": counts["sentences"], "marked": counts["marked"], "found": counts["found"], "recall": recall,
        "precision": precision, "f1": 2 * recall * precision / max(1e-9, recall + precision),
        "exact_recall": counts["exact"] / max(1, counts["marked"]),
    }  # fmt: skip


def parts(folder: Path, model: Sentences) -> dict[str, dict[str, Any]]:
    """Return all figures of the card: on the test splits, which nothing was chosen on, and by cross-validation."""
    return {
        "psytar_test": psytar(folder, "test", model),
        **{f"psytar_folds_{name.replace(' ', '_')}": found for name, found in health.crossed(folder).items()},
        "phee_test_drugs_base_alone": phee(folder, "test", DRUG, learnt=False),
        "phee_test_drugs": phee(folder, "test", DRUG, learnt=True),
        "phee_test_effects_lists_alone": phee(folder, "test", EFFECT, learnt=False),
        "phee_test_effects": phee(folder, "test", EFFECT, learnt=True),
    }


def write(folder: Path, model: Sentences, date: str) -> None:
    """Write the card; its French figures are those of `cards.marked`."""
    put(CARDS / "health.toml", date, {name: section(found) for name, found in parts(folder, model).items()})
