"""The loop by which texts are sifted. Numba, flat on purpose."""

import numpy as np
from numba import njit

from vigie.text.kernel import _code, _width

END, SKIP, KEEP = 0, 1, 2
"""What a character does when it is no letter of ASCII: it ends a word, counts for nothing, or makes the text be kept."""


@njit(cache=True, nogil=True)
def _is_sound(data, at, width):
    """Say whether so many bytes are one character; those of what is not UTF-8 are repaired later, and kept until then."""
    sound = width > 1
    for k in range(1, width):
        sound = sound and data[at + k] & 0xC0 == 0x80
    return sound


@njit(cache=True, nogil=True)
def sift(data, offsets, folded, masks, starts, ends, kept):
    """Mark the rows in which all letters of a piece follow one another, those that count for nothing aside."""
    none, one, last = np.uint64(0), np.uint64(1), folded.shape[0]
    for row in range(offsets.shape[0] - 1):
        i, end = offsets[row], offsets[row + 1]
        if kept[row]:
            continue
        state = none
        while i < end:
            byte = data[i]
            if byte < 0x80:
                state = ((state << one) | starts) & masks[byte]
                i += 1
            else:
                width = _width(byte)
                code = _code(byte, data[i + 1], data[i + 2], data[i + 3], end - i)
                read = folded[code] if code < last else END
                if not _is_sound(data, i, width) or i + width > end:
                    read = KEEP
                i += width
                if read == KEEP:
                    kept[row] = True
                    break
                if read == SKIP:
                    continue
                state = ((state << one) | starts) & masks[read & 0xFF]
                if read > 0xFF and state & ends == none:
                    state = ((state << one) | starts) & masks[read >> 8]
            if state & ends != none:
                kept[row] = True
                break
