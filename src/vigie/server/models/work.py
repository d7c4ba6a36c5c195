"""The one table of work that must happen."""

from django.db import models
from django.db.models import Q

from vigie.schema.vocab import WorkState

OPEN_STATES = (WorkState.WAITING.value, WorkState.RUNNING.value)


class Work(models.Model):
    """One piece of work: waiting until due, claimed under a lease by the database's clock, then done or failed."""

    kind = models.CharField(max_length=30)
    key = models.CharField(max_length=120)
    """What the work is about; at most one open row per key."""
    args = models.JSONField(default=dict)
    """Ids only, never a text."""
    state = models.CharField(max_length=10, default=WorkState.WAITING.value)
    due_s = models.FloatField()
    """Seconds since 1970 by the database's clock."""
    lease_holder = models.CharField(max_length=80, blank=True)
    lease_until_s = models.FloatField(default=0)
    attempts = models.PositiveIntegerField(default=0)
    done = models.BigIntegerField(default=0)
    total = models.BigIntegerField(null=True)
    """How many steps there are; absent when nobody can know."""
    state_json = models.JSONField(default=dict)
    """Where a long piece of work stands, so that it goes on there after a crash."""
    code = models.CharField(max_length=64, blank=True)
    """The last thing that happened, as a code of `errors`; with `facts` it becomes a sentence."""
    facts = models.JSONField(default=dict)
    cancel_asked = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    by_id = models.BigIntegerField(null=True)

    class Meta:
        indexes = [models.Index(fields=["state", "due_s"], name="work_due")]
        constraints = [
            models.UniqueConstraint(fields=["key"], condition=Q(state__in=OPEN_STATES), name="one_open_work_per_key")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"
