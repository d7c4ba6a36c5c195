"""Claim: the door takes at least 2,500 posts a second, with mentions, labels and audit, in memory that stays flat.

`python benchmarks/door.py [POSTS …]`, by default 10,000 and 100,000. Each size is imported by `vigie import` into an
empty installation, in a process of its own; beside it, in the same run, SQLite's `executemany` writes the same columns
of as many posts and mentions, with the same keys, and nothing else. Printed: posts/s, the ratio, and the peak memory.
"""

import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

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


def imported(folder: Path, file: Path) -> tuple[float, float]:
    """Import a file in a process of its own; return seconds and megabytes at the peak."""
    environment = {**os.environ, "VIGIE_VAR": str(folder)}
    subprocess.run([sys.executable, "-c", SETUP, *WATCHES], env=environment, check=True)
    code = (
        "import sys, resource; from vigie.cli.main import app\n"
        f"sys.argv = ['vigie', 'import', {str(file)!r}, '--space', 'banc']\n"
        "try: app()\n"
        "except SystemExit as e: print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr); raise\n"
    )
    started = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    seconds = time.perf_counter() - started
    return seconds, float(done.stderr.strip().splitlines()[-1]) / 1024


def plain(folder: Path, posts: int) -> float:
    """Write as many posts and mentions by `executemany`; return seconds."""
    connection = sqlite3.connect(folder / "plain.sqlite3", isolation_level=None)
    connection.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;")
    names = ", ".join(f"c{n}" for n in range(COLUMNS))
    connection.execute(f"CREATE TABLE post (id INTEGER PRIMARY KEY AUTOINCREMENT, key BLOB UNIQUE, {names})")
    connection.execute(
        "CREATE TABLE mention (id INTEGER PRIMARY KEY AUTOINCREMENT, watch INT, post INT, revision INT, UNIQUE (watch, post))"
    )
    connection.execute("CREATE INDEX revision ON mention (revision)")
    started = time.perf_counter()
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
    return time.perf_counter() - started


def main(sizes: list[int]) -> None:
    """Measure each size and print a line."""
    print(f"{'posts':>10} {'posts/s':>9} {'peak MB':>8} {'executemany posts/s':>20} {'ratio':>6}")
    for posts in sizes:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            csv_of(folder / "posts.csv", posts)
            seconds, megabytes = imported(folder / "var", folder / "posts.csv")
            bare = plain(folder, posts)
            print(
                f"{posts:>10,} {posts / seconds:>9,.0f} {megabytes:>8,.0f} {posts / bare:>20,.0f} {bare / seconds:>6.2f}",
                flush=True,
            )


if __name__ == "__main__":
    main([int(text) for text in sys.argv[1:]] or [10_000, 100_000])
