"""The labellers in use, in the order they read a post."""

from vigie.enrich.labeller import Labeller
from vigie.enrich.language import LanguageLabeller
from vigie.enrich.tone_grams import ToneLabeller

LABELLERS: tuple[Labeller, ...] = (LanguageLabeller(), ToneLabeller())
"""Language first: tone needs it."""
