"""The standing queries, compiled once per generation of watches, and the labellers in use."""

import logging
import os
import threading
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from vigie.enrich import categories as sorting
from vigie.enrich.categories import Place
from vigie.enrich.finder import Finder
from vigie.enrich.finders import FINDERS
from vigie.enrich.health.dictionary import Entry
from vigie.enrich.health.finder import HealthFinder
from vigie.enrich.health.table import installed
from vigie.enrich.labeller import Labeller
from vigie.enrich.labellers import LABELLERS
from vigie.flows.categorise import Categories
from vigie.match import Knowledge, Members, Queries, Query, QueryError, compile_queries, kept
from vigie.match.engine import Engine
from vigie.match.expressions import Expressions, named
from vigie.match.fields import label_form
from vigie.match.labels import stream_part, with_categories
from vigie.schema.vocab import FindingKind, LabelKind
from vigie.server import chosen
from vigie.server.database import select
from vigie.server.keys import Chain, chain
from vigie.server.models import Category, DictionaryEntry, ListEntry, Space, Watch
from vigie.server.models import Labeller as LabellerRow


@dataclass(frozen=True, slots=True)
class Standing:
    """What every post is held against, as of one generation of watches and spaces."""

    generation: int
    queries: Queries
    """Text parts of watches by id (as text): what runs on all that comes."""
    labelled: Queries
    """Watches with a label part, whole, by id (as text): what runs on kept posts once their labels are known."""
    versions: dict[int, int]
    """Version of each open watch."""
    spaces: dict[int, tuple[str, str]]
    """Short name and ownership of each space."""
    space_kinds: dict[int, str]
    space_watches: dict[int, int]
    """Watch of each owned or sponsored space."""
    authors: Chain
    """The versions of the authors' key."""
    labellers: Sequence[Labeller]
    finders: Sequence[Finder]
    categories: Categories | None
    """The open ones; absent where nobody made any."""
    labeller_ids: dict[tuple[str, str, str], int]
    """Rows of the labellers, by kind, name and version; a finder's stand under each kind that it gives."""


log = logging.getLogger("vigie.engine")

_cache: dict[str, Standing] = {}
_lock = threading.Lock()


def generation() -> int:
    """Read the number that grows with every change of a watch, a space or a category."""
    return int(select("SELECT value FROM vigie_counter WHERE name = 'watches'")[0][0])


def standing() -> Standing:
    """Return the standing queries of now, compiled anew only when a watch or a space changed; a process that has met very many
    spellings begins a new vocabulary."""
    current = generation()
    with _lock:
        cached = _cache.get("standing")
        if cached is None or cached.generation != current or _is_full(cached):
            cached = _cache["standing"] = _load(current)
        return cached


def _is_full(cached: Standing) -> bool:
    return cached.queries.is_full or (cached.categories is not None and cached.categories.queries.is_full)


def forget() -> None:
    """Forget what is compiled and read: another database is in place."""
    _cache.clear()
    chosen.forget()


def bump_generation() -> None:
    """Say, inside the transaction that changes it, that a watch, a space, a category or the dictionary changed."""
    select("UPDATE vigie_counter SET value = value + 1 WHERE name = 'watches' RETURNING value")


def compiled(expressions: Mapping[str, str]) -> Queries:
    """Return text parts of queries, which know this installation's lists and under which secret its authors are hashed.

    Raises:
        QueryError: one can't be read; the fact `query` is its id.
    """
    return compile_queries({i: _text_part(i, text) for i, text in expressions.items()}, knowledge=knowledge())


def _text_part(query_id: str, expression: str) -> Query:
    named(query_id, expression)
    return named(query_id, stream_part(expression))


def knowledge() -> Knowledge:
    """Return what queries ask for by name."""
    return _knowing(chain())


def _knowing(authors: Chain) -> Knowledge:
    return Knowledge(authors.secrets[0], _lists(authors), authors.secrets[1:])


def _lists(known: Chain) -> dict[str, Members]:
    """Return the lists; while a key takes over, members stand there under both versions."""
    entries = ListEntry.objects.filter(list__closed_at=None).values_list("list__name", "site", "author_key")
    sites: dict[str, set[str]] = {}
    authors: dict[str, set[bytes]] = {}
    for name, site, author in entries:
        if author is None:
            sites.setdefault(name.lower(), set()).add(site)
        else:
            authors.setdefault(name.lower(), set()).update(known.links_of(bytes(author), known.moved))
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
        _keep(kept.packed(engine, expressions, secret=known.newest))
    return Queries(expressions, knowledge=known, engine=engine)


def kept_file() -> Path:
    """Return where compiled queries are kept between two starts; without it they are compiled anew."""
    return Path(settings.VIGIE.var) / "queries.kept"


