"""Private networks: refused unless an administrator allows one, with a reason; the guard follows at once."""

from datetime import UTC, datetime

import pytest

from vigie.errors import DecisionError, FatalError
from vigie.server.models import AllowedNetwork, AuditEvent
from vigie.server.permissions import COMMAND, Role, asker_of
from vigie.server.services import network, networks

pytestmark = pytest.mark.django_db(transaction=True)
NOW = datetime(2026, 10, 30, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("forum", "network.form"),
        ("10.0.0.0/8", "network.wide"),
        ("::/0", "network.wide"),
        ("8.8.8.0/24", "network.public"),
        ("169.254.169.254/32", "network.public"),
        ("224.0.0.0/24", "network.public"),
    ],
)
def test_network_that_must_not_be_allowed_is_refused(text: str, code: str) -> None:
    with pytest.raises(DecisionError) as caught:
        networks.allow(text, "forum", asker=COMMAND, now=NOW)
    assert caught.value.code == code
    assert not AllowedNetwork.objects.exists()


def test_guard_follows_what_is_allowed_and_withdrawn() -> None:
    def tried() -> str:
        try:
            network.client()("http://10.9.8.7:1/")
        except FatalError as error:
            return error.code
        except Exception as error:  # noqa: BLE001 -- whatever else comes of an address where nobody listens
            return getattr(error, "code", type(error).__name__)
        return "read"

    assert tried() == "net.private"
    row = networks.allow("10.9.8.0/24", "forum of the intranet", asker=COMMAND, now=NOW)
    assert row.network in {str(n) for n in network.allowed()}
    networks.withdraw(row.pk, asker=COMMAND, now=NOW)
    assert tried() == "net.private"
    networks.allow_again(row.pk, asker=COMMAND, now=NOW)
    assert row.network in {str(n) for n in network.allowed()}
    assert list(AuditEvent.objects.values_list("action", flat=True)) == [
        "network.allow",
        "network.withdraw",
        "network.allow",
    ]


def test_reason_is_asked_and_only_an_administrator_may() -> None:
    with pytest.raises(DecisionError):
        networks.allow("10.9.8.0/24", " ", asker=COMMAND, now=NOW)
    manager = asker_of(1, [(None, Role.COMMUNITY_MANAGER)])
    with pytest.raises(DecisionError) as caught:
        networks.allow("10.9.8.0/24", "forum", asker=manager, now=NOW)
    assert caught.value.code == "permission.refused"
