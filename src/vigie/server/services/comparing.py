"""What a change of a watch would do to its mentions: how many it would add, and how many would lapse.

Both go on by pieces, like the preview that they stand beside, and are as exact as it is.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from vigie.flows.preview import Estimate
from vigie.match import Queries
from vigie.server.database import select_in
from vigie.server.models import Mention, Post, Watch
from vigie.server.queries import documents
from vigie.server.services.backfilling import older_matches

MOST = 20_000
"""Mentions of a watch held against a change; beyond, the newest that many: half a second of work (measured)."""

STEP = 500
"""Mentions between two looks at the clock: a hundredth of a second (measured)."""


@dataclass(frozen=True, slots=True)
class Compared:
    """What a change would do, as far as it is known."""

    adding: Estimate
    """Posts that match, heard since the preview's time, of which the watch has no mention now."""
    lapsing: int
    """Of those looked at."""
    looked_at: int
    """Mentions, the newest first."""
    to_look_at: int
    total: int
    """All mentions of the watch that stand."""

    @property
    def is_over(self) -> bool:
        """Say whether all that is looked at has been."""
        return self.looked_at == self.to_look_at

    @property
    def is_of_all(self) -> bool:
        """Say whether every mention has been looked at."""
        return self.looked_at == self.total


class Comparison:
    """A comparison under way."""

    def __init__(self, watch: Watch, queries: Queries) -> None:
        """Take a watch as it stands, and its new wording as the only query."""
        live = Mention.objects.filter(watch=watch, lapsed_at=None)
        self.watch_id, self._queries = watch.pk, queries
        self.total = live.count()
        self._rests = list(live.order_by("-pk").values_list("post_id", "post_version")[:MOST])
        self.adding = self.lapsing = self.looked_at = 0

    def meet(self, post_keys: Sequence[bytes]) -> None:
        """Count, of posts that match, those of which the watch has no mention that stands."""
        sql = (
            "SELECT COUNT(*) FROM vigie_heard h JOIN vigie_mention m ON m.post_id = h.id "
            "WHERE m.watch_id = %s AND m.lapsed_at IS NULL AND h.key IN ({in})"
        )
        self.adding += len(post_keys) - sum(n for (n,) in select_in(sql, post_keys, before=[self.watch_id]))

    def go_on(self, *, seconds: float, monotonic: Callable[[], float]) -> None:
        """Look for some time at mentions that may lapse."""
        until = monotonic() + seconds
        while self.looked_at < len(self._rests) and monotonic() < until:
            piece = self._rests[self.looked_at : self.looked_at + STEP]
            self.lapsing += len(piece) - self._held(dict(piece))
            self.looked_at += len(piece)

    def _held(self, rests: dict[int, int]) -> int:
        """Return how many posts the new wording still finds, in the text of now or in that which a mention rests on."""
        ids = list(rests)
        table = documents.of_record(ids)
        found = {ids[row] for row in self._queries.found(table).row.tolist()}
        current = dict(Post.objects.filter(pk__in=ids).values_list("pk", "version"))
        older = {p: v for p, v in rests.items() if p not in found and v < current[p]}
        return len(found) + len(older_matches(self._queries, table, ids, older))

    def compared(self, adding: Estimate) -> Compared:
        """Return what is known; `adding` is scaled as the preview's own count is."""
        return Compared(adding, self.lapsing, self.looked_at, len(self._rests), self.total)
