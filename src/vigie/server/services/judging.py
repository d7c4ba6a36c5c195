"""What people say of mentions: corrections and marks."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from vigie.errors import SchemaError
from vigie.schema.vocab import LabelKind, Mark, Tone
from vigie.server.database import next_revisions, update
from vigie.server.models import Correction, MarkRow, Mention
from vigie.server.permissions import Asker, Permission
from vigie.server.services import audit, in_watch


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
