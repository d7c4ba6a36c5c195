"""Write the audit log, inside the transaction of what it tells."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import connection

from vigie.server.context import REFERENCE
from vigie.server.models import AuditEvent
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
    AuditEvent.objects.create(
        at=now,
        actor=asker.actor,
        action=action,
        target=target,
        brand_id=brand_id,
        before=dict(before) if before is not None else None,
        after=dict(after) if after is not None else None,
        reference=REFERENCE.get(),
    )
