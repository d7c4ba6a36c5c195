"""Queries by id as their expressions, each read when it is first looked at: what is compiled needs no tree."""

from collections.abc import Iterator, Mapping
from functools import lru_cache

from vigie.match.faults import QueryError
from vigie.match.parser import Query, parse
from vigie.match.tree import Field, leaves

REMEMBERED = 2_000
"""Trees kept in memory: about 5 kB each, those of the watches that people look at; the others are read again."""

_read = lru_cache(maxsize=REMEMBERED)(parse)


class Expressions(Mapping[str, Query]):
    """Queries by id; looking at one raises `QueryError` when it can't be read, with the fact `query`, its id."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self.texts = dict(texts)

    def __getitem__(self, query_id: str) -> Query:
        return named(query_id, self.texts[query_id])

    def __iter__(self) -> Iterator[str]:
        return iter(self.texts)

    def __len__(self) -> int:
        return len(self.texts)


def named(query_id: str, expression: str) -> Query:
    """Read an expression.

    Raises:
        QueryError: it can't be read; the fact `query` is its id.
    """
    try:
        return _read(expression)
    except QueryError as error:
        error.facts["query"] = query_id
        raise


def fields_of(expression: str) -> list[Field]:
    """Return the tests of fields that an expression makes; none when it is refused, since it then asks for nothing."""
    try:
        return [leaf for leaf in leaves(_read(expression).root) if isinstance(leaf, Field)]
    except QueryError:
        return []


def settled(queries: Mapping[str, Query]) -> Mapping[str, Query]:
    """Return queries that nobody else changes."""
    return queries if isinstance(queries, Expressions) else dict(queries)


def differing(new: Mapping[str, Query], old: Mapping[str, Query]) -> list[str]:
    """Return the ids whose query is not, or not the same, among the old ones; expressions are compared unread."""
    if isinstance(new, Expressions) and isinstance(old, Expressions):
        return [i for i, text in new.texts.items() if old.texts.get(i) != text]
    return [i for i, query in new.items() if i not in old or old[i] != query]
