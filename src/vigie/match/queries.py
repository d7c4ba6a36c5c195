"""Queries by id, for batches by the engine and for single posts by the plain evaluator."""

import threading
from collections.abc import Mapping

import pyarrow as pa

from vigie.match.engine import Engine, Found
from vigie.match.expressions import differing
from vigie.match.knowledge import NOTHING, Knowledge
from vigie.match.parser import Query
from vigie.match.plain import PlainQueries, parsed
from vigie.text.lexicon import Lexicon


class Queries(PlainQueries):
    """Queries by id; what a batch needs is compiled when first asked for, on a lexicon that outlives the queries."""

    _lexicon = Lexicon()
    _lock = threading.Lock()

    def __init__(
        self, queries: Mapping[str, Query], *, knowledge: Knowledge = NOTHING, engine: Engine | None = None
    ) -> None:
        super().__init__(queries, knowledge=knowledge)
        self._engine = engine

    @property
    def engine(self) -> Engine:
        """Return the queries compiled."""
        with self._lock:
            if self._engine is None:
                self._engine = Engine(self._queries, knowledge=self.knowledge, lexicon=self.lexicon())
            return self._engine

    @classmethod
    def lexicon(cls) -> Lexicon:
        """Return the lexicon that all queries of this process share; a new one when it is full."""
        if cls._lexicon.is_full:
            cls._lexicon = Lexicon()
        return cls._lexicon

    @property
    def is_full(self) -> bool:
        """Say whether what they read has brought so many spellings that they should be `changed` to begin anew."""
        return self._engine is not None and self._engine.lexicon.is_full

    def found(self, posts: pa.Table, *, spans: bool = False, unread: bool = False, strictly: bool = False) -> Found:
        """Hold a batch against every query (`Engine.match`)."""
        return self.engine.match(posts, spans=spans, unread=unread, strictly=strictly)

    def changed(self, queries: Mapping[str, Query], *, knowledge: Knowledge | None = None) -> "Queries":
        """Return these queries instead; those that are the same are not compiled again, whatever the lists say now."""
        known = self.knowledge if knowledge is None else knowledge
        new = Queries(queries, knowledge=known)
        if self._engine is not None:
            engine = self._engine.together(self.lexicon()) if self.is_full else self._engine
            engine = engine if known == self.knowledge else engine.knowing(known)
            added = {i: queries[i] for i in differing(queries, self._queries)}
            gone = [i for i in self._queries if i not in queries]
            new._engine = engine.changed(added, gone) if added or gone else engine
        return new


def compile_queries(expressions: Mapping[str, str | Query], *, knowledge: Knowledge = NOTHING) -> Queries:
    """Make queries ready from their expressions, by id.

    Raises:
        QueryError: one can't be read; the fact `query` is its id.
    """
    return Queries(parsed(expressions), knowledge=knowledge)
