"""Contract suites for authors of plug-ins: call them from a test, with recorded answers."""

from vigie.testing.sources import Recorded, check_source

__all__ = ["Recorded", "check_source"]
