"""The firehose: frames to posts, pages and places of a stream, and what a server says about the stream itself."""

import json
import socket
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import libipld
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.appview import cid, did, key
from websockets.sync.server import ServerConnection, serve

from vigie.collect.source import Page, Place
from vigie.errors import FatalError, RetryableError
from vigie.platforms.bluesky import frames, stream
from vigie.platforms.bluesky.source import SOURCE
from vigie.schema.tables import POSTS

pytestmark = pytest.mark.enable_socket
NOW = datetime(2026, 10, 30, 8, tzinfo=UTC)
DID = did("alice")


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "POLL_S", 0.02)


def encoded(value: Any) -> bytes:
    return bytes(libipld.encode_dag_cbor(value))


def varint(n: int) -> bytes:
    found = b""
    while n > 127:
        found, n = found + bytes([n & 127 | 128]), n >> 7
    return found + bytes([n])


def link(raw: bytes) -> bytes:
    """Return a link of DAG-CBOR, as the encoder itself does not write one: tag 42, a zero byte, the CID."""
    return b"\xd8\x2a\x58" + bytes([len(raw) + 1]) + b"\x00" + raw


def raw_cid(name: str) -> bytes:
    import base64

    text = cid(name)[1:].upper()
    return base64.b32decode(text + "=" * (-len(text) % 8))


def commit(seq: int, path: str, record: Any = None, action: str = "create", repo: Any = DID, **more: Any) -> bytes:
    """Return a frame of a commit of one record, written by hand."""
    name = raw_cid(f"{path}{seq}")
    header = b"\xa2\x65roots\x81" + link(name) + b"\x67version\x01"
    block = encoded(record)
    car = varint(len(header)) + header + varint(len(name) + len(block)) + name + block
    target = b"\xf6" if action == "delete" else link(name)
    op = b"\xa3\x63cid" + target + b"\x64path" + encoded(path) + b"\x66action" + encoded(action)
    fields = {b"\x63ops": b"\x81" + op, b"\x63seq": encoded(seq), b"\x64repo": encoded(repo),
              b"\x64time": encoded(f"2026-10-30T07:59:{seq % 60:02d}.000Z"), b"\x66blocks": encoded(car)}  # fmt: skip
    body = bytes([0xA0 + len(fields)]) + b"".join(name + value for name, value in fields.items())
    return encoded({"t": "#commit", "op": 1}) + body


def event(kind: str, **message: Any) -> bytes:
    return encoded({"t": kind, "op": 1}) + encoded(message)


def error(name: str) -> bytes:
    return encoded({"op": -1}) + encoded({"error": name, "message": "said"})


def record(text: str = "bonjour", **more: Any) -> dict[str, Any]:
    return {"$type": "app.bsky.feed.post", "text": text, "createdAt": "2026-10-30T07:59:00Z", "langs": ["fr"], **more}


def post(seq: int, n: int = 1, text: str = "bonjour", action: str = "create") -> bytes:
    return commit(seq, f"app.bsky.feed.post/{key(n)}", record(text), action)


def uri(n: int = 1) -> str:
    return f"at://{DID}/app.bsky.feed.post/{key(n)}"


def test_a_commit_gives_the_row_that_its_repository_gives() -> None:
    parsed = frames.parse(frames.joined([post(1)]))
    assert parsed.posts.schema == POSTS
    (by_firehose,) = parsed.posts.to_pylist()
    records = {"records": [{"uri": uri(), "cid": "c", "value": record()}]}
    page = Page("https://pds.example/x", json.dumps(records).encode(), "", "posts", NOW, "")
    assert SOURCE.parse(page).posts.to_pylist() == [by_firehose]


def test_pictures_are_named_as_by_repository() -> None:
    image = libipld.decode_dag_cbor(b"\xa1\x65image\xa1\x63ref" + link(raw_cid("picture")))
    row = frames._row(uri(), DID, f"app.bsky.feed.post/{key(1)}", record(embed={"images": [image]}))
    assert row is not None
    assert list(row.media) == [f"https://cdn.bsky.app/img/feed_fullsize/plain/{DID}/{cid('picture')}@jpeg"]


