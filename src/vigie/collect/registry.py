"""Find sources through entry points, ours exactly as a stranger's."""

from functools import cache
from importlib.metadata import entry_points

from vigie.collect.source import Recipes, Source
from vigie.errors import ConfigError

GROUP = "vigie.sources"


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


def recipes() -> Recipes:
    """Return the source that reads by recipes.

    Raises:
        ConfigError: none is installed.
    """
    found = source("recipe")
    assert isinstance(found, Recipes), "the source of recipes says what it finds"
    return found
