"""An invitation goes out by a real mail server, and its link opens the seat."""

import re
from collections.abc import Iterator
from dataclasses import replace
from email import message_from_bytes
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from django.test import Client

from vigie.schema.vocab import Role
from vigie.server.models import AuditEvent, Invitation, Membership, User


class Box:
    """Keeps what arrives."""

    def __init__(self) -> None:
        self.mails: list[Any] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 -- aiosmtpd's name
        self.mails.append(message_from_bytes(envelope.content))
        return "250 OK"


@pytest.fixture
def box(settings: Any) -> Iterator[Box]:
    from support.processes import free_port

    kept, port = Box(), free_port()
    controller = Controller(kept, hostname="127.0.0.1", port=port)
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_USE_TLS = "127.0.0.1", port, False
    settings.VIGIE = replace(settings.VIGIE, mail_url=f"smtp://127.0.0.1:{port}")
    yield kept
    controller.stop()


@pytest.mark.enable_socket
@pytest.mark.django_db
def test_invitation_is_sent_and_its_link_opens_the_seat(box: Box, client: Client) -> None:
    admin = User.objects.create_user("chef@example.org", language="fr", name="Alix")
    Membership.objects.create(user=admin, role=Role.ADMINISTRATOR)
    client.force_login(admin, backend="allauth.account.auth_backends.AuthenticationBackend")
    client.post("/people/", {"email": "nina@example.org", "role": "reader", "brand": ""})
    (mail,) = box.mails
    assert mail["To"] == "nina@example.org"
    text = mail.get_payload(decode=True).decode()
    assert "Alix vous invite" in text
    (link,) = re.findall(r"https?://\S+(/invitation/\S+)", text)
    client.logout()
    assert client.get(link).status_code == 200
    client.post(link, {"name": "Nina", "password": "une longue phrase à retenir"})
    assert User.objects.get(email="nina@example.org").memberships.get().role == "reader"
    assert Invitation.objects.get().accepted_at is not None
    assert not AuditEvent.objects.filter(after__icontains="nina").exists()
