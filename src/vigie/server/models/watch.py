"""Standing queries, with every wording they ever had."""

from django.db import models
from django.db.models import F, Q

from vigie.schema.vocab import Purpose
from vigie.server.models.people import Brand
from vigie.server.models.space import Space


class Watch(models.Model):
    """A standing query with one purpose and at most one subject. Closed, never deleted."""

    name = models.CharField(max_length=120, unique=True)
    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, related_name="watches")
    """The brand of ours it works for: its members see the mentions."""
    purpose = models.CharField(max_length=16, choices=[(p.value, p.value) for p in Purpose])
    subject = models.ForeignKey(Brand, on_delete=models.PROTECT, null=True, blank=True, related_name="subject_of")
    expression = models.TextField()
    version = models.PositiveIntegerField(default=1)
    matched_version = models.PositiveIntegerField(default=0)
    """The version that has been run over all of the past; less than `version` while it is under way."""
    space = models.OneToOneField(Space, on_delete=models.PROTECT, null=True, blank=True, related_name="watch")
    """Set for the watch `space:NAME` of an owned or sponsored space."""
    created_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(condition=Q(matched_version__lte=F("version")), name="past_is_not_ahead"),
            models.CheckConstraint(
                condition=~Q(purpose=Purpose.FIELD.value) | Q(subject=None), name="field_watch_has_no_subject"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class WatchVersion(models.Model):
    """A wording of a watch."""

    watch = models.ForeignKey(Watch, on_delete=models.CASCADE, related_name="versions")
    version = models.PositiveIntegerField()
    expression = models.TextField()
    at = models.DateTimeField()
    by_id = models.BigIntegerField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["watch", "version"], name="one_wording_per_version")]

    def __str__(self) -> str:
        return f"version {self.version} of watch {self.watch_id}"
