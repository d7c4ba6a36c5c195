"""Tune the thresholds of the lexicon tone and measure it: `python -m vigie.enrich.cards.measure FOLDER DATE`.

The folder holds `umsab` and `psytar-tone`, as tables of id, label and text. Thresholds and scores come from UMSAB train
alone; the card's figures from UMSAB val and from PsyTAR. A test computes all of it again.
"""

import sys
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt

from vigie.enrich import tone
from vigie.enrich.accuracy import Accuracy, accuracy, f1_of
from vigie.enrich.cards.tables import labelled, tweets
from vigie.enrich.tone import Tuned
from vigie.schema.vocab import Tone

HERE = Path(__file__).parent

TONES = tuple(t.value for t in Tone)

SEED = 20_261_124
"""Of the bootstrap, so that a card can be computed again to the digit."""

CANDIDATES = 100
"""Quantiles of the training polarities that are tried as thresholds; finer ones change nothing but noise."""

SCORE_STEPS = 8
"""Parts of equal size into which training polarities are cut for the scores: about 230 tweets each, so ±6 points."""

Polarities = npt.NDArray[np.float64]


def tune(folder: Path, language: str) -> Tuned:
    """Return the thresholds of greatest macro-F1 on the train split, and the scores that go with them."""
    train = tweets(folder / "umsab", language, "train")
    values = np.array([tone.polarity(text, language) for text in train.texts])
    truth = np.array([TONES.index(label) for label in train.labels])
    steps = np.unique(np.quantile(values, np.linspace(0, 1, CANDIDATES + 1)[1:-1]).round(3))
    pairs = [(low, high) for low in steps for high in steps if low < high]
    low, high = max(pairs, key=lambda pair: _macro(values, truth, pair))
    parts = np.quantile(values, np.linspace(0, 1, SCORE_STEPS + 1)[1:-1]).round(3)
    edges = np.unique([*parts, low, high])
    return Tuned(float(low), float(high), tuple(edges.tolist()), _scores(values, truth, (low, high), edges))


def _given(values: Polarities, pair: tuple[float, float]) -> npt.NDArray[np.int64]:
    return np.where(values < pair[0], 0, np.where(values >= pair[1], 2, 1))


def _macro(values: Polarities, truth: npt.NDArray[np.int64], pair: tuple[float, float]) -> float:
    table = np.bincount(truth * 3 + _given(values, pair), minlength=9).reshape(3, 3)
    return float(f1_of(table).mean())


def _scores(
    values: Polarities, truth: npt.NDArray[np.int64], pair: tuple[float, float], edges: Polarities
) -> tuple[float, ...]:
    right = _given(values, pair) == truth
    part = np.searchsorted(edges, values, side="right")
    return tuple(round(float(right[part == n].mean()), 3) if (part == n).any() else 0.0 for n in range(len(edges) + 1))


def tone_accuracy(folder: Path, language: str) -> Accuracy:
    """Measure the tone labeller on the val split of a language."""
    val = tweets(folder / "umsab", language, "val")
    given = [tone.tone_of(text, language)[0] or "" for text in val.texts]
    return accuracy(val.labels, given, labels=TONES, rng=np.random.default_rng(SEED))


def review_accuracy(folder: Path) -> Accuracy:
    """Measure the tone labeller on English drug reviews, their rating taken for the tone."""
    reviews = labelled(folder / "psytar-tone/en_reviews.tsv", dropped=frozenset())
    given = [tone.tone_of(text, "en")[0] or "" for text in reviews.texts]
    return accuracy(reviews.labels, given, labels=TONES, rng=np.random.default_rng(SEED))


def tuned_toml(found: Mapping[str, Tuned]) -> str:
    """Return the file that `tone.tuned` reads."""
    rows = ["# Written by vigie.enrich.cards.measure from UMSAB train; see cards/tone-lexicon.toml.\n"]
    for language, given in found.items():
        rows.append(
            f"[{language}]\nnegative = {given.negative}\npositive = {given.positive}\n"
            f"edges = {list(given.edges)}\nscores = {list(given.scores)}\n"
        )
    return "\n".join(rows)


def figures(found: Accuracy) -> str:
    """Return the figures of a card as TOML lines; ratios to four digits."""
    f1 = ", ".join(f"{label} = {value:.4f}" for label, value in found.f1.items())
    confusion = "".join(f"confusion.{label} = {{ {_cells(row)} }}\n" for label, row in found.confusion.items())
    low, high = found.interval
    return (
        f"posts = {found.posts}\nmacro_f1 = {found.macro_f1:.4f}\ninterval = [{low:.4f}, {high:.4f}]\n"
        f"f1 = {{ {f1} }}\n{confusion}"
    )


def _cells(row: Mapping[str, int]) -> str:
    return ", ".join(f"{label} = {count}" for label, count in row.items())


def rewrite(card: Path, date: str, parts: Mapping[str, str]) -> None:
    """Put a date and figures into a card, leaving what people wrote in it: all above its first `[measured.` line."""
    head = card.read_text("utf-8").partition("\n[measured.")[0]
    dated = "\n".join(f'date = "{date}"' if row.startswith("date =") else row for row in head.splitlines())
    tables = "\n".join(f"[measured.{name}]\n{rows}" for name, rows in parts.items())
    card.write_text(f"{dated.rstrip()}\n\n{tables}", "utf-8")


def put(card: Path, date: str, parts: Mapping[str, str]) -> None:
    """Put a date and some sections of figures into a card, leaving its other sections."""
    _, *old = card.read_text("utf-8").split("\n[measured.")
    kept = {name: rows for name, _, rows in (section.partition("]\n") for section in old)}
    rewrite(card, date, {name: f"{rows.rstrip()}\n" for name, rows in (kept | dict(parts)).items()})


def section(figures: Mapping[str, object]) -> str:
    """Write figures as the lines of a card's section: shares to four places, others as they are."""
    return "".join(f"{name} = {_cell(value)}\n" for name, value in figures.items())


def _cell(value: object) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_cell, value))}]"
    return f"{value:.4f}" if isinstance(value, float) else str(value)


def main(folder: Path, date: str) -> None:
    """Tune, measure, and write `lexicons/tuned.toml` and its card."""
    found = {language: tune(folder, language) for language in tone.LISTS}
    (tone.LEXICONS / "tuned.toml").write_text(tuned_toml(found), "utf-8")
    tone.tuned.cache_clear()
    tones = {language: figures(tone_accuracy(folder, language)) for language in tone.LISTS}
    tones["en_drug_reviews"] = figures(review_accuracy(folder))
    rewrite(HERE / "tone-lexicon.toml", date, tones)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
