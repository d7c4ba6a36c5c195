"""Killed at each step of ingest, archive and merge: nothing is lost, nothing is double, and the stores agree."""

import base64
import json
import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from vigie.errors import RetryableError
from vigie.server.database import select
from vigie.server.models import SpaceRead
from vigie.server.permissions import COMMAND
from vigie.server.services import collecting, spaces
from vigie.server.services.spaces import SpaceDraft

from .conftest import NOW
from .test_collecting import ITEM, Net

ROWS = 3_500
DYING = Path(__file__).parents[1] / "support" / "dying.py"

STEPS = (
    "file kept, work not enqueued", "heard rows written", "posts written, mentions not", "mentions written, not committed",
    "a batch committed", "archive before the commit", "archive after the commit", "archive settled, bytes not dropped",
    "mirror's month written", "mirror before the swap", "mirror after the swap",
)  # fmt: skip


def environment(folder: Path) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith("VIGIE_") and k != "DJANGO_SETTINGS_MODULE"}
    return {**kept, "VIGIE_VAR": str(folder)}


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments], env=environment(folder), capture_output=True, text=True, timeout=120, check=False
    )


@pytest.fixture
def file(tmp_path: Path) -> Path:
    lines = ["id,text,published_at,author"]
    lines += [
        f"{n},{'Sérélium' if n % 3 == 0 else 'rien'} numéro {n},2026-10-{1 + n % 28:02d}T10:00:00Z,a{n % 40}"
        for n in range(ROWS)
    ]
    path = tmp_path / "posts.csv"
    path.write_text("\n".join(lines), "utf-8")
    return path


@pytest.mark.skipif(os.environ.get("VIGIE_TEST_POSTGRES") == "1", reason="the processes of this test use SQLite's file")
@pytest.mark.parametrize("step", STEPS)
def test_kill_loses_nothing_and_doubles_nothing(step: str, file: Path, tmp_path: Path) -> None:
    folder = tmp_path / "var"
    folder.mkdir()
    dead = run(folder, str(DYING), str(file), step)
    assert dead.returncode == -signal.SIGKILL, dead.stderr[-2000:]
    _finishes_with_everything(folder, file)


@pytest.mark.skipif(os.environ.get("VIGIE_TEST_POSTGRES") == "1", reason="the processes of this test use SQLite's file")
def test_full_disk_loses_nothing_once_there_is_room(file: Path, tmp_path: Path) -> None:
    folder = tmp_path / "var"
    folder.mkdir()
    full = run(folder, str(DYING), str(file), "disk full")
    assert full.returncode not in (0, -signal.SIGKILL)
    _finishes_with_everything(folder, file)


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


def _finishes_with_everything(folder: Path, file: Path) -> None:
    finished = run(folder, str(DYING), str(file))
    assert finished.returncode == 0, finished.stderr[-2000:]
    checked = run(folder, "-m", "vigie.cli.main", "check")
    rows = [json.loads(line) for line in checked.stdout.splitlines()]
    assert checked.returncode == 0 and all(row["agrees"] for row in rows), rows
    figures = {row["what"]: row["found"] for row in rows}
    assert figures["figures with the mirror"] == len(range(0, ROWS, 3))
    assert figures["posts heard, in the archive or on their way"] == ROWS
