"""The lookout: social listening, treatment and drug safety for health companies."""

from importlib.metadata import version

__version__ = version("vigie")
