"""Databases of every version are brought up to this one, as SQLite and as PostgreSQL, and their stores agree."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pytest
from support import moving
from support.postgres import new_database

FOLDER = Path(__file__).parent
DATABASES = sorted(FOLDER.glob("v*.sqlite.zst"))
POSTGRES = os.environ.get("VIGIE_TEST_POSTGRES") == "1"

THEN = """
import sys; from vigie.server import commands; commands._set_up()
from django.core.management import call_command
for seen in sys.argv[1:]: call_command("migrate", *seen.split("."), verbosity=0)
"""
NOW = "from vigie.server import commands; commands.migrate()"


def test_there_is_a_database_of_this_version() -> None:
    from vigie import __version__

    major, minor, _patch = __version__.split(".")
    assert f"v{major}.{minor}.sqlite.zst" in [path.name for path in DATABASES]


def run(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)


def record_of(path: Path, folder: Path) -> dict[str, str]:
    """Unpack a version's record, and move it into PostgreSQL where the run asks for it; return the settings."""
    with pa.input_stream(str(path), compression="zstd") as packed:
        (folder / "vigie.sqlite3").write_bytes(packed.read())
    kept = {k: v for k, v in os.environ.items() if not k.startswith("VIGIE_") and k != "DJANGO_SETTINGS_MODULE"}
    environment = {**kept, "VIGIE_VAR": str(folder)}
    if not POSTGRES:
        return environment
    environment["VIGIE_DATABASE_URL"] = new_database()
    last = dict(moving.migrations_of(folder / "vigie.sqlite3"))
    then = run(environment, "-c", THEN, *(f"{app}.{name}" for app, name in last.items()))
    assert then.returncode == 0, then.stderr
    moved = moving.move(folder / "vigie.sqlite3", environment["VIGIE_DATABASE_URL"])
    assert moved["vigie_heard"] == 2_000 and moved["vigie_auditevent"] > 0
    (folder / "vigie.sqlite3").unlink()
    return environment


@pytest.mark.parametrize("path", DATABASES, ids=lambda path: path.name)
def test_database_of_an_earlier_version_is_migrated_and_agrees(path: Path, tmp_path: Path) -> None:
    environment = record_of(path, tmp_path)
    migrated = run(environment, "-c", NOW)
    assert migrated.returncode == 0, migrated.stderr
    done = run(environment, "-m", "vigie.cli.main", "check", "--json")
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0 and rows and all(row["agrees"] for row in rows), done.stdout + done.stderr
    assert rows[0]["found"] > 100
