"""The archive in a real S3-compatible server: the same promises as in a folder, also while the server is away."""

import os
import random
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest
from support.s3 import AFTER, AFTER_ONCE, BEFORE, Gate, Moto

from vigie.errors import RetryableError
from vigie.schema.tables import ARCHIVE
from vigie.store import archive as module
from vigie.store.archive import Archive
from vigie.store.objects import address_of, refuses_second, signed

HEARD = datetime(2026, 9, 20, tzinfo=UTC)
NOW = datetime(2026, 10, 30, 8, tzinfo=UTC)
BUCKETS = iter(range(1000))


def key(n: int) -> bytes:
    return n.to_bytes(16, "big")


def row(n: int, version: int = 1, heard: datetime = HEARD) -> dict[str, Any]:
    return {
        "post_key": key(n), "version": version, "heard_at": heard + timedelta(minutes=n), "space_id": n % 3 + 1,
        "origin": "forum.example", "author_key": key(1000 + n % 3), "native_id": f"id-{n}", "network": "forum",
        "text": f"motinoubliable{n}", "heard_month": f"{heard:%Y-%m}",
    }  # fmt: skip


def rows(*values: dict[str, Any]) -> pa.Table:
    return pa.Table.from_pylist(list(values), schema=ARCHIVE)


@pytest.fixture(scope="module")
def moto() -> Iterator[Moto]:
    server = Moto()
    yield server
    server.stop()


@pytest.fixture
def bucket(moto: Moto) -> str:
    name = f"lake-{next(BUCKETS)}"
    moto.make_bucket(name)
    return name


@pytest.fixture
def gate(moto: Moto, monkeypatch: pytest.MonkeyPatch) -> Iterator[Gate]:
    with Gate(moto.port) as made:
        for name, value in made.environment.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(module, "PATIENCE", module.PATIENCE | {"max_retries": "1", "retry_timeout": "2s"})
        yield made


@pytest.fixture
def archive(gate: Gate, bucket: str) -> Archive:
    """The variables of the environment are all that it is told."""
    return Archive(f"s3://{bucket}/prefix")


def last(archive: Archive) -> dict[bytes, int]:
    return {r["post_key"]: r["version"] for b in archive.last_versions() for r in b.to_pylist()}


def test_what_was_appended_is_found_by_another_process(archive: Archive) -> None:
    assert archive.count() == 0 and archive.committed(["a"]) == set()
    archive.append({"a": rows(*(row(n) for n in range(6))), "b": rows(row(1, 2))})
    archive.append({"a": rows(*(row(n) for n in range(6))), "c": rows(row(9))})
    again = Archive(archive.location)
    assert again.committed(["a", "b", "c", "d"]) == {"a", "b", "c"} and again.count() == 8
    assert last(again) == {key(n): 2 if n == 1 else 1 for n in (0, 1, 2, 3, 4, 5, 9)}
    code = "import sys; from vigie.store.archive import Archive; print(Archive(sys.argv[1]).count())"
    restarted = subprocess.run(
        [sys.executable, "-c", code, archive.location], capture_output=True, text=True, check=True, env=dict(os.environ)
    )
    assert restarted.stdout.strip() == "8"


def test_sample_is_of_the_time_and_spaces_asked(archive: Archive) -> None:
    archive.append({"a": rows(*(row(n) for n in range(12)))})
    asked = {"since": HEARD + timedelta(minutes=2), "until": HEARD + timedelta(minutes=9), "space_ids": [1, 2]}
    found = {r["post_key"] for b in archive.sample_batches(random.Random(1), **asked) for r in b.to_pylist()}
    assert found == {key(n) for n in range(2, 9) if n % 3 + 1 in (1, 2)}
    assert archive.count(**asked) == len(found)
    backwards = list(archive.newest_first(**asked))
    assert {r["post_key"] for b in backwards if not isinstance(b, datetime) for r in b.to_pylist()} == found
    assert backwards[-1] == asked["since"]


def test_crowded_month_becomes_one_sorted_file(archive: Archive, moto: Moto, bucket: str) -> None:
    for n in range(10):
        archive.append({f"b{n}": rows(row(20 - n))})
    assert archive.compact(most_files=8) == 1
    (one,) = list(archive.last_versions(columns=["space_id", "heard_at"]))
    found = [(r["space_id"], r["heard_at"]) for r in one.to_pylist()]
    assert found == sorted(found) and len(found) == 10
    assert archive.committed([f"b{n}" for n in range(10)]) == {f"b{n}" for n in range(10)}


