"""What `collect.py` measures, one module a platform: `SECTIONS` maps a name to a function that prints its figures."""

import statistics
import time
from collections.abc import Callable

from goals import Goal

GOAL = 0.8
"""Our speed over that of the bare client library, at least (the issue of spaces)."""


ROUNDS = 7
"""Turns that each takes, one after the other, so that what else the machine does meets all alike; the median counts."""


def seconds(act: Callable[[], object]) -> float:
    """Return the processor time of an act."""
    begun = time.process_time()
    act()
    return time.process_time() - begun


def beside(what: str, posts: int, ours: Callable[[], object], others: dict[str, Callable[[], object]]) -> list[Goal]:
    """Print our speed on so many posts, and that of others on the same bytes.

    The first other is the one to be compared with, unless its name says that there is no goal.
    """
    acts = {"": ours, **others}
    rounds = [{name: seconds(act) for name, act in acts.items()} for _ in range(1 + ROUNDS)][1:]
    spent = {name: statistics.median(one[name] for one in rounds) for name in acts}
    ratios = {name: spent[name] / spent[""] for name in others}
    print(f"{what:<44} Vigie {posts / spent['']:>9,.0f} posts/s")
    for name, ratio in ratios.items():
        print(f"{'':<44} {name:<34} {posts / spent[name]:>9,.0f} posts/s   ours is {ratio:.2f} ×")
    name = next(iter(others))
    return [] if "no goal" in name else [Goal(f"{what}, × {name}", ratios[name], at_least=GOAL)]
