"""Fixtures of tests against real peers: the guarded client, as the server has it, allowed to read loopback."""

import time
from collections.abc import Iterator

import pytest

from vigie.net.client import Client
from vigie.net.guard import networks_of


@pytest.fixture
def guarded() -> Iterator[Client]:
    """The real client; its pauses between tries are shortened."""
    yield Client(
        allowed_private_networks=networks_of("127.0.0.0/8"), version="test", sleep=lambda s: time.sleep(min(s, 0.02)),
        monotonic=time.monotonic,
    )  # fmt: skip
