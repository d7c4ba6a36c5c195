"""Every address as every role, as a member of another brand, and as a stranger: one table says who may."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import pyarrow as pa
import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from vigie.schema.tables import POSTS
from vigie.schema.vocab import Role
from vigie.server import vault
from vigie.server.models import (
    AllowedNetwork,
    AnnotationItem,
    AnnotationSet,
    Brand,
    Evidence,
    EvidenceMedia,
    Membership,
    Mention,
    Notice,
    SpaceProposal,
    Story,
    User,
    Work,
)
from vigie.server.permissions import COMMAND, ROLE_PERMISSIONS, Permission
from vigie.server.services import accounts, categories, dictionary, door, importing, lists, people, spaces, watches
from vigie.server.services import names as names_
from vigie.server.services.accounts import AccountDraft, Seen
from vigie.server.services.categories import CategoryDraft, DimensionDraft
from vigie.server.services.names import NameDraft, Standing
from vigie.server.services.spaces import SpaceDraft
from vigie.server.services.watches import WatchDraft
from vigie.web.views.names import signed

pytestmark = pytest.mark.usefixtures("quick_passwords")

NOW = datetime.now(UTC)
P = Permission

ADDRESSES: dict[str, tuple[str, Permission | None]] = {
    "dashboard": ("GET", P.SEE_MENTIONS),
    "mentions": ("GET", P.SEE_MENTIONS),
    "mentions-newer": ("GET", P.SEE_MENTIONS),
    "mentions-csv": ("GET", P.EXPORT_MENTIONS),
    "mentions-parquet": ("GET", P.EXPORT_MENTIONS),
    "mentions-detail": ("GET", P.SEE_MENTIONS),
    "authors-detail": ("GET", P.SEE_MENTIONS),
    "authors-name": ("POST", P.NAME_TO_ANSWER),
    "mentions-mark": ("POST", P.MARK_MENTIONS),
    "mentions-unmark": ("POST", P.MARK_MENTIONS),
    "mentions-keep": ("POST", P.MARK_MENTIONS),
    "mentions-evidence-check": ("POST", P.SEE_MENTIONS),
    "mentions-evidence-json": ("POST", P.REVEAL_AUTHOR),
    "mentions-evidence-picture": ("GET", P.SEE_MENTIONS),
    "stories": ("GET", P.SEE_MENTIONS),
    "stories-detail": ("GET", P.SEE_MENTIONS),
    "search": ("GET", P.EDIT_WATCHES),
    "watches": ("GET", P.SEE_MENTIONS),
    "watches-detail": ("GET", P.SEE_MENTIONS),
    "watches-add": ("GET", P.EDIT_WATCHES),
    "watches-change": ("GET", P.EDIT_WATCHES),
    "watches-preview": ("POST", P.EDIT_WATCHES),
    "watches-close": ("POST", P.EDIT_WATCHES),
    "watches-reopen": ("POST", P.EDIT_WATCHES),
    "dictionary": ("GET", P.EDIT_WATCHES),
    "dictionary-add": ("GET", P.EDIT_WATCHES),
    "dictionary-change": ("GET", P.EDIT_WATCHES),
    "dictionary-change-back": ("POST", P.EDIT_WATCHES),
    "dictionary-close": ("POST", P.EDIT_WATCHES),
    "dictionary-reopen": ("POST", P.EDIT_WATCHES),
    "categories": ("GET", P.SEE_MENTIONS),
    "categories-detail": ("GET", P.SEE_MENTIONS),
    "categories-add": ("GET", P.EDIT_WATCHES),
    "categories-change": ("GET", P.EDIT_WATCHES),
    "categories-close": ("POST", P.EDIT_WATCHES),
    "categories-reopen": ("POST", P.EDIT_WATCHES),
    "categories-dimension-add": ("GET", P.EDIT_WATCHES),
    "categories-dimension-change": ("GET", P.EDIT_WATCHES),
    "categories-dimension-close": ("POST", P.EDIT_WATCHES),
    "categories-dimension-reopen": ("POST", P.EDIT_WATCHES),
    "lists": ("GET", P.EDIT_WATCHES),
    "lists-add": ("GET", P.EDIT_WATCHES),
    "lists-change": ("GET", P.EDIT_WATCHES),
    "lists-close": ("POST", P.EDIT_WATCHES),
    "lists-reopen": ("POST", P.EDIT_WATCHES),
    "spaces": ("GET", P.SEE_SPACES),
    "spaces-detail": ("GET", P.SEE_SPACES),
    "spaces-add": ("GET", P.EDIT_SPACES),
    "spaces-recipe": ("GET", P.EDIT_SPACES),
    "spaces-change": ("GET", P.EDIT_SPACES),
    "spaces-read": ("POST", P.EDIT_SPACES),
    "spaces-close": ("POST", P.EDIT_SPACES),
    "spaces-reopen": ("POST", P.EDIT_SPACES),
    "spaces-pause": ("POST", P.EDIT_SPACES),
    "spaces-go-on": ("POST", P.EDIT_SPACES),
    "spaces-log": ("GET", P.SEE_SPACES),
    "spaces-notice-seen": ("POST", P.EDIT_SPACES),
    "spaces-opml": ("GET", P.EDIT_SPACES),
    "spaces-opml-download": ("GET", P.EDIT_SPACES),
    "spaces-opml-undo": ("POST", P.EDIT_SPACES),
    "catalogue": ("GET", P.SEE_SPACES),
    "catalogue-listen": ("POST", P.EDIT_SPACES),
    "catalogue-proposals": ("GET", P.SEE_SPACES),
    "catalogue-dismiss": ("POST", P.EDIT_SPACES),
    "catalogue-restore": ("POST", P.EDIT_SPACES),
    "start": ("GET", P.EDIT_PEOPLE),
    "start-step": ("GET", P.EDIT_PEOPLE),
    "start-skip": ("POST", P.EDIT_PEOPLE),
    "start-done": ("GET", P.EDIT_PEOPLE),
    "start-leave": ("GET", P.EDIT_PEOPLE),
    "accounts": ("GET", P.SEE_SPACES),
    "accounts-add": ("GET", P.EDIT_SPACES),
    "accounts-detail": ("GET", P.SEE_SPACES),
    "accounts-figure": ("POST", P.EDIT_SPACES),
    "accounts-close": ("POST", P.EDIT_SPACES),
    "accounts-reopen": ("POST", P.EDIT_SPACES),
    "names": ("GET", P.SEE_SPACES),
    "names-add": ("GET", P.EDIT_SPACES),
    "names-detail": ("GET", P.SEE_SPACES),
    "names-undo": ("POST", P.EDIT_SPACES),
    "names-close": ("POST", P.EDIT_SPACES),
    "names-reopen": ("POST", P.EDIT_SPACES),
    "imports": ("GET", P.IMPORT_FILES),
    "imports-map": ("GET", P.IMPORT_FILES),
    "work": ("GET", P.SEE_WORK),
    "work-cancel": ("POST", P.STEER_WORK),
    "work-retry": ("POST", P.STEER_WORK),
    "audit": ("GET", P.SEE_AUDIT),
    "people": ("GET", P.EDIT_PEOPLE),
    "people-brand": ("POST", P.EDIT_PEOPLE),
    "people-role": ("POST", P.EDIT_PEOPLE),
    "people-active": ("POST", P.EDIT_PEOPLE),
    "people-withdraw": ("POST", P.EDIT_PEOPLE),
    "settings": ("GET", None),
    "settings-names-shown": ("GET", P.SEE_NAME_VIEWS),
    "settings-keys": ("GET", P.ROTATE_KEYS),
    "settings-keys-rotate": ("POST", P.ROTATE_KEYS),
    "settings-retention": ("GET", None),
    "settings-networks": ("GET", P.ALLOW_NETWORKS),
    "settings-network-withdraw": ("POST", P.ALLOW_NETWORKS),
    "settings-network-again": ("POST", P.ALLOW_NETWORKS),
    "settings-labels": ("GET", P.STEER_WORK),
    "settings-labels-run": ("POST", P.STEER_WORK),
    "settings-labels-back": ("POST", P.STEER_WORK),
    "methods": ("GET", P.SEE_MENTIONS),
    "settings-models": ("GET", P.STEER_WORK),
    "settings-models-train": ("POST", P.STEER_WORK),
    "settings-models-choose": ("POST", P.STEER_WORK),
    "mentions-why": ("GET", P.SEE_MENTIONS),
    "annotation": ("GET", P.ANNOTATE),
    "annotation-add": ("GET", P.ADJUDICATE),
    "annotation-detail": ("GET", P.ANNOTATE),
    "annotation-label": ("GET", P.ANNOTATE),
    "annotation-settle": ("GET", P.ADJUDICATE),
    "annotation-csv": ("GET", P.ADJUDICATE),
    "annotation-close": ("POST", P.ADJUDICATE),
    "annotation-reopen": ("POST", P.ADJUDICATE),
    "annotation-say": ("POST", P.ANNOTATE),
    "annotation-withdraw": ("POST", P.ANNOTATE),
    "annotation-settle-item": ("POST", P.ADJUDICATE),
    "annotation-put": ("POST", P.ANNOTATE),
    "mentions-correct": ("POST", P.MARK_MENTIONS),
    "mentions-correct-finding": ("POST", P.MARK_MENTIONS),
}
"""What each address asks of who opens it; `None` is any user."""

OPEN = {"people-accept", "demo-news"}
"""Addresses for those who do not log in: who is invited yet, and the demo's worker."""

