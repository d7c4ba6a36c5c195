"""The server: the record and what is done with it."""
