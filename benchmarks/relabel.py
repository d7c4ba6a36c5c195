"""Claim: 10 million mentions are labelled again within 90 minutes, while pages keep their p95 under 200 ms.

`python benchmarks/relabel.py [--mentions N] [--changed SHARE] [--seconds S] [--folder F]`, by default 100,000 mentions, a
tenth of whose tones change. The demo company is told as large as needed (kept in a folder when one is given), and its past
made older: the tone of a share of the posts is another, by an older model. Web and worker run as two processes, as `vigie
up` starts them. Five users ask dashboard, list and mention, one request each a second at a random instant, first for S
seconds while the worker has nothing to do, then for as long as it labels all posts again: language, tone, and a list of
words of reactions that is new (`Words`, below), so that findings are written too. What a worker does by itself once a day
(names, places proposed, media of evidence) is put off; it merges as ever.

Printed: posts and mentions a second of the whole run, with its writes, merges and waits; how many posts changed; processor
seconds that the worker took (all of it, merges and housekeeping too) and posts for each, which a busy machine does not
change; its peak memory; p95 of each page at rest and during the run; then the time of 10 million mentions at that speed, which
is an extrapolation: merges rewrite the months that changes fall in, and months of ten times the mentions take longer to
write (benchmarks/mirror.py). VIGIE_DATABASE_URL names another record than SQLite; it must be empty.
"""

import argparse
import json
import os
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import httpx

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "support"))
sys.path.insert(0, str(Path(__file__).parent))
from goals import Goal, told
from pages import MENTIONS_A_POST, UNTIL, asked_by, client_of, p95, paths_of, run
from processes import Server, answers, free_port

WANTED, MINUTES = 10_000_000, 90
"""Mentions, and minutes within which they must be labelled again (issue 6, part 11)."""

P95_MS = 200
"""Milliseconds that pages keep (issue 3, Speed)."""

USERS = 5
"""People who have the pages open (issue 3, Speed); they log in once, before anything is measured."""

ROUND_S = 10
"""Seconds of a round of requests while the run goes on."""

SET_UP = """
import json, sys
from vigie.server import commands
commands._set_up()
from datetime import datetime, UTC
from django.db import connection, transaction
from vigie.server import mirroring
from vigie.server.models import Finding, Labeller, Mention, Post, Work
from vigie.server.services import work
"""

AGE = f"""{SET_UP}
older, _ = Labeller.objects.get_or_create(kind="tone", name="tone-grams", version="0")
with transaction.atomic(), connection.cursor() as cursor:
    cursor.execute("DELETE FROM vigie_finding")
    cursor.execute("UPDATE vigie_post SET found = '' WHERE found <> ''")
    cursor.execute(
        "DELETE FROM vigie_label WHERE NOT chosen"
    )
    cursor.execute(
        "UPDATE vigie_label SET labeller_id = %s, value = CASE value WHEN 'negative' THEN 'neutral' WHEN 'neutral' THEN "
        "'positive' ELSE 'neutral' END WHERE kind = 'tone' AND chosen AND (post_id * 7919) %% 10000 < %s AND labeller_id <> %s",
        [older.pk, int(float(sys.argv[1]) * 10_000), older.pk],
    )
Work.objects.all().delete()
for kind, key in (("names", "names"), ("propose", "propose"), ("tidy", "tidy"), ("evidence", "evidence")):
    work.enqueue(kind, key, in_s=86_400)
mirroring.rebuild(clock=lambda: datetime.now(UTC))
print(json.dumps([Post.objects.count(), Mention.objects.count()]))
"""

WORDS = """
import pyarrow as pa
from vigie.enrich.finder import FINDINGS

class Words:
    kinds, name, version = ("reaction",), "words", "1"
    words = ("vertige", "naus\\u00e9e", "fatigue", "palpitations", "crampes", "dizz", "nausea", "tired", "headache")

    def find(self, texts, languages, *, lexicon, tokens):
        rows = [
            (row, "reaction", word, None, at, at + len(word), False, False, False, False, 1.0, "words")
            for row, text in enumerate(texts.to_pylist()) for word in self.words if (at := text.find(word)) >= 0
        ]
        columns = zip(*rows) if rows else [()] * len(FINDINGS)
        return pa.table([pa.array(c, f.type) for c, f in zip(columns, FINDINGS)], schema=FINDINGS)
"""

WORKER = f"""{SET_UP}{WORDS}
import resource
from vigie.server import engine
from vigie.server.worker import main
engine.FINDERS = (Words(),)
main.main()
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024, flush=True)
"""

ASK = f"""{SET_UP}{WORDS}
import time
from vigie.server import engine
from vigie.server.permissions import COMMAND
from vigie.server.services import relabelling
engine.FINDERS = (Words(),)
row = relabelling.start("language", "tone", "reaction", asker=COMMAND, now=datetime.now(UTC))
while (done := Work.objects.get(pk=row)).state in ("waiting", "running"):
    time.sleep(0.25)
seconds = (done.finished_at - done.started_at).total_seconds()
print(json.dumps([done.state, seconds, done.facts, done.state_json.get("changed"), mirroring.revisions_behind()]))
"""


