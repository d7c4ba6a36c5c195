"""Hold one post against queries, plainly: cut it into words once, then test each query from its tree.

Cost per post: one pass over its letters, then a dictionary look-up per test of each query.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import islice

from vigie.match.parse import parse
from vigie.match.tree import And, InLanguage, InSpace, Leaf, Node, Not, Or, Phrase, Query, Term
from vigie.text.words import Word, words

Span = tuple[int, int]


class Truth(Enum):
    """What is known of a query before the language of the post is."""

    NO = 0
    DEPENDS = 1
    """Only the language will tell."""
    YES = 2


@dataclass(frozen=True, slots=True)
class Document:
    """A post as queries see it."""

    title: str
    text: str
    spaces: tuple[str, ...] = ()
    """Short names of the spaces it was met in."""
    language: str | None = None
    """Ours, BCP 47; absent while it is not known."""


@dataclass(frozen=True, slots=True)
class Match:
    """Which letters of a post made a query hold: places in code points, from left to right."""

    spans: tuple[Span, ...]
    """In the text."""
    title_spans: tuple[Span, ...]


class _Field:
    """The words of one text, found by what they are."""

    def __init__(self, text: str) -> None:
        self.words: Sequence[Word] = words(text) if text else ()
        self.places: dict[str, list[int]] = {}
        for place, word in enumerate(self.words):
            self.places.setdefault(word.plain, []).append(place)
        self._sorted: list[str] | None = None

    def candidates(self, term: Term) -> Iterator[int]:
        """Yield the places where a term stands."""
        for plain in self._begun(term.plain) if term.prefix else (term.plain,):
            for place in self.places.get(plain, ()):
                if _is(self.words[place], term):
                    yield place

    def _begun(self, prefix: str) -> Iterator[str]:
        """Yield the different words that begin so."""
        if self._sorted is None:
            self._sorted = sorted(self.places)
        for plain in islice(self._sorted, bisect_left(self._sorted, prefix), None):
            if not plain.startswith(prefix):
                return
            yield plain

    def holds(self, leaf: Term | Phrase) -> bool:
        """Say whether a word or phrase stands somewhere."""
        if isinstance(leaf, Term) and not (leaf.prefix or leaf.sign or leaf.accented):
            return leaf.plain in self.places
        return next(self.runs(leaf), None) is not None

    def runs(self, leaf: Term | Phrase) -> Iterator[Span]:
        """Yield the letters of each place where a word or phrase stands."""
        terms = leaf.terms if isinstance(leaf, Phrase) else (leaf,)
        for first in self.candidates(terms[0]):
            last = first + len(terms) - 1
            if last < len(self.words) and all(_is(self.words[first + n], t) for n, t in enumerate(terms)):
                yield self.words[first].start, self.words[last].end


def _is(word: Word, term: Term) -> bool:
    if term.sign and word.sign != term.sign:
        return False
    asked, found = (term.exact, word.exact) if term.accented else (term.plain, word.plain)
    return found.startswith(asked) if term.prefix else found == asked


class _Post:
    """A post cut into words, ready for any number of queries."""

    def __init__(self, document: Document) -> None:
        self.title, self.text = _Field(document.title), _Field(document.text)
        self.spaces = frozenset(name.lower() for name in document.spaces)
        self.language = document.language

    def holds(self, leaf: Leaf) -> bool | None:
        """Say whether a test holds; `None` when only the language will tell."""
        if isinstance(leaf, InSpace):
            return leaf.name in self.spaces
        if isinstance(leaf, InLanguage):
            return None if self.language is None else _speaks(self.language, leaf.tag)
        return self.text.holds(leaf) or self.title.holds(leaf)


def _speaks(language: str, tag: str) -> bool:
    """Say whether a language is the one asked for: `fr-CA` is `fr`, `fr` is not `fr-CA` (RFC 4647 §3.3.1)."""
    language = language.lower()
    return language == tag or language.startswith(f"{tag}-")


def _evaluate(node: Node, holds: Callable[[Leaf], bool | None]) -> bool | None:
    """Evaluate with three values (Kleene's strong logic): unknown stays unknown unless the rest decides."""
    if isinstance(node, Not):
        inner = _evaluate(node.part, holds)
        return None if inner is None else not inner
    if isinstance(node, And | Or):
        return _evaluate_many(node, holds)
    return holds(node)


def _evaluate_many(node: And | Or, holds: Callable[[Leaf], bool | None]) -> bool | None:
    deciding = isinstance(node, Or)
    unknown = False
    for part in node.parts:
        value = _evaluate(part, holds)
        if value is deciding:
            return deciding
        unknown = unknown or value is None
    return None if unknown else not deciding


def _positive_leaves(node: Node) -> Iterator[Term | Phrase]:
    """Yield the words and phrases that a query asks for, leaving out what it forbids."""
    if isinstance(node, And | Or):
        for part in node.parts:
            yield from _positive_leaves(part)
    elif isinstance(node, Term | Phrase):
        yield node


class Queries:
    """Standing queries, ready for posts."""

    def __init__(self, queries: Mapping[str, Query]) -> None:
        self._queries = dict(queries)

    def __len__(self) -> int:
        return len(self._queries)

    def text_match(self, document: Document) -> dict[str, Truth]:
        """Return the queries that hold, or may hold once the language is known."""
        post = _Post(document)
        found = {}
        for name, query in self._queries.items():
            value = _evaluate(query.root, post.holds)
            if value is not False:
                found[name] = Truth.DEPENDS if value is None else Truth.YES
        return found

    def match(self, document: Document) -> dict[str, Match]:
        """Return the queries that hold, with the letters that made them; a language not known matches none."""
        post = _Post(document)
        return {
            name: _spans(query, post)
            for name, query in self._queries.items()
            if _evaluate(query.root, post.holds) is True
        }

    def decides(self, name: str, document: Document) -> bool:
        """Say whether one query holds."""
        return _evaluate(self._queries[name].root, _Post(document).holds) is True

    def explain(self, name: str, document: Document) -> dict[str, bool]:
        """Return which tests of one query hold, by their normal form."""
        post = _Post(document)
        return {str(leaf): post.holds(leaf) is True for leaf in self._queries[name].leaves()}


def _spans(query: Query, post: _Post) -> Match:
    leaves = list(_positive_leaves(query.root))
    text = {run for leaf in leaves for run in post.text.runs(leaf)}
    title = {run for leaf in leaves for run in post.title.runs(leaf)}
    return Match(tuple(sorted(text)), tuple(sorted(title)))


def compile_queries(expressions: Mapping[str, str]) -> Queries:
    """Make queries ready for posts.

    Raises:
        QueryError: an expression can't be read; its facts name which.
    """
    return Queries({name: parse(expression) for name, expression in expressions.items()})
