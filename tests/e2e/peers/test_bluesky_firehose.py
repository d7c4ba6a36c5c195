"""The firehose of a real server of repositories: every post once, whatever breaks meanwhile."""

import json
import threading
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from support.bluesky import Bluesky, Writer
from support.faulty import FaultyProxy

from vigie.collect.source import Page, Place
from vigie.errors import VigieError
from vigie.platforms.bluesky import frames, stream
from vigie.platforms.bluesky.rows import instant
from vigie.platforms.bluesky.source import SOURCE

from .conftest import Guarded

pytestmark = pytest.mark.enable_socket


@pytest.fixture(scope="module")
def writer(bluesky: Bluesky) -> Writer:
    return bluesky.writer("stream.test")


@pytest.fixture
def proxy(bluesky: Bluesky) -> Iterator[FaultyProxy]:
    found = FaultyProxy(bluesky.port)
    found.retry_after = 77
    yield found
    found.stop()


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "POLL_S", 0.1)
    monkeypatch.setattr(stream, "IDLE_S", 0.3)
    monkeypatch.setattr(stream, "PAGE_TIME", timedelta(seconds=0.5))


def now() -> datetime:
    return datetime.now(UTC)


class Listener:
    """Listens as the worker does: the cursor is kept with each page."""

    def __init__(self, client: Guarded, port: int, cursor: str | None) -> None:
        self.client, self.place, self.cursor = client, Place(f"ws://127.0.0.1:{port}"), cursor
        self.texts: Counter[str] = Counter()
        self.deleted: list[str] = []
        self.pages: list[Page] = []

    def listen(self, wanted: int, kill_after: int | None = None) -> None:
        """Listen until so many posts were heard, or so many pages came."""
        until = now() + timedelta(seconds=30)

        def stopping() -> bool:
            return self.texts.total() + len(self.deleted) >= wanted or now() > until

        pages = SOURCE.stream(self.place, self.cursor, fetch=self.client, clock=now, stopping=stopping)
        for n, page in enumerate(pages, start=1):
            self.take(page)
            if n == kill_after:
                return

    def take(self, page: Page) -> None:
        self.pages.append(page)
        self.cursor = page.cursor
        parsed = SOURCE.parse(page)
        assert not parsed.skipped
        for row in parsed.posts.to_pylist():
            if row["deleted"]:
                self.deleted.append(row["native_id"])
            else:
                self.texts[row["text"]] += 1


def end_of(bluesky: Bluesky, client: Guarded) -> str:
    """Return where the stream ends now."""
    pages = list(SOURCE.pages(Place(f"ws://127.0.0.1:{bluesky.port}"), '{"seq": 0}', fetch=client, now=now()))
    return pages[-1].cursor


def test_what_is_written_is_heard_while_it_is_written(bluesky: Bluesky, client: Guarded, writer: Writer) -> None:
    listener = Listener(client, bluesky.port, end_of(bluesky, client))
    texts = [f"au vol {n:03d}" for n in range(300)]
    writing = threading.Thread(target=writer.many, args=(texts,))
    writing.start()
    listener.listen(300)
    writing.join()
    assert listener.texts == Counter(texts)
    place = json.loads(str(listener.cursor))
    time = instant(place["time"])
    assert isinstance(place["seq"], int) and time is not None
    assert timedelta(0) <= now() - time < timedelta(seconds=60), "the lag can be computed"


def test_rows_are_those_of_the_repository_and_deletions_are_heard(
    bluesky: Bluesky, client: Guarded, writer: Writer
) -> None:
    listener = Listener(client, bluesky.port, end_of(bluesky, client))
    first = writer.post("Un lien https://sante.example/x et 😀")
    answer = writer.reply(first, "réponse")
    writer.delete(answer.uri)
    listener.listen(2)
    rows = [
        row for page in listener.pages for row in SOURCE.parse(page).posts.to_pylist() if row["native_id"] == first.uri
    ]
    url = f"http://127.0.0.1:{bluesky.port}/xrpc/com.atproto.repo.listRecords?repo={writer.did}&collection=app.bsky.feed.post"
    answered = client(f"{url}&limit=1")
    page = Page(url, answered.body, "", "posts", now(), "")
    assert SOURCE.parse(page).posts.to_pylist() == rows
    assert listener.deleted == [answer.uri]


