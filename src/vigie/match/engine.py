"""Hold batches of posts against all standing queries at once.

    columns ──► words (kernel.cut) ──► terms of each spelling ──► candidates by anchor ──► tests, places (kernel.hold)

What a query means is said by `vigie.match.plain`, one post and one query at a time; a test compares the two. Cost per
post: its words, then its matches; the number of queries hardly counts. A change of some queries compiles these alone.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from vigie.match.compiled import Compiled, Scratch, lay
from vigie.match.document import LINKS, TITLE, URL, links_of, sound
from vigie.match.facts import FactReader, Facts
from vigie.match.frequencies import share_of
from vigie.match.knowledge import NOTHING, Knowledge
from vigie.match.laid import Laid, merged
from vigie.match.parser import Query
from vigie.match.sifting import kept, sieve_of
from vigie.text import kernel
from vigie.text.lexicon import Ints, Lexicon, Tokens
from vigie.text.sieve import Sieve
from vigie.text.terms import Asked

BLOCK_BYTES = 1 << 19
"""Bytes of text cut at once: their words take about 2 MB, which stay near the processor (measured: 2^19 the best of 2^17 to 2^20)."""

BLOCK_ROWS = 4_096
"""Posts held at once, at most."""

LOOSE = 64
"""Changed queries beyond which they are put together with the rest: looking at several sets costs each batch a pass over
its words."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a batch answers: one row a pair of post and query, in the order of the posts."""

    row: Ints
    query: Ints
    """Place of the query in `Engine.ids`."""
    certain: NDArray[np.bool_]
    """It holds whatever the language; always so when languages have been read."""
    span_pair: Ints
    """Pair that a place belongs to; places are sorted, each once, by pair, zone, start."""
    span_zone: Ints
    """`document.TITLE` or `TEXT`."""
    span_start: Ints
    """In code points of the zone's text."""
    span_end: Ints


@dataclass(frozen=True, slots=True)
class Part:
    """Some queries compiled together, and where they stand among all."""

    compiled: Compiled
    facts: FactReader
    places: Ints
    alive: NDArray[np.bool_]


