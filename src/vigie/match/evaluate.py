"""Hold posts against queries, one post and one query at a time, in plain Python.

It is meant to be read, not to be fast: what it says is what a query means, and faster engines are compared with it.
A post is cut into words once for all queries, and a word is looked up in a dictionary.

What holds:
- a word, when title or text has it; a phrase, when its words follow one another in the title, or in the text, whatever
  signs stand between them;
- `space:NAME`, when the post was met in that space, among others or not;
- `language:fr`, when the post's language is French. A language that is not known (`None`) is none: the test does not
  hold, and its NOT does, so that nothing is lost for what is not known. `und` (read, could not be told) is a code.

In the first phase the language has not been read: `text_match` says which queries hold whatever it is (CERTAIN) and
which may (DEPENDS). It reasons test by test (Kleene's three values): it may say DEPENDS where a cleverer reasoning
would be certain, never the reverse.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum

from vigie.match.faults import QueryError, Span
from vigie.match.parser import Query, parse
from vigie.match.tree import And, Language, Leaf, Node, Not, Or, Phrase, Prefix, Space, Word
from vigie.text import words

Held = bool | None
"""Whether something holds; `None`: that depends on the language, which has not been read yet."""


@dataclass(frozen=True, slots=True)
class Document:
    """What queries test of a post."""

    title: str | None
    text: str
    spaces: tuple[str, ...] = ()
    """Short names of the spaces it was met in."""
    language: str | None = None
    """BCP 47 code, `und` when it can't be told; `None` when nothing read it."""


@dataclass(frozen=True, slots=True)
class Match:
    """What a query caught in a post: places in code points, in order; a phrase is one place."""

    spans: tuple[Span, ...]
    title_spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Caught:
    """What one leaf of a query caught, among those that made it hold."""

    leaf: Leaf
    """With its place in the expression."""
    spans: tuple[Span, ...]
    title_spans: tuple[Span, ...]


class TextMatch(Enum):
    """What a post's words and spaces say of a query before its language is read; absent: it does not hold."""

    CERTAIN = "certain"
    DEPENDS = "depends"


Certain, Depends = TextMatch.CERTAIN, TextMatch.DEPENDS


class Reading:
    """A post cut into words once, for every query."""

    __slots__ = ("document", "language_read", "places", "text_begins")

    def __init__(self, document: Document, *, language_read: bool = True) -> None:
        self.document = document
        self.language_read = language_read
        title = words.words(document.title) if document.title else []
        self.text_begins = len(title) + 1
        """Place of the text's first word; the place before it is empty, so that no phrase spans title and text."""
        self.places: dict[str, list[int]] = {}
        """Places of every form of every word, title first."""
        for place, word in enumerate(title):
            self._put(word, place)
        for place, word in enumerate(words.words(document.text), self.text_begins):
            self._put(word, place)

    def _put(self, word: words.Word, place: int) -> None:
        for form in word.forms:
            self.places.setdefault(form, []).append(place)

    def begun(self, prefix: str) -> set[int]:
        """Return the places of the words that begin so."""
        return {place for form, places in self.places.items() if form.startswith(prefix) for place in places}

    def of_part(self, part: Word | Prefix) -> set[int]:
        """Return the places of a word or of a beginning of words."""
        return set(self.places.get(part.form, ())) if isinstance(part, Word) else self.begun(part.form)

    def of_phrase(self, phrase: Phrase) -> set[int]:
        """Return the places where a phrase begins."""
        begins = self.of_part(phrase.parts[0])
        for distance, part in enumerate(phrase.parts[1:], 1):
            if not begins:
                break
            found = self.of_part(part)
            begins = {place for place in begins if place + distance in found}
        return begins


def holds(node: Node, reading: Reading) -> Held:
    """Say whether a node of a query holds for a post."""
    match node:
        case Word(form):
            return form in reading.places
        case Prefix(form):
            return any(known.startswith(form) for known in reading.places)
        case Phrase():
            return bool(reading.of_phrase(node))
        case Space(name):
            return any(space.lower() == name for space in reading.document.spaces)
        case Language(code):
            return _speaks(code, reading)
        case Not(child):
            held = holds(child, reading)
            return None if held is None else not held
        case And(children):
            return _all(children, reading)
        case Or(children):
            return _any(children, reading)


