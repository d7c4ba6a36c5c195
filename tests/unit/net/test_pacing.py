"""Pacing: a second between two requests to one host, whatever private networks are allowed; this machine needs none."""

import pytest

from vigie.net.client import PACE_S, Client
from vigie.net.guard import networks_of


def waits(hosts: list[str], allowed: str) -> list[float]:
    """Return how long each request would wait, on a clock that stands still."""
    slept: list[float] = []
    asker = Client(
        allowed_private_networks=networks_of(allowed), version="test", sleep=slept.append, monotonic=lambda: 100.0
    )
    for host in hosts:
        before = len(slept)
        asker._pace(host)
        if len(slept) == before:
            slept.append(0.0)
    return slept


@pytest.mark.parametrize("allowed", ["", "10.9.8.0/24"])
def test_one_host_is_asked_once_a_second_and_another_at_once(allowed: str) -> None:
    assert waits(["a.example", "a.example", "b.example", "a.example"], allowed) == [0.0, PACE_S, 0.0, 2 * PACE_S]


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.9.8.7", "::1"])
def test_this_machine_is_asked_at_once(host: str) -> None:
    assert waits([host, host, host], "127.0.0.0/8") == [0.0, 0.0, 0.0]
