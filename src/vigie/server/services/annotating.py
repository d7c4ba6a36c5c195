"""People label posts without seeing what the model or each other said: draw, label, settle, close."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
from django.db import transaction
from django.db.models import Max

from vigie.enrich.found import LONGEST_VALUE
from vigie.enrich.language import told_apart
from vigie.enrich.tone_grams import LANGUAGES
from vigie.errors import DecisionError, SchemaError
from vigie.schema.vocab import UNDETERMINED, FindingKind, LabelKind
from vigie.server import mirroring
from vigie.server.models import Annotation, AnnotationItem, AnnotationSet, Post
from vigie.server.permissions import Asker, Permission
from vigie.server.queries import filters as filtering
from vigie.server.queries import mentions
from vigie.server.queries.annotation import CLOSED, PEOPLE, SINGLE
from vigie.server.queries.filters import Filters
from vigie.server.services import audit

MOST = 2_000
"""Posts of a set: ten times what a figure needs, a week's work for two."""

MOST_VALUES = 20
"""Values that one person gives a post."""

KINDS = (*SINGLE, *(kind.value for kind in FindingKind if kind is not FindingKind.CATEGORY))
"""What may be labelled. A category is what a query finds: there is nothing to tell."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A set to draw."""

    name: str
    kind: str
    language: str
    """Empty: whatever the language; for languages themselves alone."""
    brand_id: int | None
    posts: int
    first: date | None = None
    last: date | None = None
    seed: int | None = None
    """Absent: posts are chosen by hand, from their own pages."""


def _allowed(one: AnnotationSet, asker: Asker, permission: Permission) -> None:
    """Refuse who may not: what belongs to no brand belongs to all."""
    if one.brand_id is None and permission not in asker.everywhere:
        raise DecisionError(
            "Your role does not allow this. An administrator can change it.",
            code="permission.refused", facts={"permission": permission.value},
        )  # fmt: skip
    asker.require(permission, brand_id=one.brand_id)


def _check(draft: Draft) -> None:
    languages = {LabelKind.TONE.value: LANGUAGES, LabelKind.LANGUAGE.value: ("",)}.get(draft.kind, told_apart())
    if draft.kind not in KINDS or draft.language not in languages or not draft.name.strip():
        raise SchemaError("This kind is not labelled in this language.", code="annotation.kind")
    if not 1 <= draft.posts <= MOST:
        raise SchemaError(f"A set holds 1 to {MOST} posts.", code="annotation.size", facts={"most": MOST})


@transaction.atomic
def create(draft: Draft, *, asker: Asker, now: datetime) -> AnnotationSet:
    """Draw a set from the mentions of a window that the asker sees, at random by its seed; or begin one to fill by hand.

    Raises:
        DecisionError: the role does not allow it, nothing is there to draw, or the name is taken.
        SchemaError: the draft asks for what can't be labelled.
    """
    _check(draft)
    is_random = draft.seed is not None
    one = AnnotationSet(
        name=draft.name.strip(), kind=draft.kind, language=draft.language, brand_id=draft.brand_id, is_random=is_random,
        seed=draft.seed, first_day=draft.first, last_day=draft.last, created_at=now, by_id=asker.user_id,
    )  # fmt: skip
    _allowed(one, asker, Permission.ADJUDICATE)
    if AnnotationSet.objects.filter(name=one.name).exists():
        raise DecisionError("There is a set of this name already.", code="annotation.name")
    posts = _drawn(draft, asker, now) if is_random else []
    one.save()
    _put(one, posts, first_place=1)
    after = {"kind": one.kind, "language": one.language, "random": is_random, "seed": one.seed, "posts": len(posts)}
    audit.write(asker, "annotation.create", f"annotation_set:{one.pk}", now=now, brand_id=one.brand_id, after=after)
    return one


def _drawn(draft: Draft, asker: Asker, now: datetime) -> list[int]:
    """Return posts drawn without replacement, each as likely as any other; the same seed over the same posts draws the same."""
    if draft.first is None or draft.last is None or draft.seed is None:
        raise SchemaError("Say from which days posts are drawn.", code="annotation.window")
    languages = (draft.language,) if draft.language else ()
    chosen = Filters(draft.first, draft.last, brand=draft.brand_id, languages=languages)
    found = mirroring.view(now=now).posts(filtering.to_store(chosen, asker, mentions.subjects_of(asker)))
    if not len(found):
        raise DecisionError("No post of this language was found in this window.", code="annotation.nothing")
    rng = np.random.default_rng(draft.seed)
    drawn: list[int] = rng.choice(found, size=min(draft.posts, len(found)), replace=False).tolist()
    return drawn


def _put(one: AnnotationSet, post_ids: Sequence[int], *, first_place: int) -> None:
    versions = dict(Post.objects.filter(pk__in=post_ids).values_list("pk", "version"))
    rows = [post for post in post_ids if post in versions]
    AnnotationItem.objects.bulk_create(
        AnnotationItem(set=one, post_id=post, place=first_place + n, post_version=versions[post])
        for n, post in enumerate(rows)
    )


@transaction.atomic
def add(set_id: int, mention_id: int, *, asker: Asker, now: datetime) -> bool:
    """Put a mention's post into a set that is filled by hand; return whether it was not there yet.

    Raises:
        DecisionError: the role does not allow it; the set is drawn at random, full or closed; the mention is another brand's.
    """
    one = AnnotationSet.objects.select_for_update().get(pk=set_id)
    _allowed(one, asker, Permission.ANNOTATE)
    mention = mentions.visible(mention_id, who=asker)
    is_of_brand = mention is not None and one.brand_id in (None, mention.watch.brand_id)
    last = one.items.aggregate(last=Max("place"))["last"] or 0
    if mention is None or not is_of_brand or one.is_random or one.closed_at or last >= MOST:
        raise DecisionError("This post can't be put into this set.", code="annotation.not_here")
    if one.items.filter(post_id=mention.post_id).exists():
        return False
    _put(one, [mention.post_id], first_place=last + 1)
    after = {"mention": mention_id, "place": last + 1}
    audit.write(asker, "annotation.add", f"annotation_set:{one.pk}", now=now, brand_id=one.brand_id, after=after)
    return True


