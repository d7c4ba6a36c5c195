"""A query as tests with jumps: what the kernel runs, one query at a time.

    tree ──► no NOT but on tests ──► words of one OR together ──► tests in the order that decides soonest ──► jumps

The words of which a post must have one for the query to hold (its *anchor*) are the rarest such clause: the query is
looked at only where one of them stands. A clause that is all words is then known to hold, and left out of the jumps.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from vigie.match.document import ZONES
from vigie.match.tree import (
    LABELS,
    And,
    Cased,
    Field,
    Fuzzy,
    In,
    Leaf,
    Near,
    Node,
    Not,
    Or,
    Pattern,
    Phrase,
    Positional,
    Prefix,
    Range,
    Term,
    Word,
)
from vigie.text import kernel
from vigie.text.terms import CASED, FUZZY, PATTERN, PREFIX, WORD, Asked

Chance = Callable[[Asked], float]
"""Share of posts that have a word answering a term, as far as is known."""

SAID_CHANCE = 0.02
"""Share of posts of which one fact (a site, an author, a space) holds; a guess that orders tests, no result depends on it."""

COST = {
    kernel.ANY: 1.0,
    kernel.PLACED: 8.0,
    kernel.SAID: 1.0,
    kernel.WITHIN: 0.5,
    kernel.SPEAKS: 1e6,
    kernel.NEVER: 0.1,
}
"""What a test costs beside one word looked up; the language is tested last, as it must first be read."""


SAID = (
    "language", "site", "network", "country", "author", "engagingWith", "engagementType", "authorVerified",
    "space", "spacekind", "list", *LABELS,
)  # fmt: skip
"""Fields that a source, or we, may say something of; of others nothing is ever said."""

COMPARED = ("authorFollowers", "rating", "minuteOfDay")
"""Fields that are compared with bounds."""


@dataclass(frozen=True, slots=True)
class Anchor:
    """Terms of which a post has one if something holds, and how often that is; infinite when there are none."""

    chance: float
    terms: Mapping[int | tuple[str, str], int]
    """Each with the term that must stand in the post too for it to lead anywhere, or ALONE."""


ALONE = -1

NOWHERE = Anchor(math.inf, {})


def _either(anchors: Sequence[Anchor]) -> Anchor:
    """Return the terms of all anchors; what leads by several ways needs nothing beside it."""
    terms: dict[int | tuple[str, str], int] = {}
    for anchor in anchors:
        for term, beside in anchor.terms.items():
            terms[term] = beside if terms.get(term, beside) == beside else ALONE
    return Anchor(sum(anchor.chance for anchor in anchors), terms)


@dataclass(slots=True, eq=False)
class Test:
    """One test, as a row of the kernel's table before its numbers are known."""

    kind: int
    terms: list[int | tuple[str, str]]
    """Numbers of terms of words, or (field, value)."""
    chance: float
    anchor: Anchor
    negated: bool = False
    zone: int = kernel.MAIN
    steps: list[tuple[int, int, int, int]] = field(default_factory=list)
    """Steps of a test of places; the terms of a ROW, and of SOME, are [a, b) of `terms`."""
    limits: tuple[float, float] = (0.0, 0.0)
    name: str = ""
    """Field that is tested."""
    leaves: tuple[Leaf, ...] = ()
    """Leaves of the query that this test stands for."""

    @property
    def holds(self) -> float:
        """Return the share of posts for which the test, negated or not, holds."""
        return min(max(1 - self.chance if self.negated else self.chance, 1e-6), 1 - 1e-6)

    @property
    def cost(self) -> float:
        """Return what the test costs."""
        return COST[self.kind] * (1 + 0.1 * len(self.terms))


@dataclass(slots=True, eq=False)
class Group:
    """Tests that must all hold, or one of them."""

    is_all: bool
    children: list["Group | Test"]

    @property
    def holds(self) -> float:
        """Return the share of posts for which the group holds, as if its tests were independent."""
        chances = [child.holds for child in self.children]
        found = math.prod(chances) if self.is_all else 1 - math.prod(1 - c for c in chances)
        return min(max(found, 1e-6), 1 - 1e-6)

    @property
    def cost(self) -> float:
        """Return what the group costs when all of it is looked at."""
        return sum(child.cost for child in self.children)


