"""Add, change and close spaces; an owned or sponsored space has a watch of its own."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction

from vigie.errors import DecisionError
from vigie.schema.vocab import Ownership, Purpose, SpaceKind
from vigie.server import engine
from vigie.server.models import Space, Watch, WatchVersion
from vigie.server.permissions import Asker, Permission
from vigie.server.services import audit, places, proposing, work


@dataclass(frozen=True, slots=True)
class SpaceDraft:
    """What somebody says of a space to add."""

    title: str
    kind: str
    network: str
    address: str = ""
    ownership: str = Ownership.EXTERNAL.value
    brand_id: int | None = None
    interval_s: int = 900
    name: str = ""
    options: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    catalogue_id: str = ""
    proposal_id: int | None = None
    """The proposal that it is made of."""
    looked_at: str = ""
    """The address that was looked into, where it is another than the one that is read."""


def short_name(title: str) -> str:
    """Return what `space:NAME` will say: letters without accents, digits and hyphens; of an address, not its scheme."""
    plain = unicodedata.normalize("NFKD", title.rpartition("://")[2]).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:80] or "space"


@transaction.atomic
def add(draft: SpaceDraft, *, asker: Asker, now: datetime) -> Space:
    """Add a space, and have it read at once unless it takes imports.

    Raises:
        DecisionError: the role does not allow it, the address is there already, or an owner is missing.
    """
    permission = Permission.IMPORT_FILES if draft.kind == SpaceKind.IMPORT else Permission.EDIT_SPACES
    asker.require(permission, brand_id=draft.brand_id)
    _check(draft)
    space = _unknown(draft, asker) or Space(name=_free_name(draft.name or short_name(draft.title)), created_at=now)
    space.title = draft.title.strip()
    space.kind, space.network, space.address = draft.kind, draft.network, draft.address
    space.ownership, space.brand_id = draft.ownership, draft.brand_id
    space.interval_s, space.options, space.catalogue_id = draft.interval_s, dict(draft.options), draft.catalogue_id
    space.next_read_at = None if draft.kind == SpaceKind.IMPORT else now
    space.save()
    audit.write(asker, "space.add", f"space:{space.pk}", now=now, after=_facts(space), brand_id=space.brand_id)
    if draft.proposal_id is not None:
        proposing.take(draft.proposal_id, space.pk, asker=asker, now=now)
    for name, value in draft.secrets.items():
        places.set_secret(space.pk, name, value, asker=asker, now=now)
    _watch_if_ours(space, asker=asker, now=now)
    engine.bump_generation()
    return space


def _unknown(draft: SpaceDraft, asker: Asker) -> Space | None:
    """Return the space that stands for the address while it is not known how it can be read: it becomes the one added."""
    if not draft.address or draft.kind == SpaceKind.UNKNOWN:
        return None
    addresses = [draft.address, draft.looked_at]
    kept = Space.objects.select_for_update(of=("self",)).filter(kind=SpaceKind.UNKNOWN.value, address__in=addresses)
    space = kept.filter(closed_at=None).first()
    if space is not None:
        asker.require(Permission.EDIT_SPACES, brand_id=space.brand_id)
    return space


def _check(draft: SpaceDraft) -> None:
    if draft.ownership != Ownership.EXTERNAL and draft.brand_id is None:
        raise DecisionError("Say which brand owns or sponsors this space.", code="space.no_brand")
    same = Space.objects.filter(address=draft.address, closed_at=None)
    if draft.kind != SpaceKind.UNKNOWN:
        same = same.exclude(kind=SpaceKind.UNKNOWN.value)
    if draft.address and (taken := same.first()):
        raise DecisionError(
            "This address is listened to already.", code="space.taken", facts={"space": taken.pk, "title": taken.title}
        )


def _free_name(name: str) -> str:
    taken = set(Space.objects.filter(name__startswith=name).values_list("name", flat=True))
    if name not in taken:
        return name
    return next(f"{name[:74]}-{n}" for n in range(2, 10_000) if f"{name[:74]}-{n}" not in taken)


def _facts(space: Space) -> dict[str, object]:
    return {"kind": space.kind, "network": space.network, "ownership": space.ownership, "interval_s": space.interval_s}


def _watch_if_ours(space: Space, *, asker: Asker, now: datetime) -> None:
    """Give an owned or sponsored space its watch, so that every post there is a mention."""
    if space.ownership == Ownership.EXTERNAL or Watch.objects.filter(space=space).exists():
        return
    expression = f"space:{space.name}"
    watch = Watch.objects.create(
        name=expression, brand_id=space.brand_id, purpose=Purpose.BRAND.value, subject_id=space.brand_id,
        expression=expression, version=1, space=space, created_at=now,
    )  # fmt: skip
    WatchVersion.objects.create(watch=watch, version=1, expression=expression, at=now, by_id=asker.user_id)
    audit.write(asker, "watch.add", f"watch:{watch.pk}", now=now, after={"version": 1}, brand_id=watch.brand_id)
    work.enqueue("backfill", f"backfill:{watch.pk}", {"watch": watch.pk}, asker=asker)


@transaction.atomic
def change(
    space_id: int,
    *,
    asker: Asker,
    now: datetime,
    ownership: str,
    brand_id: int | None,
    interval_s: int,
    options: Mapping[str, str] | None = None,
    secrets: Mapping[str, str] | None = None,
) -> Space:
    """Change whose a space is, how often it is read, and what its source is told; empty secrets stay as they are.

    Raises:
        DecisionError: the role does not allow it, in the brand it had or the one it gets.
    """
    space = Space.objects.select_for_update().get(pk=space_id)
    asker.require(Permission.EDIT_SPACES, brand_id=space.brand_id)
    asker.require(Permission.EDIT_SPACES, brand_id=brand_id)
    _check(SpaceDraft(space.title, space.kind, space.network, "", ownership, brand_id))
    before = _facts(space)
    space.ownership, space.brand_id, space.interval_s = ownership, brand_id, interval_s
    told = dict(space.options) if options is None else dict(options)
    changed = sorted(name for name in {*told, *space.options} if told.get(name) != space.options.get(name))
    space.options = told
    space.save(update_fields=["ownership", "brand", "interval_s", "options"])
    for name, value in (secrets or {}).items():
        if value:
            places.set_secret(space.pk, name, value, asker=asker, now=now)
    if secrets and any(secrets.values()):
        Space.objects.filter(pk=space.pk, closed_at=None, locked_at=None).update(next_read_at=now)
    audit.write(
        asker,
        "space.change",
        f"space:{space.pk}",
        now=now,
        before=before,
        after={**_facts(space), "options": changed},
        brand_id=brand_id,
    )
    _watch_if_ours(space, asker=asker, now=now)
    engine.bump_generation()
    return space


@transaction.atomic
def close(space_id: int, *, asker: Asker, now: datetime) -> None:
    """Stop reading a space; what was heard there stays."""
    space = Space.objects.select_for_update().get(pk=space_id)
    asker.require(Permission.EDIT_SPACES, brand_id=space.brand_id)
    was = space.closed_at is not None
    Space.objects.filter(pk=space_id, closed_at=None).update(closed_at=now, next_read_at=None)
    audit.write(
        asker,
        "space.close",
        f"space:{space_id}",
        now=now,
        before={"closed": was},
        after={"closed": True},
        brand_id=space.brand_id,
    )


@transaction.atomic
def take_back(space_id: int, *, asker: Asker, now: datetime) -> None:
    """Close a space that was just added, and propose again what it was made of: the undo of `add`."""
    close(space_id, asker=asker, now=now)
    proposing.free(space_id, asker=asker, now=now)


@transaction.atomic
def reopen(space_id: int, *, asker: Asker, now: datetime) -> None:
    """Read a closed space again: the undo of `close`."""
    space = Space.objects.select_for_update().get(pk=space_id)
    asker.require(Permission.EDIT_SPACES, brand_id=space.brand_id)
    was = space.closed_at is not None
    next_read = None if space.kind == SpaceKind.IMPORT else now
    Space.objects.filter(pk=space_id).update(closed_at=None, next_read_at=next_read)
    audit.write(
        asker,
        "space.reopen",
        f"space:{space_id}",
        now=now,
        before={"closed": was},
        after={"closed": False},
        brand_id=space.brand_id,
    )
