"""What a finder is: something that reads texts and says any number of things of each, each with its place."""

from collections.abc import Sequence
from typing import Protocol

import pyarrow as pa

from vigie.text.lexicon import Lexicon, Tokens

FINDINGS = pa.schema(
    [
        pa.field("row", pa.int64(), nullable=False),
        pa.field("kind", pa.string(), nullable=False),
        pa.field("value", pa.string(), nullable=False),
        pa.field("name", pa.string()),
        pa.field("start", pa.int32()),
        pa.field("end", pa.int32()),
        pa.field("negated", pa.bool_(), nullable=False),
        pa.field("hypothetical", pa.bool_(), nullable=False),
        pa.field("past", pa.bool_(), nullable=False),
        pa.field("of_another", pa.bool_(), nullable=False),
        pa.field("score", pa.float64(), nullable=False),
        pa.field("source", pa.string(), nullable=False),
    ]
)
"""One row per thing found in a text, in the order of the texts, then of places.

row: place of the text among those read. kind: a value of `vocab.FindingKind`. value: the normal form (what is meant: a
substance, a reaction, a role). name: the entry that was found, such as a brand's name; absent where no dictionary was
asked. start, end: code points of the text read, end excluded; absent where the whole text says it. negated, hypothetical,
past: as the text puts it. of_another: it is said of somebody else than who speaks. score: 0-1. source: the dictionary
with its date, or the rule.
"""


class Finder(Protocol):
    """A model or a set of rules at one version; the same texts always get the same findings."""

    @property
    def kinds(self) -> tuple[str, ...]:
        """Return the values of `vocab.FindingKind` that it may give."""
        ...

    @property
    def name(self) -> str:
        """Return the model's name, as on its card."""
        ...

    @property
    def version(self) -> str:
        """Return the model's version, as on its card; dictionaries that change it take part in it."""
        ...

    def find(self, texts: pa.Array, languages: Sequence[str | None], *, lexicon: Lexicon, tokens: Tokens) -> pa.Table:
        """Return `FINDINGS` of texts.

        Args:
            texts: Large strings without nulls: the title, when there is one, above the text, parted by a line's end.
            languages: The effective language of each, absent where it is not known.
            lexicon: The spellings of this process; tables made for it are kept per lexicon.
            tokens: The words of `texts`, cut by that lexicon.
        """
        ...
