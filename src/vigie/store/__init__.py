"""Archive and mirror: the only place that knows Delta, Parquet and DuckDB.

Never fork after importing this package: neither deltalake's runtime nor DuckDB's threads survive it (spawn instead).
"""
