"""Mail: alerts unwrapped, one post a letter, charsets that lie, bombs; numbers, validity, read-only by every command."""

import json
from datetime import UTC, datetime
from email.message import EmailMessage
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.mailbox import Mailbox

from vigie.collect.source import Page, Place
from vigie.errors import FatalError, RetryableError, SkippableError
from vigie.platforms.mail.alerts import unwrapped
from vigie.platforms.mail.client import folder_name, mailbox_of, packed, quoted
from vigie.platforms.mail.settings import MAIL_MOST, MAILS_MOST
from vigie.platforms.mail.source import SOURCE
from vigie.testing.sources import Recorded

NOW = datetime(2026, 2, 5, 12, tzinfo=UTC)
PLACE = Place("imap://mail.example/INBOX", {"user": "alertes", "encryption": "none"}, {"password": "sésame"})

ALERT = """<html><body><table><tr><td>Google</td></tr>
<tr itemscope="" itemtype="http://schema.org/Article"><td><div><span><a href="https://www.google.com/url?rct=j&amp;sa=t&amp;url=https://www.journal.example/sante/vertiges%3Fid%3D4%26utm_source%3Dx&amp;ct=ga&amp;cd=CAE&amp;usg=AOv" itemprop="url"><span itemprop="name">Des <b>vertiges</b> &amp; des questions</span></a></span><div><div itemprop="publisher" itemscope="" itemtype="http://schema.org/Organization"><a><span itemprop="name">Le Journal inventé</span></a></div><div itemprop="description">Plusieurs patients racontent&nbsp;... <b>Sérélium</b></div></div></div></td></tr>
<tr itemscope="" itemtype="http://schema.org/Article"><td><a href="https://www.google.fr/url?q=http://blog.example/b&amp;ct=ga" itemprop="url"><span itemprop="name">Un billet</span></a></td></tr>
<tr itemscope="" itemtype="http://schema.org/Article"><td><a href="javascript:alert(1)" itemprop="url"><span itemprop="name">Rien</span></a></td></tr>
<tr><td><a href="https://www.google.com/alerts/remove?s=AB">Se désabonner</a></td></tr></table></body></html>"""


def letter(**values: Any) -> bytes:
    mail = EmailMessage()
    mail["From"] = values.get("sender", "Zoé Plume <zoe@lettre.example>")
    mail["Subject"] = values.get("subject", "Revue de presse")
    mail["Message-ID"] = values.get("id", "<1@lettre.example>")
    mail["Date"] = values.get("date", "Tue, 3 Feb 2026 14:05:00 +0100")
    mail.set_content(values.get("text", "Bonjour,\nrien de neuf."))
    if "html" in values:
        mail.add_alternative(values["html"], subtype="html")
    for name in values.get("files", ()):
        mail.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename=name)
    return bytes(mail)


def parsed(*mails: bytes):  # type: ignore[no-untyped-def]
    page = Page("imap://mail.example/INBOX", packed(dict(enumerate(mails, 1))), "message/rfc822", "posts", NOW, "")
    return SOURCE.parse(page)


def rows(*mails: bytes) -> list[dict[str, Any]]:
    return list(parsed(*mails).posts.to_pylist())


def test_each_entry_of_an_alert_is_a_post_with_its_own_link() -> None:
    found = rows(letter(sender="Google Alertes <googlealerts-noreply@google.com>", html=ALERT))
    first, second = found
    assert (first["native_id"], first["origin"], first["network"]) == (
        "https://journal.example/sante/vertiges?id=4",
        "journal.example",
        "press",
    )
    assert (first["title"], first["site"]) == ("Des vertiges & des questions", "Le Journal inventé")
    assert first["text"] == "Plusieurs patients racontent ... Sérélium" and first["author"] is None
    assert first["published_at"] == datetime(2026, 2, 3, 13, 5, tzinfo=UTC)
    assert (second["native_id"], second["title"], second["text"]) == ("https://blog.example/b", "Un billet", "")


