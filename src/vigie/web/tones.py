"""The buttons and keys by which a person says what a tone is."""

from typing import Any

from django.urls import reverse

from vigie.schema.vocab import Tone
from vigie.web.words import word

TONE_KEYS = (("1", Tone.NEGATIVE), ("2", Tone.NEUTRAL), ("3", Tone.POSITIVE))
"""The key of each tone, in the order in which they always stand."""


def tone_context(mention_id: int, current: tuple[str, bool], *, may: bool) -> dict[str, Any]:
    """Return what `_correct_tone.html` shows: a button and a key for each tone, and for taking it back."""
    value, is_corrected = current
    return {
        "correct_href": reverse("mentions-correct", args=[mention_id]),
        "tone_keys": [
            {"key": key, "value": tone.value, "text": word(tone.value, "tone"), "is_current": tone.value == value}
            for key, tone in TONE_KEYS
        ],
        "tone_is_corrected": is_corrected,
        "may_correct": may,
    }
