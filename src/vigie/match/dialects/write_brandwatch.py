"""Write a query for Brandwatch."""

from functools import cache
from math import isinf

from babel.core import get_global

from vigie.match.dialects.reading import terms_of
from vigie.match.dialects.sheet import Sheet, Written
from vigie.match.fields import FIELDS
from vigie.match.parser import Query
from vigie.match.tree import (
    LABELS,
    And,
    Cased,
    Field,
    Fuzzy,
    In,
    Near,
    Node,
    Not,
    Or,
    Phrase,
    Positional,
    Range,
)

MOST_FOLLOWERS = 2_000_000_000
"""An upper bound where Brandwatch needs one: more than any account has (its help shows ranges with two numbers only)."""

LONGEST_CASED = 20
"""Characters of a word in braces (Brandwatch's help)."""

KINDS = {"reply": "REPLY", "repost": "RETWEET", "quote": "QUOTE"}
"""Values of `engagementType:`, as Brandwatch writes them."""

OURS = frozenset({"space", "spacekind", "list", "network", *LABELS}) - {"tone"}
"""Fields that Brandwatch has not."""


WITHDRAWN = frozenset({"BUR", "DDR", "FXX", "TMP", "YMD", "ZAR"})
"""Codes of three letters that a country no longer has (ISO 3166-3)."""


def for_brandwatch(query: Query) -> Written:
    """Write a query for Brandwatch."""
    sheet = Sheet("Brandwatch")
    return Written(_brandwatch(query.root, sheet), tuple(sheet.said.values()))


def _brandwatch(node: Node, sheet: Sheet) -> str:
    match node:
        case And(children):
            return " AND ".join(_bracketed(child, (Or,), sheet) for child in children)
        case Or(children):
            return " OR ".join(_bracketed(child, (And, Not), sheet) for child in children)
        case Not(child):
            _refuse_without(child, sheet)
            return f"NOT {_bracketed(child, (And, Or), sheet)}"
        case Field():
            return _brandwatch_field(node, sheet)
        case Range():
            return _brandwatch_range(node)
        case In():
            return _brandwatch_zone(node, sheet)
        case _:
            _refuse_unknown(node, sheet)
            return str(node)


def _bracketed(child: Node, kinds: tuple[type, ...], sheet: Sheet) -> str:
    is_pair = isinstance(child, Near) and len(child.sides) == 2  # noqa: PLR2004 -- a window has its own brackets
    text = _brandwatch(child, sheet)
    return f"({text})" if isinstance(child, kinds) or is_pair else text


def _refuse_without(child: Node, sheet: Sheet) -> None:
    """Refuse NOT before an address: Brandwatch's help says that it does not work there."""
    if isinstance(child, In) and child.zone == "url":
        raise sheet.refused(Not(child), child.at)
    if isinstance(child, And | Or):
        for one in child.children:
            _refuse_without(one, sheet)


def _brandwatch_zone(node: In, sheet: Sheet) -> str:
    if isinstance(node.what, Near):
        raise sheet.refused(node)
    _refuse_unknown(node.what, sheet)
    if node.zone == "title":
        return str(node)
    if isinstance(node.what, Phrase):
        sheet.warn("query.signs_there", node.at)
    if node.zone == "links":
        sheet.warn("query.links_there", node.at)
    return str(node)


def _refuse_unknown(what: Positional, sheet: Sheet) -> None:
    """Refuse misspellings, and words in capitals that are too long, wherever they stand."""
    for part in terms_of(what):
        if isinstance(part, Fuzzy) or (isinstance(part, Cased) and len(part.form) > LONGEST_CASED):
            raise sheet.refused(part)


def _brandwatch_field(node: Field, sheet: Sheet) -> str:
    name, value = node.name, node.value
    if name == "tone":
        return f"sentiment:{value}"
    if name in OURS or (name in ("author", "engagingWith") and "." in value):
        # Brandwatch writes spaces for the full stops of a name, and so can't tell them apart.
        raise sheet.refused(node)
    if name == "engagementType":
        return f"{name}:{KINDS[value]}"
    if name == "language" and len(value) != 2:  # noqa: PLR2004 -- ISO 639-1
        raise sheet.refused(node)
    if name == "site" and "." not in value:
        return f"topLevelDomain:{value}"
    if name == "country":
        if value not in _three_letters():
            raise sheet.refused(node)
        return f"country:{_three_letters()[value]}"
    return str(node)


@cache
def _three_letters() -> dict[str, str]:
    known = ((code, to) for code, to in get_global("territory_aliases").items() if code not in WITHDRAWN)
    return {to[0].lower(): code.lower() for code, to in known if len(code) == 3 and code.isalpha() and len(to) == 1}  # noqa: PLR2004 -- ISO 3166-1 alpha-3


def _brandwatch_range(node: Range) -> str:
    """Write both bounds, as all examples of Brandwatch's help do."""
    least, most = FIELDS[node.name.lower()].limits
    low = least if node.low is None else node.low
    high = (MOST_FOLLOWERS if isinf(most) else most) if node.high is None else node.high
    return str(Range(node.name, float(low), float(high)))
