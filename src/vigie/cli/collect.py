"""Posts of one address, read without a database; one of a space is looked up in the record first."""

import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from vigie import __version__
from vigie.collect.discovery import ways
from vigie.collect.registry import source as source_of
from vigie.collect.source import Place, Source
from vigie.errors import ConfigError, FatalError
from vigie.net.client import Client
from vigie.net.guard import networks_of


def posts_of(asked: str) -> Iterator[dict[str, Any]]:
    """Yield the posts of an address, or of the space with this short name, as commands write them.

    Raises:
        ConfigError: it is neither.
        FatalError: no source reads this address.
    """
    fetch = Client(
        allowed_private_networks=networks_of(os.environ.get("VIGIE_ALLOWED_PRIVATE_NETWORKS", "")),
        version=__version__, sleep=time.sleep, monotonic=time.monotonic, obey_robots=True,
    )  # fmt: skip
    source, place = _of_address(asked, fetch) if "://" in asked else _of_space(asked)
    for page in source.pages(place, None, fetch=fetch, now=datetime.now(UTC)):
        for row in source.parse(page).posts.to_pylist():
            yield {"id": row["native_id"], **{k: v for k, v in row.items() if v not in (None, []) and k != "native_id"}}


def _of_space(name: str) -> tuple[Source, Place]:
    from vigie.server import commands  # noqa: PLC0415 -- Django, 0.3 s that an address need not pay

    found = commands.place_of(name)
    if found is None:
        raise ConfigError(
            f"“{name}” is neither an address, such as https://blog.example/, nor the short name of a space here.",
            code="collect.address", facts={"address": name},
        )  # fmt: skip
    return source_of(found[0]), found[1]


def _of_address(address: str, fetch: Client) -> tuple[Source, Place]:
    found = ways(address, fetch=fetch, now=datetime.now(UTC))
    if not found:
        raise FatalError("Nothing that Vigie can read was found at this address.", code="collect.nothing")
    return source_of(found[0].kind), Place(found[0].address, found[0].options)
