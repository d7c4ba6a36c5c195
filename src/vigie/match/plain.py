"""Hold posts against queries, one post and one query at a time, in plain Python.

It is meant to be read, not to be fast: what it says is what a query means, and `vigie.match.engine` is compared with it.

What holds:
- a word, when title or text has it; a phrase, when its words follow one another in one zone, whatever signs stand
  between them; words near one another, when so many others at most stand between (`tree.Near`);
- nothing finds a word of more than 200 characters, which is none; its place still counts;
- a field, when the source says so. What a source does not say holds nowhere, and its NOT everywhere: no post is lost for
  what its source does not say. Strictly read, such a NOT does not hold either: that tells how many were found that way.

In the first phase neither language nor labels have been read: `text_match` says which queries hold whatever they are
(CERTAIN) and which may (DEPENDS). It reasons test by test (Kleene's three values): it may say DEPENDS where a cleverer reasoning
would be certain, never the reverse.
"""

import math
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from functools import cache, lru_cache

from vigie.match.document import LINKS, TEXT, TITLE, URL, ZONES, Document, links_of
from vigie.match.expressions import named, settled
from vigie.match.faults import Span
from vigie.match.knowledge import NOTHING, Knowledge, parents_of
from vigie.match.parser import Query
from vigie.match.tree import (
    And,
    Cased,
    Field,
    Fuzzy,
    In,
    Leaf,
    Near,
    Node,
    Not,
    Or,
    Pattern,
    Phrase,
    Positional,
    Prefix,
    Range,
    Term,
    Word,
    is_label,
)
from vigie.text import words

LONGEST_ASKED = 200
"""Characters of a word, as written, beyond which nothing finds it: no word of a language is so long; what is, is an
address or an attack. (The engine's own constant is `vigie.text.lexicon.LONGEST_ASKED`; a test holds them together.)"""

REMEMBERED = 65_536
"""Distances between two words kept in memory: about 20 MB."""

Held = bool | None
"""Whether something holds; `None`: that depends on the language or a label, which have not been read yet."""

Stretch = tuple[int, int, int]
"""Segment, first word and last word of something found."""


@dataclass(frozen=True, slots=True)
class Match:
    """What a query caught in a post: places in code points, in order; a phrase is one place, NEAR its words."""

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
    """What a post's words and facts say of a query before its language is read; absent: it does not hold."""

    CERTAIN = "certain"
    DEPENDS = "depends"


