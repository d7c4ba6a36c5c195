"""How the C library keeps memory: what a batch or a merge freed goes back to the system.

Left to itself glibc keeps a heap for each thread, and, once a large block was freed, takes the next large ones from these heaps
too, where small ones that live on keep the rest from being given back: an import of 150,000 posts ended 46 MB higher, and grew on
(measured). Where the C library is another one, nothing is done.
"""

import contextlib
import ctypes

HEAPS = 2
"""Heaps at most, instead of eight a core (mallopt(3), M_ARENA_MAX; a worker that read 300 feeds peaked at 880 MB
instead of 1,040)."""

LARGE = 128 << 10
"""Bytes from which a block is mapped alone and given back when freed (M_MMAP_THRESHOLD): where it begins by itself, and stays."""

KEPT = 16 << 20
"""Free bytes at the end of a heap that stay (M_TRIM_THRESHOLD): what one batch of posts takes."""

_OPTIONS = ((-8, HEAPS), (-3, LARGE), (-1, KEPT))
"""By their numbers in malloc.h."""


def keep_small() -> None:
    """Have this process give memory back."""
    with contextlib.suppress(OSError, AttributeError):
        mallopt = ctypes.CDLL(None).mallopt
        for option, value in _OPTIONS:
            mallopt(option, value)
