"""What can be wrong with a query, and what is worth a word of warning: codes, sentences, advice."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from vigie.errors import SchemaError

Span = tuple[int, int]
"""First character and the one after the last, in code points."""


@dataclass(frozen=True, slots=True)
class Teaching:
    """A sentence and an advice, with `%(name)s` for the facts; message ids of the translations."""

    sentence: str
    advice: str


LONGEST_SHOWN = 40
"""Characters of an expression that a sentence repeats: the place is marked anyway."""

OURS = ("fields", "values", "example")
"""Facts that we say ourselves: what may be written instead."""

LONGEST_LIST = 110
"""Characters of such a list: a line of a terminal and a half; the nearest come first."""

ERRORS = {
    "query.empty": Teaching("The query is empty.", "Write at least one word to find."),
    "query.too_long": Teaching(
        "The query has %(characters)s characters; %(limit)s are allowed.", "Cut it into several watches."
    ),
    "query.too_deep": Teaching(
        "Brackets stand within more than %(limit)s other brackets.", "Take away brackets that change nothing."
    ),
    "query.mixed": Teaching(
        "“%(first)s” and “%(second)s” stand side by side without brackets, so this can be read in two ways.",
        "Put brackets around what belongs together: (a AND b) OR c, or a AND (b OR c).",
    ),
    "query.only_not": Teaching(
        "This would take every post in which something is missing.",
        "Say first what a post must hold, then NOT: doliprane NOT concours.",
    ),
    "query.double_not": Teaching("NOT stands before another NOT.", "Keep one of them, or none."),
    "query.bracket_open": Teaching("This bracket is never closed.", "Add “)” where the group ends."),
    "query.bracket_close": Teaching("This bracket was never opened.", "Add “(” where the group begins, or delete it."),
    "query.bracket_empty": Teaching("There is nothing between these brackets.", "Delete them, or write words in them."),
    "query.quote": Teaching("This quotation mark has no partner.", "Close the phrase, or delete the mark."),
    "query.phrase_empty": Teaching("There is no word in this phrase.", "Write words between the quotation marks."),
    "query.operand": Teaching(
        "“%(operator)s” has nothing on its %(side)s side.",
        "Write a word there; to find the word itself, put it in quotation marks.",
    ),
    "query.leading_star": Teaching(
        "A word can't begin with “%(sign)s”.",
        "Write the beginning of the word, and the sign after it: vaccin*, colo?r.",
    ),
    "query.star_place": Teaching(
        "This * does not belong to a word.", "Write it right after at least two letters, once: vaccin*, vac*tion."
    ),
    "query.prefix_short": Teaching(
        "One letter before * would find nearly everything.", "Write at least two letters, better four."
    ),
    "query.fuzzy": Teaching(
        "“~” after a word says how many letters may differ: 1 or 2.",
        'Write doliprane~1; for words near one another, "a b"~5.',
    ),
    "query.fuzzy_words": Teaching(
        "“%(found)s” is several words, so ~ can't say how many letters may differ.",
        'Write one word, or put quotation marks around them: "a b"~5.',
    ),
    "query.tilde": Teaching(
        "“~” stands right after a word, a quotation mark or a bracket.", 'Take the space away: "a b"~5, doliprane~1.'
    ),
    "query.near_number": Teaching(
        "“%(found)s” does not say how near.",
        "Write in whole numbers how many words may stand between: a NEAR/5 b, or a NEAR/5f b in order.",
    ),
    "query.near_far": Teaching("More than %(limit)s words between are no nearness.", "Write a smaller number, or AND."),
    "query.near_side": Teaching(
        "“%(found)s” on a side of NEAR: a side is words, phrases, or these joined by OR.",
        "Write AND, NOT and fields outside: (a NEAR/5 b) AND NOT c.",
    ),
    "query.near_many": Teaching(
        "More than %(limit)s words near one another can't be looked for at once.", "Write fewer, or join some by AND."
    ),
    "query.near_words": Teaching(
        "With three parts or more, each must be single words.",
        'Put phrases together by pairs: ("mal de tête" NEAR/5 doliprane) AND fièvre.',
    ),
    "query.near_joined": Teaching("~ after brackets needs parts joined by AND.", "Write (a AND b)~5."),
    "query.cased": Teaching("This brace has no partner.", "Write {BT} for a word with these very capitals."),
    "query.cased_empty": Teaching("There is no word between these braces.", "Write {BT}, without * or ?."),
    "query.comment": Teaching("This comment never ends.", "Write >>> where it ends."),
    "query.zone": Teaching(
        "“%(found)s” can't stand within “%(zone)s:”.", "Write words, phrases and NEAR there; fields stand outside."
    ),
    "query.field": Teaching(
        "“%(field)s:” is not something that a query can test.",
        "The fields are %(fields)s. To find the words themselves, put them in quotation marks.",
    ),
    "query.field_value": Teaching(
        "“%(field)s:” needs its value right after the colon.", "Write for instance %(example)s."
    ),
    "query.field_form": Teaching("“%(value)s” is not a value of “%(field)s:”.", "Write for instance %(example)s."),
    "query.one_of": Teaching("“%(value)s” is not a value of “%(field)s:”.", "Write one of: %(values)s."),
    "query.author_star": Teaching(
        "“%(field)s:” takes no * and no ?: names are kept as keyed hashes.", "Write the whole name, or make a list."
    ),
    "query.range": Teaching(
        "“%(field)s:” needs two numbers, or one.", "Write for instance %(example)s; * is no bound."
    ),
    "query.range_backwards": Teaching(
        "The range of “%(field)s:” runs backwards: %(low)s is more than %(high)s.", "Write the smaller number first."
    ),
    "query.range_limits": Teaching("“%(field)s:” goes from %(low)s to %(high)s.", "Write numbers between these."),
    "query.label_later": Teaching(
        "“%(field)s:” asks for what drug safety decides; queries can't ask for that yet.",
        "Take it out; drug:, reaction: and who: ask for what a post says.",
    ),
    "query.labels_alone": Teaching(
        "Labels are read of posts that words have found: by its labels alone, this would keep every post that comes.",
        "Join the labels by AND to words, a site or a space that every post must have.",
    ),
    "query.label_here": Teaching(
        "“%(field)s:” asks for a label, and what is asked here has none.",
        "Take it out; watches can ask for labels.",
    ),
    "query.colon": Teaching(
        "There is a space before this colon.", "Write the field and its value together: title:rappel."
    ),
    "query.language_value": Teaching(
        "“%(value)s” is not the code of a language.", "Write two or three letters: language:fr, language:en."
    ),
    "query.country_value": Teaching(
        "“%(value)s” is not the code of a country.", "Write two or three letters: country:fr, country:fra."
    ),
    "query.no_word": Teaching("There is no word in “%(found)s”.", "Delete it, or write AND, OR, NOT in capitals."),
    "query.sign": Teaching(
        "“%(sign)s” before a word means nothing here.", "To exclude a word write NOT; to require it, AND."
    ),
    "query.dialect": Teaching(
        "“%(found)s” of %(dialect)s has no exact meaning here.", "Take it out, or say it in words of this language."
    ),
    "query.dialect_out": Teaching("%(dialect)s can't say “%(found)s”.", "Take it out before you copy the query there."),
    "query.dialect_word": Teaching(
        "In %(dialect)s, “%(found)s” is no operator, and is not taken for a word either.",
        "Write a space for AND and - for NOT; to find the word itself, put it in quotation marks.",
    ),
    "query.dialect_moves": Teaching(
        "With three words or more, %(dialect)s counts moves of words; nearness here counts the words between.",
        "Write two words, or join them by AND.",
    ),
    "query.dialect_signs": Teaching(
        "“%(found)s” asks for signs, and words here are letters and digits.",
        "Leave the signs out; # and @ before a word count.",
    ),
    "query.dialect_parts": Teaching(
        "“%(found)s” does not say where the word can be written apart.", "Write car-sharing~ for both spellings."
    ),
    "query.x_alone": Teaching(
        "X takes no query without a word, a tag, an address or an account.", "Add one of these to what must hold."
    ),
    "query.side_by_side": Teaching(
        "%(dialect)s does not say how these are joined when no operator stands between them.",
        "Write AND or OR between them, or put quotation marks around a phrase.",
    ),
    "query.not_yet": Teaching(
        "“%(found)s” is not part of the query language yet.",
        "Take it out, or put it in quotation marks to find the word itself.",
    ),
}
"""Why a query is refused, by code."""

WARNINGS = {
    "query.implicit_and": Teaching(
        "Both of these must be there: AND was put between them.",
        "Write AND, or put quotation marks around a phrase.",
    ),
    "query.near_single": Teaching(
        "One word is near nothing: ~ changes nothing here.", "Write two words, or take ~ out."
    ),
    "query.useless_brackets": Teaching("These brackets change nothing.", "Take them out."),
    "query.fuzzy_short": Teaching(
        "In a short word, so many other letters make other words.", "Write ~1 from four letters on, ~2 from six."
    ),
    "query.no_data": Teaching(
        "No source says “%(field)s:” of its posts, so this test never holds.", "Take it out, or keep it for later."
    ),
    "query.prefix_two": Teaching("Two letters before * find a great many words.", "Write more letters if you can."),
    "query.operator_word": Teaching(
        "“%(found)s” is a word to find here, no operator.", "Write the operators in capitals: AND, OR, NOT, NEAR/5."
    ),
    "query.signs_dropped": Teaching(
        "“%(found)s” is looked for without “%(signs)s”: words here are letters and digits.",
        "Add words that go with it, or expect posts that hold the letters alone.",
    ),
    "query.end_mark": Teaching(
        "“%(found)s” finds longer words than “%(word)s” alone: each ? is exactly one more letter.",
        "Take it out if it is a question mark.",
    ),
    "query.weight": Teaching("This weight only orders what is shown there.", "It changes nothing of what is found."),
    "query.x_limit": Teaching(
        "X takes %(limit)s characters in some of its plans, and these are %(characters)s.",
        "Cut the query, or use a larger plan.",
    ),
    "query.precedence": Teaching(
        "%(dialect)s joins by NOT first, then by AND, then by OR: brackets were put here.",
        "Read the normal form, and write the brackets yourself if it is not what is meant.",
    ),
    "query.accents_off": Teaching(
        "%(dialect)s takes no notice of accents: they were taken off here.",
        "Put them back if only this spelling is meant.",
    ),
    "query.accents_there": Teaching(
        "%(dialect)s takes no notice of accents: it finds the other spellings too.", "Expect more posts from there."
    ),
    "query.signs_there": Teaching(
        "The signs within an address are not kept: it is written as its words.",
        "Put them back if %(dialect)s does not find it.",
    ),
    "query.links_there": Teaching(
        "%(dialect)s looks for “links:” in posts of X alone.", "Expect fewer posts from there."
    ),
    "query.simple_near": Teaching(
        "Without an operator, %(dialect)s looks for words near one another.",
        "Write AND between them if they may stand anywhere.",
    ),
    "query.simple_capitals": Teaching(
        "%(dialect)s reads a word in capitals alone as these very capitals.",
        "Write it in small letters if any will do.",
    ),
    "query.no_list": Teaching(
        "There is no open list “%(name)s” here, so this test never holds.",
        "Look its name up on the page of the lists, or add it there.",
    ),
    "query.no_category": Teaching(
        "There is no open category “%(name)s” here, so this test never holds.",
        "Look its name up on the page of the categories, or add it there.",
    ),
    "query.no_space": Teaching(
        "There is no space “%(name)s” here, so this test never holds.",
        "Look its short name up on the page of the spaces.",
    ),
    "query.language_alone": Teaching(
        "Without a word to find, this takes every post of a language.", "Add words, or a space."
    ),
}
"""What is understood, and may not be what was meant, by code."""


class QueryError(SchemaError):
    """A query can't be read; says where, why and how to mend it.

    `start` and `end` are code points of the expression; `advice` is a sentence.
    """

    def __init__(self, code: str, at: Span, **facts: str | int | float) -> None:
        teaching = ERRORS[code]
        facts = {
            name: (_listed if name in OURS else _shown)(value) if isinstance(value, str) else value
            for name, value in facts.items()
        }
        super().__init__(teaching.sentence % facts, code=code, facts={**facts, "start": at[0], "end": at[1]})
        self.start, self.end = at
        self.advice = teaching.advice % facts

    def marked_from(self, start: int) -> "QueryError":
        """Return this fault without what is marked before a place: what was read there was put in by us."""
        facts = {name: value for name, value in self.facts.items() if name not in ("start", "end")}
        return QueryError(self.code, (max(self.start, start), self.end), **facts)


def _shown(piece: str) -> str:
    """Return a piece of an expression short and without what a terminal would obey."""
    if len(piece) <= LONGEST_SHOWN and piece.isprintable():
        return piece
    clean = "".join(c if c.isprintable() else "�" for c in piece[: LONGEST_SHOWN + 1])
    return clean if len(clean) <= LONGEST_SHOWN else f"{clean[:LONGEST_SHOWN]}…"


def _listed(names: str) -> str:
    """Return a list of ours, cut between two names where it is long."""
    return names if len(names) <= LONGEST_LIST else f"{names[:LONGEST_LIST].rpartition(', ')[0]}…"


@dataclass(frozen=True, slots=True)
class Warned:
    """Something understood that may not be what was meant."""

    code: str
    sentence: str
    advice: str
    start: int
    end: int
    facts: Mapping[str, str | int] = field(default_factory=dict, compare=False, hash=False)
    """What the sentence names, for another language."""


def warned(code: str, at: Span, **facts: str | int) -> Warned:
    """Return the warning of a code at a place."""
    teaching = WARNINGS[code]
    facts = {name: _shown(value) if isinstance(value, str) else value for name, value in facts.items()}
    return Warned(code, teaching.sentence % facts, teaching.advice % facts, *at, facts)
