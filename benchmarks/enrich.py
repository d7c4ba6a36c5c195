"""Claim: every label, together, of more than 10,000 posts a second on one core, by models that beat their peers.

`python benchmarks/enrich.py [FOLDER] [--only PART …]`; the folder holds the sets that the cards name. The parts, in order, each
in `enriching/`: `together` (all steps as the product calls them, the share of each, peak memory of the process that labels),
`telling` (language and tone beside peers, on tweets that no model saw), `beside` (each step beside its peers on the same posts),
`sorting` (categories over the past, label parts of watches). `training` (all models by one command, twice: minutes and bytes)
runs when it is asked for. Seconds are those of the thread's processor time, medians of repeats. Last comes a table of goals;
exit 1 when one is missed.
"""

import argparse
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from enriching import beside, learning, sorting, telling, together
from goals import Goal, told

PARTS: dict[str, Callable[[Path], Iterable[Goal]]] = {
    "together": lambda folder: together.goals(),
    "telling": telling.goals,
    "beside": beside.goals,
    "sorting": lambda folder: sorting.goals(),
    "training": learning.goals,
}

NEED_SETS = {"telling", "training"}
"""Parts that are left out where the folder is missing."""


def main() -> int:
    """Run the parts that are asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?", default=Path(__file__).parents[2] / "shared/data")
    parser.add_argument("--only", nargs="+", choices=list(PARTS), default=[n for n in PARTS if n != "training"])
    given = parser.parse_args()
    found: list[Goal] = []
    for name in given.only:
        if name in NEED_SETS and not given.folder.is_dir():
            print(
                f"{given.folder} is missing: give the folder that holds the sets which the cards name; {name} is not run"
            )
            continue
        found += PARTS[name](given.folder)
    return told(found)


if __name__ == "__main__":
    raise SystemExit(main())
