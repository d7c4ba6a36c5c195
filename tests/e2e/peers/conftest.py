"""Real servers of each kind, started by the tests on loopback."""
