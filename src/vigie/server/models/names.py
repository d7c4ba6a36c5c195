"""Who was shown which clear name, why, and until when."""

from django.db import models

from vigie.schema.vocab import NamePurpose
from vigie.server.models.people import User
from vigie.server.models.post import Author


class NameView(models.Model):
    """A user may see an author's clear name for one purpose, for a bounded time; the name itself stands elsewhere."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    author = models.ForeignKey(Author, on_delete=models.CASCADE, related_name="views")
    """An erasure takes the row with the author; the audit log keeps that somebody looked."""
    purpose = models.CharField(max_length=12, choices=[(p.value, p.value) for p in NamePurpose])
    at = models.DateTimeField()
    until = models.DateTimeField()

    def __str__(self) -> str:
        return f"view {self.pk} of author {self.author_id}"
