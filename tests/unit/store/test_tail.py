"""The tail keeps the last of each mention, forgets what files hold, and costs nothing while nothing changes."""

import threading

from vigie.store.tail import Tail

from .oracle import mention, table


def test_tail_keeps_the_highest_revision_whatever_the_order_of_arrival() -> None:
    tail = Tail(0)
    tail.advance(table([mention(1, 1, 1, 5, likes=50)]), [], 5)
    tail.advance(table([mention(1, 1, 1, 3, likes=30), mention(2, 2, 1, 4)]), [], 5)
    rows = tail.snapshot().table.sort_by("mention_id")
    assert rows["likes"].to_pylist() == [50, 2]


def test_removed_mention_is_hidden_and_told() -> None:
    tail = Tail(0)
    tail.advance(table([mention(1, 1, 1, 1), mention(2, 2, 1, 2)]), [(1, 3)], 3)
    found = tail.snapshot()
    assert found.table["mention_id"].to_pylist() == [2] and found.removed.tolist() == [1]


def test_removal_does_not_overwrite_a_higher_revision() -> None:
    tail = Tail(0)
    tail.advance(table([mention(1, 1, 1, 7)]), [(1, 6)], 7)
    assert tail.snapshot().table["mention_id"].to_pylist() == [1]


def test_prune_forgets_rows_and_removals_up_to_the_files_revision() -> None:
    tail = Tail(0)
    tail.advance(table([mention(1, 1, 1, 1), mention(2, 2, 1, 4)]), [(8, 2), (9, 5)], 5)
    tail.prune(3)
    found = tail.snapshot()
    assert (found.table["mention_id"].to_pylist(), found.removed.tolist(), tail.base) == ([2], [9], 3)


def test_prune_to_an_older_revision_changes_nothing() -> None:
    tail = Tail(4)
    tail.advance(table([mention(1, 1, 1, 5)]), [], 5)
    tail.prune(2)
    assert tail.base == 4 and tail.rows == 1


def test_snapshot_is_the_same_object_until_something_changes() -> None:
    tail = Tail(0)
    tail.advance(table([mention(1, 1, 1, 1)]), [], 1)
    first = tail.snapshot()
    tail.advance(table([]), [], 9)
    assert tail.snapshot().table is first.table and tail.snapshot().revision == 9
    tail.advance(table([mention(2, 2, 1, 10)]), [], 10)
    assert tail.snapshot().table.num_rows == 2


def test_tail_holds_one_row_a_mention_after_many_changes() -> None:
    tail = Tail(0)
    for revision in range(1, 50):
        tail.advance(table([mention(1, 1, 1, revision)]), [], revision)
        tail.snapshot()
    assert tail.rows == 1


def test_what_comes_is_added_to_what_is_held_and_told_after_a_revision() -> None:
    """Pieces double: a step of one row among a thousand leaves the others where they are."""
    tail = Tail(0)
    tail.advance(table([mention(i, i, 1, i) for i in range(1, 1_001)]), [], 1_000)
    held = tail.snapshot()
    tail.advance(table([mention(1_001, 1_001, 1, 1_001), mention(1_002, 1_002, 1, 1_002)]), [(7, 1_003)], 1_003)
    now = tail.snapshot()
    changed, removed = now.after(1_001)
    assert (changed["mention_id"].to_pylist(), removed.tolist()) == ([1_002], [7])
    assert now.begun is held.begun and now.table["tone"].num_chunks == 3 and now.table.num_rows == 1_001
    tail.advance(table([mention(3, 3, 1, 900)]), [], 1_003)
    assert tail.snapshot().begun is not held.begun  # it came late: who counted step by step did not see it


def test_threads_may_advance_and_read_at_once() -> None:
    tail = Tail(0)
    seen: list[int] = []

    def advance(start: int) -> None:
        for i in range(start, start + 50):
            tail.advance(table([mention(i, i, 1, i)]), [], i)

    def read() -> None:
        for _ in range(50):
            seen.append(tail.snapshot().table.num_rows)

    threads = [threading.Thread(target=advance, args=(s,)) for s in (1, 51, 101)] + [threading.Thread(target=read)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert tail.snapshot().table.num_rows == 150 and seen == sorted(seen)
