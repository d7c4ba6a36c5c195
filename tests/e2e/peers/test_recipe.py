"""Two real forums, read by the recipes that come with Vigie, through the guarded client and through trouble."""

import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from support.faulty import FaultyProxy
from support.forums import Forum, Misago, Spirit

from vigie.collect.source import Place
from vigie.errors import FatalError, RetryableError, SkippableError, VigieError
from vigie.net.client import Client
from vigie.platforms.recipe.source import SOURCE

pytestmark = pytest.mark.enable_socket


@pytest.fixture(scope="module", params=[Spirit, Misago], ids=["spirit", "misago"])
def forum(request: Any) -> Iterator[Forum]:
    """A forum with 30 threads, one of them three pages long."""
    with tempfile.TemporaryDirectory(prefix="vigie-forum-", ignore_cleanup_errors=True) as folder:
        peer = request.param(Path(folder)).start()
        peer.write([(f"Sujet {n}", [f"texte {n}.{i}" for i in range(2)]) for n in range(30)])
        peer.write([("Sujet long", [f"long {i} — déjà l’été" for i in range(50)])])
        yield peer
        peer.stop()


class Reader:
    """Reads as the server does: the cursor is saved with each page."""

    def __init__(self, place: Place) -> None:
        self.place, self.cursor = place, None
        self.heard: dict[str, dict[str, Any]] = {}

    def read(self, client: Client, most: int = 10**6) -> int:
        n = 0
        for page in SOURCE.pages(self.place, self.cursor, fetch=client, now=datetime.now(UTC)):
            for row in SOURCE.parse(page).posts.to_pylist():
                self.heard[row["native_id"]] = row
            self.cursor, n = page.cursor, n + 1
            if n >= most:
                break
        return n

    def drain(self, client: Client) -> None:
        while self.read(client):
            pass

    def texts(self) -> list[str]:
        return sorted(row["text"] for row in self.heard.values())


def expected() -> list[str]:
    return sorted(
        [*(f"texte {n}.{i}" for n in range(30) for i in range(2)), *(f"long {i} — déjà l’été" for i in range(50))]
    )


def test_forum_is_found_read_once_and_followed(forum: Forum, guarded: Client) -> None:
    with FaultyProxy(forum.port) as proxy:
        found = SOURCE.discover(proxy.url + forum.listing, fetch=guarded, now=datetime.now(UTC))
        assert found is not None and found.network == "forum"
        reader = Reader(Place(found.address, found.options))
        reader.read(guarded, most=3)
        for mode, code in [("down", "net.unreachable"), ("cut", ""), ("429", "net.too_many"), ("429-retry", "net.too_many"),
                           ("401", "net.login"), ("500", "net.server_error")]:  # fmt: skip
            proxy.mode = mode
            with pytest.raises((RetryableError, FatalError, SkippableError)) as caught:
                reader.read(guarded)
            assert isinstance(caught.value, VigieError) and (not code or caught.value.code == code)
            if mode == "429-retry":
                assert caught.value.retry_after == 120
            proxy.mode = "pass"
            reader.read(guarded, most=2)
        proxy.mode = "slow"
        reader.read(guarded, most=5)
        proxy.mode = "pass"
        forum.halt()
        with pytest.raises(RetryableError):
            reader.read(guarded)
        forum.serve()
        reader.drain(guarded)
        assert reader.texts() == expected()
        assert all(r["author"] == "zoe" and r["published_at"] is not None for r in reader.heard.values())
        assert sum(r["title"] is not None for r in reader.heard.values()) == 31
        assert reader.read(guarded) == 0
        forum.write([("Sujet 3", ["du neuf"]), ("Sujet long", ["à la fin"]), ("Sujet neuf", ["tout neuf"])])
        asked = proxy.requests
        reader.drain(guarded)
        assert reader.texts() == sorted([*expected(), "du neuf", "à la fin", "tout neuf"])
        assert proxy.requests - asked <= 12
