"""The first run: offered on an empty record, back and forth without loss, all made at once and once, honest when empty."""

import re
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pytest
from django.test import Client
from support.site import Site, running

from vigie.errors import DecisionError, FatalError
from vigie.net import client as net
from vigie.schema.tables import POSTS
from vigie.schema.vocab import Role
from vigie.server.models import AllowedNetwork, AuditEvent, Brand, Invitation, Membership, Notice, Space, User, Watch
from vigie.server.permissions import COMMAND
from vigie.server.queries import scope
from vigie.server.services import collecting, door, network, spaces, starting
from vigie.server.services.spaces import SpaceDraft, short_name
from vigie.server.services.starting import Plan, Seat
from vigie.web.starting import Draft, lines

from .test_counts import NOW

FEED = b"<rss version='2.0'><channel><title>Notre blog</title><item><title>Bonjour</title></item></channel></rss>"


@pytest.fixture
def first(client: Client, db: None) -> Client:
    """The first administrator of an empty record."""
    user = User.objects.create_user("chef@example.org", language="fr")
    Membership.objects.create(user=user, role=Role.ADMINISTRATOR)
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """A site that is asked once and without pause: these have tests of their own, and a search for feeds asks fifty times."""
    monkeypatch.setattr(net.Client, "_pace", lambda self, host: None)
    monkeypatch.setattr(net, "MAX_TRIES", 1)
    with running() as site:
        site.says("/robots.txt", status=404)
        yield site


def send(client: Client, step: str, to: str = "next", **values: Any) -> str:
    """Fill in a step and return the address that follows, or the page when it stays."""
    fields = {name.replace("_", "-"): value for name, value in values.items()}
    answer = client.post(f"/start/{step}/", {**fields, "to": to})
    return answer["Location"] if answer.status_code == 302 else answer.content.decode()


def walk(client: Client) -> None:
    """Go to the last step with a company of two brands."""
    send(client, "company", brands="Vaubrun\nSouffle\nvaubrun")
    send(client, "names", products_0="Sérélium", products_1="Inspira", competitors="Kalmédis")
    send(client, "places")
    send(client, "people", email_0="nina@example.org", role_0="reader", brand_0="Souffle")


def test_home_of_an_empty_record_leads_to_the_first_run_until_it_is_skipped(first: Client) -> None:
    assert first.get("/")["Location"] == "/start/"
    assert first.get("/start/")["Location"] == "/start/company/"
    first.post("/start/skip/")
    assert first.get("/")["Location"] == "/dashboard/"
    assert AuditEvent.objects.filter(action="start.skip").count() == 1
    assert first.get("/start/company/").status_code == 200


def test_others_and_records_with_a_brand_are_not_led_there(first: Client, client: Client) -> None:
    Brand.objects.create(name="Vaubrun", is_ours=True)
    assert first.get("/")["Location"] == "/dashboard/"


def test_later_steps_need_a_company(first: Client) -> None:
    assert all(first.get(f"/start/{step}/").status_code == 302 for step in ("names", "places", "people", "review"))
    assert "Ce champ" in send(first, "company", brands="  ")
    assert first.get("/start/nothing/").status_code == 404


def test_going_back_and_forth_loses_nothing(first: Client) -> None:
    send(first, "company", brands="Vaubrun")
    assert send(first, "names", to="back", products_0="Sérélium", competitors="Kalmédis") == "/start/company/"
    assert "Vaubrun" in first.get("/start/company/").content.decode()
    send(first, "company", brands="Vaubrun\nSouffle")
    html = first.get("/start/names/").content.decode()
    assert "Sérélium" in html and "Kalmédis" in html and "Produits de Souffle" in html
    assert send(first, "people", to="back", email_0="not an address") == "/start/places/"
    assert "not an address" in first.get("/start/people/").content.decode()
    assert not Brand.objects.exists()


def test_all_is_made_in_one_press_and_a_second_press_makes_nothing_more(first: Client) -> None:
    walk(first)
    html = first.get("/start/review/").content.decode()
    keys = re.findall(r'name="watch" value="([^"]*)"', html)
    assert keys == ["vaubrun", "souffle", "sérélium", "inspira", "kalmédis"]
    fields = {"watch": keys[:-1], "query-sérélium": "serelium NOT moteur", "to": "create"}
    assert first.post("/start/review/", fields)["Location"] == "/start/done/"
    assert sorted(Brand.objects.values_list("name", "is_ours")) == [
        ("Kalmédis", False), ("Souffle", True), ("Vaubrun", True),
    ]  # fmt: skip
    assert sorted(Watch.objects.values_list("name", "brand__name", "purpose")) == [
        ("Inspira", "Souffle", "product"), ("Souffle", "Souffle", "brand"), ("Sérélium", "Vaubrun", "product"), ("Vaubrun", "Vaubrun", "brand"),
    ]  # fmt: skip
    assert Watch.objects.get(name="Sérélium").expression == "serelium NOT moteur"
    done = first.get("/start/done/").content.decode()
    assert "/invitation/" in done and "nina@example.org" in done
    assert "/invitation/" not in first.get("/start/done/").content.decode()
    walk(first)
    first.post("/start/review/", {**fields, "watch": keys[:-1]})
    assert (Brand.objects.count(), Watch.objects.count(), Invitation.objects.count()) == (3, 4, 1)
    assert AuditEvent.objects.filter(action="start.create").count() == 2