def read_values(kind: str, values: Sequence[str]) -> list[str]:
    """Return what a person said, in order and once each.

    Raises:
        SchemaError: a value is not of the kind, or there are more or fewer than it has.
    """
    clean = (" ".join(value.split())[:LONGEST_VALUE] for value in values)
    found = sorted({value if kind in CLOSED or kind in SINGLE else value.casefold() for value in clean if value})
    allowed = (*told_apart(), UNDETERMINED) if kind == LabelKind.LANGUAGE else CLOSED.get(kind)
    is_bad = allowed is not None and any(value not in allowed for value in found)
    if is_bad or len(found) > MOST_VALUES or (kind in SINGLE and len(found) != 1):
        raise SchemaError("Choose a value of this kind.", code="annotation.value")
    return found


def _item(item_id: int, asker: Asker, permission: Permission) -> AnnotationItem:
    item = AnnotationItem.objects.select_related("set").select_for_update(of=("self",)).get(pk=item_id)
    _allowed(item.set, asker, permission)
    if item.set.closed_at:
        raise DecisionError("This set is closed.", code="annotation.closed")
    return item


@transaction.atomic
def say(item_id: int, values: Sequence[str], *, asker: Asker, now: datetime) -> None:
    """Keep what a person says of a post; two who say the same settle it.

    Raises:
        DecisionError: the role does not allow it, two others labelled it, or somebody decided already.
        SchemaError: the values are not of the kind.
    """
    item = _item(item_id, asker, Permission.ANNOTATE)
    found = read_values(item.set.kind, values)
    others = list(item.annotations.exclude(user_id=asker.user_id).values_list("values", flat=True))
    if asker.user_id is None or len(others) >= PEOPLE or item.settled_by is not None:
        raise DecisionError("Two people labelled this post already.", code="annotation.full")
    Annotation.objects.update_or_create(item=item, user_id=asker.user_id, defaults={"values": found, "at": now})
    is_same = bool(others) and sorted(others[0]) == found
    _settle(item, found if is_same else None, None, now)
    # What was said stays out of the log: who reads it may be the one who labels next.
    audit.write(
        asker, "annotation.say", f"annotation_item:{item.pk}", now=now, brand_id=item.set.brand_id,
        after={"set": item.set_id, "labels": len(others) + 1},
    )  # fmt: skip


def _settle(item: AnnotationItem, values: list[str] | None, by_id: int | None, now: datetime) -> None:
    settled_at = None if values is None else now
    AnnotationItem.objects.filter(pk=item.pk).update(settled=values, settled_by=by_id, settled_at=settled_at)


@transaction.atomic
def withdraw(item_id: int, *, asker: Asker, now: datetime) -> None:
    """Take back what one said, unless somebody decided since.

    Raises:
        DecisionError: the role does not allow it, or somebody decided.
    """
    item = _item(item_id, asker, Permission.ANNOTATE)
    if item.settled_by is not None:
        raise DecisionError("Somebody decided on this post already.", code="annotation.settled")
    gone, _ = item.annotations.filter(user_id=asker.user_id).delete()
    if gone:
        _settle(item, None, None, now)
        audit.write(
            asker, "annotation.withdraw", f"annotation_item:{item.pk}", now=now, brand_id=item.set.brand_id,
            after={"set": item.set_id},
        )  # fmt: skip


@transaction.atomic
def settle(item_id: int, values: Sequence[str] | None, *, asker: Asker, now: datetime) -> None:
    """Decide between two who differ, as a third person; or take one's decision back (`None`).

    Raises:
        DecisionError: the role does not allow it, there are no two labels, they agree, or one of them is the asker's.
        SchemaError: the values are not of the kind.
    """
    item = _item(item_id, asker, Permission.ADJUDICATE)
    said = list(item.annotations.values_list("user_id", "values"))
    is_third = asker.user_id is not None and asker.user_id not in [user for user, _ in said]
    if len(said) < PEOPLE or not is_third or sorted(said[0][1]) == sorted(said[1][1]):
        raise DecisionError("A third person decides where two differ.", code="annotation.third")
    found = None if values is None else read_values(item.set.kind, values)
    _settle(item, found, None if found is None else asker.user_id, now)
    audit.write(
        asker, "annotation.settle", f"annotation_item:{item.pk}", now=now, brand_id=item.set.brand_id,
        before={"settled": item.settled_at is not None}, after={"settled": found is not None},
    )  # fmt: skip


@transaction.atomic
def close(set_id: int, *, asker: Asker, now: datetime, closed: bool = True) -> None:
    """Close a set, or open it again; what was said and settled stays.

    Raises:
        DecisionError: the role does not allow it.
    """
    one = AnnotationSet.objects.select_for_update().get(pk=set_id)
    _allowed(one, asker, Permission.ADJUDICATE)
    if bool(one.closed_at) == closed:
        return
    AnnotationSet.objects.filter(pk=set_id).update(closed_at=now if closed else None)
    audit.write(
        asker, _CLOSED[closed], f"annotation_set:{set_id}", now=now, brand_id=one.brand_id, before={"closed": not closed},
        after={"closed": closed},
    )  # fmt: skip


_CLOSED = {True: "annotation.close", False: "annotation.reopen"}
