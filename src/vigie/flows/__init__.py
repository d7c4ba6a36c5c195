"""Compositions of stages on one Arrow batch; they know nothing of the record."""
