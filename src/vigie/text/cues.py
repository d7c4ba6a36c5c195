"""How what was found in a text is said: not there, perhaps, long ago, of somebody else, taken for, caused. Numba, flat.

Items are phrases found in rows of words, in order; each has a set of bits: what it names, and what it does to others. A
sentence ends with a stop; commas part its clauses. Distances are in words. `tests/unit/text/test_cues.py` compares the
kernels with a plain reader.
"""

import numpy as np
from numba import njit

from vigie.text.kernel import _width

(
    DRUG, DOUBTFUL, REACTION, EITHER, CONDITION, DEVICE,
    NULL, NEGATION, ENDED, HYPOTHETICAL, IF, PAST, OTHER, PRONOUN, SELF, TURN, INDICATION, CAUSE, SINCE, TAKE, MEDIC, SO, JOIN, VAGUE,
    EVENT, OWN, WAS, NOW,
) = (1 << n for n in range(28))  # fmt: skip
"""What an item is. DOUBTFUL: a name that is a word of every day too, or is misspelt. EITHER: an illness or an effect, by
what stands around it. VAGUE, beside REACTION: a word of
every day that is an effect where the text speaks of a medicine or of another effect. EVENT, beside EITHER: an effect
where the text names a medicine, unless OWN (“ma”) stands before. NULL: words that would otherwise do something (“not
only”). WAS: a verb told as past. NOW: what was past before it is so no longer. A name with PAST is past by its own form."""

NAMES = DRUG | DOUBTFUL | REACTION | EITHER | CONDITION | DEVICE

IS_FOUND, IS_REACTION, IS_CONDITION, IS_NEGATED, IS_HYPOTHETICAL, IS_PAST, IS_ANOTHERS = (1 << n for n in range(7))
"""What is said of an item."""

FAR = 40
"""Words on either side that are looked at: two lines; a bound on the work in a text without stops."""

NEGATION_REACH, INDICATION_REACH, PERHAPS_REACH, CAUSE_REACH, STRONG_REACH, CONTEXT_REACH, SO_REACH, AFTER_REACH, WAS_REACH = (
    4, 3, 14, 14, 4, 8, 6, 5, 8,
)  # fmt: skip
"""Words between a cue and what it is about. Chosen by reading PsyTAR's train sentences and examples of our own; a
negation reaches as far as in `vigie.enrich.tone`."""


@njit(cache=True, nogil=True)
def parts(data, offsets, rows, row_first, starts, ends, sentence, commas, asks):
    """Fill in, for each word of some rows, the number of its sentence and how many commas stand before it.

    `asks[s]` says whether sentence s ends with a question mark. Sentences are numbered on from row to row.
    """
    s, c = np.int32(0), np.int32(0)
    for r in range(rows.shape[0]):
        row = rows[r]
        s += 1
        token, last = row_first[row], row_first[row + 1]
        at, end, place = offsets[row], offsets[row + 1], 0
        is_open, own = False, s
        while at < end:
            if token < last and place == starts[token]:
                sentence[token], commas[token] = s, c
                is_open = True
                while at < end and place < ends[token]:
                    at += _width(data[at])
                    place += 1
                token += 1
                continue
            byte = data[at]
            wide = _width(byte)
            if byte == 44 or byte == 40 or byte == 41 or byte == 58:
                c += 1
            elif is_open and (byte == 10 or byte == 33 or byte == 63 or byte == 59 or byte == 46):
                # A point between digits is a decimal's.
                is_decimal = (
                    byte == 46 and at > offsets[row] and at + 1 < end
                    and 48 <= data[at - 1] <= 57 and 48 <= data[at + 1] <= 57
                )  # fmt: skip
                if not is_decimal:
                    asks[s] = byte == 63
                    s += 1
                    is_open = False
            elif byte == 63 and s > own:
                asks[s - 1] = True
            elif byte == 0xE2 and at + 2 < end and data[at + 1] == 0x80 and data[at + 2] == 0xA6 and is_open:
                s += 1
                is_open = False
            at += wide
            place += 1
    return s


