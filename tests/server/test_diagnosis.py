"""`vigie doctor`: each fault alone is found, is not ok, and its sentence says what to do."""

import os
import shutil
import socket
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings
from django.db import connection

from vigie.schema.vocab import Role
from vigie.server.config import Listen
from vigie.server.context import REFERENCE_HEADER
from vigie.server.models import Membership, Space, User
from vigie.server.permissions import COMMAND
from vigie.server.services import diagnosis, people
from vigie.server.services.diagnosis import Diagnosis

pytestmark = pytest.mark.django_db

Fault = Callable[[pytest.MonkeyPatch], AbstractContextManager[object]]


def found(name: str, *, now: datetime | None = None) -> Diagnosis:
    """Return what the doctor says of one thing."""
    return next(one for one in diagnosis.examine(now=now or datetime.now(UTC)) if one.name == name)


def set_to(**values: Any) -> Fault:
    """Return a fault of settings."""

    def make(_: pytest.MonkeyPatch) -> AbstractContextManager[object]:
        settings.VIGIE = replace(settings.VIGIE, **values)
        return nullcontext()

    return make


def patched(owner: Any, name: str, value: Any) -> Fault:
    """Return a fault of what the machine says."""

    def make(patch: pytest.MonkeyPatch) -> AbstractContextManager[object]:
        patch.setattr(owner, name, value)
        return nullcontext()

    return make


def key_file(mode: int | None) -> Fault:
    def make(_: pytest.MonkeyPatch) -> AbstractContextManager[object]:
        settings.VIGIE = replace(settings.VIGIE, secret_key=None)
        if mode is not None:
            settings.VIGIE.secret_key_file.write_text("x" * 50)
            settings.VIGIE.secret_key_file.chmod(mode)
        return nullcontext()

    return make


