"""What stands around every page: headers, errors, choices, log-in."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pyarrow as pa
import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.core import mail
from django.core.cache import cache
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import path
from django.utils import timezone, translation

from vigie.errors import DecisionError, RetryableError
from vigie.schema.tables import POSTS
from vigie.server import leases, logs, mirroring
from vigie.server.context import BEHIND, Behind
from vigie.server.models import AuditEvent, Brand, Membership, User
from vigie.server.permissions import COMMAND
from vigie.server.services import door, people, spaces, watches
from vigie.server.services.spaces import SpaceDraft
from vigie.server.services.watches import WatchDraft
from vigie.web import context, formats, urls
from vigie.web.context import figures_as_of

PASSWORD = "une phrase qui convient"

pytestmark = pytest.mark.django_db


def boom(request: HttpRequest, error: str) -> HttpResponse:
    raise {
        "bug": RuntimeError("depuis la nouvelle formule"),
        "database": OperationalError("connection refused"),
        "role": DecisionError("Your role does not allow this.", code="permission.refused"),
        "move": DecisionError("Choose one of our brands.", code="people.no_brand"),
        "away": RetryableError("The site asks to wait.", code="x.wait", retry_after=12),
    }[error]


class Urls:
    """The product's addresses, and one that fails as asked."""

    urlpatterns = [*urls.urlpatterns, path("boom/<error>/", boom)]
    handler400, handler403, handler404, handler500 = urls.handler400, urls.handler403, urls.handler404, urls.handler500


def text(response: HttpResponse) -> str:
    return response.content.decode()


def test_page_is_refused_to_a_stranger_and_log_in_leads_back(client: Client) -> None:
    response = client.get("/account/password/")
    assert (response.status_code, response["Location"]) == (302, "/account/log-in/?next=/account/password/")


def test_fragment_refused_to_a_stranger_sends_the_whole_page_to_log_in(client: Client) -> None:
    response = client.get("/account/password/", headers={"HX-Request": "true"})
    assert response["HX-Redirect"].startswith("/account/log-in/")


def test_page_carries_its_headers(client: Client) -> None:
    response = client.get("/account/log-in/")
    assert "default-src 'self'" in response["Content-Security-Policy"]
    assert "unsafe" not in response["Content-Security-Policy"]
    assert (response["X-Frame-Options"], response["X-Content-Type-Options"]) == ("DENY", "nosniff")
    assert response["Referrer-Policy"] == "same-origin"
    assert "no-store" in response["Cache-Control"]
    assert re.fullmatch(r"r-[0-9a-f]{10}", response["Vigie-Reference"])


@pytest.mark.parametrize(
    ("error", "status", "french", "english"),
    [
        ("bug", 500, "Une erreur est survenue chez nous", "Something went wrong on our side"),
        ("database", 503, "La base de données ne répond pas", "The database does not answer"),
        ("role", 403, "Votre rôle n’ouvre pas cette page", "This is not open to your role"),
        ("move", 400, "Choisissez une de nos marques.", "Choose one of our brands."),
        ("away", 503, "L’autre côté n’a pas répondu", "The other side did not answer"),
    ],
)
@override_settings(ROOT_URLCONF=Urls)
def test_error_is_a_page_in_both_languages_with_a_reference_of_the_log(
    logged_in: Client,
    user: User,
    log_lines: Callable[[], list[dict[str, object]]],
    error: str,
    status: int,
    french: str,
    english: str,
) -> None:
    logged_in.raise_request_exception = False
    response = logged_in.get(f"/boom/{error}/")
    assert response.status_code == status
    assert french in text(response)
    assert response["Vigie-Reference"] in text(response)
    assert response["Vigie-Reference"] in {
        line.get("reference") for line in log_lines() if line.get("status") == status
    }
    assert "nouvelle formule" not in text(response) + json.dumps(log_lines(), ensure_ascii=False)
    user.language = "en"
    user.save()
    assert english in text(logged_in.get(f"/boom/{error}/"))


def test_database_away_says_when_to_come_back(logged_in: Client) -> None:
    logged_in.raise_request_exception = False
    with override_settings(ROOT_URLCONF=Urls):
        assert logged_in.get("/boom/database/")["Retry-After"] == "30"


