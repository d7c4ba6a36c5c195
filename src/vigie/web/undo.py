"""Tell what was done, with a way back for ten seconds."""

from django.contrib import messages
from django.http import HttpRequest
from django.utils.functional import Promise


def told(request: HttpRequest, sentence: str | Promise, *, undo: str | None = None) -> None:
    """Show a sentence on the next page; `undo` is the address that a POST takes it back with."""
    messages.success(request, str(sentence), extra_tags=f"undo:{undo}" if undo else "")
