"""Goals beside figures: what was asked, what was measured, and whether it is reached."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import inf


@dataclass(frozen=True)
class Goal:
    """A bound on one figure."""

    name: str
    measured: float
    at_least: float = -inf
    at_most: float = inf

    @property
    def is_reached(self) -> bool:
        """Say whether the figure lies within the bound."""
        return self.at_least <= self.measured <= self.at_most

    def __str__(self) -> str:
        bound = f">= {self.at_least:,.6g}" if self.at_least > -inf else f"<= {self.at_most:,.6g}"
        return (
            f"{self.name:<44} {self.measured:>10,.4g}   goal {bound:<10} {'reached' if self.is_reached else 'MISSED'}"
        )


def told(goals: Iterable[Goal]) -> int:
    """Print the goals; return 1 when one is missed, as the exit code."""
    found = list(goals)
    print("", *map(str, found), sep="\n", flush=True)
    return int(not all(goal.is_reached for goal in found))
