"""Cells to values: dates in many forms, counts, truths, networks, languages."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import cache, lru_cache
from zoneinfo import ZoneInfo

from vigie.schema.vocab import Network

MONTHS: Mapping[str, int] = {
    name: number
    for number, names in enumerate(
        (
            "jan january janv janvier", "feb february fev fevr fevrier fév févr février", "mar march mars", "apr april avr avril",
            "may mai", "jun june juin", "jul july juil juillet", "aug august aout août", "sep sept september septembre",
            "oct october octobre", "nov november novembre", "dec december déc décembre decembre",
        ),
        start=1,
    )
    for name in names.split()
}  # fmt: skip
"""Names of months, French and English, short and long, in lower case."""

_ISO = re.compile(r"^\d{4}-\d{2}-\d{2}")
_EPOCH = re.compile(r"^\d{9,14}(\.\d+)?$")
_NUMERIC = re.compile(r"^(\d{1,4})[/.\-](\d{1,2})[/.\-](\d{2,4})(?:[ T,]+(.*))?$")
_NAMED = re.compile(r"^(?:\w+,?\s+)?(\d{1,2})(?:er|st|nd|rd|th)?[\s\-]+([^\W\d]+)\.?,?[\s\-]+(\d{4})(?:[ T,à]+(.*))?$")
_NAMED_FIRST = re.compile(r"^(?:\w+,\s+)?([^\W\d]+)\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})(?:[ T,at]+(.*))?$")
_TIME = re.compile(
    r"^(\d{1,2})[:hH](\d{2})?(?::(\d{2})(?:[.,]\d+)?)?\s*([AaPp]\.?[Mm]\.?)?\s*(Z|UTC|GMT|[+-]\d{2}:?\d{2})?$"
)

EPOCH_MS_FROM = 10**11
"""Numbers from here on are milliseconds: as seconds they would lie after the year 5138."""

TWO_DIGIT_PIVOT = 70
"""Two-digit years below are of this century (POSIX strptime %y takes 69)."""


def instant(text: str, *, order: str, zone: ZoneInfo) -> datetime | None:
    """Read a date in any of the forms that exports have; `None` when it is none.

    ISO 8601 with or without zone, 31/01/2026 14:05 or 01/31/2026 2:05 PM by `order`, RFC 2822, 31 Jan 2026,
    January 31, 2026, seconds or milliseconds since 1970. Naive ones are in `zone`.
    """
    text = text.strip()
    for read in (_iso, _epoch, _numeric, _named, _mail):
        try:
            found = read(text, order)
        except (ValueError, OverflowError, TypeError):
            continue
        if found is not None:
            return _utc(found, zone)
    return None


def _utc(value: datetime, zone: ZoneInfo) -> datetime | None:
    try:
        return (value if value.tzinfo else value.replace(tzinfo=zone)).astimezone(UTC)
    except (OverflowError, ValueError):
        return None


def _iso(text: str, _order: str) -> datetime | None:
    if not _ISO.match(text):
        return None
    return datetime.fromisoformat(text.replace(" UTC", "Z").replace(" +", "+"))


def _epoch(text: str, _order: str) -> datetime | None:
    if not _EPOCH.match(text):
        return None
    number = float(text)
    seconds = number / 1000 if number >= EPOCH_MS_FROM else number
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)


def _numeric(text: str, order: str) -> datetime | None:
    match = _NUMERIC.match(text)
    if match is None:
        return None
    first, second, third = (int(match.group(n)) for n in (1, 2, 3))
    if len(match.group(1)) == 4:  # noqa: PLR2004 -- a year of four digits comes first
        year, month, day = first, second, third
    else:
        day, month = (first, second) if order != "mdy" else (second, first)
        year = third
    return _at(_full_year(year), month, day, match.group(4))


def _full_year(year: int) -> int:
    return year if year >= 100 else year + (2000 if year < TWO_DIGIT_PIVOT else 1900)  # noqa: PLR2004 -- two digits


def _named(text: str, _order: str) -> datetime | None:
    if match := _NAMED.match(text):
        day, name, year, rest = match.groups()
    elif match := _NAMED_FIRST.match(text):
        name, day, year, rest = match.groups()
    else:
        return None
    month = MONTHS.get(name.lower())
    return _at(int(year), month, int(day), rest) if month else None


def _at(year: int, month: int, day: int, rest: str | None) -> datetime | None:
    """Add the time of day, if there is one; a rest that is no time makes the whole no date."""
    date = datetime(year, month, day)  # noqa: DTZ001 -- the zone is added by the caller
    if not rest or not rest.strip():
        return date
    match = _TIME.match(rest.strip())
    if match is None:
        return None
    hour, minute, second, half, zone = match.groups()
    hours = int(hour) % 12 + (12 if half.lower().startswith("p") else 0) if half else int(hour)
    moment = date.replace(hour=hours, minute=int(minute or 0), second=int(second or 0))
    return datetime.fromisoformat(moment.isoformat() + _offset(zone)) if zone else moment


def _offset(zone: str) -> str:
    if zone in ("Z", "UTC", "GMT"):
        return "+00:00"
    return zone if ":" in zone else f"{zone[:3]}:{zone[3:]}"


def _mail(text: str, _order: str) -> datetime | None:
    return parsedate_to_datetime(text) if "," in text or ":" in text else None


def order_of(dates: list[str]) -> tuple[str, bool]:
    """Return the order of day and month in dates such as 03/04/2026, and whether the dates settle it."""
    pairs = [
        (int(m.group(1)), int(m.group(2))) for d in dates if (m := _NUMERIC.match(d.strip())) and len(m.group(1)) < 4
    ]  # noqa: PLR2004 -- a year of four digits comes first
    if any(first > 12 for first, _ in pairs):  # noqa: PLR2004 -- months end at twelve
        return "dmy", True
    if any(second > 12 for _, second in pairs):  # noqa: PLR2004 -- months end at twelve
        return "mdy", True
    return "dmy", not pairs


PLAIN_DIGITS = 15
"""Digits of a number that a double holds exactly, so that it reads the same by either way (2^53 has sixteen)."""

_SPACES = re.compile(r"[\s\u00a0\u202f']")
_COUNT = re.compile(r"^([\d.,]+)([KkMm]?)$")


def count(text: str) -> int | None:
    """Read a count: `1 234`, `1,234`, `1.2K`, `3.0`; `None` when it is none."""
    if not text:
        return None
    if text.isdecimal() and len(text) <= PLAIN_DIGITS:
        return int(text)
    match = _COUNT.match(_SPACES.sub("", text))
    if match is None:
        return None
    digits, unit = match.groups()
    factor = {"k": 1_000, "m": 1_000_000}.get(unit.lower(), 1)
    plain = digits.replace(",", "") if re.match(r"^\d{1,3}(,\d{3})+$", digits) else digits.replace(",", ".")
    plain = plain.replace(".", "") if re.match(r"^\d{1,3}(\.\d{3})+$", plain) and factor == 1 else plain
    try:
        value = int(float(plain) * factor)
    except ValueError:
        return None
    return value if value < 2**62 else None


def number(text: str) -> float | None:
    """Read a number with a point or a comma."""
    try:
        return float(text.strip().replace(",", "."))
    except ValueError:
        return None


TRUTHS: Mapping[str, bool] = {
    "true": True, "yes": True, "oui": True, "1": True, "vrai": True,
    "false": False, "no": False, "non": False, "0": False, "faux": False,
}  # fmt: skip
"""Truths as exports write them."""


def truth(text: str) -> bool | None:
    """Read a truth: true, yes, oui, 1, and their contraries."""
    return TRUTHS.get(text.strip().lower())


NETWORKS: tuple[tuple[str, Network], ...] = (
    ("twitter", Network.X), ("x.com", Network.X), ("facebook", Network.FACEBOOK), ("instagram", Network.INSTAGRAM),
    ("youtube", Network.YOUTUBE), ("tiktok", Network.TIKTOK), ("linkedin", Network.LINKEDIN), ("reddit", Network.REDDIT),
    ("mastodon", Network.MASTODON), ("bsky", Network.BLUESKY), ("bluesky", Network.BLUESKY), ("forum", Network.FORUM),
    ("messageboard", Network.FORUM), ("doctissimo", Network.FORUM), ("blog", Network.BLOG), ("review", Network.REVIEW),
    ("avis", Network.REVIEW), ("news", Network.PRESS), ("press", Network.PRESS), ("presse", Network.PRESS), ("microblog", Network.MICROBLOG),
)  # fmt: skip
"""Pieces of names of networks and sites, as exports write them, in the order they are looked for."""


FEW_NAMES = 1_000
"""Names of networks and sites remembered: a file has few different ones, in every row."""

_BY_NAME = {network.value: network for network in Network}


@lru_cache(maxsize=FEW_NAMES)
def network(text: str) -> Network | None:
    """Return the network that a name or host stands for; `None` when it is none we know."""
    lowered = text.strip().lower()
    if lowered in _BY_NAME:
        return _BY_NAME[lowered]
    return next((found for piece, found in NETWORKS if piece in lowered), None)


LANGUAGE_NAMES: Mapping[str, str] = {
    "french": "fr", "français": "fr", "english": "en", "anglais": "en", "german": "de", "spanish": "es", "italian": "it",
    "portuguese": "pt", "dutch": "nl", "arabic": "ar",
}  # fmt: skip
"""Languages as exports name them."""


def language(text: str) -> str:
    """Return the tag of a language given as a tag or a name."""
    lowered = text.strip().lower()
    return LANGUAGE_NAMES.get(lowered, lowered)[:35]


def country(text: str) -> str | None:
    """Return the ISO 3166-1 code of a country given as a code or as its English or French name; `None` when it is none."""
    name = text.strip()
    return name.upper() if len(name) == 2 and name.isalpha() else _countries().get(name.casefold())  # noqa: PLR2004 -- alpha-2


@cache
def _countries() -> Mapping[str, str]:
    """Read the names of CLDR, which Babel holds: a moment that only files with such names pay."""
    from babel import Locale  # noqa: PLC0415 -- as said

    codes = [(name, code) for tag in ("fr", "en") for code, name in Locale(tag).territories.items()]
    return {name.casefold(): code for name, code in codes if len(code) == 2}  # noqa: PLR2004 -- alpha-2


_TIME_OF_DAY = re.compile(r"\d\s?[:hH]\s?\d|\d\s?[ap]\.?m\b|T\d", re.IGNORECASE)


def lacks_time(date: str) -> bool:
    """Say whether a date names a day and no time of it."""
    return bool(date.strip()) and not _TIME_OF_DAY.search(date) and not _epoch_like(date)


def _epoch_like(date: str) -> bool:
    return date.strip().replace(".", "", 1).isdigit()
