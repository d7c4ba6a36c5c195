"""The marks of fingers: what typing in a hurry does to a sentence. Each writer keeps their habits."""

import re
import unicodedata
from functools import cache

from vigie.demo.grammar import Draw

NEIGHBOURS = {
    "a": "zq", "e": "rz", "i": "uo", "o": "ip", "n": "b", "t": "ry", "s": "dq", "r": "et", "l": "km", "u": "yi", "m": "l", "d": "sf", "p": "o", "c": "xv",
}  # fmt: skip
"""Keys beside each other on French keyboards."""

SMS_FR = {
    "quelqu'un": "qqn", "pourquoi": "pk", "c'est": "c", "beaucoup": "bcp", "toujours": "tjrs", "vous": "vs", "que": "ke", "avec": "avc", "quand": "qd", "tout": "tt",
    "aujourd'hui": "ajd", "vraiment": "vrmt", "qui": "ki", "j'ai": "g", "bonjour": "bjr", "pharmacie": "pharma", "merci": "mci", "depuis": "dps", "mais": "ms", "rendez-vous": "rdv",
    "dans": "ds", "pas": "pa", "comme": "cm", "plus": "+", "semaines": "sem", "quoi": "koi", "suis": "sui",
}  # fmt: skip
SMS_EN = {
    "you": "u", "are": "r", "people": "ppl", "because": "bc", "though": "tho", "please": "pls", "really": "rly", "with": "w/", "about": "abt", "don't": "dont", "I'm": "im",
    "weeks": "wks", "without": "w/o", "months": "mths", "your": "ur", "and": "&", "what": "wat", "doctor": "dr", "pharmacy": "pharm", "before": "b4", "just": "jst",
}  # fmt: skip
"""What messages by thumb make of common words."""

SLIPS_FR = (
    ("à ", "a "),
    ("ça ", "sa "),
    ("c'est", "ces"),
    ("j'ai", "jai"),
    ("c'est", "cest"),
    ("qu'on", "quon"),
    ("n'ai", "nai"),
    ("é ", "er "),
    (" ne ", " "),
    (" n'", " "),
)
SLIPS_EN = (
    ("I'm", "Im"),
    ("it's", "its"),
    ("don't", "dont"),
    ("their", "there"),
    ("your", "you're"),
    ("can't", "cant"),
    ("I've", "Ive"),
    ("that's", "thats"),
    ("too ", "to "),
)
"""Common faults of spelling, right and wrong; doing away with French `ne` is plain speech."""

TYPO_CARE, LOWER_CARE, PLAIN_CARE, SMS_CARE = 0.8, 0.42, 0.3, 0.14
"""Below such care people make typing errors, write no capitals, no accents, and in the short forms of messages."""

_OPEN_SPACE = re.compile(r" (?=[?!:])")


def typed(text: str, draw: Draw, *, care: float, french: bool) -> str:
    """Type a text with more or less care: 1 is print, 0 somebody on a bus."""
    if care < SMS_CARE:
        text = _short(text, SMS_FR if french else SMS_EN, draw)
    if care < TYPO_CARE and draw() < 0.9 - care:
        text = _slipped(text, draw, french=french)
    if care < PLAIN_CARE and draw() < 0.7:  # noqa: PLR2004 -- most of the time
        text = plain(text)
    if care < LOWER_CARE:
        text = text.lower() if draw() < 0.6 else text  # noqa: PLR2004 -- more often than not
        text = _OPEN_SPACE.sub("", text) if draw() < 0.5 else text  # noqa: PLR2004 -- one time in two
    return _loud(text, draw) if care < TYPO_CARE else text


def _loud(text: str, draw: Draw) -> str:
    """Raise the voice now and then, and forget the last stop."""
    chance = draw()
    if chance < 0.012:  # noqa: PLR2004 -- one in eighty shouts
        return text.upper()
    if chance < 0.06:  # noqa: PLR2004 -- one in twenty leans on the key
        return text.replace("!", "!!!").replace("?", "???")
    return text[:-1] if chance < 0.45 and text.endswith(".") and not text.endswith("..") else text  # noqa: PLR2004 -- nearly one in two


def _short(text: str, forms: dict[str, str], draw: Draw) -> str:
    return " ".join([forms.get(w, w) if draw() < 0.75 else w for w in text.split(" ")])  # noqa: PLR2004 -- not every time


def _slipped(text: str, draw: Draw, *, french: bool) -> str:
    slips = SLIPS_FR if french else SLIPS_EN
    right, wrong = slips[int(draw() * len(slips))]
    text = text.replace(right, wrong, 1)
    words = text.split(" ")
    for _ in range(1 + (len(words) > 30)):  # noqa: PLR2004 -- one error per message, two in a long one
        at = int(draw() * len(words))
        words[at] = _typo(words[at], draw)
    return " ".join(words)


def _typo(word: str, draw: Draw) -> str:
    """Misspell a word as fingers do: swap, drop, double or hit the key beside."""
    kind, spot = draw(), draw()
    if len(word) < 5 or not word.isalpha():  # noqa: PLR2004 -- short words are typed right; addresses are pasted
        return word
    at = 1 + int(spot * (len(word) - 2))
    if kind < 0.3:  # noqa: PLR2004 -- swapped
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    if kind < 0.6:  # noqa: PLR2004 -- dropped
        return word[:at] + word[at + 1 :]
    if kind < 0.8:  # noqa: PLR2004 -- doubled
        return word[:at] + word[at] + word[at:]
    return word[:at] + NEIGHBOURS.get(word[at], word[at])[0] + word[at + 1 :]


@cache
def _accents() -> dict[int, str]:
    letters = "àâäéèêëîïôöùûüçÀÂÉÈÊËÎÏÔÙÛÜÇ"
    table = {ord(c): unicodedata.normalize("NFD", c)[0] for c in letters}
    return table | {ord("œ"): "oe", ord("’"): "'"}


def plain(text: str) -> str:
    """Write as people do who never type an accent."""
    return text.translate(_accents())
