"""The finders in use, in the order they read a post."""

from vigie.enrich.finder import Finder
from vigie.enrich.health.finder import HealthFinder

FINDERS: tuple[Finder, ...] = (HealthFinder(),)
"""As they come: an installation gives the first its own dictionary and the drug base that it loaded."""
