"""The client of the public network, guarded as the settings and the administrator say; one per process, so that pacing holds."""

import threading
import time

from django.conf import settings

from vigie import __version__
from vigie.collect.source import Fetch
from vigie.net.guard import Network, networks_of
from vigie.server.database import select

_lock = threading.Lock()
_clients: dict[tuple[Network, ...], Fetch] = {}


_ALLOWED = "SELECT network FROM vigie_allowednetwork WHERE withdrawn_at IS NULL ORDER BY id"


def allowed() -> tuple[Network, ...]:
    """Return the private networks that may be read: those of the settings, and those that an administrator allowed."""
    # By hand, as each read of a space asks.
    added = [network for (network,) in select(_ALLOWED)]
    return (*settings.VIGIE.allowed_private_networks, *networks_of(",".join(added)))


def client() -> Fetch:
    """Return the client; a new one only when other networks are allowed than before."""
    networks = allowed()
    with _lock:
        if networks not in _clients:
            from vigie.net.client import Client  # noqa: PLC0415 -- httpx, 0.2 s that pages need not pay

            _clients.clear()
            _clients[networks] = Client(
                allowed_private_networks=networks, version=__version__, contact=settings.VIGIE.contact,
                pace_own=settings.VIGIE.pace_loopback, sleep=time.sleep, monotonic=time.monotonic, obey_robots=True,
            )  # fmt: skip
        return _clients[networks]
