"""Killed at each step of ingest, archive and merge: nothing is lost, nothing is double, and the stores agree."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

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


def _finishes_with_everything(folder: Path, file: Path) -> None:
    finished = run(folder, str(DYING), str(file))
    assert finished.returncode == 0, finished.stderr[-2000:]
    checked = run(folder, "-m", "vigie.cli.main", "check")
    rows = [json.loads(line) for line in checked.stdout.splitlines()]
    assert checked.returncode == 0 and all(row["agrees"] for row in rows), rows
    figures = {row["what"]: row["found"] for row in rows}
    assert figures["figures with the mirror"] == len(range(0, ROWS, 3))
    assert figures["posts heard, in the archive or on their way"] == ROWS
