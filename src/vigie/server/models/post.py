"""Posts heard, and those that matter with their versions, authors and counts."""

from django.db import models

from vigie.server.models.space import Space


class Heard(models.Model):
    """One narrow row per post ever heard; its id is the post's id wherever the record keeps the post."""

    key = models.BinaryField(max_length=16, unique=True)
    """`ids.post_key` of origin and native id: unique as they are."""
    content_hash = models.BinaryField(max_length=16)
    version = models.PositiveIntegerField(default=1)
    space_id = models.BigIntegerField()
    """Space it was first met in; no foreign key, so that the widest table stays cheap to write."""

    def __str__(self) -> str:
        return f"heard {self.pk}"


class Author(models.Model):
    """Who wrote posts, as a keyed hash."""

    key = models.BinaryField(max_length=16, unique=True)
    key_version = models.PositiveSmallIntegerField(null=True)
    """Version of the key that made it; absent is the first (docs/adr/0014)."""
    followers = models.BigIntegerField(null=True)
    verified = models.BooleanField(null=True)

    def __str__(self) -> str:
        return f"author {self.pk}"


class AuthorName(models.Model):
    """The clear handle and name: the one place where they stand; read through `services.authors` alone."""

    author = models.OneToOneField(Author, on_delete=models.CASCADE, primary_key=True, related_name="clear")
    handle = models.CharField(max_length=300)
    name = models.CharField(max_length=300, blank=True)

    def __str__(self) -> str:
        return f"name of author {self.author_id}"


class Post(models.Model):
    """A post that matters: matched by a watch, in a space of ours, or in one conversation with such."""

    heard = models.OneToOneField(Heard, on_delete=models.CASCADE, primary_key=True, db_column="id")
    origin = models.CharField(max_length=255)
    native_id = models.TextField()
    space = models.ForeignKey(Space, on_delete=models.PROTECT, db_index=False)
    """Where it was first met."""
    network = models.CharField(max_length=16)
    site = models.CharField(max_length=255, blank=True)
    url = models.TextField(blank=True)
    title = models.TextField(blank=True)
    text = models.TextField()
    author = models.ForeignKey(Author, on_delete=models.SET_NULL, null=True)
    lang_claimed = models.CharField(max_length=35, blank=True)
    country = models.CharField(max_length=2, blank=True)
    published_at = models.DateTimeField()
    """As the source says when believable, else when fetched (then `day_is_heard`)."""
    day_is_heard = models.BooleanField(default=False)
    heard_at = models.DateTimeField()
    reply_key = models.BinaryField(max_length=16, null=True, db_index=True)
    repost_key = models.BinaryField(max_length=16, null=True)
    quote_key = models.BinaryField(max_length=16, null=True)
    engaging_key = models.BinaryField(max_length=16, null=True)
    """Keyed hash of the author whom it answers, repeats or quotes."""
    engaging_version = models.PositiveSmallIntegerField(null=True)
    """Version of the key that made it; absent is the first."""
    rating = models.FloatField(null=True)
    media = models.JSONField(default=list)
    version = models.PositiveIntegerField(default=1)
    versioned_at = models.DateTimeField()
    """When this version of the text was heard."""
    likes = models.BigIntegerField(null=True)
    reposts = models.BigIntegerField(null=True)
    replies = models.BigIntegerField(null=True)
    views = models.BigIntegerField(null=True)
    deleted_at = models.DateTimeField(null=True)
    """When it was found gone at its source."""
    found = models.TextField(blank=True, default="")
    """The values of its findings that count, as `enrich.found` writes them: what mirror rows show. Kept with the findings."""

    def __str__(self) -> str:
        return f"post {self.pk}"


class PostVersion(models.Model):
    """A text that a later one replaced; the current text stands in the post."""

    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="versions")
    version = models.PositiveIntegerField()
    title = models.TextField(blank=True)
    text = models.TextField()
    heard_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["post", "version"], name="one_text_per_version")]

    def __str__(self) -> str:
        return f"version {self.version} of post {self.post_id}"


class PostSpace(models.Model):
    """A space in which a post was met."""

    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="spaces", db_index=False)
    space = models.ForeignKey(Space, on_delete=models.PROTECT, db_index=False)
    met_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["post", "space"], name="met_once_per_space")]

    def __str__(self) -> str:
        return f"post {self.post_id} in space {self.space_id}"


class Reading(models.Model):
    """Counts of a post at one time; written only when a count changed."""

    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="readings")
    at = models.DateTimeField()
    likes = models.BigIntegerField(null=True)
    reposts = models.BigIntegerField(null=True)
    replies = models.BigIntegerField(null=True)
    views = models.BigIntegerField(null=True)

    def __str__(self) -> str:
        return f"counts of post {self.post_id} at {self.at}"


class Wanted(models.Model):
    """A post that was heard and not kept, and that a kept one answers: it is brought back from the archive."""

    key = models.BinaryField(max_length=16, unique=True)

    def __str__(self) -> str:
        return f"wanted {self.pk}"


class Recount(models.Model):
    """A post whose counts are read again, later each time."""

    post = models.OneToOneField(Post, on_delete=models.CASCADE, primary_key=True)
    step = models.PositiveSmallIntegerField()
    """Place in `services.recounting.AGES`."""
    due_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"counts of post {self.post_id} due at {self.due_at}"
