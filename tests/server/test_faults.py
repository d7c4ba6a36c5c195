"""Killed at each step of ingest, archive, merge, back-fill and erasure: nothing is lost or double, the stores agree."""

import base64
import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from support.forking import Forks
from support.postgres import new_database
from support.processes import Server, answers, free_port

from vigie.errors import RetryableError
from vigie.server.database import select
from vigie.server.models import SpaceRead
from vigie.server.permissions import COMMAND
from vigie.server.services import collecting, spaces
from vigie.server.services.spaces import SpaceDraft
from vigie.server.worker.main import YIELDS

from .conftest import NOW
from .test_collecting import ITEM, Net

ROWS = 3_500
"""Posts of the file: three batches and a half."""

ITEMS = 600
"""Posts of the feed."""

POSTGRES = os.environ.get("VIGIE_TEST_POSTGRES") == "1"
on_sqlite = pytest.mark.skipif(POSTGRES, reason="it reads or fills SQLite's file")

STEPS = (
    "file kept, work not enqueued", "heard rows written", "posts written, mentions not", "mentions written, not committed",
    "a batch committed", "archive before the commit", "archive after the commit", "archive settled, bytes not dropped",
    "mirror's month written", "mirror before the swap", "mirror after the swap",
)  # fmt: skip

OF_A_FEED = (
    "page written, not committed", "page saved, nothing taken in", "page half taken in", "page taken in, read not closed",
)  # fmt: skip

OF_A_BACK_FILL = (
    "step over the record, not committed", "step over the record, not noted", "heard posts half taken in",
    "all taken in, not said",
)  # fmt: skip

OF_AN_ERASURE = (
    "record emptied, not committed", "record emptied, mirror not", "mirror emptied, no receipt",
    "heard rows gone, archive not", "archive emptied, no receipt", "bytes dropped, no receipt",
    "all receipts, key not destroyed",
)  # fmt: skip

OF_A_RUN_OVER_THE_PAST = (
    "labels written, findings not", "findings written, audit not", "step noted, revisions not given",
    "step written, not committed", "step committed, next not begun", "all told, what follows not begun",
    "what follows begun, not said",
)  # fmt: skip

OF_A_WAY_BACK = ("taken back, not committed", "taken back, next not begun")


OF_A_ROTATION = (
    "key drawn, not committed", "authors half moved", "written under it, not committed", "posts half moved",
    "month moved, not noted", "archive moved, old files there", "lists moved, not committed",
)  # fmt: skip


def of(steps: tuple[str, ...], on_postgres: str) -> tuple[str, ...]:
    """Return all steps; with PostgreSQL one that lies within its transaction, since the others are files or rows alike."""
    assert on_postgres in steps
    return (on_postgres,) if POSTGRES else steps


def environment(folder: Path) -> dict[str, str]:
    """Return the settings of an installation; its database bears the folder's name where it is PostgreSQL's."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("VIGIE_") and k != "DJANGO_SETTINGS_MODULE"}
    address = {"VIGIE_DATABASE_URL": (folder / "database").read_text()} if POSTGRES else {}
    return {**kept, "VIGIE_VAR": str(folder), **address}


def installation(folder: Path, copy_of: Path) -> Path:
    """Make a folder, and a database where one is needed, as another's."""
    shutil.copytree(copy_of, folder)
    if POSTGRES:
        (folder / "database").write_text(new_database((copy_of / "database").read_text()))
    return folder


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An installation of which only the tables were made, to be copied."""
    folder = tmp_path_factory.mktemp("fresh") / "var"
    folder.mkdir()
    if POSTGRES:
        (folder / "database").write_text(new_database())
    made = python(folder, "-c", "from vigie.server import commands; commands.migrate()")
    assert made.returncode == 0, made.stderr[-2000:]
    return folder


@pytest.fixture(scope="module", autouse=True)
def forks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Let stories be told by forks of one process."""
    global told_by
    told_by = Forks(tmp_path_factory.mktemp("forks"))
    yield
    told_by.stop()


told_by: Forks


def python(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments], env=environment(folder), capture_output=True, text=True, timeout=120, check=False
    )


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return told_by.run(environment(folder), *arguments)


def die(folder: Path, story: str, file: Path, step: str) -> None:
    """Run a story to the step where it dies."""
    dead = run(folder, story, str(file), step)
    assert dead.returncode == -signal.SIGKILL, dead.stderr[-2000:]


def finish(folder: Path, story: str, file: Path) -> dict[str, Any]:
    """Finish what the dead left, and return what there is: all stores agree and no work is left."""
    finished = run(folder, story, str(file))
    assert finished.returncode == 0, finished.stderr[-2000:]
    found = json.loads(finished.stdout)
    assert all(row["agrees"] for row in found["check"]) and found["open"] == [], found
    return {**found, **{row["what"]: row["found"] for row in found["check"]}}


