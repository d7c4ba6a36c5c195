"""Many feeds read by the worker of an empty installation, each on an address of its own, one in twenty at fault."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from goals import Goal

from collecting import beside

FEEDS = int(os.environ.get("BENCH_FEEDS", "2000"))
"""Feeds that are read, as the issue of spaces asks; fewer for a trial."""

MANY = 20_000
"""Feeds whose hour is shown by the same loop under a clock of its own."""

HERE = Path(__file__).parent


def feeds() -> list[Goal]:
    """Tell how fast feeds are read the first time, ten new posts each, and when they did not change."""
    with _environment() as environment:
        found = _read(environment)
    print(f"{FEEDS:,} feeds, each a host of its own, asked once a second at most; 5 % at fault in the first minute")
    print(
        f"first time, ten new posts each: {found['first']:.1f} feeds/s, {found['first busy']:.1f} ms of processor each"
    )
    print(f"not changed: {found['again']:.1f} feeds/s, {found['again busy']:.1f} ms of processor each")
    print(f"{found['share']:.2%} read after {found['s of 99']:.0f} s, the minute of faults included")
    hour = _hour(found["lasted"])
    print(
        f"{MANY:,} feeds by the same loop under a clock of its own: {hour['share']:.2%} read after {hour['s of 99']:,.0f} s"
    )
    return [
        Goal("feeds read a second, ten new posts each", found["first"], at_least=50),
        Goal("feeds read a second, unchanged", found["again"], at_least=50),
        Goal(f"share of {FEEDS:,} feeds read, %", found["share"] * 100, at_least=99),
        Goal(f"share of {MANY:,} feeds read within the hour, %", hour["share"] * 100, at_least=99),
        Goal("most memory of the worker, MB", found["MB"], at_most=600),
    ]


@contextmanager
def _environment() -> Iterator[dict[str, str]]:
    root = HERE.parents[1]
    paths = os.pathsep.join([str(root / "src"), str(root / "benchmarks"), str(root / "tests")])
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        yield {
            **os.environ, "PYTHONPATH": paths, "VIGIE_VAR": folder, "VIGIE_LOG_LEVEL": "ERROR",
            "VIGIE_ALLOWED_PRIVATE_NETWORKS": "127.0.0.0/8", "VIGIE_PACE_LOOPBACK": "on",
        }  # fmt: skip


def _read(environment: dict[str, str]) -> dict[str, Any]:
    sites = subprocess.Popen(
        [sys.executable, str(HERE / "hosts.py")], env=environment, stdout=subprocess.PIPE, text=True
    )
    try:
        assert sites.stdout is not None
        return _said(environment, "reading.py", str(FEEDS), *sites.stdout.readline().split())
    finally:
        sites.kill()
        sites.wait()


def _hour(lasted: dict[str, list[float]]) -> dict[str, Any]:
    with _environment() as environment:
        file = Path(environment["VIGIE_VAR"]) / "lasted.json"
        file.write_text(json.dumps(lasted), "utf-8")
        return _said(environment, "hour.py", str(MANY), str(file))


def _said(environment: dict[str, str], script: str, *args: str) -> dict[str, Any]:
    """Run a script; return what it prints as JSON."""
    command = [sys.executable, str(HERE / script), *args]
    answer = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True, timeout=1_800)
    found: dict[str, Any] = json.loads(answer.stdout)
    return found


def parsing() -> list[Goal]:
    """Tell the speed of parsing beside that of feedparser as its documentation shows it."""
    import feedparser
    from matching import drawn

    from collecting import hosts
    from vigie.collect.source import Page
    from vigie.platforms.feed.source import SOURCE

    texts = drawn.posts(5_000)["text"].to_pylist()
    bodies = [hosts.feed(n, texts) for n in range(200)]
    now = datetime(2026, 10, 30, tzinfo=UTC)
    pages = [
        Page(f"https://site{n}.example/feed", b, "application/rss+xml", "posts", now, "") for n, b in enumerate(bodies)
    ]
    return beside("RSS, ten posts each, to a table", len(bodies) * hosts.ITEMS, lambda: [SOURCE.parse(p) for p in pages], {
        "feedparser, as documented": lambda: [feedparser.parse(body) for body in bodies],
    })  # fmt: skip


SECTIONS = {"feeds-parsing": parsing, "feeds": feeds}
