"""Numbers and dates as the reader's language writes them: thin groups, "1ᵉʳ octobre", "il y a 2 h"."""

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

from babel.dates import format_date, format_datetime, format_skeleton, get_timezone_location
from babel.numbers import format_compact_decimal, format_decimal, format_percent
from django.utils.timezone import get_current_timezone, localtime
from django.utils.translation import get_language, gettext, ngettext

MINUS = "\u2212"
"""The minus sign, as wide as the plus; a hyphen is not one."""

NO_VALUE = "\u2013"
"""What stands for a figure that is not known; a zero would be one."""


NUMBERS_KEPT = 10_000
"""Numbers whose writing is remembered: a page's tables hold hundreds, mostly small ones, at 30 µs each (about 2 MB)."""


DAYS_KEPT = 4_000
"""Days whose writing is remembered: ten years."""


def language() -> str:
    return (get_language() or "fr").split("-")[0]


def number(value: float | None, digits: int = 0) -> str:
    """Write a number in groups of three; whole unless `digits` are asked for."""
    return NO_VALUE if value is None else _written(value, digits, language())


@lru_cache(maxsize=NUMBERS_KEPT)
def _written(value: float, digits: int, tag: str) -> str:
    pattern = "#,##0" + ("." + "0" * digits if digits else "")
    return format_decimal(value, format=pattern, locale=tag).replace("\u00a0", "\u202f").replace("-", MINUS)


def signed(value: float | None, digits: int = 0) -> str:
    """Write a difference with its sign; zero has none."""
    text = number(value, digits)
    return f"+{text}" if value is not None and value > 0 and text.strip("0.,") else text


def percent(ratio: float | None, digits: int = 0) -> str:
    """Write a share of 0-1 per hundred; in French with a narrow space before the sign."""
    if ratio is None:
        return NO_VALUE
    pattern = "#,##0" + ("." + "0" * digits if digits else "") + ("\u202f%" if language() == "fr" else "%")
    return format_percent(ratio, format=pattern, locale=language()).replace("\u00a0", "\u202f").replace("-", MINUS)


def compact(value: float | None) -> str:
    """Write a large number short ("3,1 M"); below 10,000 it is written whole."""
    if value is None or abs(value) < 10_000:
        return number(value)
    digits = 0 if abs(value) % 1_000_000 >= 100_000 and abs(value) < 1_000_000 else 1
    text = format_compact_decimal(value, format_type="short", fraction_digits=digits, locale=language())
    return text.replace("\u00a0", "\u202f").replace("-", MINUS)


def day(value: date, form: str = "long") -> str:
    """Write a day: `long` "1ᵉʳ octobre 2026", `short` "1ᵉʳ oct.", `medium` "1ᵉʳ oct. 2026"."""
    if isinstance(value, datetime):
        value = localtime(value).date()
    return _day_written(value, form, language())


@lru_cache(maxsize=DAYS_KEPT)
def _day_written(value: date, form: str, tag: str) -> str:
    if form == "short":
        noon = datetime(value.year, value.month, value.day, 12, tzinfo=UTC)
        return _first_day(format_skeleton("MMMd", noon, tzinfo=UTC, locale=tag), value)
    return _first_day(format_date(value, format=form, locale=tag), value)


def _first_day(text: str, value: date) -> str:
    return f"1ᵉʳ{text[1:]}" if language() == "fr" and value.day == 1 and text.startswith("1 ") else text


def moment(value: datetime) -> str:
    """Write an instant in the company's time zone: "30 oct. 2026, 08:41"."""
    local = localtime(value)
    return f"{day(local.date(), 'medium')}, {clock(value)}"


def clock(value: datetime) -> str:
    """Write the time of day, 08:41 in French, 8:41 AM in English."""
    return format_datetime(
        localtime(value).replace(tzinfo=None), "HH:mm" if language() == "fr" else "h:mm a", locale=language()
    )


def window(start: date, end: date) -> str:
    """Write a span of days, both included: "1ᵉʳ au 30 octobre 2026"."""
    if start == end:
        return day(end)
    if language() != "fr":
        return f"{_without_year(start, end)} \u2013 {day(end)}"
    return gettext("%(start)s to %(end)s") % {"start": _without_year(start, end), "end": day(end)}


def _without_year(start: date, end: date) -> str:
    """Leave out of a start what its end says already."""
    if language() == "fr" and (start.year, start.month) == (end.year, end.month):
        return "1ᵉʳ" if start.day == 1 else str(start.day)
    text = day(start)
    return text.replace(f", {start.year}", "").replace(f" {start.year}", "") if start.year == end.year else text


def ago(value: datetime, now: datetime) -> str:
    """Say how long ago an instant was; from a week on, its day."""
    seconds = (now - value).total_seconds()
    if seconds < 0:
        return ahead(value, now)
    if seconds < 60:
        return gettext("just now")
    if seconds < 3600:
        return gettext("%(n)s min ago") % {"n": int(seconds // 60)}
    days = (localtime(now).date() - localtime(value).date()).days
    if days == 0 or seconds < 6 * 3600:
        return gettext("%(n)s h ago") % {"n": int(seconds // 3600)}
    if days == 1:
        return gettext("yesterday")
    if days < 7:
        return ngettext("%(n)s day ago", "%(n)s days ago", days) % {"n": days}
    return day(localtime(value).date(), "short" if value.year == now.year else "medium")


def ahead(value: datetime, now: datetime) -> str:
    """Say in how long an instant is; from a day on, its day and time."""
    seconds = (value - now).total_seconds()
    if seconds < 60:
        return gettext("in less than a minute")
    if seconds < 3600:
        return gettext("in %(n)s min") % {"n": int(seconds // 60)}
    if seconds < 24 * 3600:
        return gettext("in %(n)s h") % {"n": int(seconds // 3600)}
    return moment(value)


def duration(value: timedelta | float) -> str:
    """Write how long something took: "0,3 s", "12 s", "4 min", "2 h 5 min"."""
    seconds = value.total_seconds() if isinstance(value, timedelta) else float(value)
    if seconds < 10:
        return f"{number(seconds, 1)}\u202fs"
    if seconds < 60:
        return f"{number(seconds)}\u202fs"
    if seconds < 3600:
        return f"{number(seconds // 60)}\u202fmin"
    hours, minutes = divmod(int(seconds // 60), 60)
    return f"{number(hours)}\u202fh" + (f" {minutes}\u202fmin" if minutes else "")


def size(n_bytes: int) -> str:
    """Write a size in the units of the language (octets in French)."""
    unit = "o" if language() == "fr" else "B"
    for factor, prefix in ((1_000_000_000, "G"), (1_000_000, "M"), (1_000, "k")):
        if n_bytes >= factor:
            return f"{number(n_bytes / factor, 1)}\u202f{prefix}{unit}"
    return f"{number(n_bytes)}\u202f{unit}"


def zone_name() -> str:
    """Name the company's time zone as people do: its city."""
    return get_timezone_location(get_current_timezone(), locale=language(), return_city=True)
