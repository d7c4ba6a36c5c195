"""Many feeds read by the worker of an empty installation, each on an address of its own, one in twenty at fault."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

FEEDS = 300
"""Feeds of a run: enough that the first minute, in which one in twenty fails, is not all of it."""

GOALS = {"again": 50.0, "share": 0.99, "MB": 600.0}
"""Feeds a second that did not change, share read in the end, peak memory (issue of spaces)."""


def feeds() -> None:
    """Print how fast feeds are read the first time, ten new posts each, and when they did not change."""
    root = Path(__file__).parents[2]
    paths = os.pathsep.join([str(root / "src"), str(root / "benchmarks"), str(root / "tests")])
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        environment = {
            **os.environ, "PYTHONPATH": paths, "VIGIE_VAR": folder, "VIGIE_LOG_LEVEL": "ERROR",
            "VIGIE_ALLOWED_PRIVATE_NETWORKS": "127.0.0.0/8",
        }  # fmt: skip
        here = Path(__file__).parent
        sites = subprocess.Popen(
            [sys.executable, str(here / "hosts.py")], env=environment, stdout=subprocess.PIPE, text=True
        )
        try:
            assert sites.stdout is not None
            ports = sites.stdout.readline().split()
            command = [sys.executable, str(here / "reading.py"), str(FEEDS), *ports]
            answer = subprocess.run(command, env=environment, capture_output=True, text=True, check=True, timeout=900)
        finally:
            sites.kill()
            sites.wait()
    found = json.loads(answer.stdout)
    print(
        f"{FEEDS} feeds, 5 % at fault in the first minute, {found['share']:.1%} read after {found['s of 99']:.0f} s (goal 99 %)"
    )
    print(
        f"first time, ten new posts each: {found['first']:.1f} feeds/s, {found['first busy']:.0f} ms of processor each"
    )
    print(f"not changed: {found['again']:.1f} feeds/s (goal 50), {found['again busy']:.0f} ms of processor each")
    print(f"peak memory of the worker: {found['MB']:.0f} MB (goal 600)")
    missed = found["again"] < GOALS["again"] or found["share"] < GOALS["share"] or found["MB"] > GOALS["MB"]
    print("NOT MET" if missed else "met")


SECTIONS = {"feeds": feeds}
