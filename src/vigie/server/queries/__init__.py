"""Reads, always scoped by who asks."""
