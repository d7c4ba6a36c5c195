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


class NamedList(models.Model):
    """A list of sites and authors that queries ask for by name: `list:NAME`. Closed, never deleted."""

    name = models.SlugField(max_length=80, unique=True)
    created_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class ListEntry(models.Model):
    """A site, or an author as keyed hash: which handle it was is known to who typed it alone."""

    list = models.ForeignKey(NamedList, on_delete=models.CASCADE, related_name="entries")
    site = models.CharField(max_length=255, blank=True)
    author_key = models.BinaryField(max_length=16, null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["list", "site"], condition=~models.Q(site=""), name="site_once_per_list"),
            models.UniqueConstraint(fields=["list", "author_key"], name="author_once_per_list"),
            models.CheckConstraint(
                condition=models.Q(site="", author_key__isnull=False)
                | (~models.Q(site="") & models.Q(author_key=None)),
                name="entry_is_a_site_or_an_author",
            ),
        ]

    def __str__(self) -> str:
        return self.site or f"author in list {self.list_id}"


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
