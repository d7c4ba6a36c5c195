"""The loops that run once per letter, word and query: Numba, flat on purpose, over Arrow's buffers.

A Numba function that takes arrays costs about 100 ns a call, more than the work on a word: what is called per post or
per candidate is written in one piece here, with scalar helpers only. Each kernel has a short reference elsewhere that a
test compares it with: `words.tokens` for `cut`, `vigie.match.plain` for `hold`, a dictionary for `tag`.

    bytes ──cut──► spellings (ids) ──hold──► pairs (post, query), places
                                   ──tag───► phrases

`cut` knows no folding: it numbers spellings, and what is asked of a spelling is worked out once, when it is first met.
"""

import numpy as np
from numba import njit

from vigie.text.fetching import fetch
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
    row_first, ids, starts, ends, hashes, miss_from, miss_to,
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
            # The spelling's hash; it is looked up afterwards, all of them in a row: the processor then waits for several
            # places of the table at once.
            one, two = seed, seed ^ SECOND_MULTIPLIER
            for at in range(token_from, i):
                letter = np.uint64(data[at])
                one = (one ^ letter) * MULTIPLIER
                two = (two + letter) * SECOND_MULTIPLIER
            one ^= one >> U32
            one *= SECOND_MULTIPLIER
            one ^= one >> U32
            hashes[2 * n], hashes[2 * n + 1] = one, (two ^ (two << U32)) & HIGH
            miss_from[n], miss_to[n] = token_from, i
            starts[n], ends[n] = token_place, place
            n += 1
    row_first[last_row - first_row] = n
    for k in range(n):
        one, high = hashes[2 * k], hashes[2 * k + 1]
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
            miss_from[misses], miss_to[misses] = miss_from[k], miss_to[k]
            misses += 1
            found = np.int64(1 - misses)
        ids[k] = found - 1
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


ANY, PLACED, SAID, WITHIN, SPEAKS, NEVER = range(6)
"""Kinds of tests: one of some words; words at places; what a source says; a number between two; the language; what no
source says."""

T_KIND, T_NOT, T_A, T_B, T_C, T_D, T_YES, T_NO = range(8)
"""Columns of a test. ANY: terms [a, b), zone c. PLACED: steps [a, b), zone c; d: a term without which it does not hold, or WHOLE or OPEN. SAID: terms [a, b), field c. WITHIN: bounds
a, number c. SPEAKS: terms [a, b). `yes` and `no`: the next test, or HELD or FAILED."""

HELD, FAILED = -1, -2

WHOLE, OPEN = -1, -2
"""No list of a test of places may be empty; or some may."""

ONE, SOME, ROW, EITHER, PAIR, WINDOW = range(6)
"""Kinds of steps of a test of places, each leaving a list of stretches: the places of a term a; of any of the terms [a, b);
of the terms [a, b) in a row, found by the rarest, the c-th; either of the last a lists; the last two lists within b words
(c: in order); the last a lists within b words."""

G_GATE, G_TEST, G_FLAGS = 0, 2, 3
"""Columns of what decides of a query at a glance, in one line of the cache: two terms without which it does not hold, or -1;
its first test, or HELD; flags."""

OMITS, SPOKEN, OPEN_TREE = 1, 2, 4
"""Flags: the clause of the words that lead to the query is left out of its tests; it tests the language; no group of which all
must hold lies within one of which any may, so that whatever holds of a query that holds made it hold."""

N_END, N_TEST = range(2)
"""Columns of the nodes of a query's tree, from its root: the node after all that is beneath, and the test; or, of a group, its kind."""

GROUP_ALL, GROUP_ANY = -1, -2
"""Kinds of groups: all must hold, or any."""

MAIN = -1
"""The zone of a word asked without one: title and text."""

READ, UNREAD = 0, 1
"""Whether the language of the posts has been read."""

AHEAD, SOON, LINE = 4, 2, 16
"""Queries ahead of the one at hand for which what they test is sent for, and for which the words of it are; numbers of four
bytes in a line of the cache."""

MOST_SORTED = 64
"""Places of a pair that are put in order one by one, which takes their square; most pairs have one or two."""

MOST_SIDES = 8
"""Sides of a WINDOW: its search keeps one number per set of sides."""


