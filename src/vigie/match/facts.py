"""What sources say of a batch of posts, as numbers of the tests that hold: one look per different value, not per post."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from vigie.match.compiled import Compiled
from vigie.match.document import ENGAGEMENTS, LABEL_COLUMNS
from vigie.match.fields import label_form
from vigie.match.knowledge import Knowledge, handle_of, parents_of
from vigie.match.laid import FIELD_BITS
from vigie.schema.tables import INSTANT

Longs = NDArray[np.int64]
Terms = tuple[int, ...]

Found = tuple[Longs, Longs]
"""Rows, and the terms that hold for them."""

NUMBER_COLUMNS = {"authorFollowers": "followers", "rating": "rating", "minuteOfDay": "published_at"}
"""Columns of `DOCUMENTS` that are compared with bounds, by field."""

SAID_COLUMNS = {
    "language": ("language",), "site": ("site",), "network": ("network",), "country": ("country",),
    "author": ("author_key",), "engagingWith": ("engaging_key",), "authorVerified": ("author_verified",),
    "list": ("author_key", "site"), "tone": ("tone",), "story": ("story",),
}  # fmt: skip
"""Columns of which one says something of a field; the fields that are not here are always known (ours)."""


@dataclass(frozen=True, slots=True)
class Facts:
    """The kernel's tables of facts of some rows."""

    first: NDArray[np.int32]
    terms: NDArray[np.int32]
    fields: Longs
    """Bits of the fields of which something is said."""
    numbers: NDArray[np.float64]
    """One row a field that is compared with bounds; not a number where nothing is said."""

    def of(self, first: int, last: int) -> "Facts":
        """Return the facts of some of the rows."""
        numbers = np.ascontiguousarray(self.numbers[:, first:last])
        return Facts(self.first[first : last + 1], self.terms, self.fields[first:last], numbers)