def test_later_events_of_a_page_hold() -> None:
    parsed = frames.parse(frames.joined([post(1), post(2, text="corrigé", action="update"), post(3, n=2), post(4, n=2, action="delete")]))  # fmt: skip
    assert [(r["native_id"], r["text"], r["deleted"]) for r in parsed.posts.to_pylist()] == [
        (uri(1), "corrigé", None),
        (uri(2), "", True),
    ]
    assert parsed.repeated == 2


def test_repetitions_and_other_records() -> None:
    subject = {"uri": uri(), "cid": "c"}
    repost = commit(1, f"app.bsky.feed.repost/{key(5)}", {"subject": subject, "createdAt": "2026-10-30T07:00:00Z"})
    like = commit(2, f"app.bsky.feed.like/{key(6)}", {"subject": subject, "createdAt": "2026-10-30T07:00:00Z"})
    parsed = frames.parse(frames.joined([repost, like]))
    (row,) = parsed.posts.to_pylist()
    assert (row["repost_of"], row["text"]) == (uri(), "")
    assert parsed.skipped == ()


def test_events_without_posts_are_passed_over() -> None:
    events = [
        event("#identity", did=DID, seq=1, time="2026-10-30T07:59:00Z", handle="alice.test"),
        event("#account", did=DID, seq=2, time="2026-10-30T07:59:00Z", active=False, status="deleted"),
        event("#sync", did=DID, seq=3, time="2026-10-30T07:59:00Z", rev="3k", blocks=b""),
        event("#new-kind", seq=4),
        event("#info", name="SomethingElse"),
    ]
    parsed = frames.parse(frames.joined(events))
    assert (parsed.posts.num_rows, parsed.skipped) == (0, ())


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        (event("#info", name="OutdatedCursor", message="m"), "bluesky.outdated"),
        (error("FutureCursor"), "bluesky.future"),
        (error("ConsumerTooSlow"), "bluesky.slow"),
        (b"\xff\x00", "bluesky.event"),
        (encoded({"t": "#commit", "op": 1}) + encoded({"repo": DID}), "bluesky.event"),
        (commit(1, f"app.bsky.feed.post/{key(1)}", {"text": 5}), "bluesky.event"),
        (commit(1, f"app.bsky.feed.post/{key(1)}", None), "bluesky.event"),
        (commit(1, f"app.bsky.feed.post/{key(1)}", record(), repo=5), "bluesky.event"),
    ],
)
def test_what_was_not_heard_is_said(frame: bytes, code: str) -> None:
    parsed = frames.parse(frames.joined([frame, post(9)]))
    assert [(s.where, s.code) for s in parsed.skipped] == [("event 1", code)]
    assert parsed.posts.num_rows == 1


def test_a_body_that_was_cut_says_so() -> None:
    body = frames.joined([post(1), post(2, n=2)])
    parsed = frames.parse(body[:-5])
    assert parsed.posts.num_rows == 1
    assert [s.where for s in parsed.skipped] == ["event 2"]


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=300), st.integers(0, 400), st.integers(0, 255))
def test_hostile_bytes_give_a_table(noise: bytes, place: int, value: int) -> None:
    frames.parse(noise)
    frame = bytearray(post(1))
    frame[place % len(frame)] = value
    parsed = frames.parse(frames.joined([bytes(frame), noise]))
    assert parsed.posts.schema == POSTS
    parsed.posts.validate(full=True)


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("wss://bsky.network", "wss://bsky.network/xrpc/com.atproto.sync.subscribeRepos"),
        ("wss://bsky.network/xrpc/com.atproto.sync.subscribeRepos?cursor=5", "wss://bsky.network/xrpc/com.atproto.sync.subscribeRepos"),
        ("https://pds.example:8443/xrpc/com.atproto.sync.subscribeRepos", "wss://pds.example:8443/xrpc/com.atproto.sync.subscribeRepos"),
        ("ws://127.0.0.1:99/", "ws://127.0.0.1:99/xrpc/com.atproto.sync.subscribeRepos"),
        ("https://bsky.network", None),
        ("wss://mastodon.example/api/v1/streaming", None),
        ("wss://[bad", None),
    ],
)  # fmt: skip
def test_firehoses_are_known_by_their_shape(url: str, address: str | None) -> None:
    assert stream.address_of(url) == address
    assert SOURCE.streams(Place(url)) is (address is not None)


