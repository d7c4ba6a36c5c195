"""What keeps the three stores in step: revisions, tombstones, leases, erasure."""

from django.db import models


class Counter(models.Model):
    """A number that only grows, and the epoch in which it counts."""

    name = models.CharField(primary_key=True, max_length=30)
    value = models.BigIntegerField(default=0)
    epoch = models.BigIntegerField(default=0)
    """Drawn anew by restore, move and downgrade, so that a mirror of another history is refused."""

    def __str__(self) -> str:
        return f"{self.name} at {self.value}"


class Tombstone(models.Model):
    """A mention that was removed; kept until the mirror's manifest has passed its revision."""

    mention_id = models.BigIntegerField(primary_key=True)
    revision = models.BigIntegerField(db_index=True)

    def __str__(self) -> str:
        return f"tombstone of mention {self.mention_id}"


class Lease(models.Model):
    """Who alone may do a thing until when, by the database's clock."""

    name = models.CharField(primary_key=True, max_length=60)
    holder = models.CharField(max_length=80)
    until_s = models.FloatField()
    """Seconds since 1970 by the database's clock."""

    def __str__(self) -> str:
        return self.name


class Key(models.Model):
    """A secret of this installation, such as the key of authors' hashes (`author`, then `author:2` …); made on first use."""

    name = models.CharField(primary_key=True, max_length=30)
    value = models.BinaryField()

    def __str__(self) -> str:
        return f"key {self.name}"


class Suppression(models.Model):
    """A post or an author that must not be taken in again, as a keyed hash."""

    hash = models.BinaryField(max_length=16, unique=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"suppression {self.pk}"


class Erasure(models.Model):
    """A demand to erase a person or a post, and how far it has come."""

    kind = models.CharField(max_length=10, choices=[("author", "author"), ("post", "post")])
    target = models.BinaryField(max_length=16)
    """The key of the author or post; destroyed when the last step is done."""
    key_version = models.PositiveSmallIntegerField(null=True)
    """Version of the key that made an author's; absent is the first."""
    hash = models.BinaryField(max_length=16)
    requested_by = models.BigIntegerField(null=True)
    requested_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"erasure {self.pk}"


class Receipt(models.Model):
    """One step of an erasure, done: what was removed where."""

    erasure = models.ForeignKey(Erasure, on_delete=models.CASCADE, related_name="receipts")
    step = models.CharField(max_length=20)
    at = models.DateTimeField()
    removed = models.BigIntegerField()
    kept = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["erasure", "step"], name="one_receipt_per_step")]

    def __str__(self) -> str:
        return f"{self.step} of erasure {self.erasure_id}"
