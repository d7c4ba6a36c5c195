"""Claim: the door takes at least 2,500 posts a second, with mentions, labels and audit, in 600 MB at most.

`python benchmarks/door.py [POSTS …]`, by default 10,000 and 100,000. Each size is imported by `vigie import` into an
empty installation, in a process of its own; beside it, in the same run, SQLite's `executemany` writes the same columns
of as many posts and mentions, with the same keys, and nothing else. Printed: posts/s by
the clock and by processor time (an import keeps one core busy; the clock also counts what else a shared machine does),
the ratio of processor times, and the peak memory; then the goals, from a hundred thousand posts on. Exit 1 when one is
missed.
"""

import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from goals import Goal, told

RATE, PEAK_MB = 2_500, 600
"""Posts a second, and megabytes (issue 3, Speed)."""

LARGE = 100_000
"""Posts from which the goals hold: below, the start of the process weighs."""

WATCHES = ("serelium", "vertige*", "nausee* OR fatigue", '"nouvelle formule"', "kalmydor OR orselan")
TEXTS = (
    "Je prends du Sérélium depuis trois semaines et j'ai des vertiges le matin, vous aussi ?",
    "La nouvelle formule de Sérélium passe mieux, la fatigue s'en va doucement, merci à ma pharmacienne.",
    "Mon médecin hésite entre Sérélium et Kalmydor, des nausées avec le premier, rien avec le second.",
)
COLUMNS = 30
"""Columns that a post and its mention have in the record."""


def csv_of(path: Path, posts: int) -> None:
    """Write a file of posts, all of which some watch matches."""
    with path.open("w", encoding="utf-8") as file:
        file.write("id,text,published_at,author,likes,views,network,url\n")
        for n in range(posts):
            text = TEXTS[n % len(TEXTS)]
            file.write(
                f'{n},"{text} {n}",2026-{1 + n % 9:02d}-{1 + n % 28:02d}T10:00:00Z,a{n % 5000},{n % 40},{n % 900},forum,https://forum.example/{n}\n'
            )


SETUP = """
import sys
from datetime import datetime, UTC
from vigie.server import commands
commands.migrate()
from vigie.server.permissions import COMMAND
from vigie.server.services import people, watches
from vigie.server.services.watches import WatchDraft
now = datetime.now(UTC)
brand = people.add_brand("Vaubrun", is_ours=True, asker=COMMAND, now=now)
for n, expression in enumerate(sys.argv[1:]):
    watches.add(WatchDraft(f"w{n}", brand.pk, "product", brand.pk, expression), asker=COMMAND, now=now)
"""


def imported(folder: Path, file: Path) -> tuple[float, float, float]:
    """Import a file in a process of its own; return seconds, those of its processor time, and megabytes at the peak."""
    environment = {**os.environ, "VIGIE_VAR": str(folder)}
    subprocess.run([sys.executable, "-c", SETUP, *WATCHES], env=environment, check=True)
    code = (
        "import sys, resource; from vigie.cli.main import app\n"
        f"sys.argv = ['vigie', 'import', {str(file)!r}, '--space', 'banc']\n"
        "try: app()\n"
        "except SystemExit:\n"
        "    used = resource.getrusage(resource.RUSAGE_SELF)\n"
        "    print(used.ru_utime + used.ru_stime, used.ru_maxrss, file=sys.stderr)\n"
        "    raise\n"
    )
    started = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    seconds = time.perf_counter() - started
    busy, peak = map(float, done.stderr.strip().splitlines()[-1].split())
    return seconds, busy, peak / 1024


def plain(folder: Path, posts: int) -> float:
    """Write as many posts and mentions by `executemany`; return seconds of processor time."""
    connection = sqlite3.connect(folder / "plain.sqlite3", isolation_level=None)
    connection.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;")
    names = ", ".join(f"c{n}" for n in range(COLUMNS))
    connection.execute(f"CREATE TABLE post (id INTEGER PRIMARY KEY AUTOINCREMENT, key BLOB UNIQUE, {names})")
    connection.execute(
        "CREATE TABLE mention (id INTEGER PRIMARY KEY AUTOINCREMENT, watch INT, post INT, revision INT, UNIQUE (watch, post))"
    )
    connection.execute("CREATE INDEX revision ON mention (revision)")
    started = time.process_time()
    for start in range(0, posts, 1_000):
        rows = [
            (n.to_bytes(16, "big"), *(TEXTS[n % 3] if c == 0 else c for c in range(COLUMNS)))
            for n in range(start, start + 1_000)
        ]
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany(f"INSERT INTO post VALUES (NULL, ?{', ?' * COLUMNS})", rows)
        connection.executemany(
            "INSERT INTO mention VALUES (NULL, ?, ?, ?)",
            [(w, n, n) for n in range(start, start + 1_000) for w in range(2)],
        )
        connection.execute("COMMIT")
    return time.process_time() - started


@dataclass(frozen=True)
class Measured:
    """One size."""

    rate: float
    """Posts a second by the clock on the wall."""
    busy_rate: float
    """Posts a second of processor time."""
    peak_mb: float
    bare_rate: float
    """What `executemany` writes in a second of processor time."""


def one(posts: int) -> Measured:
    """Measure one size."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        csv_of(folder / "posts.csv", posts)
        seconds, busy, megabytes = imported(folder / "var", folder / "posts.csv")
        return Measured(posts / seconds, posts / busy, megabytes, posts / plain(folder, posts))


def main(sizes: list[int]) -> int:
    """Measure each size and print a line; return 1 when a goal is missed."""
    print(f"{'posts':>10} {'posts/s':>9} {'posts/CPU s':>12} {'peak MB':>8} {'executemany/CPU s':>18} {'ratio':>6}")
    found = {}
    for posts in sizes:
        found[posts] = m = one(posts)
        print(
            f"{posts:>10,} {m.rate:>9,.0f} {m.busy_rate:>12,.0f} {m.peak_mb:>8,.0f} {m.bare_rate:>18,.0f} "
            f"{m.busy_rate / m.bare_rate:>6.3f}",
            flush=True,
        )
    large = [posts for posts in sizes if posts >= LARGE]
    goals = [Goal(f"posts/CPU s at {posts:,}", found[posts].busy_rate, at_least=RATE) for posts in large]
    goals += [Goal(f"peak MB at {posts:,}", found[posts].peak_mb, at_most=PEAK_MB) for posts in large]
    if len(large) > 1:
        growth = found[large[-1]].peak_mb / found[large[0]].peak_mb
        print(
            f"memory, {large[-1]:,} to {large[0]:,}: {growth:.2f} times (the vocabulary, and the month that a merge holds)"
        )
    return told(goals)


if __name__ == "__main__":
    sys.exit(main([int(text) for text in sys.argv[1:]] or [10_000, 100_000]))
