"""The loops by which a language is told: hashed characters and words, and their weights. Numba, flat on purpose.

What a word makes depends on nothing around it: `tell` weighs a word once and keeps the sums, so that the words of every day
cost no more than their letters.
"""

import numpy as np
from numba import njit

from vigie.text.grams import BLANK, GRAM, LINK, NAME, WORD, simplify
from vigie.text.kernel import MULTIPLIER, SECOND_MULTIPLIER, U32
from vigie.text.signs import ALONE, APOSTROPHE, LETTER

SLOTS_A_LETTER, SLOTS_A_WORD = 4, 16
"""Most features that `spell_word` makes of a letter, and of a word by itself."""


@njit(cache=True, nogil=True)
def next_word(codes, kinds, n, at):
    """Return where the next word begins and ends, and how many letters it has; all at the end where there is none."""
    while at < n:
        code = codes[at]
        kind = NAME if code >= LINK else (kinds[code] if code < kinds.shape[0] else ALONE)
        if kind in (LETTER, ALONE):
            break
        at += 1
    begin = at
    count = 0
    while at < n:
        code = codes[at]
        kind = NAME if code >= LINK else (kinds[code] if code < kinds.shape[0] else ALONE)
        if kind == LETTER:
            count += 1
        elif kind == ALONE:
            # A character of these scripts says what three letters do.
            count += 3
        elif kind != APOSTROPHE or at + 1 >= n or codes[at + 1] >= LINK or (
            codes[at + 1] < kinds.shape[0] and kinds[codes[at + 1]] != LETTER
        ):  # fmt: skip
            break
        at += 1
    return begin, at, count


@njit(cache=True, nogil=True)
def hash_word(codes, begin, end):
    """Return the hash of the word [begin, end)."""
    word = WORD
    for place in range(begin, end):
        word = (word ^ np.uint64(codes[place])) * MULTIPLIER
        word ^= word >> U32
    return word


@njit(cache=True, nogil=True)
def spell_word(codes, begin, at, shift, slots, total, begins, ends):
    """Write the features of the word [begin, at) from a place on: characters 1 to 4 in a row, and itself; return the next."""
    placed = begins.shape[0] > 0
    for place in range(begin - 1, at + 1):
        gram = GRAM
        for end in range(place, min(place + 4, at + 1)):
            sign = np.uint64(codes[end]) if begin <= end < at else np.uint64(BLANK)
            gram = (gram ^ sign) * MULTIPLIER
            gram ^= gram >> U32
            if end == place and (place < begin or place == at):
                continue
            slots[total] = np.int32((gram * SECOND_MULTIPLIER) >> shift)
            if placed:
                begins[total], ends[total] = place, end + 1
            total += 1
    slots[total] = np.int32((hash_word(codes, begin, at) * SECOND_MULTIPLIER) >> shift)
    if placed:
        begins[total], ends[total] = begin - 1, at + 1
    return total + 1


@njit(cache=True, nogil=True)
def _room(offsets, most):
    """Return how many letters the longest text may have, and one."""
    longest = np.int64(0)
    for row in range(offsets.shape[0] - 1):
        longest = max(longest, offsets[row + 1] - offsets[row])
    return min(longest, most) + 1


@njit(cache=True, nogil=True)
def spell(data, offsets, bits, most, small, kinds, row_first, slots, letters, begins, ends):
    """Fill in the hashed features by which a language is told: characters 1 to 4 in a row within words, and words.

    `letters` gets how many letters each text has; `begins` and `ends` are as for `grams.express`, those of a whole word one
    letter wider on both sides. Returns how many slots are filled.
    """
    shift = np.uint64(64 - bits)
    room = _room(offsets, most)
    codes, is_capital = np.empty(room, np.int32), np.empty(room, np.uint8)
    total = 0
    for row in range(offsets.shape[0] - 1):
        row_first[row] = total
        n = simplify(data, offsets[row], offsets[row + 1], most, small, kinds, codes, is_capital)
        begin, at, count = next_word(codes, kinds, n, 0)
        while begin < n:
            letters[row] += count
            total = spell_word(codes, begin, at, shift, slots, total, begins, ends)
            begin, at, count = next_word(codes, kinds, n, at)
    row_first[offsets.shape[0] - 1] = total
    return total


@njit(cache=True, nogil=True)
def tell(data, offsets, bits, most, small, kinds, weights, met, counts, sums, letters, scores):
    """Fill in, for each text, the mean of its features' weights by class, times the root of their number.

    The features are those of `spell`. What a word adds is kept by its hash: `met` holds the hash, `counts` how many
    features it has, `sums` their weights; a word whose place is taken by another takes it over.
    """
    shift, mask = np.uint64(64 - bits), np.uint64(met.shape[0] - 1)
    room, n_classes = _room(offsets, most), weights.shape[1]
    codes, is_capital = np.empty(room, np.int32), np.empty(room, np.uint8)
    slots, none = np.empty(SLOTS_A_LETTER * room + SLOTS_A_WORD, np.int32), np.empty(0, np.int32)
    for row in range(offsets.shape[0] - 1):
        n = simplify(data, offsets[row], offsets[row + 1], most, small, kinds, codes, is_capital)
        total = 0
        begin, at, count = next_word(codes, kinds, n, 0)
        while begin < n:
            letters[row] += count
            word = hash_word(codes, begin, at)
            place = np.int64((word * SECOND_MULTIPLIER) & mask)
            if met[place] != word:
                made = spell_word(codes, begin, at, shift, slots, 0, none, none)
                met[place], counts[place] = word, made
                sums[place, :] = 0
                for slot in slots[:made]:
                    for c in range(n_classes):
                        sums[place, c] += weights[slot, c]
            total += counts[place]
            for c in range(n_classes):
                scores[row, c] += sums[place, c]
            begin, at, count = next_word(codes, kinds, n, at)
        if total > 0:
            for c in range(n_classes):
                scores[row, c] /= np.sqrt(np.float32(total))
