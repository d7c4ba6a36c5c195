"""The shell around the commands: exit statuses, one line of error, a port that is taken, help that is quick."""

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest


def vigie(folder: Path, *arguments: str, **extra: str) -> subprocess.CompletedProcess[str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith("VIGIE_") and k != "DJANGO_SETTINGS_MODULE"}
    command = [sys.executable, "-m", "vigie.cli.main", *arguments]
    environment = {**kept, "VIGIE_VAR": str(folder), **extra}
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)


def test_port_that_is_taken_is_said_in_one_line(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        done = vigie(tmp_path, "up", VIGIE_LISTEN=f"127.0.0.1:{port}")
    assert done.returncode == 2
    assert (
        done.stderr.strip()
        == f"vigie: Port {port} is taken by another program. Stop it, or set VIGIE_LISTEN=127.0.0.1:{port + 1}. [up.port_taken]"
    )


def test_demo_beyond_loopback_is_refused(tmp_path: Path) -> None:
    done = vigie(tmp_path, "demo", VIGIE_LISTEN="0.0.0.0:8799", VIGIE_ALLOWED_HOSTS="*")
    assert done.returncode == 2 and "[demo.beyond_loopback]" in done.stderr


def test_misspelt_setting_is_refused_by_name(tmp_path: Path) -> None:
    done = vigie(tmp_path, "doctor", VIGIE_LISTN="x")
    assert done.returncode == 2 and "VIGIE_LISTEN" in done.stderr


def test_doctor_says_what_is_wrong_in_sentences(tmp_path: Path) -> None:
    done = vigie(tmp_path, "doctor")
    assert done.returncode == 1
    assert "changes of the record wait" in done.stdout and "No mail server is set" in done.stdout


@pytest.mark.parametrize(
    "arguments",
    [("import", "nowhere.csv", "--space", "x"), ("collect", "blog.example"), ("erase", "--origin", "a.example")],
)
def test_bad_input_is_one_line_and_status_two(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    done = vigie(tmp_path, *arguments)
    assert done.returncode == 2 and done.stderr.startswith("vigie: ") and len(done.stderr.strip().splitlines()) == 1


def test_help_is_quick(tmp_path: Path) -> None:
    started = time.perf_counter()
    done = vigie(tmp_path, "--help")
    assert done.returncode == 0 and "import" in done.stdout
    assert time.perf_counter() - started < 3


def test_who_can_not_receive_mail_gets_a_link(tmp_path: Path) -> None:
    invited = vigie(tmp_path, "user", "add", "chef@example.org")
    assert invited.returncode == 0 and "/invitation/" in invited.stdout
    unknown = vigie(tmp_path, "user", "link", "nobody@example.org")
    assert unknown.returncode == 2 and "[people.unknown]" in unknown.stderr
