"""Sentences from a grammar, and the noise of people who type: a seeded generator makes both."""

import random
import re
import unicodedata
from collections.abc import Mapping, Sequence

Rules = Mapping[str, Sequence[str]]
"""Alternatives of each symbol; `{symbol}` is replaced, `[a|b|]` chooses one piece, maybe the empty one."""

_SYMBOL = re.compile(r"\{(\w+)\}")
_CHOICE = re.compile(r"\[([^\[\]]*\|[^\[\]]*)\]")

DEEPEST = 8
"""Replacements within replacements: rules do not call themselves, so less is enough."""


def expand(rng: random.Random, rules: Rules, text: str, names: Mapping[str, str]) -> str:
    """Replace every symbol and choice; `names` hold the symbols that this post fixes, such as the product."""
    for _ in range(DEEPEST):
        before = text
        text = _CHOICE.sub(lambda m: rng.choice(m.group(1).split("|")), text)
        text = _SYMBOL.sub(lambda m: names.get(m.group(1)) or rng.choice(rules[m.group(1)]), text)
        if text == before:
            break
    return _tidy(text)


def _tidy(text: str) -> str:
    text = re.sub(r"\s+", " ", text).strip()
    return re.sub(r" ([,.])", r"\1", text)


def sentence(text: str) -> str:
    """Begin with a capital and end with a stop, unless it ends with a sign already."""
    text = text[:1].upper() + text[1:]
    return text if text[-1:] in ".!?…)" else f"{text}."


_NEIGHBOURS = {
    "a": "zq", "e": "rz", "i": "uo", "o": "ip", "n": "b", "t": "ry", "s": "dq", "r": "et", "l": "km", "u": "yi", "m": "l",
}  # fmt: skip
"""Keys beside each other on French keyboards."""

SMS_FR = {"quelqu'un": "qqun", "pourquoi": "pk", "c'est": "c", "beaucoup": "bcp", "toujours": "tjrs", "vous": "vs", "que": "ke",
          "avec": "avc", "quand": "qd", "tout": "tt", "pas": "pa", "médecin": "medecin", "aujourd'hui": "ajd", "vraiment": "vrmt"}  # fmt: skip
SMS_EN = {"you": "u", "are": "r", "people": "ppl", "because": "bc", "though": "tho", "please": "pls", "really": "rly", "with": "w/",
          "about": "abt", "to be honest": "tbh", "don't": "dont", "I'm": "im"}  # fmt: skip


def typo(rng: random.Random, word: str) -> str:
    """Misspell a word as fingers do: swap, drop, double or hit the key beside."""
    if len(word) < 4:  # noqa: PLR2004 -- short words are typed right
        return word
    place = rng.randrange(1, len(word) - 1)
    kind = rng.randrange(4)
    if kind == 0:
        return word[:place] + word[place + 1] + word[place] + word[place + 2 :]
    if kind == 1:
        return word[:place] + word[place + 1 :]
    if kind == 2:  # noqa: PLR2004 -- the third of four
        return word[:place] + word[place] + word[place:]
    return word[:place] + rng.choice(_NEIGHBOURS.get(word[place], word[place])) + word[place + 1 :]


def without_accents(text: str) -> str:
    """Write as people do who never type an accent."""
    return "".join(c for c in unicodedata.normalize("NFD", text) if unicodedata.category(c) != "Mn")


def noisy(rng: random.Random, text: str, *, care: float, french: bool) -> str:
    """Type a text with more or less care: 1 is a journalist, 0 somebody on a bus."""
    words = text.split(" ")
    rate = 0.09 * (1 - care)
    words = [typo(rng, w) if w.isalpha() and rng.random() < rate else w for w in words]
    text = " ".join(words)
    if rng.random() < 0.5 * (1 - care):
        text = without_accents(text)
    if rng.random() < 0.6 * (1 - care):
        text = text.lower()
    if rng.random() < 0.35 * (1 - care):
        short = SMS_FR if french else SMS_EN
        text = " ".join(short.get(w, w) for w in text.split(" "))
    if rng.random() < 0.25 * (1 - care):
        text = text.replace("!", "!!!").replace("?", "??")
    if rng.random() < 0.02 * (1 - care):
        text = text.upper()
    if rng.random() < 0.3 * (1 - care):
        text = text.rstrip(".")
    return text
