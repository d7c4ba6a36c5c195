"""Our errors as sentences in the reader's language, found by their code."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from vigie.errors import VigieError

SENTENCES: Mapping[str, str | Promise] = {
    "permission.refused": _("Your role does not allow this. An administrator can change it."),
}
"""The sentence of each code, with the names of its facts; a code that is not here keeps its English sentence."""


def sentence_of(error: VigieError) -> str:
    """Return an error's sentence under the active language."""
    return sentence(error.code, error.facts, fallback=error.sentence)


def sentence(code: str, facts: Mapping[str, str | int | float], *, fallback: str) -> str:
    """Return the sentence of a code and its facts; `fallback` when there is none or a fact is missing."""
    known = SENTENCES.get(code)
    if known is None:
        return fallback
    try:
        return str(known) % dict(facts)
    except (KeyError, ValueError, TypeError):
        return fallback