def test_alert_without_markup_gives_its_links() -> None:
    html = '<a href="https://www.google.com/url?url=https://a.example/1&amp;ct=ga">Titre</a><a href="https://www.google.com/alerts?x">Gérer</a>'
    assert [r["native_id"] for r in rows(letter(sender="googlealerts-noreply@google.com", html=html))] == [
        "https://a.example/1"
    ]


def test_same_article_in_two_alerts_is_one_post() -> None:
    alert = letter(sender="googlealerts-noreply@google.com", html=ALERT)
    found = parsed(alert, alert)
    assert found.posts.num_rows == 2 and found.repeated == 2


@pytest.mark.parametrize(
    ("link", "target"),
    [
        ("https://www.google.com/url?url=https://a.example/%C3%A9&ct=ga", "https://a.example/é"),
        ("https://www.google.co.uk/url?q=http://a.example/", "http://a.example/"),
        ("https://www.google.com/url?url=javascript:alert(1)", ""),
        ("https://evil.example/url?url=https://a.example/", ""),
        ("https://www.google.com/alerts?url=https://a.example/", ""),
        ("http://[", ""),
    ],
)
def test_redirects_of_google_are_unwrapped_without_asking(link: str, target: str) -> None:
    assert unwrapped(link) == target


def test_letter_is_one_post_with_its_attachments_named() -> None:
    html = '<p>Bonjour&nbsp;!</p><img src="https://suivi.example/p.gif"><p>Le <a href="https://suivi.example/c?u=1">Sérélium</a> en cause.</p>'
    row = rows(letter(html=html, files=["coupures été.pdf"]))[0]
    assert (row["native_id"], row["origin"], row["network"]) == ("1@lettre.example", "lettre.example", "other")
    assert row["text"] == "Bonjour !\nLe Sérélium en cause.\n📎 coupures été.pdf"
    assert (row["author"], row["title"], row["media"], row["url"]) == ("Zoé Plume", "Revue de presse", [], None)


def test_letter_without_id_has_one_that_stays() -> None:
    raw = b"From: a@b.example\nSubject: x\n\ntexte"
    assert rows(raw)[0]["native_id"] == rows(raw)[0]["native_id"] and rows(raw)[0]["native_id"].startswith("h:")


@pytest.mark.parametrize(
    ("declared", "actual"),
    [("utf-8", "utf-8"), ("iso-8859-1", "utf-8"), ("us-ascii", "utf-8"), ("utf-8", "cp1252"), ("iso-8859-1", "cp1252"), ("nonsense", "utf-8"),
     ("windows-1252", "cp1252"), ("utf-16", "utf-16")],
)  # fmt: skip
def test_charsets_that_lie_are_seen_through(declared: str, actual: str) -> None:
    raw = (
        b"From: a@b.example\nContent-Type: text/plain; charset="
        + declared.encode()
        + b"\nContent-Transfer-Encoding: base64\n\n"
    )
    import base64

    assert rows(raw + base64.encodebytes("déjà l’été".encode(actual)))[0]["text"] == "déjà l’été"


def test_japanese_of_seven_bits_is_read_as_it_says() -> None:
    raw = b"From: a@b.example\nContent-Type: text/plain; charset=iso-2022-jp\n\n" + "めまい".encode("iso-2022-jp")
    assert rows(raw)[0]["text"] == "めまい"


@pytest.mark.parametrize(
    ("subject", "title"),
    [
        (b"=?utf-8?b?ZMOpasOg?= vu", "déjà vu"),
        (b"=?iso-8859-1?q?d=E9j=E0?=", "déjà"),
        ("déjà".encode(), "déjà"),
        ("déjà".encode("cp1252"), "déjà"),
        (b"=?nope?q?x?=", "x"),
        (b"=?utf-8?b?@@@?=", None),
        (b"a\n b", "a b"),
    ],
)
def test_headers_are_read_however_written(subject: bytes, title: str | None) -> None:
    row = rows(b"From: a@b.example\nSubject: " + subject + b"\n\ntexte")[0]
    assert row["text"] == "texte" and (title is None or row["title"] == title)


