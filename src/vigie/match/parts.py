"""The parts of a query, each a query of its own: what each catches, and what it costs."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pyarrow as pa

from vigie.match.engine import Engine, Run, Words
from vigie.match.knowledge import Knowledge
from vigie.match.parser import Query
from vigie.match.tree import Leaf, Node, Or, Prefix, Word, leaves
from vigie.text.lexicon import Lexicon

MOST_PARTS = 40
"""Parts shown of a query: more than a page holds; those beyond are counted together by their branch alone."""

COMMON = 0.05
"""Share of posts from which a word is warned about: in one post of twenty it says nothing by itself."""

REPEATS = 3
"""Times that a part is measured; the quickest counts, as what else the machine does only adds."""


@dataclass(frozen=True, slots=True)
class Part:
    """A branch of a query (what its first OR joins) or one of its tests."""

    name: str
    """Its normal form."""
    node: Node
    is_branch: bool

    @property
    def is_word(self) -> bool:
        """Say whether it is a single word, or the beginning of one."""
        return isinstance(self.node, Word | Prefix)


def parts_of(root: Node) -> tuple[Part, ...]:
    """Return a query's branches, then its tests, each once."""
    branches = root.children if isinstance(root, Or) else ()
    found = {f"b {node}": Part(str(node), node, is_branch=True) for node in branches}
    tests: list[Leaf] = list(leaves(root))
    found |= {f"t {leaf}": Part(str(leaf), leaf, is_branch=False) for leaf in tests if leaf not in branches}
    return tuple(found.values())[:MOST_PARTS]


def costs(
    parts: Sequence[Part],
    posts: pa.Table,
    *,
    knowledge: Knowledge,
    lexicon: Lexicon,
    clock: Callable[[], float] = time.perf_counter,
) -> list[float]:
    """Return the seconds that holding some posts against each part takes, beside cutting them into words once."""
    found = []
    for part in parts:
        engine = Engine({"part": Query(part.node)}, knowledge=knowledge, lexicon=lexicon)
        compiled = engine.parts[0]
        words = Words.of(posts, lexicon, compiled.compiled.zones)
        times = []
        for _ in range(REPEATS):
            begun = clock()
            facts = compiled.facts.read(posts, strictly=False)
            Run(compiled, words, facts).found(0, spans=False, unread=False, strictly=False)
            times.append(clock() - begun)
        found.append(min(times))
    return found