class Loopback:
    """Dials loopback, and answers nothing else."""

    def __call__(self, url: str, **_: Any) -> Any:
        raise AssertionError(url)

    def dial(self, host: str, port: int, *, tls: bool, timeout_s: float = 30.0) -> socket.socket:
        return socket.create_connection((host, port), timeout_s)


@pytest.fixture
def serving() -> Iterator[Callable[[Callable[[ServerConnection], None]], str]]:
    """Start servers of web sockets; return the address of each."""
    running = []

    def start(handler: Callable[[ServerConnection], None], **options: Any) -> str:
        server = serve(handler, "127.0.0.1", 0, **options)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        running.append((server, thread))
        return f"ws://127.0.0.1:{server.socket.getsockname()[1]}"

    yield start
    for server, thread in running:
        server.shutdown()
        thread.join(5)


class Clock:
    """Each look at the clock takes a while."""

    def __init__(self, step: float = 0.001) -> None:
        self.now, self.step = NOW, step

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=self.step)
        return self.now


def listened(address: str, cursor: str | None = None, pages: int = 1, step: float = 0.001) -> list[Page]:
    found: list[Page] = []
    for page in SOURCE.stream(
        Place(address), cursor, fetch=Loopback(), clock=Clock(step), stopping=lambda: len(found) >= pages
    ):  # fmt: skip
        found.append(page)
    return found


