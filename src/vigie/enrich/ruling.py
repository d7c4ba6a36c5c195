"""Say of texts what rules over wordings say: points by label, and the words that made them, its cues.

    wordings found ──► rules ──► points by (text, label), each rule once ──► labels of `ENOUGH` points, with their cues

A rule may also veto a label in its sentence. A rule whose name begins with `fr.` or `en.` reads texts of that language, and
those whose language is not known; `any.` reads both. Texts of other languages are not read.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from vigie.enrich.finder import FINDINGS
from vigie.schema.vocab import UNDETERMINED
from vigie.text.lexicon import Lexicon, Tokens
from vigie.text.wordings import Found, Wordings

RULES = Path(__file__).parent / "rules"

WORDS = ("words-fr.toml", "words-en.toml")
"""Files of classes and lists; no name stands in both."""

READ: Mapping[str | None, tuple[str, ...]] = {
    None: ("any", "fr", "en"), UNDETERMINED: ("any", "fr", "en"), "fr": ("any", "fr"), "en": ("any", "en")
}  # fmt: skip
"""By the language of a text, whose rules read it; where none is known, “merci !” is still thanks."""

LANGUAGES = ("any", "fr", "en")

ENOUGH = 3
"""Points that make a label: one plain rule, or three hints."""

MOST_CUES = 5
"""Cues of a label in a text: the strongest; a person is convinced by fewer, and a pasted book has thousands."""

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Rule:
    """What some wordings say."""

    name: str
    gives: Mapping[str, int]
    """Points by label; below zero they speak against it; `all` is every label."""
    vetoes: tuple[str, ...]
    """Labels for which nothing in the same sentence speaks."""
    wordings: tuple[str, ...]


def rules_of(*files: str) -> list[Rule]:
    """Return the rules of some files of the package."""
    found = (row for name in files for row in tomllib.loads((RULES / name).read_text("utf-8"))["rule"])
    return [
        Rule(row["id"], row.get("gives", {}), tuple(row.get("vetoes", ())), tuple(row["wordings"])) for row in found
    ]


def words_of(*files: str) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """Return the classes of words and lists of wordings of some files of the package."""
    tables = [tomllib.loads((RULES / name).read_text("utf-8")) for name in files]
    classes = {name: words.split() for table in tables for name, words in table["classes"].items()}
    return classes, {name: found for table in tables for name, found in table["lists"].items()}


@dataclass(frozen=True, slots=True)
class Said:
    """What rules say of one label: one row each, in the order of rows, then of places."""

    row: Ints
    label: Ints
    rule: Ints
    start: Ints
    end: Ints
    points: Ints
    """All points of the label in its row."""


class Ruling:
    """Rules for the labels of one kind.

    Raises:
        ValueError: a rule names a label that is not among them, or holds a wording that cannot be read.
    """

    def __init__(self, kind: str, labels: Sequence[str], rules: Sequence[Rule], words: tuple[str, ...]) -> None:
        self.kind, self.labels, self.rules = kind, tuple(labels), tuple(rules)
        self._words = words
        self._rule_of = np.array([n for n, rule in enumerate(rules) for _ in rule.wordings], np.int64)
        gives = np.zeros((len(rules), len(labels)), np.int64)
        vetoes = np.zeros((len(rules), len(labels)), np.bool_)
        for n, rule in enumerate(rules):
            for label, points in rule.gives.items():
                gives[n, slice(None) if label == "all" else self._place(label)] = points
            vetoes[n, [self._place(label) for label in rule.vetoes]] = True
        self._gives, self._vetoes = gives, vetoes
        self._language = np.array([LANGUAGES.index(rule.name.partition(".")[0]) for rule in rules], np.int64)

    def _place(self, label: str) -> int:
        if label not in self.labels:
            raise ValueError(f"There is no label “{label}” of {self.kind}")
        return self.labels.index(label)

    @cached_property
    def wordings(self) -> Wordings:
        """Return the wordings of all rules, laid out at their first use."""
        classes, lists = words_of(*self._words)
        return Wordings([w for rule in self.rules for w in rule.wordings], classes=classes, lists=lists)

    def findings(
        self, texts: pa.Array, languages: Sequence[str | None], *, lexicon: Lexicon, tokens: Tokens, off: frozenset[str]
    ) -> pa.Table:
        """Return `FINDINGS` of texts; labels that are `off` are left out."""
        found, _ = self.wordings.of(texts, tokens, lexicon)
        said = self.said(found, _readers(languages))
        kept = ~np.isin(said.label, [self._place(label) for label in off])
        return self._table(Said(*(getattr(said, name)[kept] for name in Said.__slots__)))

    def said(self, found: Found, read: NDArray[np.bool_]) -> Said:
        """Decide on wordings found; `read` says of each text which languages' rules count."""
        counts = read[found.row, self._language[self._rule_of[found.wording]]]
        row, sentence = found.row[counts].astype(np.int64), found.sentence[counts].astype(np.int64)
        rule = self._rule_of[found.wording[counts]]
        at, label = np.nonzero((self._gives[rule] != 0) & ~self._vetoed(rule, sentence))
        row, rule = row[at], rule[at]
        total = self._points(row, rule, label)
        speaks = (self._gives[rule, label] > 0) & (total >= ENOUGH)
        start, end = found.start[counts][at].astype(np.int64), found.end[counts][at].astype(np.int64)
        said = Said(*(column[speaks] for column in (row, label, rule, start, end, total)))
        return _cues(said, self._gives[said.rule, said.label])

    def _vetoed(self, rule: Ints, sentence: Ints) -> NDArray[np.bool_]:
        """Say of each wording found, by label, whether its sentence vetoes it."""
        by, label = np.nonzero(self._vetoes[rule])
        keys = np.unique(sentence[by] * len(self.labels) + label)
        return np.isin(sentence[:, None] * len(self.labels) + np.arange(len(self.labels)), keys)

    def _points(self, row: Ints, rule: Ints, label: Ints) -> Ints:
        """Return the points of each one's row and label: every rule once."""
        cells, place = np.unique(row * len(self.labels) + label, return_inverse=True)
        _, first = np.unique(place * len(self.rules) + rule, return_index=True)
        points = np.bincount(place[first], self._gives[rule[first], label[first]], len(cells))
        return points[place].astype(np.int64)

    def _table(self, said: Said) -> pa.Table:
        n = len(said.row)
        no = pa.array(np.zeros(n, np.bool_))
        names = pa.array([rule.name for rule in self.rules], pa.string())
        return pa.table(
            [
                pa.array(said.row), pa.array([self.kind] * n, pa.string()),
                pa.array(self.labels, pa.string()).take(pa.array(said.label)), pa.nulls(n, pa.string()),
                pa.array(said.start.astype(np.int32)), pa.array(said.end.astype(np.int32)), no, no, no, no,
                pa.array(1 - 0.5 ** (said.points / ENOUGH)), names.take(pa.array(said.rule)),
            ],
            schema=FINDINGS,
        )  # fmt: skip