class Engine:
    """Standing queries by id, ready for batches; never changed, so that a batch meets one state of them."""

    def __init__(
        self,
        queries: Mapping[str, Query],
        *,
        knowledge: Knowledge = NOTHING,
        lexicon: Lexicon | None = None,
        chance: Callable[[Asked], float] = share_of,
    ) -> None:
        self.lexicon = lexicon or Lexicon()
        self.ids = list(queries)
        self.knowledge, self._chance = knowledge, chance
        self.parts = [self._part(lay(queries.values(), chance=chance), np.arange(len(self.ids)))] if self.ids else []

    @classmethod
    def of(cls, found: Laid, ids: list[str], *, knowledge: Knowledge = NOTHING, lexicon: Lexicon) -> "Engine":
        """Return an engine of queries compiled before, whose ids are given by place."""
        engine = cls({}, knowledge=knowledge, lexicon=lexicon)
        engine.ids = ids
        engine.parts = [engine._part(found, np.arange(len(ids)))] if ids else []
        return engine

    def __len__(self) -> int:
        return len(self.ids)

    def _part(self, found: Laid, places: NDArray[np.int64]) -> Part:
        compiled = Compiled(found, lexicon=self.lexicon)
        alive = np.ones(len(found), np.bool_)
        return Part(compiled, FactReader(compiled, self.knowledge), places.astype(np.int32), alive)

    def changed(self, added: Mapping[str, Query], removed: Iterable[str] = ()) -> "Engine":
        """Return an engine with some queries added or replaced and some taken away; the others are not compiled again."""
        gone = (set(removed) | set(added)).intersection(self.ids)
        engine = Engine({}, knowledge=self.knowledge, lexicon=self.lexicon, chance=self._chance)
        engine.ids = [i for i in self.ids if i not in gone] + list(added)
        if gone:
            engine.parts = [part for old in self.parts if (part := engine._kept(old, self.ids, gone)) is not None]
        else:
            engine.parts = list(self.parts)
        if added:
            at = np.arange(len(engine.ids) - len(added), len(engine.ids))
            engine.parts.append(engine._part(lay(added.values(), chance=self._chance), at))
        loose = sum(len(part.compiled) for part in engine.parts[1:])
        return engine.together() if loose > LOOSE else engine

    def together(self, lexicon: Lexicon | None = None) -> "Engine":
        """Return the same queries in one part, without what is left of those that are gone.

        Args:
            lexicon: What they read from now on; the same one when none is given.
        """
        if not self.parts:
            return Engine({}, knowledge=self.knowledge, lexicon=lexicon or self.lexicon, chance=self._chance)
        found, ids = self.laid()
        engine = Engine.of(found, ids, knowledge=self.knowledge, lexicon=lexicon or self.lexicon)
        engine._chance = self._chance
        return engine

    def laid(self) -> tuple[Laid, list[str]]:
        """Return what was compiled, of the queries of now, and their ids by place."""
        ids = [self.ids[place] for part in self.parts for place in part.places[part.alive]]
        return merged([(part.compiled.laid, part.alive) for part in self.parts]), ids

    def knowing(self, knowledge: Knowledge) -> "Engine":
        """Return the same queries held against other lists, or another secret; nothing is compiled again."""
        engine = Engine({}, knowledge=knowledge, lexicon=self.lexicon, chance=self._chance)
        engine.ids = self.ids
        engine.parts = [replace(part, facts=FactReader(part.compiled, knowledge)) for part in self.parts]
        return engine

    def _kept(self, part: Part, ids: list[str], gone: set[str]) -> Part | None:
        """Return a part without the queries that are gone."""
        new = {query_id: n for n, query_id in enumerate(self.ids)}
        names = [ids[place] for place in part.places]
        alive = part.alive & np.array([name not in gone for name in names], np.bool_)
        if not alive.any():
            return None
        places = np.array([new.get(name, 0) for name in names], np.int32)
        return replace(part, places=places, alive=alive)

    def match(self, posts: pa.Table, *, spans: bool = False, unread: bool = False, strictly: bool = False) -> Found:
        """Hold posts against every query.

        Args:
            posts: Columns of `document.DOCUMENTS`; a column that is missing says nothing.
            spans: Note the places that made a query hold.
            unread: The language has not been read: what depends on it comes with `certain` false.
            strictly: A NOT of what no source says does not hold; what `match` finds beyond this was found for what is
                not said.

        What is not UTF-8 is read as U+FFFD (`document.sound`).
        """
        rows = kept(posts, self._sieve, self._zones) if self._sieve is not None else None
        if rows is None:
            return self._match(sound(posts), spans=spans, unread=unread, strictly=strictly)
        found = self._match(sound(posts.take(rows)), spans=spans, unread=unread, strictly=strictly)
        return replace(found, row=rows[found.row].astype(np.int32))

    @cached_property
    def _sieve(self) -> Sieve | None:
        return sieve_of(self.parts)

    @cached_property
    def _zones(self) -> set[int]:
        """Return where words are sought."""
        return {zone for part in self.parts for zone in part.compiled.zones}

    def _match(self, posts: pa.Table, *, spans: bool, unread: bool, strictly: bool) -> Found:
        facts = [part.facts.read(posts, strictly=strictly) for part in self.parts]
        found = []
        for first, last in _blocks(posts):
            words = Words.of(posts.slice(first, last - first), self.lexicon, self._zones)
            for part, of_all in zip(self.parts, facts, strict=True):
                run = Run(part, words, of_all.of(first, last))
                found.append(run.found(first, spans=spans, unread=unread, strictly=strictly))
        return _joined(found)


