"""The standing queries, compiled once per generation of watches, and the labellers in use."""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from vigie.enrich.labeller import Labeller
from vigie.enrich.labellers import LABELLERS
from vigie.match import Knowledge, Members, Queries, Query, QueryError, compile_queries, parse
from vigie.schema.vocab import LabelKind
from vigie.server.database import select
from vigie.server.keys import key
from vigie.server.models import Labeller as LabellerRow
from vigie.server.models import ListEntry, Space, Watch


@dataclass(frozen=True, slots=True)
class Standing:
    """What every post is held against, as of one generation of watches and spaces."""

    generation: int
    queries: Queries
    """Watches by id (as text)."""
    versions: dict[int, int]
    """Version of each open watch."""
    spaces: dict[int, tuple[str, str]]
    """Short name and ownership of each space."""
    space_kinds: dict[int, str]
    space_watches: dict[int, int]
    """Watch of each owned or sponsored space."""
    labellers: Sequence[Labeller]
    labeller_ids: dict[tuple[str, str, str], int]


_cache: dict[str, Standing] = {}
_lock = threading.Lock()


def generation() -> int:
    """Read the number that grows with every change of a watch or a space."""
    return int(select("SELECT value FROM vigie_counter WHERE name = 'watches'")[0][0])


def standing() -> Standing:
    """Return the standing queries of now, compiled anew only when a watch or a space changed."""
    current = generation()
    with _lock:
        cached = _cache.get("standing")
        if cached is None or cached.generation != current:
            cached = _cache["standing"] = _load(current)
        return cached


def forget() -> None:
    """Forget what is compiled: another database is in place."""
    _cache.clear()


def bump_generation() -> None:
    """Say, inside the transaction that changes it, that a watch or a space changed."""
    select("UPDATE vigie_counter SET value = value + 1 WHERE name = 'watches' RETURNING value")


def compiled(expressions: Mapping[str, str]) -> Queries:
    """Return queries that know this installation's lists and under which secret its authors are hashed."""
    return compile_queries(expressions, knowledge=knowledge())


def knowledge() -> Knowledge:
    """Return what queries ask for by name."""
    return Knowledge(key("author"), _lists())


def _lists() -> dict[str, Members]:
    entries = ListEntry.objects.filter(list__closed_at=None).values_list("list__name", "site", "author_key")
    sites: dict[str, set[str]] = {}
    authors: dict[str, set[bytes]] = {}
    for name, site, author in entries:
        if author is None:
            sites.setdefault(name.lower(), set()).add(site)
        else:
            authors.setdefault(name.lower(), set()).add(bytes(author))
    return {name: Members(frozenset(authors.get(name, ())), frozenset(sites.get(name, ()))) for name in sites | authors}


def _queries(expressions: Mapping[str, str], known: Knowledge) -> Queries:
    """Compile what changed since the last generation; a change of a list compiles all anew."""
    before = _cache.get("standing")
    parsed = {i: query for i, expression in expressions.items() if (query := _readable(expression)) is not None}
    if before is not None and before.queries.knowledge == known:
        return before.queries.changed(parsed)
    return compile_queries(parsed, knowledge=known)


_parse = lru_cache(maxsize=50_000)(parse)
"""Expressions read before; a watch changes far less often than the set of watches does."""


def _readable(expression: str) -> Query | None:
    """Return the query of a watch; nothing when a later version refuses what an earlier one took."""
    try:
        return _parse(expression)
    except QueryError:
        return None


def unreadable() -> list[str]:
    """Return the names of the open watches that find nothing, as their expressions are refused now."""
    watches = Watch.objects.filter(closed_at=None).values_list("name", "expression")
    return [name for name, expression in watches if _readable(expression) is None]


def _load(current: int) -> Standing:
    watches = list(Watch.objects.filter(closed_at=None).values_list("id", "expression", "version", "space_id"))
    return Standing(
        generation=current,
        queries=_queries({str(i): expression for i, expression, _, _ in watches}, knowledge()),
        versions={i: version for i, _, version, _ in watches},
        spaces={i: (name, ownership) for i, name, ownership in Space.objects.values_list("id", "name", "ownership")},
        space_kinds=dict(Space.objects.values_list("id", "kind")),
        space_watches={space: i for i, _, _, space in watches if space is not None},
        labellers=LABELLERS,
        labeller_ids={_identity(labeller): _labeller_id(labeller) for labeller in LABELLERS},
    )


def _identity(labeller: Labeller) -> tuple[str, str, str]:
    return labeller.kind, labeller.name, labeller.version


def _labeller_id(labeller: Labeller) -> int:
    kind, name, version = _identity(labeller)
    return LabellerRow.objects.get_or_create(kind=kind, name=name, version=version)[0].pk


def languages() -> Sequence[Labeller]:
    """Return the labellers that a query may need: those of language."""
    return [labeller for labeller in LABELLERS if labeller.kind == LabelKind.LANGUAGE]
