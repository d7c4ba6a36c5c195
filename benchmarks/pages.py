"""Claim: dashboard, list and a mention answer under 200 ms (p95) over a million mentions with 10,000 rows in the tail.

`python benchmarks/pages.py [--mentions N …] [--seconds S] [--folder F]`, by default 10,000 and 100,000 mentions, 20 s a
page; a third of that below a million, where no goal is held against it. For each size the demo company is told as large as
needed, the mirror is merged, 10,000 corrections are left in the tail, and the pages are asked over HTTP by one user, then
by five, one request each a second, at an instant of that second drawn at random: people do not press in step.
Installations are kept in a folder when one is given, and those that it holds are used.
Printed per page: median, p95, the slowest (the first, of which no file was asked before) and the number of requests; then
how the medians grow, and the goals. Exit 1 when one is missed.
"""

import argparse
import os
import random
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import httpx

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "support"))
from goals import Goal, told
from processes import Server, answers, free_port

UNTIL = "2026-10-30T16:00:00+00:00"
WINDOW = "?from=2026-10-01&to=2026-10-30"
TAIL = 10_000

MENTIONS_A_POST = 0.85
"""Mentions that the demo company gives a post; a little less than measured, so that there are enough."""

P95_MS, GOAL_FROM = 200, 1_000_000
"""Milliseconds, and the mentions at which they must hold (issue 3, Speed)."""

FEWEST = 40
"""Requests a page and kind of load below which a p95 says nothing: it is then the second largest of forty."""

COUNT = """
from vigie.server import commands
commands._set_up()
from vigie.server import mirroring
from vigie.server.models import Mention
print(Mention.objects.count(), mirroring.revisions_behind())
"""

LEAVE_A_TAIL = f"""
from vigie.server import commands
commands._set_up()
from datetime import datetime, UTC
from django.db import transaction
from vigie.server import mirroring
from vigie.server.models import Mention, Work
from vigie.server.services import judging
mirroring.merge_now(clock=lambda: datetime.now(UTC))
ids = list(Mention.objects.order_by("-pk").values_list("pk", flat=True)[:{TAIL}])
for start in range(0, len(ids), 1000):
    with transaction.atomic():
        judging.touch(ids[start:start + 1000])
print(Mention.objects.count(), mirroring.revisions_behind())
"""


def run(environment: dict[str, str], *command: str) -> str:
    """Run a command of the installation and return what it says."""
    return subprocess.run(
        [sys.executable, *command], env=environment, check=True, capture_output=True, text=True
    ).stdout


def client_of(url: str) -> httpx.Client:
    """Log in as the administrator."""
    client = httpx.Client(base_url=url, follow_redirects=True, timeout=60)
    page = client.get("/account/log-in/").text
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    assert token is not None
    values = {"csrfmiddlewaretoken": token.group(1), "login": "admin@vaubrun.test", "password": "vigie-demo-2026"}
    client.post("/account/log-in/", data=values, headers={"Referer": f"{url}/account/log-in/"})
    return client


def asked(url: str, paths: dict[str, str], users: int, seconds: float) -> dict[str, list[float]]:
    """Log users in, and have them ask."""
    return asked_by([client_of(url) for _ in range(users)], paths, seconds)


