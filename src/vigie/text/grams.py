"""The loops that make hashed features of texts and weigh them: Numba, flat on purpose, over Arrow's buffers.

    bytes ──simplify──► letters ──spell, tell──► words and characters of a language, hashed (`vigie.text.spelling`)
                                └─express──────► words, characters, and what lexicons say of the words

The same loops feed training and answering, so that features agree. Texts are UTF-8, composed (NFC).
"""

import numpy as np
from numba import njit

from vigie.text.kernel import MULTIPLIER, SECOND_MULTIPLIER, U32, _code, _width
from vigie.text.signs import ALONE, APOSTROPHE, DIGIT, EMOJI, LETTER, OTHER, SPACE, STOP, UNSEEN

BLANK = 32
LINK, MENTION = 0x110000, 0x110001
"""Codes, above those of Unicode, that stand for a link and for the name of an account."""

NAME = 9
"""Kind of the two codes above, beside those of `signs`."""

GRAM, WORD, PAIR = np.uint64(0x51ED270B), np.uint64(0xA0761D65), np.uint64(0xE7037ED1)
"""Where the hash of each kind of feature begins; any odd numbers would do."""

TURNED_MARK = np.uint64(0x8EBC6AF09C88C6E3)
"""What the hash of a word within reach of a negation is mixed with; any number would do."""

SLOTS_A_BYTE, SLOTS_A_ROW = 5, 16
"""Most features a byte of text makes (`a!a!`: five for two bytes; long words: five a letter), and a text by itself."""

PLAIN, NEGATOR, INTENSIFIER, TURN, CARE = range(5)
"""What a word does to others. CARE: a word of illness or care, which says nothing of what somebody thinks."""

LISTS = 3
"""Lexicons of a language that are read side by side."""

FACTS = 6 * LISTS + 19
"""Facts of a text beside its hashed features, as `express` fills them in."""

STEM, STEM_MARK = 5, np.uint64(0x589965CC75374CC3)
"""Letters by which words are of one family, and what the hash of a family is mixed with; any number would do."""

GAIN = 5.0
"""What valences (-1 to 1) are multiplied by before logarithms and roots bend their sums: one clear word then says most of
what ten say. With 1 the facts alone tell French tweets 4 points of macro-F1 worse (measured)."""

WINDOW = 4
"""Words after a negator that it turns, until a stop."""

NEGATED, INTENSIFIED = -0.6, 1.3
"""What a valence is multiplied by within reach of a negation, and after an intensifier (`vigie.enrich.tone`)."""


@njit(cache=True, nogil=True)
def simplify(data, first, last, most, small, kinds, codes, is_capital):
    """Write the letters of a text, in small, links and names of accounts as one code each; return how many, at most `most`.

    What has no look is dropped, and a third sign in a row that is the same: three say what ten do. `kinds` of the codes
    are read from their table again by the caller.
    """
    n = 0
    at = first
    before = SPACE
    while at < last and n < most:
        byte = data[at]
        if byte < 0x80:
            wide = 1
            code = np.int64(byte)
        else:
            wide = _width(byte)
            code = _code(byte, data[at + 1], data[at + 2], data[at + 3], last - at)
        kind = kinds[code] if code < kinds.shape[0] else (ALONE if code < 0x40000 else UNSEEN)
        if kind == UNSEEN:
            at += wide
            continue
        if (byte | 0x20) == 104 and before != LETTER and at + 4 <= last and (
            (data[at + 1] | 0x20) == 116 and (data[at + 2] | 0x20) == 116 and (data[at + 3] | 0x20) == 112
        ):  # fmt: skip
            # http:// and https://, and the bare word that some sets put in their place.
            after = at + 4
            if after < last and (data[after] | 0x20) == 115:
                after += 1
            is_link = after >= last or data[after] == 58 or data[after] <= 32
        else:
            is_link = (
                (byte | 0x20) == 119 and before != LETTER and at + 4 <= last
                and (data[at + 1] | 0x20) == 119 and (data[at + 2] | 0x20) == 119 and data[at + 3] == 46
            )  # fmt: skip
        if is_link:
            while at < last and data[at] > 32:
                at += 1
            codes[n], is_capital[n] = LINK, 0
            before = SPACE
            n += 1
            continue
        if byte == 64 and at + 1 < last:
            after = at + 1
            while after < last and (
                48 <= data[after] <= 57 or 65 <= data[after] <= 90 or 97 <= data[after] <= 122
                or data[after] == 95 or data[after] == 45 or data[after] == 46
            ):  # fmt: skip
                after += 1
            if after > at + 1:
                at = after
                codes[n], is_capital[n] = MENTION, 0
                before = SPACE
                n += 1
                continue
        letter = np.int64(small[code]) if code < small.shape[0] else code
        at += wide
        before = kind
        if kind == SPACE:
            letter = BLANK
        if n > 1 and codes[n - 1] == letter and codes[n - 2] == letter:
            continue
        codes[n], is_capital[n] = letter, letter != code and kind == LETTER
        n += 1
    return n


