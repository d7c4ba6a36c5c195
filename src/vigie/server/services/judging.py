"""What people say of mentions: corrections and marks."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from vigie.enrich.found import LONGEST_VALUE
from vigie.enrich.language import told_apart
from vigie.errors import SchemaError
from vigie.schema.vocab import UNDETERMINED, FindingKind, Intent, LabelKind, Mark, Speaker, Tone
from vigie.server.database import next_revisions, update
from vigie.server.models import Category, Correction, FindingCorrection, MarkRow, Mention
from vigie.server.permissions import Asker, Permission
from vigie.server.services import audit, finding, in_watch


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
    if value is not None:
        _check(kind, value)
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


def _check(kind: LabelKind, value: str) -> None:
    if kind is LabelKind.TONE and value not in list(Tone):
        raise SchemaError(f"“{value}” is not a tone.", code="correction.value", facts={"value": value[:60]})
    if kind is LabelKind.LANGUAGE and value not in (*told_apart(), UNDETERMINED):
        raise SchemaError(f"“{value}” is not a language.", code="correction.language", facts={"value": value[:60]})


@transaction.atomic
def correct_finding(
    mention_id: int, kind: FindingKind, value: str, holds: bool | None, *, asker: Asker, now: datetime
) -> str:
    """Say that a value holds of a mention or does not, whatever was found; or take that back (`None`). Return the value.

    Raises:
        DecisionError: the role does not allow it.
        SchemaError: the value is not of the kind.
    """
    mention = _mention(mention_id, asker)
    value = _finding_value(kind, value, mention.watch.brand_id)
    row = FindingCorrection.objects.filter(mention=mention, kind=kind, value=value).first()
    before = {"kind": kind.value, "correction": row and row.pk, "holds": row and row.holds}
    if (row.holds if row else None) == holds:
        return value
    if holds is None:
        FindingCorrection.objects.filter(mention=mention, kind=kind, value=value).delete()
        after = {"kind": kind.value, "correction": None, "holds": None}
    else:
        defaults = {"holds": holds, "by_id": asker.user_id, "at": now}
        row, _ = FindingCorrection.objects.update_or_create(mention=mention, kind=kind, value=value, defaults=defaults)
        after = {"kind": kind.value, "correction": row.pk, "holds": holds}
    finding.refresh_mention(mention_id)
    # The value may be a word that a person typed: the log names its row.
    audit.write(
        asker, "mention.correct_finding", f"mention:{mention_id}", now=now, brand_id=mention.watch.brand_id, before=before,
        after=after,
    )  # fmt: skip
    touch([mention_id])
    return value


def _finding_value(kind: FindingKind, value: str, brand_id: int | None) -> str:
    """Return a value as findings hold it: one line, no longer than its column, of the vocabulary where there is one."""
    value = " ".join(value.split())[:LONGEST_VALUE]
    closed = {FindingKind.WHO: list(Speaker), FindingKind.INTENT: list(Intent)}.get(kind)
    is_known = kind is not FindingKind.CATEGORY or _is_category(value, brand_id)
    if not value or (closed is not None and value not in closed) or not is_known:
        raise SchemaError(
            f"“{value}” is not a value of this kind.", code="correction.finding", facts={"value": value[:60]}
        )
    return value


def _is_category(value: str, brand_id: int | None) -> bool:
    if not (value.isascii() and value.isdigit() and len(value) < 19):  # noqa: PLR2004 -- of 64 bits
        return False
    of_brand = Q(dimension__brand=None) | Q(dimension__brand_id=brand_id)
    return Category.objects.filter(of_brand, pk=int(value), closed_at=None).exists()


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
