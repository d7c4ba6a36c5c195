"""All models trained from the checkout by one command, twice: how long it takes, and whether the bytes are the same."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
from goals import Goal

import vigie.enrich

ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"), "1")

MINUTES, MOST_BYTES = 20, 1_000_000
"""Minutes that training takes at most, and bytes of a model (issue 6, Figures)."""

PACKAGE = Path(vigie.enrich.__file__).parent
COMMITTED = {"phee.tsv": PACKAGE / "health/data/phee.tsv"}
"""Files that stand elsewhere than with the models."""


def trained(folder: Path, out: Path) -> float:
    """Run the command that `make models` runs; print what it says; return its seconds by the clock."""
    begun = time.perf_counter()
    command = [sys.executable, "-m", "vigie.cli.main", "train", str(folder), "--out", str(out)]
    subprocess.run(command, check=True, env={**os.environ, **ONE_THREAD})
    return time.perf_counter() - begun


def marks(out: Path) -> dict[str, str]:
    """Return the SHA-256 of each file of a folder."""
    return {path.name: sha256(path.read_bytes()).hexdigest() for path in sorted(out.iterdir())}


def goals(folder: Path) -> Iterator[Goal]:
    """Train twice and compare."""
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
        print("\ntraining of all models, one thread, twice", flush=True)
        seconds = [trained(folder, Path(out)) for out in (one, other)]
        first, second = marks(Path(one)), marks(Path(other))
        largest = max(path.stat().st_size for path in Path(one).iterdir())
    print("by the clock: " + ", ".join(f"{each:.0f} s" for each in seconds))
    for name, mark in first.items():
        kept = COMMITTED.get(name, PACKAGE / "models" / name)
        is_kept = kept.is_file() and sha256(kept.read_bytes()).hexdigest() == mark
        print(f"   {name:<16} sha256 {mark[:16]}…   {'as' if is_kept else 'OTHER than'} committed")
    yield Goal("training of all models: minutes", max(seconds) / 60, at_most=MINUTES)
    yield Goal("files of another content the second time", sum(first[n] != second.get(n) for n in first), at_most=0)
    yield Goal("bytes of the largest model", largest, at_most=MOST_BYTES)
