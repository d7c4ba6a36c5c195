"""Read an expression, or say what is wrong with it, where, and what to write instead.

    query   = part { AND part | OR part | NOT part }        one kind of operator per pair of brackets
    part    = [ NOT ] ( word | word* | "phrase" | field:value | ( query ) )
    field   = space | language
"""

import re
from dataclasses import dataclass
from typing import NoReturn

from vigie.errors import Facts, SchemaError
from vigie.match.tree import And, InLanguage, InSpace, Node, Not, Or, Phrase, Query, Term, is_positive
from vigie.text.words import WORD, fold

MAX_LENGTH = 20_000
"""Characters of an expression: Brandwatch documents queries of about 10,000; twice that leaves room."""

MAX_DEPTH = 60
"""Brackets within brackets: far above any written by hand, far below what recursion bears."""

SHORT_PREFIX = 2
"""Letters before `*` from which a prefix is accepted, with a warning: two letters begin thousands of words."""

FIELDS = ("space", "language")
"""Fields of this version."""


class QueryError(SchemaError):
    """An expression can't be read; `start` and `end` mark the place, in code points."""

    def __init__(self, sentence: str, *, code: str, start: int, end: int, facts: Facts | None = None) -> None:
        super().__init__(sentence, code=code, facts={**(facts or {}), "start": start, "end": end})
        self.start, self.end = start, end


@dataclass(frozen=True, slots=True)
class Warned:
    """Something that is accepted and seldom meant."""

    code: str
    sentence: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Checked:
    """A query that can be read, its normal form, and what to look at twice."""

    query: Query
    normal: str
    warnings: tuple[Warned, ...]


@dataclass(frozen=True, slots=True)
class _Piece:
    kind: str
    """`(`, `)`, `AND`, `OR`, `NOT`, `phrase`, `field` or `word`."""
    text: str
    start: int
    end: int


_PIECE = re.compile(
    r'\s*(?:(?P<open>\()|(?P<close>\))|(?P<phrase>["“”«»][^"“”«»]*["“”«»])|(?P<quote>["“”«»])'
    r"|(?P<field>[A-Za-z_]+:[^\s()\"]*)|(?P<word>[^\s()\"“”«»]+))"
)


def _pieces(expression: str) -> list[_Piece]:
    pieces, at = [], 0
    while match := _PIECE.match(expression, at):
        kind = str(match.lastgroup)
        start, end = match.span(kind)
        at = match.end()
        if kind == "quote":
            _refuse("query.quote", "A quotation mark is never closed. Close it, or remove it.", start, end)
        text = match.group(kind)
        kind = {"open": "(", "close": ")"}.get(kind, kind)
        if kind == "word" and text in ("AND", "OR", "NOT"):
            kind = text
        pieces.append(_Piece(kind, text, start, end))
    return pieces


def _refuse(code: str, sentence: str, start: int, end: int, **facts: str | int) -> NoReturn:
    raise QueryError(sentence, code=code, start=start, end=end, facts=facts)


def parse(expression: str) -> Query:
    """Read an expression.

    Raises:
        QueryError: it can't be read.
    """
    return check(expression).query


def check(expression: str) -> Checked:
    """Read an expression and warn of what is seldom meant.

    Raises:
        QueryError: it can't be read.
    """
    if len(expression) > MAX_LENGTH:
        sentence = f"The query has {len(expression)} characters; {MAX_LENGTH} are allowed. Part it into several watches."
        _refuse("query.too_long", sentence, MAX_LENGTH, len(expression), length=len(expression), most=MAX_LENGTH)
    reader = _Reader(_pieces(expression), len(expression))
    root = reader.whole()
    return Checked(Query(root), str(Query(root)), tuple(reader.warnings))


