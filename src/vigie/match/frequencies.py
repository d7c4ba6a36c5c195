"""How many posts have a word, roughly: it orders tests and chooses anchors; no result depends on it."""

from functools import cache
from importlib.resources import files

from vigie.text.terms import CASED, FUZZY, PATTERN, PREFIX, Asked

RARE = 1e-4
"""Share of posts that have a word which is in no table: about one in ten thousand."""

PREFIX_SHARE = {1: 0.5, 2: 0.2, 3: 0.06, 4: 0.02, 5: 0.008}
"""Share of posts that have some word with so many first letters, on the demo's posts; longer ones are rare."""


@cache
def common() -> dict[str, float]:
    """Return the share of posts that have each common word, French and English."""
    lines = files("vigie.match").joinpath("frequencies.tsv").read_text("utf-8").splitlines()
    rows = (line.split("\t") for line in lines if line and not line.startswith("#"))
    return {word: float(share) for word, share in rows}


def share_of(asked: Asked) -> float:
    """Return the share of posts that have a word answering a term."""
    if asked.kind in (PREFIX, PATTERN):
        letters = len(asked.form.split("*")[0].split("?")[0])
        return PREFIX_SHARE.get(letters, 0.002)
    if asked.kind == FUZZY:
        return 10 * RARE
    return common().get(asked.form.lower() if asked.kind == CASED else asked.form, RARE)
