"""The loops that sketch texts and group them while they stream: a forest over posts, bands of sketches, links from post to post.

    post ──link──► the post it repeats ─┐
         ──bands─► posts alike ─────────┴─► one tree a group; a group of two or more has a story's number

A sketch of 64 lanes is cut into 16 bands of 4: who agrees on one whole band is compared on all lanes. Of texts with half of
their pairs of words in common, 64 of 100 meet in a band; with 0.6, 89; with 0.7, 99 (1 - (1 - s^4)^16).
"""

import numpy as np
from numba import njit

from vigie.text.kernel import MULTIPLIER, SECOND_MULTIPLIER

APART = 2
"""Words that stand at most so far apart make a pair; `sketch` is written for two."""

BANDS, ROWS_A_BAND = 16, 4
"""Bands of a sketch, and lanes of each."""

MOST_COMPARED = 32
"""Posts that are looked at in one band, the newest first: wordings that a thousand bots vary would else be compared each with
each. Texts with the very same sketch stand there once: the first of them, to which the others are led by the whole sketch."""

FIRST, REPOST, QUOTE, NEAR = 0, 1, 2, 3
"""How a post came into its story; FIRST: the others came to it."""

OF_POST, OF_STORY, OF_BAND, OF_ID, OF_SKETCH = (np.uint64(n) for n in range(1, 6))
"""What the entries of the one hash table are of: a post's key, a story, a band, a post's id, a sketch as a whole."""

ENTRIES_A_SLOT = BANDS + 6
"""Most entries that a slot adds to the table."""

U29, U32 = np.uint64(29), np.uint64(32)


@njit(cache=True, nogil=True)
def hash_strings(data, offsets, out):
    """Fill in a hash of each string's bytes: FNV-1a, its bits mixed at the end; never 0."""
    for row in range(offsets.shape[0] - 1):
        value = np.uint64(0xCBF29CE484222325)
        for at in range(offsets[row], offsets[row + 1]):
            value = (value ^ np.uint64(data[at])) * np.uint64(0x100000001B3)
        value = (value ^ (value >> np.uint64(29))) * MULTIPLIER
        value ^= value >> np.uint64(32)
        out[row] = value if value != 0 else np.uint64(1)


@njit(cache=True, nogil=True)
def sketch(first, ids, table, factors, addends, fewest, most, signatures, counts):
    """Fill in the smallest hash of each lane over the pairs of each row, and how many words were read."""
    lanes = factors.shape[0]
    low = np.empty(lanes, np.uint32)
    for row in range(first.shape[0] - 1):
        for lane in range(lanes):
            low[lane] = 0xFFFFFFFF
        words_read = 0
        before, last = np.uint64(0), np.uint64(0)
        for at in range(first[row], first[row + 1]):
            word = table[ids[at]]
            if word == 0:
                continue
            words_read += 1
            for apart in range(min(APART, words_read - 1)):
                other = last if apart == 0 else before
                # The same whichever word comes first.
                mixed = (word ^ other) * MULTIPLIER + (word + other) * SECOND_MULTIPLIER
                mixed = (mixed ^ (mixed >> np.uint64(31))) * MULTIPLIER
                pair = np.uint32(mixed >> np.uint64(32))
                for lane in range(lanes):
                    value = np.uint32(pair * factors[lane] + addends[lane])
                    low[lane] = min(low[lane], value)
            if words_read == most:
                break
            before, last = last, word
        counts[row] = words_read
        if words_read < fewest:
            for lane in range(lanes):
                low[lane] = 0xFFFFFFFF
        for lane in range(lanes):
            signatures[row, lane] = low[lane]


@njit(cache=True, nogil=True)
def _tag(what, value):
    """Return a hash of what a table's entry is of; never 0."""
    mixed = (value ^ (what * SECOND_MULTIPLIER)) * MULTIPLIER
    mixed = (mixed ^ (mixed >> U29)) * SECOND_MULTIPLIER
    mixed ^= mixed >> U32
    return mixed if mixed != 0 else np.uint64(1)