class _Reader:
    """Walk the pieces once, from left to right; depth is bounded, so recursion is."""

    def __init__(self, pieces: list[_Piece], length: int) -> None:
        self.pieces, self.length, self.at = pieces, length, 0
        self.warnings: list[Warned] = []

    def whole(self) -> Node:
        """Read everything as one query."""
        if not self.pieces:
            _refuse("query.empty", "The query is empty. Write the words to listen for.", 0, self.length)
        root = self._level(depth=0, opened=None)
        if self.at < len(self.pieces):
            piece = self.pieces[self.at]
            _refuse("query.unbalanced", "A bracket is closed that was never opened.", piece.start, piece.end)
        if not is_positive(root):
            sentence = "The query only says what must be absent. Add what must be present: other AND NOT this."
            _refuse("query.only_not", sentence, 0, self.length)
        return root

    def _peek(self) -> _Piece | None:
        return self.pieces[self.at] if self.at < len(self.pieces) else None

    def _level(self, *, depth: int, opened: _Piece | None) -> Node:
        """Read the parts between two brackets; they are joined by one kind of operator."""
        if depth > MAX_DEPTH and opened:
            sentence = f"More than {MAX_DEPTH} brackets stand within each other. Write the query flatter."
            _refuse("query.too_deep", sentence, opened.start, opened.end, most=MAX_DEPTH)
        parts = [self._part(depth, opened)]
        joined: _Piece | None = None
        while (piece := self._peek()) and piece.kind != ")":
            operator = self._operator(piece)
            joined = self._same(joined, operator)
            parts.append(self._part(depth, opened))
        return _join(parts, joined)

    def _operator(self, piece: _Piece) -> _Piece:
        if piece.kind in ("AND", "OR"):
            self.at += 1
            return piece
        if piece.kind == "NOT":
            return _Piece("AND", "NOT", piece.start, piece.end)
        sentence = "Two words follow each other without an operator; AND is understood. Write AND, or quote the phrase."
        self.warnings.append(Warned("query.implicit_and", sentence, piece.start, piece.end))
        return _Piece("AND", "", piece.start, piece.end)

    def _same(self, joined: _Piece | None, operator: _Piece) -> _Piece:
        if joined is not None and joined.kind != operator.kind:
            sentence = "AND and OR (or OR and NOT) are mixed without brackets. Put brackets around what belongs together."
            _refuse("query.mixed", sentence, operator.start, operator.end)
        return joined or operator

    def _part(self, depth: int, opened: _Piece | None) -> Node:
        negations = self._negations()
        node = self._operand(depth, opened)
        for _ in range(negations % 2):
            node = Not(node)
        following = self._peek()
        if negations and following and following.kind == "OR":
            sentence = "OR and NOT are mixed without brackets. Put brackets around what belongs together."
            _refuse("query.mixed", sentence, following.start, following.end)
        return node

    def _negations(self) -> int:
        """Count the NOTs before a part; one that follows OR needs brackets."""
        count = 0
        while (piece := self._peek()) and piece.kind == "NOT":
            if self.at and self.pieces[self.at - 1].kind == "OR":
                sentence = "OR and NOT are mixed without brackets. Put brackets around what belongs together."
                _refuse("query.mixed", sentence, piece.start, piece.end)
            self.at += 1
            count += 1
        return count

    def _operand(self, depth: int, opened: _Piece | None) -> Node:
        piece = self._peek()
        if piece is None or piece.kind in ("AND", "OR", ")"):
            self._no_operand(piece, opened)
        self.at += 1
        if piece.kind == "(":
            return self._brackets(piece, depth)
        if piece.kind == "phrase":
            return self._phrase(piece)
        if piece.kind == "field":
            return self._field(piece)
        return self._word(piece)

    def _no_operand(self, piece: _Piece | None, opened: _Piece | None) -> NoReturn:
        if piece is None and opened is not None:
            _refuse("query.unbalanced", "A bracket is never closed. Close it.", opened.start, opened.end)
        if piece is not None and piece.kind == ")" and opened is None:
            _refuse("query.unbalanced", "A bracket is closed that was never opened.", piece.start, piece.end)
        start, end = (piece.start, piece.end) if piece else (max(self.length - 1, 0), self.length)
        _refuse("query.no_operand", "An operator has nothing on one side. Write a word or a phrase there.", start, end)

    def _brackets(self, opened: _Piece, depth: int) -> Node:
        node = self._level(depth=depth + 1, opened=opened)
        closing = self._peek()
        if closing is None:
            _refuse("query.unbalanced", "A bracket is never closed. Close it.", opened.start, opened.end)
        self.at += 1
        return node

    def _phrase(self, piece: _Piece) -> Node:
        inner = piece.text[1:-1]
        if "*" in inner:
            sentence = "A star can't stand within a phrase. Write the phrase without it."
            _refuse("query.star_in_phrase", sentence, piece.start, piece.end)
        terms = _terms(inner)
        if not terms:
            _refuse("query.no_word", "There is no word between these quotation marks.", piece.start, piece.end)
        return terms[0] if len(terms) == 1 else Phrase(tuple(terms))

    def _field(self, piece: _Piece) -> Node:
        name, _, value = piece.text.partition(":")
        if name.lower() not in FIELDS:
            sentence = f"“{name}:” is not a field. The fields are space: and language:."
            _refuse("query.unknown_field", sentence, piece.start, piece.end, field=name)
        if not value:
            sentence = f"“{name}:” needs a value right after the colon."
            _refuse("query.no_value", sentence, piece.start, piece.end, field=name)
        return InSpace(value.lower()) if name.lower() == "space" else InLanguage(value.lower())

    def _word(self, piece: _Piece) -> Node:
        text = piece.text
        if text.startswith("*"):
            _refuse("query.leading_star", "A star can't come first. Write at least two letters before it.", piece.start, piece.end)
        prefix = text.endswith("*")
        body = text.rstrip("*")
        if "*" in body:
            sentence = "A star can only end a word here. Write the beginning of the word, then the star."
            _refuse("query.inner_star", sentence, piece.start, piece.end)
        terms = _terms(body)
        if not terms:
            _refuse("query.no_word", f"There is no letter, digit or emoji in “{text[:20]}”.", piece.start, piece.end, text=text[:20])
        if prefix:
            terms[-1] = self._prefix(terms[-1], piece)
        return terms[0] if len(terms) == 1 else Phrase(tuple(terms))

    def _prefix(self, term: Term, piece: _Piece) -> Term:
        if len(term.plain) < SHORT_PREFIX:
            sentence = "One letter before a star stands for too many words. Write at least two."
            _refuse("query.short_prefix", sentence, piece.start, piece.end)
        if len(term.plain) == SHORT_PREFIX:
            sentence = "Two letters before a star stand for thousands of words. Three or more are safer."
            self.warnings.append(Warned("query.two_letter_prefix", sentence, piece.start, piece.end))
        return Term(term.plain, term.exact, term.sign, prefix=True)


def _terms(text: str) -> list[Term]:
    terms = []
    for match in WORD.finditer(text):
        start = match.start()
        sign = text[start - 1] if start and text[start - 1] in "#@" else ""
        terms.append(Term(*fold(match.group()), sign))
    return terms


def _join(parts: list[Node], joined: _Piece | None) -> Node:
    if joined is None:
        return parts[0]
    return And(tuple(parts)) if joined.kind == "AND" else Or(tuple(parts))
