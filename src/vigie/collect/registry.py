"""Find sources through entry points, ours exactly as a stranger's."""

from functools import cache
from importlib.metadata import entry_points

from vigie.collect.source import Source
from vigie.errors import ConfigError

GROUP = "vigie.sources"

LAST = ("recipe", "page")
"""Sources that are asked last what an address is: they read nearly anything, others read it better."""


@cache
def sources() -> dict[str, Source]:
    """Return every installed source by the kind of space it reads."""
    return {point.name: point.load() for point in entry_points(group=GROUP)}


def source(kind: str) -> Source:
    """Return the source that reads a kind of space.

    Raises:
        ConfigError: none is installed for it.
    """
    try:
        return sources()[kind]
    except KeyError as exc:
        raise ConfigError(
            f"No installed source reads spaces of kind “{kind}”.", code="source.unknown", facts={"kind": kind}
        ) from exc
