"""Compile the loops of labels once, where it is installed: `python -m vigie.enrich.warm`."""

from vigie.enrich.language import LanguageLabeller


def warm() -> None:
    """Run it once; compiled code is kept beside the sources, or where NUMBA_CACHE_DIR says."""
    LanguageLabeller().label(["Une phrase en français."])


if __name__ == "__main__":
    warm()
