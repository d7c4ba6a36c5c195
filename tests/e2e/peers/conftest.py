"""Real servers of other people's networks, each started once, read through the real guarded client."""

import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from support.bluesky import Bluesky

from vigie.collect.source import Response
from vigie.net.client import Client
from vigie.net.guard import networks_of


@pytest.fixture(scope="session")
def bluesky() -> Iterator[Bluesky]:
    """A directory of identities and a server of repositories of the AT Protocol."""
    with tempfile.TemporaryDirectory(prefix="vigie-bsky-", ignore_cleanup_errors=True) as folder:
        network = Bluesky(Path(folder)).start()
        yield network
        network.stop()


class Guarded(Client):
    """The client of the product, allowed on loopback; pauses between tries are short."""

    def __init__(self, **options: float) -> None:
        super().__init__(
            allowed_private_networks=networks_of("127.0.0.0/8"), version="tests", monotonic=time.monotonic,
            sleep=lambda seconds: time.sleep(min(seconds, 0.05)), resolver=lambda host, port: ["127.0.0.1"],
            **options,  # type: ignore[arg-type]
        )  # fmt: skip
        self.instead: dict[str, str] = {}

    def __call__(self, url: str, *, headers: Mapping[str, str] | None = None, body: bytes | None = None) -> Response:
        """Read an address; one that begins as `instead` says is asked for there, such as at a proxy."""
        for start, other in self.instead.items():
            url = url.replace(start, other, 1) if url.startswith(start) else url
        found = super().__call__(url, headers=headers, body=body)
        return Response(found.url, found.status, found.headers, found.body)


@pytest.fixture
def client() -> Guarded:
    """The network as a worker has it."""
    return Guarded()


@pytest.fixture
def guarded() -> Iterator[Client]:
    """The real client; its pauses between tries are shortened."""
    yield Client(
        allowed_private_networks=networks_of("127.0.0.0/8"), version="test", sleep=lambda s: time.sleep(min(s, 0.02)),
        monotonic=time.monotonic,
    )  # fmt: skip
