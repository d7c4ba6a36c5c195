"""Who asks, and which watches they see: every read begins here."""

from django.db.models import Q, QuerySet

from vigie.schema.vocab import Ownership, Role
from vigie.server.models import Category, Dimension, Membership, Space, Watch
from vigie.server.permissions import Asker, Permission, asker_of


def asker(user_id: int) -> Asker:
    """Return who asks, from the memberships of a user."""
    rows = Membership.objects.filter(user_id=user_id, user__is_active=True).values_list("brand_id", "role")
    return asker_of(user_id, [(brand, Role(role)) for brand, role in rows])


def watch_ids(who: Asker, *, brand_id: int | None = None, with_closed: bool = True) -> tuple[int, ...]:
    """Return the watches whose mentions they may see, within one brand when asked; the others do not exist for them."""
    watches = Watch.objects.all()
    brands = who.brands(Permission.SEE_MENTIONS)
    if brands is not None:
        watches = watches.filter(brand_id__in=brands)
    if brand_id is not None:
        watches = watches.filter(brand_id=brand_id)
    if not with_closed:
        watches = watches.filter(closed_at=None)
    return tuple(watches.order_by("id").values_list("id", flat=True))


def dimensions(who: Asker) -> QuerySet[Dimension]:
    """Return the dimensions that they may see: those of all brands, and of theirs."""
    brands = who.brands(Permission.SEE_MENTIONS)
    return Dimension.objects.all() if brands is None else Dimension.objects.filter(Q(brand=None) | Q(brand__in=brands))


def category_dimensions(who: Asker) -> dict[str, int]:
    """Return the dimension of each open category that they may see, by the category's id as findings hold it."""
    rows = Category.objects.filter(closed_at=None, dimension__closed_at=None, dimension__in=dimensions(who))
    return {str(i): dimension for i, dimension in rows.values_list("pk", "dimension_id")}


def sees_all(who: Asker) -> bool:
    """Say whether they see the mentions of all brands, and so may read counts that do not tell brands apart."""
    return who.brands(Permission.SEE_MENTIONS) is None


def sees_counts_of(space: Space, who: Asker) -> bool:
    """Say whether they may read how many posts a space brought: in a brand's own space each post is its mention."""
    return space.ownership == Ownership.EXTERNAL or who.may(Permission.SEE_MENTIONS, brand_id=space.brand_id)