@njit(cache=True, nogil=True)
def hold(
    first_row, last_row,
    bounds, ids, segments, starts, ends,
    head, flat, said_first, said_terms, said_fields, numbers,
    posting_first, postings, beside, always, glances, alive,
    query_first, query_last, query_node, query_nodes,
    tests, test_terms, limits, steps, nodes,
    unread, strictly, with_spans,
    stamp, has, chain, seen, present, sought,
    entry_place, entry_next,
    list_from, list_to, leaf_from, leaf_to, stretch_from, stretch_to, ended, values, tried, nearest, loose,
    out_row, out_query, out_certain,
    span_pair, span_zone, span_start, span_end,
):  # fmt: skip
    """Hold rows against all queries.

    A row's words are [bounds[row, 0], bounds[row, 4]) of `ids`: title, text, address, links; `segments` parts them
    where no phrase may go over. A row's [said_first[row], said_first[row + 1]) are terms that its source's facts answer.
    `has` has a bit for each term of the row at hand, so many that they stay in the processor's nearest cache; `present`
    lists these terms after their number, so that their bits, and no others, are taken back before the next row.

    Returns (rows done, pairs, spans, stamp, what was full: 0 nothing, 1 answers, 2 scratch); a row is whole or not
    begun in what it returns. Places are in order, each once, but where `loose` was set.
    """
    n_pairs, n_spans = 0, 0
    for row in range(first_row, last_row):
        stamp += 1
        pairs_before, spans_before = n_pairs, n_spans
        row_from, text_from, text_to, row_to = bounds[row, 0], bounds[row, 1], bounds[row, 2], bounds[row, 4]
        n_present, n_entries = 0, 0
        # Every entry, and every fact, may be a term that is new.
        most_entries = entry_place.shape[0] - (said_first[row + 1] - said_first[row]) - 1
        for k in range(1, present[0] + 1):
            has[present[k] >> 3] = 0
        present[0] = 0
        if row_to - row_from > ended.shape[0] or said_first[row + 1] - said_first[row] >= present.shape[0]:
            return row, n_pairs, n_spans, stamp, 2
        # 1. The terms that this post has, each with its places, from the last word to the first.
        for i in range(row_to - 1, row_from - 1, -1):
            if i >= row_from + 8:
                fetch(head, ids[i - 8])
            h = head[ids[i]]
            if h == 0:
                continue
            if n_entries + flat[h] > most_entries:
                return row, n_pairs, n_spans, stamp, 2
            for j in range(h + 1, h + 1 + flat[h]):
                t = flat[j]
                if has[t >> 3] >> (t & 7) & 1:
                    entry_next[n_entries] = chain[t]
                else:
                    has[t >> 3] |= 1 << (t & 7)
                    n_present += 1
                    present[n_present] = t
                    present[0] = n_present
                    fetch(posting_first, t)
                    entry_next[n_entries] = -1
                entry_place[n_entries] = i
                chain[t] = n_entries
                n_entries += 1
        for j in range(said_first[row], said_first[row + 1]):
            t = said_terms[j]
            if has[t >> 3] >> (t & 7) & 1 == 0:
                has[t >> 3] |= 1 << (t & 7)
                n_present += 1
                present[n_present] = t
                present[0] = n_present
                chain[t] = -1
        # 2. The queries that one of them may make hold, each once; then those that need no word. What decides of one lies
        #    anywhere in tables of megabytes: it is sent for while the others are found.
        n_sought = 0
        for k in range(1, n_present + 1):
            led = present[k]
            if k + 2 <= n_present:
                fetch(postings, posting_first[present[k + 2]])
                fetch(beside, posting_first[present[k + 2]])
            if k < n_present:
                for at in range(posting_first[present[k + 1]], posting_first[present[k + 1] + 1]):
                    fetch(glances, np.int64(postings[at]) * glances.shape[1])
            for at in range(posting_first[led], posting_first[led + 1]):
                q, gate = postings[at], beside[at]
                if gate >= 0 and has[gate >> 3] >> (gate & 7) & 1 == 0:
                    continue
                # A term that it can't do without is not here: no need to look at its program.
                gate = glances[q, G_GATE]
                if gate >= 0 and has[gate >> 3] >> (gate & 7) & 1 == 0:
                    continue
                gate = glances[q, G_GATE + 1]
                if gate >= 0 and has[gate >> 3] >> (gate & 7) & 1 == 0:
                    continue
                if seen[q] == stamp or not alive[q]:
                    continue
                if glances[q, G_FLAGS] & OMITS and (chain[led] < 0 or entry_place[chain[led]] >= text_to):
                    # What was left out of the program held by a word of title or text; this one is elsewhere.
                    continue
                seen[q] = stamp
                sought[n_sought] = q
                n_sought += 1
                if glances[q, G_TEST] >= 0:
                    fetch(tests, glances[q, G_TEST] * tests.shape[1])
        for q in always:
            if alive[q]:
                sought[n_sought] = q
                n_sought += 1
        for n in range(n_sought):
            if n + AHEAD < n_sought:
                test = glances[sought[n + AHEAD], G_TEST]
                if test >= 0 and tests[test, T_KIND] == ANY:
                    fetch(test_terms, tests[test, T_A])
                    fetch(test_terms, tests[test, T_A] + LINE)
                elif test >= 0 and tests[test, T_KIND] == PLACED:
                    fetch(steps, tests[test, T_A] * steps.shape[1])
            if n + SOON < n_sought:
                test = glances[sought[n + SOON], G_TEST]
                if test >= 0 and tests[test, T_KIND] == PLACED:
                    step = tests[test, T_A]
                    if steps[step, 0] == SOME:
                        fetch(test_terms, steps[step, 1])
                        fetch(test_terms, steps[step, 1] + LINE)
            q = sought[n]
            # 3. Its tests: first by jumps until it holds or fails; when it holds and places are wanted, all of them, unless
            #    its tree is open; then, once more, those that made it hold, to note the places.
            phase = 0
            assume = True
            certain = True
            n_tried, at_tried = 0, 0
            pair_spans = n_spans
            placed = -1
            speaks = glances[q, G_FLAGS] & SPOKEN != 0
            is_open = glances[q, G_FLAGS] & OPEN_TREE != 0
            test = glances[q, G_TEST]
            node, first_node, n_nodes, offset = 0, 0, 0, 0
            held = test == HELD
            if held:
                # All of it was left out: the word that led here is enough.
                test = query_first[q]
                if n_pairs >= out_row.shape[0]:
                    return row, pairs_before, spans_before, stamp, 1
                out_row[n_pairs], out_query[n_pairs], out_certain[n_pairs] = row, q, True
                n_pairs += 1
                if not with_spans:
                    continue
                phase = 1
                if is_open:
                    phase = 2
                    while test < query_last[q] and (tests[test, T_NOT] != 0 or tests[test, T_KIND] > PLACED):
                        test += 1
                    if test == query_last[q]:
                        continue
            while True:
                kind = tests[test, T_KIND]
                a, b = tests[test, T_A], tests[test, T_B]
                negated = tests[test, T_NOT] != 0
                value = False
                if phase == 1 and at_tried < n_tried and tried[at_tried] >> 1 == test:
                    # The jumps, which lead onward only, came by here.
                    value = (tried[at_tried] & 1 != 0) != negated
                    at_tried += 1
                elif kind == ANY:
                    zone = tests[test, T_C]
                    if phase == 2:
                        for k in range(a, b):
                            t = test_terms[k]
                            if has[t >> 3] >> (t & 7) & 1:
                                e = chain[t]
                                while e >= 0:
                                    i = entry_place[e]
                                    e = entry_next[e]
                                    if zone == MAIN:
                                        if i >= text_to:
                                            break
                                    elif i < bounds[row, zone] or i >= bounds[row, zone + 1]:
                                        continue
                                    if i >= text_to:
                                        continue
                                    if n_spans >= span_pair.shape[0]:
                                        return row, pairs_before, spans_before, stamp, 1
                                    span_pair[n_spans] = n_pairs - 1
                                    span_zone[n_spans] = 0 if i < text_from else 1
                                    span_start[n_spans], span_end[n_spans] = starts[i], ends[i]
                                    n_spans += 1
                    elif zone == MAIN:
                        for k in range(a, b):
                            t = test_terms[k]
                            if has[t >> 3] >> (t & 7) & 1 and chain[t] >= 0 and entry_place[chain[t]] < text_to:
                                value = True
                                break
                    else:
                        low, high = bounds[row, zone], bounds[row, zone + 1]
                        for k in range(a, b):
                            t = test_terms[k]
                            if has[t >> 3] >> (t & 7) & 1:
                                e = chain[t]
                                while e >= 0 and not value:
                                    i = entry_place[e]
                                    value = low <= i < high
                                    e = entry_next[e]
                            if value:
                                break
                elif (
                    kind == PLACED
                    and tests[test, T_D] >= 0
                    and has[tests[test, T_D] >> 3] >> (tests[test, T_D] & 7) & 1 == 0
                ):
                    value = False
                elif kind == PLACED:
                    zone = tests[test, T_C]
                    low, high = row_from, text_to
                    if zone != MAIN:
                        low, high = bounds[row, zone], bounds[row, zone + 1]
                    if phase == 2 and test == placed:
                        # The last that was looked at: its places lie there still.
                        a = b
                    else:
                        placed = test
                        depth, top, leaves = 0, 0, 0
                    for step in range(a, b):
                        what, x, y, z = steps[step, 0], steps[step, 1], steps[step, 2], steps[step, 3]
                        if what == ONE:
                            begin = top
                            if has[x >> 3] >> (x & 7) & 1:
                                e = chain[x]
                                while e >= 0:
                                    i = entry_place[e]
                                    e = entry_next[e]
                                    if i < low:
                                        continue
                                    if i >= high:
                                        break
                                    if top >= stretch_from.shape[0]:
                                        return row, pairs_before, spans_before, stamp, 2
                                    stretch_from[top], stretch_to[top] = i, i
                                    top += 1
                            list_from[depth], list_to[depth] = begin, top
                            depth += 1
                            leaf_from[leaves], leaf_to[leaves] = begin, top
                            leaves += 1
                        elif what == SOME:
                            begin = top
                            least, most = np.int64(1) << 60, np.int64(-1)
                            for k in range(x, y):
                                t = test_terms[k]
                                if has[t >> 3] >> (t & 7) & 1:
                                    e = chain[t]
                                    while e >= 0:
                                        i = entry_place[e]
                                        e = entry_next[e]
                                        if i < low:
                                            continue
                                        if i >= high:
                                            break
                                        ended[i - row_from] = True
                                        least, most = min(least, i), max(most, i)
                            # Marked on the words themselves, the places are in order and each there once.
                            for i in range(least, most + 1):
                                if ended[i - row_from]:
                                    ended[i - row_from] = False
                                    if top < stretch_from.shape[0]:
                                        stretch_from[top], stretch_to[top] = i, i
                                    top += 1
                            if top > stretch_from.shape[0]:
                                return row, pairs_before, spans_before, stamp, 2
                            list_from[depth], list_to[depth] = begin, top
                            depth += 1
                            leaf_from[leaves], leaf_to[leaves] = begin, top
                            leaves += 1
                        elif what == ROW:
                            begin = top
                            t = test_terms[x + z]
                            if has[t >> 3] >> (t & 7) & 1:
                                e = chain[t]
                                while e >= 0:
                                    i = entry_place[e] - z
                                    e = entry_next[e]
                                    if i < low:
                                        continue
                                    if i + (y - x) > high:
                                        break
                                    if segments[i] != segments[i + (y - x) - 1]:
                                        continue
                                    fits = True
                                    for k in range(x, y):
                                        if k == x + z:
                                            continue
                                        # Does the word at this place answer this term?
                                        h = head[ids[i + (k - x)]]
                                        fits = False
                                        if h != 0:
                                            for j in range(h + 1, h + 1 + flat[h]):
                                                if flat[j] == test_terms[k]:
                                                    fits = True
                                                    break
                                        if not fits:
                                            break
                                    if not fits:
                                        continue
                                    if top >= stretch_from.shape[0]:
                                        return row, pairs_before, spans_before, stamp, 2
                                    stretch_from[top], stretch_to[top] = i, i + (y - x) - 1
                                    top += 1
                            list_from[depth], list_to[depth] = begin, top
                            depth += 1
                            leaf_from[leaves], leaf_to[leaves] = begin, top
                            leaves += 1
                        elif what == EITHER:
                            # Merge the last x lists two by two, each stretch once.
                            for _ in range(x - 1):
                                f1, l1 = list_from[depth - 2], list_to[depth - 2]
                                f2, l2 = list_from[depth - 1], list_to[depth - 1]
                                depth -= 1
                                if f2 == l2:
                                    continue
                                if f1 == l1:
                                    list_from[depth - 1], list_to[depth - 1] = f2, l2
                                    continue
                                if top + (l1 - f1) + (l2 - f2) > stretch_from.shape[0]:
                                    return row, pairs_before, spans_before, stamp, 2
                                begin = top
                                while f1 < l1 or f2 < l2:
                                    if f2 >= l2 or (
                                        f1 < l1
                                        and (
                                            stretch_from[f1] < stretch_from[f2]
                                            or (
                                                stretch_from[f1] == stretch_from[f2]
                                                and stretch_to[f1] <= stretch_to[f2]
                                            )
                                        )
                                    ):
                                        s, e = stretch_from[f1], stretch_to[f1]
                                        f1 += 1
                                    else:
                                        s, e = stretch_from[f2], stretch_to[f2]
                                        f2 += 1
                                    if top == begin or stretch_from[top - 1] != s or stretch_to[top - 1] != e:
                                        stretch_from[top], stretch_to[top] = s, e
                                        top += 1
                                list_from[depth - 1], list_to[depth - 1] = begin, top
                        elif what == PAIR:
                            # Every stretch from one side to the other with at most y words between, from left to right;
                            # of the last step, from each first word the shortest alone. What begins at one word is taken
                            # together: one word many times, in a NEAR within a NEAR, costs its different answers.
                            fa, la = list_from[depth - 2], list_to[depth - 2]
                            fb, lb = list_from[depth - 1], list_to[depth - 1]
                            depth -= 1
                            begin = top
                            ia, ib = fa, fb
                            near_a, near_b = fa, fb
                            while ia < la or (z == 0 and ib < lb):
                                s = np.int64(1) << 60
                                if ia < la:
                                    s = stretch_from[ia]
                                if z == 0 and ib < lb and stretch_from[ib] < s:
                                    s = stretch_from[ib]
                                least, most = np.int64(1) << 60, np.int64(-1)
                                for way in range(2 - z):
                                    # The other side begins after s: never before where it did for the s before.
                                    if way == 0:
                                        while near_b < lb and stretch_from[near_b] <= s:
                                            near_b += 1
                                        i, last_i, k, until = ia, la, near_b, lb
                                    else:
                                        while near_a < la and stretch_from[near_a] <= s:
                                            near_a += 1
                                        i, last_i, k, until = ib, lb, near_a, la
                                    while i < last_i and stretch_from[i] == s:
                                        # From e on, up to where the next one from s ends: beyond, that one is nearer.
                                        e, following = stretch_to[i], np.int64(1) << 60
                                        i += 1
                                        if i < last_i and stretch_from[i] == s:
                                            following = stretch_to[i]
                                        while k < until and stretch_from[k] <= e:
                                            k += 1
                                        nearest_to = min(e + 1 + y, following)
                                        while k < until and stretch_from[k] <= nearest_to:
                                            f = stretch_to[k]
                                            k += 1
                                            if segments[f] == segments[s]:
                                                ended[f - row_from] = True
                                                least, most = min(least, f), max(most, f)
                                    if way == 0:
                                        ia = i
                                    else:
                                        ib = i
                                for f in range(least, most + 1):
                                    if ended[f - row_from]:
                                        ended[f - row_from] = False
                                        if step == b - 1 and top > begin and stretch_from[top - 1] == s:
                                            continue
                                        if top >= stretch_from.shape[0]:
                                            return row, pairs_before, spans_before, stamp, 2
                                        stretch_from[top], stretch_to[top] = s, f
                                        top += 1
                            list_from[depth], list_to[depth] = 0, 0
                            list_from[depth - 1], list_to[depth - 1] = begin, top
                        else:
                            # WINDOW: for each start, the nearest end with one place of each of x sides, all different.
                            base = depth - x
                            begin = top
                            full = (1 << x) - 1
                            is_empty = False
                            for k in range(x):
                                if list_from[base + k] == list_to[base + k]:
                                    is_empty = True
                            # Sides that are the same are taken in their order: it changes nothing but the sets to look at.
                            twins = 1 << MOST_SIDES
                            for k in range(x):
                                nearest[twins + k] = 0
                                for m in range(k):
                                    long = list_to[base + k] - list_from[base + k]
                                    same = list_to[base + m] - list_from[base + m] == long
                                    at_k, at_m = list_from[base + k], list_from[base + m]
                                    while same and at_k < list_to[base + k]:
                                        same = stretch_from[at_k] == stretch_from[at_m]
                                        at_k += 1
                                        at_m += 1
                                    if same:
                                        nearest[twins + k] = np.int64(1) << m
                            s = np.int64(-1)
                            while not is_empty:
                                # The next place of any side.
                                after = s
                                s = np.int64(1) << 60
                                for k in range(x):
                                    lo, hi = list_from[base + k], list_to[base + k]
                                    while lo < hi:
                                        m = (lo + hi) // 2
                                        if stretch_from[m] <= after:
                                            lo = m + 1
                                        else:
                                            hi = m
                                    if lo < list_to[base + k] and stretch_from[lo] < s:
                                        s = stretch_from[lo]
                                if s == np.int64(1) << 60:
                                    break
                                limit = s + y + x - 1
                                # No side can be done before its own nearest place.
                                farthest = s
                                for k in range(x):
                                    lo, hi = list_from[base + k], list_to[base + k]
                                    while lo < hi:
                                        m = (lo + hi) // 2
                                        if stretch_from[m] < s:
                                            lo = m + 1
                                        else:
                                            hi = m
                                    if lo >= list_to[base + k]:
                                        farthest = limit + 1
                                        is_empty = True
                                    else:
                                        farthest = max(farthest, stretch_from[lo])
                                if farthest > limit or segments[farthest] != segments[s]:
                                    continue
                                # nearest[set of sides]: the nearest place at which the set can be done, from s on.
                                for k in range(full + 1):
                                    nearest[k] = np.int64(1) << 60
                                for k in range(x):
                                    lo, hi = list_from[base + k], list_to[base + k]
                                    while lo < hi:
                                        m = (lo + hi) // 2
                                        if stretch_from[m] < s:
                                            lo = m + 1
                                        else:
                                            hi = m
                                    if lo < list_to[base + k] and stretch_from[lo] == s and nearest[twins + k] == 0:
                                        nearest[1 << k] = s
                                for done in range(1, full):
                                    p = nearest[done]
                                    if p > limit:
                                        continue
                                    for k in range(x):
                                        if done & (1 << k) or done & nearest[twins + k] != nearest[twins + k]:
                                            continue
                                        lo, hi = list_from[base + k], list_to[base + k]
                                        while lo < hi:
                                            m = (lo + hi) // 2
                                            if stretch_from[m] <= p:
                                                lo = m + 1
                                            else:
                                                hi = m
                                        if lo < list_to[base + k] and stretch_from[lo] < nearest[done | (1 << k)]:
                                            nearest[done | (1 << k)] = stretch_from[lo]
                                if nearest[full] <= limit and segments[nearest[full]] == segments[s]:
                                    if top >= stretch_from.shape[0]:
                                        return row, pairs_before, spans_before, stamp, 2
                                    stretch_from[top], stretch_to[top] = s, nearest[full]
                                    top += 1
                            depth = base + 1
                            list_from[base], list_to[base] = begin, top
                        if tests[test, T_D] == WHOLE and list_from[depth - 1] == list_to[depth - 1]:
                            list_to[0] = list_from[0]
                            break
                    begin, last_of = list_from[0], list_to[0]
                    value = last_of > begin
                    if phase == 2:
                        # The words of the shortest stretch from each start: every leaf's that lie within.
                        for k in range(begin, last_of):
                            if k > begin and stretch_from[k - 1] == stretch_from[k]:
                                continue
                            s, e = stretch_from[k], stretch_to[k]
                            if s >= text_to:
                                continue
                            for m in range(leaves):
                                lo, hi = leaf_from[m], leaf_to[m]
                                while lo < hi:
                                    j = (lo + hi) // 2
                                    if stretch_from[j] < s:
                                        lo = j + 1
                                    else:
                                        hi = j
                                while lo < leaf_to[m] and stretch_from[lo] <= e:
                                    if stretch_to[lo] <= e:
                                        if n_spans >= span_pair.shape[0]:
                                            return row, pairs_before, spans_before, stamp, 1
                                        span_pair[n_spans] = n_pairs - 1
                                        span_zone[n_spans] = 0 if s < text_from else 1
                                        span_start[n_spans] = starts[stretch_from[lo]]
                                        span_end[n_spans] = ends[stretch_to[lo]]
                                        n_spans += 1
                                    lo += 1
                elif kind == SAID:
                    for k in range(a, b):
                        if has[test_terms[k] >> 3] >> (test_terms[k] & 7) & 1:
                            value = True
                            break
                    if strictly and negated and not value and said_fields[row] & (np.int64(1) << tests[test, T_C]) == 0:
                        # Nothing is said, so its NOT is no reason either.
                        value = True
                elif kind == WITHIN:
                    number = numbers[tests[test, T_C], row]
                    value = limits[a, 0] <= number <= limits[a, 1]
                    if strictly and negated and number != number:
                        value = True
                elif kind == SPEAKS:
                    if unread:
                        value = assume != negated
                    else:
                        for k in range(a, b):
                            if has[test_terms[k] >> 3] >> (test_terms[k] & 7) & 1:
                                value = True
                                break
                        if strictly and negated and not value and said_fields[row] & 1 == 0:
                            value = True
                else:
                    value = strictly and negated
                value = value != negated
                if phase == 0:
                    if with_spans and kind != SPEAKS and not is_open:
                        tried[n_tried] = 2 * np.int64(test) + value
                        n_tried += 1
                    test = tests[test, T_YES] if value else tests[test, T_NO]
                    if test >= 0:
                        continue
                    if test == FAILED:
                        if assume or not unread or not speaks:
                            break
                        certain = False
                    elif unread and speaks and assume:
                        # It holds if the language is the right one; does it whatever the language?
                        assume = False
                        n_tried = 0
                        test = glances[q, G_TEST]
                        continue
                    if n_pairs >= out_row.shape[0]:
                        return row, pairs_before, spans_before, stamp, 1
                    out_row[n_pairs], out_query[n_pairs], out_certain[n_pairs] = row, q, certain
                    n_pairs += 1
                    if not with_spans:
                        break
                    assume = True
                    phase = 1
                    test = query_first[q]
                    if not is_open:
                        continue
                    phase = 2
                    test -= 1
                if phase == 1:
                    values[test - query_first[q]] = value
                    test += 1
                    if test < query_last[q]:
                        continue
                    # The tree from its leaves up: what holds; then from the root down: what made it hold.
                    first_node = query_node[q]
                    n_nodes = query_nodes[q]
                    offset = query_last[q] - query_first[q]
                    for n in range(n_nodes - 1, -1, -1):
                        group = nodes[first_node + n, N_TEST]
                        if group >= 0:
                            values[offset + n] = values[group - query_first[q]]
                            continue
                        child = n + 1
                        result = group == GROUP_ALL
                        while child < nodes[first_node + n, N_END]:
                            if group == GROUP_ALL:
                                result = result and values[offset + child] != 0
                            else:
                                result = result or values[offset + child] != 0
                            child = nodes[first_node + child, N_END]
                        values[offset + n] = result
                    # A node that does not hold takes all beneath it along.
                    n = 0
                    while n < n_nodes:
                        if values[offset + n] == 0:
                            for m in range(n, nodes[first_node + n, N_END]):
                                values[offset + m] = 0
                            n = nodes[first_node + n, N_END]
                        else:
                            n += 1
                    phase = 2
                    node = 0
                # The next test that made it hold and has places.
                if phase == 2:
                    test += 1
                    while (
                        is_open and test < query_last[q] and (tests[test, T_NOT] != 0 or tests[test, T_KIND] > PLACED)
                    ):
                        test += 1
                    while not is_open and node < n_nodes:
                        test = nodes[first_node + node, N_TEST]
                        holds = test >= 0 and values[offset + node] != 0
                        if holds and tests[test, T_NOT] == 0 and tests[test, T_KIND] <= PLACED:
                            break
                        node += 1
                    if (is_open and test == query_last[q]) or (not is_open and node >= n_nodes):
                        # Its places in order, each once: few, and nearly so already; many are left to the caller.
                        if n_spans - pair_spans > MOST_SORTED:
                            loose[0] = True
                            break
                        last_span = pair_spans
                        for k in range(pair_spans, n_spans):
                            z, s, e = span_zone[k], span_start[k], span_end[k]
                            m = last_span - 1
                            while m >= pair_spans and (
                                span_zone[m] > z
                                or (
                                    span_zone[m] == z
                                    and (span_start[m] > s or (span_start[m] == s and span_end[m] > e))
                                )
                            ):
                                m -= 1
                            if m >= pair_spans and span_zone[m] == z and span_start[m] == s and span_end[m] == e:
                                continue
                            for j in range(last_span - 1, m, -1):
                                span_zone[j + 1], span_start[j + 1], span_end[j + 1] = (
                                    span_zone[j],
                                    span_start[j],
                                    span_end[j],
                                )
                            span_zone[m + 1], span_start[m + 1], span_end[m + 1] = z, s, e
                            span_pair[last_span] = n_pairs - 1
                            last_span += 1
                        n_spans = last_span
                        break
                    node += 1
    return last_row, n_pairs, n_spans, stamp, 0


