"""Pages of accounts and of the register of names: what they show, refuse, give back, export; statements that do not grow."""

import html
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import quote

import altair as alt
import pytest
from django.core import signing
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import translation
from django.utils.timezone import localdate

from vigie.collect.source import Account
from vigie.errors import RetryableError, VigieError
from vigie.schema.vocab import Role
from vigie.server.models import AccountReading, Brand, Membership, NameEntry, Space, TrackedAccount, User
from vigie.server.permissions import COMMAND
from vigie.server.services import accounts, names, people
from vigie.server.services.accounts import AccountDraft, Seen
from vigie.server.services.names import NameDraft, Standing
from vigie.web import charts, lines

pytestmark = pytest.mark.usefixtures("quick_passwords")

NOW = datetime.now(UTC)
TODAY = localdate(NOW)


class Reader:
    """A source that knows one network's accounts."""

    kind, title = "piaf", "Piaf"
    answer: Account | VigieError | None = Account("https://piaf.example/@v", "Vaubrun", "mastodon", 1_234, 12, 40)

    def account(self, url: str, *, fetch: object, now: datetime) -> Account | None:
        if isinstance(self.answer, VigieError):
            raise self.answer
        return self.answer if url.startswith("https://piaf.example/") else None


@pytest.fixture
def reader(monkeypatch: pytest.MonkeyPatch) -> Reader:
    one = Reader()
    monkeypatch.setattr(accounts, "sources", lambda: {"piaf": one})
    monkeypatch.setattr(accounts, "in_order", list)
    return one


@pytest.fixture
def brand(db: None) -> Brand:
    return people.add_brand("Vaubrun", is_ours=True, asker=COMMAND, now=NOW)


@pytest.fixture
def chief(client: Client, brand: Brand) -> Iterator[Client]:
    user = User.objects.create_user("chef@example.org", "x", name="Chef", language="en")
    Membership.objects.create(user=user, role=Role.ADMINISTRATOR)
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    yield client


def follow(brand: Brand, n: int = 0, kind: str = "") -> TrackedAccount:
    draft = AccountDraft(f"https://piaf.example/@v{n}", brand.pk, f"Compte {n}", "mastodon")
    made = accounts.add(draft, Seen(kind), asker=COMMAND, now=NOW)
    for back in range(3):
        day = TODAY - timedelta(days=2 * back)
        accounts.set_figure(made.pk, day, {"followers": 1_000 - back * 10}, asker=COMMAND, now=NOW)
    return made


def enter(brand: Brand, n: int = 0, **values: Any) -> NameEntry:
    made = names.add(NameDraft("domain", f"serelium-{n}.example", f"Nom {n}", brand.pk), asker=COMMAND, now=NOW)
    NameEntry.objects.filter(pk=made.pk).update(**values)
    return NameEntry.objects.get(pk=made.pk)


