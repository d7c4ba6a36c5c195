"""Fixtures of page tests: a client, people with a role."""

import pytest
from django.test import Client

from vigie.schema.vocab import Role
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