@njit(cache=True, nogil=True)
def judge(row, bits, first, last, sentence, commas, asks, said):
    """Fill in what is said of each item that names something."""
    n = row.shape[0]
    row_begin, other_row = 0, -1
    speaks_of_it, has_drug = False, False
    for k in range(n):
        if k == 0 or row[k] != row[k - 1]:
            row_begin = k
            speaks_of_it, has_drug = False, False
            m = k
            while m < n and row[m] == row[k] and not has_drug:
                has_drug = bits[m] & DRUG != 0
                speaks_of_it |= bits[m] & VAGUE == 0 and bits[m] & (DRUG | REACTION) != 0
                m += 1
        if bits[k] & OTHER:
            other_row = row[k]
        if bits[k] & NAMES == 0:
            continue
        own = sentence[first[k]]
        # What stands before, from the nearest.
        negated, perhaps, supposed, past, anothers, indicated, caused, strongly, context, has_self = (
            False, False, False, False, False, False, False, False, False, False,
        )  # fmt: skip
        turned, is_settled, lately, owned = False, False, False, False
        past = bits[k] & PAST != 0
        previous = -1
        others_before = 0
        j = k - 1
        while j >= row_begin:
            distance = first[k] - last[j]
            if distance > FAR or sentence[first[j]] != own:
                break
            b = bits[j]
            apart = commas[first[k]] - commas[first[j]]
            if previous < 0 and b & NAMES and b & (JOIN | NULL) == 0:
                previous = j
            if distance <= CONTEXT_REACH and b & (TAKE | MEDIC | DRUG | REACTION) and b & VAGUE == 0:
                context = True
            if b & NULL == 0:
                if (
                    b & NEGATION and not turned and not indicated and apart == 0
                    and distance <= NEGATION_REACH and others_before == 0
                ):  # fmt: skip
                    negated = True
                if b & INDICATION and not turned and apart == 0 and distance <= INDICATION_REACH and others_before == 0:
                    indicated = True
                if b & HYPOTHETICAL and not turned and distance <= PERHAPS_REACH:
                    perhaps = True
                if b & IF and not turned and 1 <= distance <= PERHAPS_REACH:
                    supposed = True
                if b & NOW:
                    lately = True
                if b & OWN and distance <= 1:
                    owned = True
                if not turned and not lately and ((b & PAST and b & NAMES == 0) or (b & WAS and distance <= WAS_REACH)):
                    past = True
                if not is_settled and b & SELF:
                    is_settled, has_self = True, True
                elif not is_settled and (b & OTHER or (b & PRONOUN and other_row == row[k])):
                    is_settled, anothers = True, True
                if b & SELF:
                    has_self = True
                if b & (CAUSE | SINCE) and not turned and distance <= CAUSE_REACH:
                    caused = True
                if b & CAUSE and not turned and distance <= STRONG_REACH:
                    strongly = True
                if b & TURN:
                    turned = True
            if b & NAMES and b & JOIN == 0 and b & (DRUG | DOUBTFUL) == 0:
                others_before += 1
            j -= 1
        # A list goes on: what was said of its last member holds.
        if previous >= 0:
            between = first[k] - last[previous]
            joined = True
            words_joined = 0
            for m in range(previous + 1, k):
                if bits[m] & JOIN == 0:
                    joined = False
                words_joined += last[m] - first[m]
            apart = commas[first[k]] - commas[first[previous]]
            is_list = joined and between <= 3 and (between == words_joined) and (apart > 0 or words_joined > 0)
            same = bits[previous] & (DRUG | DOUBTFUL | DEVICE) == bits[k] & (DRUG | DOUBTFUL | DEVICE) or (
                bits[previous] & (DRUG | DOUBTFUL | DEVICE) != 0 and bits[k] & (DRUG | DOUBTFUL | DEVICE) != 0
            )
            if is_list and same:
                if said[previous] & IS_NEGATED:
                    negated = True
                if said[previous] & IS_REACTION and bits[k] & EITHER:
                    caused = True
                if said[previous] & IS_CONDITION and bits[previous] & REACTION and not caused:
                    indicated = True
        # What stands after.
        so = -1
        j = k + 1
        while j < n and row[j] == row[k]:
            distance = first[j] - last[k]
            if distance > FAR or sentence[first[j]] != own:
                break
            b = bits[j]
            if b & TURN:
                break
            if distance <= CONTEXT_REACH and b & (TAKE | MEDIC | DRUG | REACTION) and b & VAGUE == 0:
                context = True
            if b & HYPOTHETICAL and distance <= 1:
                perhaps = True
            if b & PAST and b & NAMES == 0:
                past = True
            if b & ENDED and distance <= AFTER_REACH and b & NULL == 0:
                past = True
            if b & OTHER and distance <= AFTER_REACH and not has_self:
                anothers = True
            if b & CAUSE and distance <= 2:
                caused = True
            if b & SO and so < 0:
                so = j
            if (
                so >= 0
                and b & (TAKE | DRUG | DOUBTFUL)
                and distance <= SO_REACH + 4
                and first[j] - last[so] <= SO_REACH
            ) and not caused:
                indicated = True
            j += 1
        if asks[own] and not has_self:
            perhaps = True
        found = np.int32(0)
        b = bits[k]
        if b & (DRUG | DEVICE) or (b & DOUBTFUL and context):
            found |= IS_FOUND
        elif b & VAGUE and not speaks_of_it and not caused:
            found = np.int32(0)
        elif b & REACTION:
            found |= IS_FOUND | (IS_CONDITION if indicated else IS_REACTION)
        elif b & EITHER:
            happened = caused or (b & EVENT and has_drug and not owned)
            found |= IS_FOUND | (IS_REACTION if happened and not indicated else IS_CONDITION)
        elif b & CONDITION:
            found |= IS_FOUND | (IS_REACTION if strongly and not indicated else IS_CONDITION)
        if negated:
            found |= IS_NEGATED
        # A medicine is named all the same where its effects are in question; not where it is itself.
        if supposed or (perhaps and b & (DRUG | DOUBTFUL | DEVICE) == 0):
            found |= IS_HYPOTHETICAL
        if past:
            found |= IS_PAST
        if anothers:
            found |= IS_ANOTHERS
        said[k] = found
