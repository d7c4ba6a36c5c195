"""A file of a million posts: progress is told all along, and memory does not grow with it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

CODE = """
import json, os, sys
from pathlib import Path
from vigie.server import commands
commands.migrate()
seen = []
def progress(kind, done, total):
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    seen.append((done, total, pages * os.sysconf("SC_PAGESIZE")))
found = commands.import_file(Path(sys.argv[1]), space="fichier", map_file=None, progress=progress)
print(json.dumps({"seen": seen, "heard": found["heard"], "kept": found["kept"]}))
sys.stdout.flush()
os._exit(0)
"""

MOST_BYTES = 600 * 10**6
"""Of memory, from a hundred thousand posts to a million."""


def write(path: Path, rows: int) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.write("id,text,published_at,author\n")
        for n in range(rows):
            word = "Sérélium" if n % 50 == 0 else "rien"
            file.write(f"{n},{word} numéro {n} du fil,2026-{1 + n % 10:02d}-{1 + n % 28:02d}T10:00:00Z,a{n % 5000}\n")


@pytest.mark.parametrize("rows", [pytest.param(1_000_000, marks=pytest.mark.slow)])
def test_great_import_tells_its_progress_and_keeps_its_memory(rows: int, tmp_path: Path) -> None:
    write(tmp_path / "posts.csv", rows)
    kept = {k: v for k, v in os.environ.items() if not k.startswith("VIGIE_") and k != "DJANGO_SETTINGS_MODULE"}
    done = subprocess.run(
        [sys.executable, "-c", CODE, str(tmp_path / "posts.csv")], env={**kept, "VIGIE_VAR": str(tmp_path / "var")},
        capture_output=True, text=True, timeout=3_600, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    found = json.loads(done.stdout)
    steps = [step for step, _, _ in found["seen"]]
    assert found["heard"] == rows and steps == sorted(steps) and steps[-1] == rows
    assert max(b - a for a, b in zip([0, *steps], steps, strict=False)) <= 1_000
    assert all(abs(total - rows) <= rows * 0.1 for _, total, _ in found["seen"])
    early = max(size for step, _, size in found["seen"] if step <= rows // 10)
    late = max(size for _, _, size in found["seen"])
    assert late <= MOST_BYTES and late - early <= 100 * 10**6, (early, late)
