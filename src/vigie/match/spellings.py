"""The names that a query asks for, with their spellings: what stands in it as an alternative, not as a condition."""

from collections.abc import Iterator

from vigie.match.faults import QueryError
from vigie.match.parser import parse
from vigie.match.tree import And, Cased, Fuzzy, Node, Not, Or, Phrase, Prefix, Word


def spellings(expression: str) -> tuple[str, ...]:
    """Return the words and phrases of which each by itself makes a post a mention; none of a query that can't be read.

    `serelium OR cerelium NOT press` gives both spellings; of `vaubrun AND (formula OR dose)` nothing is a name, because
    which of the two sides names us can't be told.
    """
    try:
        return tuple(dict.fromkeys(_alternatives(parse(expression).root)))
    except QueryError:
        return ()


def _alternatives(node: Node) -> Iterator[str]:
    match node:
        case Or(children):
            for child in children:
                yield from _alternatives(child)
        case And(children):
            positive = [child for child in children if not isinstance(child, Not)]
            if len(positive) == 1:
                yield from _alternatives(positive[0])
        case Word(form) | Prefix(form) | Cased(form):
            yield form
        case Fuzzy(form=form):
            yield form
        case Phrase(parts) if all(isinstance(part, Word) for part in parts):
            yield " ".join(str(part) for part in parts)
        case _:
            return
