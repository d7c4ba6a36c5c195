"""The filters of figures and lists, as they stand in the address bar."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, timedelta
from urllib.parse import urlencode

from vigie.enrich.found import LONGEST_VALUE
from vigie.errors import SchemaError
from vigie.schema.tables import FOUND_COLUMNS
from vigie.schema.vocab import FindingKind, Intent, Network, Speaker, Tone
from vigie.server.permissions import Asker
from vigie.server.queries import scope
from vigie.store.filters import Filter, Sorted

DEFAULT_DAYS = 30
"""Days of the window when none is asked (DESIGN §6: dashboards open on 30 days)."""

NO_VALUE = "none"
"""What the address says for “no label”."""

ORDERS = ("newest", "seen")
"""Orders of a list: newest first, or most seen first."""

LAPSED = ("without", "only", "all")
"""What to do with lapsed mentions."""


@dataclass(frozen=True, slots=True)
class Filters:
    """What a person chose to see; a field that is empty does not filter."""

    first: date
    """First day of the window, in the company's time zone."""
    last: date
    brand: int | None = None
    watches: tuple[int, ...] = ()
    subjects: tuple[int, ...] = ()
    spaces: tuple[int, ...] = ()
    networks: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    tones: tuple[str, ...] = ()
    authors: tuple[int, ...] = ()
    stories: tuple[int, ...] = ()
    drugs: tuple[str, ...] = ()
    reactions: tuple[str, ...] = ()
    conditions: tuple[str, ...] = ()
    devices: tuple[str, ...] = ()
    speakers: tuple[str, ...] = ()
    intents: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    """Ids, as findings hold them; `none` is the absence of all, and `without(dimension)` of those of one dimension."""
    lapsed: str = "without"
    marked: bool = False
    """Show what people marked “not about us”, too."""
    order: str = "newest"

    def to_query(self, **changes: object) -> str:
        """Return the query string that opens these filters, with some changed."""
        chosen = replace(self, **changes)  # type: ignore[arg-type] -- fields are checked by the dataclass
        return urlencode(_pairs(chosen))

    def without(self, name: str, value: object = None) -> "Filters":
        """Return the filters without one choice: a removable chip."""
        current = getattr(self, name)
        if isinstance(current, tuple) and value is not None:
            return replace(self, **{name: tuple(v for v in current if v != value)})
        default = next(f.default for f in fields(self) if f.name == name)
        return replace(self, **{name: default})

    @property
    def days(self) -> int:
        """Return the length of the window in days."""
        return (self.last - self.first).days + 1

    def of_author(self, author_id: int) -> "Filters":
        """Return the same choices for one author."""
        return replace(self, authors=(author_id,))

    def over(self, first: date, last: date) -> "Filters":
        """Return the same choices over another window."""
        return replace(self, first=first, last=last)

    def previous(self) -> "Filters":
        """Return the same choices over the window just before, as long."""
        return replace(self, first=self.first - timedelta(days=self.days), last=self.first - timedelta(days=1))

    def is_narrowed(self) -> bool:
        """Say whether anything but window, brand and order is chosen."""
        return any(getattr(self, name) for name in _LISTS.values())


def _pairs(filters: Filters) -> list[tuple[str, str]]:
    pairs = [("from", filters.first.isoformat()), ("to", filters.last.isoformat())]
    if filters.brand is not None:
        pairs.append(("brand", str(filters.brand)))
    for key, name in _LISTS.items():
        pairs += [(key, str(value)) for value in getattr(filters, name)]
    if filters.lapsed != "without":
        pairs.append(("lapsed", filters.lapsed))
    if filters.marked:
        pairs.append(("marked", "1"))
    if filters.order != "newest":
        pairs.append(("order", filters.order))
    return pairs


_LISTS = {
    "watch": "watches",
    "subject": "subjects",
    "space": "spaces",
    "network": "networks",
    "language": "languages",
    "tone": "tones",
    "author": "authors",
    "story": "stories",
    **{kind.value: column for kind, column in FOUND_COLUMNS.items()},
}
"""Names in the address bar of the choices that may be several."""


