"""Measure the health finder on French texts marked by people: `python -m vigie.enrich.cards.marked FILE DATE [PREFIX]`.

Sections of the card begin with the prefix: `fr` for a set that the rules have not seen, `fr_dev` for one they were improved on.

The file is a table of id and text, tab-separated, with a header; `\\n` in a text is a line's end. Marks stand within the
texts, none nested: `[[kind/flags|words]]`, kinds drug, reaction and condition, flags denied, supposed, past and other,
parted by commas. It is written by people who have not seen the rules (`tests/measured/README.md`).
"""

import csv
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from vigie.enrich.accuracy import RESAMPLES
from vigie.enrich.card import CARDS
from vigie.enrich.cards.measure import SEED, put, section
from vigie.enrich.health.finder import HealthFinder, find, lines
from vigie.schema.vocab import FindingKind
from vigie.text.lexicon import Lexicon

UNSEEN = "fr"
"""What the names of sections begin with where the rules have not seen the set."""

MARK = re.compile(r"\[\[(drug|reaction|condition)(?:/([a-z,]+))?\|([^\]]+)\]\]")

FLAGS = {"denied": "negated", "supposed": "hypothetical", "past": "past", "other": "of_another"}
"""What the marks call the columns of `finder.FINDINGS`."""


@dataclass(frozen=True, slots=True)
class Place:
    """Words of a text that name something, as code points, and how they are said."""

    kind: str
    start: int
    end: int
    flags: frozenset[str] = frozenset()

    def meets(self, other: "Place") -> bool:
        """Say whether two places have a code point in common."""
        return self.start < other.end and other.start < self.end


def read(path: Path) -> tuple[list[str], list[list[Place]]]:
    """Return the texts of a table, and what is marked in each."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    told = [parted(row["text"].replace("\\n", "\n")) for row in rows]
    return [text for text, _ in told], [places for _, places in told]


def parted(marked: str) -> tuple[str, list[Place]]:
    """Return a text without its marks, and the places they stood at; ValueError for a mark that is none."""
    text, places, last = "", [], 0
    for found in MARK.finditer(marked):
        text += marked[last : found.start()]
        kind, flags, words = found.groups()
        said = frozenset(FLAGS[flag] for flag in flags.split(",")) if flags else frozenset()
        places.append(Place(kind, len(text), len(text) + len(words), said))
        text, last = text + words, found.end()
    text += marked[last:]
    if "[[" in text or "]]" in text:
        raise ValueError(f"This mark can't be read: {marked}")
    return text, places


def found_in(texts: Sequence[str]) -> list[list[Place]]:
    """Return what the finder, as it ships, finds in French texts."""
    found = find(texts, ["fr"] * len(texts), HealthFinder(), Lexicon())
    return [[_place(one) for one in row if one["start"] is not None] for row in lines(found, len(texts))]


def _place(row: Mapping[str, Any]) -> Place:
    said = frozenset(column for column in FLAGS.values() if row[column])
    return Place(row["kind"], row["start"], row["end"], said)


Counts = np.ndarray[Any, np.dtype[np.int64]]
"""One row per text: marked, of these met; found, of these right."""


def counts(marked: Sequence[Sequence[Place]], found: Sequence[Sequence[Place]], kind: str) -> Counts:
    """Count by text; a place is right when it has a code point in common with a marked one of its kind."""
    return np.array([_counted(*(_of(places, kind) for places in both)) for both in zip(marked, found, strict=True)])


def _of(places: Iterable[Place], kind: str) -> list[Place]:
    return [place for place in places if place.kind == kind]


def _counted(marked: Sequence[Place], found: Sequence[Place]) -> tuple[int, int, int, int]:
    met = sum(any(one.meets(other) for other in found) for one in marked)
    right = sum(any(one.meets(other) for other in marked) for one in found)
    return len(marked), met, len(found), right


def rates(table: Counts) -> dict[str, float]:
    """Return recall, precision and F1 of counts."""
    marked, met, found, right = table.sum(axis=0)
    recall, precision = met / max(1, marked), right / max(1, found)
    return {"recall": recall, "precision": precision, "f1": 2 * recall * precision / max(1e-9, recall + precision)}


def intervals(table: Counts) -> dict[str, list[float]]:
    """Return 95 % bootstrap percentile intervals, over texts."""
    rng = np.random.default_rng(SEED)
    drawn = [rates(table[rng.integers(0, len(table), len(table))]) for _ in range(RESAMPLES)]
    return {
        f"{name}_interval": [float(v) for v in np.quantile([one[name] for one in drawn], [0.025, 0.975])]
        for name in drawn[0]
    }


def flags(marked: Sequence[Sequence[Place]], found: Sequence[Sequence[Place]], flag: str) -> dict[str, float]:
    """Return how often a flag is found where it is marked, and marked where found, among reactions that are met."""
    kind = FindingKind.REACTION.value
    pairs = [
        (flag in one.flags, flag in other.flags)
        for both in zip(marked, found, strict=True)
        for one in _of(both[0], kind)
        for other in _of(both[1], kind)
        if one.meets(other)
    ]
    both_say = sum(a and b for a, b in pairs)
    said, heard = sum(a for a, _ in pairs), sum(b for _, b in pairs)
    return {"marked": said, "recall": both_say / max(1, said), "precision": both_say / max(1, heard)}


def measured(path: Path, prefix: str = UNSEEN) -> dict[str, dict[str, Any]]:
    """Return the figures of the card, by section; their names begin with the prefix."""
    texts, marked = read(path)
    found = found_in(texts)
    parts: dict[str, dict[str, Any]] = {}
    for kind in (FindingKind.DRUG, FindingKind.REACTION, FindingKind.CONDITION):
        table = counts(marked, found, kind.value)
        sums = {"texts": len(texts), "marked": int(table[:, 0].sum()), "found": int(table[:, 2].sum())}
        parts[f"{prefix}_{kind.value}s"] = sums | rates(table) | intervals(table)
    parts |= {f"{prefix}_reactions_{flag}": flags(marked, found, flag) for flag in FLAGS.values()}
    return parts


def main(path: Path, date: str, prefix: str = UNSEEN) -> None:
    """Measure, print, and write the sections of the card."""
    parts = {name: section(figures) for name, figures in measured(path, prefix).items()}
    put(CARDS / "health.toml", date, parts)
    for name, rows in parts.items():
        sys.stdout.write(f"{name}\n{rows}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:4])
