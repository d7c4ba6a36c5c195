"""Processes made by forking one that has read all that is slow to read: libraries, kernels, dictionaries.

`python forking.py` answers each line of JSON on its input, `{"argv", "env", "output", "errors"}`, by one with the status of the child
that ran `dying.main` so. What depends on an installation (Django, its settings) is read by the child alone, so that each is a
process of its own, which can be killed as any other.
"""

import json
import os
import runpy
import subprocess
import sys
from pathlib import Path
from typing import Any

DYING = Path(__file__).parent / "dying.py"


class Forks:
    """The process that is forked, started when first asked."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._turn = folder, 0
        self._process: subprocess.Popen[str] | None = None

    def run(self, env: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run `dying.py` with some arguments."""
        if self._process is None:
            self._process = subprocess.Popen(
                [sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
            )
        process, self._turn = self._process, self._turn + 1
        assert process.stdin is not None and process.stdout is not None
        output, errors = (self._folder / f"{self._turn}.{name}" for name in ("out", "err"))
        asked = {"argv": [str(DYING), *arguments], "env": env, "output": str(output), "errors": str(errors)}
        process.stdin.write(json.dumps(asked) + "\n")
        process.stdin.flush()
        status = int(process.stdout.readline())
        return subprocess.CompletedProcess(arguments, status, output.read_text(), errors.read_text())

    def stop(self) -> None:
        """End the process that was forked."""
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.close()
            self._process.wait(20)


def read_what_is_slow() -> None:
    """Import the libraries, load the kernels, and lay out the dictionaries; no thread is begun."""
    import deltalake  # noqa: F401
    import django.db.models  # noqa: F401
    import duckdb  # noqa: F401

    from vigie.enrich.health import table
    from vigie.match.warm import warm
    from vigie.store import archive, mirror  # noqa: F401
    from vigie.text.lexicon import Lexicon

    warm()
    for language in ("fr", "en"):
        table.table(language, (), table.shipped(), True, Lexicon())


def child(asked: dict[str, Any]) -> None:
    """Become the process that is asked for."""
    os.environ.clear()
    os.environ.update(asked["env"])
    for stream, name in ((0, os.devnull), (1, asked["output"]), (2, asked["errors"])):
        os.dup2(os.open(name, os.O_RDWR | os.O_CREAT, 0o600), stream)
    sys.argv = asked["argv"]
    try:
        runpy.run_path(sys.argv[0], run_name="__main__")
    except BaseException:  # noqa: BLE001 - what a process would print before it ends
        sys.excepthook(*sys.exc_info())
        sys.stderr.flush()
    os._exit(1)


def serve() -> None:
    """Fork a child for each line, and say how it ended."""
    read_what_is_slow()
    for line in sys.stdin:
        asked = json.loads(line)
        pid = os.fork()
        if pid == 0:
            child(asked)
        print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)


if __name__ == "__main__":
    serve()
