"""“Not about us”: the figures follow at once, and the undo brings them back."""

import re
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pytest
from django.test import Client
from django.urls import reverse

from vigie.schema.tables import POSTS
from vigie.schema.vocab import Role
from vigie.server.models import AuditEvent, Brand, Membership, Mention, User
from vigie.server.permissions import COMMAND
from vigie.server.services import door, spaces, watches
from vigie.server.services.spaces import SpaceDraft
from vigie.server.services.watches import WatchDraft

pytestmark = pytest.mark.usefixtures("quick_passwords")
NOW = datetime.now(UTC)


@pytest.fixture
def mentions(client: Client, db: None) -> list[Mention]:
    """Three mentions, and a community manager logged in."""
    brand = Brand.objects.create(name="Vaubrun", is_ours=True)
    space = spaces.add(SpaceDraft("Forum", "import", "forum"), asker=COMMAND, now=NOW)
    watches.add(WatchDraft("Sérélium", brand.pk, "product", brand.pk, "serelium"), asker=COMMAND, now=NOW)
    rows = [
        {"origin": "f.example", "native_id": str(n), "network": "forum", "text": f"Sérélium {n}", "published_at": NOW}
        for n in range(3)
    ]
    door.take(pa.Table.from_pylist(rows, schema=POSTS), space_id=space.pk, heard_at=NOW, fetch_id=None, now=NOW)
    user = User.objects.create_user("cm@example.org", "x")
    Membership.objects.create(user=user, brand=brand, role=Role.COMMUNITY_MANAGER)
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return list(Mention.objects.order_by("pk"))


def count(client: Client, **filters: Any) -> int:
    page = client.get(reverse("mentions"), filters).content.decode()
    return int(page.partition('data-mentions="')[2].partition('"')[0])


def test_mark_takes_a_mention_out_of_figures_and_its_undo_brings_it_back(
    client: Client, mentions: list[Mention]
) -> None:
    assert count(client) == 3
    told = client.post(reverse("mentions-mark", args=[mentions[0].pk]), {"next": reverse("mentions")}, follow=True)
    undo = reverse("mentions-unmark", args=[mentions[0].pk])
    assert undo in told.content.decode()
    assert count(client) == 2
    client.post(undo)
    assert count(client) == 3
    codes = list(AuditEvent.objects.filter(action="mention.mark").values_list("after", flat=True))
    assert [code["not_about_us"] for code in codes] == [True, False]


def test_mark_goes_on_to_no_other_host(client: Client, mentions: list[Mention]) -> None:
    answer = client.post(reverse("mentions-mark", args=[mentions[0].pk]), {"next": "https://evil.example/"})
    assert answer.headers["Location"] == reverse("mentions-detail", args=[mentions[0].pk])


def test_filter_shows_what_is_marked_and_the_menu_offers_it(client: Client, mentions: list[Mention]) -> None:
    client.post(reverse("mentions-mark", args=[mentions[0].pk]))
    assert count(client) == 2
    assert count(client, marked="1") == 3
    assert "marked=1" in client.get(reverse("mentions")).content.decode()


def test_word_of_what_is_marked_is_offered_for_exclusion(client: Client, db: None, mentions: list[Mention]) -> None:
    watch = mentions[0].watch
    space = mentions[0].post.space_id
    rows = [
        {"origin": "f.example", "native_id": f"c{n}", "network": "forum", "text": f"Sérélium, cheval {n}", "published_at": NOW}
        for n in range(2)
    ]  # fmt: skip
    door.take(pa.Table.from_pylist(rows, schema=POSTS), space_id=space, heard_at=NOW, fetch_id=None, now=NOW)
    for mention in Mention.objects.filter(post__text__contains="cheval"):
        client.post(reverse("mentions-mark", args=[mention.pk]))
    page = client.post(reverse("watches-preview"), {"expression": "serelium", "watch": watch.pk}).content.decode()
    assert 'name="exclude" value="cheval" form="watch-form"' in page
    assert re.search("écarte 2 des 2 marquées .* perd 0 des 3 autres", page)
