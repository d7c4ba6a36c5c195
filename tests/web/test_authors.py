"""The page of an author: a pseudonym with what the asker may see; the name for a purpose and a while; the key; what is kept."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from vigie.errors import DecisionError
from vigie.schema.tables import POSTS
from vigie.schema.vocab import NamePurpose, Role
from vigie.server import clock
from vigie.server.models import (
    AuditEvent,
    Author,
    AuthorName,
    Brand,
    Membership,
    Mention,
    NameView,
    Post,
    Space,
    User,
    Work,
)
from vigie.server.permissions import COMMAND, FOR_PURPOSE, ROLE_PERMISSIONS, asker_of
from vigie.server.pseudonyms import pseudonym
from vigie.server.services import (
    archiving,
    authors,
    door,
    erasing,
    keeping,
    lists,
    people,
    rotating,
    spaces,
    watches,
    work,
)
from vigie.server.services.lists import Entries
from vigie.server.services.spaces import SpaceDraft
from vigie.server.services.watches import WatchDraft
from vigie.server.worker.handlers import handlers
from vigie.server.worker.loop import Loop
from vigie.web.keeping_words import ERASED_BY, KINDS, NOT_ERASED
from vigie.web.words import PURPOSE_SENTENCES

pytestmark = pytest.mark.usefixtures("quick_passwords")

NOW = datetime.now(UTC)
HANDLE, NAME = "Papillon38", "Maëlle <b>Ortoli</b>"


def take(space: Space, *rows: dict[str, Any]) -> None:
    whole = [
        {"origin": "f.example", "network": "forum", "published_at": NOW - timedelta(hours=n), **row}
        for n, row in enumerate(rows)
    ]
    door.take(pa.Table.from_pylist(whole, schema=POSTS), space_id=space.pk, heard_at=NOW, fetch_id=None, now=NOW)


@pytest.fixture
def ours(db: None) -> Brand:
    """Two brands with a watch each; an author of whom each found something."""
    brand = people.add_brand("Vaubrun", is_ours=True, asker=COMMAND, now=NOW)
    theirs = people.add_brand("Souffle", is_ours=True, asker=COMMAND, now=NOW)
    space = spaces.add(SpaceDraft("Forum", "import", "forum"), asker=COMMAND, now=NOW)
    watches.add(WatchDraft("Veille A", brand.pk, "product", brand.pk, "serelium"), asker=COMMAND, now=NOW)
    watches.add(WatchDraft("Veille B", theirs.pk, "product", theirs.pk, "souffle"), asker=COMMAND, now=NOW)
    by = {"author": HANDLE, "author_name": NAME, "followers": 1234}
    take(
        space,
        {"native_id": "1", "text": "Sérélium un", **by},
        {"native_id": "2", "text": "Sérélium deux", **by},
        {"native_id": "3", "text": "souffle secret", **by},
        {"native_id": "4", "text": "souffle d’une autre", "author": "autre"},
        {"native_id": "5", "text": "Sérélium de personne"},
    )  # fmt: skip
    return brand


@pytest.fixture
def log_in(client: Client, ours: Brand) -> Callable[..., Client]:
    def as_role(role: Role, brand: Brand | None = ours, *, language: str = "en") -> Client:
        user = User.objects.create_user(f"{role.value}@example.org", "x", language=language)
        Membership.objects.create(user=user, brand=brand, role=role)
        client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
        return client

    return as_role


def author_of(native_id: str) -> int:
    return Post.objects.get(native_id=native_id).author_id or 0


def text(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200
    return response.content.decode()


def test_page_shows_a_pseudonym_and_what_the_asker_may_see(log_in: Callable[..., Client]) -> None:
    page = text(log_in(Role.COMMUNITY_MANAGER), f"/authors/{author_of('1')}/")
    assert HANDLE not in page and "Ortoli" not in page
    assert f"Author {pseudonym(bytes(Author.objects.get(pk=author_of('1')).key))}" in page
    assert "2 mentions" in page and "Sérélium un" in page.replace("<mark>", "").replace("</mark>", "")
    assert "secret" not in page and "1,234" in page


def test_administrator_of_all_sees_all(log_in: Callable[..., Client]) -> None:
    page = text(log_in(Role.ADMINISTRATOR, None), f"/authors/{author_of('1')}/")
    assert "3 mentions" in page and "secret" in page


def test_author_whom_only_another_brand_met_does_not_exist(log_in: Callable[..., Client]) -> None:
    client = log_in(Role.COMMUNITY_MANAGER)
    assert client.get(f"/authors/{author_of('4')}/").status_code == 404
    assert client.post(f"/authors/{author_of('4')}/name/", {"purpose": "answer"}).status_code == 404
    assert client.get("/authors/99999/").status_code == 404


def test_figures_open_lists_of_as_many(log_in: Callable[..., Client]) -> None:
    client = log_in(Role.COMMUNITY_MANAGER)
    page = text(client, f"/authors/{author_of('1')}/")
    figures = re.findall(r'<a href="(/mentions/\?[^"]*)">[^<]*</a> (\d+)', page)
    assert figures
    for address, n in figures:
        assert f'data-mentions="{n}"' in text(client, address.replace("&amp;", "&"))


def test_lists_of_the_author_are_shown_to_who_edits_them(log_in: Callable[..., Client]) -> None:
    lists.add("amis", Entries(authors=(("f.example", HANDLE),)), asker=COMMAND, now=NOW)
    lists.add("autres", Entries(authors=(("f.example", "autre"),)), asker=COMMAND, now=NOW)
    page = text(log_in(Role.COMMUNITY_MANAGER), f"/authors/{author_of('1')}/")
    assert "amis</a>" in page and "autres" not in page
    assert "amis" not in text(log_in(Role.READER), f"/authors/{author_of('1')}/")


def test_mention_and_list_lead_to_the_author(log_in: Callable[..., Client]) -> None:
    client, address = log_in(Role.COMMUNITY_MANAGER), f'href="/authors/{author_of("1")}/"'
    mention = Mention.objects.get(post__native_id="1")
    assert address in text(client, f"/mentions/{mention.pk}/") and address in text(client, "/mentions/")
    alone = Mention.objects.get(post__native_id="5")
    assert "/authors/" not in text(client, f"/mentions/{alone.pk}/")


def test_name_is_shown_for_a_purpose_and_a_while(
    log_in: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    client, author = log_in(Role.COMMUNITY_MANAGER), author_of("1")
    answer = client.post(f"/authors/{author}/name/", {"purpose": "answer"})
    assert answer.status_code == 302 and answer["Location"] == f"/authors/{author}/"
    response = client.get(f"/authors/{author}/")
    page = response.content.decode()
    assert response["Cache-Control"] == "no-store" and 0 < int(response["Refresh"]) <= 15 * 60 + 1
    assert HANDLE in page and "Maëlle &lt;b&gt;Ortoli" in page and "answer the person" in page
    view = NameView.objects.get()
    assert (view.purpose, view.until - view.at) == ("answer", authors.SHOWN_FOR)
    asked, looked = AuditEvent.objects.get(action="author.reveal"), AuditEvent.objects.get(action="author.look")
    assert asked.after is not None and asked.after["purpose"] == "answer" and asked.target == f"author:{author}"
    assert looked.after == {"view": view.pk, "purpose": "answer", "known": True}
    text(client, f"/authors/{author}/")
    assert AuditEvent.objects.filter(action="author.look").count() == 2, "each look leaves its row"
    assert HANDLE not in str([(e.before, e.after, e.target) for e in AuditEvent.objects.all()])
    later = clock.now() + authors.SHOWN_FOR
    monkeypatch.setattr(clock, "now", lambda: later)
    response = client.get(f"/authors/{author}/")
    page = response.content.decode()
    assert HANDLE not in page and "What do you need the name for?" in page and "Refresh" not in response.headers
    assert AuditEvent.objects.filter(action="author.look").count() == 2


def test_look_under_way_is_not_made_longer_and_another_purpose_is_another(log_in: Callable[..., Client]) -> None:
    client, author = log_in(Role.COMMUNITY_MANAGER), author_of("1")
    for purpose in ("answer", "answer", "moderation"):
        client.post(f"/authors/{author}/name/", {"purpose": purpose})
    assert list(NameView.objects.order_by("pk").values_list("purpose", flat=True)) == ["answer", "moderation"]


def test_name_of_one_is_not_shown_to_another(log_in: Callable[..., Client]) -> None:
    author = author_of("1")
    log_in(Role.COMMUNITY_MANAGER).post(f"/authors/{author}/name/", {"purpose": "answer"})
    assert HANDLE not in text(log_in(Role.SAFETY_OFFICER, None), f"/authors/{author}/")


def test_name_is_hidden_from_who_lost_the_role(log_in: Callable[..., Client]) -> None:
    client, author = log_in(Role.COMMUNITY_MANAGER), author_of("1")
    client.post(f"/authors/{author}/name/", {"purpose": "answer"})
    Membership.objects.update(role=Role.READER)
    assert HANDLE not in text(client, f"/authors/{author}/")


def test_without_a_purpose_nothing_is_shown(log_in: Callable[..., Client]) -> None:
    client, author = log_in(Role.COMMUNITY_MANAGER), author_of("1")
    for body in ({}, {"purpose": "curiosity"}):
        page = client.post(f"/authors/{author}/name/", body).content.decode()
        assert "Say what for" in page and HANDLE not in page
    assert not NameView.objects.exists()


@pytest.mark.parametrize("purpose", NamePurpose)
@pytest.mark.parametrize("role", Role)
def test_who_may_see_a_name_for_what(role: Role, purpose: NamePurpose, log_in: Callable[..., Client]) -> None:
    client, author = log_in(role, None), author_of("1")
    status = client.post(f"/authors/{author}/name/", {"purpose": purpose}).status_code
    allowed = FOR_PURPOSE[purpose] in ROLE_PERMISSIONS[role]
    assert (status, HANDLE in text(client, f"/authors/{author}/")) == ((302, True) if allowed else (403, False))


WHO: dict[Role, set[str]] = {
    Role.READER: set(),
    Role.COMMUNITY_MANAGER: {"answer", "moderation", "relations"},
    Role.SAFETY_OFFICER: {"safety"},
    Role.ADMINISTRATOR: {"answer", "safety", "moderation", "relations", "rights", "legal"},
}


def test_purposes_by_role_are_as_decided() -> None:
    assert {r: {p.value for p in NamePurpose if FOR_PURPOSE[p] in ROLE_PERMISSIONS[r]} for r in Role} == WHO
    assert set(PURPOSE_SENTENCES) == set(FOR_PURPOSE) == set(NamePurpose)


def test_role_in_another_brand_shows_no_name(ours: Brand) -> None:
    """The author is met by both brands; a role in neither of those does not count, nor does one that only reads."""
    third = people.add_brand("Tierce", is_ours=True, asker=COMMAND, now=NOW)
    who = asker_of(7, [(ours.pk, Role.READER), (third.pk, Role.COMMUNITY_MANAGER)])
    assert authors.purposes(author_of("1"), asker=who) == ()
    with pytest.raises(DecisionError):
        authors.ask(author_of("1"), NamePurpose.ANSWER, asker=who, now=NOW)


def test_name_that_was_not_kept_is_said_to_be_so(log_in: Callable[..., Client]) -> None:
    client, author = log_in(Role.COMMUNITY_MANAGER), author_of("1")
    AuthorName.objects.all().delete()
    client.post(f"/authors/{author}/name/", {"purpose": "answer"})
    assert "The name was not kept" in text(client, f"/authors/{author}/")


def test_page_of_an_author_costs_the_same_however_many_mentions(log_in: Callable[..., Client]) -> None:
    client, author = log_in(Role.COMMUNITY_MANAGER), author_of("1")
    address = f"/authors/{author}/"
    client.get(address)
    with CaptureQueriesContext(connection) as few:
        client.get(address)
    rows = [{"native_id": f"n{n}", "text": "Sérélium", "author": HANDLE} for n in range(6)]
    take(Space.objects.get(), *rows)
    for n in range(3):
        lists.add(f"l{n}", Entries(authors=(("f.example", HANDLE),)), asker=COMMAND, now=NOW)
    client.get(address)
    with CaptureQueriesContext(connection) as many:
        assert "8 mentions" in text(client, address)
    assert len(many) == len(few) < 45


def test_views_are_listed_by_key_without_a_name(log_in: Callable[..., Client]) -> None:
    client = log_in(Role.ADMINISTRATOR, None)
    assert "Nobody was shown a name" in text(client, "/settings/names-shown/")
    user, author = User.objects.get(), author_of("1")
    NameView.objects.bulk_create(
        NameView(user=user, author_id=author, purpose="answer", at=NOW - timedelta(minutes=n), until=NOW)
        for n in range(120)
    )
    seen, address = 0, "/settings/names-shown/"
    while address:
        page = text(client, address)
        assert HANDLE not in page and "Ortoli" not in page
        seen += page.count("answer the person")
        found = re.search(r'href="([^"]*after=\d+)"[^>]*rel="next"|rel="next"[^>]*href="([^"]*after=\d+)"', page)
        address = (found[1] or found[2]).replace("&amp;", "&") if found else ""
    assert seen == 120
    assert text(client, f"/settings/names-shown/?author={author_of('4')}").count("answer the person") == 0
    assert text(client, f"/settings/names-shown/?user={user.pk}").count("answer the person") == 50


def test_views_go_with_an_erased_author_and_the_log_stays(log_in: Callable[..., Client]) -> None:
    client, author = log_in(Role.COMMUNITY_MANAGER), author_of("1")
    client.post(f"/authors/{author}/name/", {"purpose": "answer"})
    lists.add("amis", Entries(authors=(("f.example", HANDLE),)), asker=COMMAND, now=NOW)
    target = erasing.target_of(Mention.objects.get(post__native_id="1").pk, "author")
    erasing.erase_record(erasing.demand("author", target, asker=COMMAND, now=NOW), NOW)
    assert not NameView.objects.exists() and AuditEvent.objects.filter(action="author.reveal").exists()
    assert lists.counts(lists.NamedList.objects.get()) == {"sites": 0, "authors": 0}
    assert client.get(f"/authors/{author}/").status_code == 404


def work_on() -> None:
    loop = Loop(handlers(clock=lambda: NOW), holder="test")
    while claimed := work.claim(holder="test", limit=10):
        for one in claimed:
            loop.run_one(one)


def test_key_is_changed_by_a_button_and_the_page_of_the_author_stays(log_in: Callable[..., Client]) -> None:
    client, author = log_in(Role.ADMINISTRATOR, None), author_of("1")
    lists.add("amis", Entries(authors=(("f.example", HANDLE),)), asker=COMMAND, now=NOW)
    before = pseudonym(bytes(Author.objects.get(pk=author).key))
    page = text(client, "/settings/keys/")
    assert "Version 1 of the key" in page and "Change the key" in page
    assert client.post("/settings/keys/rotate/").status_code == 302
    page = text(client, "/settings/keys/")
    assert "Version 2 of the key" in page and "being moved to" in page and "<progress" in page
    assert "amis</a>" in text(client, f"/authors/{author}/")
    Work.objects.filter(kind="rekey").update(state="cancelled")
    assert "Go on with the change" in text(client, "/settings/keys/")
    client.post("/settings/keys/rotate/")
    work_on()
    page = text(client, "/settings/keys/")
    assert "in use everywhere" in page and "all moved to version 2" in page
    after = text(client, f"/authors/{author}/")
    assert before not in after and "amis</a>" in after and "3 mentions" in after


def test_no_table_of_the_record_is_kept_unsaid() -> None:
    said = [table for kind in keeping.kinds() for table in kind.tables]
    ours = {model for model in apps.get_models() if model._meta.app_label == "vigie"}
    assert len(said) == len(set(said)) and set(said) == ours


def test_each_kind_has_its_words_its_end_and_what_erases_it() -> None:
    kinds = keeping.kinds()
    assert [k.code for k in kinds] == list(dict.fromkeys(k.code for k in kinds)) and {k.code for k in kinds} == set(
        KINDS
    )
    for kind in kinds:
        assert [kind.end is not None, kind.time is not None, kind.months is not None].count(True) == 1, kind.code
        assert bool(kind.step) or not kind.clear or kind.code in NOT_ERASED, kind.code
    assert {k.step for k in kinds if k.step} == set(erasing.STEPS) == set(ERASED_BY)
    assert not {k.code for k in kinds if k.step} & set(NOT_ERASED)


def test_page_of_what_is_kept_says_the_times_that_apply(
    log_in: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    client = log_in(Role.READER)
    page = text(client, "/settings/retention/")
    assert (
        f"{settings.VIGIE.archive_months} months" in page and "VIGIE_ARCHIVE_MONTHS" in page and "15\u202fmin" in page
    )
    monkeypatch.setattr(settings, "VIGIE", replace(settings.VIGIE, archive_months=77))
    monkeypatch.setattr(archiving, "UNPARSED_DAYS", 1234)
    page = text(client, "/settings/retention/")
    assert "77 months" in page and "1,234 days" in page


def test_settings_lead_to_what_each_may_open(log_in: Callable[..., Client]) -> None:
    page = text(log_in(Role.READER), "/settings/")
    assert "/settings/retention/" in page and "/settings/keys/" not in page and "names-shown" not in page
    page = text(log_in(Role.ADMINISTRATOR, None), "/settings/")
    assert "/settings/keys/" in page and "/settings/names-shown/" in page


def test_rotation_counts_its_progress(log_in: Callable[..., Client]) -> None:
    rotating.start(asker=COMMAND, now=NOW)
    work_on()
    done = Work.objects.get(kind="rekey")
    assert done.state == "done" and done.total and 0 < done.done <= done.total
