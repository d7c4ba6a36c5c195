"""Posts of one address, read without a database."""

import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from vigie import __version__
from vigie.collect.registry import LAST, sources
from vigie.collect.source import Found, Place, Source
from vigie.errors import ConfigError, FatalError
from vigie.net.client import Client
from vigie.net.guard import networks_of


def posts_of(address: str) -> Iterator[dict[str, Any]]:
    """Yield the posts of an address as commands write them.

    Raises:
        FatalError: no source reads this address.
    """
    fetch = Client(
        allowed_private_networks=networks_of(os.environ.get("VIGIE_ALLOWED_PRIVATE_NETWORKS", "")),
        version=__version__, sleep=time.sleep, monotonic=time.monotonic, obey_robots=True,
    )  # fmt: skip
    found, source = _found(address, fetch)
    for page in source.pages(Place(found.address, found.options), None, fetch=fetch, now=datetime.now(UTC)):
        for row in source.parse(page).posts.to_pylist():
            yield {"id": row["native_id"], **{k: v for k, v in row.items() if v not in (None, []) and k != "native_id"}}


def _found(address: str, fetch: Client) -> tuple[Found, Source]:
    if "://" not in address:
        raise ConfigError(
            f"“{address}” is not an address; write it whole, such as https://blog.example/.",
            code="collect.address", facts={"address": address},
        )  # fmt: skip
    for source in sorted(sources().values(), key=lambda s: (s.kind not in LAST, s.kind), reverse=True):
        found = source.discover(address, fetch=fetch, now=datetime.now(UTC))
        if found is not None:
            return found, source
    raise FatalError("No feed and no WordPress was found at this address.", code="collect.nothing")
