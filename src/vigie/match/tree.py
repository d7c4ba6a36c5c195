"""The parts of a parsed query, and its normal form."""

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Term:
    """One word; `prefix` stands for every word that begins so."""

    plain: str
    exact: str
    sign: str = ""
    prefix: bool = False

    @property
    def accented(self) -> bool:
        """Say whether the word was asked for with accents, hence must be found so."""
        return self.plain != self.exact

    def __str__(self) -> str:
        return f"{self.sign}{self.exact}{'*' if self.prefix else ''}"


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words that must follow each other."""

    terms: tuple[Term, ...]

    def __str__(self) -> str:
        return f'"{" ".join(map(str, self.terms))}"'


@dataclass(frozen=True, slots=True)
class InSpace:
    """The post was met in a space of this short name."""

    name: str

    def __str__(self) -> str:
        return f"space:{self.name}"


@dataclass(frozen=True, slots=True)
class InLanguage:
    """The post is in this language."""

    tag: str

    def __str__(self) -> str:
        return f"language:{self.tag}"


@dataclass(frozen=True, slots=True)
class Not:
    """The part does not hold."""

    part: "Node"

    def __str__(self) -> str:
        return f"NOT {_bracketed(self.part, within=Not)}"


@dataclass(frozen=True, slots=True)
class And:
    """All parts hold."""

    parts: tuple["Node", ...]

    def __str__(self) -> str:
        return " AND ".join(_bracketed(part, within=And) for part in self.parts)


@dataclass(frozen=True, slots=True)
class Or:
    """At least one part holds."""

    parts: tuple["Node", ...]

    def __str__(self) -> str:
        return " OR ".join(_bracketed(part, within=Or) for part in self.parts)


Leaf = Term | Phrase | InSpace | InLanguage
Node = Leaf | Not | And | Or


def _bracketed(node: Node, *, within: type) -> str:
    """Put brackets where the grammar wants them: `a AND NOT b` needs none, `a OR (NOT b)` does."""
    bare = isinstance(node, Leaf) or (isinstance(node, Not) and within is And)
    return str(node) if bare else f"({node})"


@dataclass(frozen=True, slots=True)
class Query:
    """A parsed query; `str` gives its normal form, which parses to the same query."""

    root: Node

    def __str__(self) -> str:
        return str(self.root)

    def leaves(self) -> Iterator[Leaf]:
        """Yield the tests of the query, from left to right."""
        yield from _leaves(self.root)

    @property
    def asks_language(self) -> bool:
        """Say whether the language of a post decides anything."""
        return any(isinstance(leaf, InLanguage) for leaf in self.leaves())


def _leaves(node: Node) -> Iterator[Leaf]:
    if isinstance(node, Not):
        yield from _leaves(node.part)
    elif isinstance(node, And | Or):
        for part in node.parts:
            yield from _leaves(part)
    else:
        yield node


def is_positive(node: Node) -> bool:
    """Say whether something must be present for the node to hold: a query of absences alone would match the world."""
    if isinstance(node, Not):
        return False
    if isinstance(node, And):
        return any(is_positive(part) for part in node.parts)
    if isinstance(node, Or):
        return all(is_positive(part) for part in node.parts)
    return True
