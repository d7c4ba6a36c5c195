"""What a post is for: rules over wordings of French and English; several aims may hold, often none does.

`docs/explanation/who-and-what-for.md` says what each label means, `cards/intent.toml` what the rules reach.
"""

from collections.abc import Sequence
from functools import cache

import pyarrow as pa

from vigie.enrich.card import off_by_default
from vigie.enrich.ruling import WORDS, Ruling, rules_of
from vigie.schema.vocab import FindingKind, Intent
from vigie.text.lexicon import Lexicon, Tokens


@cache
def ruling() -> Ruling:
    """Return the rules, laid out once."""
    rules = rules_of("intent-fr.toml", "intent-en.toml", "insults.toml")
    return Ruling(FindingKind.INTENT.value, [v.value for v in Intent], rules, WORDS)


class IntentFinder:
    """What for: one finding per wording that tells it; several may hold."""

    kinds = (FindingKind.INTENT.value,)
    name = "intent"
    version = "1"

    def __init__(self, off: frozenset[str] | None = None) -> None:
        """Take the labels that are not given; those that the card switches off when none are said."""
        self._off = off_by_default(self.name) if off is None else off

    def find(self, texts: pa.Array, languages: Sequence[str | None], *, lexicon: Lexicon, tokens: Tokens) -> pa.Table:
        """Return `FINDINGS` of texts; the score is 1 - 2^(-points/3), no measured probability."""
        return ruling().findings(texts, languages, lexicon=lexicon, tokens=tokens, off=self._off)
