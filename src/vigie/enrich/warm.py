"""Compile the loops of labels once, where it is installed: `python -m vigie.enrich.warm`."""

import pyarrow as pa

from vigie.enrich.finders import FINDERS
from vigie.enrich.labellers import LABELLERS
from vigie.text.lexicon import Lexicon


def warm() -> None:
    """Run them once; compiled code is kept beside the sources, or where NUMBA_CACHE_DIR says."""
    for labeller in LABELLERS:
        labeller.label(["Une phrase en français."], ["fr"])
    texts, lexicon = pa.array(["Une phrase en français."], pa.large_string()), Lexicon()
    for finder in FINDERS:
        finder.find(texts, ["fr"], lexicon=lexicon, tokens=lexicon.read(texts))


if __name__ == "__main__":
    warm()
