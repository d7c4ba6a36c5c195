"""Queries from names alone: what somebody types of their company becomes watches that they may mend. All pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from vigie.schema.vocab import Purpose
from vigie.text.words import words

SHORT = 3
"""Letters up to which a name in capitals is asked for with its capitals: `BT` is a company, `bt` is anything."""

FEWEST_OF_PLURAL = 4
"""Letters from which a product's name is asked for in the plural too: people say “des dolipranes”."""


@dataclass(frozen=True, slots=True)
class Idea:
    """A watch to propose."""

    key: str
    """What tells it from the others of one plan."""
    name: str
    brand: str
    """The brand of ours that it works for."""
    purpose: str
    subject: str
    """Whom it speaks of: a brand of ours or a competitor."""
    expression: str


def expression_for(name: str, *, plural: bool = False) -> str:
    """Return the query that finds a name; nothing when it holds no word.

    Accents: asked for without, so that both spellings are found. Elisions: the words of a text are cut after `l'`, so
    they need nothing. A name of several words is a phrase, and one word as in hashtags and handles.
    """
    cut = [word.plain for word in words(name)]
    if not cut:
        return ""
    if len(cut) > 1:
        joined = "".join(word for word in cut if word.isalnum())
        return f'"{" ".join(cut)}" OR {joined}' if joined.isalpha() else f'"{" ".join(cut)}"'
    one = cut[0]
    if len(one) <= SHORT and name.strip().isupper() and name.strip().isalpha():
        return f"{{{name.strip()}}}"
    ends = one.endswith(("s", "x", "z"))
    return f"{one} OR {one}s" if plural and len(one) >= FEWEST_OF_PLURAL and one.isalpha() and not ends else one


def ideas(brands: Sequence[str], products: Mapping[str, Sequence[str]], competitors: Sequence[str]) -> tuple[Idea, ...]:
    """Return a watch for each brand, product and competitor; a name that stands twice gives one watch.

    Competitors are watched for the first brand; their page says for whom, and lets that be changed.
    """
    first = brands[0] if brands else ""
    rows = [(brand, brand, Purpose.BRAND, brand) for brand in brands]
    rows += [(name, brand, Purpose.PRODUCT, brand) for brand in brands for name in products.get(brand, ())]
    rows += [(name, first, Purpose.COMPETITOR, name) for name in competitors if first]
    found: dict[str, Idea] = {}
    for name, brand, purpose, subject in rows:
        key = name.casefold()
        expression = expression_for(name, plural=purpose is Purpose.PRODUCT)
        if expression and key not in found:
            found[key] = Idea(key, name, brand, purpose.value, subject, expression)
    return tuple(found.values())
