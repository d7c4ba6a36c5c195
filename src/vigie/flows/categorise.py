"""Sort posts into categories: the queries of all of them, in one pass over the words of what is kept."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pyarrow as pa

from vigie.enrich.categories import Place, Sorter
from vigie.match import Queries


@dataclass(frozen=True, slots=True)
class Categories:
    """The open categories, compiled together."""

    queries: Queries
    """By the category's id as text; one without a query holds what those within it hold."""
    places: Mapping[int, Place]
    sorter: Sorter = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "sorter", Sorter(tuple(self.queries.engine.ids), self.places))


def categorise(posts: pa.Table, categories: Categories) -> pa.Table:
    """Return `enrich.finder.FINDINGS` of posts: their categories.

    Args:
        posts: Columns of `match.DOCUMENTS`, their language among them: nothing is left open.
    """
    found = categories.queries.found(posts)
    return categories.sorter.sort(found.row.astype("int64"), found.query.astype("int64"))
