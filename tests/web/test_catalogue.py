"""The catalogue's page: filters, honesty, one press that listens; proposals taken and dismissed."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from support.site import Site, running

from vigie.collect import catalogue as catalogue_module
from vigie.collect.catalogue import catalogue
from vigie.schema.vocab import Role
from vigie.server.models import AllowedNetwork, AuditEvent, Brand, Membership, Space, SpaceProposal, User
from vigie.server.permissions import COMMAND
from vigie.server.services import people, spaces
from vigie.server.services.spaces import SpaceDraft
from vigie.web.views import catalogue as page
from vigie.web.views import spaces as spaces_page

from .test_counts import NOW

FEED = b"<rss version='2.0'><channel><title>Un blog</title><item><title>Bonjour</title></item></channel></rss>"


@pytest.fixture
def editor(client: Client, db: None) -> Client:
    people.add_brand("Vaubrun", is_ours=True, asker=COMMAND, now=NOW)
    user = User.objects.create_user("chef@example.org", language="fr")
    Membership.objects.create(user=user, role=Role.ADMINISTRATOR)
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def names(client: Client, query: str = "") -> list[str]:
    """Return the networks of all pages, in their order."""
    found, address = list[str](), f"/catalogue/?{query}"
    while True:
        html = client.get(address).content.decode()
        found += re.findall(r'<tr data-row><td><a class="of-text" href="[^"]*"[^>]*>([^<]*)</a>', html)
        more = re.search(r'rel="next" href="([^"]*)"', html)
        if more is None:
            return found
        address = "/catalogue/" + more.group(1).replace("&amp;", "&")


def test_pages_show_the_whole_catalogue_once(editor: Client) -> None:
    found = names(editor)
    assert len(found) == len(set(found)) == len(catalogue())
    assert {"Doctissimo", "Medpedia", "ANSM"} <= set(found)


@pytest.mark.parametrize(
    ("query", "some", "none"),
    [
        ("use=locate_rate", "Trustpilot", "Doctissimo"),
        ("audience=professionals", "Sermo", "Doctissimo"),
        ("language=de", "jameda", "Doctissimo"),
        ("reading=closed&section=professionals", "Sermo", "allnurses"),
        ("section=sources", "ANSM", "Sermo"),
        ("listened=no", "ANSM", ""),
    ],
)
def test_filters_say_what_is_left(query: str, some: str, none: str, editor: Client) -> None:
    found = names(editor, query)
    assert some in found and none not in found


def test_filter_that_finds_nothing_teaches(editor: Client) -> None:
    html = editor.get("/catalogue/?use=live&section=sources").content.decode()
    assert "Aucun réseau" in html and editor.get("/catalogue/?use=x<script>&after=nothing").status_code == 200


def test_page_says_that_nothing_was_checked_and_explains_every_use(editor: Client) -> None:
    html = editor.get("/catalogue/").content.decode()
    assert "vérifié" in html and html.count('<dt><a href="?use=') == 8
    assert "conditions non lues" in html.replace("\u00a0", " ")


def test_dead_and_closed_networks_have_no_button(editor: Client) -> None:
    html = editor.get("/catalogue/?section=professionals&reading=closed").content.decode()
    assert (
        "/listen/" not in html and "Viadeo" in html and "spaces/add/?address" not in re.sub(r"<td><a[^>]*>", "", html)
    )


def test_reader_sees_no_button(logged_in: Client) -> None:
    html = logged_in.get("/catalogue/?reading=feed").content.decode()
    assert "/listen/" not in html and logged_in.post("/catalogue/ansm/listen/").status_code == 403


@pytest.fixture
def site() -> Iterator[Site]:
    with running() as site:
        yield site


@pytest.fixture
def loopback(site: Site, db: None) -> None:
    """Let addresses on this machine be read."""
    site.says("/robots.txt", status=404)
    AllowedNetwork.objects.create(network="127.0.0.0/8", reason="tests", allowed_at=NOW)


@pytest.fixture
def shelf(site: Site, monkeypatch: pytest.MonkeyPatch, settings: Any) -> str:
    """A catalogue of one network that lives on loopback; return its address."""
    address = site.says("/feed", body=FEED, Content_Type="application/rss+xml")
    row = {
        "id": "un-blog", "name": "Un blog de test", "address": address, "section": "sources", "uses": ["publish"], "audiences": ["public"],
        "languages": ["fr"], "country": "", "reading": "feed", "terms": "unchecked", "checked_on": "unchecked", "state": "alive",
        "fr": "Un blog.", "en": "A blog.",
    }  # fmt: skip
    rows = catalogue_module.validated([row, row | {"id": "autre", "reading": "wordpress", "address": address + "?2"}])
    for module in (page, spaces_page):
        monkeypatch.setattr(module, "catalogue", lambda: rows)
    return address


@pytest.mark.enable_socket
def test_one_press_listens_where_nothing_is_to_be_chosen(editor: Client, shelf: str, loopback: None) -> None:
    answer = editor.post("/catalogue/un-blog/listen/", follow=True)
    space = Space.objects.get()
    assert (space.kind, space.address, space.catalogue_id, space.title) == ("feed", shelf, "un-blog", "Un blog de test")
    html = answer.content.decode()
    assert f"/spaces/{space.pk}/close/" in html and f'href="/spaces/{space.pk}/"' in html
    editor.post("/catalogue/un-blog/listen/")
    assert Space.objects.count() == 1
    editor.post(f"/spaces/{space.pk}/close/")
    assert "/catalogue/un-blog/listen/" in editor.get("/catalogue/").content.decode()


@pytest.mark.enable_socket
def test_what_must_be_chosen_goes_to_the_add_page_with_the_row_in_hand(
    editor: Client, shelf: str, loopback: None
) -> None:
    answer = editor.post("/catalogue/autre/listen/")
    assert answer["Location"].startswith("/spaces/add/?address=") and "catalogue=autre" in answer["Location"]
    html = editor.get(answer["Location"]).content.decode()
    assert '<input type="hidden" name="catalogue" value="autre">' in html
    told = {"address": shelf, "catalogue": "autre", "way": "feed", "title": "T", "network": "feed", "ownership": "external", "brand": "", "interval_s": "900"}  # fmt: skip
    assert editor.post("/spaces/add/", told).status_code == 302
    assert Space.objects.get().catalogue_id == "autre"


def test_network_that_can_t_be_reached_says_why_and_leaves_the_address(editor: Client, shelf: str) -> None:
    answer = editor.post("/catalogue/un-blog/listen/", follow=True)
    assert "réseau privé" in answer.content.decode() and not Space.objects.exists()


def test_network_added_by_its_address_counts_as_listened_to(editor: Client) -> None:
    spaces.add(SpaceDraft("ANSM", "feed", "feed", "https://ansm.sante.fr"), asker=COMMAND, now=NOW)
    assert names(editor, "listened=yes") == ["ANSM"]


def propose(host: str, brand: Brand, mentions: int = 4) -> SpaceProposal:
    return SpaceProposal.objects.create(
        address=f"https://{host}/", host=host, brand=brand, mentions=mentions, authors=2, score=mentions / 100, first_at=NOW, last_at=NOW
    )  # fmt: skip


def test_proposals_stand_above_with_their_reason_and_only_those_of_one_s_brands(client: Client, user: User) -> None:
    ours, other = Brand.objects.get(name="Vaubrun"), people.add_brand("Souffle", is_ours=True, asker=COMMAND, now=NOW)
    Membership.objects.filter(user=user).update(role=Role.COMMUNITY_MANAGER)
    row, hidden = propose("avis.example", ours), propose("secret.example", other)
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    html = client.get("/catalogue/").content.decode().replace("\u202f", " ").replace("\u00a0", " ")
    assert (
        "avis.example" in html
        and "4 mentions" in html.replace("citations", "mentions")
        and "secret.example" not in html
    )
    assert client.post(f"/catalogue/proposals/{hidden.pk}/dismiss/").status_code == 404
    told = client.post(f"/catalogue/proposals/{row.pk}/dismiss/", follow=True).content.decode()
    assert f"/catalogue/proposals/{row.pk}/restore/" in told
    assert "avis.example" in client.get("/catalogue/proposals/?dismissed=1").content.decode()
    client.post(f"/catalogue/proposals/{row.pk}/restore/", {"from": "proposals"})
    assert "avis.example" in client.get("/catalogue/proposals/").content.decode()
    assert list(
        AuditEvent.objects.filter(target=f"proposal:{row.pk}").order_by("pk").values_list("action", flat=True)
    ) == [
        "proposal.dismissed",
        "proposal.open",
    ]


@pytest.mark.enable_socket
def test_proposal_is_taken_by_the_space_that_is_made_of_it(editor: Client, site: Site, loopback: None) -> None:
    address = site.says("/feed", body=FEED, Content_Type="application/rss+xml")
    row = propose("avis.example", Brand.objects.get())
    told = {"address": address, "proposal": str(row.pk), "way": "feed", "title": "T", "network": "feed", "ownership": "external", "brand": "", "interval_s": "900"}  # fmt: skip
    page = editor.post("/spaces/add/", told, follow=True).content.decode()
    row.refresh_from_db()
    assert row.state == "taken" and row.space == Space.objects.get()
    assert "avis.example" not in editor.get("/catalogue/").content.decode()
    undo = re.search(r'action="(/spaces/\d+/close/[^"]*)"[^>]*>(?:(?!</form>).)*>Annuler<', page, re.DOTALL)
    assert undo is not None and editor.post(undo.group(1)).status_code == 302
    row.refresh_from_db()
    assert row.state == "open" and row.space is None and Space.objects.get().closed_at is not None
    assert "avis.example" in editor.get("/catalogue/").content.decode()
    editor.post("/spaces/add/", told)
    editor.post(f"/spaces/{Space.objects.get(closed_at=None).pk}/close/")
    row.refresh_from_db()
    assert row.state == "taken", "a space that is closed later was no mistake: its place is not proposed again"


def test_proposals_of_many_pages_are_all_met_once(editor: Client) -> None:
    for n in range(65):
        propose(f"h{n}.example", Brand.objects.get(), 3 + n // 2)
    met, address = list[str](), "/catalogue/proposals/"
    while True:
        html = editor.get(address).content.decode()
        met += re.findall(r'<b class="break">([^<]*)</b>', html)
        more = re.search(r'rel="next" href="([^"]*)"', html)
        if more is None:
            break
        address = "/catalogue/proposals/" + more.group(1)
    assert len(met) == len(set(met)) == 65
