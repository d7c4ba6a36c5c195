"""Write a query for X."""

import unicodedata
from itertools import product

from vigie.match.dialects.sheet import Sheet, Written
from vigie.match.dialects.x import ANSWERS, KINDS, MOST_WORDS_BETWEEN, NAME_OF_ACCOUNT
from vigie.match.faults import QueryError, Warned, warned
from vigie.match.parser import Query
from vigie.match.tree import And, Field, In, Leaf, Near, Node, Not, Or, Phrase, Range, Term, Word, demands
from vigie.text import words

LENGTHS = (512, 1_024, 4_096)
"""Characters of a query: of recent posts by self-serve plans, of the archive, by enterprise plans (“Build a query”)."""

SAID = {name: kind for kind, name in KINDS.items()}
ANSWERED = {kind: name for name, kind in ANSWERS.items()}


def for_x(query: Query) -> Written:
    """Write a query for X.

    Raises:
        QueryError: it can't say a part, or the query holds nothing that X takes by itself.
    """
    sheet = Sheet("X")
    text, _ = _x(query.root, sheet)
    if not demands(query.root, of=_is_standalone):
        raise QueryError("query.x_alone", (0, 0))
    return Written(text, (*sheet.said.values(), *_too_long(text)))


def _is_standalone(one: Leaf) -> bool:
    """Say whether X takes a part by itself; tests of the kind of post, of language and of followers it does not."""
    return not isinstance(one, Range) and not (isinstance(one, Field) and one.name not in ("author", "engagingWith"))


def _too_long(text: str) -> list[Warned]:
    over = [limit for limit in LENGTHS if len(text) > limit]
    return [warned("query.x_limit", (0, 0), characters=len(text), limit=over[-1])] if over else []


def _x(node: Node, sheet: Sheet) -> tuple[str, str]:
    """Return a part in X's words, and what joins it: AND, OR, or nothing."""
    match node:
        case And(children):
            return _all(list(children), sheet)
        case Or(children):
            pair = _moves(children)
            return (pair, "") if pair else (" OR ".join(_in_brackets(child, "AND", sheet) for child in children), "OR")
        case Not(Or(children)) if _moves(children) is None:
            # X advises against - before brackets.
            return " ".join(_without(child, sheet) for child in children), "AND"
        case Not(child):
            return _without(child, sheet), ""
        case Near():
            return _near(node, sheet)
        case _:
            return _leaf(node, sheet), ""


def _leaf(node: Node, sheet: Sheet) -> str:
    match node:
        case Range("authorFollowers", low, high):
            return f"followers_count:{low or 0:.0f}" + ("" if high is None else f"..{high:.0f}")
        case Field():
            return _field(node, sheet)
        case In("links", what):
            return _link(node, what, sheet)
        case Phrase() | Word():
            return _words(node, sheet)
        case _:
            raise sheet.refused(node)


def _in_brackets(child: Node, joint: str, sheet: Sheet) -> str:
    text, its = _x(child, sheet)
    return f"({text})" if its and its in joint else text


def _without(child: Node, sheet: Sheet) -> str:
    text = _in_brackets(child, "AND OR", sheet)
    return text.removeprefix("-") if text.startswith("-") else f"-{text}"


def _all(children: list[Node], sheet: Sheet) -> tuple[str, str]:
    """Write what must all hold; whom a post answers and that it does are one test of X, and all its posts are of X."""
    rest = [child for child in children if child != Field("network", "x")] or children
    kinds = [one for one in rest if isinstance(one, Field) and one.name == "engagementType" and one.value in ANSWERED]
    whom = [one for one in rest if isinstance(one, Field) and one.name == "engagingWith"]
    texts = []
    if len(kinds) == len(whom) == 1:
        rest = [one for one in rest if one not in (*kinds, *whom)]
        texts = [f"{ANSWERED[kinds[0].value]}:{_name(whom[0], sheet)}"]
    if len(rest) == 1 and not texts:
        return _x(rest[0], sheet)
    texts += [_in_brackets(child, "OR", sheet) for child in rest]
    return " ".join(texts), "AND" if len(texts) > 1 else ""


