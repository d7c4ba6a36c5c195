"""The loops that run once per letter, word and query: Numba, flat on purpose, over Arrow's buffers.

A Numba function that takes arrays costs about 100 ns a call, more than the work on a word: what is called per post or
per candidate is written in one piece here, with scalar helpers only. Each kernel has a short reference elsewhere that a
test compares it with: `words.tokens` for `cut`, `vigie.match.plain` for `hold`, a dictionary for `tag`.

    bytes ──cut──► spellings (ids) ──hold──► pairs (post, query), places
                                   ──tag───► phrases

`cut` knows no folding: it numbers spellings, and what is asked of a spelling is worked out once, when it is first met.
"""

# ruff: noqa: PLR0912, PLR0913, PLR0915, C901

import numpy as np
from numba import njit

from vigie.text.letters import APOSTROPHE, CJK, EMOJI, FLAG, LETTER, MARK, SIGN, SKIN, SYMBOL

FULL = -1
"""A kernel's answer when an array that it fills is too small; the caller makes it larger and calls again."""

PADDING = 8
"""Bytes that must be readable after the last text, so that a character can be read without a look at the end; an
elision, six letters, is the longest look ahead."""

MULTIPLIER, SECOND_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F)
"""Odd numbers with well mixed bits: 2^64 divided by the golden ratio, and a prime of xxHash."""

U32, U1 = np.uint64(32), np.uint64(1)
LOW, HIGH = np.uint64(0xFFFFFFFF), np.uint64(0xFFFFFFFF00000000)


@njit(cache=True, nogil=True)
def _width(first):
    """Return how many bytes the character has that begins with this byte; a stray byte is a character of its own."""
    if first < 0xC0:
        return 1
    if first < 0xE0:
        return 2
    if first < 0xF0:
        return 3
    return 4


@njit(cache=True, nogil=True)
def _code(a, b, c, d, room):
    """Return the code point of the character that begins with these bytes, of which `room` belong to the text.

    A stray byte, or a character cut off, is 0, which is nothing.
    """
    if a < 0x80:
        return np.int64(a)
    if a < 0xC0:
        return np.int64(0)
    if a < 0xE0:
        return ((np.int64(a) & 0x1F) << 6) | (np.int64(b) & 0x3F) if room >= 2 else np.int64(0)
    if a < 0xF0:
        if room < 3:
            return np.int64(0)
        return ((np.int64(a) & 0x0F) << 12) | ((np.int64(b) & 0x3F) << 6) | (np.int64(c) & 0x3F)
    if room < 4 or a > 0xF4:
        return np.int64(0)
    code = (
        ((np.int64(a) & 0x07) << 18) | ((np.int64(b) & 0x3F) << 12) | ((np.int64(c) & 0x3F) << 6) | (np.int64(d) & 0x3F)
    )
    return code if code < 0x110000 else np.int64(0)


@njit(cache=True, nogil=True)
def _is_elision(long, c0, c1, c2, c3, c4, c5):
    """Say whether the first letters of a run, in small, are an elision of this length (`words.ELISIONS`)."""
    if long == 1:
        # l d j n s t m c
        return c0 == 108 or c0 == 100 or c0 == 106 or c0 == 110 or c0 == 115 or c0 == 116 or c0 == 109 or c0 == 99
    if long == 2:
        return c0 == 113 and c1 == 117
    if long == 5:
        # jusqu
        return c0 == 106 and c1 == 117 and c2 == 115 and c3 == 113 and c4 == 117
    if long != 6 or c4 != 113 or c5 != 117:
        return False
    # lorsqu, puisqu, quoiqu
    return (
        (c0 == 108 and c1 == 111 and c2 == 114 and c3 == 115)
        or (c0 == 112 and c1 == 117 and c2 == 105 and c3 == 115)
        or (c0 == 113 and c1 == 117 and c2 == 111 and c3 == 105)
    )