@njit(cache=True, nogil=True)
def tag(
    rows, row_first, ids, head, flat, root, edge_first, edge_term, edge_to, ends_phrase, is_light, most_light,
    out_row, out_phrase, out_from, out_to,
):  # fmt: skip
    """Find phrases in some rows of words, from the left, at each place the longest; none overlaps another.

    The trie's node n has edges [edge_first[n], edge_first[n + 1]), sorted by term; `ends_phrase[n]` is the phrase that
    ends there, or -1. A word may answer several terms (with and without its accents), so several paths are followed.
    Up to `most_light` words of a term that `is_light` may stand between the words of a phrase.

    Returns how many were found; FULL when there is no room.
    """
    found = 0
    paths = np.zeros(64, np.int64)
    onward = np.zeros(64, np.int64)
    for r in range(rows.shape[0]):
        row = rows[r]
        i, end = row_first[row], row_first[row + 1]
        while i < end:
            if head[ids[i]] == 0:
                i += 1
                continue
            n_paths = 1
            paths[0] = 0
            best, best_to = np.int64(-1), i
            j = i
            passed = 0
            while j < end and n_paths > 0:
                h = head[ids[j]]
                if h == 0:
                    break
                n_onward = 0
                may_pass = False
                for p in range(n_paths):
                    first, last = edge_first[paths[p]], edge_first[paths[p] + 1]
                    for k in range(h + 1, h + 1 + flat[h]):
                        term = flat[k]
                        may_pass |= is_light[term]
                        if paths[p] == 0:
                            # The first word of a phrase: most words of a text are none, so it has a table of its own.
                            if root[term] > 0 and n_onward < 64:
                                onward[n_onward] = root[term]
                                n_onward += 1
                            continue
                        low, high = first, last
                        while low < high:
                            middle = (low + high) // 2
                            if edge_term[middle] < term:
                                low = middle + 1
                            else:
                                high = middle
                        if low < last and edge_term[low] == term and n_onward < 64:
                            onward[n_onward] = edge_to[low]
                            n_onward += 1
                n_read = n_onward
                if may_pass and j > i and passed < most_light:
                    passed += 1
                    for p in range(n_paths):
                        if n_onward < 64:
                            onward[n_onward] = paths[p]
                            n_onward += 1
                n_paths = n_onward
                j += 1
                for p in range(n_paths):
                    paths[p] = onward[p]
                    if p < n_read and ends_phrase[paths[p]] >= 0 and (best_to < j or ends_phrase[paths[p]] < best):
                        best, best_to = ends_phrase[paths[p]], j
            if best < 0:
                i += 1
                continue
            if found >= out_row.shape[0]:
                return FULL
            out_row[found], out_phrase[found], out_from[found], out_to[found] = row, best, i, best_to
            found += 1
            i = best_to
    return found


