"""Sets of posts that people label: who sees which, what is left to do, and how far people agree."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from vigie.measure.agreement import cohen_kappa, kappa_interval, krippendorff_alpha, masi
from vigie.schema.vocab import Intent, LabelKind, Speaker, Tone
from vigie.server.database import select_in
from vigie.server.models import Annotation, AnnotationItem, AnnotationSet, Mention, PostVersion
from vigie.server.permissions import Asker, Permission
from vigie.server.queries import scope

PEOPLE = 2
"""Who label an item before it is settled: one alone says nothing of how sure it is."""

SINGLE = (LabelKind.TONE.value, LabelKind.LANGUAGE.value)
"""Kinds of which a post has one value."""

CLOSED = {
    "tone": tuple(t.value for t in Tone),
    "who": tuple(s.value for s in Speaker),
    "intent": tuple(i.value for i in Intent),
}
"""Values of the kinds that have a list of them; of the others people write what they read."""

SEED = 20_261_126
"""Of the bootstrap: the same labels give the same interval."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a set is; numbers of items."""

    items: int
    begun: int
    """Labelled by one person yet."""
    settled: int
    differing: int
    """Labelled by two who differ, and not decided."""
    by_agreement: int


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far the two labels of each item agree; absent where chance can't be told from it."""

    items: int
    same: int
    kappa: float | None
    kappa_interval: tuple[float, float] | None
    alpha: float | None


@dataclass(frozen=True, slots=True)
class ToRead:
    """An item with the text that it is about."""

    item: AnnotationItem
    title: str
    text: str
    own: tuple[str, ...] | None
    """What the asker said already."""


def visible(who: Asker, permission: Permission = Permission.ANNOTATE) -> QuerySet[AnnotationSet]:
    """Return the sets that the asker may work on; those of all brands are for who may everywhere."""
    brands = who.brands(permission)
    rows = AnnotationSet.objects.select_related("brand")
    return rows if brands is None else rows.filter(brand_id__in=brands)


def progress(sets: Sequence[int]) -> dict[int, Progress]:
    """Return how far some sets are; one statement."""
    sql = (
        "SELECT i.set_id, COUNT(*), SUM(CASE WHEN a.n = 1 THEN 1 ELSE 0 END), "
        "SUM(CASE WHEN i.settled_at IS NOT NULL THEN 1 ELSE 0 END), "
        "SUM(CASE WHEN a.n >= 2 AND i.settled_at IS NULL THEN 1 ELSE 0 END), "
        "SUM(CASE WHEN i.settled_at IS NOT NULL AND i.settled_by IS NULL THEN 1 ELSE 0 END) "
        "FROM vigie_annotationitem i "
        "LEFT JOIN (SELECT item_id, COUNT(*) AS n FROM vigie_annotation GROUP BY item_id) a ON a.item_id = i.id "
        "WHERE i.set_id IN ({in}) GROUP BY i.set_id"
    )
    found = {int(row[0]): Progress(*(int(n) for n in row[1:])) for row in select_in(sql, list(sets))}
    return {one: found.get(one, Progress(0, 0, 0, 0, 0)) for one in sets}


def agreement(one: AnnotationSet) -> Agreement:
    """Return how far people agree on a set, whether or not somebody decided since."""
    rows = Annotation.objects.filter(item__set=one).order_by("item_id", "pk").values_list("item_id", "values")
    said: dict[int, list[frozenset[str]]] = {}
    for item, values in rows:
        said.setdefault(item, []).append(frozenset(values))
    pairs = [(found[0], found[1]) for found in said.values() if len(found) >= PEOPLE]
    first, second = [a for a, _ in pairs], [b for _, b in pairs]
    return Agreement(
        len(pairs),
        sum(a == b for a, b in pairs),
        cohen_kappa(first, second),
        kappa_interval(first, second, rng=np.random.default_rng(SEED)),
        krippendorff_alpha(list(said.values()), masi),
    )


def readable(one: AnnotationSet, who: Asker) -> QuerySet[AnnotationItem]:
    """Return the items whose posts the asker sees, in their order."""
    seen = Mention.objects.filter(post=OuterRef("post"), watch_id__in=scope.watch_ids(who))
    return AnnotationItem.objects.select_related("post", "set").filter(Exists(seen), set=one).order_by("place")


def next_to_label(one: AnnotationSet, who: Asker, *, after: int = 0) -> ToRead | None:
    """Return the next item that the asker may label: not theirs yet, not with two labels, after a place."""
    own = Annotation.objects.filter(item=OuterRef("pk"), user_id=who.user_id)
    rows = readable(one, who).annotate(n=Count("annotations")).filter(n__lt=PEOPLE, settled_at=None, place__gt=after)
    item = rows.exclude(Exists(own)).first()
    return _to_read(item, None) if item else None


def to_label(item_id: int, who: Asker) -> ToRead | None:
    """Return an item that the asker labelled or may label; `None` for others."""
    item = AnnotationItem.objects.select_related("set").filter(pk=item_id, set__in=visible(who)).first()
    found = readable(item.set, who).filter(pk=item_id).first() if item else None
    if found is None:
        return None
    own = Annotation.objects.filter(item=found, user_id=who.user_id).values_list("values", flat=True).first()
    return _to_read(found, None if own is None else tuple(own))


def next_to_settle(one: AnnotationSet, who: Asker, *, after: int = 0) -> tuple[ToRead, list[tuple[str, ...]]] | None:
    """Return the next item on which two people differ, neither of them the asker, with what they said, without names."""
    own = Annotation.objects.filter(item=OuterRef("pk"), user_id=who.user_id)
    rows = readable(one, who).annotate(n=Count("annotations")).filter(n__gte=PEOPLE, settled_at=None, place__gt=after)
    item = rows.exclude(Exists(own)).first()
    if item is None:
        return None
    said = Annotation.objects.filter(item=item).order_by("pk").values_list("values", flat=True)
    return _to_read(item, None), [tuple(values) for values in said]


def _to_read(item: AnnotationItem, own: tuple[str, ...] | None) -> ToRead:
    """Return the text as it stood when the item was drawn."""
    post = item.post
    if post.version == item.post_version:
        return ToRead(item, post.title, post.text, own)
    old = PostVersion.objects.filter(post=post, version=item.post_version).first()
    return ToRead(item, old.title if old else post.title, old.text if old else post.text, own)


def left_for(one: AnnotationSet, who: Asker) -> tuple[int, int]:
    """Return how many items the asker may still label, and how many they may settle."""
    own = Annotation.objects.filter(item=OuterRef("pk"), user_id=who.user_id)
    rows = AnnotationItem.objects.filter(set=one, settled_at=None).exclude(Exists(own)).annotate(n=Count("annotations"))
    found = rows.aggregate(label=Count("pk", filter=Q(n__lt=PEOPLE)), settle=Count("pk", filter=Q(n__gte=PEOPLE)))
    return int(found["label"]), int(found["settle"])
