"""Labels of the past on their page: what would change, before anything is written; the run, its end and its way back."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from vigie.enrich.language import LanguageLabeller
from vigie.enrich.tone_grams import ToneLabeller
from vigie.schema.tables import POSTS
from vigie.schema.vocab import Role
from vigie.server import engine
from vigie.server.models import AuditEvent, Label, Membership, User, Work
from vigie.server.permissions import COMMAND
from vigie.server.services import door, foretelling, people, spaces, watches, work
from vigie.server.services.spaces import SpaceDraft
from vigie.server.services.watches import WatchDraft
from vigie.server.worker.handlers import handlers
from vigie.server.worker.loop import Loop

pytestmark = pytest.mark.usefixtures("quick_passwords")

NOW = datetime.now(UTC)
TODAY = NOW.date().isoformat()
ASKED = f"/settings/labels/?kind=tone&first={(NOW - timedelta(days=9)).date()}&last={TODAY}"


class Rosy(ToneLabeller):
    """A model of tone that finds everything positive."""

    version = "99"

    def label(self, texts: Any, languages: Any) -> tuple[list[str | None], list[float]]:
        return ["positive" for _ in texts], [1.0 for _ in texts]


@pytest.fixture
def chief(client: Client, db: None) -> Client:
    """An administrator of all brands."""
    user = User.objects.create_user("chef@example.org", "x", language="en")
    Membership.objects.create(user=user, role=Role.ADMINISTRATOR)
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


@pytest.fixture
def past(db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Two posts told by the model of before."""
    brand = people.add_brand("Vaubrun", is_ours=True, asker=COMMAND, now=NOW)
    space = spaces.add(SpaceDraft("Forum", "import", "forum"), asker=COMMAND, now=NOW)
    watches.add(WatchDraft("Sérélium", brand.pk, "product", brand.pk, "serelium"), asker=COMMAND, now=NOW)
    rows = [
        {"origin": "f.example", "native_id": str(n), "network": "forum", "text": text, "published_at": NOW}
        for n, text in enumerate(("Le Sérélium est <b>horrible</b>, j'en ai marre", "Le Sérélium est super, merci"))
    ]
    door.take(pa.Table.from_pylist(rows, schema=POSTS), space_id=space.pk, heard_at=NOW, fetch_id=None, now=NOW)
    Work.objects.all().delete()
    monkeypatch.setattr(engine, "LABELLERS", (LanguageLabeller(), Rosy()))
    engine.forget()
    foretelling.forget()
    yield
    engine.forget()


def run_work() -> None:
    loop = Loop(handlers(clock=lambda: NOW), holder="w")
    while claimed := work.claim(holder="w", limit=9):
        for one in claimed:
            loop.run_one(one)


def text_of(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def pressed(client: Client, label: str, address: str) -> str:
    """Press a button as the page shows it, with what its form holds, and return the page that follows."""
    page = client.get(address).content.decode()
    forms = re.findall(r'<form [^>]*method="post" action="([^"]+)">(.*?)</form>', page, re.DOTALL)
    ((action, inside),) = [(action, inside) for action, inside in forms if f">{label}</button>" in inside]
    values = re.findall(r'name="(\w+)" value="([^"]*)"', inside)
    return client.post(action, dict(values), follow=True).content.decode()


def test_page_teaches_before_anything_is_asked(chief: Client, past: None) -> None:
    page = text_of(chief.get("/settings/labels/").content.decode())
    assert "today by tone-grams 99" in page and "the past never labelled again" in page and "None yet." in page
    assert "/settings/labels/" in chief.get("/settings/").content.decode()


def test_what_would_change_is_told_and_nothing_is_written(chief: Client, past: None) -> None:
    before = list(Label.objects.values()), Work.objects.count(), AuditEvent.objects.count()
    html = chief.get(ASKED).content.decode()
    page = text_of(html)
    assert "All 2 posts of the record were read: these numbers are exact." in page
    assert "1 post would change" in page and "negative positive 1" in page and "tone-grams 1 (2)" in page
    assert "Sérélium est &lt;b&gt;horrible&lt;/b&gt;" in html and "negative → positive" in page
    assert re.search(r"positive 1 50 ?% 2 100 ?%", page)
    assert (list(Label.objects.values()), Work.objects.count(), AuditEvent.objects.count()) == before


def test_sample_says_its_bounds_and_goes_on_by_a_link(
    chief: Client, past: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(foretelling, "SAMPLE", 1)
    monkeypatch.setattr(foretelling, "PIECE", 1)
    html = chief.get(ASKED).content.decode()
    assert "1 post of 2, drawn at random, was read" in text_of(html) and "numbers are exact" not in html
    (link,) = re.findall(r'<a class="button small" href="([^"]+)">', html)
    part = chief.get(
        link.replace("&amp;", "&"), headers={"HX-Request": "true", "HX-Target": "foretold"}
    ).content.decode()
    assert part.strip().startswith("<section") and "All 2 posts of the record were read" in part


def test_run_is_asked_done_and_taken_back_by_the_page_s_buttons(chief: Client, past: None) -> None:
    page = pressed(chief, "Label the past again", ASKED)
    assert "The past is being labelled again." in page and "waiting" in page
    run_work()
    assert list(Label.objects.filter(kind="tone", chosen=True).values_list("value", flat=True)) == ["positive"] * 2
    page = text_of(chief.get("/settings/labels/").content.decode())
    assert "All posts read again (2): 1 has changed." in page and "the past by tone-grams 99" in page
    assert "labels of before are being chosen" in pressed(chief, "Take its labels back", "/settings/labels/")
    run_work()
    assert sorted(Label.objects.filter(kind="tone", chosen=True).values_list("value", flat=True)) == [
        "negative",
        "positive",
    ]
    assert "1 post has its label of before again." in chief.get("/settings/labels/").content.decode()


def test_run_that_waits_is_cancelled_from_the_page(chief: Client, past: None) -> None:
    pressed(chief, "Label the past again", ASKED)
    pressed(chief, "Cancel", "/settings/labels/")
    assert Work.objects.get(kind="relabel").state == "cancelled"


def test_part_that_shows_runs_is_asked_again_while_one_is_under_way(chief: Client, past: None) -> None:
    assert "every 2s" not in chief.get("/settings/labels/").content.decode()
    pressed(chief, "Label the past again", ASKED)
    headers = {"HX-Request": "true", "HX-Target": "runs"}
    part = chief.get("/settings/labels/", headers=headers).content.decode()
    assert part.strip().startswith('<section class="card flush" id="runs"') and "every 2s" in part


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("kind=tone&first=2026-10-02&last=2026-10-01", "ends before it begins"),
        ("kind=tone&first=2020-01-01&last=2026-10-01", "92 days at most"),
        ("first=2026-10-01&last=2026-10-02", "Choose at least one kind."),
        ("kind=colour&first=2026-10-01&last=2026-10-02", "Choose at least one kind."),
    ],
)
def test_what_can_t_be_foretold_is_said(chief: Client, past: None, query: str, sentence: str) -> None:
    assert sentence in text_of(chief.get(f"/settings/labels/?{query}").content.decode())


def test_statements_of_the_page_do_not_grow_with_runs(chief: Client, past: None) -> None:
    counts = []
    for runs in (1, 3):
        for _ in range(runs):
            pressed(chief, "Label the past again", ASKED)
            run_work()
        chief.get("/settings/labels/")
        with CaptureQueriesContext(connection) as caught:
            chief.get("/settings/labels/")
        counts.append(len(caught))
    assert counts[0] == counts[1]
