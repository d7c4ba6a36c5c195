"""Find medicines, unwanted effects, illnesses and devices in texts, with how each is said.

    words ──tag──► items (names, ways of saying, cues) ──judge──► findings

In French and English all is looked for; in other languages, and where the language is not known, names of medicines and
devices (and, where it is not known, what is said in French and in English too).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from vigie.enrich.finder import FINDINGS
from vigie.enrich.health.bdpm import DrugBase
from vigie.enrich.health.dictionary import Entry, version_of
from vigie.enrich.health.said import LANGUAGES
from vigie.enrich.health.table import Table, shipped, table
from vigie.schema.vocab import FindingKind
from vigie.text import cues
from vigie.text.lexicon import Ints, Lexicon, Tokens, text_buffers
from vigie.text.phrases import Tagged

RULES = "1"
"""Version of the rules and lists; any change of what is found raises it."""

CERTAIN = 1.0
"""Score of what rules find: they are not of two minds. How often they are right stands on the card."""

LONG_NAME = 9
"""Letters from which a misspelt name needs nothing beside it: hardly a word is a letter away from one so long."""

KINDS = (FindingKind.DRUG, FindingKind.REACTION, FindingKind.CONDITION, FindingKind.DEVICE)

OTHER = ""
"""The table of languages of which names alone are known."""


class HealthFinder:
    """Rules and lists; see `data/`."""

    name = "health"
    kinds = tuple(kind.value for kind in KINDS)

    def __init__(
        self, dictionary: Sequence[Entry] = (), base: DrugBase | None = None, *, learnt: bool = True
    ) -> None:
        """Take the company's dictionary, and a drug base instead of the one that comes with the product.

        Args:
            dictionary: Its entries are found before all others.
            base: Names of medicines; absent: the shipped ones.
            learnt: Whether names learnt from PHEE's training sentences are looked for.
        """
        self.dictionary = tuple(dictionary)
        self.base = base or shipped()
        self._learnt = learnt
        self._lexicon: Lexicon | None = None
        self._tables: dict[str, Table] = {}

    @property
    def version(self) -> str:
        """Return the version of the rules, the date of the drug base, and the mark of the dictionary."""
        parts = (RULES, self.base.date, version_of(self.dictionary))
        return "-".join(part for part in parts if part)

    def find(self, texts: pa.Array, languages: Sequence[str | None], *, lexicon: Lexicon, tokens: Tokens) -> pa.Table:
        """Return `FINDINGS` of texts."""
        bases = np.array([_table_of(language) for language in languages], object)
        found = [
            self._found(texts, tokens, np.flatnonzero(bases == name).astype(np.int32), self._table(name, lexicon))
            for name in (*LANGUAGES, OTHER)
            if (bases == name).any()
        ]
        whole = pa.concat_tables(found) if found else FINDINGS.empty_table()
        return whole.sort_by([("row", "ascending"), ("start", "ascending")]).combine_chunks()

    def _table(self, name: str, lexicon: Lexicon) -> Table:
        """Return the phrases of a language on this lexicon; a new lexicon makes them anew."""
        if self._lexicon is not lexicon:
            self._lexicon, self._tables = lexicon, {}
        if name not in self._tables:
            self._tables[name] = table(name, self.dictionary, self.base, self._learnt, lexicon)
        return self._tables[name]

    def _found(self, texts: pa.Array, tokens: Tokens, rows: Ints, of: Table) -> pa.Table:
        names = of.phrases.of(tokens, rows)
        if not len(names.row):
            return FINDINGS.empty_table()
        items = _items(names, _bits(names, of.bits), of, tokens)
        said = _said(texts, tokens, items)[items.is_name]
        is_found = (said & cues.IS_FOUND) != 0
        found = np.flatnonzero(is_found)
        return _findings(names, found, items.bits[items.is_name][found], said[found], of)


@dataclass(frozen=True, slots=True)
class Items:
    """Names and the words around them, in the order of the texts."""

    row: Ints
    bits: NDArray[np.int64]
    first: Ints
    last: Ints
    is_name: NDArray[np.bool_]


def _items(names: Tagged, bits: NDArray[np.int64], of: Table, tokens: Tokens) -> Items:
    """Put names and words around them together; those inside a name are no words around it."""
    cue = of.around.of(tokens, np.unique(names.row))
    begins = np.searchsorted(names.last, cue.first, side="right")
    inside = np.append(names.first, np.int32(2**31 - 1))[begins] < cue.last
    apart = np.flatnonzero(~inside)
    first = np.concatenate([names.first, cue.first[apart]])
    order = np.argsort(first, kind="stable")
    whole = (
        np.concatenate(pair)[order]
        for pair in (
            (names.row, cue.row[apart]), (bits, of.around_bits[cue.phrase[apart]]), (names.first, cue.first[apart]),
            (names.last, cue.last[apart]), (np.ones(len(names.row), np.bool_), np.zeros(len(apart), np.bool_)),
        )
    )  # fmt: skip
    return Items(*whole)


def _table_of(language: str | None) -> str:
    base = (language or "").split("-")[0]
    return base if base in LANGUAGES else OTHER


def _bits(names: Tagged, of_phrase: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the bits of what was found; of a misspelt name, that it is doubtful unless it is long."""
    bits = of_phrase[names.phrase]
    is_guess = names.is_near & (names.end - names.start < LONG_NAME) & ((bits & cues.DRUG) != 0)
    return np.where(is_guess, (bits & ~np.int64(cues.DRUG)) | cues.DOUBTFUL, bits)


