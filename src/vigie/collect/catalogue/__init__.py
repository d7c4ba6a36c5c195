"""The catalogue of health networks: what there is to listen to, by use, audience, language and way of reading."""

from vigie.collect.catalogue.rows import (
    UNCHECKED,
    Asked,
    Audience,
    Reading,
    Row,
    Section,
    Standing,
    Use,
    catalogue,
    chosen,
    page_after,
    validated,
)

__all__ = [
    "UNCHECKED",
    "Asked",
    "Audience",
    "Reading",
    "Row",
    "Section",
    "Standing",
    "Use",
    "catalogue",
    "chosen",
    "page_after",
    "validated",
]
