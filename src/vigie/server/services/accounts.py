"""Accounts on networks, ours and competitors': added by address, read every day, closed with a way back."""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction

from vigie.collect.discovery import ABSENT, PLAIN, Remembered, in_order, is_bare, with_scheme
from vigie.collect.registry import source, sources
from vigie.collect.source import Account, AccountReader, Fetch
from vigie.errors import DecisionError, FatalError, RetryableError, VigieError
from vigie.server.models import AccountReading, Brand, TrackedAccount
from vigie.server.permissions import WORKER, Asker, Permission
from vigie.server.services import audit, work
from vigie.server.services.network import client
from vigie.server.services.work import Outcome, told

COUNTS = ("followers", "following", "posts")
"""What is counted of an account."""

READ_FROM, SPREAD_S = time(1), 5 * 3_600
"""When a day's reading begins, in the company's time zone, and the seconds over which accounts are spread: early, so that
the morning's page has the day, and not all at once, because many lie on the same few hosts."""

FIRST_RETRY_S = 3_600
"""Seconds after a first failure; doubled at each further one, up to the next day's reading."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What the sources say of an address: who reads it and what it counts now, or why nobody could."""

    kind: str = ""
    account: Account | None = None
    failure: VigieError | None = None

    @property
    def is_put_off(self) -> bool:
        """Say whether nobody could ask now, so that it is worth looking again."""
        passes = isinstance(self.failure, RetryableError) or (self.failure and self.failure.code == "net.private")
        return self.account is None and bool(passes)


@dataclass(frozen=True, slots=True)
class AccountDraft:
    """What somebody says of an account to follow."""

    address: str
    brand_id: int
    name: str
    network: str


Counts = Mapping[str, int | None]
"""Counts by their name in `COUNTS`; absent and `None` mean that nobody said."""


def look(address: str, *, asker: Asker, now: datetime, fetch: Fetch | None = None) -> Seen:
    """Ask every installed source that knows accounts for the one at an address.

    One that was typed without its scheme is asked by https, and by http only where nobody answers by https.

    Raises:
        DecisionError: the role does not allow it.
    """
    asker.require(Permission.EDIT_SPACES)
    seen = _looked(with_scheme(address), fetch or client(), now)
    if not is_bare(address) or seen.failure is None or seen.failure.code not in ABSENT:
        return seen
    plain = _looked(f"{PLAIN}{address}", fetch or client(), now)
    return plain if plain.account is not None else seen


def _looked(address: str, fetch: Fetch, now: datetime) -> Seen:
    network, failure = Remembered(fetch), None
    for one in in_order(sources().values()):
        if not isinstance(one, AccountReader):
            continue
        try:
            found = one.account(address, fetch=network, now=now)
        except VigieError as error:
            failure = error
            continue
        if found is not None:
            return Seen(one.kind, found)
    return Seen(failure=failure)


def scope_of(brand: Brand) -> int | None:
    """Return the brand in which one must be allowed to edit: a competitor's account belongs to all of ours."""
    return brand.pk if brand.is_ours else None


@transaction.atomic
def add(draft: AccountDraft, seen: Seen, *, asker: Asker, now: datetime) -> TrackedAccount:
    """Follow an account; what was just seen of it is its first reading, and what nobody could ask is looked up again.

    Raises:
        DecisionError: the role does not allow it, or the account is followed already.
    """
    brand = Brand.objects.get(pk=draft.brand_id)
    asker.require(Permission.EDIT_SPACES, brand_id=scope_of(brand))
    found = seen.account
    address = found.address if found else draft.address
    _check_free(address)
    account = TrackedAccount.objects.create(
        brand=brand, kind=seen.kind, network=found.network if found else draft.network, address=address,
        name=(draft.name.strip() or (found.name if found else ""))[:200] or address[:200], created_at=now,
        next_read_at=next_reading(now) if seen.kind else None,
    )  # fmt: skip
    if seen.failure is not None and seen.is_put_off:
        _put_off(account, seen.failure, now)
    after = {"brand": brand.pk, "network": account.network, "read": bool(seen.kind)}
    audit.write(asker, "account.add", f"account:{account.pk}", now=now, after=after, brand_id=scope_of(brand))
    if found is not None:
        _keep(account, counts_of(found), now)
    return account


