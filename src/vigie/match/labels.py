"""The label part of a query: what asks for labels and findings, which only posts that are kept have.

    query = text part, held against everything that comes  AND  the whole, held against what is kept and labelled

The text part is the query with each test of a label replaced by “may hold” (Kleene's three values, as for a language that
has not been read): a post that the whole holds for is never missed by it.
"""

from collections.abc import Iterable, Mapping

from vigie.match.faults import QueryError
from vigie.match.parser import Query, parse
from vigie.match.tree import LABELS, And, Field, Node, Not, Or, conjunction, disjunction, is_label, leaves, negation

NO_CATEGORY = "0"
"""Id that no category has."""


def labels_of(query: Query) -> tuple[Field, ...]:
    """Return the tests of labels of a query, from left to right."""
    return tuple(leaf for leaf in leaves(query.root) if isinstance(leaf, Field) and leaf.name in LABELS)


def refuse_labels(query: Query) -> None:
    """Refuse a query that asks for labels where posts have none.

    Raises:
        QueryError: it asks for one; its place is marked.
    """
    if asked := labels_of(query):
        raise QueryError("query.label_here", asked[0].at, field=asked[0].name)


def text_part(root: Node) -> Node | None:
    """Return the text part of a query; `None` when its labels alone decide, so that every post would have to be kept."""
    found = _may(root, wanted=True)
    return None if isinstance(found, bool) else found


def _may(node: Node, *, wanted: bool) -> Node | bool:
    """Return what holds wherever the node can be as wanted; a constant where labels alone decide."""
    match node:
        case Not(child):
            found = _may(child, wanted=not wanted)
            return (not found) if isinstance(found, bool) else negation(found)
        case And(children) | Or(children):
            is_all = isinstance(node, And)
            parts = [_may(child, wanted=wanted) for child in children]
            if any(part is (not is_all) for part in parts):
                return not is_all
            rest = [part for part in parts if not isinstance(part, bool)]
            if not rest:
                return is_all
            return conjunction(rest) if is_all else disjunction(rest)
        case Field() if is_label(node):
            return wanted
        case _:
            return node


def stream_part(expression: str) -> str:
    """Return the expression that runs on the stream: itself when it asks for no label.

    Raises:
        QueryError: it can't be read.
    """
    if not any(f"{name}:" in expression.lower() for name in LABELS):
        return expression
    query = parse(expression)
    part = text_part(query.root) if labels_of(query) else query.root
    return expression if part is query.root or part is None else str(part)


def with_categories(root: Node, ids: Mapping[str, Iterable[str]]) -> Node:
    """Return a query whose categories are asked for by their ids.

    Args:
        ids: Ids by name, as names are compared (`fields.label_form`); a name that is not here holds nowhere.
    """
    match root:
        case And(children):
            return conjunction([with_categories(child, ids) for child in children])
        case Or(children):
            return disjunction([with_categories(child, ids) for child in children])
        case Not(child):
            return negation(with_categories(child, ids))
        case Field("category", value):
            return disjunction([Field("category", i, root.at) for i in ids.get(value, ()) or (NO_CATEGORY,)])
        case _:
            return root
