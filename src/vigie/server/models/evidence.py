"""What was seen at first sight of a post that matters by law or by somebody's judgement, because posts vanish."""

from django.db import models

from vigie.schema.vocab import EvidenceReason
from vigie.server.models.people import User
from vigie.server.models.post import Post


class Evidence(models.Model):
    """A version of a post as it was seen: text, address, author, media and time, sealed and encrypted."""

    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="evidence")
    version = models.PositiveIntegerField()
    reason = models.CharField(max_length=10, choices=[(r.value, r.value) for r in EvidenceReason])
    taken_at = models.DateTimeField()
    """When the post was fetched as it stands here."""
    kept_at = models.DateTimeField()
    kept_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    sha256 = models.CharField(max_length=64)
    """Of the payload before it was encrypted."""
    payload = models.BinaryField()
    """Canonical JSON, encrypted: the author's handle stands in it as seen (ADR 0010)."""

    class Meta:
        constraints = [models.UniqueConstraint(fields=["post", "version"], name="one_evidence_per_version")]

    def __str__(self) -> str:
        return f"evidence {self.pk} of post {self.post_id}"


class EvidenceMedia(models.Model):
    """A picture, sound or film of a post that is kept as evidence."""

    evidence = models.ForeignKey(Evidence, on_delete=models.CASCADE, related_name="media")
    url = models.TextField()
    fetched_at = models.DateTimeField(null=True)
    """Absent until it was tried."""
    media_type = models.CharField(max_length=100, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    body = models.BinaryField(null=True)
    """Encrypted; absent when it could not be read."""
    thumbnail = models.BinaryField(null=True)
    """A small WebP picture made by us, encrypted: what pages show."""
    code = models.CharField(max_length=64, blank=True)
    facts = models.JSONField(default=dict)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["evidence", "url"], name="one_copy_per_medium")]

    def __str__(self) -> str:
        return f"medium {self.pk} of evidence {self.evidence_id}"