class Planner:
    """Turns trees into tests; numbers terms for many queries."""

    def __init__(self, chance: Chance) -> None:
        self._chance = chance
        self.asked: dict[Asked, int] = {}
        self._chances: list[float] = []

    def plan(self, root: Node) -> Group | Test:
        """Return a query's tests, in the order in which they decide soonest."""
        return _ordered(self._of(root, negated=False))

    def _of(self, node: Node, *, negated: bool) -> Group | Test:
        match node:
            case Not(child):
                return self._of(child, negated=not negated)
            case And(children) | Or(children):
                parts = [self._of(child, negated=negated) for child in children]
                return _group(parts, is_all=isinstance(node, And) != negated)
            case _:
                test = self._leaf(node)
                test.negated = negated
                test.leaves = (node,)
                return test

    def _leaf(self, leaf: Leaf) -> Test:
        match leaf:
            case In(zone, what):
                test = self._leaf(what)
                test.zone = ZONES[zone]
                return test
            case Field(name, value):
                return _said(name, value)
            case Range(name, low, high) if name in COMPARED:
                limits = (-math.inf if low is None else low, math.inf if high is None else high)
                return Test(kernel.WITHIN, [], 0.3, NOWHERE, name=name, limits=limits)
            case Range():
                return Test(kernel.NEVER, [], 0.0, NOWHERE)
            case Phrase() | Near():
                return self._placed(leaf)
            case _:
                term = self.number(asked_of(leaf))
                return Test(kernel.ANY, [term], self._chances[term], self._anchor([term]))

    def number(self, asked: Asked) -> int:
        """Return the number of a term."""
        known = self.asked.get(asked)
        if known is None:
            known = self.asked[asked] = len(self.asked)
            self._chances.append(self._chance(asked))
        return known

    def _anchor(self, terms: Sequence[int]) -> Anchor:
        return Anchor(sum(self._chances[t] for t in terms), dict.fromkeys(terms, ALONE))

    def _placed(self, leaf: Phrase | Near) -> Test:
        test = Test(kernel.PLACED, [], 0.0, NOWHERE)
        test.anchor = self._steps(leaf, test)
        test.chance = min(0.5, 0.5 * test.anchor.chance)
        return test

    def _steps(self, what: Positional, test: Test) -> Anchor:
        """Add the steps that leave the stretches of something; return its anchor."""
        match what:
            case Phrase(parts):
                return self._row(parts, test)
            case Near(sides, distance, in_order):
                # What leads here is there; whether the other sides are decides, so they are looked at before it.
                ordered = sides if in_order else sorted(sides, key=self._chance_of, reverse=True)
                anchors = [self._side(side, test) for side in ordered]
                if len(sides) == 2:  # noqa: PLR2004 -- a pair
                    test.steps.append((kernel.PAIR, 0, distance, int(in_order)))
                else:
                    test.steps.append((kernel.WINDOW, len(sides), distance, 0))
                return min(anchors, key=lambda anchor: anchor.chance)
            case _:
                term = self.number(asked_of(what))
                test.steps.append((kernel.ONE, term, 0, 0))
                return self._anchor([term])

    def _chance_of(self, side: tuple[Positional, ...]) -> float:
        """Return how often one of something is there, roughly."""
        return sum(self._rarest(one) for one in side)

    def _rarest(self, what: Positional) -> float:
        match what:
            case Phrase(parts):
                return min(map(self._rarest, parts))
            case Near(sides):
                return min(map(self._chance_of, sides))
            case _:
                return self._chances[self.number(asked_of(what))]

    def _side(self, side: tuple[Positional, ...], test: Test) -> Anchor:
        words = [one for one in side if not isinstance(one, Phrase | Near)]
        others = [one for one in side if isinstance(one, Phrase | Near)] if len(words) > 1 else side
        anchors = [self._steps(one, test) for one in others]
        if len(words) > 1:
            anchors.append(self._some(words, test))
        if len(anchors) > 1:
            test.steps.append((kernel.EITHER, len(anchors), 0, 0))
        return _either(anchors)

    def _some(self, words: Sequence[Term], test: Test) -> Anchor:
        begin = len(test.terms)
        terms = list(dict.fromkeys(self.number(asked_of(word)) for word in words))
        test.terms += terms
        test.steps.append((kernel.SOME, begin, len(test.terms), 0))
        return self._anchor(terms)

    def _row(self, parts: tuple[Term, ...], test: Test) -> Anchor:
        begin = len(test.terms)
        terms = [self.number(asked_of(part)) for part in parts]
        rarest = min(range(len(terms)), key=lambda n: self._chances[terms[n]])
        test.terms += terms
        test.steps.append((kernel.ROW, begin, begin + len(terms), rarest))
        others = sorted((self._chances[term], term) for term in terms if term != terms[rarest])
        return Anchor(self._chances[terms[rarest]], {terms[rarest]: others[0][1] if others else ALONE})


def asked_of(term: Term) -> Asked:
    """Return a term as the lexicon knows it."""
    match term:
        case Word(form):
            return Asked(WORD, form)
        case Prefix(form):
            return Asked(PREFIX, form)
        case Pattern(form):
            return Asked(PATTERN, form)
        case Cased(form):
            return Asked(CASED, form)
        case Fuzzy(form, distance):
            return Asked(FUZZY, form, distance)


def _said(name: str, value: str) -> Test:
    if name not in SAID:
        return Test(kernel.NEVER, [], 0.0, NOWHERE)
    if name == "language":
        return Test(kernel.SPEAKS, [(name, value)], 0.4, NOWHERE, name=name)
    terms: list[int | tuple[str, str]] = [(name, value)]
    return Test(kernel.SAID, terms, SAID_CHANCE, Anchor(SAID_CHANCE, dict.fromkeys(terms, ALONE)), name=name)


