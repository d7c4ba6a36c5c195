"""What the current request or piece of work is called, for logs and audit, and how old the figures are that it read."""

from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime

REFERENCE: ContextVar[str] = ContextVar("vigie_reference", default="")
"""Id of the request (`r-…`) or piece of work (`w-…`) under way; empty outside both."""


@dataclass(frozen=True, slots=True)
class Behind:
    """The view is older than the record, because the tail is full and no merge could be made."""

    as_of: datetime | None
    """When the files were written; `None` while there are none."""


BEHIND: ContextVar[Behind | None] = ContextVar("vigie_behind", default=None)
"""Set by a read of figures that could not be brought up to now; nothing else may be said to be of now."""
