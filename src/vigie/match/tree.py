"""What a query says, as a tree, and its normal form as text."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from vigie.match.faults import Span

NOWHERE: Span = (0, 0)
"""Place of a node made by hand, that stands in no expression."""


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
class Phrase:
    """Words that follow one another, two at least."""

    parts: tuple[Word | Prefix, ...]
    at: Span = field(default=NOWHERE, compare=False)

    def __str__(self) -> str:
        return f'"{" ".join(str(part) for part in self.parts)}"'


@dataclass(frozen=True, slots=True)
class Space:
    """A post met in the space of this short name."""

    name: str
    at: Span = field(default=NOWHERE, compare=False)

    def __str__(self) -> str:
        return f"space:{self.name}"


@dataclass(frozen=True, slots=True)
class Language:
    """A post in the language of this code."""

    code: str
    at: Span = field(default=NOWHERE, compare=False)

    def __str__(self) -> str:
        return f"language:{self.code}"


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


Leaf = Word | Prefix | Phrase | Space | Language
Node = Leaf | Not | And | Or


def _bracketed(node: Node, kinds: tuple[type, ...]) -> str:
    return f"({node})" if isinstance(node, kinds) else str(node)


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


def demands(node: Node, *, of: tuple[type, ...], wanted: bool = True) -> bool:
    """Say whether the node can be as wanted only when some leaf of these kinds holds.

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
            return wanted and isinstance(node, of)
