"""Files are written whole or not at all, whatever kills the writer; what files of another history say is not read."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

from vigie.errors import RetryableError
from vigie.store import mirror as module
from vigie.store.figures import View
from vigie.store.filters import Filter
from vigie.store.mirror import MANIFEST, Manifest, Mirror
from vigie.store.tail import Tail

from .oracle import NOW, ZONE, Row, mention, table

EPOCH = 5
AUGUST = datetime(2026, 8, 10, tzinfo=UTC)
OCTOBER = datetime(2026, 10, 10, tzinfo=UTC)
LATER = datetime(2099, 1, 1, tzinfo=UTC)


def rebuild(mirror: Mirror, rows: list[Row], revision: int) -> Manifest:
    return mirror.rebuild(table(rows).to_batches(), epoch=EPOCH, revision=revision, time_zone=ZONE, now=NOW)


def merge(mirror: Mirror, changed: list[Row], removed: list[int], revision: int) -> Manifest:
    return mirror.merge(table(changed), removed, epoch=EPOCH, revision=revision, time_zone=ZONE, now=NOW)


def held(mirror: Mirror) -> dict[int, Row]:
    """Return the rows of the listed files by mention."""
    manifest = mirror.manifest()
    assert manifest is not None
    found = [r for file in manifest.months.values() for r in pq.read_table(mirror.path(file)).to_pylist()]
    assert len(found) == len({r["mention_id"] for r in found})
    return {r["mention_id"]: r for r in found}


@pytest.fixture
def mirror(tmp_path: Path) -> Mirror:
    """Forty mentions, August to October."""
    made = Mirror(tmp_path / "mirror")
    rebuild(made, start(), 40)
    return made


def start() -> list[Row]:
    return [mention(i, i, i % 3 + 1, i, published_at=AUGUST + timedelta(days=2 * i)) for i in range(1, 41)]


def by_id(rows: list[Row]) -> dict[int, Row]:
    return {r["mention_id"]: r for r in rows}


def test_files_are_by_month_of_the_day_and_sorted_by_watch_and_time(mirror: Mirror) -> None:
    manifest = mirror.manifest()
    assert manifest is not None and sorted(manifest.months) == ["2026-08", "2026-09", "2026-10"]
    for month, file in manifest.months.items():
        rows = pq.read_table(mirror.path(file)).to_pylist()
        assert {r["day"].strftime("%Y-%m") for r in rows} == {month} and len(rows) == file.rows
        assert [(r["watch_id"], r["published_at"]) for r in rows] == sorted(
            (r["watch_id"], r["published_at"]) for r in rows
        )


def test_day_decides_the_month_not_the_instant_in_utc(tmp_path: Path) -> None:
    made = rebuild(Mirror(tmp_path), [mention(1, 1, 1, published_at=datetime(2026, 9, 30, 22, 30, tzinfo=UTC))], 1)
    assert list(made.months) == ["2026-10"]


def test_mention_whose_day_changes_leaves_one_month_and_enters_the_other(mirror: Mirror) -> None:
    moved = mention(3, 3, 1, 41, published_at=OCTOBER)
    merge(mirror, [moved], [], 41)
    assert held(mirror) == by_id(start()) | {3: moved}


def test_month_that_everything_left_has_no_file(mirror: Mirror) -> None:
    august = [r["mention_id"] for r in start() if r["day"].month == 8]
    manifest = merge(mirror, [], august, 41)
    assert sorted(manifest.months) == ["2026-09", "2026-10"]
    assert held(mirror) == {i: r for i, r in by_id(start()).items() if i not in august}


def test_month_that_nothing_touched_keeps_its_file(mirror: Mirror) -> None:
    before = mirror.manifest()
    after = merge(mirror, [mention(41, 41, 1, 41, published_at=OCTOBER)], [], 41)
    assert before is not None
    assert [m for m in after.months if after.months[m] != before.months.get(m)] == ["2026-10"]


def test_removed_mention_does_not_come_back_with_a_change_of_the_same_merge(mirror: Mirror) -> None:
    merge(mirror, [mention(3, 3, 1, 41), mention(50, 50, 1, 42)], [3, 50], 43)
    assert held(mirror) == {i: r for i, r in by_id(start()).items() if i != 3}


def test_merge_twice_is_merge_once(mirror: Mirror) -> None:
    changed = [mention(2, 2, 3, 41, tone="neutral")]
    first = merge(mirror, changed, [7], 42)
    assert merge(mirror, changed, [7], 42) == first


def test_lower_revision_never_overwrites_a_higher_one(mirror: Mirror) -> None:
    new = merge(mirror, [mention(2, 2, 3, 45, tone="positive")], [], 45)
    merge(mirror, [mention(2, 2, 3, 41, tone="neutral")], [], 41)
    assert held(mirror)[2]["tone"] == "positive" and mirror.manifest() == new


def test_merge_into_files_that_went_away_is_refused_rather_than_partial(tmp_path: Path) -> None:
    for mirror, epoch in ((Mirror(tmp_path / "never"), EPOCH), (Mirror(tmp_path / "other"), EPOCH + 1)):
        mirror.rebuild(iter(()), epoch=epoch, revision=0, time_zone=ZONE, now=NOW) if epoch != EPOCH else None
        with pytest.raises(RetryableError) as told:
            merge(mirror, [mention(1, 1, 1, 1)], [], 1)
        assert told.value.code == "mirror.gone"


def test_rebuild_takes_batches_in_any_order(tmp_path: Path) -> None:
    mirror, rows = Mirror(tmp_path), start()
    batches = [b for i in range(0, 40, 7) for b in table(rows[::-1][i : i + 7]).to_batches()]
    made = mirror.rebuild(iter(batches), epoch=EPOCH, revision=40, time_zone=ZONE, now=NOW)
    assert held(mirror) == by_id(rows) and made.max_mention_id == 40


def test_rebuild_of_an_empty_record_is_usable(tmp_path: Path) -> None:
    mirror = Mirror(tmp_path)
    mirror.rebuild(iter(()), epoch=EPOCH, revision=0, time_zone=ZONE, now=NOW)
    assert mirror.usable(EPOCH, 0, ZONE)
    merge(mirror, [mention(1, 1, 1, 1)], [], 1)
    assert list(held(mirror)) == [1]


def _spoil(name: str) -> Callable[[Path], Any]:
    def change(folder: Path) -> None:
        path = folder / MANIFEST
        values = json.loads(path.read_text())
        values[name] = {"schema_version": 0, "time_zone": "UTC", "epoch": 1, "revision": 41}[name]
        path.write_text(json.dumps(values))

    return change


def _first(folder: Path) -> Path:
    return next(folder.glob("*.parquet"))


@pytest.mark.parametrize(
    "spoil",
    [
        *(_spoil(n) for n in ("schema_version", "time_zone", "epoch", "revision")),
        *(lambda f, t=text: (f / MANIFEST).write_text(t) for text in ("", "[]", "7", '{"months": []}', "{", "{}")),
        lambda f: (f / MANIFEST).write_bytes(b"\xff\xfe\x00"),
        lambda f: (f / MANIFEST).unlink(),
        lambda f: _first(f).unlink(),
        lambda f: os.truncate(_first(f), 100),
    ],
)
def test_files_of_another_history_or_broken_ones_are_not_used(mirror: Mirror, spoil: Callable[[Path], Any]) -> None:
    assert mirror.usable(EPOCH, 40, ZONE)
    spoil(mirror.folder)
    assert not mirror.usable(EPOCH, 40, ZONE)
    rebuild(mirror, start(), 40)
    assert mirror.usable(EPOCH, 40, ZONE) and held(mirror) == by_id(start())


def test_manifest_written_by_another_process_is_seen(mirror: Mirror) -> None:
    assert mirror.manifest() is not None
    merge(Mirror(mirror.folder), [], [1], 41)
    found = mirror.manifest()
    assert found is not None and found.revision == 41 and found.written_at == NOW


def test_clean_removes_what_nobody_lists_once_a_minute_old(mirror: Mirror) -> None:
    merge(mirror, [], [1], 41)
    (mirror.folder / "spill-dead").mkdir()
    (mirror.folder / "spill-dead" / "2026-08.arrows").write_bytes(b"half")
    (mirror.folder / "manifest.json.0000").write_text("half")
    young = datetime.now(UTC)
    assert mirror.clean(young) == 0
    assert mirror.clean(young + timedelta(seconds=61)) == 3
    manifest = mirror.manifest()
    assert manifest is not None
    kept = {path.name for path in mirror.folder.iterdir()}
    assert kept == {MANIFEST, module.LOCK, *(file.name for file in manifest.months.values())}


def test_clean_leaves_no_byte_of_an_erased_row(mirror: Mirror) -> None:
    merge(mirror, [], [1], 41)
    assert mirror.clean(datetime.now(UTC), young_too=True) == 1


def test_writers_wait_for_each_other(mirror: Mirror) -> None:
    """Eight writers, each with a mirror of its own, as processes have: the changes of all are there."""

    def write(n: int) -> None:
        merge(Mirror(mirror.folder), [mention(100 + i, i, 1, 40 + i) for i in range(1, n + 1)], [], 40 + n)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(1, 9)))
    assert set(held(mirror)) == {*range(1, 41), *range(101, 109)}


def test_ids_are_looked_for_only_in_row_groups_that_may_hold_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "ROW_GROUP", 10)
    mirror = Mirror(tmp_path)
    rows = [mention(i, i, i // 10, i, published_at=OCTOBER + timedelta(minutes=i)) for i in range(100, 200)]
    made = rebuild(mirror, rows, 200)
    (file,) = made.months.values()
    with pq.ParquetFile(mirror.path(file)) as month:
        groups = [month.metadata.row_group(i) for i in range(month.num_row_groups)]
    assert sum(module._may_hold(group, np.array([155])) for group in groups) == 1
    assert mirror._holds(file, np.array([155])) and not mirror._holds(file, np.array([99, 200]))


# What kills a writer: an exception at each step, and SIGKILL at some.

CHANGED = [mention(2, 2, 3, 41, published_at=OCTOBER), mention(60, 60, 1, 42, published_at=AUGUST)]
REMOVED = [5, 39]


def after() -> dict[int, Row]:
    return {i: r for i, r in (by_id(start()) | by_id(CHANGED)).items() if i not in REMOVED}


class Killed(BaseException):
    """The process died here."""


STEPS = (("a row group", pq.ParquetWriter, "write_table"), ("sync", module, "_sync"), ("replace", os, "replace"))


def dying(monkeypatch: pytest.MonkeyPatch, at: int) -> None:
    """Let the writer die at its at-th step, before or after the step is done."""
    made = 0

    def wrap(real: Callable[..., Any]) -> Callable[..., Any]:
        def step(*args: Any, **kwargs: Any) -> Any:
            nonlocal made
            made += 1
            if made * 2 - 1 == at:
                raise Killed
            result = real(*args, **kwargs)
            if made * 2 == at:
                raise Killed
            return result

        return step

    for _, owner, name in STEPS:
        monkeypatch.setattr(owner, name, wrap(getattr(owner, name)))


@pytest.mark.parametrize("kind", ["merge", "rebuild"])
def test_writer_that_dies_at_any_step_leaves_the_old_state_or_the_new(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def act(mirror: Mirror) -> None:
        merge(mirror, CHANGED, REMOVED, 42) if kind == "merge" else rebuild(mirror, list(after().values()), 42)

    outcomes = []
    for at in range(1, 60):
        mirror = Mirror(tmp_path / str(at))
        rebuild(mirror, start(), 40)
        try:
            with monkeypatch.context() as patch:
                dying(patch, at)
                act(mirror)
            break
        except Killed:
            pass
        fresh = Mirror(mirror.folder)
        found, manifest = held(fresh), fresh.manifest()
        assert manifest is not None and fresh.usable(EPOCH, 42, ZONE)
        assert found == (by_id(start()) if manifest.revision == 40 else after())
        outcomes.append(manifest.revision)
        act(fresh)
        assert held(fresh) == after()
        fresh.clean(LATER)
        assert len(list(fresh.folder.glob("*"))) == len(fresh.manifest().months) + 2  # type: ignore[union-attr]
    assert outcomes.count(40) >= 10 and outcomes.count(42) >= 3 and len(outcomes) < 58


CHILD = """
import os, signal, sys
sys.path.insert(0, {tests!r})
from pathlib import Path
import importlib.util, types
package = types.ModuleType("kills"); package.__path__ = [{here!r}]; sys.modules["kills"] = package
from kills import test_mirror as t
calls = 0
def wrap(real):
    def step(*args, **kwargs):
        global calls
        calls += 1
        if calls == {at}:
            os.kill(os.getpid(), signal.SIGKILL)
        return real(*args, **kwargs)
    return step