OF_ONE_BRAND = {
    "mentions-detail",
    "authors-detail",
    "authors-name",
    "mentions-mark",
    "mentions-unmark",
    "mentions-why",
    "annotation-detail",
    "annotation-label",
    "annotation-say",
    "annotation-withdraw",
    "annotation-put",
    "mentions-correct",
    "mentions-correct-finding",
    "mentions-keep",
    "mentions-evidence-check",
    "mentions-evidence-json",
    "mentions-evidence-picture",
    "stories-detail",
    "watches-detail",
    "watches-change",
    "watches-close",
    "watches-reopen",
    "categories-detail",
    "categories-add",
    "categories-change",
    "categories-close",
    "categories-reopen",
    "categories-dimension-change",
    "categories-dimension-close",
    "categories-dimension-reopen",
    "catalogue-dismiss",
    "catalogue-restore",
    "accounts-detail",
    "accounts-figure",
    "accounts-close",
    "accounts-reopen",
    "names-detail",
    "names-undo",
    "names-close",
    "names-reopen",
}
"""Addresses of something that another brand's members do not see: for them it does not exist."""

BODIES = {
    "authors-name": {"purpose": "answer"},
    "watches-preview": {"expression": "serelium"}, "people-brand": {"name": "Nouvelle"}, "people-role": {"role": "reader", "brand": ""},
    "people-active": {"active": "1"}, "mentions-correct": {"value": "neutral"}, "annotation-say": {"value": "neutral"},
    "mentions-correct-finding": {"kind": "who", "value": "patient", "holds": "yes"},
    "settings-labels-run": {"kind": "tone"},
}  # fmt: skip

