"""The pages: thin views over `vigie.server`'s queries and services; no tables of its own."""