for _, owner, name in t.STEPS:
    setattr(owner, name, wrap(getattr(owner, name)))
mirror = t.Mirror(Path(sys.argv[1]))
t.merge(mirror, t.CHANGED, t.REMOVED, 42) if {kind!r} == "merge" else t.rebuild(mirror, list(t.after().values()), 42)
"""


@pytest.mark.parametrize(("kind", "at"), [("merge", 3), ("merge", 8), ("rebuild", 2), ("rebuild", 9)])
def test_writer_killed_by_sigkill_keeps_nobody_out_and_leaves_nothing_half(mirror: Mirror, kind: str, at: int) -> None:
    here = Path(__file__).parent
    script = CHILD.format(tests=str(here.parents[1]), here=str(here), at=at, kind=kind)
    died = subprocess.run([sys.executable, "-c", script, str(mirror.folder)], capture_output=True, check=False)
    assert died.returncode == -signal.SIGKILL, died.stderr.decode()
    assert mirror.usable(EPOCH, 42, ZONE) and held(mirror) in (by_id(start()), after())
    merge(mirror, CHANGED, REMOVED, 42)
    assert held(mirror) == after()
    mirror.clean(LATER)
    assert not list(mirror.folder.glob("spill-*"))


def test_view_made_before_a_merge_still_reads_its_own_files(mirror: Mirror) -> None:
    view = View(mirror, mirror.manifest(), Tail(40))
    merge(mirror, [], list(range(1, 21)), 41)
    mirror.clean(datetime.now(UTC))
    assert view.total(Filter(None)) == (40, 40)
