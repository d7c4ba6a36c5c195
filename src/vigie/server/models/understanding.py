"""What is understood of posts beyond one label: findings, stories, categories, dictionaries, models, annotation."""

from django.db import models
from django.db.models import Q

from vigie.schema.vocab import FindingKind, LabelKind
from vigie.server.models.mention import Labeller, Mention
from vigie.server.models.people import Brand
from vigie.server.models.post import Post


class Finding(models.Model):
    """One thing found in a post, with its place; those of a kind are replaced together."""

    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="findings")
    kind = models.CharField(max_length=16, choices=[(k.value, k.value) for k in FindingKind])
    value = models.CharField(max_length=120)
    """The normal form: a substance, a reaction, a role; a category's id."""
    name = models.CharField(max_length=120, blank=True)
    """The entry that was found, such as a brand's name."""
    starts = models.PositiveIntegerField(null=True)
    """Code points of title, end of line and text; absent where the whole text says it."""
    ends = models.PositiveIntegerField(null=True)
    negated = models.BooleanField(default=False)
    hypothetical = models.BooleanField(default=False)
    past = models.BooleanField(default=False)
    of_another = models.BooleanField(default=False)
    score = models.FloatField()
    source = models.CharField(max_length=120)
    """The dictionary with its date, or the rule."""
    labeller = models.ForeignKey(Labeller, on_delete=models.PROTECT, db_index=False)

    def __str__(self) -> str:
        return f"{self.kind} in post {self.post_id}"


class FindingCorrection(models.Model):
    """A person's word on one value of one mention: it is there, or it is not; it wins over what was found."""

    mention = models.ForeignKey(Mention, on_delete=models.CASCADE, related_name="finding_corrections", db_index=False)
    kind = models.CharField(max_length=16, choices=[(k.value, k.value) for k in FindingKind])
    value = models.CharField(max_length=120)
    holds = models.BooleanField()
    by_id = models.BigIntegerField(null=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["mention", "kind", "value"], name="one_correction_per_finding_value")
        ]

    def __str__(self) -> str:
        return f"{self.kind} of mention {self.mention_id}"


class Story(models.Model):
    """Reposts, quotes and near-duplicates that belong together. Its id stays; one that joined an older one says which."""

    created_at = models.DateTimeField()
    merged_into = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, related_name="+")

    def __str__(self) -> str:
        return f"story {self.pk}"


class PostStory(models.Model):
    """The story of a post, and how it came into it."""

    post = models.OneToOneField(Post, on_delete=models.CASCADE, primary_key=True, related_name="in_story")
    story = models.ForeignKey(Story, on_delete=models.CASCADE, related_name="posts")
    kind = models.CharField(max_length=10)
    """A value of `enrich.stories.Tie`."""
    similarity = models.FloatField(null=True)
    """Estimated share of pairs of words in common with the most alike post before it; absent for other kinds than `near`."""
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"post {self.post_id} in story {self.story_id}"


class Sketch(models.Model):
    """The sketch by which near-duplicates of a post are found, empty where the text has none; removed once the window has passed."""

    post = models.OneToOneField(Post, on_delete=models.CASCADE, primary_key=True, related_name="sketch")
    signature = models.BinaryField(max_length=256)
    at = models.DateTimeField(db_index=True)
    """When its batch was grouped: later for each batch than for the one before (`services.stories`)."""

    def __str__(self) -> str:
        return f"sketch of post {self.post_id}"


