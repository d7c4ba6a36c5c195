"""Accounts: added by address, one reading a company day, failures kept with the account, figures typed in, closed with undo."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from support.factories import make

from vigie.collect.source import Account, Response
from vigie.errors import DecisionError, FatalError, RetryableError, VigieError
from vigie.schema.vocab import Role
from vigie.server.models import AccountReading, Brand, TrackedAccount, Work
from vigie.server.permissions import COMMAND, Asker, asker_of
from vigie.server.queries import accounts as reading
from vigie.server.services import accounts
from vigie.server.services.accounts import AccountDraft
from vigie.server.worker.schedule import Schedule

from .conftest import NOW, House

ADDRESS = "https://piaf.example/@vaubrun"
TODAY = date(2026, 10, 30)


class Reader:
    """A source that knows one network's accounts."""

    kind, title = "piaf", "Piaf"

    def __init__(self) -> None:
        self.answer: Account | VigieError | None = Account(ADDRESS, "Vaubrun", "mastodon", 120, 12, 40)

    def account(self, url: str, *, fetch: object, now: datetime) -> Account | None:
        if isinstance(self.answer, VigieError):
            raise self.answer
        return self.answer if url.startswith("https://piaf.example/") else None


@pytest.fixture
def reader(monkeypatch: pytest.MonkeyPatch) -> Iterator[Reader]:
    one = Reader()
    monkeypatch.setattr(accounts, "sources", lambda: {"feed": object(), "piaf": one})
    monkeypatch.setattr(accounts, "source", lambda kind: {"piaf": one}[kind])
    monkeypatch.setattr(accounts, "in_order", list)
    yield one


Follow = Callable[..., TrackedAccount]


@pytest.fixture
def follow(house: House, reader: Reader) -> Follow:
    def act(address: str = ADDRESS, brand: int | None = None, asker: Asker = COMMAND) -> TrackedAccount:
        seen = accounts.look(address, asker=asker, now=NOW, fetch=lambda *a, **k: None)  # type: ignore[arg-type]
        return accounts.add(AccountDraft(address, brand or house.brand.pk, "", "other"), seen, asker=asker, now=NOW)

    return act


def read(account: TrackedAccount, at: datetime = NOW) -> TrackedAccount:
    accounts.read(account.pk, fetch=lambda *a, **k: None, clock=lambda: at)  # type: ignore[arg-type]
    account.refresh_from_db()
    return account


def figures(account: TrackedAccount) -> list[tuple[Any, ...]]:
    rows = AccountReading.objects.filter(account=account).order_by("day")
    return [(r.day, r.followers, r.following, r.posts) for r in rows]


def test_account_is_found_by_its_address_and_first_counted(follow: Follow) -> None:
    account = follow()
    assert (account.kind, account.name, account.network, account.address) == ("piaf", "Vaubrun", "mastodon", ADDRESS)
    assert figures(account) == [(TODAY, 120, 12, 40)]


def test_account_that_nobody_reads_is_kept_and_its_figures_typed_in(follow: Follow, house: House) -> None:
    account = follow("https://closed.example/vaubrun")
    assert (account.kind, account.next_read_at, account.network) == ("", None, "other") and figures(account) == []
    assert accounts.due(NOW + timedelta(days=9)) == []
    was = accounts.set_figure(account.pk, date(2026, 10, 1), {"followers": 9}, asker=COMMAND, now=NOW)
    assert was is None and figures(account) == [(date(2026, 10, 1), 9, None, None)]


def test_failure_of_one_source_does_not_hide_another_nor_itself(follow: Follow, reader: Reader) -> None:
    reader.answer = RetryableError("No answer.", code="net.timeout", facts={"host": "piaf.example"})
    seen = accounts.look(ADDRESS, asker=COMMAND, now=NOW, fetch=lambda *a, **k: None)  # type: ignore[arg-type]
    assert seen.account is None and seen.failure is not None and seen.failure.code == "net.timeout"


