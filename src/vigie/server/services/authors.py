"""Read clear names of authors: nothing else does, and each look leaves an audit row.

Somebody asks for a purpose, and is then shown the name for a bounded time; after it they ask again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from vigie.errors import DecisionError
from vigie.schema.vocab import NamePurpose
from vigie.server.models import AuthorName, Mention, NameView, Post
from vigie.server.permissions import FOR_PURPOSE, WORKER, Asker
from vigie.server.queries import scope
from vigie.server.services import audit

SHOWN_FOR = timedelta(minutes=15)
"""How long a name stays shown: to write an answer or a note, not to leave it on a screen; as long as a session without a
movement may last where data are sensitive (OWASP Session Management: 15 to 30 minutes)."""


@dataclass(frozen=True, slots=True)
class ClearName:
    """Handle and name as the network shows them."""

    handle: str
    name: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A name that somebody may see now."""

    view: NameView
    clear: ClearName | None
    """Absent when the name was not kept."""


def purposes(author_id: int, *, asker: Asker) -> tuple[NamePurpose, ...]:
    """Return for what the asker may see the name of an author: by their role in a brand whose watches found the author."""
    brands = _brands(author_id, asker)
    return tuple(p for p in NamePurpose if any(asker.may(FOR_PURPOSE[p], brand_id=brand) for brand in brands))


def _brands(author_id: int, asker: Asker) -> list[int]:
    """Return the brands, of those the asker sees, whose watches found a post of the author."""
    found = Mention.objects.filter(post__author_id=author_id, watch_id__in=scope.watch_ids(asker))
    return sorted(set(found.values_list("watch__brand_id", flat=True)))


@transaction.atomic
def ask(author_id: int, purpose: NamePurpose, *, asker: Asker, now: datetime) -> NameView:
    """Let the asker see an author's name for a purpose and a bounded time; a look under way is not made longer.

    Raises:
        DecisionError: the role does not allow it in any brand that found the author.
    """
    allowed = [b for b in _brands(author_id, asker) if asker.may(FOR_PURPOSE[purpose], brand_id=b)]
    if not allowed or asker.user_id is None:
        raise DecisionError(
            "Your role does not allow this. An administrator can change it.",
            code="permission.refused",
            facts={"permission": FOR_PURPOSE[purpose].value},
        )
    mine = NameView.objects.filter(user_id=asker.user_id, author_id=author_id, purpose=purpose.value, until__gt=now)
    if under_way := mine.first():
        return under_way
    view = NameView.objects.create(
        user_id=asker.user_id, author_id=author_id, purpose=purpose.value, at=now, until=now + SHOWN_FOR
    )
    after = {"view": view.pk, "purpose": purpose.value, "until": view.until.isoformat()}
    audit.write(asker, "author.reveal", f"author:{author_id}", now=now, brand_id=allowed[0], after=after)
    return view


@transaction.atomic
def shown(author_id: int, *, asker: Asker, now: datetime) -> Shown | None:
    """Return the name while the asker may see it; `None` when they have not asked, or too long ago."""
    mine = NameView.objects.filter(user_id=asker.user_id, author_id=author_id, until__gt=now).order_by("-until")
    allowed = {purpose.value for purpose in purposes(author_id, asker=asker)} if mine else set()
    view = next((view for view in mine if view.purpose in allowed), None)
    if view is None:
        return None
    row = AuthorName.objects.filter(author_id=author_id).first()
    after = {"view": view.pk, "purpose": view.purpose, "known": row is not None}
    audit.write(asker, "author.look", f"author:{author_id}", now=now, after=after)
    return Shown(view, ClearName(row.handle, row.name) if row else None)


def for_evidence(post: Post, *, asker: Asker, now: datetime) -> ClearName | None:
    """Return who wrote a post, to be sealed with it; nobody is shown it."""
    row = AuthorName.objects.filter(author_id=post.author_id).first() if post.author_id else None
    after = {"post": post.pk, "known": row is not None}
    audit.write(asker, "author.seal", f"author:{post.author_id or 0}", now=now, after=after)
    return ClearName(row.handle, row.name) if row else None


@transaction.atomic
def handles(author_ids: Sequence[int], *, now: datetime) -> dict[int, str]:
    """Return the handles of authors, for the worker alone: it looks for accounts in our name among them."""
    if not author_ids:
        return {}
    rows = dict(AuthorName.objects.filter(author_id__in=set(author_ids)).values_list("author_id", "handle"))
    after = {"authors": len(rows)}
    audit.write(WORKER, "author.screen", f"author:{max(author_ids)}", now=now, after=after)
    return rows
