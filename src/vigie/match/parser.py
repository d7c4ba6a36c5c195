"""Read an expression into a query.

    query  = all | any | near | one
    all    = one { AND one }      AND may be left out between two; a NOT b is a AND NOT b
    any    = one { OR one }       no NOT among them without brackets
    near   = side NEAR/n side     a side is words, phrases, pairs, or these joined by OR in brackets
    one    = [NOT] ( leaf | "(" query ")" [~n] | zone:"(" query ")" )

The open brackets are a list, not calls: no input, however nested, exhausts the stack.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from vigie.match.faults import QueryError, Span, Warned, warned
from vigie.match.lexer import MAX_SIDES, Lexeme, lexemes
from vigie.match.tree import (
    And,
    Field,
    In,
    Leaf,
    Near,
    Node,
    Not,
    Or,
    Phrase,
    Positional,
    Range,
    conjunction,
    demands,
    disjunction,
    is_label,
    negation,
)

MAX_DEPTH = 50
"""Brackets within brackets. People's queries stay below ten; Quid allows five (peers' documentation). What walks the
tree calls itself at most twice per bracket, far below the interpreter's thousand."""


@dataclass(frozen=True, slots=True)
class Query:
    """A query that was understood; `str` gives its normal form, which reads as the same query."""

    root: Node
    warnings: tuple[Warned, ...] = field(default=(), compare=False)

    def __str__(self) -> str:
        return str(self.root)


@dataclass(frozen=True, slots=True)
class Checked:
    """What `vigie query check` says of an expression that can be read."""

    normal: str
    warnings: tuple[Warned, ...]


@dataclass(slots=True)
class _Group:
    """A bracket being read, or the whole."""

    opened: Lexeme | None = None
    operands: list[Node] = field(default_factory=list)
    joined_by: Lexeme | None = None
    """The first AND, OR or NEAR."""
    excludes: Lexeme | None = None
    """The first NOT."""
    last: Lexeme | None = None
    """The lexeme before; an operand when `complete`."""
    complete: bool = False
    """An operand has just been read, so an operator may follow and the group may end."""


def parse(expression: str) -> Query:
    """Read an expression.

    Raises:
        QueryError: it can't be read in exactly one way.
    """
    warnings: list[Warned] = []
    return understood(lexemes(expression, warnings), expression, warnings)


def understood(found: Iterable[Lexeme], expression: str, warnings: list[Warned]) -> Query:
    """Return the query that pieces say; those of another dialect say it as ours do (`vigie.match.dialects`).

    Raises:
        QueryError: they can't be read in exactly one way.
    """
    open_groups = [_Group()]
    for lexeme in found:
        _take(open_groups, lexeme, warnings)
    if (opened := open_groups[-1].opened) is not None:
        raise QueryError("query.bracket_open", opened.at)
    if open_groups[0].last is None:
        raise QueryError("query.empty", (0, len(expression)))
    return finished(_closed(open_groups[0]), expression, warnings)


def finished(root: Node, expression: str, warnings: list[Warned]) -> Query:
    """Return a query that was read, in any dialect, unless it would take posts for what they lack."""
    _refuse_negative(root, expression, warnings)
    return Query(root, tuple(sorted(warnings, key=lambda w: w.start)))


def check(expression: str) -> Checked:
    """Return the normal form of an expression and what is worth a warning.

    Raises:
        QueryError: it can't be read in exactly one way.
    """
    query = parse(expression)
    return Checked(str(query), query.warnings)


def _take(groups: list[_Group], lexeme: Lexeme, warnings: list[Warned]) -> None:
    match lexeme.kind:
        case "(":
            _open(groups, lexeme, warnings)
        case ")":
            _close(groups, lexeme, warnings)
        case "NOT":
            _exclude(groups[-1], lexeme)
        case "AND" | "OR" | "NEAR":
            _join(groups[-1], lexeme)
        case _:
            _imply_and(groups[-1], lexeme, warnings)
            _add(groups[-1], _leaf(lexeme), lexeme)


def _leaf(lexeme: Lexeme) -> Leaf:
    assert lexeme.leaf is not None
    return lexeme.leaf


def _open(groups: list[_Group], lexeme: Lexeme, warnings: list[Warned]) -> None:
    if len(groups) > MAX_DEPTH:
        raise QueryError("query.too_deep", lexeme.at, limit=MAX_DEPTH)
    _imply_and(groups[-1], lexeme, warnings)
    groups.append(_Group(opened=lexeme))


def _close(groups: list[_Group], lexeme: Lexeme, warnings: list[Warned]) -> None:
    opened = groups[-1].opened
    if opened is None:
        raise QueryError("query.bracket_close", lexeme.at)
    group = groups.pop()
    if group.last is None:
        raise QueryError("query.bracket_empty", (opened.at[0], lexeme.at[1]))
    at = (opened.at[0], lexeme.at[1])
    node = _closed(group)
    if lexeme.distance is not None:
        node = _window(group, node, lexeme.distance, at, warnings)
    elif len(group.operands) == 1 and group.excludes is None and not opened.zone:
        warnings.append(warned("query.useless_brackets", at))
    if opened.zone:
        node = _zoned(node, opened.zone, at)
    _add(groups[-1], node, Lexeme("leaf", at))


