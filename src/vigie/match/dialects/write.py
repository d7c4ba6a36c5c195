"""Write a query for another product; what it can't say exactly is refused by name."""

from collections.abc import Callable
from dataclasses import dataclass

from babel.core import get_global

from vigie.match.faults import QueryError, Warned, warned
from vigie.match.parser import Query
from vigie.match.tree import (
    And,
    Field,
    Fuzzy,
    In,
    Near,
    Node,
    Not,
    Or,
    Phrase,
    Range,
    Word,
)

X_LIMITS = (512, 1_024, 4_096)
"""Characters of a query of X: self-serve recent search, archive, enterprise (X API documentation)."""

X_NEAR = 6
"""Greatest N of "a b"~N (X API documentation)."""

X_ENGAGEMENTS = {"reply": "is:reply", "repost": "is:retweet", "quote": "is:quote"}
BRANDWATCH_ENGAGEMENTS = {"reply": "REPLY", "repost": "RETWEET", "quote": "QUOTE"}

BRANDWATCH_NOT = frozenset({"network", "space", "spacekind", "list"})
"""Fields that are ours alone."""


@dataclass(frozen=True, slots=True)
class Written:
    """A query in another product's words."""

    text: str
    warnings: tuple[Warned, ...] = ()


def _refused(node: object, dialect: str) -> QueryError:
    return QueryError("query.dialect_out", (0, 0), found=str(node), dialect=dialect)


def _brandwatch(node: Node) -> str:
    match node:
        case And(children):
            return " AND ".join(_grouped(child, (Or, Near), _brandwatch) for child in children)
        case Or(children):
            return " OR ".join(_grouped(child, (And, Not, Near), _brandwatch) for child in children)
        case Not(child):
            return f"NOT {_grouped(child, (And, Or, Near), _brandwatch)}"
        case In("title", _):
            _refuse_fuzzy(node, "Brandwatch")
            return str(node)
        case In() | Fuzzy():
            raise _refused(node, "Brandwatch")
        case Field(name, value):
            return _brandwatch_field(node, name, value)
        case _:
            _refuse_fuzzy(node, "Brandwatch")
            return str(node)


def _brandwatch_field(node: Field, name: str, value: str) -> str:
    if name in BRANDWATCH_NOT:
        raise _refused(node, "Brandwatch")
    if name == "country":
        return f"country:{_three_letters(value)}"
    if name == "engagementType":
        return f"engagementType:{BRANDWATCH_ENGAGEMENTS[value]}"
    return str(node)


def _three_letters(country: str) -> str:
    aliases = get_global("territory_aliases").items()
    found = [code for code, to in aliases if len(code) == 3 and code.isalpha() and to == [country.upper()]]  # noqa: PLR2004
    return found[0].lower() if found else country


def _refuse_fuzzy(node: object, dialect: str) -> None:
    """Refuse misspellings anywhere within something that stands at places."""
    inner: list[object] = [node]
    while inner:
        one = inner.pop()
        match one:
            case Fuzzy():
                raise _refused(one, dialect)
            case In(_, what):
                inner.append(what)
            case Phrase(parts):
                inner += parts
            case Near(sides):
                inner += [alternative for side in sides for alternative in side]


def _x(node: Node) -> str:
    match node:
        case Word(form):
            return form if form.isalnum() or form[0] in "#@" else f'"{form}"'
        case Phrase(parts) if all(isinstance(part, Word) for part in parts):
            return str(node)
        case Near(((Word(a),), (Word(b),)), distance, False) if distance <= X_NEAR:
            return f'"{a} {b}"~{distance}'
        case Field(name, value):
            return _x_field(node, name, value)
        case And(children):
            return " ".join(_grouped(child, (Or,), _x) for child in children)
        case Or(children):
            return " OR ".join(_grouped(child, (And, Not), _x) for child in children)
        case Not(child):
            return f"-{_grouped(child, (And, Or), _x)}"
        case Range("authorFollowers", low, high) if low is not None and high is not None:
            return f"followers_count:{low:.0f}..{high:.0f}"
        case _:
            raise _refused(node, "X")


def _x_field(node: Field, name: str, value: str) -> str:
    if name == "engagementType":
        return X_ENGAGEMENTS[value]
    if name == "authorVerified":
        return "is:verified" if value == "true" else "-is:verified"
    if name in ("author", "language"):
        return f"{'from' if name == 'author' else 'lang'}:{value}"
    raise _refused(node, "X")


def _grouped(node: Node, kinds: tuple[type, ...], write_one: Callable[[Node], str]) -> str:
    text = write_one(node)
    is_pair = isinstance(node, Near) and len(node.sides) == 2  # noqa: PLR2004 -- a window has its own brackets
    return f"({text})" if isinstance(node, kinds) and (is_pair or not isinstance(node, Near)) else text


WRITTEN: dict[str, Callable[[Node], str]] = {"brandwatch": _brandwatch, "x": _x}
"""How queries are written for each product, by name."""


def write(query: Query, dialect: str) -> Written:
    """Write a query for another product.

    Raises:
        QueryError: it can't say a part of it exactly; the part is named.
    """
    text = WRITTEN[dialect](query.root)
    if dialect == "x":
        over = [limit for limit in X_LIMITS if len(text) > limit]
        facts = {"characters": len(text), "limit": over[-1]} if over else {}
        return Written(text, (warned("query.x_limit", (0, len(text)), **facts),) if over else ())
    return Written(text)