U24, U56 = np.uint64(24), np.uint64(56)

MOST_STRINGS = np.uint64(1 << 24)
"""Strings that a table of `index` can tell apart; thirty thousand queries have about a hundred thousand."""


@njit(cache=True, nogil=True)
def index(data, offsets, numbers, seed, slots):
    """Put some of many strings, each once, into a hash table.

    A slot holds 8 bits of the hash, then the string's number plus one (zero: empty); who looks a string up compares letters.
    """
    mask = np.uint64(slots.shape[0] - 1)
    for n in range(numbers.shape[0]):
        k = numbers[n]
        one = seed
        for at in range(offsets[k], offsets[k + 1]):
            one = (one ^ np.uint64(data[at])) * MULTIPLIER
        one ^= one >> U32
        one *= SECOND_MULTIPLIER
        one ^= one >> U32
        slot = one & mask
        while slots[np.int64(slot)] != 0:
            slot = (slot + U1) & mask
        slots[np.int64(slot)] = np.uint32((one >> U56) << U24 | np.uint64(k + 1))


@njit(cache=True, nogil=True)
def keys_of(data, offsets, seed, asked, asked_offsets, whole, begun, is_length, out_string, out_key, out_begun):
    """Find which of some strings are in a table, and which begin with one of another; one pass over their letters.

    The tables hold strings of `asked`, as `index` puts them there. `is_length[n]` says whether some beginning has n bytes. Returns how many were found; FULL when there is no room.
    """
    found = 0
    longest = is_length.shape[0]
    for k in range(offsets.shape[0] - 1):
        first, last = offsets[k], offsets[k + 1]
        one = seed
        for at in range(first, last):
            one = (one ^ np.uint64(data[at])) * MULTIPLIER
            long = at + 1 - first
            is_whole = at + 1 == last
            for table in range(2):
                if (table == 0 and not is_whole) or (table == 1 and (long >= longest or not is_length[long])):
                    continue
                slots = whole if table == 0 else begun
                mask = np.uint64(slots.shape[0] - 1)
                mixed = one ^ (one >> U32)
                mixed *= SECOND_MULTIPLIER
                mixed ^= mixed >> U32
                slot = mixed & mask
                while slots[np.int64(slot)] != 0:
                    kept = np.uint64(slots[np.int64(slot)])
                    key = np.int64(kept & (MOST_STRINGS - U1)) - 1
                    is_same = kept >> U24 == mixed >> U56 and asked_offsets[key + 1] - asked_offsets[key] == long
                    n = 0
                    while is_same and n < long:
                        is_same = asked[asked_offsets[key] + n] == data[first + n]
                        n += 1
                    if is_same:
                        if found >= out_string.shape[0]:
                            return FULL
                        out_string[found], out_key[found], out_begun[found] = k, key, table == 1
                        found += 1
                        break
                    slot = (slot + U1) & mask
    return found
