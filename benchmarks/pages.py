"""Claim: dashboard, list and a mention answer under 200 ms (p95) over a million mentions with 10,000 rows in the tail.

`python benchmarks/pages.py [POSTS] [SECONDS]`, by default 100,000 posts and 20 s. The demo company is told as large as
asked, the mirror is merged, 10,000 corrections are left in the tail, and the pages are asked over HTTP by one user, then
by five, one request each a second. Printed per page: median, p95 and the number of requests.
"""

import os
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import httpx

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "support"))
from processes import Server, answers, free_port

UNTIL = "2026-10-30T16:00:00+00:00"
WINDOW = "?from=2026-10-01&to=2026-10-30"
TAIL = 10_000

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
    """Ask each page in turn, once a second per user; return milliseconds by page."""
    found: dict[str, list[float]] = {name: [] for name in paths}

    def one(turn: int) -> None:
        client, until = client_of(url), time.monotonic() + seconds
        names = list(paths)
        while time.monotonic() < until:
            name = names[turn % len(names)]
            started = time.perf_counter()
            assert client.get(paths[name]).status_code == 200
            found[name].append((time.perf_counter() - started) * 1000)
            turn += 1
            time.sleep(max(0.0, 1 - (time.perf_counter() - started)))

    threads = [threading.Thread(target=one, args=(n,)) for n in range(users)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def main(posts: int, seconds: float) -> None:
    """Load, start the pages alone, and measure."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        port = free_port()
        environment = {**os.environ, "VIGIE_VAR": folder, "VIGIE_LISTEN": f"127.0.0.1:{port}"}
        started = time.perf_counter()
        run(environment, "-m", "vigie.cli.main", "demo", "--load-only", "--posts", str(posts), "--until", UNTIL)
        loaded = time.perf_counter() - started
        mentions, tail = run(environment, "-c", LEAVE_A_TAIL).split()
        print(f"{posts:,} posts loaded in {loaded:.0f} s; {int(mentions):,} mentions, {int(tail):,} rows in the tail")
        run(environment, "-m", "vigie.web.bundle")
        web = [
            sys.executable,
            "-m",
            "uvicorn",
            "vigie.server.asgi:application",
            "--port",
            str(port),
            "--log-level",
            "warning",
            "--no-access-log",
        ]
        server = Server(web, Path(folder) / "web.log", env=environment)
        try:
            server.wait_until(lambda: answers(port))
            url = f"http://127.0.0.1:{port}"
            listed = client_of(url).get(f"/mentions/{WINDOW}").text
            detail = re.search(r'href="(/mentions/\d+/[^"]*)"', listed)
            assert detail is not None
            paths = {
                "dashboard": f"/dashboard/{WINDOW}",
                "list": f"/mentions/{WINDOW}",
                "list, most seen": f"/mentions/{WINDOW}&order=seen",
                "mention": detail.group(1).replace("&amp;", "&"),
            }
            for users in (1, 5):
                for name, times in asked(url, paths, users, seconds).items():
                    p95 = statistics.quantiles(times, n=20)[18] if len(times) > 1 else times[0]
                    print(
                        f"{users} user{'s' if users > 1 else ' '}  {name:<16} median {statistics.median(times):6.0f} ms   p95 {p95:6.0f} ms   n {len(times)}",
                        flush=True,
                    )
        finally:
            server.stop()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000, float(sys.argv[2]) if len(sys.argv) > 2 else 20)