def _speaks(code: str, reading: Reading) -> Held:
    if not reading.language_read:
        return None
    language = reading.document.language
    return language is not None and language.lower().split("-")[0] == code


def _all(children: Iterable[Node], reading: Reading) -> Held:
    open_question = False
    for child in children:
        held = holds(child, reading)
        if held is False:
            return False
        open_question = open_question or held is None
    return None if open_question else True


def _any(children: Iterable[Node], reading: Reading) -> Held:
    open_question = False
    for child in children:
        held = holds(child, reading)
        if held:
            return True
        open_question = open_question or held is None
    return None if open_question else False


def _reasons(node: Node, reading: Reading, *, wanted: bool = True) -> list[Leaf]:
    """Return the leaves that hold and by which the node is as wanted; nothing when it is not."""
    if holds(node, reading) is not wanted:
        return []
    match node:
        case And(children) | Or(children):
            return [leaf for child in children for leaf in _reasons(child, reading, wanted=wanted)]
        case Not(child):
            return _reasons(child, reading, wanted=not wanted)
        case _:
            return [node] if wanted else []


def _places(leaf: Leaf, reading: Reading) -> list[tuple[int, int]]:
    """Return first and last word of each place that a leaf caught."""
    match leaf:
        case Phrase(parts):
            return [(place, place + len(parts) - 1) for place in sorted(reading.of_phrase(leaf))]
        case Word() | Prefix():
            return [(place, place) for place in sorted(reading.of_part(leaf))]
        case _:
            return []


def _caught(query: Query, reading: Reading) -> list[Caught]:
    title = words.spans(reading.document.title or "")
    text = words.spans(reading.document.text)
    found = []
    for leaf in _reasons(query.root, reading):
        places = _places(leaf, reading)
        begin = reading.text_begins
        in_text = tuple((text[a - begin][0], text[b - begin][1]) for a, b in places if a >= begin)
        in_title = tuple((title[a][0], title[b][1]) for a, b in places if a < begin)
        found.append(Caught(leaf, in_text, in_title))
    return found


def _match(query: Query, reading: Reading) -> Match:
    caught = _caught(query, reading)
    return Match(
        tuple(sorted({span for one in caught for span in one.spans})),
        tuple(sorted({span for one in caught for span in one.title_spans})),
    )


class Queries:
    """Queries by id, held against posts together."""

    def __init__(self, queries: Mapping[str, Query]) -> None:
        self._queries = dict(queries)

    def __len__(self) -> int:
        return len(self._queries)

    def __iter__(self) -> Iterator[str]:
        return iter(self._queries)

    def __getitem__(self, query_id: str) -> Query:
        return self._queries[query_id]

    def holding(self, document: Document, *, among: Iterable[str] | None = None) -> list[str]:
        """Return the ids of the queries that hold, of all or of those asked for, in their order."""
        reading = Reading(document)
        asked = self._queries if among is None else among
        return [query_id for query_id in asked if holds(self._queries[query_id].root, reading)]

    def match(self, document: Document) -> dict[str, Match]:
        """Return what each query that holds caught, by its id."""
        reading = Reading(document)
        return {i: _match(query, reading) for i, query in self._queries.items() if holds(query.root, reading)}

    def text_match(self, document: Document) -> dict[str, TextMatch]:
        """Return the queries that hold, or may, before the language is read; the document's is not looked at."""
        reading = Reading(document, language_read=False)
        found: dict[str, TextMatch] = {}
        for query_id, query in self._queries.items():
            held = holds(query.root, reading)
            if held is not False:
                found[query_id] = Certain if held else Depends
        return found

    def explain(self, document: Document) -> dict[str, tuple[Caught, ...]]:
        """Return which leaves of each query that holds made it hold, and what each caught."""
        reading = Reading(document)
        return {i: tuple(_caught(query, reading)) for i, query in self._queries.items() if holds(query.root, reading)}


def compile_queries(expressions: Mapping[str, str | Query]) -> Queries:
    """Make queries ready from their expressions, by id.

    Raises:
        QueryError: one can't be read; the fact `query` is its id.
    """
    return Queries({query_id: _parsed(query_id, given) for query_id, given in expressions.items()})


def _parsed(query_id: str, given: str | Query) -> Query:
    if isinstance(given, Query):
        return given
    try:
        return parse(given)
    except QueryError as error:
        error.facts["query"] = query_id
        raise