def _words(node: Word | Phrase, sheet: Sheet) -> str:
    """Write a word or phrase. Quotation marks make X drop the signs within, so a sign stands outside or not at all."""
    parts = node.parts if isinstance(node, Phrase) else (node,)
    forms = [_form(part, sheet) for part in parts]
    if forms[0] == "$" and len(forms) == 2:  # noqa: PLR2004 -- the sign of a share and its name
        return "".join(forms)
    if any(not _is_word(form.lstrip("#@")) for form in forms) or (len(forms) > 1 and any(f[0] in "#@" for f in forms)):
        raise sheet.refused(node)
    plain = len(forms) == 1 and forms[0].lower() not in ("and", "or", "not") and "'" not in forms[0]
    return forms[0] if plain else f'"{" ".join(forms)}"'


def _form(part: Term, sheet: Sheet) -> str:
    if not isinstance(part, Word):
        raise sheet.refused(part)
    folded = words.fold(part.form)
    if folded.exact != folded.plain and any(c.isalpha() for c in part.form):
        sheet.warn("query.accents_there", part.at)
    return part.form


def _is_word(form: str) -> bool:
    """Say whether X takes it for a word too: it has a letter or digit, or is a picture, and is no sign of money or rate."""
    return any(c.isalnum() or unicodedata.category(c) == "So" for c in form)


def _near(node: Near, sheet: Sheet) -> tuple[str, str]:
    """Write words near one another.

    For X, "a b"~n is a before b with n words between, or b before a with n - 2: the other order is written too, and order
    is kept up to a distance of 1.
    """
    most = 1 if node.in_order else MOST_WORDS_BETWEEN
    if len(node.sides) != 2 or node.distance > most:  # noqa: PLR2004 -- pairs
        raise sheet.refused(node)
    texts = []
    for one, other in product(*node.sides):
        if not isinstance(one, Word) or not isinstance(other, Word):
            raise sheet.refused(node)
        ways = [(one, other)] if node.in_order else [(one, other), (other, one)]
        texts += [_pair(Phrase((a, b), node.at), node.distance, sheet) for a, b in ways]
    return " OR ".join(texts), "OR" if len(texts) > 1 else ""


def _pair(pair: Phrase, distance: int, sheet: Sheet) -> str:
    text = _words(pair, sheet)
    if not text.startswith('"'):
        raise sheet.refused(pair)
    return f"{text}~{distance}" if distance else text


def _moves(children: tuple[Node, ...]) -> str | None:
    """Return what is read from X's "a b"~n as the same again."""
    match children:
        case (Near(((Word() as a,), (Word() as b,)), n, True), Near(((c,), (d,)), m, True)):
            if (a, b, n - 2) == (d, c, m) and n <= MOST_WORDS_BETWEEN and "#" not in f"{a}{b}" and "@" not in f"{a}{b}":
                return f'"{a} {b}"~{n}'
    return None


def _link(node: In, what: object, sheet: Sheet) -> str:
    if isinstance(what, Word) or (isinstance(what, Phrase) and all(isinstance(part, Word) for part in what.parts)):
        return f'url:"{str(what).strip(chr(34))}"'
    raise sheet.refused(node)


def _field(node: Field, sheet: Sheet) -> str:
    match node.name, node.value:
        case "engagementType", kind:
            return f"is:{SAID[kind]}"
        case "authorVerified", value:
            return "is:verified" if value == "true" else "-is:verified"
        case "language", value if len(value) == 2 or value == "und":  # noqa: PLR2004 -- ISO 639-1
            return f"lang:{value}"
        case "author", _:
            return f"from:{_name(node, sheet)}"
        case _:
            raise sheet.refused(node)


def _name(node: Field, sheet: Sheet) -> str:
    """Return the name of an account, if it can be one of X."""
    name = node.value
    if name.isdecimal() or not NAME_OF_ACCOUNT.fullmatch(name):
        raise sheet.refused(node)
    return name
