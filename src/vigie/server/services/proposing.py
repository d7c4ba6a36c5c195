"""Propose spaces from what mentions point at: read by the worker in batches since the last time, never behind a page."""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Count

from vigie.collect import proposing
from vigie.collect.proposing import Pointed, Proposed
from vigie.schema.ids import origin_of
from vigie.schema.vocab import ProposalState
from vigie.server.database import insert, instant
from vigie.server.models import Counter, Mention, Pointer, Space, SpaceProposal
from vigie.server.permissions import WORKER, Asker, Permission
from vigie.server.services import audit
from vigie.server.services.work import Outcome, Progress

EVERY_S = 86_400.0
"""Seconds between two looks: where people talk changes by the week."""

BATCH = 1_000
"""Mentions a transaction (DESIGN §1, rule 8)."""

PAST = timedelta(days=90)
"""Age of a post past which it points at nothing any more: a season of talk."""

MOST = 200
"""Proposals kept a brand: more than anybody will go through."""

KEY = "propose"
"""Key of the work, which comes back by itself."""

COUNTER = "pointers"
"""Name of the counter that says up to which revision mentions were looked at."""


def run(job: Progress, *, clock: Callable[[], datetime]) -> Outcome:
    """Look at the mentions that changed since the last time, then rank what they point at."""
    looked = 0
    while some := look(now=clock()):
        looked += some
        job.checkpoint(done=looked)
    return Outcome("spaces.proposed", {"n": rank(now=clock())}, again_in_s=EVERY_S)


@transaction.atomic
def look(*, now: datetime) -> int:
    """Note what the next thousand changed mentions point at; return how many were looked at.

    Revisions are what the cursor follows: they are given in the order of commits, so none comes late.
    """
    Counter.objects.get_or_create(name=COUNTER)
    cursor = Counter.objects.select_for_update().get(name=COUNTER)
    truth = Counter.objects.get(name="revision")
    # Another epoch is another history (a restore): its mentions are looked at anew.
    since = cursor.value if cursor.epoch == truth.epoch else 0
    changed = Mention.objects.filter(revision__gt=since).select_related("post").order_by("revision")[:BATCH]
    mentions = list(changed)
    if mentions:
        Pointer.objects.filter(mention__in=[m.pk for m in mentions]).delete()
        insert("vigie_pointer", ("mention_id", "host", "at"), _pointers(mentions, now), ignore=True)
    last = mentions[-1].revision if mentions else since
    Counter.objects.filter(name=COUNTER).update(value=last, epoch=truth.epoch)
    return len(mentions)


def _pointers(mentions: list[Mention], now: datetime) -> list[tuple[object, ...]]:
    young = [m for m in mentions if m.post.published_at > now - PAST and m.in_watch and m.lapsed_at is None]
    return [(m.pk, host, instant(m.post.published_at)) for m in young for host in _hosts(m)]


def _hosts(mention: Mention) -> tuple[str, ...]:
    post = mention.post
    return proposing.hosts_of(f"{post.title}\n{post.text}", url=post.url, origin=post.origin, site=post.site)


@transaction.atomic
def rank(*, now: datetime) -> int:
    """Count what mentions point at and keep the best of each brand as proposals; return how many are open."""
    Pointer.objects.filter(at__lt=now - PAST).delete()
    counted = (
        Pointer.objects.values("mention__watch__brand", "host")
        .annotate(n=Count("mention"), people=Count("mention__post__author", distinct=True))
        .filter(n__gte=proposing.FEWEST)
        .order_by()
    )
    pointed = (Pointed(r["mention__watch__brand"], r["host"], r["n"], r["people"]) for r in counted.iterator())
    best = proposing.ranked(pointed, listened=listened(), most=MOST)
    before = {(row.brand_id, row.address): row for row in SpaceProposal.objects.all()}
    _forget_counts(before, best)
    _keep(before, best, now)
    found = SpaceProposal.objects.filter(state=ProposalState.OPEN.value, mentions__gt=0).count()
    audit.write(WORKER, "proposals.rank", "proposals", now=now, after={"open": found})
    return found


def listened() -> frozenset[str]:
    """Return the hosts of the spaces that are open."""
    addresses = Space.objects.filter(closed_at=None).exclude(address="").values_list("address", flat=True)
    return frozenset(host for address in addresses if (host := origin_of(address)))


def _forget_counts(before: dict[tuple[int | None, str], SpaceProposal], best: list[Proposed]) -> None:
    """Take out of the list what mentions point at no more, or what is listened to: its decision stays."""
    named = {(p.brand_id, p.address) for p in best}
    gone = [row.pk for key, row in before.items() if key not in named and row.mentions]
    SpaceProposal.objects.filter(pk__in=gone).update(mentions=0, authors=0, score=0.0)


def _keep(before: dict[tuple[int | None, str], SpaceProposal], best: list[Proposed], now: datetime) -> None:
    new, known = [], []
    for p in best:
        row = before.get((p.brand_id, p.address))
        target = row or SpaceProposal(address=p.address, host=p.host, brand_id=p.brand_id, first_at=now)
        target.mentions, target.authors, target.score, target.last_at = p.mentions, p.authors, p.score, now
        (new if row is None else known).append(target)
    SpaceProposal.objects.bulk_create(new, batch_size=500)
    SpaceProposal.objects.bulk_update(known, ["mentions", "authors", "score", "last_at"], batch_size=200)


ACTIONS = {
    ProposalState.OPEN: "proposal.open",
    ProposalState.TAKEN: "proposal.taken",
    ProposalState.DISMISSED: "proposal.dismissed",
}
"""What the audit log calls each decision."""


@transaction.atomic
def dismiss(proposal_id: int, *, asker: Asker, now: datetime) -> None:
    """Say that a place need not be listened to; it is not proposed again.

    Raises:
        DecisionError: the role does not allow it.
    """
    _decide(proposal_id, ProposalState.DISMISSED, asker=asker, now=now)


@transaction.atomic
def restore(proposal_id: int, *, asker: Asker, now: datetime) -> None:
    """Propose a place again: the undo of `dismiss`."""
    _decide(proposal_id, ProposalState.OPEN, asker=asker, now=now)


@transaction.atomic
def take(proposal_id: int, space_id: int, *, asker: Asker, now: datetime) -> None:
    """Say which space was made of a proposal."""
    _decide(proposal_id, ProposalState.TAKEN, asker=asker, now=now, space_id=space_id)


@transaction.atomic
def free(space_id: int, *, asker: Asker, now: datetime) -> None:
    """Propose again what a space was made of: the undo of `take`."""
    for proposal in SpaceProposal.objects.filter(space_id=space_id, state=ProposalState.TAKEN.value).order_by("pk"):
        _decide(proposal.pk, ProposalState.OPEN, asker=asker, now=now)


def _decide(
    proposal_id: int, state: ProposalState, *, asker: Asker, now: datetime, space_id: int | None = None
) -> None:
    row = SpaceProposal.objects.select_for_update().get(pk=proposal_id)
    asker.require(Permission.EDIT_SPACES, brand_id=row.brand_id)
    SpaceProposal.objects.filter(pk=row.pk).update(state=state.value, space_id=space_id)
    after: dict[str, object] = {"state": state.value} | ({"space": space_id} if space_id else {})
    audit.write(
        asker, ACTIONS[state], f"proposal:{row.pk}", now=now, before={"state": row.state}, after=after,
        brand_id=row.brand_id,
    )  # fmt: skip
