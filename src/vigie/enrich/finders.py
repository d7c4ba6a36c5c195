"""The finders in use, in the order they read a post."""

from vigie.enrich.finder import Finder

FINDERS: tuple[Finder, ...] = ()
"""Each gives kinds that no other gives."""
