"""Queries written for other products: read with the meaning they have there, written with the meaning they have here.

from vigie.match.dialects import parse_dialect, write

str(parse_dialect("doliprane ONEAR/5 douleur", "meltwater"))  # doliprane NEAR/5f douleur

What has no equal is refused by its name, at its place in the text that was given; never another meaning in silence.
"""

from collections.abc import Callable, Mapping

from vigie.match.dialects import brandwatch, meltwater, talkwalker, x
from vigie.match.dialects.sheet import Written
from vigie.match.dialects.write import WRITTEN, write
from vigie.match.parser import Query

DIALECTS: Mapping[str, Callable[[str], Query]] = {
    "brandwatch": brandwatch.parse,
    "talkwalker": talkwalker.parse,
    "meltwater": meltwater.parse,
    "x": x.parse,
}
"""How the queries of each product are read, by name."""

__all__ = ["DIALECTS", "WRITTEN", "Written", "parse_dialect", "write"]


def parse_dialect(expression: str, dialect: str) -> Query:
    """Read an expression written for another product.

    Raises:
        QueryError: it can't be read in exactly one way, or a part has no equal here; places are those of the expression.
        KeyError: no such dialect.
    """
    return DIALECTS[dialect](expression)
