"""What a query says, as a tree, and its normal form as text.

Term        says of one word of a post whether it is asked: Word, Prefix, Pattern, Cased, Fuzzy
Positional  says where something stands: a Term, a Phrase, a Near
Leaf        says whether a post is asked: a Positional, In (a Positional in one zone), Field, Range
Node        leaves joined by And, Or, Not
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from vigie.match.faults import Span

NOWHERE: Span = (0, 0)
"""Place of a node made by hand, that stands in no expression."""


_PLAIN_VALUE = re.compile(r"[\w.@-]+")
"""A value that needs no quotation marks."""


@dataclass(frozen=True, slots=True)
class Word:
    """A word as it is asked: small letters; with accents it means these, without it means any."""

    form: str
    at: Span = field(default=NOWHERE, compare=False)

    def __str__(self) -> str:
        return self.form


@dataclass(frozen=True, slots=True)
class Prefix:
    """Every word that begins so."""

    form: str
    at: Span = field(default=NOWHERE, compare=False)

    def __str__(self) -> str:
        return f"{self.form}*"


@dataclass(frozen=True, slots=True)
class Pattern:
    """Every word of this shape: `?` is exactly one character, `*` any number of them, none included.

    It begins with a letter, and two letters stand before a `*`.
    """

    form: str
    at: Span = field(default=NOWHERE, compare=False)

    def __str__(self) -> str:
        return self.form


@dataclass(frozen=True, slots=True)
class Cased:
    """A word with these very capitals; with accents it means these, without it means any."""

    form: str
    """With its sign, composed, ligatures taken apart, capitals kept (`words.cased`)."""
    at: Span = field(default=NOWHERE, compare=False)

    def __str__(self) -> str:
        return f"{{{self.form}}}"


@dataclass(frozen=True, slots=True)
class Fuzzy:
    """Every word at most so many letters away: one added, left out, replaced, or two neighbours exchanged."""

    form: str
    distance: int
    """1 or 2 (optimal string alignment)."""
    at: Span = field(default=NOWHERE, compare=False)

    def __str__(self) -> str:
        return f"{self.form}~{self.distance}"


Term = Word | Prefix | Pattern | Cased | Fuzzy


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words that follow one another, two at least."""

    parts: tuple[Term, ...]
    at: Span = field(default=NOWHERE, compare=False)

    def __str__(self) -> str:
        return f'"{" ".join(str(part) for part in self.parts)}"'


@dataclass(frozen=True, slots=True)
class Near:
    """Sides that stand near one another in one zone, none of their words shared.

    It holds where one alternative of each side can be chosen so that the words between the first and the last, those
    of the chosen ones apart, are at most `distance`; `in_order`: the sides in this order. Three or more sides are
    single words (Terms), so that the nearest choice can be found in time linear in the text.
    """

    sides: tuple[tuple["Positional", ...], ...]
    distance: int
    in_order: bool = False
    at: Span = field(default=NOWHERE, compare=False)

    def __str__(self) -> str:
        if len(self.sides) > 2:  # noqa: PLR2004 -- a window of many
            return f"({' AND '.join(_side(side) for side in self.sides)})~{self.distance}"
        return f"{_side(self.sides[0])} NEAR/{self.distance}{'f' * self.in_order} {_side(self.sides[1])}"


Positional = Term | Phrase | Near


@dataclass(frozen=True, slots=True)
class In:
    """Something that stands in one zone of a post: `title`, `url` (its address) or `links` (addresses it names)."""

    zone: str
    what: Positional
    at: Span = field(default=NOWHERE, compare=False)

    def __str__(self) -> str:
        return f"{self.zone}:({self.what})" if isinstance(self.what, Near) else f"{self.zone}:{self.what}"


@dataclass(frozen=True, slots=True)
class Field:
    """What a post's source, or we, say of it: `name` as `fields.FIELDS` spells it, `value` in small letters.

    A field for which posts have no data never holds.
    """

    name: str
    value: str
    at: Span = field(default=NOWHERE, compare=False)

    def __str__(self) -> str:
        return f"{self.name}:{self.value}" if _PLAIN_VALUE.fullmatch(self.value) else f'{self.name}:"{self.value}"'


