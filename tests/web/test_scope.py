"""Two brands: of what the other's watches find nothing is shown, not even the number."""

import re
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pytest
from django.test import Client

from vigie.schema.tables import POSTS
from vigie.schema.vocab import Role
from vigie.server.models import Brand, Membership, Mention, Space, SpaceRead, User, Watch, Work
from vigie.server.permissions import COMMAND
from vigie.server.services import collecting, door, people, spaces, watches
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


def columns(page: str) -> set[str]:
    return set(re.findall(r'<th scope="col"[^>]*>(?:<[^>]*>)*([^<]+)', page))


def user_over_all(client: Client) -> Client:
    chief = User.objects.create_user("chef@example.org", "x", language="en")
    Membership.objects.create(user=chief, role=Role.ADMINISTRATOR)
    client.force_login(chief, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def read_of(space: Space) -> SpaceRead:
    """A read of which every count is a number that stands nowhere else."""
    return SpaceRead.objects.create(
        space=space, started_at=NOW, finished_at=NOW, heard=7_101, new=7_102, changed=7_103, kept=7_104, mentions=7_105
    )


def test_reads_of_a_space_do_not_count_what_others_watches_kept(reader: Client) -> None:
    space = Space.objects.get(name="forum")
    read_of(space)
    page = reader.get(f"/spaces/{space.pk}/", headers={"accept-language": "en"}).content.decode()
    assert "Kept" not in columns(page) and {"Heard", "New"} <= columns(page)
    assert "7,101" in page and "7,104" not in page and "7,105" not in page


def test_who_sees_all_brands_reads_what_was_kept(reader: Client) -> None:
    space = Space.objects.get(name="forum")
    read_of(space)
    page = user_over_all(reader).get(f"/spaces/{space.pk}/").content.decode()
    assert "Kept" in columns(page) and "7,104" in page


def test_space_of_another_brand_does_not_count_its_posts(reader: Client) -> None:
    """Each post of a space of ours is a mention of its brand."""
    theirs = Brand.objects.get(name="Souffle")
    space = spaces.add(
        SpaceDraft("Leur blog", "feed", "blog", "https://b.example/", "owned", theirs.pk), asker=COMMAND, now=NOW
    )
    read_of(space)
    work_id = collecting.read_due(space.pk)
    Work.objects.filter(pk=work_id).update(done=7_106, total=7_107)
    for address in (f"/spaces/{space.pk}/", "/spaces/"):
        assert "7,1" not in reader.get(address, headers={"accept-language": "en"}).content.decode()
    assert "7,101" in user_over_all(reader).get(f"/spaces/{space.pk}/").content.decode()


def test_progress_of_a_watch_does_not_count_the_posts_of_all(reader: Client) -> None:
    watch = Watch.objects.get(name="Veille A")
    Work.objects.filter(key=f"backfill:{watch.pk}").update(done=3_000, total=9_000)
    page = reader.get(f"/watches/{watch.pk}/", headers={"accept-language": "en"}).content.decode()
    assert "9,000" not in page and "33%" in page
    assert "9,000" in user_over_all(reader).get(f"/watches/{watch.pk}/").content.decode()


@pytest.mark.parametrize("role", [Role.READER, Role.COMMUNITY_MANAGER, Role.ADMINISTRATOR])
def test_outcomes_of_work_and_the_audit_are_not_for_members_of_one_brand(reader: Client, role: Role) -> None:
    Membership.objects.update(role=role)
    assert {reader.get(address).status_code for address in ("/work/", "/audit/", "/people/")} == {403}


def test_no_page_says_a_number_of_all_brands(reader: Client) -> None:
    """Of 5 mentions 2 are ours: no page that a member opens names a work's outcome, or a failure with its counts."""
    space = Space.objects.get(name="forum")
    read_of(space)
    Work.objects.create(
        kind="collect", key="collect:9", state="failed", due_s=0, code="space.read", facts={"new": 7_108, "mentions": 7_109},
        finished_at=NOW,
    )  # fmt: skip
    for address in ("/dashboard/", "/spaces/", "/watches/", "/lists/", "/imports/", "/mentions/", "/methods/"):
        page = reader.get(address, headers={"accept-language": "en"}).content.decode()
        assert not re.search(r"7[,\u202f]?10[1-9]", page) and "work failed" not in page, address
