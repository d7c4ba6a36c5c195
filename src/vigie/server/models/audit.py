"""The append-only log of every write that matters."""

from django.db import models


class AuditEvent(models.Model):
    """Who did what, with before and after as ids, codes and numbers. No foreign keys: it outlives what it speaks of."""

    at = models.DateTimeField()
    actor = models.CharField(max_length=60)
    """`user:12`, `worker` or `command`."""
    action = models.CharField(max_length=60)
    target = models.CharField(max_length=80)
    """`watch:7`, `mention:1024`."""
    brand_id = models.BigIntegerField(null=True)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    reference = models.CharField(max_length=40, blank=True)
    """Request or work id, as in the logs."""

    class Meta:
        indexes = [
            models.Index(fields=["target", "-id"], name="audit_by_target"),
            # What people did is few among what the worker does.
            models.Index(fields=["actor", "-id"], name="audit_by_actor"),
        ]

    def __str__(self) -> str:
        return f"{self.action} on {self.target}"
