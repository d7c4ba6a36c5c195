"""Lists of feeds in and out by the page."""

import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from vigie.collect import opml
from vigie.server.models import AuditEvent, Space
from vigie.server.permissions import COMMAND
from vigie.server.services import spaces
from vigie.server.services.feeds import STAGGER
from vigie.server.services.spaces import SpaceDraft

from .test_catalogue import editor
from .test_counts import NOW

__all__ = ["editor"]

FILE = (
    '<opml version="2.0"><body><outline text="Santé"><outline text="Un &lt;b&gt; blog" xmlUrl="https://a.example/feed"/>'
    '<outline text="Deux" xmlUrl="https://b.example/feed"/><outline text="Deux encore" xmlUrl="https://b.example/feed"/>'
    '<outline text="Connu" xmlUrl="https://known.example/feed"/></outline></body></opml>'
).encode()


def sent(client: Client, data: bytes = FILE) -> str:
    return client.post("/spaces/opml/", {"file": SimpleUploadedFile("f.opml", data)}).content.decode()


def test_file_is_looked_at_before_anything_is_added(editor: Client) -> None:
    spaces.add(SpaceDraft("Connu", "feed", "feed", "https://known.example/feed"), asker=COMMAND, now=NOW)
    html = sent(editor).replace("\u202f", " ").replace("\u00a0", " ")
    assert html.count('name="feed"') == 2 and "Un &lt;b&gt; blog" in html and "Connu" not in html
    assert "2 nouveaux flux" in html and Space.objects.count() == 1


def test_chosen_feeds_are_added_once_with_reads_spread_and_one_undo(editor: Client) -> None:
    values = re.findall(r'name="feed"[^>]*value="([^"]*)"', sent(editor))
    values = [value.replace("&lt;", "<").replace("&gt;", ">") for value in values]
    assert len(values) == 3
    answer = editor.post("/spaces/opml/", {"feed": values[:2]}, follow=True)
    made = list(Space.objects.order_by("pk"))
    assert [(s.title, s.kind, s.address) for s in made] == [
        ("Un <b> blog", "feed", "https://a.example/feed"),
        ("Deux", "feed", "https://b.example/feed"),
    ]
    assert made[1].next_read_at - made[0].next_read_at == STAGGER > timedelta(0)
    editor.post("/spaces/opml/", {"feed": values[:2]})
    assert Space.objects.count() == 2
    undo = re.search(r'action="(/spaces/opml/undo/\d+/)"', answer.content.decode())
    assert undo is not None
    editor.post(undo.group(1))
    assert not Space.objects.filter(closed_at=None).exists()
    assert AuditEvent.objects.filter(action="spaces.opml").count() == 2


def test_addresses_of_a_forged_form_are_left_out(editor: Client) -> None:
    editor.post("/spaces/opml/", {"feed": ["javascript:alert(1) x", "file:///etc/passwd", "https://ok.example/feed"]})
    assert [s.address for s in Space.objects.all()] == ["https://ok.example/feed"]


@pytest.mark.parametrize("data", [b"not xml", b"<!DOCTYPE opml []><opml/>"])
def test_file_that_is_refused_says_why_beside_its_field(data: bytes, editor: Client) -> None:
    html = sent(editor, data)
    assert 'class="error"' in html and 'name="feed"' not in html


def test_feeds_go_out_and_come_in_again_the_same(editor: Client) -> None:
    for n in range(5):
        spaces.add(
            SpaceDraft(f"Blog « {n} » & co", "feed", "feed", f"https://h{n}.example/f?a=1&b=é"), asker=COMMAND, now=NOW
        )
    spaces.add(SpaceDraft("Fichiers", "import", "forum"), asker=COMMAND, now=NOW)
    gone = spaces.add(SpaceDraft("Fermé", "feed", "feed", "https://gone.example/"), asker=COMMAND, now=NOW)
    spaces.close(gone.pk, asker=COMMAND, now=NOW)
    data = editor.get("/spaces/opml/vigie.opml").content
    before = {(s.title, s.address) for s in Space.objects.filter(kind="feed", closed_at=None)}
    assert {(feed.title, feed.address) for feed in opml.read(data).feeds} == before and len(before) == 5
    Space.objects.all().delete()
    values = [f"{feed.address} {feed.title}" for feed in opml.read(data).feeds]
    editor.post("/spaces/opml/", {"feed": values})
    assert {(s.title, s.address) for s in Space.objects.all()} == before
    assert editor.get("/spaces/opml/vigie.opml").content == data


def test_reader_gets_no_addresses(logged_in: Client) -> None:
    assert logged_in.get("/spaces/opml/vigie.opml").status_code == 403
    assert logged_in.post("/spaces/opml/", {"feed": "https://a.example/"}).status_code == 403