def test_pages_end_by_events_and_hold_the_place(serving: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    assert (10_000, timedelta(seconds=5)) == (stream.PAGE_EVENTS, stream.PAGE_TIME)
    monkeypatch.setattr(stream, "PAGE_EVENTS", 100)
    like = commit(1, f"app.bsky.feed.like/{key(6)}", {"createdAt": "2026-10-30T07:00:00Z"})

    def handler(connection: ServerConnection) -> None:
        for frame in [*[like] * 99, post(100), *[like] * 99, post(200, n=2)]:
            connection.send(frame)
        connection.recv()

    first, second = listened(serving(handler), pages=2)
    assert first.is_firehose and first.part == "firehose"
    assert json.loads(first.cursor) == {"seq": 100, "time": "2026-10-30T07:59:40.000Z"}
    assert SOURCE.parse(first).posts["native_id"].to_pylist() == [uri(1)]
    assert len(first.body) < 1_000, "what is no post is counted and left"
    assert json.loads(second.cursor)["seq"] == 200
    assert SOURCE.parse(second).posts["native_id"].to_pylist() == [uri(2)]


def test_a_quiet_stream_gives_empty_pages_and_is_pinged(serving: Any) -> None:
    page, _ = listened(serving(lambda connection: connection.recv()), pages=2, step=2)
    assert (page.body, page.cursor) == (b"", "{}")
    assert SOURCE.parse(page).posts.num_rows == 0


def test_it_goes_on_from_the_cursor(serving: Any) -> None:
    paths = []

    def handler(connection: ServerConnection) -> None:
        paths.append(connection.request.path)
        connection.send(event("#info", name="OutdatedCursor"))
        connection.recv()

    (page,) = listened(serving(handler), json.dumps({"seq": 41, "time": ""}), step=2)
    assert paths == ["/xrpc/com.atproto.sync.subscribeRepos?cursor=41"]
    assert json.loads(page.cursor) == {"seq": 41, "time": ""}


def test_a_server_set_up_anew_is_heard_from_now(serving: Any) -> None:
    def handler(connection: ServerConnection) -> None:
        connection.send(error("FutureCursor"))

    found = []
    with pytest.raises(RetryableError):
        for page in SOURCE.stream(
            Place(serving(handler)), '{"seq": 99}', fetch=Loopback(), clock=Clock(), stopping=lambda: False
        ):
            found.append(page)
    assert [page.cursor for page in found] == ["{}"]
    assert [s.code for s in SOURCE.parse(found[0]).skipped] == ["bluesky.future"]


def test_what_came_before_a_break_is_given(serving: Any) -> None:
    def handler(connection: ServerConnection) -> None:
        connection.send(post(7))
        connection.socket.shutdown(socket.SHUT_RDWR)

    found = []
    with pytest.raises(RetryableError) as raised:
        for page in SOURCE.stream(
            Place(serving(handler)), None, fetch=Loopback(), clock=Clock(), stopping=lambda: False
        ):
            found.append(page)
    assert raised.value.code == "net.broken"
    assert [json.loads(page.cursor)["seq"] for page in found] == [7]


def test_a_server_that_is_away_without_a_word_is_given_up() -> None:
    from websockets.utils import accept_key

    listener = socket.create_server(("127.0.0.1", 0))

    def answer() -> None:
        connection, _ = listener.accept()
        request = connection.recv(65_536).decode()
        wanted = next(
            line.split(": ")[1] for line in request.split("\r\n") if line.lower().startswith("sec-websocket-key")
        )
        connection.sendall(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Accept: " + accept_key(wanted).encode() + b"\r\n\r\n"
        )
        while connection.recv(65_536):
            pass

    threading.Thread(target=answer, daemon=True).start()
    with pytest.raises(RetryableError) as raised:
        listened(f"ws://127.0.0.1:{listener.getsockname()[1]}", pages=1_000, step=10)
    assert raised.value.code == "net.broken"
    listener.close()


def test_large_events_come_in_pieces(serving: Any) -> None:
    frame = post(7, text="é" * 1_000)

    def handler(connection: ServerConnection) -> None:
        connection.send([frame[:100], frame[100:900], frame[900:]])
        connection.recv()

    (page,) = listened(serving(handler), step=0.1)
    assert SOURCE.parse(page).posts["text"].to_pylist() == ["é" * 1_000]


@pytest.mark.parametrize(
    ("status", "kind", "code", "wait"),
    [
        (401, FatalError, "net.login", None),
        (403, FatalError, "net.refused", None),
        (404, FatalError, "net.gone", None),
        (429, RetryableError, "net.too_many", 77),
        (502, RetryableError, "net.server_error", 77),
        (418, RetryableError, "net.broken", None),
    ],
)
def test_refusals_keep_their_kind(
    serving: Any, status: int, kind: type[Exception], code: str, wait: float | None
) -> None:
    def refuse(connection: ServerConnection, request: Any) -> Any:
        answer = connection.respond(status, "no")
        answer.headers["Retry-After"] = "77"
        return answer

    address = serving(lambda connection: None, process_request=refuse)
    with pytest.raises(kind) as raised:
        listened(address)
    assert raised.value.code == code  # type: ignore[attr-defined]
    assert getattr(raised.value, "retry_after", None) == wait


def test_pages_catch_up_without_listening(serving: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "IDLE_S", 0.3)

    def handler(connection: ServerConnection) -> None:
        for n in range(12_000):
            connection.send(post(n + 1, n=n))
        connection.recv()

    pages = list(SOURCE.pages(Place(serving(handler)), '{"seq": 0}', fetch=Loopback(), now=NOW))
    assert sum(SOURCE.parse(page).posts.num_rows for page in pages) == 12_000
    assert json.loads(pages[-1].cursor)["seq"] == 12_000


def test_pages_stop_when_they_have_caught_up_with_the_present(serving: Any) -> None:
    def handler(connection: ServerConnection) -> None:
        n = 0
        while True:
            n += 1
            connection.send(post(n, n=n))

    early = datetime(2026, 10, 30, 7, 59, tzinfo=UTC)
    assert len(list(SOURCE.pages(Place(serving(handler)), None, fetch=Loopback(), now=early))) == 1
