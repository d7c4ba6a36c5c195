"""All phrases that are looked for in a language, with what each means: dictionary, drug base, what people say, cues."""

import gc
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from vigie.enrich.health import bdpm
from vigie.enrich.health.dictionary import SOURCE, Entry, version_of
from vigie.enrich.health.said import LANGUAGES, around, common, forget, light, plain, said
from vigie.enrich.tone import LEXICONS
from vigie.text import cues
from vigie.text.lexicon import Lexicon
from vigie.text.near import Near
from vigie.text.phrases import Phrases

SHORTEST_SURE = 5
"""Letters from which a name is nobody's word for anything else, unless a list says so."""

LEAST_MISSPELT = 6
"""Letters from which a name is found misspelt: of shorter ones too many are a letter away from something else."""

LEAST_MISSPELT_SAID = 8
"""Letters from which an effect's one word is found misspelt; looked at on French tweets, where shorter ones meet others."""

NOUNS = ("ment", "ments", "tion", "tions", "ee", "ees", "ie", "ies", "ite", "ites", "eux", "euse", "ure", "ures", "eur", "eurs", "ance", "ence", "ige", "iges", "ene", "enes", "eme", "emes", "isme")  # fmt: skip
"""Ends of such words: forms of verbs are a letter away from one another."""

LEARNT = "phee"
"""Source of names learnt from the training sentences of PHEE."""


@dataclass(frozen=True, slots=True)
class Table:
    """What names something in a language, by place, and the words around it."""

    phrases: Phrases
    bits: NDArray[np.int64]
    values: pa.Array
    names: pa.Array
    """The entry found, of what is found by a name; null elsewhere."""
    sources: pa.Array
    around: Phrases
    around_bits: NDArray[np.int64]

    def on(self, lexicon: Lexicon) -> "Table":
        """Return the same on another lexicon."""
        return replace(self, phrases=self.phrases.on(lexicon), around=self.around.on(lexicon))


@dataclass(frozen=True, slots=True)
class Row:
    """A phrase and what it means."""

    bits: int
    value: str = ""
    name: str | None = None
    source: str = ""


def table(language: str, entries: Sequence[Entry], base: bdpm.DrugBase, learnt: bool, lexicon: Lexicon) -> Table:
    """Lay out what is looked for in a language, on a lexicon: `fr`, `en`, or another one, in which names alone are.

    What does not rest on the lexicon is laid out once a process: it takes two seconds for French.
    """
    key = (language, version_of(entries), bdpm.mark(base), learnt)
    if key not in _laid_out:
        while len(_laid_out) >= MOST_TABLES:
            del _laid_out[next(iter(_laid_out))]
        with _uncollected():
            _laid_out[key] = _table(language, entries, base, learnt, lexicon)
    return _laid_out[key].on(lexicon)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Have Python look for no circles meanwhile: half a million strings are made, none in one, and looking takes a quarter."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


MOST_TABLES = 12
"""Tables kept: three languages of the dictionaries and bases that a process meets at once; some 20 MB each."""

_laid_out: dict[tuple[str, str, str, bool], Table] = {}


def _table(language: str, entries: Sequence[Entry], base: bdpm.DrugBase, learnt: bool, lexicon: Lexicon) -> Table:
    rows = drug_rows(entries, base, learnt and language == "en")
    names = {phrase for phrase, row in rows.items() if row.bits & (cues.DRUG | cues.DEVICE)}
    spoken: Mapping[str, Row] = said_rows(language, learnt)
    rows = rows | {phrase: row for phrase, row in spoken.items() if phrase not in rows}
    cue_bits = around(language) if language in LANGUAGES else {}
    near = Near(names | misspelt(spoken, language), ordinary() | common().not_misspelt, LEAST_MISSPELT)
    forget()
    return Table(
        Phrases(list(rows), lexicon, near, light(language)),
        np.array([row.bits | cue_bits.get(phrase, 0) for phrase, row in rows.items()], np.int64),
        pa.array([row.value for row in rows.values()]), pa.array([row.name for row in rows.values()], pa.string()),
        pa.array([row.source for row in rows.values()]),
        Phrases(list(cue_bits), lexicon), np.array(list(cue_bits.values()), np.int64),
    )  # fmt: skip


