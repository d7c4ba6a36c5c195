"""The archive holds each batch once, gives the last version of each post, and forgets wholly what is erased."""

import random
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from deltalake import DeltaTable
from deltalake.exceptions import CommitFailedError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vigie.errors import RetryableError
from vigie.schema.tables import ARCHIVE
from vigie.store import archive as module
from vigie.store.archive import Archive, Erased

HEARD = datetime(2026, 9, 20, tzinfo=UTC)
WORDS = "motinoubliable"


def key(n: int) -> bytes:
    return n.to_bytes(16, "big")


def row(n: int, version: int = 1, **changes: Any) -> dict[str, Any]:
    """Return a version of post n, heard five days after the one before, by author n mod 3."""
    heard = HEARD + timedelta(days=n % 7 + 5 * version)
    values = {
        "post_key": key(n), "version": version, "heard_at": heard, "space_id": n % 4 + 1, "origin": "forum.example",
        "author_key": key(1000 + n % 3), "native_id": f"id-{n}", "network": "forum", "text": f"{WORDS}{n} v{version}",
        "heard_month": heard.strftime("%Y-%m"),
    }  # fmt: skip
    return values | changes


def rows(*values: dict[str, Any]) -> pa.Table:
    return pa.Table.from_pylist(list(values), schema=ARCHIVE)


def last(archive: Archive, **chosen: Any) -> dict[bytes, int]:
    """Return the version of each post that a read gives; each post once."""
    found = [r for b in archive.last_versions(**chosen) for r in b.to_pylist()]
    assert len(found) == len({r["post_key"] for r in found})
    return {r["post_key"]: r["version"] for r in found}


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    """Twelve posts in three batches; posts 1 and 2 were edited, in another month."""
    made = Archive(tmp_path / "archive")
    made.append({"a": rows(*(row(n) for n in range(6))), "b": rows(*(row(n) for n in range(6, 12)))})
    made.append({"c": rows(row(1, 2), row(2, 2), row(1, 3))})
    return made