def parse(query: Mapping[str, Sequence[str]], *, today: date) -> Filters:
    """Read filters from a query string (lists by key).

    Raises:
        SchemaError: a value can't be read; its sentence names it.
    """
    last = _day(query, "to") or today
    first = _day(query, "from") or last - timedelta(days=DEFAULT_DAYS - 1)
    if first > last:
        first, last = last, first
    return Filters(
        first=first,
        last=last,
        brand=next(iter(_ids(query, "brand")), None),
        watches=_ids(query, "watch"),
        subjects=_ids(query, "subject"),
        spaces=_ids(query, "space"),
        networks=_words(query, "network", tuple(Network)),
        languages=tuple(v[:12] for v in query.get("language", ())),
        tones=_words(query, "tone", (*Tone, NO_VALUE)),
        authors=_ids(query, "author"),
        stories=_ids(query, "story"),
        drugs=_texts(query, FindingKind.DRUG),
        reactions=_texts(query, FindingKind.REACTION),
        conditions=_texts(query, FindingKind.CONDITION),
        devices=_texts(query, FindingKind.DEVICE),
        speakers=_words(query, FindingKind.WHO, (*Speaker, NO_VALUE)),
        intents=_words(query, FindingKind.INTENT, (*Intent, NO_VALUE)),
        categories=_texts(query, FindingKind.CATEGORY),
        lapsed=next(iter(_words(query, "lapsed", LAPSED)), "without"),
        marked=bool(query.get("marked")),
        order=next(iter(_words(query, "order", ORDERS)), "newest"),
    )


def _day(query: Mapping[str, Sequence[str]], name: str) -> date | None:
    value = next(iter(query.get(name, ())), "")
    try:
        return date.fromisoformat(value) if value else None
    except ValueError as exc:
        raise _refusal(name, value) from exc


def _ids(query: Mapping[str, Sequence[str]], name: str) -> tuple[int, ...]:
    values = [v for v in query.get(name, ()) if v]
    bad = next((v for v in values if not v.isascii() or not v.isdigit() or len(v) > 18), None)
    if bad is not None:
        raise _refusal(name, bad)
    return tuple(dict.fromkeys(int(v) for v in values))


def _texts(query: Mapping[str, Sequence[str]], name: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value[:LONGEST_VALUE] for value in query.get(name, ()) if value))


def _words(query: Mapping[str, Sequence[str]], name: str, allowed: Sequence[str]) -> tuple[str, ...]:
    values = [v for v in query.get(name, ()) if v]
    bad = next((v for v in values if v not in allowed), None)
    if bad is not None:
        raise _refusal(name, bad)
    return tuple(dict.fromkeys(values))


def _refusal(name: str, value: str) -> SchemaError:
    return SchemaError(
        f"The address asks for “{name}” = “{value[:60]}”, which is not a value it can have.",
        code="filter.value",
        facts={"name": name, "value": value[:60]},
    )


_FOUND = {kind: column for kind, column in FOUND_COLUMNS.items() if kind != FindingKind.CATEGORY}
"""Columns of findings by kind; categories are asked for dimension by dimension."""


def without(dimension_id: int) -> str:
    """Return what the address says for “in no category of this dimension”."""
    return f"{NO_VALUE}:{dimension_id}"


def _sorted_into(chosen: Sequence[str], who: Asker) -> tuple[Sorted, ...]:
    """Return what is asked of each dimension: any of its chosen categories; those nobody here sees hold nothing."""
    of = scope.category_dimensions(who)
    by_dimension: dict[int, list[str]] = {}
    lacking = {
        int(v.partition(":")[2]) for v in chosen if v.startswith(f"{NO_VALUE}:") and v.partition(":")[2].isdigit()
    }
    for value in chosen:
        if value in of:
            by_dimension.setdefault(of[value], []).append(value)
    asked = [
        _of_dimension(d, by_dimension.get(d, ()), of, lacks=d in lacking) for d in sorted({*by_dimension, *lacking})
    ]
    if NO_VALUE in chosen:
        asked.append(Sorted(none_of=tuple(of)))
    return tuple(asked) or (Sorted(),)


def _of_dimension(dimension: int, among: Sequence[str], of: Mapping[str, int], *, lacks: bool) -> Sorted:
    own = tuple(value for value, one in of.items() if one == dimension)
    return Sorted(tuple(among), none_of=own if lacks and own else None)


def to_store(filters: Filters, who: Asker, subjects: Mapping[int, int | None]) -> Filter:
    """Turn the filters into the store's, bounded by the watches the asker sees.

    `subjects` gives the subject of each watch that the asker sees.
    """
    allowed = scope.watch_ids(who, brand_id=filters.brand)
    watches = [
        w
        for w in allowed
        if (not filters.watches or w in filters.watches)
        and (not filters.subjects or subjects.get(w) in filters.subjects)
    ]
    return Filter(
        watches=tuple(watches),
        from_day=filters.first,
        to_day=filters.last,
        networks=filters.networks,
        languages=filters.languages,
        tones=filters.tones,
        spaces=filters.spaces,
        authors=filters.authors,
        stories=filters.stories,
        found={kind: getattr(filters, column) for kind, column in _FOUND.items() if getattr(filters, column)},
        sorted_into=_sorted_into(filters.categories, who) if filters.categories else (),
        lapsed=filters.lapsed,
        include_not_about_us=filters.marked,
    )