@njit(cache=True, nogil=True)
def _place(tags, tag):
    """Return where a tag stands in an open table, or would."""
    mask = tags.shape[0] - 1
    at = np.int64(tag & np.uint64(mask))
    while tags[at] != 0 and tags[at] != tag:
        at = (at + 1) & mask
    return at


@njit(cache=True, nogil=True)
def root(parents, slot):
    """Return the root of a slot's tree, and shorten the way to it."""
    while parents[slot] != slot:
        parents[slot] = parents[parents[slot]]
        slot = parents[slot]
    return slot


@njit(cache=True, nogil=True)
def roots(parents, slots, out):
    """Fill in the root of each slot."""
    for row in range(out.shape[0]):
        out[row] = root(parents, slots[row])


@njit(cache=True, nogil=True)
def look_up(what, values, tags, heads, out):
    """Fill in the slot that each value leads to, -1 where it leads to none."""
    for row in range(values.shape[0]):
        at = _place(tags, _tag(what, values[row]))
        out[row] = heads[at] if tags[at] != 0 else -1


@njit(cache=True, nogil=True)
def enter(what, values, slots, tags, heads):
    """Have each value lead to a slot."""
    for row in range(values.shape[0]):
        tag = _tag(what, values[row])
        at = _place(tags, tag)
        tags[at], heads[at] = tag, slots[row]


@njit(cache=True, nogil=True)
def widen(tags, heads, wider_tags, wider_heads):
    """Copy a table into an empty, larger one."""
    for at in range(tags.shape[0]):
        if tags[at] != 0:
            to = _place(wider_tags, tags[at])
            wider_tags[to], wider_heads[to] = tags[at], heads[at]


@njit(cache=True, nogil=True)
def _older(one, other):
    """Return the story that stays of two: the one with the smaller number; one that is not numbered yet, below 0, is younger."""
    if one > 0 and other > 0:
        return min(one, other)
    return max(one, other)


@njit(cache=True, nogil=True)
def _unite(a, b, parents, living, sole, stories, counts, joined, lost, kept):
    """Make one tree of two. A group of two living posts has a story; of two stories the older stays.

    `counts`: stories made, single posts that came into a story, stories that joined another; `joined`, `lost` and `kept` hold
    the last two.
    """
    a, b = root(parents, a), root(parents, b)
    if a == b:
        return
    if living[a] < living[b]:
        a, b = b, a
    one, other = stories[a], stories[b]
    alive = living[a] + living[b]
    story = _older(one, other) if one != 0 and other != 0 else one + other
    if one > 0 and other > 0 and one != other:
        lost[counts[2]], kept[counts[2]] = max(one, other), story
        counts[2] += 1
    if story == 0 and alive > 1:
        counts[0] += 1
        story = -counts[0]
    if story != 0:
        if one == 0 and living[a] == 1:
            joined[counts[1]] = sole[a]
            counts[1] += 1
        if other == 0 and living[b] == 1:
            joined[counts[1]] = sole[b]
            counts[1] += 1
    if living[a] == 0:
        sole[a] = sole[b]
    parents[b] = a
    living[a], stories[a] = alive, story


@njit(cache=True, nogil=True)
def unite(pairs, parents, living, sole, stories, counts, joined, lost, kept):
    """Make one tree of the two of each pair of slots."""
    for row in range(pairs.shape[0]):
        _unite(pairs[row, 0], pairs[row, 1], parents, living, sole, stories, counts, joined, lost, kept)


@njit(cache=True, nogil=True)
def _of_lanes(lanes, first, end, seed):
    """Return a hash of some lanes of a sketch."""
    value = np.uint64(seed)
    for lane in range(first, end):
        value = (value ^ np.uint64(lanes[lane])) * MULTIPLIER
        value ^= value >> U29
    return value


@njit(cache=True, nogil=True)
def _equal(one, other):
    """Return how many lanes two sketches have in common."""
    equal = np.int64(0)
    for lane in range(one.shape[0]):
        equal += one[lane] == other[lane]
    return equal