def _readers(languages: Sequence[str | None]) -> NDArray[np.bool_]:
    """Return, a row a text, which of `LANGUAGES` have rules that read it."""
    tables = {tag: [name in names for name in LANGUAGES] for tag, names in READ.items()}
    nobody = [False] * len(LANGUAGES)
    known = {tag: tables.get(tag.split("-")[0] if tag else tag, nobody) for tag in set(languages)}
    return np.array([known[tag] for tag in languages], np.bool_).reshape(-1, len(LANGUAGES))


def _cues(said: Said, points: Ints) -> Said:
    """Keep what convinces, in the order of rows and places.

    Of what one rule finds from one place on, the longest; where a rule makes the label by itself, no hints beside it; of
    what is left, the strongest, then the first.
    """
    order = np.lexsort((-said.end, said.rule, said.start, -points, said.label, said.row))
    said, points = _at(said, order), np.minimum(points[order], ENOUGH)
    same = np.zeros(len(said.row), np.bool_)
    same[1:] = np.logical_and.reduce([c[1:] == c[:-1] for c in (said.row, said.label, said.start, said.rule)])
    said, points = _at(said, np.flatnonzero(~same)), points[~same]
    begins = np.ones(len(said.row), np.bool_)
    begins[1:] = (said.row[1:] != said.row[:-1]) | (said.label[1:] != said.label[:-1])
    first = np.flatnonzero(begins)
    sizes = np.diff([*first, len(said.row)])
    rank = np.arange(len(said.row)) - np.repeat(first, sizes)
    strongest = np.repeat(points[first], sizes)
    said = _at(said, np.flatnonzero((rank < MOST_CUES) & ((points >= ENOUGH) | (strongest < ENOUGH))))
    return _at(said, np.lexsort((said.end, said.start, said.row)))


def _at(said: Said, places: Ints) -> Said:
    return Said(*(getattr(said, name)[places] for name in Said.__slots__))
