"""Find out how an address can be read."""

from datetime import datetime

from vigie.collect.discovery import ways
from vigie.collect.source import Fetch, Found
from vigie.errors import FatalError
from vigie.server.permissions import Asker, Permission
from vigie.server.services.network import client


def discover(address: str, *, asker: Asker, now: datetime, fetch: Fetch | None = None) -> list[Found]:
    """Say how an address can be read, the best way first.

    Raises:
        DecisionError: the role does not allow it.
        FatalError: nothing there can be read, or the address lies in a private network.
        RetryableError: the address does not answer now.
    """
    asker.require(Permission.EDIT_SPACES)
    found = ways(address, fetch=fetch or client(), now=now)
    if not found:
        raise FatalError(
            "Nothing that Vigie can read was found at this address. Try the address of its feed, or take in a file.",
            code="discover.nothing",
        )
    return found
