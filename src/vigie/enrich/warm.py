"""Compile the loops of labels once, where it is installed: `python -m vigie.enrich.warm`."""

from vigie.enrich.labellers import LABELLERS


def warm() -> None:
    """Run them once; compiled code is kept beside the sources, or where NUMBA_CACHE_DIR says."""
    for labeller in LABELLERS:
        labeller.label(["Une phrase en français."], ["fr"])


if __name__ == "__main__":
    warm()
