"""Statements of a page do not grow with its rows."""

from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from vigie.schema.tables import POSTS
from vigie.schema.vocab import Role
from vigie.server.models import Brand, Membership, SpaceProposal, User
from vigie.server.permissions import COMMAND
from vigie.server.services import door, people, spaces, watches
from vigie.server.services.spaces import SpaceDraft
from vigie.server.services.watches import WatchDraft

NOW = datetime.now(UTC)


def take(space: int, first: int, n: int) -> None:
    rows = [
        {"origin": "f.example", "native_id": str(i), "network": "forum", "text": f"Sérélium {i}", "author": f"a{i}", "published_at": NOW - timedelta(minutes=i), "likes": i}
        for i in range(first, first + n)
    ]  # fmt: skip
    door.take(pa.Table.from_pylist(rows, schema=POSTS), space_id=space, heard_at=NOW, fetch_id=None, now=NOW)
    for i in range(first, first + n):
        SpaceProposal.objects.create(
            address=f"https://h{i}.example/",
            host=f"h{i}.example",
            brand=Brand.objects.get(),
            mentions=3,
            first_at=NOW,
            last_at=NOW,
        )


@pytest.mark.django_db
@pytest.mark.parametrize(
    "address",
    [
        "/mentions/",
        "/dashboard/",
        "/watches/",
        "/spaces/",
        "/mentions/export.csv",
        "/catalogue/",
        "/catalogue/proposals/",
    ],
)
def test_statements_of_a_page_do_not_grow_with_its_rows(address: str, client: Client) -> None:
    brand = people.add_brand("Vaubrun", is_ours=True, asker=COMMAND, now=NOW)
    space = spaces.add(SpaceDraft("Forum", "import", "forum"), asker=COMMAND, now=NOW)
    watches.add(WatchDraft("Sérélium", brand.pk, "product", brand.pk, "serelium"), asker=COMMAND, now=NOW)
    user = User.objects.create_user("chef@example.org")
    Membership.objects.create(user=user, role=Role.ADMINISTRATOR)
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    take(space.pk, 0, 1)
    client.get(address)
    with CaptureQueriesContext(connection) as one:
        assert client.get(address).status_code == 200
    take(space.pk, 10, 3)
    client.get(address)
    with CaptureQueriesContext(connection) as four:
        assert client.get(address).status_code == 200
    assert len(four) == len(one)
    assert len(one) < 40
