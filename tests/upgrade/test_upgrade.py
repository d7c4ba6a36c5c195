"""Databases of every version are brought up to this one, and their stores agree."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pytest

FOLDER = Path(__file__).parent
DATABASES = sorted(FOLDER.glob("v*.sqlite.zst"))


def test_there_is_a_database_of_this_version() -> None:
    from vigie import __version__

    major, minor, _patch = __version__.split(".")
    assert f"v{major}.{minor}.sqlite.zst" in [path.name for path in DATABASES]


@pytest.mark.parametrize("path", DATABASES, ids=lambda path: path.name)
def test_database_of_an_earlier_version_is_migrated_and_agrees(path: Path, tmp_path: Path) -> None:
    with pa.input_stream(str(path), compression="zstd") as packed:
        (tmp_path / "vigie.sqlite3").write_bytes(packed.read())
    kept = {k: v for k, v in os.environ.items() if not k.startswith("VIGIE_") and k != "DJANGO_SETTINGS_MODULE"}
    environment = {**kept, "VIGIE_VAR": str(tmp_path)}
    code = "from vigie.server import commands; commands.migrate()"
    subprocess.run([sys.executable, "-c", code], env=environment, check=True, timeout=120)
    done = subprocess.run(
        [sys.executable, "-m", "vigie.cli.main", "check"],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0 and rows and all(row["agrees"] for row in rows), done.stdout + done.stderr
