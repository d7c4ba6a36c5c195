"""Measure who speaks and what for: `python -m vigie.enrich.cards.speaking FILE DATE [FOLDER]`.

The file is a table of id, text, who and intents, tab-separated, with a header; several labels are parted by commas, none is
empty, and `\\n` in a text is a line's end. It is written and labelled by people who have not seen the rules. Where it is not there yet, nothing stands for French. The
folder, when given, holds `psytar-tone`.
"""

import csv
import sys
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from vigie.enrich.accuracy import RESAMPLES
from vigie.enrich.cards.measure import SEED, rewrite
from vigie.enrich.cards.tables import labelled
from vigie.enrich.finder import Finder
from vigie.enrich.intent import IntentFinder
from vigie.enrich.speaker import SpeakerFinder
from vigie.schema.vocab import Intent, Speaker
from vigie.text.lexicon import Lexicon

HERE = Path(__file__).parent

LOOKED_AT = 400
"""Of PsyTAR's reviews, in the order of the table: the first were looked at while rules were written, the others never."""

LEAST_F1 = 0.5
"""F1 under which a label is off by default: more of its answers or of its posts are wrong than right."""

Z = 1.96
"""Quantile of the normal law for an interval at 95 %."""

Table = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Annotated:
    """Texts and the labels that people gave them."""

    texts: list[str]
    who: list[frozenset[str]]
    intents: list[frozenset[str]]


@dataclass(frozen=True, slots=True)
class Share:
    """A share and its Wilson interval at 95 %."""

    right: int
    of: int

    @property
    def value(self) -> float:
        """Return the share; 0 of nothing."""
        return self.right / self.of if self.of else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """Return the interval (Wilson, 1927); everything when there is nothing."""
        if not self.of:
            return 0.0, 1.0
        n, p, z2 = self.of, self.value, Z * Z
        middle, half = p + z2 / (2 * n), Z * np.sqrt(p * (1 - p) / n + z2 / (4 * n * n))
        return float((middle - half) / (1 + z2 / n)), float((middle + half) / (1 + z2 / n))


@dataclass(frozen=True, slots=True)
class Reached:
    """What a finder reaches on annotated texts; F1 intervals are bootstrap percentiles over texts, at 95 %."""

    posts: int
    macro_f1: float
    interval: tuple[float, float]
    precision: dict[str, Share]
    recall: dict[str, Share]
    f1: dict[str, float]
    f1_interval: dict[str, tuple[float, float]]

    @property
    def off(self) -> list[str]:
        """Return the labels that are off by default."""
        return [label for label, value in self.f1.items() if value < LEAST_F1]


def annotated(path: Path) -> Annotated:
    """Read annotated texts.

    Raises:
        ValueError: a label is not of the vocabulary.
    """
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    who, intents = (
        [_labels(row[column], known) for row in rows] for column, known in (("who", Speaker), ("intents", Intent))
    )
    return Annotated([row["text"].replace("\\n", "\n") for row in rows], who, intents)


def _labels(cell: str, known: type[Speaker] | type[Intent]) -> frozenset[str]:
    return frozenset(known(label.strip()).value for label in cell.split(",") if label.strip())


def given(finder: Finder, texts: Sequence[str], language: str) -> list[frozenset[str]]:
    """Return the labels that a finder gives to texts of a language."""
    array, lexicon = pa.array(texts, pa.large_string()), Lexicon()
    table = finder.find(array, [language] * len(texts), lexicon=lexicon, tokens=lexicon.read(array))
    found: list[set[str]] = [set() for _ in texts]
    for row, value in zip(table["row"].to_pylist(), table["value"].to_pylist(), strict=True):
        found[row].add(value)
    return [frozenset(labels) for labels in found]


def reached(truth: Sequence[frozenset[str]], answers: Sequence[frozenset[str]], *, labels: Sequence[str]) -> Reached:
    """Compare answers with the truth, label by label; the macro-F1 is the mean over the labels."""
    true, told = _table(truth, labels), _table(answers, labels)
    rng = np.random.default_rng(SEED)
    draws = np.array([_f1(true[at], told[at]) for at in rng.integers(0, len(true), (RESAMPLES, len(true)))])
    low, high = np.quantile(draws, (0.025, 0.975), axis=0)
    f1, hits = _f1(true, told), (true & told).sum(axis=0)
    means = np.quantile(draws.mean(axis=1), (0.025, 0.975))
    return Reached(
        posts=len(truth),
        macro_f1=float(f1.mean()),
        interval=(float(means[0]), float(means[1])),
        precision={label: Share(int(hits[n]), int(told[:, n].sum())) for n, label in enumerate(labels)},
        recall={label: Share(int(hits[n]), int(true[:, n].sum())) for n, label in enumerate(labels)},
        f1={label: float(f1[n]) for n, label in enumerate(labels)},
        f1_interval={label: (float(low[n]), float(high[n])) for n, label in enumerate(labels)},
    )


