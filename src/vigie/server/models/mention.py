"""Mentions, what models say of their posts, and what people say of them."""

from django.db import models
from django.db.models import Q

from vigie.schema.vocab import LabelKind, Mark
from vigie.server.models.post import Post
from vigie.server.models.watch import Watch


class Mention(models.Model):
    """A post that a watch matched, with the versions of both that did."""

    watch = models.ForeignKey(Watch, on_delete=models.PROTECT, db_index=False)
    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="mentions")
    watch_version = models.PositiveIntegerField()
    post_version = models.PositiveIntegerField()
    in_watch = models.BooleanField(default=True)
    lapsed_at = models.DateTimeField(null=True)
    revision = models.BigIntegerField(db_index=True)
    """Number of the last change of anything its mirror row shows."""
    found = models.TextField(null=True)  # noqa: DJ001 -- absent says that nobody corrected anything; empty that nothing is left
    """The values that count once people corrected them; absent: those of the post."""
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["watch", "post"], name="one_mention_per_watch_and_post")]

    def __str__(self) -> str:
        return f"mention {self.pk}"


class Labeller(models.Model):
    """A model that labels posts, at one version."""

    kind = models.CharField(max_length=16, choices=[(k.value, k.value) for k in LabelKind])
    name = models.CharField(max_length=60)
    version = models.CharField(max_length=30)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "name", "version"], name="one_labeller_per_version")]

    def __str__(self) -> str:
        return f"{self.name} {self.version}"


class Label(models.Model):
    """What a labeller says of a post; the chosen one of each kind is what figures show."""

    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="labels", db_index=False)
    kind = models.CharField(max_length=16, choices=[(k.value, k.value) for k in LabelKind])
    value = models.CharField(max_length=35)
    score = models.FloatField()
    labeller = models.ForeignKey(Labeller, on_delete=models.PROTECT, db_index=False)
    chosen = models.BooleanField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["post", "kind", "labeller"], name="one_label_per_labeller"),
            models.UniqueConstraint(fields=["post", "kind"], condition=Q(chosen=True), name="one_chosen_label"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of post {self.post_id}"


class Correction(models.Model):
    """A person's value for a label of one mention; it wins over the model's."""

    mention = models.ForeignKey(Mention, on_delete=models.CASCADE, related_name="corrections")
    kind = models.CharField(max_length=16, choices=[(k.value, k.value) for k in LabelKind])
    value = models.CharField(max_length=35)
    by_id = models.BigIntegerField(null=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["mention", "kind"], name="one_correction_per_kind")]

    def __str__(self) -> str:
        return f"{self.kind} of mention {self.mention_id}"


class MarkRow(models.Model):
    """What a person says of a mention as a whole, such as “not about us”."""

    mention = models.ForeignKey(Mention, on_delete=models.CASCADE, related_name="marks")
    kind = models.CharField(max_length=16, choices=[(m.value, m.value) for m in Mark])
    by_id = models.BigIntegerField(null=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["mention", "kind"], name="one_mark_per_kind")]

    def __str__(self) -> str:
        return f"{self.kind} on mention {self.mention_id}"
