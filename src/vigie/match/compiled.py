"""Many queries ready to be run in this process: their tables, and the terms of each spelling it met."""

import threading
from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from vigie.match.frequencies import share_of
from vigie.match.gates import glances
from vigie.match.laid import Laid, Said, laid
from vigie.match.parser import Query
from vigie.match.program import Chance, Planner, program
from vigie.text import kernel
from vigie.text.lexicon import Ints, Lexicon
from vigie.text.terms import Reach, Terms


def lay(queries: Iterable[Query], *, chance: Chance) -> Laid:
    """Compile queries together, by place."""
    planner = Planner(chance)
    programs = [program(planner.plan(query.root)) for query in queries]
    return laid(programs, list(planner.asked))


class Scratch:
    """What the kernel writes on, one per thread."""

    def __init__(self, terms: int, queries: int, values: int, longest: int) -> None:
        self.stamp = 0
        self.has, self.chain = np.zeros((terms >> 3) + 1, np.uint8), np.zeros(terms + 1, np.int32)
        self.seen, self.sought = np.zeros(queries + 1, np.int64), np.zeros(queries + 1, np.int32)
        self.values, self.tried = np.zeros(values + 1, np.int64), np.zeros(values + 1, np.int64)
        self.nearest = np.zeros((1 << kernel.MOST_SIDES) + kernel.MOST_SIDES, np.int64)
        self.list_from, self.list_to, self.leaf_from, self.leaf_to = (np.zeros(longest + 2, np.int64) for _ in range(4))
        self.present: Ints = np.zeros(1, np.int32)
        self.grow(1 << 12)

    def grow(self, room: int) -> None:
        """Make room for the places of a longer post."""
        self.room = room
        self.has[:], self.present = 0, np.zeros(room + 1, np.int32)
        self.entry_place, self.entry_next = np.zeros(room, np.int32), np.zeros(room, np.int32)
        self.stretch_from, self.stretch_to = np.zeros(room, np.int64), np.zeros(room, np.int64)
        self.ended = np.zeros(room, np.bool_)


class Compiled:
    """Some queries, by place; never changed once made, but for what new spellings add."""

    def __init__(self, found: Laid, *, lexicon: Lexicon, chance: Chance = share_of) -> None:
        self.terms = Terms(found.asked)
        # With their terms, which hold the same ones and more: once is enough.
        self.laid, self.tables = replace(found, asked=self.terms.asked), found.tables
        self.glances = glances(found, chance=chance)
        self.reach = Reach(self.terms, lexicon)
        self.said: tuple[Said, ...] = found.said
        """Tests of facts; their numbers come after those of words."""
        self.numbers: dict[str, int] = {name: n for n, name in enumerate(found.numbers)}
        """Fields that are compared with bounds, and their rows in the kernel's table."""
        self.zones = found.zones
        self._local = threading.local()

    def __len__(self) -> int:
        return len(self.laid)

    @property
    def fields(self) -> set[str]:
        """Return the fields that some query tests."""
        return {name for name, _ in self.said} | set(self.numbers)

    def scratch(self) -> Scratch:
        """Return this thread's scratch."""
        found = getattr(self._local, "scratch", None)
        if found is None:
            terms = len(self.terms) + len(self.said)
            found = self._local.scratch = Scratch(terms, len(self), self.laid.values, self.laid.longest)
        return found