def loaded(environment: dict[str, str], mentions: int, changed: float) -> tuple[int, int]:
    """Load the demo company unless it is there, make its past older, and return its posts and mentions."""
    posts, started = round(mentions / MENTIONS_A_POST), time.perf_counter()
    run(environment, "-m", "vigie.cli.main", "demo", "--load-only", "--posts", str(posts), "--until", UNTIL)
    kept, there = json.loads(run(environment, "-c", AGE, str(changed)))
    run(environment, "-m", "vigie.web.bundle")
    print(f"{kept:,} posts, {there:,} mentions, in {time.perf_counter() - started:.0f} s", flush=True)
    return kept, there


def processor_s(pid: int) -> float:
    """Return the processor seconds that a process took so far, its threads' all together (proc(5): utime and stime)."""
    cells = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(cells[11]) + int(cells[12])) / os.sysconf("SC_CLK_TCK")


def asked_while(clients: list[httpx.Client], paths: dict[str, str], is_over: threading.Event) -> dict[str, list[float]]:
    """Have users ask the pages in rounds until something is over; return milliseconds by page."""
    found: dict[str, list[float]] = {name: [] for name in paths}
    while not is_over.is_set():
        for name, times in asked_by(clients, paths, ROUND_S).items():
            found[name] += times
    return found


def measured(environment: dict[str, str], folder: Path, port: int, seconds: float) -> dict[str, Any]:
    """Run web and worker, ask at rest, then while all is labelled again."""
    options = ["--port", str(port), "--log-level", "warning", "--no-access-log"]
    web = Server(
        [sys.executable, "-m", "uvicorn", "vigie.server.asgi:application", *options],
        folder / "web.log",
        env=environment,
    )
    worker = None
    try:
        web.wait_until(lambda: answers(port))
        said = folder / "worker.log"
        said.write_bytes(b"")
        worker = Server([sys.executable, "-c", WORKER], said, env=environment)
        url = f"http://127.0.0.1:{port}"
        paths = {name: path for name, path in paths_of(url).items() if name != "list, most seen"}
        clients = [client_of(url) for _ in range(USERS)]
        asked_by(clients, paths, ROUND_S)  # what a process reads once
        rest = asked_by(clients, paths, seconds)
        over, answer = threading.Event(), list[str]()
        waiter = threading.Thread(target=lambda: (answer.append(run(environment, "-c", ASK)), over.set()))
        before = processor_s(worker.process.pid)
        waiter.start()
        during = asked_while(clients, paths, over)
        waiter.join()
        took = processor_s(worker.process.pid) - before
        worker.stop()
        return {
            "rest": rest,
            "during": during,
            "run": json.loads(answer[0]),
            "memory": _last_number(said),
            "took": took,
        }
    finally:
        for one in (worker, web):
            if one is not None:
                one.stop()


def _last_number(log: Path) -> int | None:
    """Return the number on the last line of a log; absent where there is none."""
    lines = log.read_text(errors="replace").split()
    return int(lines[-1]) if lines and lines[-1].isdigit() else None


def one(mentions: int, changed: float, seconds: float, kept: Path | None) -> int:
    """Measure, and print what was found; return 1 when a goal is missed."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as temporary:
        folder, port = (kept or Path(temporary)) / str(mentions), free_port()
        folder.mkdir(parents=True, exist_ok=True)
        environment = {**os.environ, "VIGIE_VAR": str(folder), "VIGIE_LISTEN": f"127.0.0.1:{port}"}
        posts, there = loaded(environment, mentions, changed)
        found = measured(environment, folder, port, seconds)
    state, took, facts, kinds, behind = found["run"]
    print(f"run: {state}, {took:.1f} s, {facts}, by kind {kinds}, {behind:,} revisions left to merge")
    print(f"{posts / took:,.0f} posts/s, {there / took:,.0f} mentions/s; worker's peak memory {found['memory']} MB")
    print(f"worker: {found['took']:.1f} processor seconds, {posts / found['took']:,.0f} posts for each")
    minutes = WANTED / (there / took) / 60
    print(f"10 million mentions at that speed: {minutes:.0f} minutes (extrapolated from {there:,})")
    for name in found["rest"]:
        print(
            f"{name:<12} p95 at rest {p95(found['rest'][name]):5.0f} ms (n {len(found['rest'][name])})   "
            f"during the run {p95(found['during'][name]):5.0f} ms (n {len(found['during'][name])})   "
            f"slowest {max(found['during'][name]):5.0f} ms"
        )
    return told(
        [
            Goal("mentions/s of the whole run", there / took, at_least=WANTED / MINUTES / 60),
            *(
                Goal(f"{name}, p95 ms during the run", p95(times), at_most=P95_MS)
                for name, times in found["during"].items()
            ),
        ]
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mentions", type=int, default=100_000)
    parser.add_argument("--changed", type=float, default=0.1)
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--folder", type=Path)
    given = parser.parse_args()
    sys.exit(one(given.mentions, given.changed, given.seconds, given.folder))
