"""Bluesky: frames and records of a real server, written by the reference client; a firehose replayed."""

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
from goals import Goal

from collecting import beside

ROOT = Path(__file__).parents[2]
N_POSTS = 2_000
"""Posts written one by one on the real server: a commit each, as on the network (27 s)."""

RATE, SECONDS, WATCHES = 5_000, 30, 1_000
"""Posts a second that are replayed, for how long, and the watches they are matched against."""

PAGE_S = 5.0
"""Seconds of a page at most (the contract of streams): the lag that gathering alone makes."""

LAG_S = 1.0
"""Seconds by which the last page may be later than the first: beyond, a process falls behind (30 s are sent)."""


def _stored(folder: Path) -> tuple[list[bytes], bytes]:
    """Return frames of a real server, a post each, and a page of its records; kept in `var` for the next run."""
    frames, records = folder / "frames.bin", folder / "records.json"
    if not records.exists():
        folder.mkdir(parents=True, exist_ok=True)
        _write(frames, records)
    from vigie.platforms.bluesky.frames import split

    return [frame for frame in split(frames.read_bytes()) if frame], records.read_bytes()


def _write(frames: Path, records: Path) -> None:
    sys.path.insert(0, str(ROOT / "tests"))
    import httpx
    from matching import drawn
    from support.bluesky import Bluesky
    from websockets.sync.client import connect

    from vigie.platforms.bluesky.frames import joined

    with tempfile.TemporaryDirectory(prefix="vigie-bench-", ignore_cleanup_errors=True) as place:
        network = Bluesky(Path(place)).start()
        try:
            writer = network.writer("bench.test")
            for text in drawn.posts(N_POSTS)["text"].to_pylist():
                writer.post(text[:280])
            heard: list[bytes] = []
            url = f"{network.pds.replace('http', 'ws')}/xrpc/com.atproto.sync.subscribeRepos?cursor=0"
            with connect(url, max_size=None, compression=None) as stream:
                while len(heard) < N_POSTS:
                    frame = stream.recv()
                    heard += [frame] if isinstance(frame, bytes) and b"app.bsky.feed.post/" in frame else []
            query = {"repo": writer.did, "collection": "app.bsky.feed.post", "limit": 100}
            answer = httpx.get(f"{network.pds}/xrpc/com.atproto.repo.listRecords", params=query)
        finally:
            network.stop()
    frames.write_bytes(joined(heard))
    records.write_bytes(answer.content)


def _reference(frames: list[bytes]) -> None:
    """Read frames as the documentation of the reference client shows it."""
    from atproto import CAR, models
    from atproto_firehose import parse_subscribe_repos_message
    from atproto_subscription import Frame

    for frame in frames:
        message = parse_subscribe_repos_message(Frame.from_bytes(frame))
        blocks = CAR.from_bytes(message.blocks).blocks
        for op in message.ops:
            models.get_or_create(blocks[op.cid], strict=False)


def _without_models(frames: list[bytes]) -> None:
    """Read frames by the reference client's decoder alone, its models left out."""
    from atproto import CAR
    from atproto_subscription import Frame

    for frame in frames:
        message = Frame.from_bytes(frame).body
        blocks = CAR.from_bytes(message["blocks"]).blocks
        for op in message["ops"]:
            blocks.get(op["cid"])


def _decoder(frames: list[bytes]) -> None:
    """Decode frames and their records, and do nothing with them."""
    import libipld

    for frame in frames:
        message = libipld.decode_dag_cbor_multi(frame)[1]
        blocks = libipld.decode_car(message["blocks"])[1]
        for op in message["ops"]:
            blocks.get(op["cid"])


def _feed_of(records: bytes) -> bytes:
    """Return the records as the index would show them."""
    views = []
    for n, record in enumerate(json.loads(records)["records"]):
        did = record["uri"].split("/")[2]
        views.append({"post": {
            "uri": record["uri"], "cid": record["cid"], "record": record["value"], "indexedAt": "2026-10-01T08:00:00.000Z",
            "author": {"did": did, "handle": "bench.test", "displayName": "Bench", "labels": [], "viewer": {}},
            "likeCount": n, "repostCount": 1, "replyCount": 2, "quoteCount": 0, "labels": [], "viewer": {},
        }})  # fmt: skip
    return json.dumps({"feed": views, "cursor": "x"}).encode()


def parsing() -> list[Goal]:
    """Print the speed of parsing beside the reference client's."""
    from atproto import models

    from vigie.collect.source import Page
    from vigie.platforms.bluesky.frames import joined
    from vigie.platforms.bluesky.source import SOURCE

    frames, records = _stored(ROOT / "var" / "benchmarks" / "bluesky")
    now = datetime(2026, 10, 30, tzinfo=UTC)

    def page(body: bytes, part: str) -> Page:
        return Page("https://pds.example/x#bench.test", body, "application/json", part, now, "")

    print(f"{len(frames):,} frames of {sum(map(len, frames)) / len(frames):,.0f} bytes")
    body = page(joined(frames), "firehose")
    assert SOURCE.parse(body).posts.num_rows == len(frames)
    goals = beside("firehose, frames to a table", len(frames), lambda: SOURCE.parse(body), {
        "atproto, as documented": lambda: _reference(frames),
        "atproto, decoder without models": lambda: _without_models(frames),
        "libipld alone, no rows made": lambda: _decoder(frames),
    })  # fmt: skip
    feed = _feed_of(records)
    lists = {
        "repository, 100 records to a table": (records, "posts", models.ComAtprotoRepoListRecords.Response),
        "author feed, 100 posts to a table": (feed, "feed", models.AppBskyFeedGetAuthorFeed.Response),
    }
    for what, (answer, part, shape) in lists.items():
        given = page(answer, part)
        goals += beside(what, 20 * 100, lambda given=given: [SOURCE.parse(given) for _ in range(20)], {
            "atproto, models": lambda answer=answer, shape=shape: [models.get_or_create(json.loads(answer), shape) for _ in range(20)],
        })  # fmt: skip
    return goals


