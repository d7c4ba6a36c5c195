"""Figures and lists over files and tail say what a count in plain Python says."""

import random
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path

import pyarrow as pa
import pytest

from vigie.errors import RetryableError, SchemaError
from vigie.store import cursors, figures
from vigie.store.figures import DIMENSIONS, View
from vigie.store.filters import Filter
from vigie.store.mirror import Mirror
from vigie.store.tail import Tail
from vigie.store.totals import MOST_FLAGS

from . import oracle
from .oracle import FILTERS, NOW, ZONE, Row, mention, table

BY = (
    (), ("day",), ("day", "tone"), ("network", "language"), ("watch_id",), ("space_id", "author_id"), ("subject",),
    ("story_id",), ("drug",), ("intent", "day"), ("who", "tone"), ("intent", "watch_id"), ("drug", "subject"), ("device",),
)  # fmt: skip


@pytest.fixture
def rows() -> list[Row]:
    """Ninety posts over three months, most in several watches, with every mark."""
    found = []
    for post in range(90):
        published = datetime(2026, 8, 20, 6, tzinfo=UTC) + timedelta(hours=post * 19)
        for watch in range(1, 2 + post % 3):
            n = len(found)
            marks = {"lapsed": n % 11 == 0, "not_about_us": n % 7 == 0, "in_watch": n % 13 != 0, "deleted": n % 5 == 0}
            found.append(mention(n + 1, post, watch, n + 1, published_at=published, **marks))
    return found


def view_of(rows: list[Row], folder: Path, *, in_files: int) -> View:
    """Put the first mentions into files and the rest into the tail, where some of the first are changed too."""
    mirror = Mirror(folder)
    before = [dict(row, tone="neutral", lapsed=False) if row["mention_id"] % 4 == 0 else row for row in rows[:in_files]]
    made = mirror.rebuild(table(before).to_batches(), epoch=1, revision=0, time_zone=ZONE, now=NOW)
    tail = Tail(0)
    tail.advance(table([r for r in rows if r["mention_id"] > in_files or r["mention_id"] % 4 == 0]), [], len(rows))
    return View(mirror, made, tail)


@pytest.fixture(params=[0, 100, 180], ids=["all in the tail", "some in the tail", "nearly all in files"])
def view(request: pytest.FixtureRequest, rows: list[Row], tmp_path: Path) -> View:
    """The same mentions, wherever they stand."""
    return view_of(rows, tmp_path, in_files=request.param)


def walked(view: View, chosen: Filter, order: str, limit: int) -> list[tuple[int, list[int], list[int]]]:
    """Read a list page after page to its end."""
    found, after = [], None
    for _ in range(200):
        page = view.page(chosen, order=order, after=after, limit=limit)
        found += [(r["post_id"], r["mention_ids"], r["watch_ids"]) for r in page.rows.to_pylist()]
        after = page.next_key
        if after is None:
            return found
    raise AssertionError("the list has no end")


@pytest.mark.parametrize("chosen", FILTERS)
def test_counts_equal_a_count_in_plain_python(view: View, rows: list[Row], chosen: Filter) -> None:
    for by, absent in product(BY, (False, True)):
        found = view.counts(chosen, by, posts=True, absent=absent).to_pylist()
        cells = {tuple(r[name] for name in by): (r["mentions"], r["posts"]) for r in found}
        assert {k: n for k, n in cells.items() if n != (0, 0)} == oracle.counts(rows, chosen, by, absent=absent)
    assert view.total(chosen) == oracle.counts(rows, chosen, ()).get((), (0, 0))
    assert view.mentions(chosen) == oracle.counts(rows, chosen, ()).get((), (0, 0))[0]


@pytest.mark.parametrize("chosen", FILTERS)
@pytest.mark.parametrize("order", ["newest", "seen"])
def test_pages_make_the_whole_list_once_each(view: View, rows: list[Row], chosen: Filter, order: str) -> None:
    expected = oracle.listed(rows, chosen, order)
    for limit in (1,) if len(expected) < 10 else (17, 500):
        assert walked(view, chosen, order, limit) == expected