@pytest.mark.parametrize("code", ["net.timeout", "net.private"])
def test_account_that_could_not_be_asked_is_looked_up_again_by_the_daily_reading(
    follow: Follow, reader: Reader, code: str
) -> None:
    kind = FatalError if code == "net.private" else RetryableError
    reader.answer = kind("No answer.", code=code, facts={"host": "piaf.example"})
    account = follow()
    assert (account.kind, account.code, account.failures) == ("", code, 1) and account.next_read_at is not None
    assert accounts.due(account.next_read_at) == [account.pk] and accounts.due(NOW) == []
    read(account, account.next_read_at)
    assert (account.kind, account.failures) == ("", 2)
    reader.answer = Account(ADDRESS, "Vaubrun", "mastodon", 120, 12, 40)
    read(account, NOW + timedelta(days=1))
    assert (account.kind, account.code, account.name, account.network) == ("piaf", "", "Vaubrun", "mastodon")
    assert figures(account) == [(date(2026, 10, 31), 120, 12, 40)] and account.next_read_at > NOW + timedelta(days=1)


def test_account_that_nobody_knows_once_it_answers_is_typed_in_from_then_on(follow: Follow, reader: Reader) -> None:
    reader.answer = RetryableError("No answer.", code="net.timeout", facts={"host": "piaf.example"})
    account = follow()
    reader.answer = None
    read(account, NOW + timedelta(days=1))
    assert (account.kind, account.code, account.next_read_at) == ("", "", None)
    reader.answer = FatalError("Gone.", code="net.gone", facts={"host": "piaf.example", "status": 410})
    other = follow("https://piaf.example/@autre")
    assert (other.code, other.next_read_at) == ("", None), "what answers that there is nothing is typed in at once"


