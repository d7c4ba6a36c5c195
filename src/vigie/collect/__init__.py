"""Read spaces and files: bytes from a source become a table of posts."""
