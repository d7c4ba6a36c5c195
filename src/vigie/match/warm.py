"""Compile the kernels once, where they are installed: `python -m vigie.match.warm`."""

import pyarrow as pa

from vigie.match.engine import Engine
from vigie.match.parser import parse
from vigie.text.lexicon import Lexicon
from vigie.text.phrases import Phrases

QUERIES = ("a AND ((b NEAR/2 c) OR dd*) AND NOT e AND language:fr", '"f g" OR "h i j"~3', "rating:[1 TO 2] OR k~1")
"""Queries that reach every kernel."""


def warm() -> None:
    """Run every kernel once; compiled code is kept beside the sources, or where NUMBA_CACHE_DIR says."""
    lexicon = Lexicon()
    engine = Engine({str(n): parse(q) for n, q in enumerate(QUERIES)}, lexicon=lexicon)
    posts = pa.table({"title": ["a"], "text": ["a b c d f g h i j"]})
    for spans, unread in ((True, False), (False, True)):
        engine.match(posts, spans=spans, unread=unread)
    Engine({"few": parse("some")}).match(posts)
    Phrases(["f g"], lexicon).tag(posts["text"].combine_chunks())


if __name__ == "__main__":
    warm()
