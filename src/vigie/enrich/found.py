"""Which findings count, and how a post's are written in one short text: what figures and filters see of them."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from vigie.schema.vocab import FindingKind

Values = Mapping[str, tuple[str, ...]]
"""The different values of each kind of finding, in order; a kind without any is absent."""

DENIABLE = (FindingKind.REACTION, FindingKind.CONDITION)
"""Kinds that do not count when the text denies or only supposes them: “no nausea so far” tells of none. A medicine is
spoken of all the same, whoever does not take it."""

LONGEST_VALUE = 120
"""Characters of a value (the record's column)."""


MOST_PLACES = 20
"""Places kept of one value said in one way in a post, the first of them: a page has use for a few, and a text of 100,000 characters
that repeats one name would hold ten thousand."""

MOST_FOUND = 500
"""Findings kept of a post: more different things than a leaflet names."""


class Thing(NamedTuple):
    """One thing found in a post: `finder.FINDINGS` without the row, as the record keeps it, and who found it."""

    kind: str
    value: str
    name: str
    start: int | None
    end: int | None
    negated: bool
    hypothetical: bool
    past: bool
    of_another: bool
    score: float
    source: str
    model: str
    version: str


def by_row(table: pa.Table) -> dict[int, list[Thing]]:
    """Return the things found by the rows of their posts, cut to what the record has room for.

    Args:
        table: `finder.FINDINGS` with `model` and `version`, as `flows.ingest.find` gives them.
    """
    said: dict[int, list[Thing]] = {}
    columns = (column.to_pylist() for column in table.columns)
    for row, kind, value, name, *cells, score, source, model, version in zip(*columns, strict=True):
        short = value[:LONGEST_VALUE], (name or "")[:LONGEST_VALUE]
        thing = Thing._make((kind, *short, *cells, score, source[:LONGEST_VALUE], model, version))
        said.setdefault(row, []).append(thing)
    return said


def capped(table: pa.Table) -> pa.Table:
    """Return findings without those beyond `MOST_PLACES` of one value of a post and `MOST_FOUND` of a post.

    Args:
        table: `finder.FINDINGS`, in the order of texts.
    """
    rows = table["row"].to_numpy()
    crowded = np.flatnonzero(np.bincount(rows) > MOST_PLACES) if len(rows) else np.empty(0, np.int64)
    if not len(crowded):
        return table
    kept = ~np.isin(rows, crowded)
    for row in crowded.tolist():
        places = np.flatnonzero(rows == row)
        kept[places[_first_places(table.take(pa.array(places)))]] = True
    return table.filter(pa.array(kept))


def _first_places(of_one: pa.Table) -> list[int]:
    """Return which findings of a post are kept."""
    said = zip(*(of_one[name].to_pylist() for name in ("kind", "value", "negated", "hypothetical")), strict=True)
    times: Counter[tuple[object, ...]] = Counter()
    kept = []
    for place, one in enumerate(said):
        times[one] += 1
        if times[one] <= MOST_PLACES:
            kept.append(place)
    return kept[:MOST_FOUND]


def counts(kind: str, *, negated: bool, hypothetical: bool) -> bool:
    """Say whether a finding counts in figures and filters."""
    return not (kind in DENIABLE and (negated or hypothetical))


def values_of(findings: Iterable[tuple[str, str, bool, bool]]) -> dict[str, tuple[str, ...]]:
    """Return the different values that count, by kind.

    Args:
        findings: Kind, value, negated, hypothetical.
    """
    kinds: dict[str, set[str]] = {}
    for kind, value, negated, hypothetical in findings:
        if counts(kind, negated=negated, hypothetical=hypothetical):
            kinds.setdefault(kind, set()).add(value)
    return {kind: tuple(sorted(kinds[kind])) for kind in sorted(kinds)}


def corrected(values: Values, corrections: Iterable[tuple[str, str, bool]]) -> dict[str, tuple[str, ...]]:
    """Return the values once people said of some (kind, value) that they hold or do not."""
    kinds = {kind: set(some) for kind, some in values.items()}
    for kind, value, holds in corrections:
        some = kinds.setdefault(kind, set())
        some.add(value) if holds else some.discard(value)
    return {kind: tuple(sorted(kinds[kind])) for kind in sorted(kinds) if kinds[kind]}


def written(values: Values) -> str:
    """Return the values as text; empty when there are none."""
    return json.dumps(values, ensure_ascii=False, separators=(",", ":")) if values else ""


def read(text: str | None) -> dict[str, tuple[str, ...]]:
    """Return the values of a text that `written` made."""
    return {kind: tuple(some) for kind, some in json.loads(text).items()} if text else {}
