"""Queries written for other products: read with the meaning they have there, or refused by name.

from vigie.match.dialects import parse_dialect

str(parse_dialect("doliprane ONEAR/5 douleur", "meltwater"))  # doliprane NEAR/5f douleur
"""

from vigie.match.dialects.read import DIALECTS, parse_dialect
from vigie.match.dialects.write import WRITTEN, Written, write

__all__ = ["DIALECTS", "WRITTEN", "Written", "parse_dialect", "write"]
