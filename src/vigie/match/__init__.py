"""The query language: parse an expression, hold posts against many of them, say which letters matched.

`compile_queries` and `Queries.match` are the plain evaluator: one post, one query, obvious Python.
"""

from vigie.match.evaluate import Document, Match, Queries, Truth, compile_queries
from vigie.match.parse import Checked, QueryError, Warned, check, parse
from vigie.match.tree import Query

__all__ = [
    "Checked",
    "Document",
    "Match",
    "Queries",
    "Query",
    "QueryError",
    "Truth",
    "Warned",
    "check",
    "compile_queries",
    "parse",
]
