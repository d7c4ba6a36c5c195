"""Rows of the catalogue, read from `networks.toml` and checked; filters and pages over them. All pure."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any, TypeVar

from vigie.errors import SchemaError

UNCHECKED = "unchecked"
"""What stands where nobody has looked yet."""

ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
LANGUAGE = re.compile(r"[a-z]{2}")
"""ISO 639-1."""
COUNTRY = re.compile(r"([A-Z]{2})?")
"""ISO 3166-1 alpha-2, or nothing: the network is of no one country."""

LONGEST_ID = 60
"""Letters of an id: `Space.catalogue_id` holds as many."""


class Section(StrEnum):
    """Chapters of the catalogue."""

    PATIENTS = "patients"
    PROFESSIONALS = "professionals"
    SPECIALISED = "specialised"
    SOURCES = "sources"
    """Worth following: agencies, press, blogs."""


class Use(StrEnum):
    """What a network is used for."""

    PUBLISH = "publish"
    SHARE = "share"
    DISCUSS = "discuss"
    NETWORK = "network"
    MICROBLOG = "microblog"
    LOCATE_RATE = "locate_rate"
    VOTE = "vote"
    LIVE = "live"


class Audience(StrEnum):
    """Who writes and reads there."""

    PATIENTS = "patients"
    RELATIVES = "relatives"
    PROFESSIONALS = "professionals"
    PUBLIC = "public"
    COMPANIES = "companies"


class Reading(StrEnum):
    """How it can be read; all but the last three are names of sources."""

    FEED = "feed"
    WORDPRESS = "wordpress"
    MASTODON = "mastodon"
    BLUESKY = "bluesky"
    DISCOURSE = "discourse"
    RECIPE = "recipe"
    PAGE = "page"
    MAIL = "mail"
    IMPORT = "import"
    """By files that people bring."""
    CLOSED = "closed"
    """Not openly."""


class Standing(StrEnum):
    """Whether it still exists, as last known."""

    ALIVE = "alive"
    DEAD = "dead"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the catalogue."""

    id: str
    name: str
    name_en: str
    """The name in English where it is another one."""
    address: str
    """Empty when it is not sure."""
    section: Section
    uses: tuple[Use, ...]
    audiences: tuple[Audience, ...]
    languages: tuple[str, ...]
    country: str
    reading: Reading
    terms: str
    """What its terms allow, or `UNCHECKED`."""
    checked_on: date | None
    """When somebody last looked at address, reading and terms; absent while nobody has."""
    state: Standing
    fr: str
    en: str

    @property
    def is_readable(self) -> bool:
        """Say whether one press can make it a space: it lives, its address is known, and some source may read it."""
        open_ = self.reading not in (Reading.CLOSED, Reading.IMPORT, Reading.MAIL)
        return open_ and bool(self.address) and self.state is not Standing.DEAD


@dataclass(frozen=True, slots=True)
class Asked:
    """What a reader filters by; an empty value asks for everything."""

    section: str = ""
    use: str = ""
    audience: str = ""
    language: str = ""
    reading: str = ""
    listened: str = ""
    """`yes`, `no`, or either."""


E = TypeVar("E", bound=StrEnum)


def validated(rows: Sequence[Mapping[str, Any]]) -> tuple[Row, ...]:
    """Return rows as they should be.

    Raises:
        SchemaError: a row lacks something, says what no vocabulary has, or repeats an id; the sentence names it.
    """
    found = tuple(_row(row) for row in rows)
    ids = [network.id for network in found]
    for twice in {i for i in ids if ids.count(i) > 1}:
        raise _fault(twice, "its id stands twice")
    return found


def _row(row: Mapping[str, Any]) -> Row:
    name = str(row.get("id", "?"))
    _check_texts(name, row)
    return Row(
        id=name,
        name=row["name"],
        name_en=row.get("name_en", row["name"]),
        address=row["address"],
        section=_word(name, Section, row["section"]),
        uses=_words(name, Use, row["uses"]),
        audiences=_words(name, Audience, row["audiences"]),
        languages=tuple(row["languages"]),
        country=row["country"],
        reading=_word(name, Reading, row["reading"]),
        terms=row["terms"],
        checked_on=_day(name, row["checked_on"]),
        state=_word(name, Standing, row["state"]),
        fr=row["fr"],
        en=row["en"],
    )


REQUIRED = (
    "id", "name", "address", "section", "uses", "audiences", "languages", "country", "reading", "terms", "checked_on",
    "state", "fr", "en",
)  # fmt: skip
MAY_BE_EMPTY = ("address", "country")


def _check_texts(name: str, row: Mapping[str, Any]) -> None:
    for key in REQUIRED:
        if key not in row or (not row[key] and key not in MAY_BE_EMPTY):
            raise _fault(name, f"it has no {key}")
    if set(row) - {*REQUIRED, "name_en"}:
        raise _fault(name, f"nobody knows {sorted(set(row) - {*REQUIRED, 'name_en'})}")
    if not ID.fullmatch(name) or len(name) > LONGEST_ID:
        raise _fault(name, "its id is not made of small letters, digits and hyphens")
    if row["address"] and not row["address"].startswith(("https://", "http://")):
        raise _fault(name, "its address is none of the web")
    if not all(LANGUAGE.fullmatch(tag) for tag in row["languages"]) or not COUNTRY.fullmatch(row["country"]):
        raise _fault(name, "a language or country is no code")


def _word(name: str, vocabulary: type[E], value: str) -> E:
    try:
        return vocabulary(value)
    except ValueError as exc:
        raise _fault(name, f"“{value}” is none of {', '.join(vocabulary)}") from exc


def _words(name: str, vocabulary: type[E], values: Sequence[str]) -> tuple[E, ...]:
    return tuple(_word(name, vocabulary, value) for value in values)


def _day(name: str, value: object) -> date | None:
    if value == UNCHECKED:
        return None
    if isinstance(value, date):
        return value
    raise _fault(name, "checked_on is neither a day nor “unchecked”")


def _fault(name: str, why: str) -> SchemaError:
    return SchemaError(
        f"Row {name} of the catalogue: {why}.", code="catalogue.row", facts={"row": name, "why": why}
    )  # fmt: skip


@cache
def catalogue() -> tuple[Row, ...]:
    """Return the catalogue that is shipped, in its own order."""
    text = files("vigie.collect.catalogue").joinpath("networks.toml").read_text("utf-8")
    return validated(tomllib.loads(text)["network"])


def chosen(rows: Sequence[Row], asked: Asked, listened: frozenset[str]) -> list[Row]:
    """Return the rows that filters leave; `listened` holds the ids of those that are spaces already."""
    return [row for row in rows if _is_asked(row, asked, row.id in listened)]


def _is_asked(row: Row, asked: Asked, is_listened: bool) -> bool:
    return (
        asked.section in ("", row.section)
        and (not asked.use or asked.use in row.uses)
        and (not asked.audience or asked.audience in row.audiences)
        and (not asked.language or asked.language in row.languages)
        and asked.reading in ("", row.reading)
        and asked.listened in ("", "yes" if is_listened else "no")
    )


def page_after(rows: Sequence[Row], after: str, size: int) -> tuple[list[Row], str]:
    """Return the rows that follow an id (the first ones when it is not among them), and the id that the next page follows."""
    places = {row.id: place for place, row in enumerate(rows)}
    start = places.get(after, -1) + 1
    page = list(rows[start : start + size])
    return page, page[-1].id if start + size < len(rows) else ""