@pytest.mark.parametrize(
    ("language", "words"), [("fr", "Il n’y a rien à cette adresse"), ("en", "There is nothing at this address")]
)
def test_unknown_address_is_a_page(logged_in: Client, user: User, language: str, words: str) -> None:
    user.language = language
    user.save()
    response = logged_in.get("/nothing/here/")
    assert (response.status_code, words in text(response)) == (404, True)


def test_form_without_its_token_is_refused_in_words(user: User) -> None:
    client = Client(enforce_csrf_checks=True)
    response = client.post(
        "/account/log-in/", {"login": user.email, "password": PASSWORD}, headers={"Accept-Language": "fr"}
    )
    assert (response.status_code, "Ce formulaire a expiré" in text(response)) == (403, True)


def test_unknown_host_is_refused(client: Client) -> None:
    assert client.get("/account/log-in/", headers={"Host": "evil.example"}).status_code == 400


def test_log_in_opens_home_and_is_audited(client: Client, user: User) -> None:
    response = client.post("/account/log-in/", {"login": "ALICE@example.org", "password": PASSWORD})
    assert (response.status_code, response["Location"]) == (302, "/")
    assert client.session["_auth_user_id"] == str(user.pk)
    event = AuditEvent.objects.get(action="user.logged_in")
    assert (event.actor, event.target) == (f"user:{user.pk}", f"user:{user.pk}")


def test_log_in_with_a_wrong_password_says_so_without_telling_which(client: Client, user: User) -> None:
    known = text(
        client.post("/account/log-in/", {"login": user.email, "password": "x"}, headers={"Accept-Language": "fr"})
    )
    unknown = text(
        client.post(
            "/account/log-in/", {"login": "nobody@example.org", "password": "x"}, headers={"Accept-Language": "fr"}
        )
    )
    assert "L’adresse ou le mot de passe n’est pas le bon." in known
    strip = re.compile(r'value="[^"]*"|r-[0-9a-f]{10}|"X-CSRFToken": "[^"]*"|X-CSRFToken&quot;: &quot;[^&]*')
    assert strip.sub("", known) == strip.sub("", unknown)


PAUSES = [
    ("fr", "Trop de tentatives", "Attendez un quart d’heure"), ("en", "Too many attempts", "Wait a quarter of an hour"),
]  # fmt: skip


@pytest.mark.parametrize(("language", "title", "advice"), PAUSES)
def test_log_in_is_paused_after_eight_wrong_passwords(
    client: Client, user: User, language: str, title: str, advice: str
) -> None:
    wrong = {"login": user.email, "password": "x"}
    statuses = [client.post("/account/log-in/", wrong).status_code for _ in range(8)]
    assert statuses[:7] == [200] * 7
    response = client.post(
        "/account/log-in/", {"login": user.email, "password": PASSWORD}, headers={"Accept-Language": language}
    )
    assert response.status_code == 429
    assert title in text(response) and advice in text(response) and "page.too_many" in text(response)
    other = User.objects.create_user("bob@example.org", PASSWORD)
    assert client.post("/account/log-in/", {"login": other.email, "password": PASSWORD}).status_code == 302


@pytest.mark.parametrize(("language", "title", "advice"), PAUSES)
def test_lost_password_that_is_asked_for_too_often_is_paused(
    client: Client, user: User, language: str, title: str, advice: str
) -> None:
    cache.clear()
    answers = [
        client.post("/account/lost-password/", {"email": f"a{n}@example.org"}, headers={"Accept-Language": language})
        for n in range(25)
    ]
    assert answers[0].status_code == 302 and answers[-1].status_code == 429
    assert title in text(answers[-1]) and advice in text(answers[-1])
    cache.clear()


def test_closed_user_can_not_log_in(client: Client, user: User) -> None:
    user.is_active = False
    user.save()
    response = client.post("/account/log-in/", {"login": user.email, "password": PASSWORD})
    assert "_auth_user_id" not in client.session
    assert response.status_code in {200, 302}