def _group(parts: list[Group | Test], *, is_all: bool) -> Group | Test:
    """Put parts together, those of the same kind of group flat, plain words of one OR in one test."""
    flat: list[Group | Test] = []
    for part in parts:
        flat += part.children if isinstance(part, Group) and part.is_all == is_all else [part]
    words = [p for p in flat if isinstance(p, Test) and _is_plain(p) and p.negated == is_all]
    if len(words) > 1:
        among = {id(word) for word in words}
        flat = [_together(words), *(p for p in flat if id(p) not in among)]
    return flat[0] if len(flat) == 1 else Group(is_all, flat)


def _is_plain(test: Test) -> bool:
    return test.kind == kernel.ANY and test.zone == kernel.MAIN


def _together(tests: Sequence[Test]) -> Test:
    terms = list(dict.fromkeys(term for test in tests for term in test.terms))
    anchor = _either([test.anchor for test in tests])
    leaves = tuple(leaf for test in tests for leaf in test.leaves)
    return Test(kernel.ANY, terms, min(anchor.chance, 0.95), anchor, tests[0].negated, leaves=leaves)


def _ordered(part: Group | Test) -> Group | Test:
    """Order a group so that what decides it soonest for its cost comes first."""
    if isinstance(part, Test):
        return part
    children = [_ordered(child) for child in part.children]
    children.sort(key=lambda c: c.cost / ((1 - c.holds) if part.is_all else c.holds))
    return Group(part.is_all, children)


def anchor_of(part: Group | Test) -> Anchor:
    """Return the rarest terms of which a post has one if this holds."""
    if isinstance(part, Test):
        return NOWHERE if part.negated else part.anchor
    anchors = [anchor_of(child) for child in part.children]
    if part.is_all:
        return min(anchors, key=lambda anchor: anchor.chance)
    if any(not a.terms for a in anchors):
        return NOWHERE
    return _either(anchors)


@dataclass(frozen=True, slots=True)
class Program:
    """A query ready to be put into the kernel's tables."""

    tests: list[Test]
    """In the order of the table; what is left out of the jumps first."""
    jumps: list[tuple[int, int]]
    """Where to go on when a test holds and when not: places in `tests`, HELD or FAILED."""
    entry: int
    """Where the jumps begin, or HELD when nothing is left to test."""
    anchor: Anchor
    omits: bool
    """The anchor's clause is left out of the jumps."""
    nodes: list[tuple[int, int]]
    """The tree, each node before its children: kind, end (a place in this list), test."""

    @property
    def speaks(self) -> bool:
        """Say whether the language is tested."""
        return any(test.kind == kernel.SPEAKS for test in self.tests)


def program(root: Group | Test) -> Program:
    """Lay the tests of a query out."""
    anchor = anchor_of(root)
    omitted = _omitted(root, anchor)
    tests: list[Test] = [] if omitted is None else [omitted]
    _collect(root, tests, omitted)
    places = {id(test): n for n, test in enumerate(tests)}
    jumps = [(kernel.HELD, kernel.FAILED)] * len(tests)
    entry = _lay(root, kernel.HELD, kernel.FAILED, places, jumps, omitted)
    nodes: list[tuple[int, int]] = []
    _tree(root, places, nodes)
    return Program(tests, jumps, entry, anchor, omitted is not None, nodes)


def _omitted(root: Group | Test, anchor: Anchor) -> Test | None:
    """Return the clause that holds whenever an anchor word stands in title or text."""
    candidates = root.children if isinstance(root, Group) and root.is_all else [root]
    for part in candidates:
        if isinstance(part, Test) and _is_plain(part) and not part.negated and part.anchor is anchor:
            return part
    return None


def _collect(part: Group | Test, tests: list[Test], omitted: Test | None) -> None:
    if isinstance(part, Group):
        for child in part.children:
            _collect(child, tests, omitted)
    elif part is not omitted:
        tests.append(part)


def _lay(
    part: Group | Test, yes: int, no: int, places: dict[int, int], jumps: list[tuple[int, int]], omitted: Test | None
) -> int:
    """Note the jumps of a part, given where to go when it holds and when not; return where it begins."""
    if isinstance(part, Test):
        if part is omitted:
            return yes
        jumps[places[id(part)]] = (yes, no)
        return places[id(part)]
    for child in reversed(part.children):
        if part.is_all:
            yes = _lay(child, yes, no, places, jumps, omitted)
        else:
            no = _lay(child, yes, no, places, jumps, omitted)
    return yes if part.is_all else no


def _tree(part: Group | Test, places: dict[int, int], nodes: list[tuple[int, int]]) -> None:
    at = len(nodes)
    if isinstance(part, Test):
        nodes.append((at + 1, places[id(part)]))
        return
    nodes.append((0, 0))
    for child in part.children:
        _tree(child, places, nodes)
    nodes[at] = (len(nodes), kernel.GROUP_ALL if part.is_all else kernel.GROUP_ANY)
