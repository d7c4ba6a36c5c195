"""Let spaces of some private networks be read, such as an intranet's forum; an administrator answers for each."""

import ipaddress
from datetime import datetime

from django.db import transaction

from vigie.errors import DecisionError
from vigie.server.models import AllowedNetwork
from vigie.server.permissions import Asker, Permission
from vigie.server.services import audit

WIDEST = {4: 16, 6: 48}
"""Shortest prefix that may be allowed: a site's worth of addresses (RFC 1918 calls 16 bits a class B; RFC 6177 gives a site
48 bits). Wider ones would open the guard to networks that nobody thought of."""


@transaction.atomic
def allow(network: str, reason: str, *, asker: Asker, now: datetime) -> AllowedNetwork:
    """Allow a network.

    Raises:
        DecisionError: the role does not allow it, it is no network, it is too wide, it is public, or no reason is given.
    """
    asker.require(Permission.ALLOW_NETWORKS)
    shown = _checked(network)
    if not reason.strip():
        raise DecisionError("Say why: who reads the audit log will want to know.", code="network.no_reason")
    row, made = AllowedNetwork.objects.get_or_create(
        network=shown, withdrawn_at=None,
        defaults={"reason": reason.strip()[:200], "allowed_at": now, "allowed_by_id": asker.user_id},
    )  # fmt: skip
    if made:
        audit.write(asker, "network.allow", f"network:{row.pk}", now=now, after={"network": shown})
    return row


def _checked(text: str) -> str:
    try:
        network = ipaddress.ip_network(text.strip(), strict=False)
    except ValueError as exc:
        raise DecisionError("This is not a network; write it as 192.168.4.0/24.", code="network.form") from exc
    if network.prefixlen < WIDEST[network.version]:
        raise DecisionError(
            "This network is too wide; allow the part that is read, no wider than a /16.", code="network.wide"
        )
    if not network.is_private or network.is_link_local or network.is_multicast or network.is_unspecified:
        raise DecisionError(
            "Only private networks need to be allowed, and link-local ones never are.", code="network.public"
        )
    return str(network)


@transaction.atomic
def withdraw(row_id: int, *, asker: Asker, now: datetime) -> None:
    """Refuse a network again; its spaces will say so at their next read."""
    asker.require(Permission.ALLOW_NETWORKS)
    row = AllowedNetwork.objects.select_for_update().get(pk=row_id)
    AllowedNetwork.objects.filter(pk=row_id, withdrawn_at=None).update(withdrawn_at=now)
    audit.write(asker, "network.withdraw", f"network:{row_id}", now=now, before={"network": row.network})


@transaction.atomic
def allow_again(row_id: int, *, asker: Asker, now: datetime) -> None:
    """Undo a withdrawal."""
    asker.require(Permission.ALLOW_NETWORKS)
    row = AllowedNetwork.objects.select_for_update().get(pk=row_id)
    if not AllowedNetwork.objects.filter(network=row.network, withdrawn_at=None).exists():
        AllowedNetwork.objects.filter(pk=row_id).update(withdrawn_at=None)
        audit.write(asker, "network.allow", f"network:{row_id}", now=now, after={"network": row.network})