def test_lost_password_is_replaced_by_mail(client: Client, user: User, settings: object) -> None:
    with override_settings(VIGIE=_with_mail(settings)):
        response = client.post("/account/lost-password/", {"email": user.email})
        assert response["Location"] == "/account/lost-password/sent/"
        (letter,) = mail.outbox
        assert letter.subject == "Vigie\u202f: choisir un nouveau mot de passe"
        address = re.search(r"http://testserver(\S+)", letter.body).group(1)  # type: ignore[union-attr]
        form = client.get(address, follow=True).request["PATH_INFO"]
        done = client.post(form, {"password1": "une autre phrase", "password2": "une autre phrase"})
        assert done["Location"] == "/account/new-password/done/"
    user.refresh_from_db()
    assert user.check_password("une autre phrase")
    assert user.password.startswith("argon2")
    assert AuditEvent.objects.filter(action="user.password_reset", target=f"user:{user.pk}").count() == 1
    assert "ne sert plus" in text(client.get(address, headers={"Accept-Language": "fr"}))


def test_lost_password_of_an_unknown_address_sends_nothing_and_says_the_same(client: Client, settings: object) -> None:
    with override_settings(VIGIE=_with_mail(settings)):
        response = client.post("/account/lost-password/", {"email": "nobody@example.org"})
    assert response["Location"] == "/account/lost-password/sent/"
    assert mail.outbox == []


def _with_mail(settings: object) -> object:
    import dataclasses  # noqa: PLC0415 -- one use

    return dataclasses.replace(settings.VIGIE, mail_url="smtp://mail.example.org")  # type: ignore[attr-defined]


def test_there_is_no_sign_up(client: Client) -> None:
    assert client.get("/account/sign-up/").status_code == 404
    assert client.post("/account/sign-up/", {"email": "eve@example.org", "password1": PASSWORD}).status_code == 404


def test_password_is_changed_only_with_the_present_one(logged_in: Client, user: User) -> None:
    new = {"password1": "encore une phrase", "password2": "encore une phrase"}
    assert "Ce n’est pas votre mot de passe actuel." in text(
        logged_in.post("/account/password/", {"oldpassword": "x", **new})
    )
    logged_in.post("/account/password/", {"oldpassword": PASSWORD, **new})
    user.refresh_from_db()
    assert user.check_password("encore une phrase")


def test_short_password_is_refused(logged_in: Client, user: User) -> None:
    response = logged_in.post(
        "/account/password/", {"oldpassword": PASSWORD, "password1": "court", "password2": "court"}
    )
    assert response.status_code == 200
    user.refresh_from_db()
    assert user.check_password(PASSWORD)


def test_log_out_ends_the_session(logged_in: Client) -> None:
    assert logged_in.post("/account/log-out/")["Location"] == "/account/log-in/"
    assert "_auth_user_id" not in logged_in.session


def test_language_is_kept_with_the_user_and_audited(logged_in: Client, user: User) -> None:
    response = logged_in.post("/frame/language/", {"language": "en", "next": "/account/password/"})
    assert response["Location"] == "/account/password/"
    user.refresh_from_db()
    assert user.language == "en"
    event = AuditEvent.objects.get(action="user.language")
    assert (event.before, event.after) == ({"language": "fr"}, {"language": "en"})
    assert '<html lang="en"' in text(logged_in.get("/account/password/"))


def test_language_of_a_stranger_is_that_of_the_browser_then_of_the_cookie(client: Client) -> None:
    assert '<html lang="en"' in text(client.get("/account/log-in/", headers={"Accept-Language": "en-GB"}))
    assert '<html lang="fr"' in text(client.get("/account/log-in/", headers={"Accept-Language": "de"}))
    client.post("/frame/language/", {"language": "en"})
    assert '<html lang="en"' in text(client.get("/account/log-in/", headers={"Accept-Language": "fr"}))


def test_theme_is_kept_in_a_cookie(client: Client) -> None:
    client.post("/frame/theme/", {"theme": "dark"})
    assert 'data-theme="dark"' in text(client.get("/account/log-in/"))
    client.post("/frame/theme/", {"theme": "auto"})
    assert "data-theme" not in text(client.get("/account/log-in/"))


@pytest.mark.parametrize("address", ["https://evil.example/", "//evil.example", "javascript:alert(1)", ""])
def test_choice_never_leads_to_another_site(client: Client, address: str) -> None:
    assert client.post("/frame/theme/", {"theme": "dark", "next": address})["Location"] == "/"


def test_brand_that_is_not_ones_own_can_not_be_chosen(logged_in: Client, user: User) -> None:
    mine = Brand.objects.get(name="Vaubrun")
    other = Brand.objects.create(name="Autre", is_ours=True)
    assert logged_in.post("/frame/brand/", {"brand": other.pk}).status_code == 404
    logged_in.post("/frame/brand/", {"brand": mine.pk})
    assert logged_in.session["brand"] == mine.pk
    Membership.objects.filter(user=user).delete()
    assert logged_in.get("/account/password/").context["brand"] is None


