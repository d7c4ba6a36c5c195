"""What comes round by itself: due spaces, merges, the archive."""

import time
from collections.abc import Callable
from datetime import datetime

from vigie.server import mirroring
from vigie.server.services import (
    accounts,
    archiving,
    collecting,
    naming,
    picturing,
    proposing,
    recounting,
    regrouping,
    streaming,
    threads,
    work,
)

LOOK_EVERY_S = 2.0
"""Seconds between two looks at what is due: a query each, and a press on a button does not wait for it."""


class Schedule:
    """Enqueue recurring work; `tick` is called often and looks seldom."""

    def __init__(self, *, clock: Callable[[], datetime], monotonic: Callable[[], float] = time.monotonic) -> None:
        self.clock, self.monotonic = clock, monotonic
        self._looked = float("-inf")

    def tick(self) -> None:
        """Enqueue what is due; the keys keep it from being enqueued twice."""
        if self.monotonic() - self._looked < LOOK_EVERY_S:
            return
        self._looked = self.monotonic()
        collecting.read_all_due(self.clock())
        for space_id in streaming.due(now=self.clock()):
            streaming.listen(space_id)
        for account_id in accounts.due(self.clock()):
            accounts.read_due(account_id)
        self._housekeeping()

    def _housekeeping(self) -> None:
        if archiving.pending() and not work.is_open("archive"):
            work.enqueue("archive", "archive", in_s=archiving.COMMIT_EVERY_S)
        if recounting.due(self.clock()) and not work.is_open("recount"):
            work.enqueue("recount", "recount")
        if picturing.due():
            work.enqueue("evidence", "evidence")
        if threads.waiting() and not work.is_open("thread"):
            work.enqueue("thread", "thread", in_s=threads.DUE_S)
        if not regrouping.is_walked() and not work.is_open("stories"):
            work.enqueue("stories", "stories")
        if not work.is_open("names"):
            work.enqueue("names", "names", in_s=naming.FIRST_IN_S)
        if not work.is_open("tidy"):
            work.enqueue("tidy", "tidy", in_s=archiving.COMMIT_EVERY_S)
        if not work.is_open(proposing.KEY):
            work.enqueue("propose", proposing.KEY, in_s=archiving.COMMIT_EVERY_S)
        if mirroring.mirror_on() and not work.is_open("mirror"):
            work.enqueue("merge", "mirror")
        if mirroring.mirror_on() and mirroring.revisions_behind() >= mirroring.MERGE_ROWS:
            work.enqueue("merge", "mirror")
