"""Peers written in Python, each installed once in a virtual environment of its own under var/peers.

On the command line: `python tests/support/venvs.py` installs them all.
"""

import fcntl
import subprocess
import sys
from pathlib import Path

HOME = Path(__file__).parents[2] / "var" / "peers"

PACKAGES = {"spirit": ("django-spirit==0.14.3",), "misago": ("misago==0.39.6",)}
"""What each needs; the versions that were tried."""


def installed(name: str) -> Path:
    """Return the folder of programs of a peer, installing it when it is not there."""
    folder, done = HOME / name, HOME / name / ".done"
    HOME.mkdir(parents=True, exist_ok=True)
    with (HOME / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        wanted = " ".join(PACKAGES[name])
        if not done.exists() or done.read_text() != wanted:
            subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=True)
            pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
            subprocess.run([*pip, *PACKAGES[name]], check=True)
            done.write_text(wanted)
    return folder / "bin"


if __name__ == "__main__":
    for peer in PACKAGES:
        installed(peer)
