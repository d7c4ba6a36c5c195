"""The tutorial does what it says: each of its commands is run, in its order, in one folder."""

import json
import os
import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from vigie.collect.imports import FIELDS

DOCS = Path(__file__).parents[2] / "docs"
TUTORIAL = DOCS / "tutorial" / "first-hour.md"
IMPORT = DOCS / "how-to" / "import-a-file.md"


IN_FRENCH = (
    (TUTORIAL, TUTORIAL.with_name("first-hour.fr.md")),
    (DOCS / "how-to" / "archive-on-s3.md", DOCS / "how-to" / "archive-on-s3.fr.md"),
    (DOCS / "how-to" / "label-the-past-again.md", DOCS / "how-to" / "label-the-past-again.fr.md"),
    (IMPORT, IMPORT.with_name("import-a-file.fr.md")),
)
"""Pages that stand in both languages."""


def commands(page: Path = TUTORIAL) -> list[str]:
    blocks = re.findall(r"```console\n(.*?)```", page.read_text("utf-8"), re.DOTALL)
    return [line.removeprefix("$ ") for block in blocks for line in block.splitlines() if line.startswith("$ ")]


@pytest.mark.parametrize(("english", "french"), IN_FRENCH, ids=lambda page: page.name)
def test_page_in_french_says_the_same_commands_settings_and_parts(english: Path, french: Path) -> None:
    one, other = english.read_text("utf-8"), french.read_text("utf-8")
    assert commands(english) == commands(french)
    for same in (r"```sh\n(.*?)```", r"`((?:AWS|VIGIE)_\w+)`", r"^(\|?#+) "):
        found = [sorted(re.findall(same, text, re.DOTALL | re.MULTILINE)) for text in (one, other)]
        assert found[0] == found[1], same


def run(page: Path, folder: Path) -> dict[str, str]:
    """Run every command of a page in one folder; return what each said."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("VIGIE_") and k != "DJANGO_SETTINGS_MODULE"}
    programs = Path(sys.executable).parent
    environment = {**kept, "VIGIE_VAR": str(folder / "var"), "PATH": f"{programs}:{os.environ['PATH']}"}
    outputs = {}
    for command in commands(page):
        done = subprocess.run(
            ["bash", "-c", command],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, (command, done.stderr)
        outputs[command] = done.stdout
    return outputs


def test_every_command_of_the_tutorial_works(tmp_path: Path) -> None:
    outputs = run(TUTORIAL, tmp_path)
    assert '"spans": [[0, 8], [12, 20]]' in next(o for c, o in outputs.items() if c.startswith("vigie match"))
    assert len(commands()) >= 9
    _truth_is_of_the_posts_that_were_loaded(tmp_path)


def test_a_file_is_taken_in_as_its_page_says_and_all_fields_stand_there(tmp_path: Path) -> None:
    outputs = run(IMPORT, tmp_path)
    (said,) = (json.loads(o) for c, o in outputs.items() if c.startswith("vigie import"))
    assert (said["heard"], said["new"], said["skipped"], said["undated"]) == (1, 1, 1, 0)
    listed = IMPORT.read_text("utf-8").partition("## The fields")[2]
    assert set(re.findall(r"`(\w+)`", "".join(re.findall(r"^\| (.*?) \|", listed, re.MULTILINE)))) == set(FIELDS)


def _truth_is_of_the_posts_that_were_loaded(folder: Path) -> None:
    rows = [json.loads(line) for line in (folder / "truth.ndjson").read_text("utf-8").splitlines()]
    truths = {(row["origin"], row["native_id"]): row for row in rows}
    assert len(rows) == len(truths) == 500 and next(iter(rows[0])) == "native_id"
    assert sum(row["adverse_event"] for row in rows) > 0
    with closing(sqlite3.connect(folder / "var" / "vigie.sqlite3")) as record:
        found = "SELECT origin, native_id, deleted_at IS NOT NULL FROM vigie_post"
        posts = list(record.execute(found))
    assert len([1 for origin, native, _ in posts if (origin, native) in truths]) > 100
    assert all(truths[origin, native]["deleted"] for origin, native, gone in posts if gone)
