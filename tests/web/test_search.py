"""The page of the search: what it found, what it covered, nothing of other brands; it works by its address alone."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest
from django.test import Client
from django.utils.html import escape
from django.utils.timezone import localdate

from vigie.schema.tables import POSTS
from vigie.schema.vocab import Role
from vigie.server.models import Membership, Space, SpaceStateRow, StreamCount, User
from vigie.server.permissions import COMMAND
from vigie.server.services import archiving, door, people, spaces
from vigie.server.services.spaces import SpaceDraft

NOW = datetime.now(UTC)
TODAY = localdate(NOW)
ASKED = f"&first={NOW - timedelta(days=20):%Y-%m-%d}&last={NOW + timedelta(days=1):%Y-%m-%d}"


def take(space: Space, *texts: str, at: datetime = NOW, **values: Any) -> None:
    rows = [
        {"origin": "f.example", "native_id": text, "network": "forum", "text": text, "published_at": at, **values}
        for text in texts
    ]
    door.take(pa.Table.from_pylist(rows, schema=POSTS), space_id=space.pk, heard_at=at, fetch_id=None, now=at)


@pytest.fixture
def forum(db: None) -> Space:
    return spaces.add(SpaceDraft("Forum", "import", "forum"), asker=COMMAND, now=NOW)


@pytest.fixture
def manager(client: Client, forum: Space) -> Client:
    """A community manager of one brand, beside another with a blog of its own."""
    brand = people.add_brand("Vaubrun", is_ours=True, asker=COMMAND, now=NOW)
    other = people.add_brand("Souffle", is_ours=True, asker=COMMAND, now=NOW)
    draft = SpaceDraft("Blog de Souffle", "import", "blog", ownership="owned", brand_id=other.pk)
    take(spaces.add(draft, asker=COMMAND, now=NOW), "zorglub chez eux")
    user = User.objects.create_user("alice@example.org", "x", language="fr")
    Membership.objects.create(user=user, brand=brand, role=Role.COMMUNITY_MANAGER)
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def page(client: Client, query: str, more: str = ASKED) -> str:
    answer = client.get(f"/search/?q={query}{more}")
    assert answer.status_code == 200
    return answer.content.decode().replace("\u202f", " ").replace("\xa0", " ")


def test_empty_page_says_what_a_search_is_for(manager: Client) -> None:
    text = manager.get("/search/").content.decode()
    assert "Chercher" in text and 'type="date"' in text and "Blog de Souffle" not in text


def test_posts_are_shown_with_their_space_and_without_their_author(manager: Client, forum: Space) -> None:
    take(forum, "zorglub <b>partout</b>", "rien", author="zoe", author_name="Zoé", url="javascript:alert(1)")
    text = page(manager, "zorglub")
    assert "<mark>zorglub</mark>" in text and escape("<b>partout</b>") in text
    assert "zoe" not in text.lower() and "javascript:" not in text and "chez eux" not in text
    assert "2 messages examinés sur 2" in text and "<b>1</b>" in text
    assert "/watches/add/?q=zorglub" in text


def test_what_was_not_covered_is_said(manager: Client, forum: Space) -> None:
    feed = spaces.add(SpaceDraft("Gazette", "feed", "blog", "https://g.example/feed"), asker=COMMAND, now=NOW)
    SpaceStateRow.objects.filter(space=feed).delete()
    SpaceStateRow.objects.create(space=feed, state="gone", since=NOW - timedelta(days=5), until=NOW - timedelta(days=3))
    StreamCount.objects.create(space=forum, hour=NOW - timedelta(days=1), events=1000, posts=1000, matched=1)
    text = page(manager, "zorglub", "&first=2020-01-01" + ASKED[ASKED.index("&last") :])
    assert "Gazette" in text
    assert "flux complets" in text.lower() and "L’archive garde 13 mois" in text


@pytest.mark.parametrize(
    ("query", "more", "said"),
    [
        ("a OR b AND c", ASKED, "<mark>"), ("", ASKED, "error"), ("a", "&first=2026-10-02&last=2026-10-01", "finit avant"),
        ("a", "&first=hier&last=2026-10-01", "error"), ("a", "&first=0001-01-01&last=9999-12-31", "1970"),
        ("a", f"{ASKED}&space=999", "error"), ("a", f"{ASKED}&space=x&after=~&more=1", "error"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_said_beside_its_field(manager: Client, query: str, more: str, said: str) -> None:
    assert said in page(manager, query, more)


@pytest.mark.parametrize(
    ("more", "first", "last"),
    [("", 30, 0), (f"&first={TODAY - timedelta(days=9)}&last=", 9, 0), (f"&last={TODAY - timedelta(days=3)}", 33, 3)],
)
def test_days_that_are_left_out_are_taken_and_said(
    manager: Client, forum: Space, more: str, first: int, last: int
) -> None:
    take(forum, "zorglub partout", at=NOW - timedelta(days=5))
    text = page(manager, "zorglub", more)
    assert "Des jours manquaient" in text and "<b>1</b>" in text
    assert f'value="{TODAY - timedelta(days=first)}"' in text and f'value="{TODAY - timedelta(days=last)}"' in text
    assert "Des jours manquaient" not in page(manager, "zorglub")


def test_older_posts_are_on_the_next_page_and_the_count_stays(manager: Client, forum: Space) -> None:
    for n in range(60):
        take(forum, f"zorglub numéro {n}.", at=NOW - timedelta(hours=n))
    archiving.write(now=NOW)
    first = page(manager, "zorglub")
    assert "numéro 49." in first and "numéro 50." not in first and "<b>60</b>" in first
    at = first.index('rel="next" href="') + len('rel="next" href="')
    following = manager.get(first[at : first.index('"', at)].replace("&amp;", "&")).content.decode()
    assert "numéro 50." in following and "numéro 59." in following and "numéro 49." not in following
    assert 'rel="prev"' in following and 'rel="next"' not in following


def test_statements_do_not_grow_with_what_is_found(manager: Client, forum: Space) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    counts = []
    for n in (1, 3):
        take(forum, *(f"zorglub {n} {i}" for i in range(n)))
        archiving.write(now=NOW)
        page(manager, "zorglub")
        with CaptureQueriesContext(connection) as asked:
            page(manager, "zorglub")
        counts.append(len(asked))
    assert counts[0] == counts[1] < 40