@contextmanager
def listening(port_of: Callable[[int], None], *, header: str | None) -> Iterator[None]:
    """Hold a port with a web server; with our header it is Vigie."""

    class Page(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self.send_response(302)
            if header:
                self.send_header(header, "r-0123456789")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    port_of(server.server_port)
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def silent(port_of: Callable[[int], None]) -> Iterator[None]:
    """Hold a port with a program that takes connections and never says a word."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port_of(other.getsockname()[1])
        yield


def listen_on(port: int) -> None:
    settings.VIGIE = replace(settings.VIGIE, listen=Listen("127.0.0.1", port))


def mail_on(port: int) -> None:
    settings.VIGIE = replace(settings.VIGIE, mail_url=f"smtp://127.0.0.1:{port}")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def taken_silently(patch: pytest.MonkeyPatch) -> AbstractContextManager[object]:
    patch.setattr(diagnosis, "ANSWER_S", 0.3)
    return silent(listen_on)


def room(n: int) -> Any:
    return lambda path: SimpleNamespace(free=n)


PUBLIC = Listen("192.0.2.7", 8765)

FAULTS: dict[str, tuple[str, Fault, str]] = {
    "disk is full": ("disk", patched(shutil, "disk_usage", room(2**30)), "Only 1.0 GiB are free. Make room."),
    "folder is another user's": ("disk", patched(os, "access", lambda *_: False), "give it to this user"),
    "no contact": ("contact", set_to(contact=""), "No contact is set (VIGIE_CONTACT)"),
    "no mail server": ("mail", set_to(mail_url=None), "No mail server is set (VIGIE_MAIL_URL)"),
    "mail server is away": ("mail", lambda _: (mail_on(free_port()), nullcontext())[1], "check VIGIE_MAIL_URL"),
    "address is not allowed": (
        "address", set_to(public_url="https://vigie.example", allowed_hosts=("other.example",)),
        "VIGIE_PUBLIC_URL names vigie.example, which VIGIE_ALLOWED_HOSTS does not",
    ),
    "pages without HTTPS": (
        "address", set_to(public_url="http://vigie.example", allowed_hosts=("vigie.example",), listen=PUBLIC),
        "without HTTPS; put a proxy before",
    ),
    "key is open": ("key", key_file(0o644), "chmod 600 it"),
    "key is gone": ("key", key_file(None), "There is no key yet (secret.key)"),
    "another web server": ("port", lambda _: listening(listen_on, header=None), "Another program has port"),
    "a program that says nothing": ("port", taken_silently, "choose another by VIGIE_LISTEN"),
}  # fmt: skip
"""What may be wrong, the name under which it is found, and what its sentence must say."""

SOUND: dict[str, tuple[str, Fault, str]] = {
    "room": ("disk", patched(shutil, "disk_usage", room(50 * 2**30)), "50.0 GiB are free."),
    "contact is told": ("contact", set_to(contact="web@company.example"), "how to reach you: web@company.example"),
    "mail server answers": ("mail", lambda _: silent(mail_on), "The mail server answers."),
    "address": (
        "address", set_to(public_url="https://vigie.example", allowed_hosts=("vigie.example",), listen=PUBLIC),
        "Pages are at https://vigie.example.",
    ),
    "key of the settings": ("key", set_to(secret_key="x" * 50), "The key comes from the settings."),
    "key made": ("key", key_file(0o600), "keep a copy apart"),
    "port is free": ("port", lambda _: (listen_on(free_port()), nullcontext())[1], "is free."),
    "Vigie runs": ("port", lambda _: listening(listen_on, header=REFERENCE_HEADER), "Vigie answers on port"),
    "versions": ("versions", lambda _: nullcontext(), "Python 3."),
}  # fmt: skip


@pytest.mark.parametrize("fault", sorted(FAULTS))
def test_fault_is_found_and_says_what_to_do(fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    name, make, sentence = FAULTS[fault]
    with make(monkeypatch):
        said = found(name)
    assert not said.ok and sentence in said.sentence


@pytest.mark.parametrize("state", sorted(SOUND))
def test_what_is_sound_is_ok(state: str, monkeypatch: pytest.MonkeyPatch) -> None:
    name, make, sentence = SOUND[state]
    with make(monkeypatch):
        said = found(name)
    assert said.ok and sentence in said.sentence


def test_space_that_was_never_heard_is_told_apart_from_one_that_is_heard_no_more() -> None:
    assert found("spaces").sentence == "Every space answers."
    for title, kind in (("Blog", "feed"), ("https://a.example/", "unknown")):
        Space.objects.create(
            name=kind, title=title, kind=kind, network="blog", failures=3, created_at=datetime.now(UTC)
        )
    said = found("spaces")
    assert not said.ok
    assert said.sentence == "Not heard any more: Blog. Not known yet how to read: https://a.example/."


def test_invitation_that_waits_is_told_apart_from_none() -> None:
    now = datetime.now(UTC)
    assert "“vigie user add EMAIL” invites one" in found("people").sentence
    invited = people.invite("chef@example.org", Role.ADMINISTRATOR, None, asker=COMMAND, now=now).invitation
    waiting = found("people", now=now)
    until = f"{invited.expires_at.astimezone(settings.VIGIE.time_zone):%Y-%m-%d %H:%M}"
    assert not waiting.ok and "an invitation waits" in waiting.sentence and until in waiting.sentence
    assert "invites one" in found("people", now=invited.expires_at).sentence
    user = User.objects.create_user("chef@example.org", language="fr")
    Membership.objects.create(user=user, role=Role.ADMINISTRATOR)
    assert found("people", now=now) == Diagnosis("people", ok=True, sentence="There is an administrator.")


@pytest.mark.parametrize(("off", "ok"), [(0, True), (4, True), (-4, True), (20, False), (-20, False), (7_200, False)])
def test_clocks_that_differ_are_a_fault_either_way(off: int, ok: bool) -> None:
    said = found("time", now=datetime.now(UTC) + timedelta(seconds=off))
    assert said.ok is ok and (ok or "set both clocks by a time server" in said.sentence)


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL has no such limit")
@pytest.mark.parametrize(("version", "ok"), [((3, 34, 1), False), ((3, 35, 0), True), ((3, 46, 1), True)])
def test_sqlite_that_is_too_old_is_named(version: tuple[int, ...], ok: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite3, "sqlite_version_info", version)
    monkeypatch.setattr(sqlite3, "sqlite_version", ".".join(map(str, version)))
    said = found("versions")
    assert said.ok is ok and (ok or said.sentence == "SQLite 3.34.1 is too old; 3.35 is needed.")


def test_pages_of_vigie_are_known_by_their_header(live_server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    listen_on(live_server.thread.port)
    said = found("port")
    assert said.ok and "Vigie answers" in said.sentence


def test_object_store_is_asked_whether_it_refuses_a_second_writer(monkeypatch: pytest.MonkeyPatch) -> None:
    from support.s3 import Gate, Moto

    from vigie.errors import FatalError
    from vigie.server.models import Batch
    from vigie.server.services import archiving

    moto = Moto()
    moto.make_bucket("lake")
    settings.VIGIE = replace(settings.VIGIE, archive_url="s3://lake/prefix")
    assert "could not be asked" in found("archive").sentence
    try:
        with Gate(moto.port) as gate:
            for name, value in gate.environment.items():
                monkeypatch.setenv(name, value)
            assert found("archive").ok
            gate.forget_conditions()
            said = found("archive")
            assert not said.ok and "If-None-Match" in said.sentence
            Batch.objects.create(id="a", rows=0, payload=b"", created_at=datetime.now(UTC))
            with pytest.raises(FatalError):
                archiving.write(now=datetime.now(UTC))
            gate.close()
            assert "does not answer" in found("archive").sentence
    finally:
        moto.stop()
