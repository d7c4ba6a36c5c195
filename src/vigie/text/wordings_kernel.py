"""The loops that mark words by the punctuation around them and find wordings among them: Numba, flat on purpose.

    bytes, words ──mark──► what stands before each word, sentences ──find──► wordings at their places

`vigie.text.wordings` says what a wording is; `tests/unit/text/test_wordings.py` compares both loops with plain Python.
"""

import numpy as np
from numba import njit

from vigie.text.kernel import FULL, _code, _width

STOP, COMMA, LINK, QUOTED = 1, 2, 4, 8
"""Bits of a word: a sentence begins with it; a comma, colon, bracket or dash stands before it; it is part of an address; it
is another's, within quotation marks or in a line that `>` opens."""

ASKS, CRIES, TITLED = 1, 2, 4
"""Bits of a sentence: `?` ends it, `!` ends it, a colon stands after its first words."""

TITLE_WORDS = 8
"""Words before the colon of a headline, at most: “Pénurie de médicaments dans les hôpitaux : ce que l'on sait” has six."""

NEGATOR, SUPPOSER = 0, 1
"""The first two symbols: words that deny what follows, words that suppose it."""

AT_START, AT_END, IF_ASKS, IF_CRIES, EVEN_DENIED, IF_TITLED = 1, 2, 4, 8, 16, 32
"""Bits of a wording: it must begin or end its sentence, whose end must be `?` or `!`; it counts though it is denied; its sentence must
have a colon after its first words."""

REACH = 2
"""Words before a wording in which a negator denies it: “ce n'est pas une question” has one between, in French and English
both mostly an article."""

QUOTE_WORDS = 3
"""Words that a quotation has at least; fewer are a name or a word held at arm's length, and the author's own."""

MOST_PATHS = 64


@njit(cache=True, nogil=True)
def mark(data, offsets, row_first, starts, ends, marks, sentence, first_of, end_of, bits_of):
    """Mark the words of rows and part them into sentences; returns how many sentences there are.

    `sentence` is, by word, the number of its sentence; of a sentence, `first_of` is its first word, `end_of` the code
    point after its last word or sign, `bits_of` how it ends.
    """
    n = 0
    for row in range(row_first.shape[0] - 1):
        k, last = row_first[row], row_first[row + 1]
        i, end = offsets[row], offsets[row + 1]
        place = 0
        stop, comma, link, slash, fresh, own_line = True, False, False, False, True, True
        opened = np.int64(-1)
        closer = 0
        while i < end:
            byte = data[i]
            if byte < 0x80:
                w, c = 1, np.int64(byte)
            else:
                w = _width(byte)
                c = _code(byte, data[i + 1], data[i + 2], data[i + 3], end - i)
            if k < last and place >= starts[k]:
                if place == starts[k]:
                    if stop:
                        first_of[n], bits_of[n] = k, 0
                        n += 1
                    marks[k] = (STOP if stop else 0) | (COMMA if comma else 0) | (LINK if link else 0)
                    if not own_line:
                        marks[k] |= QUOTED
                    sentence[k] = n - 1
                    stop, comma, fresh = False, False, False
                if place == ends[k] - 1:
                    end_of[n - 1] = ends[k]
                    k += 1
                i += w
                place += 1
                continue
            begins = k == row_first[row]
            after = np.int64(data[i + w]) if i + w < end else np.int64(32)
            if c == 10 or c == 13:
                stop, link, slash, fresh, own_line = True, False, False, True, True
                opened = -1
                closer = 0
            elif c == 32 or c == 9 or c == 0xA0 or c == 0x202F:
                link, slash = False, False
            elif c == 62 and fresh:
                own_line = False
            elif link:
                pass
            elif c == 63 and not slash:
                stop = True
                if not begins:
                    bits_of[n - 1] |= ASKS
                    end_of[n - 1] = place + 1
            elif c == 33:
                stop = True
                if not begins:
                    bits_of[n - 1] |= CRIES
                    end_of[n - 1] = place + 1
            elif c == 46:
                # A full stop before a letter is within an address or a number.
                if not begins and (data[i - 1] | 0x20) == 119 and ends[k - 1] - starts[k - 1] == 3 and (
                    (data[i - 2] | 0x20) == 119 and (data[i - 3] | 0x20) == 119
                ):  # fmt: skip
                    link = True
                    marks[k - 1] |= LINK
                elif after <= 32 or after >= 0x80 or after == 46 or after == 34 or after == 41:
                    # `M.`, `J.`, `Dr.`, `Pr.` end no sentence.
                    stop = begins or not (
                        (ends[k - 1] - starts[k - 1] == 1 and 65 <= data[i - 1] <= 90)
                        or (ends[k - 1] - starts[k - 1] == 2 and data[i - 1] == 114 and (
                            data[i - 2] == 68 or data[i - 2] == 80 or data[i - 2] == 77))
                    )  # fmt: skip
            elif c == 59 or c == 0x2026 or c == 124 or c == 0x2022:
                stop = True
            elif c == 58:
                if not begins and i + 2 < end and data[i + 1] == 47 and data[i + 2] == 47:
                    link = True
                    marks[k - 1] |= LINK
                elif not begins and not stop and k - first_of[n - 1] <= TITLE_WORDS:
                    bits_of[n - 1] |= TITLED
                comma = True
            elif c == 47:
                slash = True
                comma = True
            elif c == 44 or c == 40 or c == 41 or c == 0x2013 or c == 0x2014 or (c == 45 and after <= 32):
                comma = True
            elif c == 0xAB or c == 0x201C or (c == 34 and closer != 34):
                opened = k
                closer = 0xBB if c == 0xAB else (0x201D if c == 0x201C else 34)
                comma = True
            elif closer != 0 and c == closer:
                if opened >= 0 and k - opened >= QUOTE_WORDS:
                    for t in range(opened, k):
                        marks[t] |= QUOTED
                opened = -1
                closer = 0
                comma = True
            i += w
            place += 1
    return n


