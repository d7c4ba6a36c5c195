"""What a page calls the pieces, facts and rules that made a label."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from vigie.enrich.comparing import Verdict
from vigie.enrich.reasons import Piece, PieceKind, Rule
from vigie.enrich.tone import LISTS

PIECES: Mapping[str, Promise] = {
    PieceKind.WORD: gettext_lazy("word"),
    PieceKind.PAIR: gettext_lazy("word after another"),
    PieceKind.LETTERS: gettext_lazy("letters in a row"),
    PieceKind.FACT: gettext_lazy("counted over the text"),
}

RULES: Mapping[str, Promise] = {
    Rule.CARE: gettext_lazy(
        "Illness or care is named, and what is left speaks too little of a complaint: neutral, by rule. A symptom is not a negative tone."
    ),
    Rule.FEW_LETTERS: gettext_lazy("Fewer than six letters: the language is not determined, by rule."),
    Rule.UNSURE: gettext_lazy(
        "The most probable language is not probable enough for so short a text: not determined, by rule."
    ),
    Rule.SCRIPT: gettext_lazy("Letters that the most probable language does not have decide, by rule."),
}

OF_LISTS: Mapping[str, Promise] = {
    "ups": gettext_lazy("%(list)s: words it calls good"),
    "downs": gettext_lazy("%(list)s: words it calls bad"),
    "last": gettext_lazy("%(list)s: the last word that it rates"),
    "peak": gettext_lazy("%(list)s: the strongest word"),
    "sum": gettext_lazy("%(list)s: good less bad"),
    "later": gettext_lazy("%(list)s: the same, after a “but”"),
}

FACTS: Mapping[str, Promise] = {
    "pictures": gettext_lazy("emoji: mean"), "smiles": gettext_lazy("emoji: glad ones"),
    "frowns": gettext_lazy("emoji: sad ones"), "last_picture": gettext_lazy("emoji: the last one"),
    "shouts": gettext_lazy("exclamation marks"), "asks": gettext_lazy("question marks"), "dots": gettext_lazy("dots of suspension"),
    "links": gettext_lazy("links"), "names": gettext_lazy("names of accounts"), "tags": gettext_lazy("hashtags"),
    "capitals": gettext_lazy("share of capitals"), "drawn_out": gettext_lazy("drawn-out words"),
    "turned": gettext_lazy("share of words under a negation"), "words": gettext_lazy("number of words"),
    "quotes": gettext_lazy("quotation marks"), "digits": gettext_lazy("digits"),
    "family_ups": gettext_lazy("words like those called good"), "family_downs": gettext_lazy("words like those called bad"),
    "family_sum": gettext_lazy("words like those: good less bad"),
}  # fmt: skip


def piece_text(piece: Piece, language: str) -> str:
    """Return a piece as a page shows it: what was read, or what was counted."""
    if piece.kind is PieceKind.FACT:
        return fact(piece.text, language)
    text = piece.text.replace("<link>", _("(link)")).replace("<@>", _("(name of an account)")).strip()
    return f"{text} × {piece.times}" if piece.times > 1 else text


def fact(name: str, language: str) -> str:
    """Return what a fact is called; those of lexicons bear the list's name."""
    if name in FACTS:
        return str(FACTS[name])
    book, _sign, part = name.removeprefix("list").partition("_")
    lists = list(LISTS.get(language, ()))
    return str(OF_LISTS[part]) % {"list": lists[int(book) - 1].removesuffix(".tsv") if lists else name}


VERDICTS: Mapping[str, Promise] = {
    Verdict.BETTER: gettext_lazy("Better: more corrections told right, and not worse on public sets."),
    Verdict.BETTER_HERE: gettext_lazy("Better on corrections; elsewhere it was not measured."),
    Verdict.SAME: gettext_lazy("No difference that chance could not make, or a loss elsewhere that may be one."),
    Verdict.WORSE: gettext_lazy("Worse: the model before it told more right."),
}