QUERIES: dict[str, Callable[[dict[str, Any]], str]] = {
    "accounts-figure": lambda things: "day=2026-10-01&followers=9",
    "annotation-put": lambda things: f"set={things['hand_id']}",
    "names-undo": lambda things: urlencode({"was": signed(things["entry_id"], Standing())}),
}
"""What an address is given beside its path."""


@pytest.fixture
def things(db: None) -> Iterator[dict[str, Any]]:
    """One thing of each kind, in the brand of everybody but the outsider."""
    brand = people.add_brand("Vaubrun", is_ours=True, asker=COMMAND, now=NOW)
    other = people.add_brand("Souffle", is_ours=True, asker=COMMAND, now=NOW)
    space = spaces.add(
        SpaceDraft("Forum", "import", "forum", ownership="owned", brand_id=brand.pk), asker=COMMAND, now=NOW
    )
    watch = watches.add(WatchDraft("Sérélium", brand.pk, "product", brand.pk, "serelium"), asker=COMMAND, now=NOW)
    row = {
        "origin": "f.example",
        "native_id": "1",
        "network": "forum",
        "text": "Sérélium",
        "author": "zoe",
        "published_at": NOW,
    }
    door.take(pa.Table.from_pylist([row], schema=POSTS), space_id=space.pk, heard_at=NOW, fetch_id=None, now=NOW)
    mention = Mention.objects.get(watch=watch)
    dimension = categories.add_dimension(DimensionDraft("Sujet", brand.pk), asker=COMMAND, now=NOW)
    category = categories.add(dimension.pk, CategoryDraft("Produit", None, "serelium"), asker=COMMAND, now=NOW)
    evidence = Evidence.objects.get()
    medium = EvidenceMedia.objects.create(evidence=evidence, url="https://a.example/b", thumbnail=vault.seal(b"RIFF"))
    drawn, by_hand = (
        AnnotationSet.objects.create(
            name=name, kind="tone", language="fr", brand=brand, is_random=is_random, created_at=NOW, seed=1,
            first_day=NOW.date(), last_day=NOW.date(),
        )
        for name, is_random in (("tirage", True), ("choix", False))
    )  # fmt: skip
    item = AnnotationItem.objects.create(set=drawn, post_id=mention.post_id, place=1, post_version=1)
    again = pa.Table.from_pylist([row | {"native_id": "2", "repost_of": "1"}], schema=POSTS)
    door.take(again, space_id=space.pk, heard_at=NOW, fetch_id=None, now=NOW)
    name = importing.store_upload(iter([b"id,text\n1,mot\n"]), suffix=".csv")
    admin = User.objects.create_user("chef@example.org", "x")
    Membership.objects.create(user=admin, role=Role.ADMINISTRATOR)
    invited = people.invite("new@example.org", Role.READER, None, asker=COMMAND, now=NOW)
    yield {
        "brand": brand, "other": other, "evidence_id": evidence.pk, "medium_id": medium.pk, "mention_id": mention.pk, "story_id": Story.objects.get().pk, "author_id": mention.post.author_id, "watch_id": watch.pk, "space_id": space.pk, "name": name,
        "product_id": dictionary.add(dictionary.Wording("Sérélium"), asker=COMMAND, now=NOW).pk,
        "dimension_id": dimension.pk, "category_id": category.pk,
        "language": "fr", "set_id": drawn.pk, "hand_id": by_hand.pk, "item_id": item.pk,
        "list_id": lists.add("amis", lists.Entries(("a.fr",)), asker=COMMAND, now=NOW).pk,
        "work_id": Work.objects.get(key=f"backfill:{watch.pk}").pk, "user_id": admin.pk,
        "notice_id": Notice.objects.create(
            kind="space.state", space=space, brand=brand, code="net.gone", facts={"state": "gone"}, at=NOW
        ).pk,
        "allowed_id": AllowedNetwork.objects.create(network="10.4.0.0/24", reason="intranet", allowed_at=NOW).pk,
        "network_id": "viadeo", "added": 0, "step": "company", "proposal_id": SpaceProposal.objects.create(
            address="https://a.example/", host="a.example", brand=brand, mentions=3, first_at=NOW, last_at=NOW
        ).pk,
        "account_id": accounts.add(
            AccountDraft("https://piaf.example/@v", brand.pk, "V", "mastodon"), Seen(), asker=COMMAND, now=NOW
        ).pk,
        "entry_id": names_.add(NameDraft("domain", "v.example", "V", brand.pk), asker=COMMAND, now=NOW).pk,
        "invitation_id": invited.invitation.pk, "token": invited.token,
    }  # fmt: skip


