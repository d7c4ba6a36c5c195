"""Have every post of the record labelled anew by the model in use: bulk work, which goes on where it stood."""

from collections.abc import Callable
from datetime import datetime

from django.db import transaction

from vigie.enrich.labeller import Labeller
from vigie.enrich.labellers import LABELLERS
from vigie.match import QueryError, parse
from vigie.match.tree import Field, leaves
from vigie.schema.vocab import LabelKind
from vigie.server import chosen
from vigie.server.database import select
from vigie.server.models import Labeller as LabellerRow
from vigie.server.models import Watch
from vigie.server.permissions import Asker, Permission
from vigie.server.services import audit, judging, work
from vigie.server.services.backfilling import hold_back
from vigie.server.services.work import Outcome, Progress


@transaction.atomic
def start(kind: LabelKind, *, asker: Asker, now: datetime) -> int:
    """Ask the worker to label all posts with the model in use of a kind; return the work's id.

    Raises:
        DecisionError: the role does not allow it.
    """
    asker.require(Permission.STEER_WORK)
    row = _row(_in_use(kind))
    audit.write(asker, "posts.relabel_asked", f"labeller:{row.pk}", now=now, after={"kind": kind.value})
    return work.enqueue("relabel", f"relabel:{kind.value}", {"labeller": row.pk}, asker=asker)


def _in_use(kind: str) -> Labeller:
    return next(labeller for labeller in chosen.in_use(LABELLERS) if labeller.kind == kind)


def _row(labeller: Labeller) -> LabellerRow:
    row, _ = LabellerRow.objects.get_or_create(kind=labeller.kind, name=labeller.name, version=labeller.version)
    return row


def run(job: Progress, *, clock: Callable[[], datetime]) -> Outcome:
    """Label the posts, a thousand a transaction; a model that changed meanwhile begins again."""
    labeller = _in_use(LabellerRow.objects.get(pk=job.args["labeller"]).kind)
    row, state = _row(labeller), job.claimed.state
    goes_on = state.get("labeller") == row.pk
    at: int | None = int(state.get("post", 0)) if goes_on else 0
    ((total,),) = select("SELECT COUNT(*) FROM vigie_post")
    ((done,),) = select("SELECT COUNT(*) FROM vigie_post WHERE id <= %s", [at])
    hold_back(job, clock)
    while (at := judging.relabel_after(labeller, after_post=at or 0, now=clock())) is not None:
        done = min(done + judging.RELABEL_BATCH, total)
        job.checkpoint(done=done, total=total, state={"labeller": row.pk, "post": at})
        hold_back(job, clock)
    if labeller.kind == LabelKind.LANGUAGE:
        _follow_language()
    return Outcome("posts.relabelled", {"posts": done})


@transaction.atomic
def _follow_language() -> None:
    """Have done again what rests on languages: the watches that test them, and tone, whose model is that of the language."""
    for watch in Watch.objects.filter(closed_at=None, expression__icontains="language").order_by("pk"):
        if _tests_language(watch.expression):
            work.enqueue("backfill", f"backfill:{watch.pk}", {"watch": watch.pk})
    tone = _row(_in_use(LabelKind.TONE))
    work.enqueue("relabel", f"relabel:{LabelKind.TONE.value}", {"labeller": tone.pk})


def _tests_language(expression: str) -> bool:
    try:
        root = parse(expression).root
    except QueryError:
        # Refused since it was saved: it asks for nothing (`engine.unreadable`).
        return False
    return any(isinstance(leaf, Field) and leaf.name == "language" for leaf in leaves(root))
