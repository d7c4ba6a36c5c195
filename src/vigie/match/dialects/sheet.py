"""What a query of another product is written on: what can't be said exactly is refused by name, at its place."""

from dataclasses import dataclass, field

from vigie.match.faults import QueryError, Span, Warned, warned
from vigie.match.tree import NOWHERE


@dataclass(frozen=True, slots=True)
class Written:
    """A query in another product's words; the warnings stand at places of the query that was written."""

    text: str
    warnings: tuple[Warned, ...] = ()


@dataclass(slots=True)
class Sheet:
    """What is being written, and for whom."""

    product: str
    said: dict[tuple[str, Span], Warned] = field(default_factory=dict)
    """Warnings by code and place."""

    def refused(self, node: object, at: Span = NOWHERE) -> QueryError:
        """Return the refusal of a part."""
        return QueryError("query.dialect_out", getattr(node, "at", at), found=str(node), dialect=self.product)

    def warn(self, code: str, at: Span) -> None:
        """Warn once of one thing at one place."""
        self.said[code, at] = warned(code, at, dialect=self.product)