def test_account_without_scheme_is_asked_by_http_where_https_does_not_answer(
    house: House, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    def account(url: str, *, fetch: object, now: datetime) -> Account | None:
        if url.startswith("https://"):
            raise RetryableError("No answer.", code="net.unreachable", facts={"host": "piaf.example"})
        return Account(url, "Vaubrun", "mastodon", 1)

    monkeypatch.setattr(reader, "account", account)
    found = [
        accounts.look(typed, asker=COMMAND, now=NOW, fetch=lambda *a, **k: None).account  # type: ignore[arg-type]
        for typed in ("piaf.example/@v", ADDRESS)
    ]
    assert found == [Account("http://piaf.example/@v", "Vaubrun", "mastodon", 1), None]


def test_later_reading_of_a_day_replaces_it_and_absence_is_no_zero(follow: Follow, reader: Reader) -> None:
    account = follow()
    reader.answer = Account(ADDRESS, "Vaubrun", "mastodon", followers=130)
    read(account, NOW + timedelta(hours=3))
    assert figures(account) == [(TODAY, 130, 12, 40)]
    read(account, NOW + timedelta(days=1))
    assert figures(account)[1] == (date(2026, 10, 31), 130, None, None)


def test_day_of_a_reading_is_the_companys(follow: Follow) -> None:
    account = follow()
    read(account, datetime(2026, 10, 30, 23, 30, tzinfo=UTC))  # half past midnight in Paris
    assert [row[0] for row in figures(account)] == [TODAY, date(2026, 10, 31)]


@pytest.mark.parametrize("hour", [0, 5, 11, 22])
def test_next_reading_is_of_the_next_company_day_whatever_the_hour(hour: int) -> None:
    at = datetime(2026, 10, 30, hour, 30, tzinfo=UTC)
    drawn = {accounts.next_reading(at) for _ in range(20)}
    assert len(drawn) == 20
    assert {accounts.company_day(one) - accounts.company_day(at) for one in drawn} == {timedelta(days=1)}


def test_failures_are_kept_with_the_account_and_tried_again_sooner(follow: Follow, reader: Reader) -> None:
    account = follow()
    reader.answer = RetryableError("No answer.", code="net.timeout", facts={"host": "piaf.example"})
    read(account)
    assert (account.failures, account.code, account.facts["host"]) == (1, "net.timeout", "piaf.example")
    assert account.next_read_at == NOW + timedelta(hours=1)
    read(account)
    assert (account.failures, account.next_read_at) == (2, NOW + timedelta(hours=2))
    reader.answer = Account(ADDRESS, "Vaubrun", "mastodon", followers=1)
    read(account)
    assert (account.failures, account.code) == (0, "") and figures(account) == [(TODAY, 1, 12, 40)]


@pytest.mark.parametrize(
    ("answer", "code"),
    [(None, "account.none"), (FatalError("Gone.", code="net.gone", facts={"host": "piaf.example"}), "net.gone")],
)
def test_what_does_not_pass_by_itself_waits_for_the_next_day(
    answer: VigieError | None, code: str, follow: Follow, reader: Reader
) -> None:
    account = follow()
    reader.answer = answer
    read(account)
    assert account.code == code and account.next_read_at is not None
    assert accounts.company_day(account.next_read_at) == TODAY + timedelta(days=1)


def test_patience_that_is_asked_for_is_had(follow: Follow, reader: Reader) -> None:
    account = follow()
    reader.answer = RetryableError("Later.", code="net.too_many", retry_after=90_000)
    assert read(account).next_read_at == NOW + timedelta(seconds=90_000)


def test_due_accounts_become_work_once_and_the_worker_reads_them(
    follow: Follow, reader: Reader, run_work: Callable[[], int]
) -> None:
    run_work()
    one = follow()
    schedule = Schedule(clock=lambda: NOW + timedelta(days=1), monotonic=iter(range(0, 100, 10)).__next__)
    schedule.tick()
    schedule.tick()
    assert Work.objects.filter(key=f"account:{one.pk}", state="waiting").count() == 1
    reader.answer = Account(ADDRESS, "Vaubrun", "mastodon", followers=131)
    run_work()
    assert figures(one) == [(TODAY, 131, 12, 40)]
    assert Work.objects.get(key=f"account:{one.pk}").code == "account.read"


def test_failed_account_fails_no_work(follow: Follow, reader: Reader, run_work: Callable[[], int]) -> None:
    account = follow()
    reader.answer = FatalError("Gone.", code="net.gone", facts={"host": "piaf.example", "status": 410})
    accounts.read_due(account.pk)
    run_work()
    row = Work.objects.get(key=f"account:{account.pk}")
    assert (row.state, row.code) == ("done", "net.gone")


def test_typed_figure_replaces_and_is_taken_back(follow: Follow) -> None:
    account = follow()
    was = accounts.set_figure(account.pk, TODAY, {"followers": 5}, asker=COMMAND, now=NOW)
    assert was == {"followers": 120, "following": 12, "posts": 40} and figures(account) == [(TODAY, 5, None, None)]
    accounts.set_figure(account.pk, TODAY, was, asker=COMMAND, now=NOW)
    assert figures(account) == [(TODAY, 120, 12, 40)]
    accounts.set_figure(account.pk, TODAY, None, asker=COMMAND, now=NOW)
    assert figures(account) == []


@pytest.mark.parametrize(
    ("day", "counts", "code"),
    [
        (TODAY + timedelta(days=1), {"followers": 1}, "account.future"),
        (TODAY, {}, "account.no_figure"),
        (TODAY, {"followers": None}, "account.no_figure"),
    ],
)
def test_figure_of_tomorrow_or_of_nothing_is_refused(
    day: date, counts: dict[str, int | None], code: str, follow: Follow
) -> None:
    account = follow()
    with pytest.raises(DecisionError) as refused:
        accounts.set_figure(account.pk, day, counts, asker=COMMAND, now=NOW)
    assert refused.value.code == code


def test_account_is_followed_once_and_again_when_closed(follow: Follow) -> None:
    account = follow()
    with pytest.raises(DecisionError, match="already"):
        follow()
    accounts.close(account.pk, asker=COMMAND, now=NOW)
    assert accounts.due(NOW + timedelta(days=9)) == [] and figures(account)
    again = follow()
    with pytest.raises(DecisionError, match="already"):
        accounts.reopen(account.pk, asker=COMMAND, now=NOW)
    accounts.close(again.pk, asker=COMMAND, now=NOW)
    accounts.reopen(account.pk, asker=COMMAND, now=NOW)
    assert accounts.due(NOW) == [account.pk]


def test_account_of_a_brand_is_its_editors_and_a_competitors_is_everybodys(follow: Follow, house: House) -> None:
    of_other = asker_of(5, [(house.other.pk, Role.COMMUNITY_MANAGER)])
    with pytest.raises(DecisionError, match="role"):
        follow(asker=of_other)
    theirs = follow("https://piaf.example/@kalmedis", brand=house.rival.pk, asker=of_other)
    accounts.close(theirs.pk, asker=of_other, now=NOW)
    reader = asker_of(6, [(house.brand.pk, Role.READER)])
    for act in (accounts.reopen, accounts.close):
        with pytest.raises(DecisionError, match="role"):
            act(theirs.pk, asker=reader, now=NOW)


def test_list_has_last_counts_and_their_change_and_no_account_of_another_brand(follow: Follow, house: House) -> None:
    ours = follow()
    theirs = follow("https://closed.example/k", brand=house.rival.pk)
    for day, n in ((date(2026, 9, 1), 90), (date(2026, 10, 3), 100), (date(2026, 10, 9), 80)):
        accounts.set_figure(ours.pk, day, {"followers": n}, asker=COMMAND, now=NOW)
    accounts.set_figure(theirs.pk, date(2026, 9, 1), {"followers": 7}, asker=COMMAND, now=NOW)
    accounts.set_figure(theirs.pk, date(2026, 10, 2), {"posts": 3}, asker=COMMAND, now=NOW)
    rows, more = reading.listed(date(2026, 10, 1), TODAY, who=COMMAND)
    assert more is None and [row.account.pk for row in rows] == [ours.pk, theirs.pk]
    assert rows[0].last == reading.Point(TODAY, 120) and rows[0].change == 20 and rows[0].line == [100, 80, 120]
    assert rows[1].last == reading.Point(date(2026, 9, 1), 7) and rows[1].change is None and rows[1].line == []
    outsider = asker_of(5, [(house.other.pk, Role.READER)])
    seen, _ = reading.listed(date(2026, 10, 1), TODAY, who=outsider)
    assert [row.account.pk for row in seen] == [theirs.pk]


@pytest.mark.django_db
def test_account_of_a_real_kind_of_network_is_read_by_its_source() -> None:
    """No stand-in: the address is asked of every installed source, and Mastodon's knows it."""
    told = {
        "id": "7", "username": "nina", "acct": "nina", "display_name": "Nina", "url": "https://piaf.example/@nina",
        "followers_count": 120, "following_count": 7, "statuses_count": 33,
    }  # fmt: skip

    class Piaf:
        def __call__(self, url, *, headers=None, body=None):  # type: ignore[no-untyped-def]
            if "/api/v1/accounts/lookup" in url:
                return Response(url, 200, {"content-type": "application/json"}, json.dumps(told).encode())
            raise FatalError("Nothing here.", code="net.gone", facts={"host": "piaf.example", "status": 404})

    seen = accounts.look("https://piaf.example/@nina", asker=COMMAND, now=NOW, fetch=Piaf())  # type: ignore[arg-type]
    assert seen.kind == "mastodon" and seen.account is not None
    brand = make(Brand, is_ours=True)
    draft = accounts.AccountDraft(seen.account.address, brand.pk, seen.account.name, seen.account.network)
    row = accounts.add(draft, seen, asker=COMMAND, now=NOW)
    told["followers_count"] = 125
    accounts.read(row.pk, fetch=Piaf(), clock=lambda: NOW + timedelta(days=1))  # type: ignore[arg-type]
    readings = AccountReading.objects.filter(account=row).order_by("day").values_list("followers", "following", "posts")
    assert list(readings) == [(120, 7, 33), (125, 7, 33)]