@dataclass(frozen=True, slots=True)
class Range:
    """A number that a source says of a post, between two bounds, both included; `None` is no bound."""

    name: str
    low: float | None
    high: float | None
    at: Span = field(default=NOWHERE, compare=False)

    def __str__(self) -> str:
        return f"{self.name}:[{_bound(self.low)} TO {_bound(self.high)}]"


@dataclass(frozen=True, slots=True)
class Not:
    """What must not hold."""

    child: "Node"

    def __str__(self) -> str:
        return f"NOT {_bracketed(self.child, (And, Or))}"


@dataclass(frozen=True, slots=True)
class And:
    """What must all hold, two at least."""

    children: tuple["Node", ...]

    def __str__(self) -> str:
        return " AND ".join(_bracketed(child, (Or,)) for child in self.children)


@dataclass(frozen=True, slots=True)
class Or:
    """What must hold in part, two at least."""

    children: tuple["Node", ...]

    def __str__(self) -> str:
        return " OR ".join(_bracketed(child, (And, Not)) for child in self.children)


Leaf = Positional | In | Field | Range
Node = Leaf | Not | And | Or


def _side(side: tuple[Positional, ...]) -> str:
    """Return one side of a Near: alternatives in brackets, and a Near within."""
    if len(side) == 1 and not isinstance(side[0], Near):
        return str(side[0])
    return f"({' OR '.join(f'({one})' if isinstance(one, Near) and len(side) > 1 else str(one) for one in side)})"


def _bound(value: float | None) -> str:
    return "*" if value is None else str(int(value)) if value.is_integer() else repr(value)


def _bracketed(node: Node, kinds: tuple[type, ...]) -> str:
    return f"({node})" if isinstance(node, kinds) or _is_pair(node) else str(node)


def _is_pair(node: Node) -> bool:
    return isinstance(node, Near) and len(node.sides) == 2  # noqa: PLR2004 -- a pair; a window has its own brackets


LABELS = ("drug", "reaction", "condition", "device", "tone", "who", "intent", "category", "story")
"""Fields that ask for labels, which only posts that are kept have."""


def is_label(leaf: object) -> bool:
    """Say whether a leaf asks for a label."""
    return isinstance(leaf, Field) and leaf.name in LABELS


def negation(node: Node) -> Node:
    """Return what holds when the node does not; two negations are none."""
    return node.child if isinstance(node, Not) else Not(node)


def conjunction(nodes: list[Node]) -> Node:
    """Return what holds when all do, without a group inside a group of its kind."""
    flat = [part for node in nodes for part in (node.children if isinstance(node, And) else (node,))]
    return flat[0] if len(flat) == 1 else And(tuple(flat))


def disjunction(nodes: list[Node]) -> Node:
    """Return what holds when one does, without a group inside a group of its kind."""
    flat = [part for node in nodes for part in (node.children if isinstance(node, Or) else (node,))]
    return flat[0] if len(flat) == 1 else Or(tuple(flat))


def leaves(node: Node) -> Iterator[Leaf]:
    """Give the leaves from left to right."""
    match node:
        case And(children) | Or(children):
            for child in children:
                yield from leaves(child)
        case Not(child):
            yield from leaves(child)
        case _:
            yield node


def demands(node: Node, *, of: Callable[[Leaf], bool], wanted: bool = True) -> bool:
    """Say whether the node can be as wanted only when some leaf of a kind holds.

    A query that demands nothing would take posts for what they lack.
    """
    match node:
        case Not(child):
            return demands(child, of=of, wanted=not wanted)
        case And(children):
            return (any if wanted else all)(demands(child, of=of, wanted=wanted) for child in children)
        case Or(children):
            return (all if wanted else any)(demands(child, of=of, wanted=wanted) for child in children)
        case _:
            return wanted and of(node)
