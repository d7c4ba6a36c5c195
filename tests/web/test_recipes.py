"""The page that builds and tries a recipe, and what it hands to the page that adds spaces."""

from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from vigie.collect.source import Response
from vigie.errors import FatalError
from vigie.platforms.recipe.builtins import builtins
from vigie.schema.vocab import Role
from vigie.server.models import Membership, Space, SpaceSecret, User
from vigie.web.views import recipes

SAVED = Path(__file__).parents[1] / "unit" / "platforms" / "saved"
FORUM, THREAD = "https://forum.example/viewforum.php?f=2", "https://forum.example/viewtopic.php?t=5"


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A forum of two saved pages; returns the addresses asked for."""
    pages = {FORUM: "phpbb-forum.html", THREAD: "phpbb-thread.html"}
    asked: list[str] = []

    def fetch(url: str, **_: object) -> Response:
        asked.append(url)
        if url not in pages:
            raise FatalError("127.0.0.1 lies in a private network.", code="net.private", facts={"host": "127.0.0.1"})
        return Response(url, 200, {"content-type": "text/html; charset=utf-8"}, (SAVED / pages[url]).read_bytes())

    monkeypatch.setattr(recipes, "client", lambda: fetch)
    return asked


@pytest.fixture
def manager(client: Client, user: User, quick_passwords: None) -> Client:
    """Alice may add spaces."""
    Membership.objects.filter(user=user).update(role=Role.ADMINISTRATOR, brand=None)
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def tried(client: Client, **values: str) -> Any:
    return client.post("/spaces/recipe/", {"address": FORUM, "engine": "", "recipe": "", **values})


def test_engine_is_known_and_first_thread_is_shown(manager: Client, network: list[str]) -> None:
    page = tried(manager).content.decode()
    assert network == [FORUM, THREAD]
    assert "2 discussions sont listées" in page and "Il y a une page suivante" in page
    assert "brindille" in page and "je me réveille essoufflée" in page and "3 messages sont lus" in page
    assert "alert(1)" not in page and "&lt;b&gt;tout de suite" in page


def test_selector_that_finds_nothing_is_said(manager: Client, network: list[str]) -> None:
    recipe = builtins()["phpbb"].replace('item = "div.post[id^=p]"', 'item = "div.gone"')
    page = tried(manager, recipe=recipe).content.decode()
    assert "«\u202fpost.item\u202f» ne trouve plus rien" in page and "L’écouter" not in page
    assert "div.gone" in page


def test_wrong_recipe_is_said_with_its_line(manager: Client, network: list[str]) -> None:
    page = tried(manager, recipe='name = "x"\n[post]\nitem = "a["\ntext = "p"').content.decode()
    assert "Ligne 3" in page and "n’est pas du CSS" in page


def test_private_address_is_refused_with_a_sentence(manager: Client, network: list[str]) -> None:
    page = tried(manager, address="http://127.0.0.1:8765/").content.decode()
    assert "réseau privé" in page and "L’écouter" not in page


def test_listening_to_it_adds_a_space_with_its_recipe(manager: Client, network: list[str]) -> None:
    toml = builtins()["phpbb"]
    handed = {
        "address": FORUM,
        "kind": "recipe",
        "found-title": "phpBB 3",
        "found-network": "forum",
        "option-recipe": toml,
    }
    page = manager.post("/spaces/add/", handed).content.decode()
    assert "forum lu par une recette" in page and "div.post[id^=p]" in page and Space.objects.count() == 0
    answer = manager.post(
        "/spaces/add/",
        {**handed, "title": "Forum inventé", "network": "forum", "ownership": "external", "interval_s": "900"},
    )
    assert answer.status_code == 302
    space = Space.objects.get()
    assert (space.kind, space.address, space.title) == ("recipe", FORUM, "Forum inventé")
    assert space.options["recipe"].split() == toml.split()
    assert SpaceSecret.objects.count() == 0


def test_kind_that_is_told_without_options_is_found_out(manager: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    from vigie.server.services import discovering

    asked = []

    def discover(address: str, **_: object) -> None:
        asked.append(address)
        raise FatalError("Nothing.", code="discover.nothing")

    monkeypatch.setattr(discovering, "discover", discover)
    manager.post("/spaces/add/", {"address": FORUM, "kind": "recipe"})
    manager.post("/spaces/add/", {"address": FORUM, "kind": "no-such", "option-recipe": "x"})
    assert asked == [FORUM, FORUM]


def test_reader_may_not_open_it(logged_in: Client) -> None:
    assert logged_in.get("/spaces/recipe/").status_code == 403


def test_recipe_of_a_space_is_mended_on_its_page(manager: Client, network: list[str]) -> None:
    space = Space.objects.create(
        name="f", title="Forum", kind="recipe", network="forum", address=FORUM, ownership="external", created_at="2026-01-01T00:00:00Z",
        options={"recipe": builtins()["phpbb"], "kept": "x"},
    )  # fmt: skip
    address = f"/spaces/{space.pk}/change/"
    assert "div.post[id^=p]" in manager.get(address).content.decode()
    values = {"ownership": "external", "interval_s": "900"}
    refused = manager.post(address, {**values, "option-recipe": 'name = "x"\n[post]\nitem = "a["\ntext = "p"'})
    assert refused.status_code == 200 and "Ligne 3" in refused.content.decode()
    mended = builtins()["phpbb"].replace("div.post[id^=p]", "div.message")
    assert manager.post(address, {**values, "option-recipe": mended}).status_code == 302
    space.refresh_from_db()
    assert "div.message" in space.options["recipe"] and space.options["kept"] == "x"


def test_mailbox_is_added_with_its_password_kept_apart(manager: Client) -> None:
    page = manager.post("/spaces/add/", {"address": "imaps://mail.example/INBOX"}).content.decode()
    assert "boîte aux lettres" in page and 'type="password"' in page
    values = {
        "address": "imaps://mail.example/INBOX", "kind": "mail", "title": "Alertes", "network": "press", "ownership": "external",
        "interval_s": "900", "option-user": "alertes",
    }  # fmt: skip
    assert manager.post("/spaces/add/", values).status_code == 200 and Space.objects.count() == 0
    answer = manager.post("/spaces/add/", {**values, "option-password": "ouvre-toi-sesame"})
    assert answer.status_code == 302
    space = Space.objects.get()
    assert space.options == {"user": "alertes"} and SpaceSecret.objects.get().name == "password"
    assert b"sesame" not in bytes(SpaceSecret.objects.get().value)
    changed = manager.get(f"/spaces/{space.pk}/change/").content.decode()
    assert "sesame" not in changed
    kept = manager.post(
        f"/spaces/{space.pk}/change/", {"ownership": "external", "interval_s": "300", "option-user": "autre"}
    )
    assert kept.status_code == 302 and SpaceSecret.objects.count() == 1
    space.refresh_from_db()
    assert space.options == {"user": "autre"}
