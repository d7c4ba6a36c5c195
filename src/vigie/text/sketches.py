"""Sketches by which near-duplicates are found: MinHash of the pairs of words of a text, on the words that queries read.

    words ──hash per spelling──► pairs ──64 lanes──► the smallest of each lane: 256 bytes a text, whatever its length

A pair is two words at most two apart, in either order. Two sketches agree in about as large a share of their lanes as the
pairs of the two texts have in common (Broder 1997). Word triples in their order, which are more often taken, lose three for
a misspelling and four where two words change places: of short posts, edited in seven ways, they find 88 to 90 of 100 where
pairs find 97, at the same cost (32 lanes, `benchmarks/stories.py`).
A spelling is folded and hashed once, when it is first met; a text costs two pairs a word and a multiplication a lane.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from vigie.text import groups, words
from vigie.text.lexicon import Lexicon, Tokens, text_buffers

LANES = 64
"""Lanes of a sketch: the share that two texts have in common is told within ± 0.06 (one standard deviation at a half), and
256 bytes a post are kept for the window. 32 say ± 0.09, and find 2 of 100 edits less (`benchmarks/stories.py`)."""

FEWEST_WORDS = 7
"""Words under which a text has no sketch: “bonne journée à toutes et tous” is said by many who do not repeat each other."""

MOST_WORDS = 5_000
"""Words that are read of a text: a leaflet has some 5,000, and pasted whole it is known by its beginning."""

LINKS = r"(?i)(?:https?://|www\.)\S*"
"""Addresses: they are added, shortened and tracked without the text's being another."""

WORDS_OF_LETTERS = r"^[\pL\pN]"
"""What counts as a word of a sketch: emoji and signs of currency are sprinkled on copies."""

_SEED = 20_061_107
"""Where the lanes' numbers are drawn from; with another, no stored sketch could be compared."""

Sketched = NDArray[np.uint32]
"""`LANES` columns, one row a text; all ones where the text has no sketch."""

ABSENT = np.uint32(0xFFFFFFFF)
"""What all lanes hold of a text without a sketch."""


def _lanes() -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    drawn = np.random.default_rng(_SEED).integers(0, 1 << 32, (2, LANES), dtype=np.uint32)
    return drawn[0] | np.uint32(1), drawn[1]


FACTORS, ADDENDS = _lanes()
"""What a pair's hash is multiplied by, odd so that nothing is lost, and what is added, a lane each."""


@dataclass(frozen=True, slots=True)
class Sketches:
    """Sketches of texts, one row a text."""

    signatures: Sketched
    words: NDArray[np.int32]
    """Words that were read: of letters or digits, names of accounts and links left out."""

    @property
    def is_sketched(self) -> NDArray[np.bool_]:
        """Say which texts have a sketch."""
        found: NDArray[np.bool_] = self.words >= FEWEST_WORDS
        return found


class Sketcher:
    """Sketch texts by the spellings of one lexicon."""

    def __init__(self, lexicon: Lexicon) -> None:
        self.lexicon = lexicon
        self._hashes = np.zeros(0, np.uint64)

    def sketch(self, texts: pa.Array) -> Sketches:
        """Sketch texts, their links left out."""
        return self._of(self.lexicon.read(without_links(texts)))

    def _of(self, tokens: Tokens) -> Sketches:
        rows = len(tokens.first) - 1
        found = Sketches(np.empty((rows, LANES), np.uint32), np.zeros(rows, np.int32))
        table = self._brought_up(self.lexicon.size)
        groups.sketch(
            tokens.first, tokens.ids, table, FACTORS, ADDENDS, FEWEST_WORDS, MOST_WORDS, found.signatures, found.words
        )
        return found

    def _brought_up(self, size: int) -> NDArray[np.uint64]:
        """Return the hash of each spelling known; 0 where it is no word of a sketch."""
        before = len(self._hashes)
        if size > before:
            # Replaced, never changed: another thread may be reading it.
            self._hashes = np.concatenate([self._hashes, hashes_of(self.lexicon, before, size)])
        return self._hashes


def without_links(texts: pa.Array) -> pa.Array:
    """Return texts without their links."""
    texts = texts.cast(pa.large_string()).fill_null("")
    linked = pc.or_(pc.match_substring(texts, "://"), pc.match_substring(texts, "www.", ignore_case=True))
    if not pc.any(linked).as_py():
        return texts
    return pc.replace_with_mask(texts, linked, pc.replace_substring_regex(texts.filter(linked), LINKS, " "))


def hashes_of(lexicon: Lexicon, first: int, last: int) -> NDArray[np.uint64]:
    """Return the hashes of the plain forms of some spellings; 0 for names of accounts, emoji and signs.

    Spellings too long for a form are their own.
    """
    raws = lexicon.raw(first, last)
    forms, of = lexicon.forms(first, last)
    plain = pc.invert(pc.match_substring_regex(forms, "^[#@]")).to_numpy(zero_copy_only=False)
    place = (of - first)[plain]
    # The plain form is the last without a sign.
    is_last = np.append(place[1:] != place[:-1], True)[: len(place)]
    found = np.zeros(last - first, np.uint64)
    found[place[is_last]] = _hashed(forms.filter(pa.array(plain)).filter(pa.array(is_last)))
    formless = np.setdiff1d(np.arange(last - first), place)
    found[formless] = _hashed(pa.array([words.fold(raws[i]).plain for i in formless.tolist()], pa.large_string()))
    named = [i for i, raw in enumerate(raws) if raw[:1] in ("@", "＠")]
    found[named] = 0
    return found


def _hashed(forms: pa.Array) -> NDArray[np.uint64]:
    out = np.zeros(len(forms), np.uint64)
    if len(forms):
        data, offsets = text_buffers(forms, 0, len(forms))
        groups.hash_strings(data, offsets, out)
        out[~pc.match_substring_regex(forms, WORDS_OF_LETTERS).to_numpy(zero_copy_only=False)] = 0
    return out


def packed(signatures: Sketched) -> list[bytes]:
    """Return sketches as they are stored, little-endian; empty where there is none."""
    rows = np.ascontiguousarray(signatures, "<u4")
    absent = (rows == ABSENT).all(axis=1).tolist()
    return [b"" if gone else row.tobytes() for gone, row in zip(absent, rows, strict=True)]


def unpacked(stored: list[bytes]) -> Sketched:
    """Return sketches that were stored; what is not as long as a sketch counts as none."""
    none = np.full(LANES, ABSENT, "<u4").tobytes()
    joined = b"".join(one if len(one) == len(none) else none for one in stored)
    return np.frombuffer(joined, "<u4").reshape(-1, LANES).astype(np.uint32)


def likeness(one: Sketched, other: Sketched) -> float:
    """Estimate the share of pairs that two texts have in common, by their sketches; 0 where one has none."""
    if (one == ABSENT).all():
        return 0.0
    return float((one == other).mean())