def names() -> list[tuple[str, list[str]]]:
    """Return every named address of ours with its arguments."""
    found = []

    def walk(patterns: list[Any]) -> None:
        for pattern in patterns:
            if isinstance(pattern, URLResolver):
                walk(pattern.url_patterns)
            elif isinstance(pattern, URLPattern) and pattern.name and "vigie.web.views" in pattern.callback.__module__:
                found.append((pattern.name, list(pattern.pattern.converters)))

    walk(get_resolver().url_patterns)
    return found


def test_every_address_says_who_may_open_it() -> None:
    known = {*ADDRESSES, *OPEN, "home", "look", "choose_brand", "choose_theme", "choose_language"}
    assert {name for name, _ in names() if not name.startswith("account_")} == known


def asked(client: Client, name: str, things: dict[str, Any]) -> int:
    arguments = next(args for found, args in names() if found == name)
    address = reverse(name, kwargs={key: things[key] for key in arguments})
    if name in QUERIES:
        address += f"?{QUERIES[name](things)}"
    if ADDRESSES[name][0] == "POST":
        return client.post(address, BODIES.get(name, {})).status_code
    return client.get(address).status_code


def user_of(role: Role, brand: Brand | None, who: str) -> User:
    user = User.objects.create_user(f"{who}@example.org", "x")
    Membership.objects.create(user=user, brand=None if role is Role.SAFETY_OFFICER else brand, role=role)
    return user


