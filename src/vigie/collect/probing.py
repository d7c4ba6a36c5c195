"""Ask an address that may be none of ours, without a fuss."""

from vigie.collect.source import Fetch, Response
from vigie.errors import FatalError, RetryableError

NOT_MINE = frozenset(
    ["net.gone", "net.refused", "net.login", "net.status", "net.redirects", "net.robots", "net.too_large"]
)
"""Refusals that say no more than that there is nothing of the kind; others concern the address itself."""


def probed(url: str, fetch: Fetch) -> Response | None:
    """Return what an address answers; `None` when it answers that there is nothing for us, or is in trouble.

    Raises:
        FatalError: the address may not be read at all, such as one in a private network.
    """
    try:
        return fetch(url)
    except RetryableError:
        return None
    except FatalError as error:
        if error.code in NOT_MINE:
            return None
        raise
