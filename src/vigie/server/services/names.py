"""The register of names: pages, accounts and domains in our name; entered, decided, dealt with, each with a way back."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Q

from vigie.collect.names import normal
from vigie.errors import DecisionError
from vigie.schema.vocab import NameDecision, NameKind
from vigie.server.models import NameEntry, User
from vigie.server.permissions import Asker, Permission
from vigie.server.services import audit

CARRIED_OUT = (NameDecision.CLAIM, NameDecision.REPORT)
"""Decisions that somebody must carry out by a day; the others only say how things stay."""


@dataclass(frozen=True, slots=True)
class NameDraft:
    """What somebody says of a name to enter."""

    kind: str
    address: str
    name: str
    brand_id: int
    note: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """What was decided of a name; all empty while nobody has."""

    is_ours: bool | None = None
    holder: str = ""
    decision: str = ""
    owner_id: int | None = None
    due: date | None = None
    note: str = ""


def standing_of(entry: NameEntry) -> Standing:
    """Return what stands decided of a name."""
    return Standing(entry.is_ours, entry.holder, entry.decision, entry.owner_id, entry.due, entry.note)


def owners(brand_id: int | None) -> list[User]:
    """Return who can carry a decision out: the users of the brand, and those of all brands."""
    members = Q(memberships__brand=None, memberships__isnull=False) | Q(memberships__brand_id=brand_id)
    return list(User.objects.filter(members, is_active=True).distinct().order_by("name", "email"))


@transaction.atomic
def add(draft: NameDraft, *, asker: Asker, now: datetime) -> NameEntry:
    """Enter a name by hand.

    Raises:
        DecisionError: the role does not allow it, the address is none, or it stands in the register.
    """
    asker.require(Permission.EDIT_SPACES, brand_id=draft.brand_id)
    address = normal(NameKind(draft.kind), draft.address)
    if not address:
        raise DecisionError(
            "Give an address, such as serelium.example, or for an account its host and its handle.", code="name.address"
        )
    if NameEntry.objects.filter(address=address).exists():
        raise DecisionError("The register has this address already.", code="name.taken")
    entry = NameEntry.objects.create(
        kind=draft.kind, address=address, name=draft.name.strip()[:200], brand_id=draft.brand_id, note=draft.note.strip(),
        created_at=now,
    )  # fmt: skip
    after = {"kind": entry.kind, "brand": entry.brand_id}
    audit.write(asker, "name.add", f"name:{entry.pk}", now=now, after=after, brand_id=entry.brand_id)
    return entry


@transaction.atomic
def decide(entry_id: int, standing: Standing, *, asker: Asker, now: datetime) -> Standing:
    """Say whether a name is ours and what is done; return what stood before, which the undo decides again.

    Raises:
        DecisionError: the role does not allow it, or the decision is not whole.
    """
    entry = _edited(entry_id, asker)
    _check(standing, entry)
    before = standing_of(entry)
    entry.is_ours, entry.holder, entry.decision = standing.is_ours, standing.holder.strip()[:200], standing.decision
    entry.owner_id, entry.due, entry.note = standing.owner_id, standing.due, standing.note.strip()
    entry.decided_at = None if standing.is_ours is None else now
    entry.save(update_fields=["is_ours", "holder", "decision", "owner", "due", "note", "decided_at"])
    audit.write(
        asker, "name.decide", f"name:{entry_id}", now=now, before=_codes(before), after=_codes(standing),
        brand_id=entry.brand_id,
    )  # fmt: skip
    return before


def _codes(standing: Standing) -> dict[str, Any]:
    """Return a decision as ids, codes and numbers: its words stay out of the audit."""
    due = standing.due.isoformat() if standing.due else None
    return {"ours": standing.is_ours, "decision": standing.decision, "owner": standing.owner_id, "due": due}


def _check(standing: Standing, entry: NameEntry) -> None:
    """Refuse a decision that nobody could carry out."""
    if standing.is_ours is True and not standing.holder.strip():
        raise DecisionError("Say who holds it: the person or team with the password.", code="name.no_holder")
    if standing.is_ours is False and standing.decision not in set(NameDecision):
        raise DecisionError("Say what is done about it.", code="name.no_decision")
    needed = standing.is_ours is False and standing.decision in CARRIED_OUT
    if needed and (standing.owner_id is None or standing.due is None):
        raise DecisionError("Say who does it, and by which day.", code="name.no_owner")
    if standing.owner_id is not None and standing.owner_id not in {user.pk for user in owners(entry.brand_id)}:
        raise DecisionError("Choose somebody who works for this brand.", code="name.owner")


def _edited(entry_id: int, asker: Asker) -> NameEntry:
    entry = NameEntry.objects.select_for_update().get(pk=entry_id)
    asker.require(Permission.EDIT_SPACES, brand_id=entry.brand_id)
    return entry


@transaction.atomic
def close(entry_id: int, *, asker: Asker, now: datetime) -> None:
    """Put a name aside: it is dealt with, or it never bore ours. It is not proposed again.

    Raises:
        DecisionError: the role does not allow it.
    """
    _set_closed(_edited(entry_id, asker), now, asker, now)


@transaction.atomic
def reopen(entry_id: int, *, asker: Asker, now: datetime) -> None:
    """Take a name up again: the undo of `close`.

    Raises:
        DecisionError: the role does not allow it.
    """
    _set_closed(_edited(entry_id, asker), None, asker, now)


def _set_closed(entry: NameEntry, closed_at: datetime | None, asker: Asker, now: datetime) -> None:
    NameEntry.objects.filter(pk=entry.pk).update(closed_at=closed_at)
    before, after = {"closed": entry.closed_at is not None}, {"closed": closed_at is not None}
    audit.write(
        asker, "name.reopen" if closed_at is None else "name.close", f"name:{entry.pk}", now=now, before=before, after=after,
        brand_id=entry.brand_id,
    )  # fmt: skip
