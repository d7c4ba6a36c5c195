"""Spaces, what was read of them, and the bytes and batches still on their way to the archive."""

from django.db import models
from django.db.models import Q

from vigie.schema.vocab import Network, Ownership, SpaceState
from vigie.server.models.people import Brand


class Space(models.Model):
    """A place to listen. Closed, never deleted."""

    name = models.SlugField(max_length=80, unique=True)
    """What `space:NAME` says in a query."""
    title = models.CharField(max_length=200)
    kind = models.CharField(max_length=16)
    """`vocab.SpaceKind`, or the name of the source that reads it."""
    network = models.CharField(max_length=16, choices=[(n.value, n.value) for n in Network])
    address = models.TextField(blank=True)
    options = models.JSONField(default=dict, blank=True)
    """What the source was told beside the address; its secrets stand apart, encrypted."""
    catalogue_id = models.CharField(max_length=60, blank=True)
    """The row of the catalogue that it was made of."""
    ownership = models.CharField(
        max_length=16, choices=[(o.value, o.value) for o in Ownership], default=Ownership.EXTERNAL.value
    )
    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, null=True, blank=True)
    """Whose it is, when owned or sponsored."""
    cursor = models.TextField(blank=True)
    interval_s = models.PositiveIntegerField(default=900)
    """Seconds between two reads; 900 because most feeds change a few times an hour at most (RSS 2.0 counts `ttl` in minutes)."""
    next_read_at = models.DateTimeField(null=True, blank=True, db_index=True)
    failures = models.PositiveIntegerField(default=0)
    """Reads that failed in a row; each doubles the wait."""
    state = models.CharField(
        max_length=12, choices=[(s.value, s.value) for s in SpaceState], default=SpaceState.NEW.value
    )
    """Copy of the open row of `SpaceStateRow`, for lists."""
    rhythm = models.JSONField(null=True)
    """How much usually comes and how long it is usually still, learnt from the past; absent until enough was heard."""
    last_new_at = models.DateTimeField(null=True)
    """When something new last came."""
    locked_at = models.DateTimeField(null=True, blank=True)
    """Since when we do not read it, though it is not closed."""
    created_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["title"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ownership=Ownership.EXTERNAL.value) | Q(brand__isnull=False), name="owned_space_has_a_brand"
            ),
        ]

    def __str__(self) -> str:
        return self.title


class SpaceRead(models.Model):
    """One reading of a space or one import: what came, what failed and why."""

    space = models.ForeignKey(Space, on_delete=models.CASCADE, related_name="reads")
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    pages = models.PositiveIntegerField(default=0)
    heard = models.PositiveIntegerField(default=0)
    """Posts met, whether new or not."""
    new = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    kept = models.PositiveIntegerField(default=0)
    """Posts that matter: they stand in the record."""
    mentions = models.PositiveIntegerField(default=0)
    skipped = models.PositiveIntegerField(default=0)
    repeated = models.PositiveIntegerField(default=0)
    undated = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    """Posts met again after their erasure."""
    dropped = models.PositiveBigIntegerField(default=0)
    """Posts of a firehose that no watch asked for; a new watch can't be run over them."""
    is_stream = models.BooleanField(default=False)
    code = models.CharField(max_length=64, blank=True)
    """Why it failed; empty when it did not."""
    facts = models.JSONField(default=dict, blank=True)
    notes = models.JSONField(default=list, blank=True)
    """The first twenty skipped items: place, code, facts."""

    class Meta:
        indexes = [models.Index(fields=["space", "-id"], name="read_by_space")]

    def __str__(self) -> str:
        return f"read {self.pk} of space {self.space_id}"


class Fetch(models.Model):
    """Bytes as a source sent them, saved together with the cursor; dropped once all of it is in the archive."""

    space = models.ForeignKey(Space, on_delete=models.CASCADE)
    read = models.ForeignKey(SpaceRead, on_delete=models.CASCADE, related_name="fetches")
    part = models.CharField(max_length=32)
    url = models.TextField()
    media_type = models.CharField(max_length=200, blank=True)
    fetched_at = models.DateTimeField()
    body = models.BinaryField(null=True)
    """Compressed by zlib; absent for an import, whose bytes are the uploaded file, and after they were dropped."""
    file = models.CharField(max_length=300, blank=True)
    """Name of the uploaded file under `var/imports`."""
    mapping = models.JSONField(null=True)
    position = models.TextField(blank=True)
    """Where ingest goes on: rows done of a page, or the resume token of a file."""
    ingested_at = models.DateTimeField(null=True, db_index=True)
    unparsed = models.BooleanField(default=False)
    """Could not be parsed, wholly or in part; its bytes stay 90 days."""
    parsed_version = models.CharField(max_length=40, blank=True)
    """Version of Vigie whose parser read it, so that a mended one reads it again."""
    dropped_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"fetch {self.pk} of space {self.space_id}"


class Batch(models.Model):
    """New and changed posts of one transaction, as Arrow bytes, until they are found in the archive's log."""

    id = models.CharField(primary_key=True, max_length=32)
    fetch = models.ForeignKey(Fetch, on_delete=models.CASCADE, null=True)
    rows = models.PositiveIntegerField()
    payload = models.BinaryField()
    created_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"batch {self.pk}"
