"""The query language, and the plain evaluator that says what it means.

from vigie.match import Document, compile_queries

queries = compile_queries({"pain": 'doliprane AND ("mal de tête" OR migraine*)'})
queries.match(Document(title=None, text="Doliprane contre la migraine"))
"""

from vigie.match.evaluate import (
    Caught,
    Certain,
    Depends,
    Document,
    Match,
    Queries,
    TextMatch,
    compile_queries,
)
from vigie.match.faults import QueryError, Warned
from vigie.match.parser import Checked, Query, check, parse

__all__ = [
    "Caught",
    "Certain",
    "Checked",
    "Depends",
    "Document",
    "Match",
    "Queries",
    "Query",
    "QueryError",
    "TextMatch",
    "Warned",
    "check",
    "compile_queries",
    "parse",
]