def _table(rows: Sequence[frozenset[str]], labels: Sequence[str]) -> Table:
    return np.array([[label in row for label in labels] for row in rows], np.bool_).reshape(-1, len(labels))


def _f1(true: Table, told: Table) -> NDArray[np.float64]:
    both = (true & told).sum(axis=0)
    return np.asarray(2.0 * both / np.maximum(true.sum(axis=0) + told.sum(axis=0), 1), np.float64)


def measured(path: Path, name: str) -> Reached:
    """Measure the finder of a card, all its labels on, on annotated French texts."""
    found = annotated(path)
    if name == "who":
        answers = given(SpeakerFinder(off=frozenset()), found.texts, "fr")
        return reached(found.who, answers, labels=[v.value for v in Speaker])
    answers = given(IntentFinder(off=frozenset()), found.texts, "fr")
    return reached(found.intents, answers, labels=[v.value for v in Intent])


def reviews(folder: Path) -> Share:
    """Return the share of English drug reviews, of those never looked at, whose author is told as who takes it or a relative.

    All were written by such people, though some say “None” alone; so it is a recall, and says nothing of precision.
    """
    texts = labelled(folder / "psytar-tone/en_reviews.tsv", dropped=frozenset()).texts[LOOKED_AT:]
    told = given(SpeakerFinder(off=frozenset()), texts, "en")
    return Share(sum(bool(labels & {Speaker.PATIENT, Speaker.RELATIVE}) for labels in told), len(texts))


def figures(found: Reached) -> str:
    """Return the figures of a card as TOML lines; ratios to four digits."""
    rows = [
        f"posts = {found.posts}", f"macro_f1 = {found.macro_f1:.4f}", f"interval = {_pair(found.interval)}",
        _inline("f1", {label: f"{value:.4f}" for label, value in found.f1.items()}),
        _inline("f1_interval", {label: _pair(pair) for label, pair in found.f1_interval.items()}),
    ]  # fmt: skip
    for column, shares in (("precision", found.precision), ("recall", found.recall)):
        rows.append(_inline(column, {label: f"{share.value:.4f}" for label, share in shares.items()}))
        rows.append(_inline(f"{column}_of", {label: f"[{s.right}, {s.of}]" for label, s in shares.items()}))
        rows.append(_inline(f"{column}_interval", {label: _pair(share.interval) for label, share in shares.items()}))
    return "\n".join(rows) + "\n"


def _inline(name: str, cells: dict[str, str]) -> str:
    return f"{name} = {{ {', '.join(f'{label} = {cell}' for label, cell in cells.items())} }}"


def _pair(pair: tuple[float, float]) -> str:
    return f"[{pair[0]:.4f}, {pair[1]:.4f}]"


def main(path: Path, date: str, folder: Path | None = None) -> None:
    """Measure both finders, write their cards, and switch off the labels that they fail."""
    for name in ("who", "intent"):
        parts: dict[str, str] = {}
        card = HERE / f"{name}.toml"
        if path.is_file():
            found = measured(path, name)
            parts["fr"] = figures(found)
            before = tomllib.loads(card.read_text("utf-8"))["off"]
            text = card.read_text("utf-8").replace(f"off = {_quoted(before)}\n", f"off = {_quoted(found.off)}\n", 1)
            card.write_text(text, "utf-8")
        if folder is not None and name == "who":
            parts["en_drug_reviews"] = review_figures(reviews(folder))
        rewrite(card, date, parts)
        sys.stdout.write("".join(f"{name}, {part}\n{rows}\n" for part, rows in parts.items()))


def review_figures(share: Share) -> str:
    """Return the figures of the reviews as TOML lines."""
    return f"posts = {share.of}\nrecall = {share.value:.4f}\nrecall_interval = {_pair(share.interval)}\n"


def _quoted(labels: Sequence[str]) -> str:
    return "[" + ", ".join(f'"{label}"' for label in labels) + "]"


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3]) if len(sys.argv) > 3 else None)
