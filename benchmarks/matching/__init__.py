"""Posts and queries drawn by a seed, and the peers that answer the same queries."""
