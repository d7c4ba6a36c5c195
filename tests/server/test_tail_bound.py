"""How many changes bulk work leaves for a merge: more on a large mirror, never more than pages bridge (ADR 0015)."""

import pytest

from vigie.server.services.backfilling import tail_bound
from vigie.store.tail import TAIL_MAX


@pytest.mark.parametrize(("rows", "bound"), [(0, 50_000), (400_000, 50_000), (800_000, 100_000), (10_000_000, 100_000)])
def test_the_bound_grows_with_the_files(rows: int, bound: int) -> None:
    assert tail_bound(rows) == bound < TAIL_MAX
