"""Fixtures of page tests: a client, people with a role."""

import io
import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client

from vigie.schema.vocab import Role
from vigie.server.logs import JsonLines
from vigie.server.models import Brand, Membership, User

PASSWORD = "une phrase qui convient"  # noqa: S105 -- of a test's user


@pytest.fixture
def user(db: None) -> User:
    """Alice reads one brand of ours."""
    alice = User.objects.create_user("alice@example.org", PASSWORD, name="Alice", language="fr")
    brand = Brand.objects.create(name="Vaubrun", is_ours=True)
    Membership.objects.create(user=alice, brand=brand, role=Role.READER)
    return alice


@pytest.fixture
def logged_in(client: Client, user: User) -> Client:
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


@pytest.fixture
def log_lines() -> Iterator[Callable[[], list[dict[str, object]]]]:
    """Return a function that reads what the server has logged since."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines())
    root, vigie = logging.getLogger(), logging.getLogger("vigie")
    level = vigie.level
    root.addHandler(handler)
    vigie.setLevel(logging.INFO)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    vigie.setLevel(level)
    root.removeHandler(handler)


@pytest.fixture
def quick_passwords(settings: Any) -> None:
    """Hash passwords quickly: Argon2 takes a tenth of a second on purpose, and pages are what is tested."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
