"""Find medicines, unwanted effects, illnesses and devices in texts, with how each is said.

    words ──tag──► items (names, ways of saying, cues) ──judge──► findings

In French and English all is looked for; in other languages, and where the language is not known, names of medicines and
devices alone.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal
from weakref import WeakKeyDictionary

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from vigie.enrich.finder import FINDINGS
from vigie.enrich.health.bdpm import DrugBase, mark
from vigie.enrich.health.dictionary import Entry, version_of
from vigie.enrich.health.said import LANGUAGES
from vigie.enrich.health.sentences import LANGUAGE as SPOKEN
from vigie.enrich.health.sentences import VERSION, Sentences, committed, cut, facts_of, tells
from vigie.enrich.health.table import Table, shipped, table
from vigie.schema.vocab import FindingKind
from vigie.text import cues
from vigie.text.lexicon import Ints, Lexicon, Tokens, text_buffers
from vigie.text.phrases import Tagged

RULES = "2"
"""Version of the rules and lists; any change of what is found raises it."""

CERTAIN = 1.0
"""Score of what rules find: they are not of two minds. How often they are right stands on the card."""

LONG_NAME = 9
"""Letters from which a misspelt name needs nothing beside it: hardly a word is a letter away from one so long."""

KINDS = (FindingKind.DRUG, FindingKind.REACTION, FindingKind.CONDITION, FindingKind.DEVICE)

UNNAMED = "unnamed"
"""Normal form of an effect that a sentence tells in words of no list."""

OTHER = ""
"""The table of languages of which names alone are known."""


class HealthFinder:
    """Rules and lists; see `data/`."""

    name = "health"
    kinds = tuple(kind.value for kind in KINDS)

    def __init__(
        self, dictionary: Sequence[Entry] = (), base: DrugBase | None = None, *, learnt: bool = True,
        sentences: Sentences | Literal["committed"] | None = "committed",
    ) -> None:  # fmt: skip
        """Take the company's dictionary, and a drug base instead of the one that comes with the product.

        Args:
            dictionary: Its entries are found before all others.
            base: Names of medicines; absent: the shipped ones.
            learnt: Whether names learnt from PHEE's training sentences are looked for.
            sentences: The model that reads English sentences about a medicine; absent: rules and lists alone.
        """
        self.dictionary = tuple(dictionary)
        self._base = base
        self._learnt, self._sentences = learnt, sentences
        self._tables: WeakKeyDictionary[Lexicon, dict[str, Table]] = WeakKeyDictionary()

    @cached_property
    def base(self) -> DrugBase:
        """Return the names of medicines."""
        return self._base or shipped()

    @cached_property
    def version(self) -> str:
        """Return the version of the rules, the date of the drug base, and the mark of the dictionary."""
        parts = (RULES, mark(self.base), version_of(self.dictionary))
        return "-".join(part for part in parts if part)

    def find(self, texts: pa.Array, languages: Sequence[str | None], *, lexicon: Lexicon, tokens: Tokens) -> pa.Table:
        """Return `FINDINGS` of texts."""
        tables = {language: _table_of(language) for language in set(languages)}
        bases = np.array([tables[language] for language in languages], object)
        found = [
            self._found(texts, tokens, np.flatnonzero(bases == name).astype(np.int32), self._table(name, lexicon))
            for name in (*LANGUAGES, OTHER)
            if (bases == name).any()
        ]
        whole = pa.concat_tables(found) if found else FINDINGS.empty_table()
        if len(whole) and self._sentences is not None and (bases == SPOKEN).any():
            model = committed() if self._sentences == "committed" else self._sentences
            whole = pa.concat_tables([whole, unnamed(texts, bases == SPOKEN, whole, model)])
        return whole.sort_by([("row", "ascending"), ("start", "ascending")]).combine_chunks()

    def _table(self, name: str, lexicon: Lexicon) -> Table:
        """Return the phrases of a language on this lexicon; a new lexicon makes them anew."""
        tables = self._tables.setdefault(lexicon, {})
        if name not in tables:
            tables[name] = table(name, self.dictionary, self.base, self._learnt, lexicon)
        return tables[name]

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
    order = np.argsort(np.concatenate([names.first, cue.first[apart]]), kind="stable")
    is_name = np.repeat([True, False], [len(names.row), len(apart)])[order]
    row, first, last = (
        np.concatenate([own, other[apart]])[order]
        for own, other in ((names.row, cue.row), (names.first, cue.first), (names.last, cue.last))
    )
    whole = np.concatenate([bits, of.around_bits[cue.phrase[apart]]])[order]
    return Items(row, whole, first, last, is_name)


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
        pa.array((said & flag) != 0) for flag in (cues.IS_NEGATED, cues.IS_HYPOTHETICAL, cues.IS_PAST, cues.IS_ANOTHERS)
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


def unnamed(texts: pa.Array, is_read: NDArray[np.bool_], found: pa.Table, model: Sentences) -> pa.Table:
    """Return sentences that tell an effect which no list names, of texts that name a medicine."""
    row, kind = found["row"].to_numpy(), np.array(found["kind"].to_pylist(), object)
    asked = [int(at) for at in np.unique(row[kind == FindingKind.DRUG.value]) if is_read[at]]
    known = found.filter(pa.array(np.isin(row, asked)))
    places: list[tuple[int, int, int]] = []
    sentences: list[str] = []
    for at, text in zip(asked, texts.take(pa.array(asked, pa.int64())).to_pylist(), strict=True):
        for begin, end in cut(text):
            places.append((at, begin, end))
            sentences.append(text[begin:end])
    if not sentences:
        return FINDINGS.empty_table()
    facts = facts_of(_by_sentence(known, places), len(sentences))
    shares = model.shares(sentences, facts)
    told = np.flatnonzero(tells(shares, facts))
    return _unnamed([places[n] for n in told], shares[told])


def _by_sentence(found: pa.Table, places: Sequence[tuple[int, int, int]]) -> pa.Table:
    """Return findings with the number of their sentence in place of that of their text."""
    begins = np.array([(at << 32) + begin for at, begin, _ in places], np.int64)
    starts = (found["row"].to_numpy() << 32) + found["start"].to_numpy()
    sentence = np.maximum(np.searchsorted(begins, starts, side="right") - 1, 0)
    return found.set_column(0, FINDINGS.field("row"), pa.array(sentence, pa.int64()))


def _unnamed(places: Sequence[tuple[int, int, int]], shares: NDArray[np.float32]) -> pa.Table:
    n = len(places)
    columns = {
        "row": [at for at, _, _ in places], "kind": [FindingKind.REACTION.value] * n, "value": [UNNAMED] * n,
        "name": [None] * n, "start": [begin for _, begin, _ in places], "end": [end for _, _, end in places],
        **{flag: [False] * n for flag in ("negated", "hypothetical", "past", "of_another")},
        "score": [round(float(share), 4) for share in shares], "source": [f"model health-{SPOKEN} {VERSION}"] * n,
    }  # fmt: skip
    return pa.table([pa.array(columns[field.name], field.type) for field in FINDINGS], schema=FINDINGS)


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