@contextlib.contextmanager
def _replayed(frames: Path, n: int) -> Iterator[str]:
    """Serve frames as a relay does, at a steady pace, from a process of its own."""
    command = [sys.executable, str(Path(__file__).with_name("replay.py")), str(frames), str(RATE), str(n)]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        yield f"ws://127.0.0.1:{int(server.stdout.readline())}"
    finally:
        server.terminate()
        server.wait(10)


class _Loopback:
    """Dials loopback."""

    def dial(self, host: str, port: int, *, tls: bool, timeout_s: float = 30.0) -> object:
        import socket

        return socket.create_connection((host, port), timeout_s)


def firehose() -> list[Goal]:
    """Print how one process keeps up with a firehose that it reads, parses and matches."""
    from matching import drawn

    from vigie.collect.source import Place
    from vigie.match import Knowledge, parse
    from vigie.match.engine import Engine
    from vigie.platforms.bluesky.rows import instant
    from vigie.platforms.bluesky.source import SOURCE
    from vigie.schema import ids

    folder = ROOT / "var" / "benchmarks" / "bluesky"
    _stored(folder)
    queries = {i: parse(e) for i, e in drawn.queries(WATCHES).items()}
    engine = Engine(queries, knowledge=Knowledge(drawn.SECRET))
    engine.match(drawn.posts(5_000, seed=9), spans=False)
    n, heard, matched, lags = RATE * SECONDS, 0, 0, []
    uris: set[str] = set()
    print(f"{RATE:,} posts/s for {SECONDS} s against {len(queries):,} watches, one process")
    with _replayed(folder / "frames.bin", n) as address:
        begun, spent = time.monotonic(), time.process_time()
        busy = 0.0
        pages = SOURCE.stream(
            Place(address), None, fetch=_Loopback(), clock=lambda: datetime.now(UTC),  # type: ignore[arg-type]
            stopping=lambda: heard >= n or time.monotonic() - begun > SECONDS * 3,
        )  # fmt: skip
        for page in pages:
            at = time.process_time()
            posts = SOURCE.parse(page).posts
            keys = [ids.author_key(drawn.SECRET, "bsky.app", author) for author in posts["author"].to_pylist()]
            posts = posts.append_column("author_key", pa.array(keys, pa.binary())).append_column(
                "language", posts["lang_claimed"]
            )
            matched += len(engine.match(posts).row)
            heard += posts.num_rows
            uris.update(posts["native_id"].to_pylist())
            busy += time.process_time() - at
            time_of_last = instant(json.loads(page.cursor).get("time", ""))
            if posts.num_rows and time_of_last is not None:
                lags.append((datetime.now(UTC) - time_of_last).total_seconds())
        took, spent = time.monotonic() - begun, time.process_time() - spent
    assert len(uris) == heard == n, (len(uris), heard, n)
    print(f"heard {heard:,} posts once each in {took:.1f} s, {matched:,} matches")
    print(
        f"lag at the end of a page (gathering included): first {lags[0]:.2f} s, last {lags[-1]:.2f} s, most {max(lags):.2f} s"
    )
    print(
        f"processor: {spent / took:.0%} of one core; parsing and matching {heard / busy:,.0f} posts/s, with the socket {heard / spent:,.0f} posts/s"
    )
    return [Goal("lag of the firehose, last page less the first, s", lags[-1] - lags[0], at_most=LAG_S)]


def recorded() -> list[Goal]:
    """Print how one process keeps up with a firehose that goes through the service of streams into the record."""
    folder = ROOT / "var" / "benchmarks" / "bluesky"
    _stored(folder)
    n = RATE * SECONDS
    with _replayed(folder / "frames.bin", n) as address, tempfile.TemporaryDirectory(prefix="vigie-bench-") as var:
        paths = os.pathsep.join([str(ROOT / "src"), str(ROOT / "benchmarks"), str(ROOT / "tests")])
        environment = {**os.environ, "PYTHONPATH": paths, "VIGIE_VAR": var, "VIGIE_LOG_LEVEL": "ERROR"}
        command = [
            sys.executable,
            str(Path(__file__).with_name("recording.py")),
            address,
            *map(str, (n, WATCHES, SECONDS * 3)),
        ]
        answer = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True, timeout=600)
    found = json.loads(answer.stdout)
    print(
        f"{RATE:,} posts/s for {SECONDS} s against {WATCHES:,} watches, one process, through the record; load {os.getloadavg()[0]:.1f}"
    )
    print(
        f"heard {found['posts']:,} of {n:,} in {found['took']:.1f} s; {found['kept']:,} kept, {found['mentions']:,} mentions"
    )
    for at, lag, posts in found["lags"]:
        print(f"after {at:5.1f} s: {posts:>8,} posts, behind by {lag:.2f} s")
    print(f"processor: {found['posts'] / found['busy']:,.0f} posts/s; peak memory {found['MB']:.0f} MB")
    return [
        Goal("posts heard of the firehose into the record", found["posts"], at_least=n),
        Goal("lag of the firehose into the record, s", found["lags"][-1][1], at_most=2 * PAGE_S),
    ]


SECTIONS = {"bluesky-parsing": parsing, "bluesky-firehose": firehose, "bluesky-recorded": recorded}