@njit(cache=True, nogil=True)
def hash_words(data, offsets, small, kinds, hashes):
    """Fill in the hash by which `express` looks up the first word of each text, emoticons and emoji as well."""
    codes, is_capital = np.empty(256, np.int32), np.empty(256, np.uint8)
    for row in range(offsets.shape[0] - 1):
        n = simplify(data, offsets[row], offsets[row + 1], 256, small, kinds, codes, is_capital)
        word = WORD
        for at in range(n):
            word = (word ^ np.uint64(codes[at])) * MULTIPLIER
            word ^= word >> U32
        hashes[row] = word


@njit(cache=True, nogil=True)
def _find(keys, word):
    """Return the place of a hash in an open table, or -1."""
    mask = np.uint64(keys.shape[0] - 1)
    slot = word & mask
    while keys[np.int64(slot)] != 0:
        if keys[np.int64(slot)] == word:
            return np.int64(slot)
        slot = (slot + np.uint64(1)) & mask
    return np.int64(-1)


@njit(cache=True, nogil=True)
def _grams_of(codes, begin, end, shift, grams, n, begins, ends):
    """Write the hashed characters, 3 to 5 in a row, of the word [begin, end) from the nth place on; return the next place.

    `begins` and `ends`, when they have room, get the letters of each.
    """
    placed = begins.shape[0] > 0
    for place in range(begin - 1, end - 1):
        gram = GRAM
        for last in range(place, min(place + 5, end + 1)):
            sign = np.uint64(codes[last]) if begin <= last < end else np.uint64(BLANK)
            gram = (gram ^ sign) * MULTIPLIER
            gram ^= gram >> U32
            if last - place >= 2:
                grams[n] = np.int32((gram * SECOND_MULTIPLIER) >> shift)
                if placed:
                    begins[n], ends[n] = place, last + 1
                n += 1
    return n


@njit(cache=True, nogil=True)
def _said_of(word, codes, begin, end, shift, weights, met, counts, sums, grams, out):
    """Add the weights of the hashed characters of the word [begin, end) to `out`, by class; return how many they are.

    They say the same wherever the word stands, so they are kept by its hash: `met` holds the hash, `counts` how many
    they are, `sums` their weights; a word whose place is taken by another takes it over.
    """
    place = np.int64((word * SECOND_MULTIPLIER) & np.uint64(met.shape[0] - 1))
    if met[place] != word:
        none = np.empty(0, np.int32)
        n = _grams_of(codes, begin, end, shift, grams, 0, none, none)
        met[place], counts[place] = word, n
        sums[place, :] = 0
        for at in range(n):
            for c in range(weights.shape[1]):
                sums[place, c] += weights[grams[at], c]
    for c in range(weights.shape[1]):
        out[c] += sums[place, c]
    return counts[place]