class FactReader:
    """Reads the facts that some compiled queries test."""

    def __init__(self, compiled: Compiled, knowledge: Knowledge) -> None:
        self._base = len(compiled.terms)
        self._numbers = compiled.numbers
        self._knowledge = knowledge
        self._values: dict[str, dict[str, int]] = defaultdict(dict)
        for number, (name, value) in enumerate(compiled.said):
            self._values[name][value] = self._base + number
        self._sites, self._handles, self._members = self._listed()
        self._seen: dict[str, dict[object, Terms]] = defaultdict(dict)

    def _listed(self) -> tuple[dict[str, Terms], dict[str, Terms], dict[bytes, Terms]]:
        """Return the tests by site, by handle and by author's hash, those of lists among them; they are looked up so alone."""
        sites: dict[str, Terms] = defaultdict(tuple)
        handles: dict[str, Terms] = defaultdict(tuple)
        authors: dict[bytes, Terms] = defaultdict(tuple)
        for value, term in self._values.pop("site", {}).items():
            sites[value] += (term,)
        for value, term in self._values.pop("author", {}).items():
            handles[handle_of(value)] += (term,)
        for name, term in self._values.pop("list", {}).items():
            members = self._knowledge.lists.get(name)
            for site in members.sites if members else ():
                sites[site] += (term,)
            for key in members.authors if members else ():
                authors[key] += (term,)
        return sites, handles, authors

    def read(self, table: pa.Table, *, strictly: bool) -> Facts:
        """Return the facts of a table with columns of `DOCUMENTS`; a column without a type says nothing."""
        table = table.drop_columns([column.name for column in table.schema if pa.types.is_null(column.type)])
        found = list(self._found(table))
        rows = np.concatenate([rows for rows, _ in found]) if found else np.zeros(0, np.int64)
        terms = np.concatenate([terms for _, terms in found]) if found else np.zeros(0, np.int64)
        order = np.argsort(rows, kind="stable")
        first = np.searchsorted(rows[order], np.arange(table.num_rows + 1)).astype(np.int32)
        fields = _said_fields(table) if strictly else np.zeros(table.num_rows, np.int64)
        return Facts(first, terms[order].astype(np.int32), fields, self._compared(table))

    def _found(self, table: pa.Table) -> Iterable[Found]:
        names = set(table.column_names)
        for name, look in self._looks().items():
            if self._values[name] and name in names:
                yield from self._by_value(table[name], name, look)
        if self._sites and "site" in names:
            yield from self._by_value(table["site"], "sites", self._of_site)
        for name, column in (("space", "spaces"), ("spacekind", "space_kinds")):
            if self._values[name] and column in names:
                yield from self._by_member(table[column], name, self._exactly(name))
        yield from self._by_label(table, names)
        for kind, column in ENGAGEMENTS.items():
            if kind in self._values["engagementType"] and column in names:
                rows = np.flatnonzero(pc.not_equal(table[column], "").fill_null(False).to_numpy())
                yield rows, np.full(len(rows), self._values["engagementType"][kind])
        if self._values["authorVerified"] and "author_verified" in names:
            yield from self._by_value(
                table["author_verified"].cast(pa.string()), "authorVerified", self._exactly("authorVerified")
            )
        yield from self._by_author(table, names)

    def _looks(self) -> dict[str, Callable[[str], Terms]]:
        """Return how a value of a column is looked up, for the columns that bear their field's name."""
        return {
            "language": lambda tag: self._exactly("language")(tag.lower().split("-")[0]),
            "network": self._exactly("network"),
            "country": self._exactly("country"),
        }

    def _exactly(self, name: str) -> Callable[[str], Terms]:
        values = self._values[name]
        return lambda value: (values[value.lower()],) if value.lower() in values else ()

    def _of_site(self, site: str) -> Terms:
        return tuple(term for parent in parents_of(site) for term in self._sites.get(parent, ()))

    def _by_value(self, column: pa.ChunkedArray, name: str, look: Callable[[str], Terms]) -> Iterable[Found]:
        """Look each different value up once."""
        encoded = _one_chunk(column).dictionary_encode()
        known = self._seen[name]
        terms: list[Terms] = []
        for value in encoded.dictionary.to_pylist():
            if value not in known:
                known[value] = look(value)
            terms.append(known[value])
        if any(terms):
            yield _expanded(encoded.indices.fill_null(-1).to_numpy(), terms)

    def _by_label(self, table: pa.Table, names: set[str]) -> Iterable[Found]:
        for name, column in LABEL_COLUMNS.items():
            if self._values[name] and column in names:
                of = self._by_value if pa.types.is_string(table.schema.field(column).type) else self._by_member
                yield from of(table[column], name, self._folded(name))

    def _folded(self, name: str) -> Callable[[str], Terms]:
        values = self._values[name]
        return lambda value: (values[form],) if (form := label_form(value)) in values else ()

    def _by_member(self, column: pa.ChunkedArray, name: str, look: Callable[[str], Terms]) -> Iterable[Found]:
        """Look each different member of lists up once."""
        lists = _one_chunk(column)
        # Not `list_parent_indices`: it counts what lies hidden under a null too, `flatten` does not.
        lengths = pc.list_value_length(lists).fill_null(0).to_numpy()
        parents, flat = np.repeat(np.arange(len(lists)), lengths), lists.flatten()
        if not len(flat):
            return
        for rows, terms in self._by_value(pa.chunked_array([flat]), name, look):
            pairs = np.unique(np.stack([parents[rows], terms]), axis=1)
            yield pairs[0], pairs[1]

    def _by_author(self, table: pa.Table, names: set[str]) -> Iterable[Found]:
        engaged: dict[str, Terms] = {handle_of(h): (t,) for h, t in self._values["engagingWith"].items()}
        for column, handles, name in (
            ("author_key", self._handles, "author"), ("engaging_key", engaged, "engaging"),
        ):  # fmt: skip
            if handles and column in names and "origin" in names:
                yield self._by_key(table, column, handles, name)
        if self._members and "author_key" in names:
            keys = enumerate(table["author_key"].to_pylist())
            pairs = [(row, term) for row, key in keys for term in self._members.get(key, ())]
            yield np.array([r for r, _ in pairs], np.int64), np.array([t for _, t in pairs], np.int64)

    def _by_key(self, table: pa.Table, column: str, handles: dict[str, Terms], name: str) -> Found:
        """Compare keyed hashes: each origin's hash of each handle is made once."""
        keys = self._seen[name]
        origins = self._seen[f"{name} origins"]
        for origin in _one_chunk(table["origin"]).unique().to_pylist():
            if origin is not None and origin not in origins:
                origins[origin] = ()
                keys |= {key: found for h, found in handles.items() for key in self._knowledge.links(origin, h)}
        asked = _one_chunk(table[column])
        said = pc.and_(pc.is_valid(asked), pc.is_valid(_one_chunk(table["origin"])))
        if len(keys) <= table.num_rows:
            # A hash table of the keys is made at each call: worth it while they are fewer than the rows.
            said = pc.and_(said, pc.is_in(asked, pa.array(list(keys), asked.type)))
        hits = np.flatnonzero(said.to_numpy(zero_copy_only=False))
        found = [(row, keys.get(key, ())) for row, key in zip(hits, asked.take(hits).to_pylist(), strict=True)]
        pairs = [(row, term) for row, terms in found for term in terms]
        return np.array([row for row, _ in pairs], np.int64), np.array([term for _, term in pairs], np.int64)

    def _compared(self, table: pa.Table) -> NDArray[np.float64]:
        found = np.full((max(1, len(self._numbers)), table.num_rows), np.nan)
        for name, place in self._numbers.items():
            column = NUMBER_COLUMNS[name]
            if column in table.column_names:
                values = _one_chunk(table[column])
                if name == "minuteOfDay":
                    utc = values.cast(INSTANT, safe=False)
                    values = pc.add(pc.multiply(pc.hour(utc), 60), pc.minute(utc))
                found[place] = values.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False)
        return found


def _one_chunk(column: pa.ChunkedArray | pa.Array) -> pa.Array:
    if isinstance(column, pa.Array):
        return column
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()


def _expanded(codes: NDArray[np.int32], terms: Sequence[Sequence[int]]) -> Found:
    """Return (row, term) for rows that have a code with terms; a code below zero has none."""
    counts = np.array([*(len(t) for t in terms), 0], np.int64)
    first = np.concatenate([[0], np.cumsum(counts)[:-1]])
    flat = np.array([term for found in terms for term in found], np.int64)
    times = counts[codes]
    rows = np.repeat(np.arange(len(codes)), times)
    within = np.arange(len(rows)) - np.repeat(np.cumsum(times) - times, times)
    return rows, flat[first[codes[rows]] + within]


def _said_fields(table: pa.Table) -> Longs:
    """Return, a row each, the bits of the fields of which the source says something."""
    always = sum(1 << bit for name, bit in FIELD_BITS.items() if name not in SAID_COLUMNS)
    fields = np.full(table.num_rows, always, np.int64)
    for name, columns in SAID_COLUMNS.items():
        for column in columns:
            if column in table.column_names:
                said = pc.is_valid(table[column]).to_numpy().astype(np.int64)
                fields |= said << FIELD_BITS[name]
    return fields
