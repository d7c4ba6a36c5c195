"""The tutorial on platforms does what it says: its files are made, its commands are run, in one folder."""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.processes import Server, answers, free_port

TUTORIAL = Path(__file__).parents[2] / "docs" / "how-to" / "write-a-platform.md"


def files() -> dict[str, str]:
    """Return the files of the page: each stands below its name."""
    return dict(re.findall(r"^`([\w.]+)`:\n\n```\w+\n(.*?)```", TUTORIAL.read_text("utf-8"), re.DOTALL | re.MULTILINE))


def commands() -> list[str]:
    blocks = re.findall(r"```console\n(.*?)```", TUTORIAL.read_text("utf-8"), re.DOTALL)
    return [line.removeprefix("$ ") for block in blocks for line in block.splitlines() if line.startswith("$ ")]


@pytest.fixture
def servers() -> Iterator[list[Server]]:
    """Servers that the page starts, stopped at the end."""
    started: list[Server] = []
    yield started
    for server in started:
        server.stop()


def test_page_builds_a_platform_that_reads(tmp_path: Path, servers: list[Server]) -> None:
    assert set(files()) == {"pyproject.toml", "vigie_notices.py", "test_notices.py", "notices.json"}
    for name, text in files().items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    port = free_port()
    outputs = {}
    for command in commands():
        outputs[command] = run(command.replace("8123", str(port)), tmp_path, servers, port)
    assert "1 passed" in next(out for command, out in outputs.items() if "pytest" in command)
    posts = [json.loads(line) for line in next(out for c, out in outputs.items() if "vigie collect" in c).splitlines()]
    assert [(p["id"], p["text"]) for p in posts] == [
        ("notice:1", "Lot rappelé & échangé."),
        ("notice:2", "Rien de neuf."),
    ]


def run(command: str, folder: Path, servers: list[Server], port: int) -> str:
    """Run a command of the page; what it installs goes into the folder, not into the environment of the tests."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("VIGIE_") and k != "DJANGO_SETTINGS_MODULE"}
    programs = Path(sys.executable).parent
    environment = {
        **kept,
        "PATH": f"{programs}:{kept['PATH']}",
        "PIP_TARGET": "site",
        "PYTHONPATH": str(folder / "site"),
    }
    command = command.replace("vigie collect", f"{sys.executable} -m vigie.cli.main collect")
    if command.endswith("&"):
        server = Server(
            ["bash", "-c", f"exec {command.removesuffix('&')}"], folder / "server.log", cwd=folder, env=environment
        )
        servers.append(server)
        server.wait_until(lambda: answers(port))
        time.sleep(0.1)
        return ""
    done = subprocess.run(
        ["bash", "-c", command], cwd=folder, env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, (command, done.stdout, done.stderr)
    return done.stdout
