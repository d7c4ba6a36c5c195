"""Accounts whose followers are counted, names that may be ours, and spaces that are proposed."""

from django.db import models
from django.db.models import Q

from vigie.schema.vocab import NameDecision, NameKind, Network, ProposalState
from vigie.server.models.mention import Mention
from vigie.server.models.people import Brand, User
from vigie.server.models.space import Space


class TrackedAccount(models.Model):
    """An account on a network, ours or a competitor's (as its brand is), whose counts are read every day."""

    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, related_name="accounts")
    kind = models.CharField(max_length=16)
    """The source that reads it; empty when none can, and figures are typed in."""
    network = models.CharField(max_length=16, choices=[(n.value, n.value) for n in Network])
    address = models.TextField()
    name = models.CharField(max_length=200)
    created_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    next_read_at = models.DateTimeField(null=True, db_index=True)
    failures = models.PositiveIntegerField(default=0)
    code = models.CharField(max_length=64, blank=True)
    """Why the last read failed; empty when it did not."""
    facts = models.JSONField(default=dict)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["address"], condition=Q(closed_at=None), name="account_tracked_once")
        ]

    def __str__(self) -> str:
        return self.name


class AccountReading(models.Model):
    """Counts of an account on one day, as last read that day; what the network does not say is absent."""

    account = models.ForeignKey(TrackedAccount, on_delete=models.CASCADE, related_name="readings")
    day = models.DateField()
    at = models.DateTimeField()
    followers = models.BigIntegerField(null=True)
    following = models.BigIntegerField(null=True)
    posts = models.BigIntegerField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "day"], name="one_reading_per_day")]

    def __str__(self) -> str:
        return f"account {self.account_id} on {self.day}"


class NameEntry(models.Model):
    """A page, account or domain that bears one of our names: ours, somebody else's, or not yet decided."""

    kind = models.CharField(max_length=10, choices=[(k.value, k.value) for k in NameKind])
    address = models.TextField(unique=True)
    name = models.CharField(max_length=200)
    """The name as it appears there."""
    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, null=True, related_name="names")
    """The brand whose name it bears."""
    is_ours = models.BooleanField(null=True)
    """Absent while nobody has said."""
    holder = models.CharField(max_length=200, blank=True)
    """Who holds it: for ours, the person or team with the password."""
    decision = models.CharField(max_length=10, choices=[(d.value, d.value) for d in NameDecision], blank=True)
    owner = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    """Who carries the decision out."""
    due = models.DateField(null=True)
    note = models.TextField(blank=True)
    found_in = models.CharField(max_length=10, default="person")
    """`person`, or what proposed it: `mention`, `link`, `search`."""
    reason = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name


class Pointer(models.Model):
    """A host that a mention points at: it stands there, or links to it."""

    mention = models.ForeignKey(Mention, on_delete=models.CASCADE, related_name="pointers", db_index=False)
    host = models.CharField(max_length=255)
    at = models.DateTimeField(db_index=True)
    """When its post was published; old ones are dropped."""

    class Meta:
        constraints = [models.UniqueConstraint(fields=["mention", "host"], name="host_pointed_at_once_per_mention")]

    def __str__(self) -> str:
        return f"mention {self.mention_id} points at {self.host}"


class SpaceProposal(models.Model):
    """A place to listen that mentions point at, with the reason."""

    address = models.TextField()
    host = models.CharField(max_length=255)
    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, null=True)
    """In whose mentions it was found; only its members see it."""
    mentions = models.PositiveIntegerField(default=0)
    authors = models.PositiveIntegerField(default=0)
    score = models.FloatField(default=0)
    """Rank among the proposals, 0 to 1."""
    state = models.CharField(
        max_length=10, choices=[(s.value, s.value) for s in ProposalState], default=ProposalState.OPEN.value
    )
    space = models.ForeignKey(Space, on_delete=models.PROTECT, null=True)
    """The space that was made of it."""
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()

    class Meta:
        ordering = ["-score", "pk"]
        constraints = [models.UniqueConstraint(fields=["address", "brand"], name="place_proposed_once_per_brand")]

    def __str__(self) -> str:
        return self.address
