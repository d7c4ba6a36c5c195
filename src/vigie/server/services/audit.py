"""Write the audit log, inside the transaction of what it tells."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import connection

from vigie.server.context import REFERENCE
from vigie.server.database import insert, instant
from vigie.server.permissions import Asker

Values = Mapping[str, Any]


def write(
    asker: Asker,
    action: str,
    target: str,
    *,
    now: datetime,
    before: Values | None = None,
    after: Values | None = None,
    brand_id: int | None = None,
) -> None:
    """Add one event; `before` and `after` hold ids, codes and numbers, never a text or a handle."""
    assert connection.in_atomic_block, "an audit row stands in the transaction of its write"  # noqa: S101 -- a bug of ours
    told = [None if values is None else json.dumps(dict(values)) for values in (before, after)]
    # By hand, as every batch and press of a button comes by: Django takes ten times longer than the database.
    insert(
        "vigie_auditevent", _COLUMNS, [(instant(now), asker.actor, action, target, brand_id, *told, REFERENCE.get())]
    )


_COLUMNS = ("at", "actor", "action", "target", "brand_id", "before", "after", "reference")