@pytest.mark.parametrize("chosen", FILTERS)
def test_exported_rows_are_those_counted_newest_first(view: View, rows: list[Row], chosen: Filter) -> None:
    found = [row for batch in view.rows(chosen) for row in batch.to_pylist()]
    expected = [row for row in rows if oracle.passes(row, chosen)]
    expected.sort(key=lambda r: (r["published_at"], r["mention_id"]), reverse=True)
    assert found == expected


@pytest.mark.parametrize("order", ["newest", "seen"])
def test_posts_of_one_instant_and_one_count_are_neither_lost_nor_doubled(tmp_path: Path, order: str) -> None:
    at = datetime(2026, 9, 30, 22, 0, tzinfo=UTC)
    rows = [mention(i, i, 1, i, published_at=at, views=3, likes=1, reposts=0) for i in range(1, 40)]
    view = view_of(rows, tmp_path, in_files=25)
    assert [post for post, _, _ in walked(view, Filter((1,)), order, 4)] == list(range(39, 0, -1))


def test_pages_go_on_where_the_day_is_of_another_month_than_the_instant(tmp_path: Path) -> None:
    """Half past ten in the evening in UTC, the last of September: in Paris it is October already."""
    late = datetime(2026, 9, 30, 22, 30, tzinfo=UTC)
    rows = [mention(i, i, 1, i, published_at=late + timedelta(minutes=i)) for i in range(51, 62)]
    rows += [mention(i, i, 1, i, published_at=late - timedelta(days=2, minutes=-i)) for i in range(1, 51)]
    view = view_of(sorted(rows, key=lambda r: r["mention_id"]), tmp_path, in_files=61)
    assert [post for post, _, _ in walked(view, Filter((1,)), "newest", 3)] == list(range(61, 0, -1))


def test_post_in_more_watches_than_rows_are_first_looked_at_is_one_row(tmp_path: Path) -> None:
    watches = tuple(range(1, 60))
    rows = [mention(p * 100 + w, p, w, p * 100 + w) for p in range(1, 6) for w in watches]
    view = view_of(rows, tmp_path, in_files=400)
    assert walked(view, Filter(watches), "newest", 2) == oracle.listed(rows, Filter(watches), "newest")


def test_labels_of_a_list_row_are_those_of_its_first_mention_even_when_absent(tmp_path: Path) -> None:
    rows = [mention(1, 1, 1, 1, tone=None, language=None), mention(2, 1, 2, 2, tone="negative", language="fr")]
    (row,) = view_of(rows, tmp_path, in_files=0).page(Filter((1, 2))).rows.to_pylist()
    assert (row["tone"], row["language"]) == (None, None)


def test_watches_the_asker_does_not_see_add_nothing_to_a_row(tmp_path: Path) -> None:
    view = view_of([mention(1, 1, 1, 1), mention(2, 1, 2, 2)], tmp_path, in_files=0)
    (row,) = view.page(Filter((2,))).rows.to_pylist()
    assert (row["mention_ids"], row["watch_ids"]) == ([2], [2])


def test_no_watch_at_all_means_nothing(view: View) -> None:
    nothing = Filter(())
    assert view.total(nothing) == (0, 0)
    assert view.page(nothing).rows.num_rows == 0 and list(view.rows(nothing)) == []


def test_removed_mention_is_gone_from_files_at_once(rows: list[Row], tmp_path: Path) -> None:
    mirror, tail = Mirror(tmp_path), Tail(0)
    made = mirror.rebuild(table(rows).to_batches(), epoch=1, revision=0, time_zone=ZONE, now=NOW)
    tail.advance(table([]), [(r["mention_id"], 1) for r in rows[:50]], 1)
    assert View(mirror, made, tail).total(Filter(None)) == oracle.counts(rows[50:], Filter(None), ())[()]


