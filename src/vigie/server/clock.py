"""The one place of the server where the clock is read; the shells call it and hand the instant to all below."""

from datetime import UTC, date, datetime

from django.conf import settings
from django.utils import timezone


def now() -> datetime:
    """Return the present: the machine's, or the one that `VIGIE_NOW` fixes."""
    fixed: datetime | None = settings.VIGIE.now
    return fixed or datetime.now(UTC)


def today(instant: datetime) -> date:
    """Return the company's day of an instant."""
    return timezone.localdate(instant)
