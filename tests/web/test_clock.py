"""The present of the pages: the machine's, or one that stands still."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client, RequestFactory

from vigie.server.models import AuditEvent, User
from vigie.web import choices

NOON = datetime(2026, 10, 30, 23, 30, tzinfo=UTC)
"""The 31st in Paris already."""


@pytest.fixture
def standing(settings: Any) -> None:
    settings.VIGIE = replace(settings.VIGIE, now=NOON)


def test_pages_go_by_the_present_that_is_set(standing: None, logged_in: Client) -> None:
    assert choices.now_and_today(RequestFactory().get("/")) == (NOON, date(2026, 10, 31))
    page = logged_in.get("/dashboard/").content.decode()
    assert "to=2026-10-31" in page


def test_audit_goes_by_the_present_that_is_set(standing: None, logged_in: Client, user: User) -> None:
    logged_in.post("/frame/language/", {"language": "en"})
    assert AuditEvent.objects.get(action="user.language").at == NOON


def test_pages_go_by_the_machine_else() -> None:
    now, today = choices.now_and_today(RequestFactory().get("/"))
    assert abs(now - datetime.now(UTC)) < timedelta(minutes=1) and abs((today - now.date()).days) <= 1
