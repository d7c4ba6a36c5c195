"""Sentences and commas of words, against a plain reader of the same text."""

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from vigie.text import cues
from vigie.text.lexicon import Lexicon, text_buffers

LEXICON = Lexicon()

STOPS = ".!?;\n…"


def plain(text: str, starts: list[int], ends: list[int]) -> list[tuple[int, int, bool]]:
    """Return, for each word, how many sentences ended and commas stood before it, and whether its own asks."""
    rows, sentence, commas, is_open = [], 0, 0, False
    asks: dict[int, bool] = {}
    inside = {at for begin, end in zip(starts, ends, strict=True) for at in range(begin, end)}
    begins = {start: n for n, start in enumerate(starts)}
    for at, letter in enumerate(text):
        if at in begins:
            rows.append([sentence, commas])
            is_open = True
        if at in inside:
            continue
        if letter in ",():":
            commas += 1
        elif letter in STOPS:
            decimal = letter == "." and text[at - 1 : at].isdecimal() and text[at + 1 : at + 2].isdecimal()
            if is_open and not decimal:
                asks[sentence] = letter == "?"
                sentence, is_open = sentence + 1, False
            elif letter == "?":
                asks[sentence - 1] = True
    return [(s, c, asks.get(s, False)) for s, c in rows]


@settings(deadline=None)  # the loops compile at the first example
@given(st.lists(st.text("ab 1.,;:!?()\n…é🤢", max_size=25), min_size=1, max_size=4))
def test_sentences_and_commas(texts: list[str]) -> None:
    array = pa.array(texts, pa.large_string())
    tokens = LEXICON.read(array)
    data, offsets = text_buffers(array, 0, len(array))
    n, rows = len(tokens.ids), np.arange(len(texts), dtype=np.int32)
    sentence, commas, asks = np.zeros(n, np.int32), np.zeros(n, np.int32), np.zeros(n + len(texts) + 2, np.bool_)
    cues.parts(data, offsets, rows, tokens.first, tokens.starts, tokens.ends, sentence, commas, asks)
    last, before = 0, 0
    for row, text in enumerate(texts):
        begin, end = tokens.first[row], tokens.first[row + 1]
        expected = plain(text, tokens.starts[begin:end].tolist(), tokens.ends[begin:end].tolist())
        got = [
            (int(s - sentence[begin]), int(c - commas[begin]), bool(asks[s]))
            for s, c in zip(sentence[begin:end], commas[begin:end], strict=True)
        ]
        first = expected[0] if expected else (0, 0, False)
        assert got == [(s - first[0], c - first[1], q) for s, c, q in expected]
        if begin < end:
            assert sentence[begin] > last
            last = int(sentence[end - 1])
            before += 1