def text(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return html.unescape(answer.content.decode())


def undo(client: Client, page: str) -> str:
    """Press the way back that a page offers."""
    address = html.unescape(
        re.search(r'<form method="post" action="([^"]+)"[^>]*>(?:(?!</form>).)*>Undo<', page, re.DOTALL).group(1)
    )  # type: ignore[union-attr]
    return html.unescape(client.post(address, follow=True).content.decode())


# Accounts


def test_empty_pages_teach(chief: Client) -> None:
    assert "No account yet" in text(chief, "/accounts/") and "Add an account" in text(chief, "/accounts/")
    assert "No name yet" in text(chief, "/names/") and "Enter a name" in text(chief, "/names/")


def test_account_is_looked_at_then_followed_then_undone(chief: Client, brand: Brand, reader: Reader) -> None:
    first = chief.post("/accounts/add/", {"address": "piaf.example/@v"}).content.decode()
    assert "1,234 followers now" in first and 'value="Vaubrun"' in first and "network" not in first.split("<form")[-1]
    values = {"address": "piaf.example/@v", "name": "Nous", "brand": brand.pk}
    page = html.unescape(chief.post("/accounts/add/", values, follow=True).content.decode())
    assert "“Nous” is followed." in page and "1,234" in page
    undo(chief, page)
    assert TrackedAccount.objects.get().closed_at is not None and AccountReading.objects.count() == 1


def test_account_that_nobody_reads_is_kept_and_the_reason_said(chief: Client, brand: Brand, reader: Reader) -> None:
    first = chief.post("/accounts/add/", {"address": "https://closed.example/v"}).content.decode()
    assert "No installed source reads this address" in first and 'name="network"' in first
    reader.answer = RetryableError("x", code="net.timeout", facts={"host": "piaf.example"})
    failed = chief.post("/accounts/add/", {"address": "https://piaf.example/@v"}).content.decode()
    assert "piaf.example does not answer in time." in failed and "looked up again by itself" in failed
    values = {"address": "https://closed.example/v", "name": "V", "brand": brand.pk, "network": "facebook"}
    waiting = html.unescape(
        chief.post("/accounts/add/", {**values, "address": "https://a.example"}, follow=True).content.decode()
    )
    assert "nobody could ask it" in waiting and "looked up again on" in waiting
    reader.answer = None
    assert "typed in" in chief.post("/accounts/add/", values, follow=True).content.decode()
    assert TrackedAccount.objects.get(next_read_at=None).network == "facebook"


@pytest.mark.parametrize("address", ["javascript:alert(1)", "ftp://a.example/", "deux mots", ""])
def test_address_that_is_no_page_is_refused(address: str, chief: Client, reader: Reader) -> None:
    page = chief.post("/accounts/add/", {"address": address}).content.decode()
    assert 'aria-invalid="true"' in page and not TrackedAccount.objects.exists()


def test_list_shows_last_count_change_chart_and_failures(chief: Client, brand: Brand) -> None:
    made = follow(brand)
    TrackedAccount.objects.filter(pk=made.pk).update(
        kind="feed", code="net.gone", facts={"host": "piaf.example", "status": 410}
    )
    page = text(chief, "/accounts/")
    assert ">1,000<" in page and ">+20<" in page and "Followers by day" in page and 'class="spark' in page
    assert "piaf.example says that there is nothing at this address any more (410)." in page
    assert "It could not be read" in text(chief, f"/accounts/{made.pk}/")


def test_chart_of_lines_is_valid_breaks_where_nothing_was_counted_and_has_its_table() -> None:
    days = [date(2026, 10, 1) + timedelta(days=n) for n in range(5)]
    line = lines.Line("A", "series-1", {days[0]: 10, days[3]: 12}, "/accounts/1/")
    with translation.override("en"):
        chart = lines.by_day("f", "Followers", [line], charts.Days(days=days), unit="followers", note="n")
    assert alt.Chart.from_dict({k: v for k, v in chart.spec.items() if k != "$schema"}).to_dict()
    assert [row["n"] for row in chart.spec["data"]["values"]] == [10, None, None, 12, None]
    assert [[cell.text for cell in row] for row in chart.rows] == [["Oct 4, 2026", "12"], ["Oct 1, 2026", "10"]]
    assert chart.unit == "followers" and not chart.legend


def test_figure_is_typed_in_and_taken_back_as_it_was(chief: Client, brand: Brand) -> None:
    made = follow(brand)
    address = f"/accounts/{made.pk}/"
    page = html.unescape(chief.post(address, {"day": TODAY.isoformat(), "posts": "7"}, follow=True).content.decode())
    row = AccountReading.objects.get(account=made, day=TODAY)
    assert (row.followers, row.posts) == (None, 7)
    undo(chief, page)
    row.refresh_from_db()
    assert (row.followers, row.posts) == (1_000, None)
    old = (TODAY - timedelta(days=20)).isoformat()
    page = html.unescape(chief.post(address, {"day": old, "followers": "7"}, follow=True).content.decode())
    undo(chief, page)
    assert not AccountReading.objects.filter(day=old).exists()


@pytest.mark.parametrize(
    "values",
    [{"day": "2199-01-01", "followers": "1"}, {"day": "hier", "followers": "1"}, {"day": "2026-10-01"}, {"day": "2026-10-01", "followers": "-1"}],
)  # fmt: skip
def test_figure_that_can_not_be_is_refused_beside_its_field(
    values: dict[str, str], chief: Client, brand: Brand
) -> None:
    made = follow(brand)
    page = chief.post(f"/accounts/{made.pk}/", values).content.decode()
    assert 'role="alert"' in page or 'aria-invalid="true"' in page
    assert AccountReading.objects.count() == 3


def test_readings_as_csv(chief: Client, brand: Brand) -> None:
    made = follow(brand)
    answer = chief.get(f"/accounts/{made.pk}/?format=csv")
    rows = answer.content.decode().splitlines()
    assert rows[0] == "day,read_at,followers,following,posts" and rows[1].startswith(TODAY.isoformat())
    assert rows[1].endswith(",1000,,") and len(rows) == 4


# Names


def test_name_is_entered_decided_and_taken_back(chief: Client, brand: Brand) -> None:
    values = {
        "kind": "domain",
        "address": "https://serelium-avis.example/x",
        "name": "Avis",
        "brand": brand.pk,
        "note": "",
    }
    page = text_of(chief.post("/names/add/", values, follow=True))
    entry = NameEntry.objects.get()
    assert "“Avis” is in the register." in page and entry.address == "serelium-avis.example"
    page = text_of(chief.post(f"/names/{entry.pk}/", {"answer": "ours", "holder": "Com"}, follow=True))
    assert "The decision on “Avis” is kept." in page
    undo(chief, page)
    entry.refresh_from_db()
    assert names.standing_of(entry) == Standing()


def text_of(answer: Any) -> str:
    return html.unescape(answer.content.decode())


def test_decision_without_owner_is_refused_with_a_sentence(chief: Client, brand: Brand) -> None:
    entry = enter(brand)
    page = text_of(chief.post(f"/names/{entry.pk}/", {"answer": "report"}))
    assert "Say who does it, and by which day." in page


def test_undo_that_was_not_signed_here_or_is_of_another_name_is_none(chief: Client, brand: Brand) -> None:
    entry, other = enter(brand), enter(brand, 1)
    values = [other.pk, True, "moi", "", None, "", ""]
    for was in ("", "x", signing.dumps(values, salt="other"), signing.dumps(values, salt="vigie.names.undo")):
        assert chief.post(f"/names/{entry.pk}/undo/?was={was}").status_code == 404
    entry.refresh_from_db()
    assert entry.is_ours is None


def test_watched_name_offers_to_listen(chief: Client, brand: Brand) -> None:
    entry = enter(brand, is_ours=False, decision="watch")
    link = f"/spaces/add/?address={quote('https://serelium-0.example/', safe='')}"
    assert link in text(chief, f"/names/{entry.pk}/")
    NameEntry.objects.filter(pk=entry.pk).update(decision="tolerate")
    assert link not in text(chief, f"/names/{entry.pk}/")
    assert not Space.objects.exists()


def test_list_filters_marks_the_overdue_and_dashboard_tells_it(chief: Client, brand: Brand) -> None:
    enter(brand, 1)
    late = enter(brand, 2, is_ours=False, decision="claim", due=TODAY - timedelta(days=3))
    page = text(chief, "/names/")
    assert page.index("Nom 2") < page.index("Nom 1") and "overdue" in page
    assert "Nom 2" not in text(chief, "/names/?state=decide") and "Nom 1" not in text(chief, "/names/?state=others")
    assert chief.get("/names/?state=x").status_code == 400
    from vigie.server.services import watches
    from vigie.server.services.watches import WatchDraft

    watches.add(WatchDraft("V", brand.pk, "product", brand.pk, "serelium"), asker=COMMAND, now=NOW)
    board = text(chief, "/dashboard/")
    assert "1 decision about a name is overdue" in board and f"/names/{late.pk}/" in board


def test_register_as_csv_is_of_one_part_and_holds_no_formula(chief: Client, brand: Brand) -> None:
    enter(brand, 1, name="=HYPERLINK(1)")
    enter(brand, 2, is_ours=True, holder="Com")
    rows = chief.get("/names/?state=decide&format=csv").content.decode().splitlines()
    assert len(rows) == 2 and "'=HYPERLINK(1)" in rows[1]


def test_what_an_enemy_wrote_is_text_and_no_link(chief: Client, brand: Brand) -> None:
    evil = "<script>window.hit=1</script>"
    entry = enter(brand, kind="page", address=f"javascript:alert(1)//{evil}", name=evil, note=evil, holder=evil)
    made = follow(brand)
    TrackedAccount.objects.filter(pk=made.pk).update(address=f"javascript:1//{evil}", name=evil)
    for address in ("/names/", f"/names/{entry.pk}/", "/accounts/", f"/accounts/{made.pk}/"):
        page = chief.get(address).content.decode()
        assert evil not in page and 'href="javascript' not in page


@pytest.mark.parametrize("address", ["/accounts/", "/names/", "/names/?format=csv", "ACCOUNT", "NAME"])
def test_statements_do_not_grow_with_rows(address: str, chief: Client, brand: Brand) -> None:
    account, entry = follow(brand), enter(brand)
    address = {"ACCOUNT": f"/accounts/{account.pk}/", "NAME": f"/names/{entry.pk}/"}.get(address, address)
    chief.get(address)
    with CaptureQueriesContext(connection) as one:
        text(chief, address)
    for n in (1, 2):
        follow(brand, n)
        enter(brand, n, is_ours=False, decision="claim", due=TODAY, owner=User.objects.get())
    for back in range(10):
        accounts.set_figure(account.pk, TODAY - timedelta(days=back), {"followers": back}, asker=COMMAND, now=NOW)
    with CaptureQueriesContext(connection) as three:
        text(chief, address)
    assert len(three) == len(one) < 30


def test_pages_of_accounts_show_each_once(chief: Client, brand: Brand) -> None:
    TrackedAccount.objects.bulk_create(
        TrackedAccount(brand=brand, kind="", network="x", address=f"https://a.example/{n}", name=f"Nom{n:03d}x", created_at=NOW)
        for n in range(130)
    )  # fmt: skip
    found, address = list[str](), "/accounts/"
    while address:
        page = text(chief, address)
        found += re.findall(r">(Nom\d+x)</a>", page)
        more = re.search(r'rel="next" href="([^"]+)"', page)
        address = more.group(1) if more else ""
    assert len(found) == len(set(found)) == 130
