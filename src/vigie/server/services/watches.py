"""Add, change and close watches; each change is run over the past by the worker."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from vigie.errors import DecisionError
from vigie.match import parse
from vigie.schema.vocab import Purpose
from vigie.server import engine
from vigie.server.models import Brand, Watch, WatchVersion
from vigie.server.permissions import Asker, Permission
from vigie.server.services import audit, work


@dataclass(frozen=True, slots=True)
class WatchDraft:
    """What somebody says of a watch."""

    name: str
    brand_id: int
    purpose: str
    subject_id: int | None
    expression: str


@transaction.atomic
def add(draft: WatchDraft, *, asker: Asker, now: datetime) -> Watch:
    """Add a watch and have it run over the past.

    Raises:
        DecisionError: the role does not allow it, or the name or subject won't do.
        QueryError: the expression can't be read.
    """
    asker.require(Permission.EDIT_WATCHES, brand_id=draft.brand_id)
    _check(draft)
    watch = Watch.objects.create(
        name=draft.name.strip(), brand_id=draft.brand_id, purpose=draft.purpose, subject_id=draft.subject_id,
        expression=draft.expression, version=1, created_at=now,
    )  # fmt: skip
    WatchVersion.objects.create(watch=watch, version=1, expression=draft.expression, at=now, by_id=asker.user_id)
    audit.write(asker, "watch.add", f"watch:{watch.pk}", now=now, after=_facts(watch), brand_id=watch.brand_id)
    _changed(watch, asker)
    return watch


@transaction.atomic
def change(watch_id: int, draft: WatchDraft, *, asker: Asker, now: datetime) -> Watch:
    """Change a watch; a new wording is a new version and is run over the past.

    Raises:
        DecisionError: the role does not allow it, the watch belongs to a space, or the name or subject won't do.
        QueryError: the expression can't be read.
    """
    watch = Watch.objects.select_for_update().get(pk=watch_id)
    asker.require(Permission.EDIT_WATCHES, brand_id=watch.brand_id)
    asker.require(Permission.EDIT_WATCHES, brand_id=draft.brand_id)
    _check(draft, own=watch)
    before, reworded = _facts(watch), draft.expression != watch.expression
    watch.name, watch.brand_id, watch.purpose = draft.name.strip(), draft.brand_id, draft.purpose
    watch.subject_id, watch.expression = draft.subject_id, draft.expression
    watch.version += int(reworded)
    watch.save()
    if reworded:
        WatchVersion.objects.create(
            watch=watch, version=watch.version, expression=watch.expression, at=now, by_id=asker.user_id
        )
        _changed(watch, asker)
    audit.write(
        asker, "watch.change", f"watch:{watch.pk}", now=now, before=before, after=_facts(watch), brand_id=watch.brand_id
    )
    return watch


def _check(draft: WatchDraft, own: Watch | None = None) -> None:
    parse(draft.expression)
    if own is not None and own.space_id is not None and draft.expression != own.expression:
        raise DecisionError(
            "The watch of a space of ours follows the space; add another watch instead.", code="watch.of_space"
        )
    same_name = Watch.objects.filter(name=draft.name.strip()).exclude(pk=own.pk if own else None)
    if same_name.exists():
        raise DecisionError("Another watch has this name already.", code="watch.name_taken")
    if not Brand.objects.filter(pk=draft.brand_id, is_ours=True).exists():
        raise DecisionError("A watch works for one of our brands.", code="watch.no_brand")
    if draft.purpose == Purpose.FIELD and draft.subject_id is not None:
        raise DecisionError("A watch on the field has no subject.", code="watch.field_subject")


def _facts(watch: Watch) -> dict[str, object]:
    return {
        "version": watch.version,
        "purpose": watch.purpose,
        "brand": watch.brand_id,
        "subject": watch.subject_id,
    }


def _changed(watch: Watch, asker: Asker) -> None:
    engine.bump_generation()
    work.enqueue("backfill", f"backfill:{watch.pk}", {"watch": watch.pk}, asker=asker)


@transaction.atomic
def close(watch_id: int, *, asker: Asker, now: datetime) -> None:
    """Stop a watch; its mentions stay as they are."""
    watch = Watch.objects.select_for_update().get(pk=watch_id)
    asker.require(Permission.EDIT_WATCHES, brand_id=watch.brand_id)
    was = watch.closed_at is not None
    Watch.objects.filter(pk=watch_id, closed_at=None).update(closed_at=now)
    engine.bump_generation()
    audit.write(
        asker,
        "watch.close",
        f"watch:{watch_id}",
        now=now,
        before={"closed": was},
        after={"closed": True},
        brand_id=watch.brand_id,
    )


@transaction.atomic
def reopen(watch_id: int, *, asker: Asker, now: datetime) -> None:
    """Start a closed watch again, and run it over what it missed: the undo of `close`."""
    watch = Watch.objects.select_for_update().get(pk=watch_id)
    asker.require(Permission.EDIT_WATCHES, brand_id=watch.brand_id)
    was, watch.closed_at = watch.closed_at is not None, None
    watch.save(update_fields=["closed_at"])
    _changed(watch, asker)
    audit.write(
        asker,
        "watch.reopen",
        f"watch:{watch_id}",
        now=now,
        before={"closed": was},
        after={"closed": False},
        brand_id=watch.brand_id,
    )