def mentions_and_heard(found: dict[str, Any]) -> tuple[int, int]:
    return found["figures with the mirror"], found["posts heard, in the archive or on their way"]


def text(n: int) -> str:
    return f"{'Sérélium' if n % 3 == 0 else 'rien'} numéro {n}"


def csv_of(path: Path, rows: int) -> Path:
    lines = [f"{n},{text(n)},2026-10-{1 + n % 28:02d}T10:00:00Z,a{n % 40}" for n in range(rows)]
    path.write_text("\n".join(["id,text,published_at,author", *lines]), "utf-8")
    return path


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return csv_of(tmp_path / "posts.csv", ROWS)


@pytest.mark.parametrize("step", of(STEPS, "mentions written, not committed"))
def test_kill_loses_nothing_and_doubles_nothing(step: str, file: Path, fresh: Path, tmp_path: Path) -> None:
    folder = installation(tmp_path / "var", copy_of=fresh)
    die(folder, "file", file, step)
    assert mentions_and_heard(finish(folder, "file", file)) == (len(range(0, ROWS, 3)), ROWS)


@on_sqlite
def test_full_disk_loses_nothing_once_there_is_room(file: Path, fresh: Path, tmp_path: Path) -> None:
    folder = installation(tmp_path / "var", copy_of=fresh)
    full = run(folder, "file", str(file), "disk full")
    assert full.returncode not in (0, -signal.SIGKILL)
    assert mentions_and_heard(finish(folder, "file", file)) == (len(range(0, ROWS, 3)), ROWS)


@pytest.mark.skipif(os.environ.get("VIGIE_TEST_POSTGRES") == "1", reason="the bound of this test is one of SQLite's")
@pytest.mark.django_db(transaction=True)
def test_space_whose_bytes_find_no_room_says_so_and_is_read_again() -> None:
    space = spaces.add(SpaceDraft("Blog", "feed", "blog", "https://blog.example/feed/"), asker=COMMAND, now=NOW)
    noise = base64.b64encode(random.Random(7).randbytes(3_000_000)).decode()  # no compression makes it small
    answer = Net(f"<rss version='2.0'><channel><title>{noise}</title>{ITEM.format('a')}</channel></rss>")
    with bounded(room=40), pytest.raises(RetryableError):
        collecting.collect(space.pk, fetch=answer, clock=lambda: NOW)
    assert list(SpaceRead.objects.values_list("code", flat=True)) == ["disk.full"]
    assert collecting.collect(space.pk, fetch=answer, clock=lambda: NOW).new == 1
    assert not SpaceRead.objects.filter(finished_at=None).exists()


@contextmanager
def bounded(room: int) -> Iterator[None]:
    """Let the record's file grow by so many pages at most."""
    (pages,) = select("PRAGMA page_count")[0]
    (bound,) = select("PRAGMA max_page_count")[0]
    select(f"PRAGMA max_page_count = {pages + room}")
    try:
        yield
    finally:
        select(f"PRAGMA max_page_count = {bound}")


@pytest.fixture(scope="module")
def feed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    items = "".join(
        f"<item><guid>https://blog.example/{n}</guid><link>https://blog.example/{n}</link><author>a{n % 40}</author>"
        f"<pubDate>{1 + n % 28:02d} Oct 2026 10:00:00 GMT</pubDate><description>{text(n)}</description></item>"
        for n in range(ITEMS)
    )
    path = tmp_path_factory.mktemp("feed") / "feed.xml"
    path.write_text(f"<rss version='2.0'><channel><title>Blog</title>{items}</channel></rss>", "utf-8")
    return path


