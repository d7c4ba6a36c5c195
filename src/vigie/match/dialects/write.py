"""Write a query for another product: exactly, or not at all."""

from collections.abc import Callable, Mapping

from vigie.match.dialects.sheet import Written
from vigie.match.dialects.write_brandwatch import for_brandwatch
from vigie.match.dialects.write_x import for_x
from vigie.match.parser import Query

WRITTEN: Mapping[str, Callable[[Query], Written]] = {"brandwatch": for_brandwatch, "x": for_x}
"""How queries are written for each product, by name."""


def write(query: Query, dialect: str) -> Written:
    """Write a query for another product.

    Raises:
        QueryError: it can't say a part of it exactly; the part is named.
        KeyError: no such dialect.
    """
    return WRITTEN[dialect](query)