@njit(cache=True, nogil=True)
def express(
    data, offsets, bits, most, splits, small, kinds, plain, keys, valences, parts,
    row_first, row_middle, slots, facts, cares, begins, ends, weights, met, counts, sums, row_sums,
):  # fmt: skip
    """Fill in the features by which tone is told: hashed words and characters, and facts of the whole text.

    `splits`: an apostrophe parts words (French), else it joins them (English). `keys` is an open table of hashes of
    words; `valences` holds what `LISTS` lexicons, then emoji and emoticons, say of each; `parts` what it does to others.
    A row's words are slots [row_first, row_middle), its characters [row_middle, next row_first). `cares` gets how many
    words of illness and care each has. `begins` and `ends`, when they have room, get the letters of the simplified text
    that each slot was made of; a blank around a word is the letter beside it. Returns how many slots are filled.

    With `weights`, a row's characters make no slots: `row_sums` gets the sums of their weights by class, over the root of
    their number. `met`, `counts` and `sums` are as for `_said_of`.
    """
    placed = begins.shape[0] > 0
    shift = np.uint64(64 - bits)
    longest = np.int64(0)
    for row in range(offsets.shape[0] - 1):
        longest = max(longest, offsets[row + 1] - offsets[row])
    room = min(longest, most) + 1
    codes, is_capital = np.empty(room, np.int32), np.empty(room, np.uint8)
    grams = np.empty(3 * room + 8, np.int32)
    gram_begins = np.empty(3 * room + 8 if placed else 0, np.int32)
    gram_ends = np.empty(3 * room + 8 if placed else 0, np.int32)
    said, ups, downs = np.empty((2, LISTS)), np.empty(LISTS), np.empty(LISTS)
    lasts, peaks = np.empty(LISTS), np.empty(LISTS)
    total = 0
    for row in range(offsets.shape[0] - 1):
        row_first[row] = total
        n = simplify(data, offsets[row], offsets[row + 1], most, small, kinds, codes, is_capital)
        said[:], ups[:], downs[:], lasts[:], peaks[:] = 0.0, 0.0, 0.0, 0.0, 0.0
        n_grams, n_words, n_turned, reach, after_turn = 0, 0, 0, 0, 0
        strength = 1.0
        pictures, smiles, frowns, last_picture = 0, 0.0, 0.0, 0.0
        capitals, letters, drawn_out, shouts, asks, dots = 0, 0, 0, 0, 0, 0
        links, names, tags, quotes, digits = 0, 0, 0, 0, 0
        family_ups, family_downs = 0.0, 0.0
        before = np.uint64(0)
        before_begin = -1
        at = 0
        while at < n:
            code = codes[at]
            kind = NAME if code >= LINK else (kinds[code] if code < kinds.shape[0] else ALONE)
            begin = at
            at += 1
            if kind == SPACE or code == BLANK:
                continue
            is_word = kind in (LETTER, DIGIT, ALONE)
            word, bare, once, family = WORD, WORD, WORD, WORD
            if is_word:
                at = begin
                is_drawn = False
                while at < n:
                    code = codes[at]
                    kind = NAME if code >= LINK else (kinds[code] if code < kinds.shape[0] else ALONE)
                    if kind == APOSTROPHE:
                        if splits or at + 1 >= n or codes[at + 1] >= kinds.shape[0] or kinds[codes[at + 1]] != LETTER:
                            break
                    elif kind != LETTER and kind != DIGIT and kind != ALONE:
                        break
                    word = (word ^ np.uint64(code)) * MULTIPLIER
                    word ^= word >> U32
                    unmarked = np.uint64(plain[code]) if code < plain.shape[0] else np.uint64(code)
                    bare = (bare ^ unmarked) * MULTIPLIER
                    bare ^= bare >> U32
                    if at - begin == STEM - 1:
                        family = bare ^ STEM_MARK
                    if at > begin and codes[at - 1] == code:
                        is_drawn = True
                    else:
                        once = (once ^ unmarked) * MULTIPLIER
                        once ^= once >> U32
                    letters += 1
                    capitals += is_capital[at]
                    digits += kind == DIGIT
                    at += 1
                    if kind == ALONE:
                        break
            else:
                # Signs: emoticons first, of four, three, then two signs; an emoji; a run of the same sign.
                found = np.int64(-1)
                before_it = kinds[codes[begin - 1]] if begin > 0 and codes[begin - 1] < kinds.shape[0] else SPACE
                if kind in (OTHER, STOP) and before_it not in (LETTER, DIGIT):
                    end = min(begin + 4, n)
                    while end > begin + 1:
                        sign = WORD
                        is_whole = True
                        for place in range(begin, end):
                            if codes[place] == BLANK or codes[place] >= LINK:
                                is_whole = False
                                break
                            sign = (sign ^ np.uint64(codes[place])) * MULTIPLIER
                            sign ^= sign >> U32
                        if is_whole:
                            tail = codes[end - 1]
                            follows = kinds[codes[end]] if end < n and codes[end] < kinds.shape[0] else SPACE
                            is_joined = follows in (LETTER, DIGIT)
                            closes = kinds[tail] if tail < kinds.shape[0] else SPACE
                            if not (is_joined and closes in (LETTER, DIGIT)):
                                found = _find(keys, sign)
                                if found >= 0:
                                    word = sign
                                    break
                        end -= 1
                    if found >= 0:
                        at = end
                if found < 0:
                    word = (word ^ np.uint64(code)) * MULTIPLIER
                    word ^= word >> U32
                    if kind == EMOJI:
                        found = _find(keys, word)
                if found >= 0:
                    value = valences[found, LISTS] * GAIN
                    pictures += 1
                    last_picture = value
                    if value > 0:
                        smiles += value
                    else:
                        frowns -= value
                    kind = EMOJI
                while at < n and kind != EMOJI and codes[at] == code:
                    at += 1
                shouts += code == 33
                asks += code == 63
                dots += code == 0x2026 or (code == 46 and at > begin + 1)
                links += code == LINK
                names += code == MENTION
                tags += code == 35
                quotes += code == 34 or code == 0xAB or code == 0x201C
                if kind == STOP:
                    reach, strength = 0, 1.0
                if kind == APOSTROPHE or code == 35:
                    continue
            part = PLAIN
            if is_word:
                found = _find(keys, word)
                if found < 0:
                    found = _find(keys, bare)
                if found < 0 and is_drawn:
                    drawn_out += 1
                    found = _find(keys, once)
                if found >= 0:
                    part = parts[found]
                is_long = at - begin > 3
                if (not splits) and is_long and codes[at - 1] == 116 and codes[at - 2] == 39 and codes[at - 3] == 110:
                    part = NEGATOR
                if part == CARE:
                    # It parts what stands beside it, and makes no feature.
                    before = np.uint64(0)
                    before_begin = -1
                    strength, reach = 1.0, max(reach - 1, 0)
                    n_words += 1
                    cares[row] += 1
                    continue
                n_words += 1
                if part in (PLAIN, INTENSIFIER):
                    if found >= 0:
                        for book in range(LISTS):
                            value = valences[found, book]
                            if value != 0.0:
                                value *= strength * GAIN
                                if reach > 0:
                                    value *= NEGATED
                                said[after_turn, book] += value
                                lasts[book] = value
                                if abs(value) > abs(peaks[book]):
                                    peaks[book] = value
                                if value > 0:
                                    ups[book] += value
                                else:
                                    downs[book] -= value
                    relative = _find(keys, family) if at - begin >= STEM else np.int64(-1)
                    if relative >= 0:
                        value = valences[relative, 0] * GAIN
                        if reach > 0:
                            value *= NEGATED
                        if value > 0:
                            family_ups += value
                        else:
                            family_downs -= value
                    strength = INTENSIFIED if part == INTENSIFIER else 1.0
            turned = TURNED_MARK if (is_word and reach > 0) else np.uint64(0)
            if is_word:
                n_turned += reach > 0
                if part == NEGATOR:
                    reach, strength = WINDOW, 1.0
                elif part == TURN:
                    after_turn, reach, strength = 1, 0, 1.0
                elif reach > 0:
                    reach -= 1
            token = word ^ turned
            slots[total] = np.int32(((token ^ (token >> U32)) * SECOND_MULTIPLIER) >> shift)
            if placed:
                begins[total], ends[total] = begin, at
                begins[total + 1], ends[total + 1] = before_begin, at
            total += 1
            pair = ((PAIR ^ before) * MULTIPLIER) ^ word
            slots[total] = np.int32(((pair ^ (pair >> U32)) * MULTIPLIER * SECOND_MULTIPLIER) >> shift)
            total += 1
            before = word
            before_begin = begin
            if is_word:
                if weights.shape[0] > 0:
                    n_grams += _said_of(
                        word, codes, begin, at, shift, weights, met, counts, sums, grams, row_sums[row]
                    )  # fmt: skip
                else:
                    n_grams = _grams_of(codes, begin, at, shift, grams, n_grams, gram_begins, gram_ends)
        row_middle[row] = total
        if weights.shape[0] > 0:
            row_sums[row] /= np.sqrt(np.float32(max(n_grams, 1)))
            n_grams = 0
        slots[total : total + n_grams] = grams[:n_grams]
        if placed:
            begins[total : total + n_grams] = gram_begins[:n_grams]
            ends[total : total + n_grams] = gram_ends[:n_grams]
        total += n_grams
        for book in range(LISTS):
            sum_ = said[0, book] + said[1, book]
            later = said[1, book]
            facts[row, 6 * book] = np.log1p(ups[book])
            facts[row, 6 * book + 1] = np.log1p(downs[book])
            facts[row, 6 * book + 2] = lasts[book]
            facts[row, 6 * book + 3] = peaks[book]
            facts[row, 6 * book + 4] = sum_ / np.sqrt(sum_ * sum_ + 1.0)
            facts[row, 6 * book + 5] = later / np.sqrt(later * later + 1.0)
        k = 6 * LISTS
        facts[row, k] = (smiles - frowns) / max(pictures, 1)
        facts[row, k + 1] = np.log1p(smiles)
        facts[row, k + 2] = np.log1p(frowns)
        facts[row, k + 3] = last_picture
        facts[row, k + 4] = np.log1p(np.float64(shouts))
        facts[row, k + 5] = np.log1p(np.float64(asks))
        facts[row, k + 6] = np.log1p(np.float64(dots))
        facts[row, k + 7] = np.log1p(np.float64(links))
        facts[row, k + 8] = np.log1p(np.float64(names))
        facts[row, k + 9] = np.log1p(np.float64(tags))
        facts[row, k + 10] = capitals / max(letters, 1)
        facts[row, k + 11] = np.log1p(np.float64(drawn_out))
        facts[row, k + 12] = n_turned / max(n_words, 1)
        facts[row, k + 13] = np.log1p(np.float64(n_words))
        facts[row, k + 14] = np.log1p(np.float64(quotes))
        facts[row, k + 15] = np.log1p(np.float64(digits))
        sum_ = family_ups - family_downs
        facts[row, k + 16] = np.log1p(family_ups)
        facts[row, k + 17] = np.log1p(family_downs)
        facts[row, k + 18] = sum_ / np.sqrt(sum_ * sum_ + 1.0)
    row_first[offsets.shape[0] - 1] = total
    return total


@njit(cache=True, nogil=True)
def weigh_words(row_first, row_middle, slots, weights, word_share, scores):
    """Add, for each text, the sums of its words' weights by class over the root of their number, times `word_share`."""
    n_classes = weights.shape[1]
    sums = np.zeros(n_classes, np.float32)
    for row in range(row_middle.shape[0]):
        begin, end = row_first[row], row_middle[row]
        if end == begin:
            continue
        sums[:] = 0
        for at in range(begin, end):
            slot = slots[at]
            for c in range(n_classes):
                sums[c] += weights[slot, c]
        each = word_share / np.sqrt(np.float32(end - begin))
        for c in range(n_classes):
            scores[row, c] += sums[c] * each
