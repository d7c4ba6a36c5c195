"""The demo reads its own news as any feed is read; its accounts say that their figures are invented."""

import html
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.conf import settings as configured
from django.test import Client

from vigie.collect.source import Response
from vigie.demo.news import NEWS
from vigie.schema.vocab import Role
from vigie.server.config import Listen
from vigie.server.models import (
    AllowedNetwork,
    AuditEvent,
    DictionaryEntry,
    Finding,
    Membership,
    Mention,
    Space,
    SpaceRead,
    TrackedAccount,
    User,
    Work,
)
from vigie.server.permissions import COMMAND
from vigie.server.queries import hearing
from vigie.server.services import accounts, collecting, demo, network

UNTIL = datetime(2026, 10, 30, 8, tzinfo=UTC)


class Pages:
    """The network, which leads to the pages of this process alone."""

    def __init__(self, client: Client) -> None:
        self.client, self.asked = client, list[str]()

    def __call__(self, url: str, *, headers: Mapping[str, str] | None = None, body: bytes | None = None) -> Response:
        self.asked.append(url)
        answer = self.client.get("/" + url.split("/", 3)[3])
        return Response(url, answer.status_code, {"content-type": answer["Content-Type"]}, answer.content)


@pytest.fixture
def loaded(db: None, settings: Any) -> Space:
    settings.VIGIE = replace(configured.VIGIE, listen=Listen("127.0.0.1", 8799))
    told: list[int] = []
    demo.load(posts=120, days=7, until=UNTIL, now=UNTIL, progress=told.append)
    assert told[-1] == 120, "posts heard again are no further ones"
    return Space.objects.get(kind="feed")


def read(space: Space, pages: Pages, at: datetime) -> SpaceRead:
    return collecting.collect(space.pk, fetch=pages, clock=lambda: at)  # type: ignore[arg-type]


def test_news_are_read_and_the_log_of_reads_is_not_empty(loaded: Space, client: Client) -> None:
    assert (loaded.address, loaded.ownership) == ("http://127.0.0.1:8799/demo/news.atom", "owned")
    assert loaded.pk in collecting.due_spaces(UNTIL)
    pages = Pages(client)
    first = read(loaded, pages, UNTIL)
    assert (first.new, first.code, pages.asked) == (len(NEWS), "", [loaded.address])
    assert Mention.objects.filter(watch__name="space:actualites-vaubrun").count() == len(NEWS)
    second = read(loaded, pages, UNTIL + timedelta(hours=1))
    assert (second.heard, second.code) == (0, ""), "nothing changed, and nothing is heard twice"
    day = UNTIL.date()
    rows = hearing.screening(day, day, zone=configured.VIGIE.time_zone, now=UNTIL + timedelta(hours=2))
    assert {row.title: (row.reads, row.failed) for row in rows} == {loaded.title: (2, 0)}


def test_products_of_the_demo_are_medicines_of_its_dictionary_and_found_in_its_posts(loaded: Space) -> None:
    entries = {entry.name: entry for entry in DictionaryEntry.objects.all()}
    assert {name for name, entry in entries.items() if entry.is_ours} == {"Sérélium", "Aérivane"} < set(entries)
    named = Mention.objects.filter(watch__name="Sérélium").values_list("post_id", flat=True)
    found = Finding.objects.filter(kind="drug", value="Sérélium").values_list("post_id", flat=True)
    assert set(named) and set(named) <= set(found), "a watch of the product finds posts that name it"
    assert not Work.objects.filter(kind="relabel").exclude(state="done").exists(), "no past to read again"


def test_demo_allows_its_own_machine_and_nothing_else(loaded: Space) -> None:
    assert sorted(AllowedNetwork.objects.values_list("network", flat=True)) == ["127.0.0.1/32", "::1/128"]
    assert {str(one) for one in network.allowed()} >= {"127.0.0.1/32", "::1/128"}


def test_news_follow_the_port_on_which_the_demo_is_started(loaded: Space, settings: Any) -> None:
    settings.VIGIE = replace(configured.VIGIE, listen=Listen("::1", 8801))
    for _ in range(2):
        demo.listen_to_itself(now=UNTIL)
    loaded.refresh_from_db()
    assert loaded.address == "http://[::1]:8801/demo/news.atom" and Space.objects.filter(kind="feed").count() == 1
    assert AuditEvent.objects.filter(action="space.move").count() == 1


def test_news_are_served_where_a_demo_was_loaded_and_on_loopback_alone(
    loaded: Space, client: Client, settings: Any
) -> None:
    assert client.get("/demo/news.atom").status_code == 200
    settings.VIGIE = replace(configured.VIGIE, listen=Listen("192.0.2.7", 8765))
    assert client.get("/demo/news.atom").status_code == 404


def test_record_of_ones_own_serves_no_news_and_reads_none(db: None, client: Client) -> None:
    assert client.get("/demo/news.atom").status_code == 404
    demo.listen_to_itself(now=UNTIL)
    assert not Space.objects.exists() and not AllowedNetwork.objects.exists()


def test_accounts_of_the_demo_say_that_they_are_invented(loaded: Space, client: Client) -> None:
    user = User.objects.create_user("chef@example.org", language="fr")
    Membership.objects.create(user=user, role=Role.ADMINISTRATOR)
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert accounts.due(UNTIL + timedelta(days=9)) == []
    account = TrackedAccount.objects.first()
    assert account is not None and account.readings.count() > 5
    window = "?from=2026-10-20&to=2026-10-30"
    for address in (f"/accounts/{window}", f"/accounts/{account.pk}/{window}"):
        page = html.unescape(client.get(address).content.decode())
        assert "inventé pour la démonstration" in page and "entreprise de démonstration sont inventés" in page
    accounts.close(account.pk, asker=COMMAND, now=UNTIL)
    accounts.reopen(account.pk, asker=COMMAND, now=UNTIL)
    assert accounts.due(UNTIL + timedelta(days=9)) == []
