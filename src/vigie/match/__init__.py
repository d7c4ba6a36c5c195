"""The query language, the engine that runs thousands of queries on a stream, and the plain evaluator that says what a
query means.

from vigie.match import Document, compile_queries

queries = compile_queries({"pain": 'doliprane AND ("mal de tête" OR migraine*)'})
queries.match(Document(title=None, text="Doliprane contre la migraine"))
"""

from vigie.match.document import DOCUMENTS, Document, document_of
from vigie.match.faults import QueryError, Warned
from vigie.match.knowledge import NOTHING, Knowledge, Members
from vigie.match.parser import Checked, Query, check, parse
from vigie.match.plain import Caught, Certain, Depends, Match, PlainQueries, TextMatch
from vigie.match.queries import Queries, compile_queries

__all__ = [
    "DOCUMENTS",
    "NOTHING",
    "Caught",
    "Certain",
    "Checked",
    "Depends",
    "Document",
    "Knowledge",
    "Match",
    "Members",
    "PlainQueries",
    "Queries",
    "Query",
    "QueryError",
    "TextMatch",
    "Warned",
    "check",
    "compile_queries",
    "document_of",
    "parse",
]
