"""Pages of the dictionary, as somebody who edits watches uses them; what was found, on the page of a mention."""

from datetime import UTC, datetime, timedelta
from html import unescape

import pyarrow as pa
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from vigie.schema.tables import POSTS
from vigie.schema.vocab import Role
from vigie.server.models import DictionaryEntry, Membership, Mention, User
from vigie.server.permissions import COMMAND
from vigie.server.services import dictionary, door, spaces, watches
from vigie.server.services.spaces import SpaceDraft
from vigie.server.services.watches import WatchDraft

NOW = datetime(2026, 10, 30, 8, 0, tzinfo=UTC)


SERELIUM = {
    "name": "Sérélium", "is_device": "drug", "substance": "sérélicine", "spellings": "le séré\n", "is_ours": "on",
}  # fmt: skip
"""An entry as somebody types it."""


@pytest.fixture
def editor(logged_in: Client, user: User) -> Client:
    Membership.objects.filter(user=user).update(role=Role.COMMUNITY_MANAGER)
    return logged_in


def test_the_first_page_teaches(editor: Client) -> None:
    page = editor.get(reverse("dictionary")).content.decode()
    assert "Aucune entrée" in page
    assert "Licence Ouverte Etalab 2.0" in page


def test_add_change_close_and_undo(editor: Client) -> None:
    typed = {**SERELIUM, "name": " Sérélium "}
    page = editor.post(reverse("dictionary-add"), typed, follow=True)
    (entry,) = DictionaryEntry.objects.all()
    assert (entry.name, entry.spellings, entry.substance, entry.is_ours) == (
        "Sérélium",
        ["le séré"],
        "sérélicine",
        True,
    )
    assert reverse("dictionary-close", args=[entry.pk]) in page.content.decode()
    here = reverse("dictionary-change", args=[entry.pk])
    assert "le séré" in editor.get(here).content.decode()
    editor.post(here, {**typed, "spellings": "<b>x</b>"})
    assert "<b>x</b>" not in editor.get(reverse("dictionary")).content.decode()
    page = editor.post(reverse("dictionary-close", args=[entry.pk]), follow=True)
    undo = reverse("dictionary-reopen", args=[entry.pk])
    assert undo in page.content.decode()
    editor.post(undo)
    entry.refresh_from_db()
    assert entry.closed_at is None


def test_a_change_is_undone_by_one_press(editor: Client) -> None:
    typed = {**SERELIUM, "spellings": "le séré\nsere'lium & co"}
    editor.post(reverse("dictionary-add"), typed)
    entry = DictionaryEntry.objects.get()
    here = reverse("dictionary-change", args=[entry.pk])
    page = editor.post(here, {"name": "Autre", "is_device": "device", "spellings": ""}, follow=True).content.decode()
    undo = unescape(next(part for part in page.split('"') if "change-back" in part))
    assert DictionaryEntry.objects.get().name == "Autre"
    assert editor.get(undo).status_code == 405
    editor.post(undo)
    back = DictionaryEntry.objects.get()
    assert (back.name, back.is_device, back.substance, back.spellings, back.is_ours) == (
        "Sérélium", False, "sérélicine", ["le séré", "sere'lium & co"], True,
    )  # fmt: skip


def test_a_wording_too_long_for_an_address_has_no_undo(editor: Client) -> None:
    long = tuple(f"{'x' * 100} {n}" for n in range(40))
    entry = dictionary.add(dictionary.Wording("Sérélium", long), asker=COMMAND, now=NOW)
    page = editor.post(reverse("dictionary-change", args=[entry.pk]), {"name": "S", "is_device": "drug"}, follow=True)
    assert "change-back" not in page.content.decode() and DictionaryEntry.objects.get().name == "S"


def test_a_way_back_that_says_nothing_is_told_and_changes_nothing(editor: Client) -> None:
    entry = dictionary.add(dictionary.Wording("Sérélium"), asker=COMMAND, now=NOW)
    editor.post(reverse("dictionary-change-back", args=[entry.pk]))
    assert DictionaryEntry.objects.get().name == "Sérélium"


def test_a_refusal_stands_in_french_above_the_form(editor: Client) -> None:
    dictionary.add(dictionary.Wording("Sérélium"), asker=COMMAND, now=NOW)
    page = editor.post(reverse("dictionary-add"), {"name": "SERELIUM", "is_device": "drug"})
    text = page.content.decode()
    errors = page.context["form"].errors
    assert "est déjà une graphie de «\u202fSérélium\u202f»" in text, (errors, page.status_code)


def test_the_list_takes_as_many_statements_for_three_entries_as_for_one(editor: Client) -> None:
    counts = []
    for name in ("a1", "b1 b2", "c1"):
        dictionary.add(dictionary.Wording(name, tuple(f"{name} {n}" for n in range(7))), asker=COMMAND, now=NOW)
        with CaptureQueriesContext(connection) as seen:
            editor.get(reverse("dictionary"))
        counts.append(len(seen))
    assert counts[0] == counts[1] == counts[2]


def test_a_mention_shows_what_was_found_and_the_words_that_say_it(logged_in: Client, user: User) -> None:
    brand = Membership.objects.get(user=user).brand
    assert brand is not None
    forum = spaces.add(SpaceDraft("Forum", "import", "forum"), asker=COMMAND, now=NOW)
    watches.add(WatchDraft("Doliprane", brand.pk, "brand", brand.pk, "doliprane"), asker=COMMAND, now=NOW)
    row = {
        "origin": "f.example", "native_id": "1", "network": "forum", "published_at": NOW - timedelta(hours=1),
        "title": "Bonjour", "text": "Depuis que je prends du doliprane j'ai la tête qui tourne, mais pas de nausées.",
    }  # fmt: skip
    posts = pa.Table.from_pylist([row], schema=POSTS)
    door.take(posts, space_id=forum.pk, heard_at=NOW, fetch_id=None, now=NOW)
    page = logged_in.get(reverse("mentions-detail", args=[Mention.objects.get().pk])).content.decode()
    assert '<u class="found reaction">j&#x27;ai la tête qui tourne</u>' in page, "among what was found"
    assert '<u class="found reaction" title="réaction\u202f: vertige">j&#x27;ai la tête qui tourne</u>' in page, (
        "in the text"
    )
    assert '<mark><u class="found drug" title="médicament\u202f: paracétamol">doliprane</u></mark>' in page
    assert "vertige" in page and "paracétamol" in page
    assert "nié" in page and "bdpm" in page
    assert "drug=parac" in page and "reaction=dizziness" in page and "reaction=nausea" not in page
