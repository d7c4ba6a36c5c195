"""Accounts with their followers over a window; a fixed number of statements whatever their number."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import BooleanField, ExpressionWrapper, Max, Q, QuerySet
from django.db.models.functions import Lower

from vigie.server.models import AccountReading, TrackedAccount
from vigie.server.permissions import Asker, Permission
from vigie.server.queries import paging

LONGEST_DAYS = 366
"""Days of a series at most: a year, with the day a year before."""


@dataclass(frozen=True, slots=True)
class Point:
    """A count and its day."""

    day: date
    n: int


@dataclass(frozen=True, slots=True)
class AccountRow:
    """An account with what was counted of it."""

    account: TrackedAccount
    last: Point | None
    """The last count of followers, of whatever day until the window's end."""
    followers: dict[date, int]
    """Of the window; days without a count are absent."""

    @property
    def change(self) -> int | None:
        """Return how followers changed from the first to the last count in the window; `None` with fewer than two."""
        days = sorted(self.followers)
        return self.followers[days[-1]] - self.followers[days[0]] if len(days) > 1 else None

    @property
    def span(self) -> tuple[date, date] | None:
        """Return the first and last day counted in the window."""
        return (min(self.followers), max(self.followers)) if self.followers else None

    @property
    def line(self) -> list[int]:
        """Return the counts in the order of their days."""
        return [self.followers[day] for day in sorted(self.followers)]


def visible(who: Asker) -> QuerySet[TrackedAccount]:
    """Return the accounts they may see: those of their brands, and competitors', which belong to all."""
    brands = who.brands(Permission.SEE_SPACES)
    rows = TrackedAccount.objects.select_related("brand")
    return rows if brands is None else rows.filter(Q(brand_id__in=brands) | Q(brand__is_ours=False))


def listed(
    first: date, last: date, *, who: Asker, brand_id: int | None = None, after: int | None = None
) -> tuple[list[AccountRow], int | None]:
    """Return a page of accounts, open ones first, ours before competitors', by name; and where the next goes on."""
    rows = visible(who)
    if brand_id is not None:
        rows = rows.filter(Q(brand_id=brand_id) | Q(brand__is_ours=False))
    rows = rows.annotate(
        closed=ExpressionWrapper(Q(closed_at__isnull=False), BooleanField()),
        theirs=ExpressionWrapper(Q(brand__is_ours=False), BooleanField()),
        folded=Lower("name"),
    )
    page = paging.page(rows, ("closed", "theirs", "folded"), after=after)
    ids = [account.pk for account in page.rows]
    counted, lasts = _followers(ids, first, last), _lasts(ids, last)
    return [AccountRow(a, lasts.get(a.pk), counted.get(a.pk, {})) for a in page.rows], page.more_after


def row_of(account: TrackedAccount, first: date, last: date) -> AccountRow:
    """Return one account as the list shows it."""
    ids = [account.pk]
    return AccountRow(account, _lasts(ids, last).get(account.pk), _followers(ids, first, last).get(account.pk, {}))


def _counted(ids: Sequence[int], last: date) -> QuerySet[AccountReading]:
    return AccountReading.objects.filter(account_id__in=ids, day__lte=last, followers__isnull=False)


def _followers(ids: Sequence[int], first: date, last: date) -> dict[int, dict[date, int]]:
    found: dict[int, dict[date, int]] = {}
    rows = _counted(ids, last).filter(day__gte=first).order_by("day")
    for account_id, day, n in rows.values_list("account_id", "day", "followers"):
        found.setdefault(account_id, {})[day] = n or 0
    return found


def _lasts(ids: Sequence[int], last: date) -> dict[int, Point]:
    """Return the last count of each account; it may be older than the window."""
    days = dict(_counted(ids, last).values_list("account_id").annotate(day=Max("day")).order_by())
    rows = AccountReading.objects.filter(account_id__in=ids, day__in=set(days.values())).values_list(
        "account_id", "day", "followers"
    )
    return {i: Point(day, n) for i, day, n in rows if days.get(i) == day and n is not None}


def readings(account: TrackedAccount, first: date, last: date) -> list[AccountReading]:
    """Return the readings of a window, newest first."""
    rows = AccountReading.objects.filter(account=account, day__range=(first, last))
    return list(rows.order_by("-day")[:LONGEST_DAYS])