@pytest.mark.parametrize(
    "date", ["Mon, 01 Jan 0001 00:00:00 +0000", "Thu, 01 Jan 1970 00:00:00 GMT", "Fri, 01 Jan 2100 00:00:00 +0000"]
)
def test_absurd_dates_are_given_as_said(date: str) -> None:
    found = rows(letter(date=date).replace(b"Date: ", b"X: ", 0))[0]["published_at"]
    assert found is None or found.tzinfo is not None


def test_bombs_are_bounded() -> None:
    nested = b"From: a@b.example\nSubject: bombe\n"
    for n in range(3_000):
        nested += b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n)
    wide = (
        b"From: a@b.example\nSubject: large\nContent-Type: multipart/mixed; boundary=b\n\n"
        + b"--b\nContent-Type: text/plain\n\nx\n" * 50_000
    )
    long = letter(text="mot " * 400_000)
    found = parsed(nested, wide, long)
    assert found.posts.num_rows + len(found.skipped) == 3
    assert max(len(text) for text in found.posts["text"].to_pylist()) <= 100_000


def test_mail_without_words_is_counted() -> None:
    found = parsed(b"From: a@b.example\n\n", letter(sender="googlealerts-noreply@google.com", text="Confirmez"))
    assert [(s.where, s.code) for s in found.skipped] == [("mail 1", "mail.no_words"), ("mail 2", "mail.no_words")]


@given(st.binary(max_size=500), st.sampled_from([b"", b"From: googlealerts-noreply@google.com\nContent-Type: text/html\n\n", b"Content-Type: multipart/mixed; boundary=a\n\n--a\n"]))  # fmt: skip
@settings(max_examples=300, deadline=None)
def test_hostile_mails_are_posts_or_counted(body: bytes, before: bytes) -> None:
    found = parsed(before + body)
    assert found.posts.num_rows or found.skipped


# The mailbox.


def read(box: Mailbox, cursor: str | None = None, place: Place = PLACE) -> list[Page]:
    return list(SOURCE.pages(place, cursor, fetch=Recorded({}, dials=box.dial), now=NOW))


def letters(n: int) -> list[bytes]:
    return [letter(id=f"<{i}@lettre.example>", text=f"texte {i}") for i in range(n)]


def ids_in(pages: list[Page]) -> list[str]:
    return [i for page in pages for i in SOURCE.parse(page).posts["native_id"].to_pylist()]


@pytest.mark.parametrize("uid_last", [False, True])
def test_mails_come_once_and_in_order(uid_last: bool) -> None:
    box = Mailbox(letters(60))
    box.uid_last = uid_last
    pages = read(box)
    assert ids_in(pages) == [f"{i}@lettre.example" for i in range(60)] and len(pages) == 3
    assert read(box, pages[-1].cursor) == []
    box.mails[99] = letter(id="<neuf@lettre.example>")
    assert ids_in(read(box, pages[-1].cursor)) == ["neuf@lettre.example"]


def test_resume_after_any_page_loses_nothing() -> None:
    box = Mailbox(letters(60))
    first = read(box)
    for number, page in enumerate(first):
        assert ids_in(read(box, page.cursor)) == ids_in(first[number + 1 :])


def test_connection_cut_in_mid_mail_goes_on() -> None:
    box = Mailbox(letters(60))
    box.cut_after = 30
    pages: list[Page] = []
    with pytest.raises(RetryableError):
        for page in SOURCE.pages(PLACE, None, fetch=Recorded({}, dials=box.dial), now=NOW):
            pages.append(page)
    box.cut_after = 10**9
    assert ids_in([*pages, *read(box, pages[-1].cursor)]) == [f"{i}@lettre.example" for i in range(60)]


def test_numbers_that_mean_nothing_any_more_begin_again() -> None:
    box = Mailbox(letters(3))
    cursor = read(box)[-1].cursor
    box.validity = 8
    assert len(ids_in(read(box, cursor))) == 3 and json.loads(cursor) == {"validity": 7, "uid": 3}


def test_nothing_is_marked_moved_or_deleted() -> None:
    box = Mailbox(letters(3))
    read(box)
    assert {line.split()[0] for line in box.said} == {"CAPABILITY", "AUTHENTICATE", "EXAMINE", "UID"}
    assert all("PEEK" in line for line in box.said if "BODY" in line)