def test_ids_beyond_the_table_of_flags_are_counted_all_the_same(tmp_path: Path) -> None:
    huge = MOST_FLAGS
    rows = [mention(i, huge + i // 2, i % 2 + 1, i) for i in range(1, 9)] + [mention(9, 3, 1, 9)]
    assert view_of(rows, tmp_path, in_files=4).total(Filter((1, 2))) == (9, 6)


def test_dimension_order_and_key_that_nobody_offers_are_refused(view: View) -> None:
    every = Filter(None)
    for bad in (lambda: view.counts(every, ("day; DROP TABLE tail",)), lambda: view.page(every, order="likes; --")):
        with pytest.raises(SchemaError):
            bad()
    for key in ("", "x", "1", "1.2.3", "9" * 19 + ".1", "4000000000000000000.1", "1.9999999999999999999"):
        with pytest.raises(SchemaError) as refused:
            view.page(every, after=key)
        assert refused.value.code == "figures.key"


def test_values_that_look_like_sql_are_only_values(view: View) -> None:
    chosen = Filter((1,), networks=("forum' OR 1=1 --",), languages=("fr'; DROP TABLE tail; --",))
    assert view.total(chosen) == (0, 0)


@pytest.mark.parametrize("year", [1, 999, 9999])
def test_windows_far_away_count_nothing_and_break_nothing(view: View, rows: list[Row], year: int) -> None:
    day = datetime(year, 12, 31).date()
    chosen = Filter((1, 2, 3), from_day=day if year == 9999 else None, to_day=None if year == 9999 else day)
    assert view.total(chosen) == (0, 0) and view.page(chosen).rows.num_rows == 0
    whole = Filter((1, 2, 3), from_day=datetime(1, 1, 1).date(), to_day=datetime(9999, 12, 31).date())
    assert view.total(whole) == oracle.counts(rows, whole, ())[()]
    assert len(walked(view, whole, "newest", 50)) == view.total(whole)[1]


def test_every_dimension_can_be_counted_by(view: View) -> None:
    chosen = Filter((1, 2, 3), subjects={1: 1, 2: 2, 3: 2})
    for name in DIMENSIONS:
        assert name in view.counts(chosen, (name,)).column_names


def test_reads_of_several_threads_do_not_see_each_others_tail(tmp_path: Path) -> None:
    def tail_of(n: int) -> Tail:
        tail = Tail(0)
        tail.advance(table([mention(i, i, 1, i) for i in range(1, n + 1)]), [], n)
        return tail

    views = [View(None, None, tail_of(n)) for n in (1, 5, 9, 13)]
    wrong: list[tuple[int, int]] = []

    def read(view: View, n: int) -> None:
        wrong.extend(t for t in (view.total(Filter((1,))) for _ in range(20)) if t != (n, n))

    threads = [threading.Thread(target=read, args=(v, n)) for v, n in zip(views, (1, 5, 9, 13), strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_read_that_takes_too_long_is_interrupted_and_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cursors, "TIME_LIMIT_S", 0.05)
    view = View(None, None, Tail(0))
    with pytest.raises(RetryableError) as told:
        view._run("SELECT COUNT(*) FROM range(1000000000) a, range(100000) b", [], Filter(None))
    assert told.value.code == "figures.too_long"
    monkeypatch.undo()
    assert view.total(Filter(None)) == (0, 0)


def test_files_that_went_away_are_told_as_a_sentence(rows: list[Row], tmp_path: Path) -> None:
    view = view_of(rows, tmp_path, in_files=100)
    for path in tmp_path.glob("*.parquet"):
        path.unlink()
    with pytest.raises(RetryableError) as told:
        view.total(Filter(None))
    assert told.value.code == "figures.moved"


def test_export_is_not_cut_short_by_a_slow_reader(
    rows: list[Row], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(figures, "ROWS_A_BATCH", 2_048)
    monkeypatch.setattr(cursors, "TIME_LIMIT_S", 1.0)
    many = [mention(i, i, 1, i) for i in range(1, 6_000)]
    reader = view_of(many, tmp_path, in_files=3_000).rows(Filter((1,)))
    first = next(reader)
    threading.Event().wait(1.2)
    assert first.num_rows + sum(batch.num_rows for batch in reader) == len(many)


def test_rows_have_the_columns_of_mentions(view: View) -> None:
    batch = next(view.rows(Filter(None)))
    assert isinstance(batch, pa.RecordBatch) and batch.schema.names == table([]).schema.names


def test_what_files_said_is_corrected_by_every_change_since(rows: list[Row], tmp_path: Path) -> None:
    """Files are read once; rows change, come and go in the tail, and each view says what plain Python says."""
    rng, mirror, tail = random.Random(5), Mirror(tmp_path), Tail(0)
    now = {row["mention_id"]: row for row in rows[:150]}
    made = mirror.rebuild(table(list(now.values())).to_batches(), epoch=1, revision=0, time_zone=ZONE, now=NOW)
    subjects = {1: 7, 2: None, 3: 8}
    for step in range(1, 13):
        changed = [
            dict(row, tone=rng.choice(["negative", None]), intents=rng.choice([["help"], None]), revision=1_000 + step)
            for row in rng.sample(list(now.values()), 6)
        ]
        come = [dict(row, revision=1_000 + step) for row in rows[148 + 2 * step : 150 + 2 * step]]
        gone = rng.sample(sorted(set(now) - {r["mention_id"] for r in changed}), 2)
        tail.advance(table([*changed, *come]), [(i, 1_000 + step) for i in gone], 1_000 + step)
        now |= {row["mention_id"]: row for row in (*changed, *come)}
        now = {i: row for i, row in now.items() if i not in gone}
        view, held = View(mirror, made, tail), list(now.values())
        for chosen in (Filter((1, 2, 3)), Filter((2, 3), tones=("negative",)), Filter((3,), lapsed="all")):
            cells = {(r["day"], r["tone"]): (r["mentions"], r["posts"]) for r in
                     view.counts(chosen, ("day", "tone"), posts=True).to_pylist()}  # fmt: skip
            assert cells == oracle.counts(held, chosen, ("day", "tone"))
            intents = view.counts(chosen, ("intent",), posts=True).to_pylist()
            spoken = {(r["intent"],): (r["mentions"], r["posts"]) for r in intents}
            assert spoken == oracle.counts(held, chosen, ("intent",))
            voices = view.totals(replace(chosen, subjects=subjects))
            by_subject = oracle.counts(held, replace(chosen, subjects=subjects), ("subject",))
            assert voices.by_subject == {subject: posts for (subject,), (_, posts) in by_subject.items()}
            for order in ("newest", "seen"):
                assert walked(view, chosen, order, 7) == oracle.listed(held, chosen, order)


def test_what_was_read_of_a_file_is_not_read_again(rows: list[Row], tmp_path: Path) -> None:
    view, chosen = view_of(rows, tmp_path, in_files=180), Filter((1, 2))

    def said() -> list[object]:
        # Counts come in no order: two threads of DuckDB group them.
        return [view.counts(chosen, ("day",)).sort_by("day"), view.total(chosen), view.page(chosen).rows]

    before = said()
    for path in tmp_path.glob("*.parquet"):
        path.unlink()
    assert said() == before
    with pytest.raises(RetryableError):
        view.counts(chosen, ("tone",))


def test_older_months_are_looked_at_when_the_last_one_holds_too_few_posts(tmp_path: Path) -> None:
    """Thirty mentions of one post fill the rows looked at first."""
    at = datetime(2026, 9, 15, tzinfo=UTC)
    rows = [mention(i, 50, i, i, published_at=at) for i in range(1, 31)]
    rows += [mention(30 + i, i, 1, 30 + i, published_at=at - timedelta(days=30 + i)) for i in range(1, 5)]
    view, watches = view_of(rows, tmp_path, in_files=34), Filter(tuple(range(1, 31)))
    assert walked(view, watches, "newest", 2) == oracle.listed(rows, watches, "newest")
