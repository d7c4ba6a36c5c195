"""Secrets of spaces: encrypted at rest, written by people, handed to the source alone, rotated by a command."""

from datetime import UTC, datetime

import pytest
from cryptography.fernet import Fernet
from support.factories import make

from vigie.collect.registry import sources
from vigie.collect.source import Option
from vigie.errors import ConfigError, DecisionError
from vigie.server import vault
from vigie.server.models import AuditEvent, Space, SpaceSecret
from vigie.server.permissions import COMMAND
from vigie.server.services import places

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 10, 30, 8, tzinfo=UTC)


@pytest.fixture
def keys(settings, monkeypatch):
    """Set the keys of secrets."""

    def use(*given: str) -> None:
        object.__setattr__(settings.VIGIE, "secrets_keys", given)
        vault.forget()

    before = settings.VIGIE.secrets_keys
    monkeypatch.setattr(
        type(sources()["feed"]), "options", (Option("token", "Token", is_secret=True), Option("tag", "Tag"))
    )
    yield use
    use(*before)


def test_secret_is_encrypted_at_rest_and_handed_to_the_source(keys) -> None:
    keys(Fernet.generate_key().decode())
    space = make(Space, kind="feed", options={"tag": "migraine"})
    places.set_secret(space.pk, "token", "s3cr3t-of-us", asker=COMMAND, now=NOW)
    row = SpaceSecret.objects.get()
    assert b"s3cr3t" not in bytes(row.value)
    place = places.place_of(space)
    assert (place.options, place.secrets) == ({"tag": "migraine"}, {"token": "s3cr3t-of-us"})
    assert "s3cr3t" not in repr(place)
    event = AuditEvent.objects.get(action="space.secret")
    assert event.after == {"name": "token", "is_set": True}


def test_keys_are_rotated_without_a_moment_in_which_nothing_is_read(keys) -> None:
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    keys(old)
    space = make(Space, kind="feed")
    places.set_secret(space.pk, "token", "abc", asker=COMMAND, now=NOW)
    keys(new, old)
    assert places.rotate(asker=COMMAND, now=NOW) == 1
    keys(new)
    assert places.place_of(space).secrets == {"token": "abc"}
    keys(old)
    with pytest.raises(ConfigError) as caught:
        places.place_of(space)
    assert caught.value.code == "vault.key"


def test_empty_value_removes_a_secret_and_an_unknown_one_is_refused(keys) -> None:
    keys(Fernet.generate_key().decode())
    space = make(Space, kind="feed")
    places.set_secret(space.pk, "token", "abc", asker=COMMAND, now=NOW)
    places.set_secret(space.pk, "token", "", asker=COMMAND, now=NOW)
    assert not SpaceSecret.objects.exists()
    with pytest.raises(DecisionError):
        places.set_secret(space.pk, "tag", "abc", asker=COMMAND, now=NOW)


def test_key_is_made_once_where_none_is_set(keys, settings) -> None:
    keys()
    assert vault.unseal(vault.seal(b"x")) == b"x"
    path = settings.VIGIE.secrets_key_file
    assert path.stat().st_mode & 0o077 == 0
    kept = path.read_text()
    vault.forget()
    vault.seal(b"y")
    assert path.read_text() == kept