@njit(cache=True, nogil=True)
def cut(
    data, offsets, first_row, last_row, classes, seed, slots,
    row_first, ids, starts, ends, miss_from, miss_to,
):  # fmt: skip
    """Cut the texts of some rows into words and number their spellings.

    `data` has PADDING bytes more than the texts. `slots` is a hash table: two numbers a slot, the hash, then 32 more
    bits of it beside the spelling's id plus one (zero: empty). A spelling that it does not hold gets the id -1 - k and
    its bytes are noted as miss k; 96 bits of a seeded hash stand for the spelling (odds of one mistake among 10^7
    spellings: 10^-15). Places are in code points of the row's text.

    Returns words and misses; or FULL and the row for which there was no room.
    """
    n, misses = 0, 0
    mask = np.uint64(slots.shape[0] // 2 - 1)
    room = ids.shape[0]
    for row in range(first_row, last_row):
        row_first[row - first_row] = n
        i, end = offsets[row], offsets[row + 1]
        # Every word has a byte at least.
        if n + (end - i) > room:
            return FULL, row
        place = 0
        while i < end:
            byte = data[i]
            if byte < 0x80:
                w = 1
                kind = classes[byte]
            else:
                w = _width(byte)
                kind = classes[_code(byte, data[i + 1], data[i + 2], data[i + 3], end - i)]
            token_from, token_place = i, place
            i += w
            place += 1
            if kind == 0:
                continue
            if kind & SIGN:
                # A sign belongs to the letter or ideograph right after it; alone it is nothing.
                if i >= end:
                    break
                byte = data[i]
                kind = classes[_code(byte, data[i + 1], data[i + 2], data[i + 3], end - i)]
                if kind & (LETTER | CJK) == 0:
                    continue
                i += _width(byte)
                place += 1
            if kind & LETTER:
                run_from = token_from + (0 if token_place + 1 == place else _width(data[token_from]))
                first_run, only_letters = True, True
                # The run of letters and marks, then, across an apostrophe, the next one.
                while True:
                    kind = 0
                    w = 1
                    while i < end:
                        byte = data[i]
                        if byte < 0x80:
                            w = 1
                            kind = classes[byte]
                        else:
                            w = _width(byte)
                            kind = classes[_code(byte, data[i + 1], data[i + 2], data[i + 3], end - i)]
                        if kind & (LETTER | MARK) == 0:
                            break
                        if kind & LETTER == 0:
                            only_letters = False
                        i += w
                        place += 1
                    after = i + w
                    if i >= end or kind & APOSTROPHE == 0 or after >= end:
                        break
                    # What follows the apostrophe: a letter joins, save after an elision and before a final s.
                    byte = data[after]
                    code = _code(byte, data[after + 1], data[after + 2], data[after + 3], end - after)
                    if classes[code] & LETTER == 0:
                        break
                    if first_run and only_letters and _is_elision(
                        i - run_from, data[run_from] | 0x20, data[run_from + 1] | 0x20, data[run_from + 2] | 0x20,
                        data[run_from + 3] | 0x20, data[run_from + 4] | 0x20, data[run_from + 5] | 0x20,
                    ):  # fmt: skip
                        break
                    if code == 115 or code == 83 or code == 0xFF53 or code == 0xFF33:
                        # A final s: marks may follow, but no letter, and no apostrophe with a letter.
                        look = after + _width(byte)
                        is_final, across = True, False
                        while look < end:
                            byte = data[look]
                            kind = classes[_code(byte, data[look + 1], data[look + 2], data[look + 3], end - look)]
                            if kind & LETTER:
                                is_final = False
                                break
                            if across or kind & (MARK | APOSTROPHE) == 0:
                                break
                            across = kind & APOSTROPHE != 0
                            look += _width(byte)
                        if is_final:
                            break
                    first_run = False
                    i = after
                    place += 1
            elif kind & CJK:
                while i < end:
                    byte = data[i]
                    if classes[_code(byte, data[i + 1], data[i + 2], data[i + 3], end - i)] & MARK == 0:
                        break
                    i += _width(byte)
                    place += 1
            elif kind & FLAG:
                # Two regional letters are a flag.
                if i >= end or classes[_code(data[i], data[i + 1], data[i + 2], data[i + 3], end - i)] & FLAG == 0:
                    continue
                i += 4
                place += 1
            elif kind & EMOJI:
                while i < end:
                    byte = data[i]
                    code = _code(byte, data[i + 1], data[i + 2], data[i + 3], end - i)
                    if code == 0xFE0F or classes[code] & SKIN:
                        i += _width(byte)
                        place += 1
                        continue
                    # A joiner belongs to the emoji only when another one follows.
                    after = i + 3
                    if code != 0x200D or after >= end:
                        break
                    byte = data[after]
                    code = _code(byte, data[after + 1], data[after + 2], data[after + 3], end - after)
                    if classes[code] & EMOJI == 0:
                        break
                    i = after + _width(byte)
                    place += 2
            elif kind & (SKIN | SYMBOL) == 0:
                # A mark or an apostrophe that no letter carries.
                continue
            # The spelling's number.
            one, two = seed, seed ^ SECOND_MULTIPLIER
            for at in range(token_from, i):
                letter = np.uint64(data[at])
                one = (one ^ letter) * MULTIPLIER
                two = (two + letter) * SECOND_MULTIPLIER
            one ^= one >> U32
            one *= SECOND_MULTIPLIER
            one ^= one >> U32
            high = (two ^ (two << U32)) & HIGH
            slot = one & mask
            found = np.int64(0)
            while True:
                second = slots[np.int64(slot) * 2 + 1]
                if second == 0:
                    break
                if slots[np.int64(slot) * 2] == one and (second & HIGH) == high:
                    found = np.int64(second & LOW)
                    break
                slot = (slot + U1) & mask
            if found == 0:
                if misses >= miss_from.shape[0]:
                    return FULL, row
                miss_from[misses], miss_to[misses] = token_from, i
                misses += 1
                found = np.int64(1 - misses)
            ids[n] = found - 1
            starts[n], ends[n] = token_place, place
            n += 1
    row_first[last_row - first_row] = n
    return n, misses


@njit(cache=True, nogil=True)
def learn(data, miss_from, miss_to, misses, seed, slots, known, arena, arena_first, miss_ids):
    """Give new spellings their ids, in place; a spelling missed twice gets one.

    `arena` holds the bytes of all spellings, `arena_first[id]` where each begins. The caller has made room. Returns how
    many spellings are known afterwards.
    """
    mask = np.uint64(slots.shape[0] // 2 - 1)
    for k in range(misses):
        one, two = seed, seed ^ SECOND_MULTIPLIER
        for at in range(miss_from[k], miss_to[k]):
            letter = np.uint64(data[at])
            one = (one ^ letter) * MULTIPLIER
            two = (two + letter) * SECOND_MULTIPLIER
        one ^= one >> U32
        one *= SECOND_MULTIPLIER
        one ^= one >> U32
        high = (two ^ (two << U32)) & HIGH
        slot = one & mask
        found = np.int64(-1)
        while True:
            second = slots[np.int64(slot) * 2 + 1]
            if second == 0:
                break
            if slots[np.int64(slot) * 2] == one and (second & HIGH) == high:
                found = np.int64(second & LOW) - 1
                break
            slot = (slot + U1) & mask
        if found < 0:
            found = known
            known += 1
            first = arena_first[found]
            for at in range(miss_to[k] - miss_from[k]):
                arena[first + at] = data[miss_from[k] + at]
            arena_first[found + 1] = first + miss_to[k] - miss_from[k]
            # A reader that sees the hash must see the id: it is written first.
            slots[np.int64(slot) * 2] = one
            slots[np.int64(slot) * 2 + 1] = high | np.uint64(found + 1)
        miss_ids[k] = found
    return known


@njit(cache=True, nogil=True)
def widen(slots, larger):
    """Put the slots of a hash table into a larger one."""
    mask = np.uint64(larger.shape[0] // 2 - 1)
    for n in range(slots.shape[0] // 2):
        if slots[2 * n + 1] != 0:
            slot = slots[2 * n] & mask
            while larger[np.int64(slot) * 2 + 1] != 0:
                slot = (slot + U1) & mask
            larger[np.int64(slot) * 2] = slots[2 * n]
            larger[np.int64(slot) * 2 + 1] = slots[2 * n + 1]