def _check_free(address: str, *, besides: int | None = None) -> None:
    if TrackedAccount.objects.filter(address=address, closed_at=None).exclude(pk=besides).exists():
        raise DecisionError("This account is followed already.", code="account.taken")


def counts_of(account: Account) -> dict[str, int | None]:
    """Return what a source said of an account by the names of `COUNTS`."""
    return {name: getattr(account, name) for name in COUNTS}


def company_day(now: datetime) -> date:
    """Return the company's day of an instant."""
    return now.astimezone(settings.VIGIE.time_zone).date()


def next_reading(now: datetime) -> datetime:
    """Return a moment of the next company day, drawn anew each time: one reading a day, whatever the hour of the last."""
    begin = datetime.combine(company_day(now) + timedelta(days=1), READ_FROM, settings.VIGIE.time_zone)
    return begin + timedelta(seconds=random.random() * SPREAD_S)  # noqa: S311 -- no secret


def due(now: datetime) -> list[int]:
    """Return the open accounts whose next reading is due, or that nobody could ask before."""
    rows = TrackedAccount.objects.filter(closed_at=None, next_read_at__lte=now)
    return list(rows.values_list("pk", flat=True))


def read_due(account_id: int) -> int:
    """Have an account read; return the work's id."""
    return work.enqueue("account", f"account:{account_id}", {"account": account_id})


def read(account_id: int, *, fetch: Fetch, clock: Callable[[], datetime]) -> Outcome:
    """Read the counts of an account; a failure is kept with it and tried again, it stops no other account."""
    account = TrackedAccount.objects.get(pk=account_id)
    if account.closed_at is not None or not (account.kind or account.code):
        return Outcome()
    try:
        found = _found(account, fetch, clock()) if account.kind else _met(account, fetch, clock())
    except VigieError as error:
        _failed(account, error, clock())
        return Outcome(error.code, told(error))
    if found is None:
        return Outcome()
    _read(account, found, clock())
    return Outcome("account.read")


def _met(account: TrackedAccount, fetch: Fetch, now: datetime) -> Account | None:
    """Look up again an account that nobody could ask when it was added; `None` when no source knows it after all.

    Raises:
        VigieError: it can't be asked now either.
    """
    seen = _looked(account.address, fetch, now)
    if seen.failure is not None and seen.is_put_off:
        raise seen.failure
    _settle(account, seen, now)
    return seen.account


@transaction.atomic
def _settle(account: TrackedAccount, seen: Seen, now: datetime) -> None:
    """Keep who reads an account from now on; figures of one that nobody knows are typed in."""
    found, address = seen.account, account.address
    if found is not None:
        _check_free(found.address, besides=account.pk)
        account.kind, account.network, account.address = seen.kind, found.network, found.address
        account.name = found.name[:200] if found.name and account.name == address[:200] else account.name
    account.code, account.facts, account.failures, account.next_read_at = "", {}, 0, None
    account.save(
        update_fields=["kind", "network", "address", "name", "code", "facts", "failures", "next_read_at"]
    )  # fmt: skip
    after = {"kind": account.kind, "network": account.network}
    audit.write(
        WORKER, "account.met", f"account:{account.pk}", now=now, after=after, brand_id=scope_of(account.brand)
    )  # fmt: skip


def _found(account: TrackedAccount, fetch: Fetch, now: datetime) -> Account:
    reader = source(account.kind)
    found = reader.account(account.address, fetch=fetch, now=now) if isinstance(reader, AccountReader) else None
    if found is None:
        raise FatalError("There is no account at this address any more.", code="account.none")
    return found


@transaction.atomic
def _read(account: TrackedAccount, found: Account, now: datetime) -> None:
    TrackedAccount.objects.filter(pk=account.pk).update(
        failures=0, code="", facts={}, next_read_at=next_reading(now)
    )  # fmt: skip
    kept = _keep(account, counts_of(found), now)
    audit.write(
        WORKER, "account.read", f"account:{account.pk}", now=now, after=_numbers(kept), brand_id=scope_of(account.brand)
    )


def _keep(account: TrackedAccount, counts: Counts, now: datetime) -> AccountReading:
    """Keep a reading of the day: what is said replaces the day's earlier figure, what is not said leaves it."""
    row = AccountReading.objects.filter(account=account, day=company_day(now)).first()
    row = row or AccountReading(account=account, day=company_day(now))
    row.at = now
    for name in COUNTS:
        setattr(row, name, getattr(row, name) if counts.get(name) is None else counts[name])
    row.save()
    return row


