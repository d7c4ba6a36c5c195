"""Read the clear name of an author: the one module that does, and it leaves an audit row."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from vigie.server.models import AuthorName, Mention, Post
from vigie.server.permissions import Asker, Permission
from vigie.server.services import audit


@dataclass(frozen=True, slots=True)
class ClearName:
    """Handle and name as the network shows them."""

    handle: str
    name: str


@transaction.atomic
def reveal(mention_id: int, *, asker: Asker, now: datetime) -> ClearName | None:
    """Return who wrote the post of a mention; `None` when nobody is named or the name was not kept.

    Raises:
        DecisionError: the role does not allow it.
    """
    mention = Mention.objects.select_related("watch", "post").get(pk=mention_id)
    asker.require(Permission.REVEAL_AUTHOR, brand_id=mention.watch.brand_id)
    row = AuthorName.objects.filter(author_id=mention.post.author_id).first() if mention.post.author_id else None
    audit.write(
        asker, "author.reveal", f"author:{mention.post.author_id or 0}", now=now, brand_id=mention.watch.brand_id,
        after={"mention": mention_id, "known": row is not None},
    )  # fmt: skip
    return ClearName(row.handle, row.name) if row else None


def for_evidence(post: Post, *, asker: Asker, now: datetime) -> ClearName | None:
    """Return who wrote a post, to be sealed with it; nobody is shown it."""
    row = AuthorName.objects.filter(author_id=post.author_id).first() if post.author_id else None
    after = {"post": post.pk, "known": row is not None}
    audit.write(asker, "author.seal", f"author:{post.author_id or 0}", now=now, after=after)
    return ClearName(row.handle, row.name) if row else None
