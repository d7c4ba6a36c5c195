"""The page that takes a file in: a browser sends a file once, so what it sent is kept through a mistake."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from vigie.schema.vocab import Role
from vigie.server.models import Membership, Space, User, Work

CSV = b"text,date\nSerelium me donne le vertige,2026-10-30\n"


@pytest.fixture
def listener(logged_in: Client, user: User) -> Client:
    Membership.objects.create(user=user, brand=None, role=Role.ADMINISTRATOR)
    return logged_in


def sent(client: Client, name: str = "export.csv", body: bytes = CSV, **values: str) -> str:
    """Send a file, and return the page that comes back; where it leads when it leads elsewhere."""
    answer = client.post("/imports/", {"file": SimpleUploadedFile(name, body), **values})
    return answer.headers.get("Location") or answer.content.decode()


def kept(page: str) -> dict[str, str]:
    return dict(re.findall(r'<input type="hidden" name="(kept|kept_as)" value="([^"]*)"', page))


def test_file_is_kept_when_the_space_was_forgotten(listener: Client) -> None:
    page = sent(listener)
    assert re.search(r"export\.csv\s» est gardé", page)
    answer = listener.post("/imports/", {**kept(page), "title": "Une étude"})
    assert answer.status_code == 302 and answer.headers["Location"].endswith(f"{kept(page)['kept']}/")
    assert Space.objects.get().title == "Une étude"
    assert "Serelium me donne le vertige" in listener.get(answer.headers["Location"]).content.decode()


def test_another_file_takes_the_place_of_the_kept_one(listener: Client) -> None:
    first = kept(sent(listener))
    other = sent(listener, "autre.csv", b"text\nAutre chose\n", **first)
    assert kept(other)["kept_as"] == "autre.csv" and kept(other)["kept"] != first["kept"]


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "0" * 32 + ".csv"])
def test_name_that_is_no_upload_is_no_file(listener: Client, name: str) -> None:
    page = listener.post("/imports/", {"kept": name, "kept_as": "x.csv", "title": "Une étude"}).content.decode()
    assert "Ce champ est obligatoire" in page and not Space.objects.exists()


def test_file_that_cannot_be_read_is_said_and_not_kept(listener: Client) -> None:
    page = sent(listener, "export.pdf", b"%PDF", title="Une étude")
    assert ".pdf" in page and kept(page).get("kept", "") == ""
    assert not Space.objects.exists()


def test_page_that_asked_every_second_is_read_anew_once_nothing_is_under_way(listener: Client) -> None:
    address = sent(listener, title="Une étude")
    space = Space.objects.get()
    listener.post(address, {"field-text": "text", "start": "1"})
    asked = {"headers": {"HX-Request": "true"}}
    assert "HX-Refresh" not in listener.get(f"/spaces/{space.pk}/", **asked).headers
    Work.objects.update(state="done")
    assert listener.get(f"/spaces/{space.pk}/", **asked).headers["HX-Refresh"] == "true"
    assert "HX-Refresh" not in listener.get(f"/spaces/{space.pk}/").headers


def test_secret_that_is_not_set_is_not_shown_as_one(listener: Client) -> None:
    page = listener.get("/settings/").content.decode()
    row = page.partition("<code>VIGIE_MAIL_URL</code>")[2].partition("</tr>")[0]
    assert "–" in row and "secret" not in row
