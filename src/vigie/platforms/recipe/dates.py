"""Dates as forums write them, in French and English: absolute, half absolute (“hier à 14:05”) and relative."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from vigie.collect.imports.values import MONTHS, instant

_TIME = r"(?P<hour>\d{1,2})(?:\s?[:hH]\s?(?P<minute>\d{2}))?(?::(?P<second>\d{2}))?\s*(?P<half>[ap]\.?\s?m\b\.?)?"
_JOINT = r"(?:\s*(?:,|à|at|-|–|•|·|\||\()?\s*(?:à|at)?\s*)"
_AFTER = rf"(?:{_JOINT}(?:{_TIME}))?"
_MONTH = "(?P<month>" + "|".join(sorted(MONTHS, key=len, reverse=True)) + r")\b\.?"

_ISO = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?\s?(?:Z|[+-]\d{2}:?\d{2})?")
_NUMERIC = re.compile(rf"(?<!\d)(?P<date>\d{{1,4}}[/.\-]\d{{1,2}}[/.\-]\d{{2,4}})(?!\d){_AFTER}", re.IGNORECASE)
_DAY_FIRST = re.compile(
    rf"(?<!\d)(?P<day>\d{{1,2}})(?:er|st|nd|rd|th)?\s+{_MONTH},?(?:\s+(?P<year>\d{{4}}))?{_AFTER}", re.IGNORECASE
)
_MONTH_FIRST = re.compile(
    rf"\b{_MONTH}\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?!\d),?(?:\s+(?P<year>\d{{4}}))?{_AFTER}", re.IGNORECASE
)
_DAYS = re.compile(
    rf"\b(?P<word>aujourd.?hui|today|avant-hier|hier|yesterday)\b{_AFTER}", re.IGNORECASE
)  # fmt: skip
_WEEKDAY = re.compile(
    r"\b(?P<word>lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|monday|tuesday|wednesday|thursday|friday|saturday|"
    rf"sunday)\b(?:\s+dernier)?{_AFTER}",
    re.IGNORECASE,
)
_NUMBER = r"(?P<n>\d{1,5}|une?|an?|one)"
_FRENCH = re.compile(rf"\bil y a (?:environ |moins d.)?{_NUMBER}\s?(?P<unit>[a-z]+)", re.IGNORECASE)
_ENGLISH = re.compile(rf"\b{_NUMBER}\s?(?P<unit>[a-z]+)\s+ago\b", re.IGNORECASE)
_SHORT = re.compile(r"^(?P<n>\d{1,5})\s?(?P<unit>s|m|min|h|d|j|w|mo|y)$", re.IGNORECASE)
_NOW = re.compile(r"\b(?:à l.instant|maintenant|just now|now|moments? ago|quelques secondes)\b", re.IGNORECASE)

_WEEKDAYS = (
    ("lundi", "monday"), ("mardi", "tuesday"), ("mercredi", "wednesday"), ("jeudi", "thursday"), ("vendredi", "friday"),
    ("samedi", "saturday"), ("dimanche", "sunday"),
)  # fmt: skip

_UNITS = {
    name: seconds
    for names, seconds in (
        ("s sec secs second seconds seconde secondes", 1), ("m min mins mn minute minutes", 60),
        ("h hr hrs hour hours heure heures", 3_600), ("d j day days jour jours", 86_400),
        ("w week weeks semaine semaines", 604_800), ("mo month months mois", 2_629_746),
        ("y an ans année années annee annees year years", 31_556_952),
    )
    for name in names.split()
}  # fmt: skip
"""Seconds of each unit; months and years at their mean length (Gregorian, 365.2425 days)."""


def instant_of(text: str, *, now: datetime, zone: ZoneInfo, order: str, formats: Sequence[str] = ()) -> datetime | None:
    """Read a date as a page shows it; `None` when it is none.

    Args:
        now: When the page was fetched: what “il y a 3 heures” counts from.
        zone: Of dates that name none.
        order: Of day and month in 03/04/2026: `dmy`, `mdy` or `ymd`.
        formats: Of `strptime`, tried first.
    """
    text = " ".join(text.replace("\u202f", " ").replace("\u200e", "").split())
    try:
        return _by_format(text, formats, zone) or _absolute(text, now, zone, order) or _relative(text, now, zone)
    except (ValueError, OverflowError):
        return None


def is_relative(text: str) -> bool:
    """Say whether a text changes while what it dates does not."""
    return not any(p.search(text) for p in (_ISO, _NUMERIC, _DAY_FIRST, _MONTH_FIRST))


def _by_format(text: str, formats: Sequence[str], zone: ZoneInfo) -> datetime | None:
    for form in formats:
        try:
            found = datetime.strptime(text, form)  # noqa: DTZ007 -- the zone is added when the text names none
        except ValueError:
            continue
        return (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)
    return None


def _absolute(text: str, now: datetime, zone: ZoneInfo, order: str) -> datetime | None:
    if match := _ISO.search(text):
        found = instant(match.group().replace(" ", "T", 1).replace(" ", ""), order=order, zone=zone)
        if found is not None:
            return found
    if match := _NUMERIC.search(text):
        found = instant(match.group("date"), order=order, zone=ZoneInfo("UTC"))
        return _timed(found.replace(tzinfo=None), match, zone) if found else None
    if match := _DAY_FIRST.search(text) or _MONTH_FIRST.search(text):
        return _named(match, now, zone)
    return None


def _named(match: re.Match[str], now: datetime, zone: ZoneInfo) -> datetime | None:
    """Read a date whose month has a name; without a year it is the last such day."""
    month, year = MONTHS[match.group("month").lower()], match.group("year")
    today = now.astimezone(zone)
    day = datetime(int(year or today.year), month, int(match.group("day")))  # noqa: DTZ001 -- the zone is added below
    found = _timed(day, match, zone)
    late = year is None and found is not None and found > now + timedelta(days=1)
    return _timed(day.replace(year=day.year - 1), match, zone) if late else found


def _timed(day: datetime, match: re.Match[str], zone: ZoneInfo) -> datetime | None:
    """Add the time of day, if the text has one."""
    hour, minute, second, half = (match.group(name) for name in ("hour", "minute", "second", "half"))
    if hour is not None and (minute is not None or half):
        hours = int(hour) % 12 + (12 if half.lower().startswith("p") else 0) if half else int(hour)
        day = day.replace(hour=hours, minute=int(minute or 0), second=int(second or 0))
    return day.replace(tzinfo=zone).astimezone(UTC)


def _relative(text: str, now: datetime, zone: ZoneInfo) -> datetime | None:
    today = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    if match := _DAYS.search(text):
        word = match.group("word").lower()
        back = 2 if word.startswith("avant") else 1 if word in ("hier", "yesterday") else 0
        return _timed(today - timedelta(days=back), match, zone)
    if match := _FRENCH.search(text) or _ENGLISH.search(text) or _SHORT.search(text):
        number, seconds = match.group("n"), _UNITS.get(match.group("unit").lower())
        if seconds is not None:
            return now.astimezone(UTC) - timedelta(seconds=seconds * (int(number) if number.isdigit() else 1))
    if match := _WEEKDAY.search(text):
        named = next(n for n, words in enumerate(_WEEKDAYS) if match.group("word").lower() in words)
        return _timed(today - timedelta(days=(today.weekday() - named) % 7 or 7), match, zone)
    return now.astimezone(UTC) if _NOW.search(text) else None