@njit(cache=True, nogil=True)
def _has(symbol, head, flat, symbol_first, symbols):
    """Say whether a spelling, by its place in `flat`, has a symbol."""
    if head == 0:
        return False
    for a in range(head + 1, head + 1 + flat[head]):
        for b in range(symbol_first[flat[a]], symbol_first[flat[a] + 1]):
            if symbols[b] == symbol:
                return True
    return False


@njit(cache=True, nogil=True)
def find(
    row_first, ids, marks, sentence, bits_of,
    head, flat, symbol_first, symbols,
    root, edge_first, edge_symbol, edge_to, any_to, ending_first, ending, conditions,
    out_row, out_wording, out_from, out_to,
):  # fmt: skip
    """Find all wordings in rows of words, at every place; they may overlap.

    The trie's node n has edges [edge_first[n], edge_first[n + 1]), sorted by symbol, `any_to[n]` for any word that is no
    negator and has no comma before it (-1: none), and [ending_first[n], ending_first[n + 1]) are the wordings that end
    there. None goes over a sentence's end, an address or a quotation's edge.

    Returns how many were found; FULL when there is no room.
    """
    found = 0
    paths = np.zeros(MOST_PATHS, np.int64)
    onward = np.zeros(MOST_PATHS, np.int64)
    for row in range(row_first.shape[0] - 1):
        row_from, row_to = row_first[row], row_first[row + 1]
        for i in range(row_from, row_to):
            h = head[ids[i]]
            if h == 0 or marks[i] & (LINK | QUOTED):
                continue
            n_paths = 0
            for a in range(h + 1, h + 1 + flat[h]):
                for b in range(symbol_first[flat[a]], symbol_first[flat[a] + 1]):
                    if root[symbols[b]] > 0 and n_paths < MOST_PATHS:
                        paths[n_paths] = root[symbols[b]]
                        n_paths += 1
            if n_paths == 0:
                continue
            bits = bits_of[sentence[i]]
            denied = -1
            j = i
            while n_paths > 0:
                is_last = j + 1 == row_to or marks[j + 1] & STOP != 0
                for p in range(n_paths):
                    for e in range(ending_first[paths[p]], ending_first[paths[p] + 1]):
                        asked = conditions[ending[e]]
                        if (
                            (asked & AT_START and marks[i] & STOP == 0)
                            or (asked & AT_END and not is_last)
                            or (asked & IF_ASKS and bits & ASKS == 0)
                            or (asked & IF_CRIES and bits & CRIES == 0)
                            or (asked & IF_TITLED and bits & TITLED == 0)
                        ):
                            continue
                        if asked & EVEN_DENIED == 0:
                            if denied < 0:
                                denied = 0
                                t = i
                                while t > row_from and i - t < REACH and marks[t] & (STOP | COMMA) == 0:
                                    t -= 1
                                    h = head[ids[t]]
                                    if _has(NEGATOR, h, flat, symbol_first, symbols) or _has(
                                        SUPPOSER, h, flat, symbol_first, symbols
                                    ):
                                        denied = 1
                            if denied == 1:
                                continue
                        if found >= out_row.shape[0]:
                            return FULL
                        out_row[found], out_wording[found] = row, ending[e]
                        out_from[found], out_to[found] = i, j
                        found += 1
                j += 1
                if is_last or marks[j] & (LINK | QUOTED):
                    break
                h = head[ids[j]]
                is_any = marks[j] & COMMA == 0 and not _has(NEGATOR, h, flat, symbol_first, symbols)
                n_onward = 0
                for p in range(n_paths):
                    node = paths[p]
                    if is_any and any_to[node] >= 0 and n_onward < MOST_PATHS:
                        onward[n_onward] = any_to[node]
                        n_onward += 1
                    if h == 0:
                        continue
                    for a in range(h + 1, h + 1 + flat[h]):
                        for b in range(symbol_first[flat[a]], symbol_first[flat[a] + 1]):
                            low, high = edge_first[node], edge_first[node + 1]
                            last = high
                            while low < high:
                                middle = (low + high) // 2
                                if edge_symbol[middle] < symbols[b]:
                                    low = middle + 1
                                else:
                                    high = middle
                            if low < last and edge_symbol[low] == symbols[b] and n_onward < MOST_PATHS:
                                onward[n_onward] = edge_to[low]
                                n_onward += 1
                n_paths = n_onward
                for p in range(n_paths):
                    paths[p] = onward[p]
    return found
