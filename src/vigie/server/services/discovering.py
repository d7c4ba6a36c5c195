"""Find out how an address can be read."""

from datetime import datetime

from vigie.collect.registry import LAST, sources
from vigie.collect.source import Fetch, Found
from vigie.errors import FatalError
from vigie.server.permissions import Asker, Permission
from vigie.server.services.network import client

PREFERRED = ("mail", "wordpress", "feed")
"""Sources in the order they are asked: WordPress gives posts and comments, its feed only the last few."""


def discover(address: str, *, asker: Asker, now: datetime, fetch: Fetch | None = None) -> Found:
    """Say how an address would be read.

    Raises:
        DecisionError: the role does not allow it.
        FatalError: nothing there can be read, or the address lies in a private network.
        RetryableError: the address does not answer now.
    """
    asker.require(Permission.EDIT_SPACES)
    known = sources()
    others = [k for k in sorted(known) if k not in (*PREFERRED, *LAST)]
    for source in (known[k] for k in (*PREFERRED, *others, *LAST) if k in known):
        found = source.discover(address, fetch=fetch or client(), now=now)
        if found is not None:
            return found
    raise FatalError(
        "No feed and no WordPress was found at this address. Try the address of the feed itself.",
        code="discover.nothing",
    )
