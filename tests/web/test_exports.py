"""Exports hold what the list counts, in CSV and in Parquet alike, and what they say is what the record holds."""

import csv
import io
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.test import Client

from vigie.schema.tables import POSTS
from vigie.schema.vocab import Role
from vigie.server.models import Membership, Mention, Post, User
from vigie.server.permissions import COMMAND
from vigie.server.queries.exports import COLUMNS
from vigie.server.services import door, people, spaces, watches
from vigie.server.services.spaces import SpaceDraft
from vigie.server.services.watches import WatchDraft

pytestmark = pytest.mark.usefixtures("quick_passwords")

NOW = datetime.now(UTC)
TEXTS = (
    "Sérélium, « c’est bien » ; \"vraiment\"",
    "Sérélium\nsur deux lignes\r\net trois",
    "=SOMME(A1) Sérélium",
    "-1 pour Sérélium, c’est nul et horrible",
    "@Sérélium 😵\u202f!",
    "Sérélium\tsuper, merci, je l’adore",
    "Sérélium \x00 et \ufeff",
)  # fmt: skip


@pytest.fixture
def reader(client: Client, db: None) -> Client:
    """A reader of a brand with two watches, both of which match some posts."""
    brand = people.add_brand("Vaubrun", is_ours=True, asker=COMMAND, now=NOW)
    space = spaces.add(SpaceDraft("Forum", "import", "forum"), asker=COMMAND, now=NOW)
    for name, expression in (("Tout", "serelium"), ("Le pire", "nul OR horrible")):
        watches.add(WatchDraft(name, brand.pk, "product", brand.pk, expression), asker=COMMAND, now=NOW)
    rows: list[dict[str, Any]] = [
        {
            "origin": "f.example", "native_id": str(n), "network": "forum", "text": text, "title": f"Titre {n}",
            "url": f"https://f.example/{n}", "author": f"a{n}", "likes": n, "published_at": NOW - timedelta(hours=n + 1),
        }
        for n, text in enumerate(TEXTS)
    ]  # fmt: skip
    door.take(pa.Table.from_pylist(rows, schema=POSTS), space_id=space.pk, heard_at=NOW, fetch_id=None, now=NOW)
    user = User.objects.create_user("alice@example.org", "x")
    Membership.objects.create(user=user, brand=brand, role=Role.COMMUNITY_MANAGER)
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def as_csv(reader: Client, query: str) -> list[dict[str, str]]:
    body = reader.get(f"/mentions/export.csv{query}").content
    return list(csv.DictReader(io.StringIO(body.decode("utf-8-sig"), newline="")))


def as_parquet(reader: Client, query: str) -> list[dict[str, Any]]:
    return pq.read_table(io.BytesIO(reader.get(f"/mentions/export.parquet{query}").content)).to_pylist()


def counted(reader: Client, query: str) -> int:
    found = re.search(r'data-mentions="(\d+)"', reader.get(f"/mentions/{query}").content.decode())
    assert found is not None
    return int(found.group(1))


def cell(value: Any) -> str:
    """Write a value of Parquet as its cell of CSV is read: a formula is made text by an apostrophe."""
    if isinstance(value, datetime):
        return value.isoformat()
    return "" if value is None else str(value)


@pytest.mark.parametrize(
    "query", ["", "?tone=negative", "?tone=none&tone=neutral", "?language=fr", "?marked=1", "?lapsed=all"]
)
def test_export_holds_the_rows_that_the_list_counts(reader: Client, query: str) -> None:
    Mention.objects.filter(post__native_id="2").update(lapsed_at=NOW)
    lines, rows = as_csv(reader, query), as_parquet(reader, query)
    assert len(lines) == len(rows) == counted(reader, query)
    assert {row["mention"] for row in rows} <= set(Mention.objects.values_list("pk", flat=True))
    for line, row in zip(lines, rows, strict=True):
        assert list(line) == list(COLUMNS) == list(row)
        assert {name: line[name].removeprefix("'") for name in COLUMNS} == {name: cell(row[name]) for name in COLUMNS}


def test_export_says_what_the_record_holds(reader: Client) -> None:
    rows = as_parquet(reader, "")
    assert len(rows) == len(TEXTS) + 1
    posts = Post.objects.in_bulk()
    mentions = Mention.objects.select_related("watch").in_bulk()
    for row in rows:
        post, mention = posts[row["post"]], mentions[row["mention"]]
        said = (row["text"], row["title"], row["url"], row["published_at"], row["watch"], row["likes"], row["space"])
        held = (post.text, post.title, post.url, post.published_at, mention.watch.name, int(post.native_id), "forum")
        assert said == held
        assert mention.post_id == post.pk and row["author"] and not row["author"].startswith("a")
    assert [row["published_at"] for row in rows] == sorted((row["published_at"] for row in rows), reverse=True)


def test_export_of_nothing_is_its_head_alone(reader: Client) -> None:
    query = "?from=2001-01-01&to=2001-01-02"
    assert (as_csv(reader, query), as_parquet(reader, query), counted(reader, query)) == ([], [], 0)
    assert reader.get(f"/mentions/export.csv{query}").content.decode("utf-8-sig").strip() == ",".join(COLUMNS)
