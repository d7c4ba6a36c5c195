"""The command line: a thin shell over the library; `vigie.server.commands` is its one door to the record."""