def log_in(client: Client, user: User) -> None:
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")


@pytest.mark.parametrize("name", sorted(ADDRESSES))
@pytest.mark.parametrize("role", list(Role))
def test_role_over_all_brands_opens_what_its_permissions_say(
    role: Role, name: str, client: Client, things: dict[str, Any]
) -> None:
    log_in(client, user_of(role, None, "alice"))
    permission = ADDRESSES[name][1]
    status = asked(client, name, things)
    if permission is None or permission in ROLE_PERMISSIONS[role]:
        assert status in (200, 302, 400), status
    else:
        assert status == 403


@pytest.mark.parametrize("name", sorted(ADDRESSES))
def test_member_of_another_brand_finds_nothing_of_this_one(name: str, client: Client, things: dict[str, Any]) -> None:
    log_in(client, user_of(Role.COMMUNITY_MANAGER, things["other"], "charlie"))
    status = asked(client, name, things)
    permission = ADDRESSES[name][1]
    if name in OF_ONE_BRAND:
        assert status == 404
    elif permission in (None, P.SEE_MENTIONS, P.EXPORT_MENTIONS, P.SEE_SPACES) or name in (
        "watches-add",
        "watches-preview",
        "categories-dimension-add",
        "search",
        "spaces-add",
        "spaces-recipe",
        "spaces-opml",
        "spaces-opml-download",
        "accounts-add",
        "names-add",
        "imports",
        "lists",
        "lists-add",
        "lists-change",
        "annotation",
        "dictionary",
        "dictionary-add",
        "dictionary-change",
    ):
        assert status == 200
    elif name.startswith(("lists-", "dictionary-")) or name in ("catalogue-listen", "spaces-opml-undo"):
        # Lists and the dictionary are the installation's: brands share them; so are spaces that nobody owns.
        assert status == 302
    else:
        assert status == 403


@pytest.mark.parametrize("name", sorted(ADDRESSES))
def test_stranger_is_sent_to_the_log_in(name: str, client: Client, things: dict[str, Any]) -> None:
    arguments = next(args for found, args in names() if found == name)
    address = reverse(name, kwargs={key: things[key] for key in arguments})
    response = client.post(address) if ADDRESSES[name][0] == "POST" else client.get(address)
    assert response.status_code == 302 and response["Location"].startswith("/account/log-in/")


def test_user_without_membership_may_nothing(client: Client, things: dict[str, Any]) -> None:
    log_in(client, User.objects.create_user("nobody@example.org", "x"))
    assert {asked(client, name, things) for name in ("dashboard", "mentions", "spaces", "audit", "work")} == {403}


def test_invitation_serves_once(client: Client, things: dict[str, Any]) -> None:
    address = reverse("people-accept", args=[things["token"]])
    assert client.get(address).status_code == 200
    taken = client.post(address, {"name": "Nina", "password": "une longue phrase à retenir"})
    assert taken.status_code == 302 and User.objects.filter(email="new@example.org").exists()
    assert client.get(address).status_code == 404
