"""Two brands: of what the other's watches find nothing is shown, not even the number."""

from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pytest
from django.test import Client

from vigie.schema.tables import POSTS
from vigie.schema.vocab import Role
from vigie.server.models import Membership, Mention, User
from vigie.server.permissions import COMMAND
from vigie.server.services import door, people, spaces, watches
from vigie.server.services.spaces import SpaceDraft
from vigie.server.services.watches import WatchDraft

pytestmark = pytest.mark.usefixtures("quick_passwords")

NOW = datetime.now(UTC)
SECRET = "motdelautremarque"


def row(native_id: str, text: str, **values: Any) -> dict[str, Any]:
    return {
        "origin": "f.example",
        "native_id": native_id,
        "network": "forum",
        "text": text,
        "published_at": NOW,
        **values,
    }


@pytest.fixture
def reader(client: Client, db: None) -> Client:
    """A reader of brand A; brand B has a watch, and a post that answers one of A's."""
    ours = people.add_brand("Vaubrun", is_ours=True, asker=COMMAND, now=NOW)
    theirs = people.add_brand("Souffle", is_ours=True, asker=COMMAND, now=NOW)
    space = spaces.add(SpaceDraft("Forum", "import", "forum"), asker=COMMAND, now=NOW)
    watches.add(WatchDraft("Veille A", ours.pk, "product", ours.pk, "serelium"), asker=COMMAND, now=NOW)
    watches.add(WatchDraft("Veille B", theirs.pk, "product", theirs.pk, SECRET), asker=COMMAND, now=NOW)
    rows = [
        row("1", "Sérélium"),
        row("2", f"{SECRET} tout seul", in_reply_to="1"),
        row("3", f"{SECRET} encore"),
        row("4", f"Sérélium et {SECRET}"),
    ]
    door.take(pa.Table.from_pylist(rows, schema=POSTS), space_id=space.pk, heard_at=NOW, fetch_id=None, now=NOW)
    user = User.objects.create_user("alice@example.org", "x")
    Membership.objects.create(user=user, brand=ours, role=Role.COMMUNITY_MANAGER)
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def test_what_could_leak_is_there(reader: Client) -> None:
    assert Mention.objects.filter(watch__name="Veille B").count() == 3


def test_list_shows_and_counts_our_mentions_alone(reader: Client) -> None:
    page = reader.get("/mentions/").content.decode()
    assert 'data-mentions="2" data-posts="2"' in page
    assert "Veille B" not in page and f"{SECRET} encore" not in page


def test_filters_of_the_address_open_nothing_more(reader: Client) -> None:
    theirs = Mention.objects.filter(watch__name="Veille B").values_list("watch_id", flat=True)[0]
    page = reader.get(f"/mentions/?watch={theirs}").content.decode()
    assert 'data-mentions="0"' in page and SECRET not in page


def test_dashboard_counts_our_mentions_alone(reader: Client) -> None:
    page = reader.get("/dashboard/").content.decode()
    assert "Souffle" not in page and "Veille B" not in page


def test_their_mention_and_watch_do_not_exist(reader: Client) -> None:
    mention = Mention.objects.filter(watch__name="Veille B").order_by("pk")[0]
    assert reader.get(f"/mentions/{mention.pk}/").status_code == 404
    assert reader.get(f"/watches/{mention.watch_id}/").status_code == 404


def test_thread_leaves_out_what_only_their_watch_brought(reader: Client) -> None:
    ours = Mention.objects.get(watch__name="Veille A", post__native_id="1")
    assert f"{SECRET} tout seul" not in reader.get(f"/mentions/{ours.pk}/").content.decode()


def test_exports_hold_our_mentions_alone(reader: Client) -> None:
    text = reader.get("/mentions/export.csv").content.decode("utf-8-sig")
    assert len(text.strip().splitlines()) == 3 and "Veille B" not in text and f"{SECRET} encore" not in text


def test_spaces_count_our_mentions_alone(reader: Client) -> None:
    page = reader.get("/spaces/").content.decode()
    assert ">2</a>" in page and ">5</a>" not in page


def test_formula_of_a_spreadsheet_is_text_in_an_export(reader: Client) -> None:
    space = Mention.objects.all()[0].post.space_id
    rows = [row("9", '=HYPERLINK("http://x") Sérélium')]
    door.take(pa.Table.from_pylist(rows, schema=POSTS), space_id=space, heard_at=NOW, fetch_id=None, now=NOW)
    assert "\"'=HYPERLINK" in reader.get("/mentions/export.csv").content.decode("utf-8-sig")


def test_name_of_an_author_is_shown_on_request_and_the_log_keeps_it(reader: Client) -> None:
    from vigie.server.models import AuditEvent

    space = Mention.objects.all()[0].post.space_id
    rows = [row("8", "Sérélium", author="Papillon38")]
    door.take(pa.Table.from_pylist(rows, schema=POSTS), space_id=space, heard_at=NOW, fetch_id=None, now=NOW)
    mention = Mention.objects.get(post__native_id="8")
    assert "Papillon38" not in reader.get(f"/mentions/{mention.pk}/").content.decode()
    assert "Papillon38" in reader.post(f"/mentions/{mention.pk}/author/").content.decode()
    event = AuditEvent.objects.get(action="author.reveal")
    assert event.actor.startswith("user:") and "Papillon38" not in str((event.before, event.after, event.target))