@njit(cache=True, nogil=True)
def group(
    start, end, compared, threshold, posts, keys, reposts, quotes, signatures, sketched, tags, heads, following,
    parents, living, sole, stories, ties, similar, counts, joined, lost, kept,
):  # fmt: skip
    """Put the slots from `start` to `end` into the forest, in their order.

    `compared`: whether texts are held against those before them; what was grouped before is told by its story and its links.
    `keys`, `reposts`, `quotes`: hashes of the post's own key and of those that it repeats or quotes with little of its own; 0
    where there is none. `stories` holds the story that a slot is known to belong to, else 0. `tags` and `heads` are an
    open table with room for all of it; `following` leads from a slot to the one before it in its band.
    Fills in `ties` and `similar` of the slots; `counts` and what follows as `_unite` says.
    """
    lanes = signatures.shape[1]
    for slot in range(start, end):
        parents[slot], sole[slot] = slot, slot
        living[slot] = 1
        at = _place(tags, _tag(OF_ID, np.uint64(posts[slot])))
        tags[at], heads[at] = _tag(OF_ID, np.uint64(posts[slot])), slot
        if stories[slot] != 0:
            at = _place(tags, _tag(OF_STORY, np.uint64(stories[slot])))
            if tags[at] == 0:
                tags[at], heads[at] = _tag(OF_STORY, np.uint64(stories[slot])), slot
            else:
                _unite(slot, heads[at], parents, living, sole, stories, counts, joined, lost, kept)
        if keys[slot] != 0:
            at = _place(tags, _tag(OF_POST, keys[slot]))
            # An earlier version of the post itself is not what it repeats: whether the two are one text is told apart.
            if tags[at] != 0 and keys[heads[at]] != keys[slot]:
                _unite(slot, heads[at], parents, living, sole, stories, counts, joined, lost, kept)
            tags[at], heads[at] = _tag(OF_POST, keys[slot]), slot
        for turn in range(2):
            target = reposts[slot] if turn == 0 else quotes[slot]
            if target == 0 or target == keys[slot]:
                continue
            ties[slot] = REPOST if turn == 0 else QUOTE
            at = _place(tags, _tag(OF_POST, target))
            if tags[at] == 0:
                tags[at], heads[at] = _tag(OF_POST, target), slot
            else:
                _unite(slot, heads[at], parents, living, sole, stories, counts, joined, lost, kept)
        if not sketched[slot]:
            continue
        tag = _tag(OF_SKETCH, _of_lanes(signatures[slot], 0, lanes, 1))
        at = _place(tags, tag)
        if tags[at] != 0 and _equal(signatures[slot], signatures[heads[at]]) == lanes:
            # Whoever is like this one is like that one: it stands in the bands already.
            similar[slot] = lanes
            if ties[slot] == FIRST:
                ties[slot] = NEAR
            if compared:
                _unite(slot, heads[at], parents, living, sole, stories, counts, joined, lost, kept)
            continue
        tags[at], heads[at] = tag, slot
        best = np.int64(0)
        for band in range(BANDS):
            value = _of_lanes(signatures[slot], band * ROWS_A_BAND, (band + 1) * ROWS_A_BAND, band + 1)
            tag = _tag(OF_BAND, value)
            at = _place(tags, tag)
            last = np.int64(heads[at]) if tags[at] != 0 else np.int64(-1)
            following[slot, band] = last
            tags[at], heads[at] = tag, slot
            looked = 0
            while compared and last >= 0 and looked < MOST_COMPARED:
                looked += 1
                equal = _equal(signatures[slot], signatures[last])
                if equal >= threshold:
                    best = max(best, equal)
                    _unite(slot, last, parents, living, sole, stories, counts, joined, lost, kept)
                last = np.int64(following[last, band])
        similar[slot] = best
        if best and ties[slot] == FIRST:
            ties[slot] = NEAR
