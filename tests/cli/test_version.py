"""The command says its version."""

import subprocess
import sys

from vigie import __version__


def test_version_is_said() -> None:
    command = [sys.executable, "-m", "vigie.cli.main", "--version"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=True)
    assert done.stdout == f"vigie {__version__}\n"
