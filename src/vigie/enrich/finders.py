"""The finders in use, in the order they read a post."""

from vigie.enrich.finder import Finder
from vigie.enrich.intent import IntentFinder
from vigie.enrich.speaker import SpeakerFinder

FINDERS: tuple[Finder, ...] = (SpeakerFinder(), IntentFinder())
"""Each gives kinds that no other gives."""