def _closed(group: _Group) -> Node:
    joint = group.joined_by
    if not group.complete and group.last is not None:
        raise QueryError("query.operand", group.last.at, operator=group.last.kind, side="right")
    if joint is not None and joint.kind == "NEAR":
        return pair(group.operands, joint)
    either = joint is not None and joint.kind == "OR"
    return (disjunction if either else conjunction)(group.operands)


def pair(operands: list[Node], joint: Lexeme) -> Near:
    """Return two operands near one another."""
    assert joint.distance is not None
    sides = tuple(side_of(node, joint.at) for node in operands)
    return Near(sides, joint.distance, joint.in_order, joint.at)


def side_of(node: Node, at: Span) -> tuple[Positional, ...]:
    """Return the alternatives of one side of NEAR.

    Raises:
        QueryError: it holds AND, NOT, a field or a window of three.
    """
    if isinstance(node, Or):
        return tuple(one for child in node.children for one in side_of(child, at))
    if isinstance(node, And | Not | In | Field | Range):
        found = {And: "AND", Not: "NOT"}.get(type(node)) or str(node)
        raise QueryError("query.near_side", at, found=found)
    if isinstance(node, Near) and len(node.sides) > 2:  # noqa: PLR2004 -- a window
        raise QueryError("query.near_words", at)
    return (node,)


def _window(group: _Group, node: Node, distance: int, at: Span, warnings: list[Warned]) -> Node:
    """Return (a AND b)~n: all operands near one another."""
    if group.joined_by is None and len(group.operands) == 1:
        warnings.append(warned("query.near_single", at))
        return node
    if group.joined_by is None or group.joined_by.kind != "AND":
        raise QueryError("query.near_joined", at)
    return near_all(list(node.children) if isinstance(node, And) else [node], distance, at)


def near_all(nodes: list[Node], distance: int, at: Span) -> Near:
    """Return nodes that stand near one another, all of them."""
    if len(nodes) > MAX_SIDES:
        raise QueryError("query.near_many", at, limit=MAX_SIDES)
    sides = tuple(side_of(node, at) for node in nodes)
    if len(sides) > 2 and any(isinstance(one, Phrase | Near) for side in sides for one in side):  # noqa: PLR2004 -- a window
        raise QueryError("query.near_words", at)
    return Near(sides, distance, at=at)


def _zoned(node: Node, zone: str, at: Span) -> Node:
    """Return a node with its leaves sought in one zone."""
    match node:
        case And(children):
            return And(tuple(_zoned(child, zone, at) for child in children))
        case Or(children):
            return Or(tuple(_zoned(child, zone, at) for child in children))
        case Not(child):
            return Not(_zoned(child, zone, at))
        case In() | Field() | Range():
            raise QueryError("query.zone", at, found=str(node), zone=zone)
        case _:
            return In(zone, node, node.at)


def _add(group: _Group, node: Node, lexeme: Lexeme) -> None:
    negated = group.last is not None and group.last.kind == "NOT" and not group.complete
    group.operands.append(negation(node) if negated else node)
    group.last, group.complete = lexeme, True


def _exclude(group: _Group, lexeme: Lexeme) -> None:
    if not group.complete and group.last is not None and group.last.kind == "NOT":
        raise QueryError("query.double_not", (group.last.at[0], lexeme.at[1]))
    if group.complete:
        _set_joint(group, Lexeme("AND", lexeme.at), shown="NOT")
    group.excludes = group.excludes or lexeme
    _refuse_mixture(group, group.joined_by, lexeme)
    group.last, group.complete = lexeme, False


def _join(group: _Group, lexeme: Lexeme) -> None:
    if group.last is None:
        raise QueryError("query.operand", lexeme.at, operator=lexeme.kind, side="left")
    if not group.complete:
        raise QueryError("query.operand", group.last.at, operator=group.last.kind, side="right")
    _set_joint(group, lexeme, shown=lexeme.kind)
    _refuse_mixture(group, lexeme, group.excludes)
    group.last, group.complete = lexeme, False


def _imply_and(group: _Group, lexeme: Lexeme, warnings: list[Warned]) -> None:
    if group.complete and group.last is not None:
        _set_joint(group, Lexeme("AND", lexeme.at), shown="AND")
        warnings.append(warned("query.implicit_and", (group.last.at[0], lexeme.at[1])))


def _set_joint(group: _Group, lexeme: Lexeme, *, shown: str) -> None:
    first = group.joined_by
    if first is None:
        group.joined_by = lexeme
    elif first.kind != lexeme.kind or first.kind == "NEAR":
        raise QueryError("query.mixed", (first.at[0], lexeme.at[1]), first=first.kind, second=shown)


def _refuse_mixture(group: _Group, joint: Lexeme | None, excludes: Lexeme | None) -> None:
    """Refuse NOT beside OR or NEAR in one group, whichever came first."""
    if joint is None or excludes is None or joint.kind == "AND":
        return
    first, second = sorted((joint, excludes), key=lambda lexeme: lexeme.at)
    raise QueryError("query.mixed", (first.at[0], second.at[1]), first=first.kind, second=second.kind)


def _refuse_negative(root: Node, expression: str, warnings: list[Warned]) -> None:
    whole = (0, len(expression))
    if not demands(root, of=lambda leaf: True):
        raise QueryError("query.only_not", whole)
    if not demands(root, of=lambda leaf: not is_label(leaf)):
        raise QueryError("query.labels_alone", whole)
    if not demands(root, of=lambda leaf: not (isinstance(leaf, Field) and leaf.name == "language")):
        warnings.append(warned("query.language_alone", whole))