def _numbers(row: AccountReading | None) -> dict[str, Any] | None:
    return {"day": row.day.isoformat(), **{name: getattr(row, name) for name in COUNTS}} if row else None


@transaction.atomic
def _failed(account: TrackedAccount, error: VigieError, now: datetime) -> None:
    failures = _put_off(account, error, now)
    after = {"code": error.code, "failures": failures}
    audit.write(
        WORKER, "account.read_failed", f"account:{account.pk}", now=now, after=after, brand_id=scope_of(account.brand)
    )


def _put_off(account: TrackedAccount, error: VigieError, now: datetime) -> int:
    """Keep why an account could not be read, and when it is tried again; return how many failures that makes."""
    failures = account.failures + 1
    TrackedAccount.objects.filter(pk=account.pk).update(
        failures=failures, code=error.code, facts=told(error), next_read_at=_retry(failures, error, now)
    )
    account.refresh_from_db()
    return failures


def _retry(failures: int, error: VigieError, now: datetime) -> datetime:
    """Return when to try again: sooner than the next day's reading when the other side may only be away."""
    daily = next_reading(now)
    if not isinstance(error, RetryableError):
        return daily
    wait = FIRST_RETRY_S * 2 ** min(failures - 1, 16)
    if error.retry_after:
        return now + timedelta(seconds=max(wait, int(error.retry_after)))
    return min(daily, now + timedelta(seconds=wait))


@transaction.atomic
def set_figure(account_id: int, day: date, counts: Counts | None, *, asker: Asker, now: datetime) -> Counts | None:
    """Type in the counts of a day in place of what stands there; `None` takes the day away. Return what stood there.

    Raises:
        DecisionError: the role does not allow it, the day is to come, or nothing is counted.
    """
    account = _edited(account_id, asker)
    if day > company_day(now):
        raise DecisionError("This day is still to come.", code="account.future")
    if counts is not None and all(counts.get(name) is None for name in COUNTS):
        raise DecisionError("Give at least one figure.", code="account.no_figure")
    before = AccountReading.objects.filter(account=account, day=day).first()
    was = _numbers(before)
    after = None
    if counts is None:
        AccountReading.objects.filter(account=account, day=day).delete()
    else:
        values: dict[str, Any] = {"at": now, **{name: counts.get(name) for name in COUNTS}}
        after, _ = AccountReading.objects.update_or_create(account=account, day=day, defaults=values)
    audit.write(
        asker, "account.figure", f"account:{account_id}", now=now, before=was, after=_numbers(after),
        brand_id=scope_of(account.brand),
    )  # fmt: skip
    return {name: was[name] for name in COUNTS} if was else None


def _edited(account_id: int, asker: Asker) -> TrackedAccount:
    account = TrackedAccount.objects.select_for_update(of=("self",)).select_related("brand").get(pk=account_id)
    asker.require(Permission.EDIT_SPACES, brand_id=scope_of(account.brand))
    return account


@transaction.atomic
def close(account_id: int, *, asker: Asker, now: datetime) -> None:
    """Follow an account no more; its series stays.

    Raises:
        DecisionError: the role does not allow it.
    """
    account = _edited(account_id, asker)
    TrackedAccount.objects.filter(pk=account_id, closed_at=None).update(closed_at=now, next_read_at=None)
    audit.write(
        asker, "account.close", f"account:{account_id}", now=now, before={"closed": account.closed_at is not None},
        after={"closed": True}, brand_id=scope_of(account.brand),
    )  # fmt: skip


@transaction.atomic
def reopen(account_id: int, *, asker: Asker, now: datetime) -> None:
    """Follow a closed account again: the undo of `close`.

    Raises:
        DecisionError: the role does not allow it, or the address was followed anew meanwhile.
    """
    account = _edited(account_id, asker)
    if account.closed_at is not None:
        _check_free(account.address)
    TrackedAccount.objects.filter(pk=account_id).update(
        closed_at=None, next_read_at=now if account.kind in sources() or account.code else None
    )
    audit.write(
        asker, "account.reopen", f"account:{account_id}", now=now, before={"closed": account.closed_at is not None},
        after={"closed": False}, brand_id=scope_of(account.brand),
    )  # fmt: skip
