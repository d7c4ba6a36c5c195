"""Start real servers on loopback, and stop each by its own process group."""

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def needs(*programs: str) -> None:
    """Skip where a program is not installed; in continuous integration that is a failure."""
    missing = [p for p in programs if shutil.which(p) is None and not Path(p).exists()]
    if missing and os.environ.get("CI") == "true":
        pytest.fail(f"not installed: {', '.join(missing)}")
    if missing:
        pytest.skip(f"not installed: {', '.join(missing)} (make packages says how)")


class Server:
    """A program that runs until stopped, in a process group of its own."""

    def __init__(self, command: Sequence[str], log: Path, **options: object) -> None:
        self.log = log.open("ab")
        self.process = subprocess.Popen(command, stdout=self.log, stderr=self.log, start_new_session=True, **options)  # type: ignore[call-overload]

    def wait_until(self, ready: Callable[[], bool], seconds: float = 30) -> None:
        """Wait until the server answers."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if ready():
                return
            if self.process.poll() is not None:
                break
            time.sleep(0.05)
        raise RuntimeError(
            f"{self.process.args!r} did not start: {Path(self.log.name).read_text(errors='replace')[-800:]}"
        )

    def stop(self, how: int = signal.SIGTERM) -> None:
        """Stop the whole group."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, how)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait(10)
        self.log.close()


def answers(port: int) -> bool:
    """Say whether something listens on a port."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
