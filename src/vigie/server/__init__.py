"""The server: the record and what is done with it."""

import os

from vigie.server import heap

# Arrow's own allocator keeps what a merge of months freed, in pieces that the next, larger, can't use: an import grew by
# 40 MB from 20,000 posts to 60,000, and by 5 MB with the system's (measured). Read when pyarrow is first imported.
os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")

# Before the first thread: each would have a heap of its own.
heap.keep_small()