def everything_in(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def test_archive_that_nobody_wrote_yet_is_empty(tmp_path: Path) -> None:
    archive = Archive(tmp_path / "none")
    assert (archive.count(), last(archive), archive.committed(["a"]), archive.compact()) == (0, {}, set(), 0)
    assert archive.get([key(1)]).num_rows == 0
    assert archive.erase(post_keys=[key(1)]) == Erased(0, ())
    archive.drop_before("2030-01")
    assert not (tmp_path / "none").exists()


def test_batch_appended_twice_is_there_once(archive: Archive) -> None:
    archive.append({"c": rows(row(1, 2), row(2, 2), row(1, 3))})
    archive.append({"b": rows(*(row(n) for n in range(6, 12))), "d": rows(row(50))})
    assert archive.count() == 16
    assert archive.committed(["a", "b", "c", "d", "e"]) == {"a", "b", "c", "d"}


def test_batches_of_one_append_are_one_commit(archive: Archive) -> None:
    assert DeltaTable(archive.location).version() == 1


def test_batch_is_found_after_checkpoints_compaction_and_erasure(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive.compact(most_files=0)
    archive.erase(post_keys=[key(3)])
    DeltaTable(archive.location).create_checkpoint()
    assert archive.committed(["a", "b", "c"]) == {"a", "b", "c"}


def test_reads_give_the_last_version_across_months(archive: Archive) -> None:
    assert len({p.name for p in Path(archive.location).glob("heard_month=*")}) == 2
    assert last(archive) == {key(n): {1: 3, 2: 2}.get(n, 1) for n in range(12)}


def test_reads_of_a_space_and_of_columns(archive: Archive) -> None:
    batches = list(archive.last_versions(space_ids=[2], columns=["post_key", "version"]))
    assert {k for b in batches for k in b["post_key"].to_pylist()} == {key(n) for n in (1, 5, 9)}
    assert last(archive, space_ids=[]) == {}


def test_get_gives_the_last_version_by_key_and_leaves_out_the_unheard(archive: Archive) -> None:
    found = {r["post_key"]: r["text"] for r in archive.get([key(1), key(7), key(99)]).to_pylist()}
    assert found == {key(1): f"{WORDS}1 v3", key(7): f"{WORDS}7 v1"}


def test_samples_hold_each_post_once_in_an_order_of_their_own(archive: Archive) -> None:
    def order(seed: int) -> list[bytes]:
        return [k for b in archive.sample_batches(random.Random(seed)) for k in b["post_key"].to_pylist()]

    orders = {tuple(order(seed)) for seed in range(8)}
    assert len(orders) > 1 and all(sorted(o) == [key(n) for n in range(12)] for o in orders)
    assert order(1) == order(1)


def test_rows_of_a_file_are_sorted_by_space_and_time(archive: Archive) -> None:
    archive.compact(most_files=0)
    for fragment in DeltaTable(archive.location).to_pyarrow_dataset().get_fragments():
        found = [(r["space_id"], r["heard_at"]) for r in fragment.to_table().to_pylist()]
        assert found == sorted(found)


def test_erasure_of_a_post_takes_every_version_and_leaves_no_byte(archive: Archive) -> None:
    assert archive.erase(post_keys=[key(1)]) == Erased(3, (key(1),))
    assert key(1) not in last(archive) and archive.count() == 12
    held = everything_in(Path(archive.location))
    assert f"{WORDS}1 ".encode() not in held and key(1) not in held


def test_erasure_of_an_author_takes_all_posts(archive: Archive) -> None:
    erased = archive.erase(author_keys=[key(1001)])
    assert (erased.rows, set(erased.post_keys)) == (6, {key(n) for n in (1, 4, 7, 10)})
    assert key(1001) not in everything_in(Path(archive.location))


def test_second_erasure_works_like_the_first(archive: Archive) -> None:
    """Files that a deletion wrote have other types than those that were appended."""
    for n in range(12):
        assert archive.erase(post_keys=[key(n)], author_keys=[key(7)]).post_keys == (key(n),)
    assert archive.count() == 0 and archive.get([key(1)]).num_rows == 0


def test_erasure_of_nobody_changes_nothing(archive: Archive) -> None:
    assert archive.erase() == Erased(0, ()) == archive.erase(post_keys=[key(77)])
    assert archive.count() == 15


def test_erasure_takes_the_bytes_of_a_commit_that_was_killed(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file was written, the log never named it."""
    orphan = next(Path(archive.location).glob("heard_month=*")) / "part-00000-dead.parquet"
    orphan.write_bytes(f"{WORDS} of a file without a commit".encode())
    archive.erase(post_keys=[key(1)])
    assert not orphan.exists()


def test_erasure_killed_between_delete_and_vacuum_is_finished_by_the_next(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    def die(self: Archive) -> None:
        raise Killed

    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(Archive, "_vacuum", die)
        archive.erase(post_keys=[key(1)])
    archive.erase(post_keys=[key(1)])
    assert f"{WORDS}1 ".encode() not in everything_in(Path(archive.location))


def test_log_holds_no_text_and_no_key(archive: Archive) -> None:
    archive.erase(post_keys=[key(5)])
    archive.compact(most_files=0)
    DeltaTable(archive.location).create_checkpoint()
    held = everything_in(Path(archive.location) / "_delta_log")
    assert WORDS.encode() not in held and key(1) not in held and b"id-1" not in held


def test_compaction_makes_one_file_a_month_and_keeps_every_row(archive: Archive) -> None:
    before = sorted(r["text"] for b in archive.last_versions() for r in b.to_pylist())
    assert archive.compact(most_files=8) == 0
    assert archive.compact(most_files=1) == 1
    assert len(DeltaTable(archive.location).file_uris()) == 2
    assert sorted(r["text"] for b in archive.last_versions() for r in b.to_pylist()) == before


def test_compaction_neither_loses_an_append_nor_revives_an_erasure(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another machine, which the folder's lock does not stop, commits between what compaction reads and writes."""
    real = module.write_deltalake

    def late(*args: Any, **kwargs: Any) -> None:
        monkeypatch.setattr(module, "write_deltalake", real)
        other = Archive(archive.location)
        other._append({"late": rows(row(60), row(61))})
        other._delete(module._targets([key(1)], [])[1])
        real(*args, **kwargs)

    monkeypatch.setattr(module, "write_deltalake", late)
    archive.compact(most_files=0)
    assert set(last(archive)) == {key(n) for n in (0, *range(2, 12), 60, 61)}


def test_append_and_erase_at_once_both_happen(archive: Archive) -> None:
    def append() -> None:
        for n in range(100, 110):
            Archive(archive.location).append({f"n{n}": rows(row(n))})

    thread = threading.Thread(target=append)
    thread.start()
    for n in range(4):
        Archive(archive.location).erase(post_keys=[key(n)])
    thread.join()
    assert set(last(archive)) == {key(n) for n in (*range(4, 12), *range(100, 110))}


def test_conflict_that_does_not_end_is_told(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    tries = []

    def refuse(*args: Any, **kwargs: Any) -> None:
        tries.append(1)
        raise CommitFailedError("taken")

    monkeypatch.setattr(module, "write_deltalake", refuse)
    with pytest.raises(RetryableError) as told:
        archive.append({"x": rows(row(1))})
    assert told.value.code == "archive.busy" and len(tries) == module.MAX_TRIES


def test_reader_whose_files_were_erased_is_told_to_come_again(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = module._batches

    def late(*args: Any) -> Iterator[pa.RecordBatch]:
        Archive(archive.location).erase(post_keys=[key(1), key(2), key(3), key(4)])
        yield from real(*args)

    monkeypatch.setattr(module, "_batches", late)
    with pytest.raises(RetryableError) as told:
        list(archive.last_versions())
    assert told.value.code == "archive.moved"


def test_months_before_one_are_dropped_with_their_bytes(archive: Archive) -> None:
    archive.drop_before("2026-10")
    assert {r["heard_month"] for b in archive.last_versions() for r in b.to_pylist()} == {"2026-10"}
    assert not list(Path(archive.location).glob("heard_month=2026-09/*.parquet"))


CHILD = """
import os, signal, sys
import pyarrow as pa
from vigie.schema.tables import ARCHIVE
from vigie.store import archive as module
table = pa.ipc.open_file(sys.argv[2]).read_all()
real = module.write_deltalake
def dying(*args, **kwargs):
    if sys.argv[3] == "before":
        os.kill(os.getpid(), signal.SIGKILL)
    real(*args, **kwargs)
    os.kill(os.getpid(), signal.SIGKILL)
module.write_deltalake = dying
module.Archive(sys.argv[1]).append({"killed": table})
"""


@pytest.mark.parametrize("moment", ["before", "after"])
def test_writer_killed_by_sigkill_loses_and_doubles_nothing(archive: Archive, tmp_path: Path, moment: str) -> None:
    table = rows(row(70), row(71))
    with pa.ipc.new_file(str(tmp_path / "batch"), ARCHIVE) as file:
        file.write_table(table)
    command = [sys.executable, "-c", CHILD, archive.location, str(tmp_path / "batch"), moment]
    assert subprocess.run(command, capture_output=True, check=False).returncode == -9
    assert archive.committed(["killed"]) == ({"killed"} if moment == "after" else set())
    archive.append({"killed": table})
    assert archive.count() == 17


STEPS = st.sampled_from(("append", "append", "repeat", "edit", "erase", "author", "compact"))


@settings(max_examples=8, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(steps=st.lists(st.tuples(STEPS, st.integers(0, 20)), min_size=4, max_size=12))
def test_archive_says_what_a_dict_says(steps: list[tuple[str, int]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        archive, oracle = Archive(Path(folder) / "archive"), dict[bytes, int]()
        sent: list[tuple[str, pa.Table]] = []

        def send(*values: dict[str, Any]) -> None:
            sent.append((f"batch-{len(sent)}", rows(*values)))
            archive.append(dict(sent[-1:]))
            oracle.update({v["post_key"]: v["version"] for v in values})

        def author(n: int) -> None:
            archive.erase(author_keys=[key(1000 + n % 3)])
            for k in [k for k in oracle if int.from_bytes(k, "big") % 3 == n % 3]:
                del oracle[k]

        acts: dict[str, Callable[[int], Any]] = {
            "append": lambda n: send(*(row(i) for i in range(n, n + 4) if key(i) not in oracle)),
            "repeat": lambda n: archive.append(dict(sent[-3:])),
            "edit": lambda n: send(row(n, oracle[key(n)] + 1)) if key(n) in oracle else None,
            "erase": lambda n: (archive.erase(post_keys=[key(n)]), oracle.pop(key(n), None)),
            "author": author,
            "compact": lambda n: archive.compact(most_files=n % 3),
        }
        for name, n in steps:
            acts[name](n)
            assert last(archive) == oracle
        for k, version in oracle.items():
            assert [r["version"] for r in archive.get([k]).to_pylist()] == [version]
