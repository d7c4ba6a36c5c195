"""The client of the public network, guarded as the settings say; one per process, so that pacing holds."""

import time
from functools import cache

from django.conf import settings

from vigie import __version__
from vigie.collect.source import Fetch


@cache
def client() -> Fetch:
    """Return the client."""
    from vigie.net.client import Client  # noqa: PLC0415 -- httpx, 0.2 s that pages need not pay

    return Client(
        allowed_private_networks=settings.VIGIE.allowed_private_networks, version=__version__,
        sleep=time.sleep, monotonic=time.monotonic,
    )  # fmt: skip
