"""The shapes everything agrees on: columns, records, vocabularies, ids."""
