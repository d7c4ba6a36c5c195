"""Posts of one address, read without a database; one of a space is looked up in the record first."""

import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from vigie import __version__
from vigie.collect.discovery import ways
from vigie.collect.registry import source as source_of
from vigie.collect.source import Found, Place, Source
from vigie.errors import ConfigError, FatalError
from vigie.net.client import Client
from vigie.net.guard import networks_of


def address_of(source: str) -> str:
    """Return an address as it is, and that of the space with this short name.

    Raises:
        ConfigError: it is neither.
    """
    if "://" in source:
        return source
    from vigie.server import commands  # noqa: PLC0415 -- Django, 0.3 s that an address need not pay

    found = commands.address_of(source)
    if found is None:
        raise ConfigError(
            f"“{source}” is neither an address, such as https://blog.example/, nor the short name of a space here.",
            code="collect.address", facts={"address": source},
        )  # fmt: skip
    return found


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
    found = ways(address, fetch=fetch, now=datetime.now(UTC))
    if not found:
        raise FatalError("Nothing that Vigie can read was found at this address.", code="collect.nothing")
    return found[0], source_of(found[0].kind)