class Dimension(models.Model):
    """A way to sort posts, such as “subject”; its categories are nested. Closed, never deleted."""

    name = models.CharField(max_length=80, unique=True)
    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, null=True, blank=True)
    """The brand of ours whose members see it; absent: all."""
    created_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Category(models.Model):
    """What a query puts posts into. Closed, never deleted."""

    dimension = models.ForeignKey(Dimension, on_delete=models.PROTECT, related_name="categories", db_index=False)
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="children")
    name = models.CharField(max_length=80)
    expression = models.TextField(blank=True)
    """Empty: its posts are those of the categories within it."""
    version = models.PositiveIntegerField(default=1)
    applied_version = models.PositiveIntegerField(default=0)
    """The version that has been run over all of the past; less than `version` while it is under way."""
    created_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["dimension", "parent", "name"], condition=Q(closed_at=None), name="category_once_in_its_parent"
            ),
            models.UniqueConstraint(
                fields=["dimension", "name"],
                condition=Q(parent=None, closed_at=None),
                name="category_once_at_the_top",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class CategoryVersion(models.Model):
    """A wording of a category."""

    category = models.ForeignKey(Category, on_delete=models.CASCADE, related_name="versions", db_index=False)
    version = models.PositiveIntegerField()
    expression = models.TextField(blank=True)
    at = models.DateTimeField()
    by_id = models.BigIntegerField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["category", "version"], name="one_wording_per_category_version")]

    def __str__(self) -> str:
        return f"version {self.version} of category {self.category_id}"


class DictionaryEntry(models.Model):
    """A product or a substance of the company's own dictionary, which comes first. Closed, never deleted."""

    name = models.CharField(max_length=120)
    spellings = models.JSONField(default=list)
    """Other ways to write it."""
    substance = models.CharField(max_length=120, blank=True)
    is_device = models.BooleanField(default=False)
    is_ours = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["name"], condition=Q(closed_at=None), name="entry_once_in_the_dictionary")
        ]

    def __str__(self) -> str:
        return self.name


class TrainedModel(models.Model):
    """A model that was trained here, on corrections too; the chosen one of a kind and language is in use.

    Where none is chosen, the model that came with Vigie is.
    """

    kind = models.CharField(max_length=16, choices=[(k.value, k.value) for k in LabelKind])
    language = models.CharField(max_length=35)
    version = models.CharField(max_length=30)
    weights = models.BinaryField()
    figures = models.JSONField(default=dict)
    """What was measured of it and of the model before it, on the same texts."""
    trained_at = models.DateTimeField()
    by_id = models.BigIntegerField(null=True)
    chosen = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "language", "version"], name="one_model_per_version"),
            models.UniqueConstraint(fields=["kind", "language"], condition=Q(chosen=True), name="one_model_in_use"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.language} {self.version}"


class AnnotationSet(models.Model):
    """Posts that people label without seeing what the model or each other said."""

    name = models.CharField(max_length=120, unique=True)
    kind = models.CharField(max_length=16)
    """A value of `vocab.LabelKind` or `vocab.FindingKind`."""
    language = models.CharField(max_length=35)
    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, null=True, blank=True)
    """Its posts are mentions of this brand of ours; absent: of any."""
    is_random = models.BooleanField()
    """Drawn at random from the mentions of a window, so that its figures stand for them; else chosen by hand."""
    seed = models.BigIntegerField(null=True)
    first_day = models.DateField(null=True)
    last_day = models.DateField(null=True)
    created_at = models.DateTimeField()
    by_id = models.BigIntegerField(null=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.name


class AnnotationItem(models.Model):
    """One post to label; what the model said of it when it was drawn is kept aside."""

    set = models.ForeignKey(AnnotationSet, on_delete=models.CASCADE, related_name="items", db_index=False)
    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="+")
    place = models.PositiveIntegerField()
    post_version = models.PositiveIntegerField()
    """The text that people read: a later one is another text."""
    settled = models.JSONField(null=True)
    """The values that count, once two people agreed or a third decided; a list."""
    settled_by = models.BigIntegerField(null=True)
    """Who decided between two; absent where they agreed."""
    settled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["set", "post"], name="post_once_per_set"),
            models.UniqueConstraint(fields=["set", "place"], name="place_once_per_set"),
        ]

    def __str__(self) -> str:
        return f"item {self.place} of set {self.set_id}"


class Annotation(models.Model):
    """What one person said of an item."""

    item = models.ForeignKey(AnnotationItem, on_delete=models.CASCADE, related_name="annotations", db_index=False)
    user_id = models.BigIntegerField()
    values = models.JSONField()
    """A list: one value for a label, any number for findings; empty: none of them."""
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["item", "user_id"], name="one_word_per_person_and_item")]

    def __str__(self) -> str:
        return f"annotation of item {self.item_id}"