def _kept(known: Knowledge) -> kept.Kept | None:
    try:
        return kept.unpacked(kept_file().read_bytes(), secret=known.newest)
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
    columns = ("id", "expression", "version", "space_id", "brand_id")
    watches = list(Watch.objects.filter(closed_at=None).values_list(*columns))
    authors = chain()
    known = _knowing(authors)
    labellers = chosen.in_use(LABELLERS)
    return Standing(
        generation=current,
        queries=_queries(Expressions({str(i): _stream_part(row[0]) for i, *row in watches}), known),
        labelled=_labelled({i: (expression, brand) for i, expression, _, _, brand in watches}, known),
        authors=authors,
        versions={i: version for i, _, version, _, _ in watches},
        spaces={i: (name, ownership) for i, name, ownership in Space.objects.values_list("id", "name", "ownership")},
        space_kinds=dict(Space.objects.values_list("id", "kind")),
        space_watches={space: i for i, _, _, space, _ in watches if space is not None},
        labellers=labellers,
        finders=(found := finders()),
        categories=_categories(),
        labeller_ids={one: _labeller_id(*one) for one in identities(labellers, found)},
    )


def finders() -> Sequence[Finder]:
    """Return the finders, that of health with the company's dictionary and the drug base that this installation loaded."""
    base = installed(Path(settings.VIGIE.var))
    return [HealthFinder(_dictionary(), base) if isinstance(one, HealthFinder) else one for one in FINDERS]


def _dictionary() -> list[Entry]:
    rows = DictionaryEntry.objects.filter(closed_at=None).order_by("pk")
    return [Entry(e.name, tuple(e.spellings), e.substance, e.is_ours, e.is_device) for e in rows]


def _stream_part(expression: str) -> str:
    try:
        return stream_part(expression)
    except QueryError:
        # Refused since it was saved: it finds nothing (`unreadable`).
        return expression


def _labelled(watches: Mapping[int, tuple[str, int]], known: Knowledge) -> Queries:
    """Compile the watches that ask for labels, whole; categories go by the ids that a watch's brand sees."""
    asked = {i: (text, brand) for i, (text, brand) in watches.items() if _stream_part(text) != text}
    if not asked:
        return compile_queries({})
    named_categories = _category_ids()
    roots = {
        str(i): with_categories(named(str(i), text).root, named_categories(brand)) for i, (text, brand) in asked.items()
    }
    return compile_queries({i: Query(root) for i, root in roots.items()}, knowledge=known)


def _category_ids() -> Callable[[int | None], dict[str, list[str]]]:
    """Return a function that gives the ids of categories by name, as a brand sees them: those of all brands, and its own."""
    rows = list(
        Category.objects.filter(pk__in=open_categories())
        .order_by("pk")
        .values_list("pk", "name", "dimension__brand_id")
    )

    def of(brand_id: int | None) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for category, name, brand in rows:
            if brand is None or brand == brand_id:
                found.setdefault(label_form(name), []).append(str(category))
        return found

    return of


def category_ids(brand_id: int | None) -> dict[str, list[str]]:
    """Return the ids of open categories by name, as queries of a brand's watches ask for them."""
    return _category_ids()(brand_id)


def open_categories() -> dict[int, tuple[Place, str]]:
    """Return the place and the query of each category that is open, as its dimension and those it stands within are."""
    rows = Category.objects.filter(closed_at=None, dimension__closed_at=None)
    found = {i: (Place(parent, version), asked) for i, parent, version, asked in
             rows.order_by("pk").values_list("pk", "parent_id", "version", "expression")}  # fmt: skip
    places = {i: place for i, (place, _) in found.items()}
    return {i: one for i, one in found.items() if places[sorting.chain(i, places)[-1]].parent is None}


def _categories() -> Categories | None:
    """Compile the open categories together; what did not change since the last generation is not compiled again."""
    found = open_categories()
    asked = {str(i): text for i, (_, text) in found.items() if text and _is_readable(text)}
    if not asked:
        return None
    before, known = _cache.get("standing"), knowledge()
    last = before.categories if before is not None else None
    queries = last.queries.changed(Expressions(asked), knowledge=known) if last else compiled(asked)
    return Categories(queries, {i: place for i, (place, _) in found.items()})


def identities(labellers: Sequence[Labeller], finders: Sequence[Finder]) -> list[tuple[str, str, str]]:
    """Return kind, name and version of what labels and finds."""
    found = [(kind, finder.name, finder.version) for finder in finders for kind in finder.kinds]
    found.append((FindingKind.CATEGORY.value, sorting.NAME, sorting.VERSION))
    return [(labeller.kind, labeller.name, labeller.version) for labeller in labellers] + found


def _labeller_id(kind: str, name: str, version: str) -> int:
    return LabellerRow.objects.get_or_create(kind=kind, name=name, version=version)[0].pk


def languages() -> Sequence[Labeller]:
    """Return the labellers that a query may need: those of language."""
    return [labeller for labeller in LABELLERS if labeller.kind == LabelKind.LANGUAGE]
