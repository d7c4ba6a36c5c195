"""Every list is bounded: pages go by key, show each row once, and keep what the address asks."""

import html
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urljoin

import pytest
from django.test import Client

from vigie.schema.vocab import Role
from vigie.server.models import (
    AuditEvent,
    Brand,
    Invitation,
    Membership,
    NamedList,
    Space,
    User,
    Watch,
    WatchVersion,
    Work,
)

pytestmark = pytest.mark.usefixtures("quick_passwords")

NOW = datetime.now(UTC)
MANY = 130
"""Rows: three pages of fifty, two of a hundred."""

NAMES = [f"Nom{n:03d}x" for n in range(MANY)]


@pytest.fixture
def chief(client: Client, db: None) -> Client:
    """An administrator of all brands, who stands first in a list of people."""
    user = User.objects.create_user("chef@example.org", "x", name="Aaa", language="en")
    Membership.objects.create(user=user, role=Role.ADMINISTRATOR)
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def spaces() -> str:
    Space.objects.bulk_create(
        Space(
            name=name.lower(), title=name if n % 2 else name.lower(), kind="import", network="blog", created_at=NOW,
            failures=int(n % 3 == 0), closed_at=NOW if n % 5 == 0 else None,
        )
        for n, name in enumerate(NAMES)
    )  # fmt: skip
    return "/spaces/"


def a_watch(name: str, brand: Brand, **values: object) -> Watch:
    return Watch(name=name, brand=brand, purpose="field", expression="mot", version=1, created_at=NOW, **values)


def watches() -> str:
    brand = Brand.objects.create(name="Vaubrun", is_ours=True)
    Watch.objects.bulk_create(a_watch(n, brand, closed_at=NOW if i % 4 == 0 else None) for i, n in enumerate(NAMES))
    return "/watches/"


def versions() -> str:
    watch = a_watch("Veille", Brand.objects.create(name="Vaubrun", is_ours=True))
    watch.version = MANY
    watch.save()
    WatchVersion.objects.bulk_create(
        WatchVersion(watch=watch, version=n + 1, expression=name, at=NOW) for n, name in enumerate(NAMES)
    )
    return f"/watches/{watch.pk}/"


def lists() -> str:
    NamedList.objects.bulk_create(NamedList(name=name.lower(), created_at=NOW) for name in NAMES)
    return "/lists/"


def people() -> str:
    User.objects.bulk_create(
        User(email=f"{name.lower()}@example.org", name=name if n % 2 else "Même nom", is_active=n % 7 != 0)
        for n, name in enumerate(NAMES)
    )
    return "/people/"


def invitations() -> str:
    Invitation.objects.bulk_create(
        Invitation(
            email=f"{name.lower()}@example.org", role="reader", token_hash=name, created_at=NOW,
            expires_at=NOW + timedelta(days=7),
        )
        for name in NAMES
    )  # fmt: skip
    return "/people/"


def brands() -> str:
    Brand.objects.bulk_create(Brand(name=name, is_ours=False) for name in NAMES)
    return "/people/"


def audit() -> str:
    AuditEvent.objects.bulk_create(
        AuditEvent(at=NOW, actor="worker", action="a&b", target=f"space:{name}") for name in NAMES
    )
    return "/audit/?action=a%26b"


def works() -> str:
    Work.objects.bulk_create(Work(kind="collect", key=name, state="failed", due_s=0) for name in NAMES)
    return "/work/?state=failed"


@dataclass(frozen=True)
class Listed:
    """A list: how it is filled, and the rows of a page."""

    fill: Callable[[], str]
    size: int = 50


LISTS = {
    "spaces": Listed(spaces), "watches": Listed(watches), "versions of a watch": Listed(versions), "lists": Listed(lists),
    "people": Listed(people), "invitations": Listed(invitations), "brands": Listed(brands), "audit": Listed(audit, 100),
    "work": Listed(works),
}  # fmt: skip


def shown(page: str) -> list[str]:
    """Return the names on a page, each once, in their order."""
    return list(dict.fromkeys(name.lower() for name in re.findall(r"nom\d{3}x", page, re.IGNORECASE)))


def link(page: str, rel: str) -> str | None:
    found = re.search(rf'rel="{rel}" href="([^"]+)"', page)
    return html.unescape(found[1]) if found else None


@pytest.mark.parametrize("name", sorted(LISTS))
def test_pages_show_each_row_once_and_never_more_than_a_page(name: str, chief: Client) -> None:
    listed = LISTS[name]
    address: str | None = listed.fill()
    first, seen = address, list[str]()
    for _ in range(10):
        page = chief.get(address or "").content.decode()
        assert 0 < len(shown(page)) <= listed.size
        seen += shown(page)
        back = link(page, "prev")
        assert (back is None) == (address == first)
        if address != first:
            assert chief.get(back or "").status_code == 200 and back == first
        following = link(page, "next")
        if following is None:
            break
        address = urljoin(first or "", following)
    assert sorted(seen) == sorted(n.lower() for n in NAMES)


@pytest.mark.parametrize("key", ["x", "-1", "²", "99999999999999999999", "123456789"])
@pytest.mark.parametrize("name", ["spaces", "watches", "audit", "work"])
def test_key_that_is_none_is_harmless(name: str, key: str, chief: Client) -> None:
    address = LISTS[name].fill().partition("?")[0]
    for parameter in ("after", "before"):
        assert chief.get(address, {parameter: key}).status_code == 200


def test_page_goes_on_in_its_place_when_rows_come_and_go(chief: Client) -> None:
    first = chief.get(lists()).content.decode()
    NamedList.objects.filter(name="nom010x").delete()
    NamedList.objects.create(name="aaa", created_at=NOW)
    second = chief.get(link(first, "next") or "").content.decode()
    assert shown(second)[0] == "nom050x"


def test_filters_of_the_address_stay(chief: Client) -> None:
    page = chief.get(f"{watches()}?from=2026-01-01&to=2026-02-01").content.decode()
    assert "from=2026-01-01" in (link(page, "next") or "")
