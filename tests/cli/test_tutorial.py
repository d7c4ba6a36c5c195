"""The tutorial does what it says: each of its commands is run, in its order, in one folder."""

import os
import re
import subprocess
import sys
from pathlib import Path

TUTORIAL = Path(__file__).parents[2] / "docs" / "tutorial" / "first-hour.md"


def commands() -> list[str]:
    blocks = re.findall(r"```console\n(.*?)```", TUTORIAL.read_text("utf-8"), re.DOTALL)
    return [line.removeprefix("$ ") for block in blocks for line in block.splitlines() if line.startswith("$ ")]


def test_every_command_of_the_tutorial_works(tmp_path: Path) -> None:
    kept = {k: v for k, v in os.environ.items() if not k.startswith("VIGIE_") and k != "DJANGO_SETTINGS_MODULE"}
    folder = Path(sys.executable).parent
    environment = {**kept, "VIGIE_VAR": str(tmp_path / "var"), "PATH": f"{folder}:{os.environ['PATH']}"}
    outputs = {}
    for command in commands():
        done = subprocess.run(
            ["bash", "-c", command],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, (command, done.stderr)
        outputs[command] = done.stdout
    assert '"spans": [[0, 8], [12, 20]]' in next(o for c, o in outputs.items() if c.startswith("vigie match"))
    assert len(commands()) >= 8
