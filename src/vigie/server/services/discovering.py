"""Find out how an address can be read."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from vigie.collect.discovery import SECURE, is_bare, ways
from vigie.collect.registry import sources
from vigie.collect.source import Fetch, Found
from vigie.errors import FatalError
from vigie.schema.vocab import SpaceKind
from vigie.server.models import Space
from vigie.server.permissions import WORKER, Asker, Permission
from vigie.server.services import audit
from vigie.server.services.network import client

BARE = "bare"
"""Option of a space of unknown kind whose address was typed without its scheme."""


def kept_as(typed: str) -> Mapping[str, str]:
    """Return the options under which an address is kept of which it is not known yet how it can be read."""
    return {BARE: "1"} if is_bare(typed) else {}


def discover(address: str, *, asker: Asker, now: datetime, fetch: Fetch | None = None) -> list[Found]:
    """Say how an address can be read, the best way first.

    Raises:
        DecisionError: the role does not allow it.
        FatalError: nothing there can be read, or the address lies in a private network.
        RetryableError: the address does not answer now.
    """
    asker.require(Permission.EDIT_SPACES)
    return _found(address, fetch or client(), now)


def lacking(way: Found) -> set[str]:
    """Return what a person must tell of a way before it can be gone."""
    return {option.name for option in sources()[way.kind].options if option.is_required} - set(way.options)


def find_out(space: Space, *, fetch: Fetch, now: datetime) -> Space:
    """Return a space of unknown kind as it can be read now, the best way.

    Raises:
        FatalError, RetryableError: it still can't; it stays what it was, and is looked into again at its next read.
    """
    typed = space.address.removeprefix(SECURE) if space.options.get(BARE) else space.address
    way = _found(typed, fetch, now)[0]
    if lacking(way):
        raise FatalError(
            "It must be told something first, such as a log-in: add it on its own page.", code="discover.lacking"
        )
    return _become(space.pk, way, now)


@transaction.atomic
def _become(space_id: int, way: Found, now: datetime) -> Space:
    space = Space.objects.select_for_update().get(pk=space_id)
    other = Space.objects.filter(address=way.address, closed_at=None).exclude(pk=space.pk).first()
    if other is not None:
        raise FatalError(
            "This address is listened to already.", code="space.taken", facts={"space": other.pk, "title": other.title}
        )
    title = way.title[:200] if space.title == space.address[:200] else space.title
    before = {"kind": SpaceKind.UNKNOWN.value}
    space.kind, space.network, space.address, space.title = way.kind, way.network, way.address, title
    space.options, space.failures = dict(way.options), 0
    space.save(update_fields=["kind", "network", "address", "title", "options", "failures"])
    after = {"kind": way.kind, "network": way.network}
    audit.write(
        WORKER, "space.found", f"space:{space.pk}", now=now, before=before, after=after, brand_id=space.brand_id
    )
    return space


def _found(address: str, fetch: Fetch, now: datetime) -> list[Found]:
    found = ways(address, fetch=fetch, now=now)
    if not found:
        raise FatalError(
            "Nothing that Vigie can read was found at this address. Try the address of its feed, or take in a file.",
            code="discover.nothing",
        )
    return found
