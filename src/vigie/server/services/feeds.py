"""Add and give many feeds at once."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction

from vigie.collect import opml
from vigie.collect.opml import Outline
from vigie.schema.vocab import Network
from vigie.server.models import Space
from vigie.server.permissions import Asker, Permission
from vigie.server.services import audit, spaces
from vigie.server.services.spaces import SpaceDraft

STAGGER = timedelta(seconds=3)
"""Between the first reads of two feeds that were added together: 500 of them then begin within half an hour, and the
worker goes on with what else is due."""

KIND = "feed"


def known_addresses() -> list[str]:
    """Return the addresses that are listened to."""
    return list(Space.objects.filter(closed_at=None).exclude(address="").values_list("address", flat=True))


@transaction.atomic
def add_all(feeds: Sequence[Outline], *, asker: Asker, now: datetime) -> int:
    """Add feeds as spaces, all or none; those that are listened to already are left out. Return how many were added.

    Raises:
        DecisionError: the role does not allow it.
    """
    asker.require(Permission.EDIT_SPACES)
    new, _known = opml.new_ones(feeds, known_addresses())
    for n, feed in enumerate(new):
        draft = SpaceDraft(feed.title[:200], KIND, Network.FEED.value, feed.address, interval_s=3600)
        space = spaces.add(draft, asker=asker, now=now)
        Space.objects.filter(pk=space.pk).update(next_read_at=now + n * STAGGER)
    audit.write(asker, "spaces.opml", "spaces", now=now, after={"added": len(new), "known": len(feeds) - len(new)})
    return len(new)


@transaction.atomic
def take_back(added_at: datetime, *, asker: Asker, now: datetime) -> int:
    """Close the feeds that were added together: the undo of `add_all`; return how many."""
    asker.require(Permission.EDIT_SPACES)
    ids = Space.objects.filter(kind=KIND, created_at=added_at, closed_at=None).values_list("pk", flat=True)
    for space_id in (found := list(ids)):
        spaces.close(space_id, asker=asker, now=now)
    return len(found)


def exported(*, asker: Asker, title: str) -> bytes:
    """Return the open feeds as OPML; their addresses may hold a key, so only those who may change spaces get them."""
    asker.require(Permission.EDIT_SPACES)
    rows = Space.objects.filter(kind=KIND, closed_at=None).order_by("title", "pk").values_list("title", "address")
    return opml.write([Outline(name, address) for name, address in rows], title=title)