@dataclass(frozen=True, slots=True)
class Words:
    """The words of some posts, zone after zone, post after post."""

    rows: int
    bounds: NDArray[np.int64]
    """Where the zones of each row begin, and where the last one ends."""
    tokens: Tokens
    segments: Ints
    """Numbers that part what no phrase may go over: zones, and links from one another."""

    @classmethod
    def of(cls, posts: pa.Table, lexicon: Lexicon, zones: set[int]) -> "Words":
        """Cut what queries ask for: title and text always, addresses and links when a query names them."""
        texts: list[tuple[int, pa.Array]] = []
        if "title" in posts.column_names and posts["title"].null_count < posts.num_rows:
            texts.append((TITLE, _array(posts, "title")))
        texts.append((1, _array(posts, "text")))
        if URL in zones and "url" in posts.column_names:
            texts.append((URL, _array(posts, "url")))
        if LINKS in zones:
            found = [links_of(t) if t and "://" in t else [] for t in _array(posts, "text").to_pylist()]
            most = max(map(len, found), default=0)
            texts += [(LINKS + n, pa.array([ls[n] if n < len(ls) else "" for ls in found])) for n in range(most)]
        return cls._together(posts.num_rows, [(zone, lexicon.read(array)) for zone, array in texts])

    @classmethod
    def _together(cls, rows: int, parts: list[tuple[int, Tokens]]) -> "Words":
        """Put the zones of each row side by side."""
        counts = np.zeros((len(parts), rows), np.int64)
        for n, (_, tokens) in enumerate(parts):
            counts[n] = np.diff(tokens.first)
        ends = (
            np.cumsum(counts.T.reshape(-1)).reshape(rows, len(parts)) if rows else np.zeros((0, len(parts)), np.int64)
        )
        begins = ends - counts.T
        bounds = np.empty((rows, 5), np.int64)
        row_begins = begins[:, 0] if rows else np.zeros(0, np.int64)
        for zone in range(4):
            inside = [n for n, (z, _) in enumerate(parts) if min(z, LINKS) < zone]
            bounds[:, zone] = row_begins + counts[inside].sum(axis=0) if inside else row_begins
        bounds[:, 4] = ends[:, -1] if rows else 0
        if len(parts) == 1:
            return cls(rows, bounds, parts[0][1], np.ones(len(parts[0][1].ids), np.int32))
        total = int(counts.sum())
        merged = [np.empty(total, np.int32) for _ in range(4)]
        for n, (zone, tokens) in enumerate(parts):
            at = np.repeat(begins[:, n] - tokens.first[:-1], counts[n]) + np.arange(len(tokens.ids))
            for target, values in zip(merged, (tokens.ids, tokens.starts, tokens.ends), strict=False):
                target[at] = values
            merged[3][at] = zone
        ids, starts, ends_, segments = merged
        return cls(rows, bounds, Tokens(bounds[:, 0], ids, starts, ends_), segments)