def _said(texts: pa.Array, tokens: Tokens, items: Items) -> Ints:
    """Return what is said of items."""
    data, offsets = text_buffers(texts, 0, len(texts))
    rows, n = np.unique(items.row), len(tokens.ids)
    sentence, commas, asks = np.zeros(n, np.int32), np.zeros(n, np.int32), np.zeros(n + len(rows) + 2, np.bool_)
    cues.parts(data, offsets, rows, tokens.first, tokens.starts, tokens.ends, sentence, commas, asks)
    said = np.zeros(len(items.row), np.int32)
    cues.judge(items.row, items.bits, items.first, items.last, sentence, commas, asks, said)
    return said


def _findings(tagged: Tagged, found: NDArray[np.int64], bits: NDArray[np.int64], said: Ints, of: Table) -> pa.Table:
    phrase = pa.array(tagged.phrase[found])
    flags = [
        pa.array((said & flag) != 0)
        for flag in (cues.IS_NEGATED, cues.IS_HYPOTHETICAL, cues.IS_PAST, cues.IS_ANOTHERS)
    ]
    columns = [
        pa.array(tagged.row[found].astype(np.int64)), _kinds(bits, said), of.values.take(phrase), of.names.take(phrase),
        pa.array(tagged.start[found]), pa.array(tagged.end[found]), *flags, pa.array(np.full(len(found), CERTAIN)),
        of.sources.take(phrase),
    ]  # fmt: skip
    return pa.table(columns, schema=FINDINGS)


def _kinds(bits: NDArray[np.int64], said: Ints) -> pa.Array:
    """Return the kind of each finding."""
    places = np.select(
        [(bits & (cues.DRUG | cues.DOUBTFUL)) != 0, (bits & cues.DEVICE) != 0, (said & cues.IS_REACTION) != 0],
        [0, 3, 1], 2,
    )  # fmt: skip
    return pa.array([kind.value for kind in KINDS]).take(pa.array(places))


def lines(found: pa.Table, n: int) -> Iterator[list[dict[str, object]]]:
    """Yield the findings of each of n texts."""
    rows: list[list[dict[str, object]]] = [[] for _ in range(n)]
    for row in found.to_pylist():
        rows[row["row"]].append(row)
    yield from rows


def find(texts: Sequence[str], languages: Sequence[str | None], finder: HealthFinder, lexicon: Lexicon) -> pa.Table:
    """Return `FINDINGS` of texts as they are given, by a lexicon that may be used again."""
    array = pc.cast(pa.array(texts, pa.string()), pa.large_string())
    return finder.find(array, languages, lexicon=lexicon, tokens=lexicon.read(array))
