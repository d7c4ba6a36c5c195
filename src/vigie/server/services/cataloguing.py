"""Make a row of the catalogue a space, at once where nothing is to be chosen."""

from datetime import datetime

from django.db import transaction

from vigie.collect.catalogue import Row
from vigie.collect.registry import sources
from vigie.collect.source import Fetch, Found
from vigie.server.models import Space
from vigie.server.permissions import Asker
from vigie.server.services import collecting, discovering, spaces
from vigie.server.services.spaces import SpaceDraft


def listen(row: Row, *, name: str, asker: Asker, now: datetime, fetch: Fetch | None = None) -> Space | None:
    """Listen to a network of the catalogue; `None` when a person must choose or tell something first.

    Raises:
        DecisionError: the role does not allow it, or the address is listened to already.
        FatalError, RetryableError: the address can't be read.
    """
    if not row.is_readable or row.reading not in sources():
        return None
    found = discovering.discover(row.address, asker=asker, now=now, fetch=fetch)[0]
    return _add(row, name, found, asker=asker, now=now) if needs_no_choice(row, found) else None


def needs_no_choice(row: Row, found: Found) -> bool:
    """Say whether the best way to read a network is the one its row names, and the source need be told nothing more."""
    wanted = {option.name for option in sources()[found.kind].options if option.is_required}
    return found.kind == row.reading and wanted <= set(found.options)


@transaction.atomic
def _add(row: Row, name: str, found: Found, *, asker: Asker, now: datetime) -> Space:
    draft = SpaceDraft(name, found.kind, found.network, found.address, options=found.options, catalogue_id=row.id)
    space = spaces.add(draft, asker=asker, now=now)
    collecting.read_now(space.pk, asker=asker, now=now)
    return space