def drug_rows(entries: Sequence[Entry], base: bdpm.DrugBase, learnt: bool) -> dict[str, Row]:
    """Return the names of medicines and devices; the company's own come first."""
    rows: dict[str, Row] = {}
    own = f"{SOURCE} {version_of(entries)}"
    meant = {drug.name: drug.value for drug in base.drugs}
    for entry in entries:
        bits = cues.DEVICE if entry.is_device else cues.DRUG
        value = entry.value if entry.is_device else meant.get(plain(entry.value), entry.value)
        for spelling in (entry.name, *entry.spellings):
            if phrase := plain(spelling):
                rows.setdefault(phrase, Row(bits, value, entry.name, own))
    for drug in base.drugs:
        if drug.name not in common().left_out:
            rows.setdefault(drug.name, Row(_sureness(drug.name), drug.value, drug.name, base.source))
    for name, value in learnt_rows("drug") if learnt else ():
        rows.setdefault(name, Row(_sureness(name), value, name, LEARNT))
    return rows


def _sureness(name: str) -> int:
    """Say whether a name is found wherever it stands, or only beside what speaks of medicines."""
    lists = common()
    if name in lists.sure:
        return cues.DRUG
    is_short = len(name) < SHORTEST_SURE
    return cues.DOUBTFUL if is_short or name in lists.needs_context or name in ordinary() else cues.DRUG


def said_rows(language: str, learnt: bool) -> dict[str, Row]:
    """Return what people say of what they feel and have."""
    # Few rows are different: what a line of a list stands for shares one.
    made = cache(Row)
    source = f"said {language}"
    spoken = said(language) if language in LANGUAGES else ()
    rows = {one.phrase: made(one.bits, one.value, None, source) for one in spoken}
    for phrase, value in learnt_rows("reaction") if learnt and language == "en" else ():
        rows.setdefault(phrase, Row(cues.REACTION, value, None, LEARNT))
    return rows


def misspelt(spoken: Mapping[str, Row], language: str) -> set[str]:
    """Return the words for effects that are found with a letter wrong: long ones, in French.

    English has its own model for what no list names.
    """
    if language != "fr":
        return set()
    return {
        phrase
        for phrase, row in spoken.items()
        if row.bits & cues.REACTION
        and not row.bits & cues.VAGUE
        and len(phrase) >= LEAST_MISSPELT_SAID
        and phrase.endswith(NOUNS)
    }


@cache
def learnt_rows(kind: str) -> tuple[tuple[str, str], ...]:
    """Return names learnt from PHEE's training sentences, with their normal forms: themselves."""
    path = files("vigie.enrich.health").joinpath("data/phee.tsv")
    lines = path.read_text("utf-8").splitlines() if path.is_file() else []
    rows = (line.split("\t") for line in lines if not line.startswith("#"))
    return tuple((row[0], row[0]) for row in rows if row[1] == kind)


@cache
def ordinary(languages: tuple[str, ...] = LANGUAGES) -> frozenset[str]:
    """Return words of every day, without accents: those of the tone's lexicons, and of what people say in languages.

    A name among them is found beside what speaks of medicines alone, and none of them is a misspelt name.
    """
    found: set[str] = set()
    for path in sorted(LEXICONS.glob("*.tsv")):
        found |= {plain(line.split("\t")[0]) for line in path.read_text("utf-8").splitlines()}
    for language in languages:
        found |= {word for one in said(language) for word in one.phrase.split()}
    for language in LANGUAGES:
        found |= {word for phrase in around(language) for word in phrase.split()}
    return frozenset(word for word in found if word and " " not in word) - _names_among()


def _names_among() -> frozenset[str]:
    """Return names of medicines that the lexicons hold as words."""
    return frozenset({"aspirine", "prozac", "valium", "viagra", "zoloft"})


@cache
def shipped() -> bdpm.DrugBase:
    """Return the drug base that comes with the product."""
    return bdpm.read(files("vigie.enrich.health").joinpath("data/bdpm.tsv").read_text("utf-8"))


def installed(folder: Path) -> bdpm.DrugBase:
    """Return the base that an installation loaded into its folder; the shipped one where it loaded none.

    Raises:
        SchemaError: the list there is no such list.
    """
    path = bdpm.kept_in(folder)
    return bdpm.read(path.read_text("utf-8")) if path.is_file() else shipped()