Certain, Depends = TextMatch.CERTAIN, TextMatch.DEPENDS


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of words that a phrase does not leave: title, text, address, or one link."""

    zone: int
    tokens: tuple[words.Token, ...]
    raws: tuple[str, ...]


def _segment(zone: int, text: str) -> Segment:
    found = tuple(words.tokens(text))
    return Segment(zone, found, tuple(text[t.start : t.end] for t in found))


class Reading:
    """A post cut into words once, for every query."""

    def __init__(
        self, document: Document, *, language_read: bool = True, strict: bool = False, knowledge: Knowledge = NOTHING
    ) -> None:
        self.document, self.language_read, self.strict, self.knowledge = document, language_read, strict, knowledge
        self.segments = [_segment(TITLE, document.title or ""), _segment(TEXT, document.text)]
        self.segments += [_segment(URL, document.url or "")]
        self.segments += [_segment(LINKS, link) for link in links_of(document.text)]

    def of_term(self, term: Term, zones: frozenset[int]) -> list[Stretch]:
        """Return the words that answer a term."""
        return [
            (n, place, place)
            for n, segment in enumerate(self.segments)
            if segment.zone in zones
            for place, token in enumerate(segment.tokens)
            if answers(term, token.word, segment.raws[place])
        ]

    def of_phrase(self, phrase: Phrase, zones: frozenset[int]) -> list[Stretch]:
        """Return the places where a phrase stands."""
        found = [set(self.of_term(part, zones)) for part in phrase.parts]
        return [
            (n, place, place + len(found) - 1)
            for n, place, _ in sorted(found[0])
            if all((n, place + k, place + k) in part for k, part in enumerate(found))
        ]

    def of_side(self, side: tuple[Positional, ...], zones: frozenset[int]) -> list[Stretch]:
        """Return where any alternative of a side stands."""
        return sorted({stretch for one in side for stretch in self.of(one, zones)})

    def of(self, what: Positional, zones: frozenset[int]) -> list[Stretch]:
        """Return the stretches that answer something, each from its first word to its last."""
        match what:
            case Phrase():
                return self.of_phrase(what, zones)
            case Near(sides, distance, in_order):
                found = [self.of_side(side, zones) for side in sides]
                if len(sides) > 2:  # noqa: PLR2004 -- a window of many
                    return _windows(found, distance)
                return _pairs(found[0], found[1], distance, both_ways=not in_order)
            case _:
                return self.of_term(what, zones)


def answers(term: Term, word: words.Word, raw: str) -> bool:
    """Say whether a word of a post is what a term asks for."""
    if len(raw) > LONGEST_ASKED:
        return False
    match term:
        case Word(form):
            return form in word.forms
        case Prefix(form):
            return any(known.startswith(form) for known in word.forms)
        case Pattern(form):
            return any(_has_shape(known, form) for known in word.forms)
        case Fuzzy(form, distance):
            return any(_letters_apart(known, form) <= distance for known in word.forms)
        case Cased(form):
            return form in words.cased(raw)


def _has_shape(form: str, shape: str) -> bool:
    """Say whether a word has a shape, sign by sign: where in the word may one be when so many signs have been read?"""
    places = {0}
    for sign in shape:
        if sign == "*":
            places = {after for place in places for after in range(place, len(form) + 1)}
        else:
            places = {place + 1 for place in places if place < len(form) and sign in ("?", form[place])}
    return len(form) in places


@lru_cache(maxsize=REMEMBERED)
def _letters_apart(one: str, other: str) -> int:
    """Return the optimal string alignment distance: letters added, left out, replaced, or neighbours exchanged."""
    rows = [list(range(len(other) + 1))]
    for i, a in enumerate(one, 1):
        row = [i]
        for j, b in enumerate(other, 1):
            row.append(min(rows[-1][j] + 1, row[-1] + 1, rows[-1][j - 1] + (a != b)))
            if i > 1 and j > 1 and a == other[j - 2] and b == one[i - 2]:
                row[-1] = min(row[-1], rows[-2][j - 2] + 1)
        rows.append(row)
    return rows[-1][-1]


def _pairs(left: list[Stretch], right: list[Stretch], distance: int, *, both_ways: bool) -> list[Stretch]:
    """Return every stretch from one of a side to one of the other after it, with so many words between at most."""
    found = set(_one_way(left, right, distance))
    if both_ways:
        found |= set(_one_way(right, left, distance))
    return sorted(found)


def _one_way(before: list[Stretch], after: list[Stretch], distance: int) -> Iterator[Stretch]:
    """Give the stretches from one side to the other after it.

    Stretches that begin together are taken together, so that the same word a thousand times, in a NEAR within a NEAR,
    is answered in the time of its different answers.
    """
    befores, afters = _ends_by_begin(before), _ends_by_begin(after)
    for (segment, first), lasts in befores.items():
        places = {place for last in lasts for place in range(last + 1, last + 2 + distance)}
        for end in set().union(*(afters.get((segment, place), ()) for place in places)):
            yield segment, first, end


def _ends_by_begin(stretches: list[Stretch]) -> dict[tuple[int, int], set[int]]:
    ends: dict[tuple[int, int], set[int]] = {}
    for segment, first, last in stretches:
        ends.setdefault((segment, first), set()).add(last)
    return ends


def _windows(sides: list[list[Stretch]], distance: int) -> list[Stretch]:
    """Return, for each word where it can begin, the shortest stretch with one word of each side, all different."""
    found = []
    for segment in sorted({n for side in sides for n, _, _ in side}):
        places = [sorted(first for n, first, _ in side if n == segment) for side in sides]
        for start in sorted({place for side in places for place in side}):
            end = _nearest(places, start, start + distance + len(sides) - 1)
            if end is not None:
                found.append((segment, start, end))
    return found


def _nearest(places: list[list[int]], start: int, limit: int) -> int | None:
    """Return the nearest place by which every side has had a word of its own, the first of them at the start."""

    @cache
    def search(left: frozenset[int], after: int) -> int | None:
        """Return where those that are left can end, each after the one before."""
        if not left:
            return after
        ends = [search(left - {side}, place) for side in left if (place := following(side, after)) <= limit]
        return min((end for end in ends if end is not None), default=None)

    def following(side: int, after: int) -> int:
        at = bisect_right(places[side], after)
        return places[side][at] if at < len(places[side]) else limit + 1

    every = frozenset(range(len(places)))
    begins = [side for side in every if following(side, start - 1) == start]
    ends = [search(every - {side}, start) for side in begins]
    return min((end for end in ends if end is not None), default=None)


def zones_of(leaf: Leaf) -> tuple[Positional | None, frozenset[int]]:
    """Return what is sought of a leaf and where; nothing for facts."""
    match leaf:
        case In(zone, what):
            return what, frozenset({ZONES[zone]})
        case Field() | Range():
            return None, frozenset()
        case _:
            return leaf, frozenset({TITLE, TEXT})


def holds(node: Node, reading: Reading, *, positive: bool = True) -> Held:
    """Say whether a node of a query holds for a post.

    Args:
        positive: No odd number of NOT stands before the node.
    """
    match node:
        case Not(child):
            held = holds(child, reading, positive=not positive)
            return None if held is None else not held
        case And(children):
            return _all(holds(child, reading, positive=positive) for child in children)
        case Or(children):
            found = _all(_not(holds(child, reading, positive=positive)) for child in children)
            return _not(found)
        case Field() | Range():
            return _fact_holds(node, reading, positive=positive)
        case _:
            what, zones = zones_of(node)
            assert what is not None
            return bool(reading.of(what, zones))


def _not(held: Held) -> Held:
    return None if held is None else not held


def _all(held: Iterable[Held]) -> Held:
    answers_ = list(held)
    if False in answers_:
        return False
    return None if None in answers_ else True


def _fact_holds(leaf: Field | Range, reading: Reading, *, positive: bool) -> Held:
    if isinstance(leaf, Field) and (leaf.name == "language" or is_label(leaf)) and not reading.language_read:
        return None
    said = _said(leaf, reading)
    if said is None:
        return reading.strict and not positive
    return said


def _said(leaf: Field | Range, reading: Reading) -> bool | None:
    """Say whether a fact is as asked; `None` when the source does not say."""
    document = reading.document
    if isinstance(leaf, Range):
        return _between(leaf, document)
    match leaf.name:
        case "language":
            return None if document.language is None else document.language.lower().split("-")[0] == leaf.value
        case "network" | "country":
            said = getattr(document, leaf.name)
            return None if said is None else said.lower() == leaf.value
        case "site":
            return None if document.site is None else leaf.value in parents_of(document.site)
        case "author":
            return _is_author(document.author_key, leaf.value, reading)
        case "engagingWith":
            return _is_author(document.engaging_key, leaf.value, reading)
        case "authorVerified":
            return None if document.author_verified is None else document.author_verified == (leaf.value == "true")
        case "engagementType":
            return leaf.value in document.engagement
        case "space":
            return any(space.lower() == leaf.value for space in document.spaces)
        case "spacekind":
            return leaf.value in document.space_kinds
        case "list":
            return _is_listed(leaf.value, reading)
        case "tone" | "story":
            said = [value for name, value in document.labels if name == leaf.name]
            return leaf.value in said if said else None
        case name if is_label(leaf):
            return (name, leaf.value) in document.labels
        case _:
            return None


def _between(leaf: Range, document: Document) -> bool | None:
    published = document.published_at
    number = {
        "authorFollowers": document.followers,
        "rating": document.rating,
        "minuteOfDay": None if published is None else _minute_of_day(published),
    }.get(leaf.name)
    if number is None or math.isnan(number):
        return None
    return (leaf.low is None or leaf.low <= number) and (leaf.high is None or number <= leaf.high)


def _minute_of_day(published: datetime) -> int:
    """Return the minute of the day in UTC; an instant without a time zone is UTC."""
    utc = published if published.tzinfo is None else published.astimezone(UTC)
    return utc.hour * 60 + utc.minute


def _is_author(key: bytes | None, handle: str, reading: Reading) -> bool | None:
    origin = reading.document.origin
    if key is None or origin is None:
        return None
    return key in reading.knowledge.links(origin, handle)


def _is_listed(name: str, reading: Reading) -> bool | None:
    document, members = reading.document, reading.knowledge.lists.get(name)
    if document.author_key is None and document.site is None:
        return None
    if members is None:
        return False
    by_site = document.site is not None and bool(members.sites.intersection(parents_of(document.site)))
    return by_site or document.author_key in members.authors


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


def _stretches(what: Positional, zones: frozenset[int], reading: Reading) -> list[Stretch]:
    """Return what is marked of something found: a phrase whole, of NEAR the words within its shortest stretches."""
    if not isinstance(what, Near):
        return reading.of(what, zones)
    shortest: dict[tuple[int, int], int] = {}
    for segment, first, last in reading.of(what, zones):
        shortest[segment, first] = min(last, shortest.get((segment, first), last))
    inner = {stretch for one in _words_of(what) for stretch in reading.of(one, zones)}
    return sorted(
        (segment, a, b)
        for segment, a, b in inner
        if any(n == segment and first <= a and b <= last for (n, first), last in shortest.items())
    )


def _words_of(what: Positional) -> Iterator[Positional]:
    """Give the words and phrases of something near something else."""
    if isinstance(what, Near):
        for side in what.sides:
            for one in side:
                yield from _words_of(one)
    else:
        yield what


def _caught(query: Query, reading: Reading) -> list[Caught]:
    found = []
    for leaf in _reasons(query.root, reading):
        what, zones = zones_of(leaf)
        stretches = [] if what is None else _stretches(what, zones, reading)
        spans: dict[int, list[Span]] = {TITLE: [], TEXT: [], URL: [], LINKS: []}
        for segment, first, last in stretches:
            tokens = reading.segments[segment].tokens
            spans[reading.segments[segment].zone].append((tokens[first].start, tokens[last].end))
        found.append(Caught(leaf, tuple(spans[TEXT]), tuple(spans[TITLE])))
    return found


def _match(query: Query, reading: Reading) -> Match:
    caught = _caught(query, reading)
    return Match(
        tuple(sorted({span for one in caught for span in one.spans})),
        tuple(sorted({span for one in caught for span in one.title_spans})),
    )


class PlainQueries:
    """Queries by id, held against one post at a time."""

    def __init__(self, queries: Mapping[str, Query], *, knowledge: Knowledge = NOTHING) -> None:
        self._queries, self.knowledge = settled(queries), knowledge

    def __len__(self) -> int:
        return len(self._queries)

    def __iter__(self) -> Iterator[str]:
        return iter(self._queries)

    def __getitem__(self, query_id: str) -> Query:
        return self._queries[query_id]

    def holding(self, document: Document, *, among: Iterable[str] | None = None, strict: bool = False) -> list[str]:
        """Return the ids of the queries that hold, of all or of those asked for, in their order.

        Args:
            strict: A NOT of what the source does not say does not hold.
        """
        reading = Reading(document, strict=strict, knowledge=self.knowledge)
        asked = self._queries if among is None else among
        return [query_id for query_id in asked if holds(self._queries[query_id].root, reading)]

    def match(self, document: Document) -> dict[str, Match]:
        """Return what each query that holds caught, by its id."""
        reading = Reading(document, knowledge=self.knowledge)
        return {i: _match(query, reading) for i, query in self._queries.items() if holds(query.root, reading)}

    def text_match(self, document: Document) -> dict[str, TextMatch]:
        """Return the queries that hold, or may, before language and labels are read; the document's are not looked at."""
        reading = Reading(document, language_read=False, knowledge=self.knowledge)
        found: dict[str, TextMatch] = {}
        for query_id, query in self._queries.items():
            held = holds(query.root, reading)
            if held is not False:
                found[query_id] = Certain if held else Depends
        return found

    def explain(self, document: Document, *, among: Iterable[str] | None = None) -> dict[str, tuple[Caught, ...]]:
        """Return which leaves of each query that holds, of all or of those asked for, made it hold; what each caught."""
        reading = Reading(document, knowledge=self.knowledge)
        asked = {i: self._queries[i] for i in (self._queries if among is None else among) if i in self._queries}
        return {i: tuple(_caught(query, reading)) for i, query in asked.items() if holds(query.root, reading)}


def parsed(expressions: Mapping[str, str | Query]) -> dict[str, Query]:
    """Read expressions by id.

    Raises:
        QueryError: one can't be read; the fact `query` is its id.
    """
    return {i: given if isinstance(given, Query) else named(i, given) for i, given in expressions.items()}
