"""Compile the loops of labels and stories once, where it is installed: `python -m vigie.enrich.warm`."""

import pyarrow as pa

from vigie.enrich.finders import FINDERS
from vigie.enrich.labellers import LABELLERS
from vigie.enrich.stories import StoryIndex, batch_of
from vigie.text.lexicon import Lexicon
from vigie.text.sketches import Sketcher


def warm() -> None:
    """Run them once; compiled code is kept beside the sources, or where NUMBA_CACHE_DIR says."""
    for labeller in LABELLERS:
        labeller.label(["Une phrase en français."], ["fr"])
    lexicon = Lexicon()
    texts = pa.array(["Zoloft made me dizzy. My brain was mush.", "Doliprane : nausées"], pa.large_string())
    for finder in FINDERS:
        finder.find(texts, ["en", "fr"], lexicon=lexicon, tokens=lexicon.read(texts))
    texts = pa.array(["Une phrase en français de plus de six mots."] * 2, pa.large_string())
    sketches, index = Sketcher(Lexicon()).sketch(texts), StoryIndex()
    for at in range(2):
        placed = index.place(batch_of([1, 2], [None] * 2, [None] * 2, [None] * 2, sketches.signatures, at=at))
        index.name(range(1, placed.made + 1))


if __name__ == "__main__":
    warm()
