"""Read files of posts: CSV, TSV, NDJSON and Parquet, with the columns of other tools recognised."""

from vigie.collect.imports.inspect import Inspected, inspect
from vigie.collect.imports.mapping import FIELDS, Mapping
from vigie.collect.imports.read import ImportBatch, read

__all__ = ["FIELDS", "ImportBatch", "Inspected", "Mapping", "inspect", "read"]
