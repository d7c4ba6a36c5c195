"""The standing queries, compiled once per generation of watches, and the labellers in use."""

import logging
import os
import threading
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from vigie.enrich.finder import Finder
from vigie.enrich.finders import FINDERS
from vigie.enrich.labeller import Labeller
from vigie.enrich.labellers import LABELLERS
from vigie.match import Knowledge, Members, Queries, QueryError, compile_queries, kept
from vigie.match.engine import Engine
from vigie.match.expressions import Expressions, named
from vigie.schema.vocab import LabelKind
from vigie.server import chosen
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
    finders: Sequence[Finder]
    labeller_ids: dict[tuple[str, str, str], int]
    """Rows of the labellers, by kind, name and version; a finder's stand under each kind that it gives."""


log = logging.getLogger("vigie.engine")

_cache: dict[str, Standing] = {}
_lock = threading.Lock()


def generation() -> int:
    """Read the number that grows with every change of a watch or a space."""
    return int(select("SELECT value FROM vigie_counter WHERE name = 'watches'")[0][0])


def standing() -> Standing:
    """Return the standing queries of now, compiled anew only when a watch or a space changed; a process that has met very many
    spellings begins a new vocabulary."""
    current = generation()
    with _lock:
        cached = _cache.get("standing")
        if cached is None or cached.generation != current or cached.queries.is_full:
            cached = _cache["standing"] = _load(current)
        return cached


def forget() -> None:
    """Forget what is compiled and read: another database is in place."""
    _cache.clear()
    chosen.forget()


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


def _queries(expressions: Expressions, known: Knowledge) -> Queries:
    """Compile what changed since the last generation, or since the last start.

    A later version may refuse what an earlier one took: such a watch finds nothing, and stops no other.
    """
    try:
        return _compiled(expressions, known)
    except QueryError:
        return _compiled(Expressions({i: text for i, text in expressions.texts.items() if _is_readable(text)}), known)


def _compiled(expressions: Expressions, known: Knowledge) -> Queries:
    before = _cache.get("standing")
    return _started(expressions, known) if before is None else before.queries.changed(expressions, knowledge=known)


def _started(expressions: Expressions, known: Knowledge) -> Queries:
    """Make the first queries of this process of what the last one kept; what is new is compiled, and all kept again."""
    lexicon = Queries.lexicon()
    if (last := _kept(known)) is None:
        engine, changes = Engine(expressions, knowledge=known, lexicon=lexicon), len(expressions)
    else:
        engine, changes = kept.restored(last, expressions, knowledge=known, lexicon=lexicon)
    if changes and len(engine):
        _keep(kept.packed(engine, expressions, secret=known.secret))
    return Queries(expressions, knowledge=known, engine=engine)


def kept_file() -> Path:
    """Return where compiled queries are kept between two starts; without it they are compiled anew."""
    return Path(settings.VIGIE.var) / "queries.kept"


def _kept(known: Knowledge) -> kept.Kept | None:
    try:
        return kept.unpacked(kept_file().read_bytes(), secret=known.secret)
    except OSError:
        return None


def _keep(data: bytes) -> None:
    """Replace the file at once; whoever reads it meets the old one or the new one. A disk that is full is no reason to stop."""
    draft = kept_file().with_suffix(f".{uuid.uuid4().hex[:8]}")
    try:
        draft.touch(mode=0o600)
        draft.write_bytes(data)
        os.replace(draft, kept_file())
    except OSError as error:
        log.warning("compiled queries can't be kept: %s", error.strerror)
        draft.unlink(missing_ok=True)


def _is_readable(expression: str) -> bool:
    try:
        named("", expression)
    except QueryError:
        return False
    return True


def unreadable() -> list[str]:
    """Return the names of the open watches that find nothing, as their expressions are refused now."""
    watches = Watch.objects.filter(closed_at=None).values_list("name", "expression")
    return [name for name, expression in watches if not _is_readable(expression)]


def _load(current: int) -> Standing:
    watches = list(Watch.objects.filter(closed_at=None).values_list("id", "expression", "version", "space_id"))
    labellers = chosen.in_use(LABELLERS)
    return Standing(
        generation=current,
        queries=_queries(Expressions({str(i): expression for i, expression, _, _ in watches}), knowledge()),
        versions={i: version for i, _, version, _ in watches},
        spaces={i: (name, ownership) for i, name, ownership in Space.objects.values_list("id", "name", "ownership")},
        space_kinds=dict(Space.objects.values_list("id", "kind")),
        space_watches={space: i for i, _, _, space in watches if space is not None},
        labellers=labellers,
        finders=FINDERS,
        labeller_ids={one: _labeller_id(*one) for one in identities(labellers, FINDERS)},
    )


def identities(labellers: Sequence[Labeller], finders: Sequence[Finder]) -> list[tuple[str, str, str]]:
    """Return kind, name and version of what labels and finds."""
    found = [(kind, finder.name, finder.version) for finder in finders for kind in finder.kinds]
    return [(labeller.kind, labeller.name, labeller.version) for labeller in labellers] + found


def _labeller_id(kind: str, name: str, version: str) -> int:
    return LabellerRow.objects.get_or_create(kind=kind, name=name, version=version)[0].pk


def languages() -> Sequence[Labeller]:
    """Return the labellers that a query may need: those of language."""
    return [labeller for labeller in LABELLERS if labeller.kind == LabelKind.LANGUAGE]