def test_other_brands_are_not_named(logged_in: Client) -> None:
    Brand.objects.create(name="Secrète", is_ours=True)
    assert "Secrète" not in text(logged_in.get("/account/password/"))


def test_page_of_components_is_for_developers(logged_in: Client, settings: object) -> None:
    assert logged_in.get("/_look/").status_code == 404
    settings.DEBUG = True  # type: ignore[attr-defined]
    response = logged_in.get("/_look/")
    assert response.status_code == 200
    assert "&lt;b&gt;<mark>nouvelle formule</mark>&lt;/b&gt;" in text(response)


def test_logs_of_requests_hold_no_query(logged_in: Client, log_lines: Callable[[], list[dict[str, object]]]) -> None:
    logged_in.get("/account/password/?q=papillon")
    assert "papillon" not in json.dumps(log_lines())
    assert [line["route"] for line in log_lines() if line["message"] == "request"] == ["account_change_password"]
    assert logs.FACTS


def test_link_made_on_the_server_sets_a_new_password(client: Client, user: User) -> None:
    address = urlsplit(people.reset_link(user.email)).path
    form = client.get(address, follow=True).request["PATH_INFO"]
    client.post(form, {"password1": "une autre phrase", "password2": "une autre phrase"})
    user.refresh_from_db()
    assert user.check_password("une autre phrase")


def test_database_that_is_away_before_the_view_is_a_page_too(
    logged_in: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(self: SessionStore) -> None:
        raise OperationalError("server closed the connection")

    monkeypatch.setattr(SessionStore, "load", away)
    logged_in.raise_request_exception = False
    response = logged_in.get("/account/password/", headers={"Accept-Language": "fr"})
    assert (response.status_code, "La base de données ne répond pas" in text(response)) == (503, True)


@pytest.mark.usefixtures("quick_passwords")
def test_pages_with_figures_say_as_of_when_they_are(
    logged_in: Client, user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mirroring, "TAIL_MAX", 5)
    now = timezone.now()
    brand = Brand.objects.get(name="Vaubrun")
    watches.add(WatchDraft("Sérélium", brand.pk, "product", brand.pk, "serelium"), asker=COMMAND, now=now)
    forum = spaces.add(SpaceDraft("Forum", "import", "forum"), asker=COMMAND, now=now)
    written = now.replace(second=0) - timedelta(days=40)
    mirroring.merge_now(clock=lambda: written)
    assert leases.take(mirroring.lease_name(), holder="elsewhere:1:1", seconds=600)
    assert "as-of" not in text(logged_in.get("/dashboard/"))
    rows = [{"origin": "f.example", "native_id": str(n), "network": "forum", "text": "Sérélium"} for n in range(8)]
    posts = pa.Table.from_pylist(rows, schema=POSTS)
    door.take(posts, space_id=forum.pk, heard_at=now, fetch_id=None, now=now)
    sentence = f"Chiffres arrêtés au {formats.moment(written)}"
    for address in ("/dashboard/", "/mentions/", "/watches/"):
        assert sentence in text(logged_in.get(address)).replace("\xa0", " "), address
    assert "as-of" not in text(logged_in.get("/account/password/"))
    leases.give_back(mirroring.lease_name(), holder="elsewhere:1:1")
    assert "as-of" not in text(logged_in.get("/dashboard/"))


@pytest.mark.parametrize(
    ("as_of", "said"),
    [
        (None, "The figures are being built and are not complete yet."),
        (datetime(2026, 10, 30, 9, 42, tzinfo=UTC), "Figures as of 10:42 AM: what changed since is being taken in."),
        (datetime(2026, 10, 29, 9, 42, tzinfo=UTC), "Figures as of Oct 29, 2026, 10:42 AM: what changed since"),
    ],
)
def test_age_of_figures_is_a_time_today_and_a_day_before(
    as_of: datetime | None, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(context, "present", lambda: datetime(2026, 10, 30, 12, tzinfo=UTC))
    token = BEHIND.set(Behind(as_of))
    try:
        with translation.override("en"):
            assert figures_as_of().startswith(said)
    finally:
        BEHIND.reset(token)
