"""Orders of lists: where a post stands, the key that names the place, and the tests that compare rows with it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from vigie.errors import SchemaError

Key = tuple[Any, ...]
"""The rank of a post: one value per expression of its order."""

Test = tuple[str, list[Any]]
"""A condition, and the values of its parameters."""

SEEN = "COALESCE(views, -1)"
"""Views; posts whose views nobody tells come after those seen by none."""

ENGAGED = "(COALESCE(likes, 0) + COALESCE(reposts, 0) + COALESCE(replies, 0))"
"""Likes, reposts and replies together; what is not known adds nothing."""

START = datetime(1970, 1, 1, tzinfo=UTC)
"""Instants in keys are microseconds since then."""

GREATEST = 2**62
"""Bound of a number in a key: what 64 bits hold, with room to compare."""


@dataclass(frozen=True, slots=True)
class Order:
    """An order of posts, the greatest rank first; all mentions of a post have the same rank."""

    rank: tuple[str, ...]
    """Expressions over a mention's row, `post_id` last, so that no two posts tie."""
    column: str
    """The column of the first expression: files are read by it before a row is read whole."""
    by_time: bool

    def columns(self, width: int | None = None) -> str:
        """Return the first expressions of the rank as columns r0, r1 …"""
        return ", ".join(f"{expression} AS r{i}" for i, expression in enumerate(self.rank[:width]))

    def says_enough(self, found: Key) -> bool:
        """Say whether a rank cut short leaves few rows that share it: many posts have no views, or none that are told."""
        return len(found) == len(self.rank) or self.by_time or found[0] > 0

    @property
    def grouped(self) -> str:
        """Return the rank of a group of mentions of one post as columns r0, r1 …"""
        return ", ".join(f"MAX({expression}) AS r{i}" for i, expression in enumerate(self.rank))

    @property
    def names(self) -> list[str]:
        """Return the names of the rank's columns."""
        return [f"r{i}" for i in range(len(self.rank))]

    def descending(self, width: int | None = None) -> str:
        """Return how rows with those columns are sorted."""
        return ", ".join(f"{name} DESC" for name in self.names[:width])

    def below(self, key: Key | None) -> Test:
        """Return the test that a row ranks below a key; every row does without one."""
        if key is None:
            return "TRUE", []
        rest, values = _compared(self.rank[1:], key[1:], ">", ">=")
        return f"{self.rank[0]} <= ? AND NOT ({self.rank[0]} = ? AND {rest})", [key[0], key[0], *values]

    def not_below(self, key: Key | None) -> Test:
        """Return the test that a row ranks as high as a key, maybe cut short, or higher; every row does without one."""
        if key is None:
            return "TRUE", []
        # A bare column can be compared with the files' statistics; an expression can't.
        bare = self.by_time or key[0] >= 0
        first = self.column if bare else self.rank[0]
        if len(key) == 1:
            return f"{first} >= ?", [key[0]]
        rest, values = _compared(self.rank[1:], key[1:], "<", "<")
        return f"{first} >= ? AND NOT ({self.rank[0]} = ? AND {rest})", [key[0], key[0], *values]

    def read(self, text: str | None) -> Key | None:
        """Read a key; SchemaError when it is none of ours."""
        if text is None:
            return None
        try:
            numbers = [int(part) for part in text.split(".")]
            if len(numbers) != len(self.rank) or any(abs(number) >= GREATEST for number in numbers):
                raise ValueError(text)
            return (START + timedelta(microseconds=numbers[0]), *numbers[1:]) if self.by_time else tuple(numbers)
        except (ValueError, OverflowError) as exc:
            raise SchemaError(
                "This page of the list does not exist; go back to its beginning.", code="figures.key"
            ) from exc

    def write(self, row: Mapping[str, Any]) -> str:
        """Return the key of a row as text."""
        first, *rest = (row[name] for name in self.names)
        number = (first - START) // timedelta(microseconds=1) if self.by_time else first
        return ".".join(str(value) for value in (number, *rest))


ORDERS: Mapping[str, Order] = {
    "newest": Order(("published_at", "post_id"), "published_at", by_time=True),
    "seen": Order((SEEN, ENGAGED, "post_id"), "views", by_time=False),
}
"""The orders a list may have."""


def order(name: str) -> Order:
    """Return an order by name; SchemaError when there is none."""
    if name not in ORDERS:
        raise SchemaError(f"Lists can't be ordered by “{name}”.", code="figures.order", facts={"name": name})
    return ORDERS[name]


def _compared(rank: tuple[str, ...], key: Key, beyond: str, last: str) -> Test:
    """Return the test that values, compared one after the other, stand beyond those of a key."""
    expression, value = rank[0], key[0]
    if len(rank) == 1:
        return f"{expression} {last} ?", [value]
    rest, values = _compared(rank[1:], key[1:], beyond, last)
    return f"({expression} {beyond} ? OR ({expression} = ? AND {rest}))", [value, value, *values]
