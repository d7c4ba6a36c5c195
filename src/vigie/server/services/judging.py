"""What people say of mentions, and what a new model says of posts: corrections, marks, re-labelling."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from vigie.enrich.labeller import Labeller
from vigie.errors import SchemaError
from vigie.schema.vocab import LabelKind, Mark, Tone
from vigie.server.database import insert, next_revisions, select, select_in, update
from vigie.server.models import Correction, MarkRow, Mention
from vigie.server.models import Labeller as LabellerRow
from vigie.server.permissions import WORKER, Asker, Permission
from vigie.server.services import audit, in_watch

RELABEL_BATCH = 1_000
"""Posts per transaction of bulk work (DESIGN §1, rule 8)."""


def touch(mention_ids: Sequence[int]) -> None:
    """Give mentions the next revisions, as the last statements of a transaction; labels that changed may let them in or not."""
    if not mention_ids:
        return
    in_watch.settle(mention_ids)
    first = next_revisions(len(mention_ids))
    rows = [(first + n, mention_id) for n, mention_id in enumerate(sorted(mention_ids))]
    update("UPDATE vigie_mention SET revision = %s WHERE id = %s", rows)


def _mention(mention_id: int, asker: Asker) -> Mention:
    mention = Mention.objects.select_related("watch").select_for_update().get(pk=mention_id)
    asker.require(Permission.MARK_MENTIONS, brand_id=mention.watch.brand_id)
    return mention


@transaction.atomic
def correct(mention_id: int, kind: LabelKind, value: str | None, *, asker: Asker, now: datetime) -> None:
    """Set what a person says instead of a model's label, or take it back (`None`).

    Raises:
        DecisionError: the role does not allow it.
        SchemaError: the value is not of the kind.
    """
    mention = _mention(mention_id, asker)
    if kind is LabelKind.TONE and value is not None and value not in list(Tone):
        raise SchemaError(f"“{value}” is not a tone.", code="correction.value", facts={"value": value})
    before = Correction.objects.filter(mention=mention, kind=kind).values_list("value", flat=True).first()
    if before == value:
        return
    if value is None:
        Correction.objects.filter(mention=mention, kind=kind).delete()
    else:
        defaults = {"value": value, "by_id": asker.user_id, "at": now}
        Correction.objects.update_or_create(mention=mention, kind=kind, defaults=defaults)
    audit.write(
        asker, "mention.correct", f"mention:{mention_id}", now=now, brand_id=mention.watch.brand_id,
        before={kind.value: before}, after={kind.value: value},
    )  # fmt: skip
    touch([mention_id])


@transaction.atomic
def mark(mention_id: int, kind: Mark, *, on: bool, asker: Asker, now: datetime) -> None:
    """Set or take back a mark, such as “not about us”.

    Raises:
        DecisionError: the role does not allow it.
    """
    mention = _mention(mention_id, asker)
    if MarkRow.objects.filter(mention=mention, kind=kind).exists() == on:
        return
    if on:
        MarkRow.objects.create(mention=mention, kind=kind, by_id=asker.user_id, at=now)
    else:
        MarkRow.objects.filter(mention=mention, kind=kind).delete()
    audit.write(
        asker, "mention.mark", f"mention:{mention_id}", now=now, brand_id=mention.watch.brand_id,
        before={kind.value: not on}, after={kind.value: on},
    )  # fmt: skip
    touch([mention_id])


def relabel_after(labeller: Labeller, *, after_post: int, now: datetime, limit: int = RELABEL_BATCH) -> int | None:
    """Label the next posts of the record with another model, and choose its labels; return where to go on.

    `None` means that no post is left.
    """
    sql = "SELECT id, text, title FROM vigie_post WHERE id > %s ORDER BY id LIMIT %s"
    posts = select(sql, [after_post, limit])
    if not posts:
        return None
    values, scores = _label(labeller, posts)
    row, _ = LabellerRow.objects.get_or_create(kind=labeller.kind, name=labeller.name, version=labeller.version)
    ids = [post[0] for post in posts]
    labels = [
        (i, labeller.kind, value, score, row.pk, True)
        for i, value, score in zip(ids, values, scores, strict=True)
        if value is not None
    ]
    with transaction.atomic():
        _choose(labeller.kind, row.pk, ids, labels)
        after = {"kind": labeller.kind, "labeller": row.pk, "posts": len(posts)}
        audit.write(WORKER, "posts.relabel", f"post:{ids[0]}", now=now, after=after)
        touch([m for (m,) in select_in("SELECT id FROM vigie_mention WHERE post_id IN ({in})", ids)])
    return int(ids[-1])


def _label(labeller: Labeller, posts: list[tuple[int, str, str]]) -> tuple[list[str | None], list[float]]:
    texts = [f"{title}\n{text}" if title else text for _, text, title in posts]
    return labeller.label(texts, _languages([i for i, _, _ in posts]))


def _languages(post_ids: Sequence[int]) -> list[str | None]:
    sql = "SELECT post_id, value FROM vigie_label WHERE kind = 'language' AND chosen AND post_id IN ({in})"
    known = dict(select_in(sql, post_ids))
    return [known.get(i) for i in post_ids]


def _choose(kind: str, labeller_id: int, post_ids: Sequence[int], labels: list[tuple[object, ...]]) -> None:
    update("DELETE FROM vigie_label WHERE post_id = %s AND labeller_id = %s", [(i, labeller_id) for i in post_ids])
    update(
        "UPDATE vigie_label SET chosen = %s WHERE post_id = %s AND kind = %s AND chosen",
        [(False, i, kind) for i in post_ids],
    )
    insert("vigie_label", ("post_id", "kind", "value", "score", "labeller_id", "chosen"), labels)
