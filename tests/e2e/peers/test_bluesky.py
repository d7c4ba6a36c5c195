"""A real network of the AT Protocol: what the reference client writes is read once, whatever breaks meanwhile."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest
from support.bluesky import Bluesky, Writer
from support.faulty import FaultyProxy

from vigie.collect.source import Place
from vigie.errors import FatalError, RetryableError, VigieError
from vigie.platforms.bluesky.settings import Servers
from vigie.platforms.bluesky.source import BlueskySource

from .conftest import Guarded

pytestmark = pytest.mark.enable_socket
NOW = datetime(2026, 11, 25, tzinfo=UTC)


@pytest.fixture(scope="module")
def alice(bluesky: Bluesky) -> Writer:
    return bluesky.writer("alice.test")


@pytest.fixture
def proxy(bluesky: Bluesky, client: Guarded) -> Iterator[FaultyProxy]:
    found = FaultyProxy(bluesky.port)
    found.retry_after = 77
    client.instead = {f"http://localhost:{bluesky.port}": found.url}
    yield found
    found.stop()


class Reader:
    """Reads as the worker does: the cursor is kept with each page."""

    def __init__(self, bluesky: Bluesky, client: Guarded, did: str) -> None:
        self.source = BlueskySource(Servers(appview=bluesky.pds, plc=bluesky.plc))
        self.place, self.client, self.cursor = Place(f"at://{did}"), client, None
        self.rows: dict[str, dict[str, object]] = {}
        self.times: Counter[str] = Counter()

    def read(self, kill_after: int | None = None) -> int:
        n = 0
        pages = self.source.pages(self.place, self.cursor, fetch=self.client, now=NOW)
        for n, page in enumerate(pages, start=1):
            self.cursor = page.cursor
            for row in self.source.parse(page).posts.to_pylist():
                self.rows[row["native_id"]] = row
                self.times[row["native_id"]] += 1
            if n == kill_after:
                return n
        return n

    def texts(self) -> list[str]:
        return sorted(str(row["text"]) for row in self.rows.values() if not row["deleted"])


def test_a_handle_leads_to_its_repository(bluesky: Bluesky, client: Guarded, alice: Writer) -> None:
    source = BlueskySource(Servers(appview=bluesky.pds, plc=bluesky.plc))
    found = source.discover("https://bsky.app/profile/alice.test", fetch=client, now=NOW)
    assert found is not None
    assert (found.address, found.title) == (f"at://{alice.did}", "alice.test")
    assert source.discover("https://bsky.app/profile/nobody.test", fetch=client, now=NOW) is None


def test_what_the_reference_client_writes_is_read(bluesky: Bluesky, client: Guarded) -> None:
    writer = bluesky.writer("zoe.test")
    first = writer.post("Le Sérélium me donne des vertiges 😀")
    answer = writer.reply(first, "Moi aussi")
    again = writer.repost(first)
    reader = Reader(bluesky, client, writer.did)
    reader.read()
    assert set(reader.rows) == {first.uri, answer.uri, again}
    row = reader.rows[first.uri]
    assert (row["text"], row["author"], row["author_name"]) == (
        "Le Sérélium me donne des vertiges 😀",
        writer.did,
        "zoe.test",
    )
    assert (row["origin"], row["lang_claimed"], row["url"]) == (
        "bsky.app", "fr", f"https://bsky.app/profile/{writer.did}/post/{first.uri.rpartition('/')[2]}",
    )  # fmt: skip
    assert reader.rows[answer.uri]["in_reply_to"] == first.uri
    assert reader.rows[again]["repost_of"] == first.uri


def test_posts_arrive_once_and_reads_go_on_after_a_kill(bluesky: Bluesky, client: Guarded) -> None:
    writer = bluesky.writer("long.test")
    texts = [f"texte {n:03d}" for n in range(430)]
    writer.many(texts)
    reader = Reader(bluesky, client, writer.did)
    assert reader.read(kill_after=2) == 2
    writer.many(["pendant ce temps"])
    assert reader.read(kill_after=1) == 1
    reader.read()
    assert reader.texts() == sorted([*texts, "pendant ce temps"])
    assert reader.read() == 0


def test_edits_and_deletions_are_noticed(bluesky: Bluesky, client: Guarded) -> None:
    writer = bluesky.writer("mila.test")
    uris = writer.many(["un", "deux", "trois"])
    reader = Reader(bluesky, client, writer.did)
    reader.read()
    writer.put("app.bsky.feed.post", {"$type": "app.bsky.feed.post", "text": "deux, corrigé", "createdAt": "2026-10-01T08:00:00Z"}, uris[1].rpartition("/")[2])  # fmt: skip
    writer.delete(uris[2])
    reader.read()
    assert reader.texts() == ["deux, corrigé", "un"]
    assert reader.rows[uris[2]]["deleted"] is True


FAULTS = {
    "down": (RetryableError, "net.unreachable", None), "cut": (RetryableError, "net.cut", None),
    "429": (RetryableError, "net.too_many", None), "429-retry": (RetryableError, "net.too_many", 77),
    "500": (RetryableError, "net.server_error", None), "401": (FatalError, "net.login", None),
}  # fmt: skip


@pytest.mark.parametrize("mode", FAULTS)
def test_each_fault_is_told_and_nothing_is_lost(
    bluesky: Bluesky, client: Guarded, proxy: FaultyProxy, mode: str
) -> None:
    writer = bluesky.writer(f"fault{mode.replace('-', '')}.test")
    texts = [f"texte {n:03d}" for n in range(230)]
    writer.many(texts)
    reader = Reader(bluesky, client, writer.did)
    reader.read(kill_after=1)
    proxy.mode = mode
    proxy.drop()
    kind, code, wait = FAULTS[mode]
    with pytest.raises(VigieError) as raised:
        reader.read()
    assert isinstance(raised.value, kind) and raised.value.code == code
    assert getattr(raised.value, "retry_after", None) == wait
    writer.many(["pendant la panne"])
    proxy.mode = "pass"
    reader.read()
    assert reader.texts() == sorted([*texts, "pendant la panne"])
    assert reader.read() == 0


def test_a_slow_server_is_read(bluesky: Bluesky, client: Guarded, proxy: FaultyProxy) -> None:
    writer = bluesky.writer("slow.test")
    texts = [f"texte {n:03d}" for n in range(30)]
    writer.many(texts)
    proxy.mode = "slow"
    reader = Reader(bluesky, client, writer.did)
    reader.read()
    assert reader.texts() == texts


def test_an_account_that_is_no_more_is_gone(bluesky: Bluesky, client: Guarded) -> None:
    reader = Reader(bluesky, client, "did:plc:aaaaaaaaaaaaaaaaaaaaaaaa")
    with pytest.raises(FatalError) as raised:
        reader.read()
    assert raised.value.code == "net.gone"
    assert urlsplit(bluesky.plc).hostname == raised.value.facts["host"]