class Run:
    """One part of the engine held against the words of some posts."""

    def __init__(self, part: Part, words: Words, facts: Facts) -> None:
        self._part, self._words, self._facts = part, words, facts
        self._scratch = part.compiled.scratch()
        self._head, self._flat = part.compiled.reach.brought_up()

    def found(self, first: int, *, spans: bool, unread: bool, strictly: bool) -> Found:
        """Return what the posts answer; rows are counted from `first` on."""
        room, pieces, row = max(1024, 4 * self._words.rows), [], 0
        while row < self._words.rows:
            out: list[Any] = [np.empty(room, np.int32), np.empty(room, np.int32), np.empty(room, np.bool_)]
            places: list[Any] = [np.empty(8 * room if spans else 0, np.int32) for _ in range(4)]
            row, pairs, n_spans, full, is_loose = self._hold(row, out, places, spans, unread, strictly)
            places = [place[:n_spans] for place in places]
            sorted_places = _sorted_places(*places) if is_loose else places
            pieces.append(_settled(self._part, first, [o[:pairs] for o in out], sorted_places))
            if full == 1:
                room *= 2
            elif full:
                self._scratch.grow(4 * self._scratch.room)
        return _joined(pieces)

    def _hold(
        self, row: int, out: list[Any], places: list[Any], spans: bool, unread: bool, strictly: bool
    ) -> tuple[int, int, int, int, bool]:
        s: Scratch = self._scratch
        t = self._part.compiled.tables
        w, f = self._words, self._facts
        loose = np.zeros(1, np.bool_)
        row, pairs, n_spans, s.stamp, full = kernel.hold(
            row, w.rows, w.bounds, w.tokens.ids, w.segments, w.tokens.starts, w.tokens.ends,
            self._head, self._flat, f.first, f.terms, f.fields, f.numbers,
            t.posting_first, t.postings, t.beside, t.always, self._part.compiled.glances, self._part.alive,
            t.query_first, t.query_last, t.query_node, t.query_nodes,
            t.tests, t.test_terms, t.limits, t.steps, t.nodes,
            unread, strictly, spans,
            s.stamp, s.has, s.chain, s.seen, s.present, s.sought, s.entry_place, s.entry_next,
            s.list_from, s.list_to, s.leaf_from, s.leaf_to, s.stretch_from, s.stretch_to,
            s.ended, s.values, s.tried, s.nearest, loose,
            *out, *places,
        )  # fmt: skip
        return row, pairs, n_spans, full, bool(loose[0])


def _settled(part: Part, first: int, out: list[Any], places: Sequence[Any]) -> Found:
    """Number queries among all and posts from the first on."""
    row, query, certain = out
    pair, zone, start, end = (place.copy() for place in places)
    return Found(row + np.int32(first), part.places[query], certain.astype(np.bool_), pair, zone, start, end)


def _sorted_places(pair: Ints, zone: Ints, start: Ints, end: Ints) -> tuple[Ints, Ints, Ints, Ints]:
    """Return places in order, each once; as one number each where they fit into 63 bits, as nearly all do."""
    if not len(pair):
        return pair, zone, start, end
    if pair.max() < 1 << 21 and end.max() < 1 << 20:
        keys = (pair.astype(np.int64) << 42) | (zone.astype(np.int64) << 40) | (start.astype(np.int64) << 20) | end
        keys = np.unique(keys)
        parts = keys >> 42, (keys >> 40) & 3, (keys >> 20) & 0xFFFFF, keys & 0xFFFFF
    else:
        each = np.unique(np.stack([pair, zone, start, end]), axis=1)
        parts = each[0], each[1], each[2], each[3]
    return parts[0].astype(np.int32), parts[1].astype(np.int32), parts[2].astype(np.int32), parts[3].astype(np.int32)


def _joined(pieces: list[Found]) -> Found:
    """Put answers together, in the order of the posts and queries."""
    if not pieces:
        empty = np.zeros(0, np.int32)
        return Found(empty, empty, np.zeros(0, np.bool_), empty, empty, empty, empty)
    if len(pieces) == 1:
        return pieces[0]
    before = np.cumsum([0, *(len(p.row) for p in pieces[:-1])])
    together = {
        f.name: np.concatenate([getattr(p, f.name) for p in pieces]) for f in fields(Found) if f.name != "span_pair"
    }
    pairs = np.concatenate([p.span_pair + np.int32(n) for p, n in zip(pieces, before, strict=True)])
    return Found(**together, span_pair=pairs)


def _array(posts: pa.Table, name: str) -> pa.Array:
    column = posts[name]
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()


def _blocks(posts: pa.Table) -> Iterator[tuple[int, int]]:
    """Yield ranges of rows of so many bytes of text."""
    rows = posts.num_rows
    per_row = max(1, posts["text"].nbytes // max(1, rows))
    step = max(1, min(BLOCK_ROWS, BLOCK_BYTES // per_row))
    yield from ((first, min(first + step, rows)) for first in range(0, rows, step))
