"""The parts of `benchmarks/enrich.py`."""
