"""The HTTP client under every source: bounded, paced, and never led into the private network."""
