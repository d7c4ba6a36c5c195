"""How well we hear: states of spaces, their secrets, counts of streams, notices to people, networks that are allowed."""

from django.db import models
from django.db.models import Q

from vigie.schema.vocab import SpaceState
from vigie.server.models.people import Brand, User
from vigie.server.models.space import Space


class SpaceSecret(models.Model):
    """One secret that a space is read with, encrypted; written by people, read by the worker alone."""

    space = models.ForeignKey(Space, on_delete=models.CASCADE, related_name="secrets")
    name = models.CharField(max_length=40)
    """Name of the source's option."""
    value = models.BinaryField()
    set_at = models.DateTimeField()
    set_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["space", "name"], name="one_value_per_secret")]

    def __str__(self) -> str:
        return f"{self.name} of space {self.space_id}"


class SpaceStateRow(models.Model):
    """A stretch of time during which a space was in one state; the open one has no end."""

    space = models.ForeignKey(Space, on_delete=models.CASCADE, related_name="states")
    state = models.CharField(max_length=12, choices=[(s.value, s.value) for s in SpaceState])
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)
    code = models.CharField(max_length=64, blank=True)
    """Why, as a code of `errors`; with `facts` it becomes a sentence."""
    facts = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["space", "-since"], name="state_by_space")]
        constraints = [
            models.UniqueConstraint(fields=["space"], condition=Q(until=None), name="one_open_state_per_space")
        ]

    def __str__(self) -> str:
        return f"space {self.space_id} {self.state} since {self.since}"


class StreamCount(models.Model):
    """Events of a stream in one hour: those that came and those that some watch matched; the others were dropped."""

    space = models.ForeignKey(Space, on_delete=models.CASCADE, related_name="stream_counts")
    hour = models.DateTimeField()
    events = models.BigIntegerField(default=0)
    posts = models.BigIntegerField(default=0)
    matched = models.BigIntegerField(default=0)
    lag_s = models.FloatField(null=True)
    """Seconds between the last event's own time and our taking it in; absent when events carry no time."""

    class Meta:
        constraints = [models.UniqueConstraint(fields=["space", "hour"], name="one_count_per_space_and_hour")]

    def __str__(self) -> str:
        return f"stream of space {self.space_id} at {self.hour}"


class Notice(models.Model):
    """Something that a person must be told: shown on pages until it is seen, sent by mail once."""

    kind = models.CharField(max_length=32)
    """Such as `space.state`."""
    space = models.ForeignKey(Space, on_delete=models.CASCADE, null=True)
    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, null=True)
    """Whose people are told; absent tells those who may edit spaces everywhere."""
    code = models.CharField(max_length=64)
    facts = models.JSONField(default=dict)
    at = models.DateTimeField()
    mailed_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(null=True)
    seen_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["seen_at", "-at"], name="notice_unseen")]

    def __str__(self) -> str:
        return f"notice {self.pk}: {self.code}"


class AllowedNetwork(models.Model):
    """A private network that an administrator lets spaces be read from, beside those of the settings."""

    network = models.CharField(max_length=50)
    """Such as `192.0.2.0/24`."""
    reason = models.CharField(max_length=200)
    allowed_at = models.DateTimeField()
    allowed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["network"], condition=Q(withdrawn_at=None), name="network_allowed_once")
        ]

    def __str__(self) -> str:
        return self.network
