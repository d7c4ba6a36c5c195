"""What `collect.py` measures, one module a platform: `SECTIONS` maps a name to a function that prints its figures."""

import statistics
import time
from collections.abc import Callable

from goals import Goal

GOAL = 0.8
"""Our speed over that of the bare client library, at least (the issue of spaces)."""


def seconds(act: Callable[[], object], repeats: int = 5) -> float:
    """Return the median processor time of an act."""
    found = []
    for _ in range(repeats):
        begun = time.process_time()
        act()
        found.append(time.process_time() - begun)
    return statistics.median(found)


def beside(what: str, posts: int, ours: Callable[[], object], others: dict[str, Callable[[], object]]) -> list[Goal]:
    """Print our speed on so many posts, and that of others on the same bytes; the first is the one to be compared with."""
    goals: list[Goal] = []
    ours()
    spent = seconds(ours)
    print(f"{what:<44} Vigie {posts / spent:>9,.0f} posts/s")
    for name, act in others.items():
        act()
        other = seconds(act)
        ratio = other / spent
        print(f"{'':<44} {name:<34} {posts / other:>9,.0f} posts/s   ours is {ratio:.2f} ×")
        goals = goals or [Goal(f"{what}, × {name}", ratio, at_least=GOAL)]
    return goals