def test_read_is_bounded() -> None:
    box = Mailbox([b"From: a@b.example\n\nx"] * (MAILS_MOST + 10))
    assert sum(SOURCE.parse(p).posts.num_rows + 0 for p in read(box)) >= 1
    assert json.loads(read(box)[-1].cursor)["uid"] == MAILS_MOST


def test_long_mail_is_read_from_its_beginning() -> None:
    box = Mailbox([letter(text="début " + "x" * 10) + b"y" * (MAIL_MOST + 1_000)])
    assert SOURCE.parse(read(box)[0]).posts["text"][0].as_py().startswith("début")


def test_server_that_announces_too_much_is_left() -> None:
    box = Mailbox(letters(1))
    box.lie = 10**10
    with pytest.raises(RetryableError):
        read(box)


@pytest.mark.parametrize(
    ("change", "kind", "code"),
    [
        ({"password": "autre"}, FatalError, "net.login"),
        ({"folder": "Autre"}, FatalError, "net.gone"),
        ({"password": "autre", "refusal": "[UNAVAILABLE] later"}, RetryableError, "net.unreachable"),
    ],
)
@pytest.mark.parametrize("capabilities", ["IMAP4rev1 AUTH=PLAIN", "IMAP4rev1"])
def test_refusals_are_told_apart(change: dict[str, Any], kind: type[Exception], code: str, capabilities: str) -> None:
    box = Mailbox(letters(1), user='a"b', password="mot")
    place = Place(PLACE.address, {**PLACE.options, "user": 'a"b'}, {"password": "mot"})
    box.capabilities = capabilities
    for name, value in change.items():
        setattr(box, name, value)
    with pytest.raises(kind) as caught:
        read(box, place=place)
    assert caught.value.code == code and "mot" not in str(caught.value)


def test_plain_log_in_works_with_any_name() -> None:
    box = Mailbox(letters(1), user='a"b', password="mot")
    box.capabilities = "IMAP4rev1"
    assert len(read(box, place=Place(PLACE.address, {**PLACE.options, "user": 'a"b'}, {"password": "mot"}))) == 1


def test_password_is_not_sent_in_clear_unless_allowed() -> None:
    box = Mailbox(letters(1))
    with pytest.raises(FatalError) as caught:
        read(box, place=Place(PLACE.address, {"user": "alertes"}, PLACE.secrets))
    assert caught.value.code == "mail.clear" and not any("AUTH" in line for line in box.said)


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("imaps://mail.example", ("mail.example", 993, "INBOX", True)),
        ("imap://mail.example", ("mail.example", 143, "INBOX", False)),
        ("imap://mail.example:993/Veille/Alertes", ("mail.example", 993, "Veille/Alertes", True)),
        ("imaps://mail.example:1993/Revue%20de%20presse", ("mail.example", 1993, "Revue de presse", True)),
    ],
)
def test_addresses_of_mailboxes_are_read(address: str, expected: tuple[str, int, str, bool]) -> None:
    box = mailbox_of(address)
    assert (box.host, box.port, box.folder, box.begins_encrypted) == expected
    found = SOURCE.discover(address, fetch=Recorded({}), now=NOW)
    assert found is not None and found.kind == "mail" and mailbox_of(found.address) == box


@pytest.mark.parametrize(
    "address", ["imap://a:b@mail.example/", "imap://a@mail.example/", "imaps:///INBOX", "imap://[", "https://x"]
)
def test_addresses_that_are_none_or_hold_secrets_are_refused(address: str) -> None:
    with pytest.raises(FatalError):
        mailbox_of(address)


def test_folder_names_and_strings_are_written_as_the_rfc_says() -> None:
    assert folder_name("~peter/mail/台北/日本語") == "~peter/mail/&U,BTFw-/&ZeVnLIqe-"
    assert folder_name("Entrée & sortie") == "Entr&AOk-e &- sortie"
    assert quoted('a"b\\c\r\nd') == '"a\\"b\\\\cd"'


def test_page_that_is_not_whole_is_said() -> None:
    with pytest.raises(SkippableError):
        SOURCE.parse(Page("", packed({1: b"abc"})[:-1], "", "posts", NOW, ""))
