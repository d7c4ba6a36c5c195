"""One folder a network: bytes in, posts out. Reached through entry points alone."""
