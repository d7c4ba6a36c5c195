"""Calendar days and believable dates in a time zone; the present instant is always an argument."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

EARLIEST_DAY = datetime(2000, 1, 1, tzinfo=UTC)
"""Posts dated before are mistakes of their source: the social web hardly existed (DESIGN §1)."""

LATEST_AHEAD = timedelta(days=1)
"""How far after the fetch a date may lie: a day covers every time zone (UTC−12 to UTC+14) (DESIGN §1)."""


def day_of(instant: datetime, zone: ZoneInfo) -> date:
    """Return the calendar day of an instant in a time zone."""
    return instant.astimezone(zone).date()


def believable(published: datetime | None, *, heard_at: datetime) -> bool:
    """Say whether a source's date can be right: between 2000 and a day after the fetch."""
    return published is not None and EARLIEST_DAY <= published <= heard_at + LATEST_AHEAD


def dated(published: datetime | None, *, heard_at: datetime) -> tuple[datetime, bool]:
    """Return the instant that counts for a post, and whether it is that of the fetch for want of a believable one."""
    if believable(published, heard_at=heard_at):
        assert published is not None  # noqa: S101 -- narrowed by believable
        return published, False
    return heard_at, True


def month_of(instant: datetime) -> str:
    """Return the UTC month of an instant as YYYY-MM."""
    return instant.astimezone(UTC).strftime("%Y-%m")