@pytest.fixture(scope="module")
def loaded(feed: Path, fresh: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """An installation that has read the feed, to be copied."""
    folder = installation(tmp_path_factory.mktemp("loaded") / "var", copy_of=fresh)
    assert mentions_and_heard(finish(folder, "feed", feed)) == (ITEMS // 3, ITEMS)
    yield folder


@pytest.mark.parametrize("step", of(OF_A_FEED, "page half taken in"))
def test_kill_of_a_read_loses_no_post_and_the_page_says_what_happened(
    step: str, feed: Path, fresh: Path, tmp_path: Path
) -> None:
    folder = installation(tmp_path / "var", copy_of=fresh)
    die(folder, "feed", feed, step)
    found = finish(folder, "feed", feed)
    assert mentions_and_heard(found) == (ITEMS // 3, ITEMS)
    assert found["reads"] == [["read.interrupted", True], ["", True]]


@pytest.mark.parametrize("step", of(OF_A_BACK_FILL, "step over the record, not committed"))
def test_kill_of_a_back_fill_loses_no_mention(step: str, feed: Path, loaded: Path, tmp_path: Path) -> None:
    folder = installation(tmp_path / "var", copy_of=loaded)
    die(folder, "back-fill", feed, step)
    assert mentions_and_heard(finish(folder, "back-fill", feed)) == (ITEMS // 3 + ITEMS, ITEMS)


@pytest.mark.parametrize("step", of(OF_AN_ERASURE, "record emptied, not committed"))
def test_kill_of_an_erasure_leaves_nothing_behind(step: str, feed: Path, loaded: Path, tmp_path: Path) -> None:
    folder = installation(tmp_path / "var", copy_of=loaded)
    die(folder, "erasure", feed, step)
    found = finish(folder, "erasure", feed)
    theirs = range(7, ITEMS, 40)
    assert mentions_and_heard(found) == (ITEMS // 3 - sum(n % 3 == 0 for n in theirs), ITEMS - len(theirs))
    assert (found["receipts"], found["targets"]) == (["archive", "bytes", "evidence", "mirror", "record"], [""])


@pytest.mark.parametrize("step", of(OF_A_ROTATION, "authors half moved"))
def test_kill_of_a_change_of_key_leaves_every_hash_under_the_new_one(
    step: str, feed: Path, loaded: Path, tmp_path: Path
) -> None:
    folder = installation(tmp_path / "var", copy_of=loaded)
    die(folder, "rotation", feed, step)
    found = finish(folder, "rotation", feed)
    assert mentions_and_heard(found) == (ITEMS // 3, ITEMS)
    assert found["keys"] == {
        "chain": [2, 2, 2], "authors": {"2": 40}, "engaging": {}, "archive": {"2": ITEMS}, "known": 40, "archived": ITEMS,
    }  # fmt: skip


TOLD = [
    ["language", "fr", ITEMS // 6], ["language", "nl", ITEMS // 6], ["reaction", "impair", ITEMS // 6],
    ["tone", "positive", ITEMS // 3],
]  # fmt: skip
"""What other models say of the posts of the record, a third of the feed."""


@pytest.mark.parametrize("step", of(OF_A_RUN_OVER_THE_PAST, "step noted, revisions not given"))
def test_kill_of_a_run_over_the_past_tells_each_post_once(step: str, feed: Path, loaded: Path, tmp_path: Path) -> None:
    folder = installation(tmp_path / "var", copy_of=loaded)
    die(folder, "past", feed, step)
    found = finish(folder, "past", feed)
    assert found["told"] == TOLD
    assert mentions_and_heard(found) == (ITEMS // 3 + ITEMS // 6, ITEMS)


@pytest.mark.parametrize("step", of(OF_A_WAY_BACK, "taken back, not committed"))
def test_kill_of_a_way_back_chooses_each_label_of_before(step: str, feed: Path, loaded: Path, tmp_path: Path) -> None:
    before = finish(installation(tmp_path / "before", copy_of=loaded), "feed", feed)
    folder = installation(tmp_path / "var", copy_of=loaded)
    die(folder, "way back", feed, step)
    found = finish(folder, "way back", feed)
    # The finder's kind is no label: what it found stays.
    assert [row for row in found["told"] if row[0] == "language"] == [r for r in before["told"] if r[0] == "language"]


def done_of_import(folder: Path) -> int:
    """Read how far the import has come, as another process sees it."""
    with closing(sqlite3.connect(f"file:{folder}/vigie.sqlite3?mode=ro", uri=True, timeout=10)) as record:
        return int(record.execute("SELECT COALESCE(MAX(done), 0) FROM vigie_work WHERE kind = 'import'").fetchone()[0])


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@on_sqlite
def test_up_whose_web_and_worker_are_killed_agrees_at_once_and_finishes_later(fresh: Path, tmp_path: Path) -> None:
    rows = 4 * ROWS
    file, folder, port = (
        csv_of(tmp_path / "posts.csv", rows),
        installation(tmp_path / "var", copy_of=fresh),
        free_port(),
    )
    die(folder, "file", file, "file kept, work enqueued")
    settings = {**environment(folder), "VIGIE_LISTEN": f"127.0.0.1:{port}"}
    up = Server([sys.executable, "-m", "vigie.cli.main", "up"], tmp_path / "up.log", env=settings)
    try:
        up.wait_until(lambda: len(children(up.process.pid)) == 2, 60)
        up.wait_until(lambda: answers(port) and done_of_import(folder) > 0, 60)
        ours = os.getpriority(os.PRIO_PROCESS, 0)
        stand_back = sorted(os.getpriority(os.PRIO_PROCESS, child) for child in children(up.process.pid))
        assert stand_back == [ours, min(19, ours + YIELDS)]
        for child in children(up.process.pid):
            os.kill(child, signal.SIGKILL)
        assert up.process.wait(20) == 3
    finally:
        up.stop()
    assert "[up.ended]" in (tmp_path / "up.log").read_text()
    checked = python(folder, "-m", "vigie.cli.main", "check")
    assert checked.returncode == 0, checked.stdout
    assert 0 < done_of_import(folder) < rows
    assert mentions_and_heard(finish(folder, "file", file)) == (len(range(0, rows, 3)), rows)