def test_what_is_erased_leaves_no_byte(archive: Archive, moto: Moto, bucket: str) -> None:
    archive.append({"a": rows(*(row(n) for n in range(4)))})
    erased = archive.erase(post_keys=[key(2)])
    assert erased.post_keys == (key(2),) and set(last(archive)) == {key(0), key(1), key(3)}
    assert len([n for n in moto.names(bucket) if n.endswith(".parquet")]) == 1
    assert archive.erase(author_keys=[key(1000)]).rows == 2
    assert set(last(archive)) == {key(1)}


def test_old_months_go_with_their_objects(archive: Archive, moto: Moto, bucket: str) -> None:
    archive.append({"a": rows(row(1), row(2, heard=NOW))})
    archive.drop_before("2026-10")
    assert set(last(archive)) == {key(2)}
    assert not [n for n in moto.names(bucket) if "2026-09" in n]


@pytest.mark.parametrize("moment", [BEFORE, AFTER])
def test_server_that_stops_in_mid_commit_loses_and_doubles_nothing(archive: Archive, gate: Gate, moment: int) -> None:
    archive.append({"a": rows(row(1))})
    gate.at_the_commit(moment)
    with pytest.raises(RetryableError) as told:
        archive.append({"b": rows(row(2), row(3))})
    assert told.value.code in {"archive.away", "archive.busy"}
    for act in (archive.count, lambda: list(archive.last_versions()), lambda: archive.committed(["b"])):
        with pytest.raises(RetryableError) as away:
            act()
        assert away.value.code == "archive.away"
    gate.open()
    assert archive.committed(["a", "b"]) == ({"a", "b"} if moment == AFTER else {"a"})
    archive.append({"b": rows(row(2), row(3))})
    assert archive.count() == 3 and set(last(archive)) == {key(1), key(2), key(3)}


def test_commit_whose_answer_alone_was_lost_is_not_made_twice(archive: Archive, gate: Gate) -> None:
    archive.append({"a": rows(row(1))})
    gate.at_the_commit(AFTER_ONCE)
    try:
        archive.append({"b": rows(row(2))})
    except RetryableError:
        archive.append({"b": rows(row(2))})
    assert archive.count() == 2


def test_two_writers_at_once_keep_each_others_posts(archive: Archive) -> None:
    archive.append({"first": rows(row(0))})

    def write(who: int) -> None:
        mine = Archive(archive.location)
        for n in range(4):
            name = f"{who}-{n}"
            for _ in range(20):
                try:
                    mine.append({name: rows(row(who * 10 + n))})
                    break
                except RetryableError:
                    continue

    threads = [threading.Thread(target=write, args=(who,)) for who in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert archive.count() == 9 and len(last(archive)) == 9


def test_store_that_keeps_the_condition_is_told_from_one_that_forgets_it(gate: Gate, bucket: str, moto: Moto) -> None:
    assert refuses_second(f"s3://{bucket}/prefix", os.environ, now=NOW) is True
    assert moto.names(bucket) == []
    gate.forget_conditions()
    assert refuses_second(f"s3://{bucket}/prefix", os.environ, now=NOW) is False
    assert refuses_second(f"s3://{bucket}/prefix", {}, now=NOW) is None
    gate.close()
    with pytest.raises(RetryableError):
        refuses_second(f"s3://{bucket}/prefix", os.environ, now=NOW)


def test_signature_is_that_of_amazons_own_client(moto: Moto) -> None:
    from botocore.auth import S3SigV4Auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials

    address = "https://s3.eu-west-3.amazonaws.com/lake/a%20b/_vigie_probe/x"
    theirs = AWSRequest(
        "PUT", address, data=b"", headers={"X-Amz-Content-SHA256": "", "host": "s3.eu-west-3.amazonaws.com"}
    )
    del theirs.headers["X-Amz-Content-SHA256"]
    S3SigV4Auth(Credentials("AKID", "secret", "token"), "s3", "eu-west-3").add_auth(theirs)
    at = datetime.strptime(theirs.headers["X-Amz-Date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    environment = {
        "AWS_ACCESS_KEY_ID": "AKID", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_SESSION_TOKEN": "token", "AWS_REGION": "eu-west-3",
    }  # fmt: skip
    assert signed("PUT", address, environment, now=at)["Authorization"] == theirs.headers["Authorization"]
    assert address_of("s3://lake/a b/_vigie_probe/x", environment) == address