def test_query_that_can_t_be_read_makes_nothing_and_says_where(first: Client) -> None:
    walk(first)
    html = send(first, "review", to="create", watch=["vaubrun"], query_vaubrun="(vaubrun")
    assert 'aria-invalid="true"' in html and not Brand.objects.exists()


def test_nothing_heard_is_said_and_what_is_stored_is_counted(first: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    # Kernels that are loaded for the first time on a busy machine take longer than a page waits.
    monkeypatch.setattr(starting, "COUNT_S", 60.0)
    walk(first)
    assert "rien d’entendu" in first.get("/start/review/").content.decode()
    space = spaces.add(SpaceDraft("Forum", "import", "forum"), asker=COMMAND, now=NOW)
    rows = [
        {"origin": "f.example", "native_id": str(i), "network": "forum", "text": text, "published_at": NOW}
        for i, text in enumerate(["Vos séréliums", "le serelium", "Inspira", "rien"])
    ]
    door.take(pa.Table.from_pylist(rows, schema=POSTS), space_id=space.pk, heard_at=NOW, fetch_id=None, now=NOW)
    html = re.sub(r"[\u202f\u00a0]", " ", first.get("/start/review/").content.decode())
    assert "dans les 4 messages entendus" in html
    assert re.findall(r">(\d) messages? trouvés?<", html) == ["0", "0", "2", "1", "0"]


@pytest.mark.enable_socket
def test_addresses_are_looked_into_and_those_that_fail_say_why(first: Client, site: Site) -> None:
    AllowedNetwork.objects.create(network="127.0.0.0/8", reason="tests", allowed_at=NOW)
    blog = site.says("/blog", body=FEED, Content_Type="application/rss+xml")
    other = site.says("/presse", body=FEED, Content_Type="application/rss+xml")
    gone = site.says("/gone", status=404)
    send(first, "company", brands="Vaubrun")
    send(first, "places", ours_0=blog, others=f"{other}\n{gone}")
    html = first.get("/start/review/").content.decode()
    assert html.count('name="place"') == 3 and "404" in html
    asked = len(site.asked)
    send(first, "places", ours_0=blog, others=other)
    assert len(site.asked) == asked, "what was found is not looked into again"
    send(first, "review", to="create", watch=[], place=[blog, other])
    found = sorted(Space.objects.values_list("address", "ownership", "brand__name"))
    assert found == [(blog, "owned", "Vaubrun"), (other, "external", None)]
    assert [w.name for w in Watch.objects.all()] == [f"space:{Space.objects.get(address=blog).name}"]


@pytest.mark.enable_socket
def test_address_that_does_not_answer_is_kept_and_heard_once_it_does(first: Client, site: Site) -> None:
    AllowedNetwork.objects.create(network="127.0.0.0/8", reason="tests", allowed_at=NOW)
    away = site.says("/blog", status=404)
    send(first, "company", brands="Vaubrun")
    send(first, "places", ours_0=away)
    review = first.get("/start/review/").content.decode()
    assert "404" in review and "espace qui n’est pas encore lu" in review
    send(first, "review", to="create", watch=["vaubrun"], place=[away])
    done = first.get("/start/done/").content.decode()
    assert "1 adresse n’a pas pu être lue" in done and "0 espace écouté" in done
    space = Space.objects.get()
    assert (space.kind, space.state, space.ownership, space.name) == ("unknown", "new", "owned", f"{short_name(away)}")
    with pytest.raises(FatalError):
        collecting.collect(space.pk, fetch=network.client(), clock=lambda: NOW)
    page = first.get(f"/spaces/{space.pk}/").content.decode()
    assert "404" in page and "pas encore lu" in page and not Notice.objects.exists()
    site.says("/blog", body=FEED, Content_Type="application/rss+xml")
    read = collecting.collect(space.pk, fetch=network.client(), clock=lambda: NOW)
    space.refresh_from_db()
    assert (space.kind, space.title, space.state, space.failures, read.new) == ("feed", "Notre blog", "reading", 0, 1)
    assert AuditEvent.objects.filter(action="space.found").count() == 1


@pytest.mark.enable_socket
def test_space_that_waits_becomes_the_one_that_a_person_adds(first: Client, site: Site) -> None:
    AllowedNetwork.objects.create(network="127.0.0.0/8", reason="tests", allowed_at=NOW)
    page = site.says("/", status=404)
    send(first, "company", brands="Vaubrun")
    send(first, "places", others=page)
    send(first, "review", to="create", watch=["vaubrun"], place=[page])
    waiting = Space.objects.get()
    send(first, "company", brands="Vaubrun")
    send(first, "places", others=page)
    assert "écouté" in first.get("/start/review/").content.decode(), "it is not made a second time"
    assert f"/spaces/add/?address={page.replace(':', '%3A')}" in first.get(f"/spaces/{waiting.pk}/").content.decode()
    site.says("/feed", body=FEED, Content_Type="application/rss+xml")
    named = b'<html><link rel="alternate" type="application/rss+xml" href="/feed"></html>'
    site.says("/", body=named, Content_Type="text/html")
    told = {"address": page, "way": "feed", "title": "Blog", "network": "feed", "ownership": "external", "brand": "", "interval_s": "900"}  # fmt: skip
    assert first.post("/spaces/add/", told).status_code == 302
    found = Space.objects.get()
    assert (found.pk, found.kind, found.title, found.address) == (waiting.pk, "feed", "Blog", f"{page}feed")


@pytest.mark.enable_socket
def test_address_without_scheme_is_read_by_http_where_https_does_not_answer(first: Client, site: Site) -> None:
    AllowedNetwork.objects.create(network="127.0.0.0/8", reason="tests", allowed_at=NOW)
    blog = site.says("/blog", body=FEED, Content_Type="application/rss+xml")
    send(first, "company", brands="Vaubrun")
    send(first, "places", others=blog.removeprefix("http://"))
    html = first.get("/start/review/").content.decode()
    assert blog in html and "Personne n’a répondu en https" in html
    added = first.post("/spaces/add/", {"address": blog.removeprefix("http://")}).content.decode()
    assert blog in added and "Personne n’a répondu en https" in added
    assert "Personne n’a répondu en https" not in first.post("/spaces/add/", {"address": blog}).content.decode()


def test_address_that_is_none_is_no_obstacle_and_is_offered_again_with_the_reason(first: Client) -> None:
    send(first, "company", brands="Vaubrun")
    assert send(first, "places", others="http://127.0.0.1:1/ javascript:alert(1) http://[") == "/start/people/"
    html = first.get("/start/review/").content.decode()
    assert "réseau privé" in html and html.count('name="place"') == 1
    assert send(first, "review", to="create", watch=["vaubrun"], place=["http://127.0.0.1:1/"]) == "/start/done/"
    assert [(s.kind, s.address) for s in Space.objects.all()] == [("unknown", "http://127.0.0.1:1/")]
    for _ in range(2):
        done = first.get("/start/done/").content.decode()
        assert "/spaces/add/?address=http%3A//%5B" in done and "javascript" in done


def test_plan_is_made_whole_or_not_at_all(first: Client) -> None:
    who = scope.asker(User.objects.get().pk)
    plan = Plan(["Vaubrun"], seats=[Seat("a@example.org", Role.READER, "Vaubrun"), Seat("b@example.org", Role.SAFETY_OFFICER, "Vaubrun")])  # fmt: skip
    with pytest.raises(DecisionError):
        starting.create(plan, asker=who, now=NOW)
    assert not Brand.objects.exists() and not Invitation.objects.exists()


def test_safety_officer_of_one_brand_is_refused_beside_the_field(first: Client) -> None:
    send(first, "company", brands="Vaubrun")
    html = send(first, "people", email_0="a@example.org", role_0="safety_officer", brand_0="Vaubrun")
    assert 'class="error"' in html


def test_statements_of_the_last_step_do_not_grow_with_what_is_planned(first: Client) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    counts = []
    for names in ("A", "A\nBé\nCé"):
        send(first, "company", brands="Vaubrun")
        send(first, "names", competitors=names)
        first.get("/start/review/")
        with CaptureQueriesContext(connection) as statements:
            first.get("/start/review/")
        counts.append(len(statements))
    assert counts[0] == counts[1] < 40


def test_draft_reads_names_once_and_bounds_them() -> None:
    assert lines(" a  b \n\nA B\nc", 5) == ["a b", "c"] and len(lines("\n".join(map(str, range(99))), 20)) == 20
    draft = Draft(
        {
            "company": {"brands": "V"},
            "names": {"competitors": "v\nK"},
            "places": {"ours-0": "a.fr", "others": "https://a.fr b.fr"},
        }
    )
    assert draft.competitors == ["K"] and draft.addresses == [("https://a.fr", "V"), ("https://b.fr", "")]


def test_mail_server_that_is_away_loses_no_invitation(first: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    from vigie.web.views import start

    def away(*args: Any) -> str:
        raise ConnectionRefusedError

    monkeypatch.setattr(start, "hand_over", away)
    walk(first)
    send(first, "review", to="create", watch=["vaubrun"])
    assert "/invitation/" in first.get("/start/done/").content.decode()
