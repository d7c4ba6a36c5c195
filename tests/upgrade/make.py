"""Make the database of this version: `python tests/upgrade/make.py`; the demo company with 2,000 posts, packed."""

import os
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path

import pyarrow as pa

from vigie import __version__

with tempfile.TemporaryDirectory() as folder:
    environment = {**os.environ, "VIGIE_VAR": folder}
    command = [
        sys.executable,
        "-m",
        "vigie.cli.main",
        "demo",
        "--load-only",
        "--posts",
        "2000",
        "--until",
        "2026-10-30T16:00:00+00:00",
    ]
    subprocess.run(command, env=environment, check=True)
    plain = Path(folder) / "vigie.sqlite3"
    connection = sqlite3.connect(plain)
    connection.execute("PRAGMA journal_mode=DELETE")
    connection.execute("VACUUM")
    connection.close()
    target = Path(__file__).parent / f"v{'.'.join(__version__.split('.')[:2])}.sqlite.zst"
    with pa.output_stream(str(target), compression="zstd") as packed:
        packed.write(plain.read_bytes())
    print(target.name, target.stat().st_size)
