"""Writes: load rows, call one decision of the core, save and audit in one transaction."""