def test_it_goes_on_after_a_kill(bluesky: Bluesky, client: Guarded, writer: Writer) -> None:
    start = end_of(bluesky, client)
    writer.many([f"avant {n}" for n in range(120)])
    listener = Listener(client, bluesky.port, start)
    listener.listen(10_000, kill_after=1)
    writer.many([f"après {n}" for n in range(120)])
    listener.listen(240)
    assert listener.texts == Counter([*(f"avant {n}" for n in range(120)), *(f"après {n}" for n in range(120))])


@pytest.mark.parametrize("mode", ["down", "cut", "429", "429-retry", "500", "401", "slow"])
def test_each_fault_is_told_and_nothing_is_lost(
    bluesky: Bluesky, client: Guarded, writer: Writer, proxy: FaultyProxy, mode: str
) -> None:
    listener = Listener(client, proxy.port, end_of(bluesky, client))
    texts = [f"{mode} {n:03d}" for n in range(60)]
    writer.many(texts[:20])
    listener.listen(20)
    proxy.mode = mode
    writer.many(texts[20:40])
    if mode == "slow":
        listener.listen(40)
    else:
        with pytest.raises(VigieError) as raised:
            listener.listen(40)
        codes = {"429": "net.too_many", "429-retry": "net.too_many", "500": "net.server_error", "401": "net.login"}
        assert raised.value.code == codes.get(mode, "net.broken")
        assert getattr(raised.value, "retry_after", None) == (77 if mode == "429-retry" else None)
    proxy.mode = "pass"
    writer.many(texts[40:])
    listener.listen(60)
    assert listener.texts == Counter(texts)


def test_a_place_that_the_server_never_had_is_told_and_forgotten(
    bluesky: Bluesky, client: Guarded, writer: Writer
) -> None:
    place, found = Place(f"ws://127.0.0.1:{bluesky.port}"), []
    with pytest.raises(VigieError):
        for page in SOURCE.stream(place, '{"seq": 1000000}', fetch=client, clock=now, stopping=lambda: False):
            found.append(page)
    assert [s.code for page in found for s in SOURCE.parse(page).skipped] == ["bluesky.future"]
    assert found[-1].cursor == "{}"


def test_discover_finds_the_firehose_of_a_server(bluesky: Bluesky, client: Guarded) -> None:
    found = SOURCE.discover(f"ws://127.0.0.1:{bluesky.port}", fetch=client, now=now())
    assert found is not None and found.parts == ("firehose",)
    assert SOURCE.discover(f"{bluesky.plc.replace('http', 'ws')}", fetch=client, now=now()) is None


def test_the_reference_client_hears_the_same(bluesky: Bluesky, client: Guarded, writer: Writer) -> None:
    from atproto import CAR, models
    from atproto_firehose import parse_subscribe_repos_message
    from atproto_subscription import Frame

    listener = Listener(client, bluesky.port, end_of(bluesky, client))
    writer.many([f"deux fois {n}" for n in range(30)])
    listener.listen(30)
    heard: Counter[str] = Counter()
    for page in listener.pages:
        for frame in frames.split(page.body):
            message = parse_subscribe_repos_message(Frame.from_bytes(frame or b""))
            if isinstance(message, models.ComAtprotoSyncSubscribeRepos.Commit):
                blocks = CAR.from_bytes(message.blocks).blocks
                for op in message.ops:
                    record = models.get_or_create(blocks[op.cid], strict=False)
                    heard[record.text] += 1
    assert heard == listener.texts
