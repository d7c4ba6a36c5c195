"""The finders in use, in the order they read a post."""

from vigie.enrich.finder import Finder
from vigie.enrich.health.finder import HealthFinder
from vigie.enrich.intent import IntentFinder
from vigie.enrich.speaker import SpeakerFinder

FINDERS: tuple[Finder, ...] = (HealthFinder(), SpeakerFinder(), IntentFinder())
"""Each gives kinds that no other gives. As they come: an installation gives the first its own dictionary and the drug base that it
loaded."""
