"""Proposed spaces, those of the brands that the asker sees, the best first; pages go by key."""

from django.db.models import Q, QuerySet

from vigie.schema.vocab import ProposalState
from vigie.server.models import SpaceProposal
from vigie.server.permissions import Asker, Permission

PAGE = 30
"""Proposals a page."""


def _seen(who: Asker, brand_id: int | None = None) -> QuerySet[SpaceProposal]:
    """Return the proposals that came of mentions which the asker may read; the others do not exist for them."""
    rows = SpaceProposal.objects.select_related("brand")
    brands = who.brands(Permission.SEE_MENTIONS)
    if brands is not None:
        rows = rows.filter(brand_id__in=brands)
    return rows if brand_id is None else rows.filter(brand_id=brand_id)


def one(proposal_id: int, *, who: Asker) -> SpaceProposal | None:
    """Return a proposal, if the asker may see it."""
    return _seen(who).filter(pk=proposal_id).first()


def page(
    *, who: Asker, brand_id: int | None, after: int | None = None, dismissed: bool = False, size: int = PAGE
) -> tuple[list[SpaceProposal], int | None]:
    """Return open (or dismissed) proposals after one, and the one that the next page follows."""
    state = ProposalState.DISMISSED if dismissed else ProposalState.OPEN
    rows = _seen(who, brand_id).filter(state=state.value, mentions__gt=0)
    last = _seen(who).filter(pk=after).first() if after is not None else None
    if last is not None:
        rows = rows.filter(Q(score__lt=last.score) | Q(score=last.score, pk__gt=last.pk))
    found = list(rows.order_by("-score", "pk")[: size + 1])
    return found[:size], found[size - 1].pk if len(found) > size else None