def asked_by(clients: list[httpx.Client], paths: dict[str, str], seconds: float) -> dict[str, list[float]]:
    """Ask each page in turn, once in each second per user, at a random instant; return milliseconds by page.

    Users are logged in before: five passwords checked at once hold both cores for a second, which is no page's time.
    """
    found: dict[str, list[float]] = {name: [] for name in paths}

    def one(user: int, client: httpx.Client) -> None:
        names, rng = list(paths), random.Random(user)
        for second in range(round(seconds)):
            time.sleep(max(0.0, began + second + rng.random() - time.monotonic()))
            name = names[(user + second) % len(names)]
            started = time.perf_counter()
            assert client.get(paths[name]).status_code == 200
            found[name].append((time.perf_counter() - started) * 1000)

    began = time.monotonic()

    threads = [threading.Thread(target=one, args=each) for each in enumerate(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


@dataclass(frozen=True)
class Size:
    """What was measured at one size."""

    mentions: int
    tail: int
    times: dict[tuple[int, str], list[float]]
    """Milliseconds by number of users and page."""


def loaded(environment: dict[str, str], mentions: int) -> tuple[int, int]:
    """Load the demo company, leave a tail, and return how many mentions and rows in the tail there are."""
    if (Path(environment["VIGIE_VAR"]) / "vigie.sqlite3").exists():
        there, tail = map(int, run(environment, "-c", COUNT).split())
        return there, tail
    posts, started = round(mentions / MENTIONS_A_POST), time.perf_counter()
    run(environment, "-m", "vigie.cli.main", "demo", "--load-only", "--posts", str(posts), "--until", UNTIL)
    there, tail = map(int, run(environment, "-c", LEAVE_A_TAIL).split())
    run(environment, "-m", "vigie.web.bundle")
    seconds = time.perf_counter() - started
    print(f"{posts:,} posts loaded in {seconds:.0f} s; {there:,} mentions, {tail:,} rows in the tail", flush=True)
    return there, tail


def paths_of(url: str) -> dict[str, str]:
    """Return the pages that are asked."""
    listed = client_of(url).get(f"/mentions/{WINDOW}").text
    detail = re.search(r'href="(/mentions/\d+/[^"]*)"', listed)
    assert detail is not None
    return {
        "dashboard": f"/dashboard/{WINDOW}",
        "list": f"/mentions/{WINDOW}",
        "list, most seen": f"/mentions/{WINDOW}&order=seen",
        "mention": detail.group(1).replace("&amp;", "&"),
    }


def measured(
    environment: dict[str, str], folder: Path, port: int, seconds: float
) -> dict[tuple[int, str], list[float]]:
    """Start the pages alone, and ask."""
    options = ["--port", str(port), "--log-level", "warning", "--no-access-log"]
    server = Server(
        [sys.executable, "-m", "uvicorn", "vigie.server.asgi:application", *options],
        folder / "web.log",
        env=environment,
    )
    try:
        server.wait_until(lambda: answers(port))
        url = f"http://127.0.0.1:{port}"
        paths, times = paths_of(url), {}
        for users in (1, 5):
            for name, found in asked(url, paths, users, seconds * len(paths)).items():
                times[users, name] = found
                print(
                    f"{users} user{'s' if users > 1 else ' '}  {name:<16} median {statistics.median(found):6.0f} ms   p95 {p95(found):6.0f} ms   slowest {max(found):6.0f} ms   n {len(found)}",
                    flush=True,
                )
        return times
    finally:
        server.stop()


def p95(times: list[float]) -> float:
    """Return the time that nineteen of twenty requests stay under."""
    return statistics.quantiles(times, n=20, method="inclusive")[18] if len(times) > 1 else times[0]


def one(mentions: int, seconds: float, kept: Path | None) -> Size:
    """Measure one size."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as temporary:
        folder, port = (kept or Path(temporary)) / str(mentions), free_port()
        folder.mkdir(parents=True, exist_ok=True)
        environment = {**os.environ, "VIGIE_VAR": str(folder), "VIGIE_LISTEN": f"127.0.0.1:{port}"}
        there, tail = loaded(environment, mentions)
        return Size(there, tail, measured(environment, folder, port, seconds))


def grown(sizes: list[Size]) -> None:
    """Print the medians of one user at each size."""
    print("", f"{'median ms, one user':<24}" + "".join(f"{size.mentions:>14,}" for size in sizes), sep="\n")
    for users, name in sizes[0].times:
        if users == 1:
            print(f"{name:<24}" + "".join(f"{statistics.median(size.times[users, name]):>14.0f}" for size in sizes))


def goals_of(wanted: int, size: Size) -> list[Goal]:
    """Return the goals of one size: that it is what it says, and from a million mentions on the times."""
    found = [
        Goal(f"mentions, of {wanted:,} wanted", size.mentions, at_least=wanted),
        Goal(f"rows in the tail, at {wanted:,}", size.tail, at_least=min(TAIL, wanted // 2)),
    ]
    if wanted >= GOAL_FROM:
        found += [
            Goal(f"{name}, {users} user(s), p95 ms at {wanted:,}", p95(times), at_most=P95_MS)
            for (users, name), times in size.times.items()
        ]
        found.append(Goal("requests a page, at least", min(map(len, size.times.values())), at_least=FEWEST))
    return found


def main(wanted: list[int], seconds: float, kept: Path | None) -> int:
    """Measure every size; return 1 when a goal is missed."""
    sizes = [one(mentions, seconds if mentions >= GOAL_FROM else seconds / 3, kept) for mentions in wanted]
    grown(sizes)
    return told([goal for n, size in zip(wanted, sizes, strict=True) for goal in goals_of(n, size)])


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mentions", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--folder", type=Path)
    given = parser.parse_args()
    sys.exit(main(given.mentions, given.seconds, given.folder))
