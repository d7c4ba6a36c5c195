"""A real mail server, read through the guarded client and through trouble: every mail once, none of them marked."""

import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

import pytest
from support.dovecot import Dovecot
from support.faulty import FaultyProxy

from vigie.collect.source import Place
from vigie.errors import FatalError, RetryableError
from vigie.net.client import Client
from vigie.platforms.mail.source import SOURCE

pytestmark = pytest.mark.enable_socket


@pytest.fixture(scope="module")
def dovecot() -> Iterator[Dovecot]:
    """A mail server with 70 mails."""
    with tempfile.TemporaryDirectory(prefix="vigie-mail-", ignore_cleanup_errors=True) as folder:
        peer = Dovecot(Path(folder)).start()
        peer.append(*(letter(n) for n in range(70)))
        yield peer
        peer.stop()


def letter(n: int) -> bytes:
    mail = EmailMessage()
    mail["From"], mail["Subject"], mail["Message-ID"] = (
        "Zoé <zoe@lettre.example>",
        f"Lettre {n}",
        f"<{n}@lettre.example>",
    )
    mail["Date"] = "Tue, 3 Feb 2026 14:05:00 +0100"
    mail.set_content(f"texte {n} — déjà l’été\n" + "mot " * 200)
    return bytes(mail)


class Reader:
    """Reads as the server does: the cursor is saved with each page."""

    def __init__(self, address: str) -> None:
        self.place = Place(address, {"user": Dovecot.user, "encryption": "none"}, {"password": Dovecot.password})
        self.cursor, self.heard = None, []  # type: ignore[var-annotated]

    def read(self, client: Client, most: int = 10**6) -> int:
        n = 0
        for page in SOURCE.pages(self.place, self.cursor, fetch=client, now=datetime.now(UTC)):
            self.heard += SOURCE.parse(page).posts["native_id"].to_pylist()
            self.cursor, n = page.cursor, n + 1
            if n >= most:
                break
        return n


def test_every_mail_comes_once_through_trouble_and_none_is_marked(dovecot: Dovecot, guarded: Client) -> None:
    with FaultyProxy(dovecot.port, http=False) as proxy:
        reader = Reader(f"imap://127.0.0.1:{proxy.port}/INBOX")
        reader.read(guarded, most=1)
        for mode in ("down", "cut"):
            proxy.mode = mode
            with pytest.raises(RetryableError) as caught:
                reader.read(guarded)
            assert caught.value.code == "net.unreachable"
        proxy.mode = "slow"
        reader.read(guarded, most=1)
        proxy.mode = "pass"
        dovecot.halt()
        with pytest.raises(RetryableError):
            reader.read(guarded)
        dovecot.serve()
        while reader.read(guarded):
            pass
        assert reader.heard == [f"{n}@lettre.example" for n in range(70)]
        assert reader.read(guarded) == 0
        dovecot.append(letter(70))
        reader.read(guarded)
        assert reader.heard[-1] == "70@lettre.example" and len(reader.heard) == 71
        assert dovecot.unread() == 71


def test_folder_that_was_made_anew_is_read_again(dovecot: Dovecot, guarded: Client) -> None:
    dovecot.append(letter(1), letter(2), folder="Veille")
    reader = Reader(f"imap://127.0.0.1:{dovecot.port}/Veille")
    reader.read(guarded)
    session = dovecot.box()
    session.delete("Veille")
    session.logout()
    with pytest.raises(FatalError) as caught:
        reader.read(guarded)
    assert caught.value.code == "net.gone"
    # Dovecot numbers a folder by the second in which it was made.
    import time

    time.sleep(1.1)
    dovecot.append(letter(3), folder="Veille")
    reader.read(guarded)
    assert reader.heard == ["1@lettre.example", "2@lettre.example", "3@lettre.example"]


def test_wrong_password_and_unknown_certificate_are_told_apart(dovecot: Dovecot, guarded: Client) -> None:
    reader = Reader(f"imap://127.0.0.1:{dovecot.port}/INBOX")
    reader.place = Place(reader.place.address, reader.place.options, {"password": "autre"})
    with pytest.raises(FatalError) as caught:
        reader.read(guarded)
    assert caught.value.code == "net.login" and "autre" not in str(caught.value)
    for address in (f"imaps://127.0.0.1:{dovecot.tls_port}/INBOX", f"imap://127.0.0.1:{dovecot.port}/INBOX"):
        reader.place = Place(address, {"user": Dovecot.user}, {"password": Dovecot.password})
        with pytest.raises(FatalError) as caught:
            reader.read(guarded)
        assert caught.value.code == "net.certificate"
