"""What each product's own words are in ours (sources: their help pages on operators, as listed in the how-to)."""

import re
from dataclasses import replace

from vigie.match.dialects.rewrite import OPERATORS, Piece, Say, bracketed, pieces, refused, rewritten, said
from vigie.match.faults import QueryError, Warned, warned
from vigie.match.fields import FIELDS
from vigie.match.lexer import MAX_CHARACTERS, QUOTES
from vigie.match.parser import Query, parse

OURS = frozenset({"space", "spacekind", "list", "network"})
"""Fields that no other product has."""

LABELS = frozenset(rule.name for rule in FIELDS.values() if rule.kind == "label")

MELTWATER_NEAR = 4
"""Words of a NEAR without a number (Meltwater's help on Boolean operators: up to four words apart)."""

X_PROXIMITY = 6
"""Greatest N of "a b"~N (X API documentation, filtered stream)."""

_FIELD = re.compile(r"([A-Za-z_]\w*):(.*)", re.DOTALL)
_PHRASE = re.compile(rf"[{QUOTES}]([^{QUOTES}]*)[{QUOTES}](.*)", re.DOTALL)


def _brandwatch(piece: Piece) -> list[Piece]:
    """Read Brandwatch Consumer Research: our language is its, but for what is ours alone."""
    field = _FIELD.fullmatch(piece.text)
    if not field:
        return [piece]
    name, value = field.group(1), field.group(2)
    if name == "raw":
        word = _PHRASE.fullmatch(value)
        return said(piece, f"{{{word.group(1) if word else value}}}")
    if name.lower() in OURS or name.lower() in LABELS:
        raise refused(piece, "Brandwatch", f"{name}:")
    return [piece]


def _talkwalker(piece: Piece) -> list[Piece]:
    """Read Talkwalker: `-` excludes, ONEAR is in order, a star only ends a word."""
    text = piece.text
    if text == "-":
        return said(piece, "NOT")
    if text.startswith("-") and len(text) > 1:
        return [*said(piece, "NOT"), *_talkwalker(Piece(text[1:], (piece.at[0] + 1, piece.at[1])))]
    if near := re.fullmatch(r"(O?)NEAR/(\d+)", text):
        return said(piece, f"NEAR/{near.group(2)}{'f' if near.group(1) else ''}")
    if re.fullmatch(r"\w+~0", text):
        return said(piece, text[:-2])
    if text.endswith("~") or "*" in text[:-1] or re.search(r"[{}]|^raw:|^sentence", text):
        raise refused(piece, "Talkwalker")
    return _renamed(piece, {"lang": "language", "domain_url": "site"}, "Talkwalker")


def _meltwater(piece: Piece) -> list[Piece]:
    """Read Meltwater: operators in any letters, NEAR alone is four words, ^n only orders what is shown."""
    text = piece.text
    if text.upper() in OPERATORS:
        return said(piece, text.upper())
    if near := re.fullmatch(r"(O?)NEAR(?:/(\d+))?", text, re.IGNORECASE):
        return said(piece, f"NEAR/{near.group(2) or MELTWATER_NEAR}{'f' if near.group(1) else ''}")
    if weight := re.fullmatch(r"(.+)\^\d+", text):
        return _meltwater(Piece(weight.group(1), piece.at))
    if re.search(r"[{}]|~", text):
        raise refused(piece, "Meltwater")
    return _renamed(piece, {}, "Meltwater", known=("title", "language", "country", "site", "url", "author"))


X_SAID = {
    "is:retweet": "engagementType:repost", "is:reply": "engagementType:reply", "is:quote": "engagementType:quote",
    "is:verified": "authorVerified:true",
}  # fmt: skip
"""Tests of X that have an equal here."""


def _x(piece: Piece) -> list[Piece]:
    """Read X: a space is AND, `-` excludes."""
    text = piece.text
    if text == "-":
        return said(piece, "NOT")
    if text.startswith("-") and len(text) > 1:
        return [*said(piece, "NOT"), *_x(Piece(text[1:], (piece.at[0] + 1, piece.at[1])))]
    if text in X_SAID:
        return said(piece, X_SAID[text])
    if text in ("AND", "NOT") or re.search(r"[*{}]|\?$|^NEAR/", text):
        raise refused(piece, "X")
    field = _FIELD.fullmatch(text)
    if not field:
        return _x_words(piece)
    name, value = field.group(1), field.group(2)
    if name == "to":
        return said(piece, "(", "engagementType:reply", "AND", f"engagingWith:{value}", ")")
    if name == "followers_count" and (bounds := re.fullmatch(r"(\d+)(?:\.\.(\d+))?", value)):
        return said(piece, f"authorFollowers:[{bounds.group(1)} TO {bounds.group(2) or '*'}]")
    names = {"from": "author", "lang": "language", "url": "links"}
    return _renamed(piece, names, "X", known=())


def _x_words(piece: Piece) -> list[Piece]:
    near = re.search(r"~(\d+)$", piece.text)
    if near and (piece.text[0] not in QUOTES or int(near.group(1)) > X_PROXIMITY):
        raise refused(piece, "X")
    return [piece]


def _renamed(
    piece: Piece,
    names: dict[str, str],
    dialect: str,
    known: tuple[str, ...] = ("title", "site", "url", "author", "country"),
) -> list[Piece]:
    """Return a test under our name for it; one of another name is refused by it."""
    field = _FIELD.fullmatch(piece.text)
    if not field:
        return [piece]
    name = field.group(1)
    if name.lower() not in names and name.lower() not in known:
        raise refused(piece, dialect, f"{name}:")
    return said(piece, f"{names.get(name.lower(), name)}:{field.group(2)}")


DIALECTS: dict[str, Say] = {"brandwatch": _brandwatch, "talkwalker": _talkwalker, "meltwater": _meltwater, "x": _x}
"""How each product's pieces are said in ours, by name."""

AND_FIRST = frozenset({"meltwater", "x"})
"""Dialects whose help says that AND binds before OR; in the others a mixture is refused, as by Brandwatch's own checks."""

EXCUSED = {"x": {"query.implicit_and"}, "meltwater": {"query.useless_brackets"}}
"""Warnings about what is usual in a dialect."""


def parse_dialect(expression: str, dialect: str) -> Query:
    """Read an expression written for another product.

    Raises:
        QueryError: it can't be read in exactly one way, or a part has no exact meaning here; places are those of the
            expression given.
    """
    if len(expression) > MAX_CHARACTERS:
        return parse(expression)
    say = DIALECTS[dialect]
    found = [ours for piece in pieces(expression) for ours in say(piece)]
    ours = rewritten(bracketed(found) if dialect in AND_FIRST else found)
    try:
        query = parse(ours.text)
    except QueryError as error:
        error.start, error.end = ours.theirs((error.start, error.end))
        error.facts |= {"start": error.start, "end": error.end}
        raise
    excused = EXCUSED.get(dialect, set()) | {"query.useless_brackets"}
    kept = [_placed(w, ours.theirs((w.start, w.end))) for w in query.warnings if w.code not in excused]
    weights = [piece for piece in pieces(expression) if dialect == "meltwater" and re.search(r"\^\d+$", piece.text)]
    kept += [warned("query.weight", piece.at) for piece in weights]
    return Query(query.root, tuple(sorted(kept, key=lambda w: w.start)))


def _placed(warning: Warned, at: tuple[int, int]) -> Warned:
    return replace(warning, start=at[0], end=at[1])
