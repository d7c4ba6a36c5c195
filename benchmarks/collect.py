"""Claim: pages are parsed at 0.8 × the speed of the bare client library or more, 50 feeds are read a second, a firehose is kept up with.

`python benchmarks/collect.py [SECTION …]`, by default all. Each platform has a module in `collecting/`; its sections
print posts a second of processor time beside the client library on the same bytes. The firehose is recorded from a real
server of repositories, replayed at 5,000 posts a second by another process, and matched against 1,000 watches.
"""

import importlib
import sys
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from goals import Goal, told


def sections() -> dict[str, Callable[[], list[Goal]]]:
    """Return every section of every platform."""
    found: dict[str, Callable[[], list[Goal]]] = {}
    for path in sorted((Path(__file__).parent / "collecting").glob("[a-z]*.py")):
        found |= getattr(importlib.import_module(f"collecting.{path.stem}"), "SECTIONS", {})
    return found


def main(wanted: list[str]) -> int:
    """Run the sections and tell the goals; 1 when one is missed, 2 when a section is none."""
    known = sections()
    unknown = [name for name in wanted if name not in known]
    if unknown:
        print(f"no such section: {', '.join(unknown)}; there are {', '.join(known)}")
        return 2
    goals: list[Goal] = []
    for name in wanted or known:
        print(f"\n== {name}", flush=True)
        goals += known[name]()
    return told(goals)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
