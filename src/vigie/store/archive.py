"""The archive: everything heard, as a Delta Lake table by UTC month heard; append, erase, compact.

One process writes at a time: the caller holds the lease, and in a folder a lock of the system holds off the others of
this machine. In an object store a commit is an object that may be made once, so that a writer whose lease ran out unseen
is refused (`store.objects` asks the store whether it does). Each commit names the batches it holds, and a batch that the
log names is not appended again: Delta's own application transactions can be read back but refuse nothing.
"""

import fcntl
import json
import random
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial, reduce
from operator import and_
from pathlib import Path

import pyarrow as pa
import pyarrow.dataset as ds
from deltalake import CommitProperties, DeltaTable, WriterProperties, write_deltalake
from deltalake.exceptions import CommitFailedError, DeltaError, TableNotFoundError

from vigie.errors import RetryableError
from vigie.schema.tables import ARCHIVE, INSTANT, conform

BATCHES = "vigie.batches"
"""Name, in a commit's metadata, of the batches it holds."""

LOG_DAYS = 90
"""Days that the log keeps its commits: far longer than a batch may wait to be found there."""

CONFIGURATION: Mapping[str, str | None] = {
    "delta.logRetentionDuration": f"interval {LOG_DAYS} days",
    # The log keeps least and greatest values of columns: of texts and ids they would outlive an erasure.
    "delta.dataSkippingStatsColumns": "version,heard_at,space_id",
}
"""Properties of the table, set when it is made."""

WRITING = WriterProperties(compression="ZSTD")
"""Posts with text take half of what they take with the default codec (measured: 231 bytes a post)."""

LOCK = "_vigie.lock"
"""Delta passes over names that begin with an underscore."""

LOG_LOOK_BACK = 500
"""Commits searched for a batch: more than eight hours of one a minute; a batch waits minutes."""

MAX_TRIES = 10
"""Tries of a commit against others: with one writer only an erasure or a compaction can be in the way."""

PATIENCE = {"connect_timeout": "5s", "timeout": "30s", "max_retries": "2", "retry_timeout": "60s"}
"""How long an object store is waited for: the library's own patience, three minutes a request and ten retries, would hold
a page or the lease while the store is away; the worker comes back by itself. 30 s moves a commit of 200,000 posts at 2 MB/s."""

LEFT_HOURS = 1
"""Age at which files that no commit names are removed from an object store: a commit that is still being written there
holds no lock we could see, and a lease runs ten minutes."""

FIRST_STRETCH = timedelta(hours=1)
"""First stretch of time of a read backwards; ten of them, each twice the last, reach back six weeks."""

WRITE_ROWS = 10_000
"""Rows handed to Delta's library at once: what it was handed whole it holds twice (40 MB less for 100,000 rows, measured)."""

READ_ROWS = 20_000
"""Rows of a batch read: about 8 MB of posts."""


@dataclass(frozen=True, slots=True)
class Erased:
    """What an erasure removed."""

    rows: int
    post_keys: tuple[bytes, ...]
    """Posts of which nothing is left."""


class Archive:
    """The archive at a folder or an object store's address."""

    def __init__(self, location: str | Path, storage_options: dict[str, str] | None = None) -> None:
        self.location = str(location)
        self.options = storage_options if self._is_folder else {**PATIENCE, **(storage_options or {})}

    def _table(self) -> DeltaTable | None:
        try:
            return DeltaTable(self.location, storage_options=self.options)
        except TableNotFoundError:
            return None

    @contextmanager
    def _reached(self) -> Iterator[None]:
        """Tell an object store that is away from a fault of ours; a folder's faults stay what they are."""
        try:
            yield
        except (OSError, DeltaError) as exc:
            if self._is_folder:
                raise
            sentence = "The object store of the archive does not answer; what was heard waits in the record."
            raise RetryableError(sentence, code="archive.away", retry_after=60) from exc

    def append(self, batches: Mapping[str, pa.Table]) -> None:
        """Append `tables.ARCHIVE` rows by batch, in one commit; batches that the log holds already are left out."""
        with self._reached(), self._alone():
            self._retried(lambda: self._append(batches))

    def _append(self, batches: Mapping[str, pa.Table]) -> None:
        done = self.committed(batches)
        missing = {name: table for name, table in batches.items() if name not in done}
        if missing:
            self._commit(missing)

    def _commit(self, batches: Mapping[str, pa.Table]) -> None:
        table = pa.concat_tables(_conformed(batches.values())).sort_by(
            [("heard_month", "ascending"), ("space_id", "ascending"), ("heard_at", "ascending")]
        )
        piecewise = pa.RecordBatchReader.from_batches(table.schema, iter(table.to_batches(max_chunksize=WRITE_ROWS)))
        write_deltalake(
            self.location, piecewise, mode="append", schema_mode="merge", partition_by=["heard_month"], storage_options=self.options,
            configuration=CONFIGURATION, writer_properties=WRITING,
            # No retry inside: a commit whose answer was lost looks like another's, and would be made twice. Ours looks in
            # the log first.
            commit_properties=CommitProperties(
                custom_metadata={BATCHES: json.dumps(list(batches))}, max_commit_retries=0
            ),
        )  # fmt: skip

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Wait for other writers of this machine; an object store has the caller's lease alone."""
        if not self._is_folder:
            yield
            return
        Path(self.location).mkdir(parents=True, exist_ok=True)
        with (Path(self.location) / LOCK).open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    @property
    def _is_folder(self) -> bool:
        return "://" not in self.location

    def _retried(self, act: Callable[[], object]) -> None:
        """Do what may conflict with another's commit, again until it does not."""
        for _ in range(MAX_TRIES):
            try:
                act()
            except CommitFailedError:
                continue
            return
        raise RetryableError("The archive is being changed by another process.", code="archive.busy", retry_after=60)

    def committed(self, batch_ids: Iterable[str]) -> set[str]:
        """Return which batches the log holds."""
        wanted, found = set(batch_ids), set[str]()
        with self._reached():
            table = self._table()
            for commit in table.history(LOG_LOOK_BACK) if table else ():
                found |= wanted.intersection(json.loads(commit.get(BATCHES, "[]")))
                if found == wanted:
                    break
        return found

    def count(
        self,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        space_ids: Sequence[int] | None = None,
    ) -> int:
        """Return the rows held, every version counted; those of a time and of spaces alone when they are given."""
        with self._reached():
            table = self._table()
            return int(table.to_pyarrow_dataset().count_rows(filter=_test(since, until, space_ids))) if table else 0

    def last_versions(
        self, *, space_ids: Sequence[int] | None = None, columns: Sequence[str] | None = None
    ) -> Iterator[pa.RecordBatch]:
        """Yield the last version of each post; memory grows with the posts that were edited, not with all."""
        yield from self._read(_test(space_ids=space_ids), columns, None)

    def newest_first(
        self,
        since: datetime,
        until: datetime,
        *,
        space_ids: Sequence[int] | None = None,
        columns: Sequence[str] | None = None,
    ) -> Iterator[pa.RecordBatch | datetime]:
        """Yield the last version of each post heard from `since` until before `until`, from the newest time backwards.

        After the batches of each stretch, in whatever order, comes the instant down to which all was given.
        """
        with self._reached(), _unmoved():
            table = self._table()
            if table is None:
                yield since
                return
            data = table.to_pyarrow_dataset()
            latest, names = _edited(data), _known(columns or ARCHIVE.names, data)
            for begin, end in _stretches(since, until):
                for batch in _batches(data, names, _test(begin, end, space_ids), None):
                    yield _without_superseded(batch, latest)
                yield begin

    def sample_batches(
        self,
        rng: random.Random,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        space_ids: Sequence[int] | None = None,
        columns: Sequence[str] | None = None,
    ) -> Iterator[pa.RecordBatch]:
        """Yield the last version of each post, row groups in random order: each prefix is a sample of the whole."""
        yield from self._read(_test(since, until, space_ids), columns, rng)

    def _read(
        self, test: ds.Expression | None, columns: Sequence[str] | None, rng: random.Random | None
    ) -> Iterator[pa.RecordBatch]:
        with self._reached(), _unmoved():
            yield from self._read_now(test, columns, rng)

    def _read_now(
        self, test: ds.Expression | None, columns: Sequence[str] | None, rng: random.Random | None
    ) -> Iterator[pa.RecordBatch]:
        table = self._table()
        if table is None:
            return
        data = table.to_pyarrow_dataset()
        latest, names = _edited(data), _known(columns or ARCHIVE.names, data)
        for batch in _batches(data, names, test, rng):
            kept = _without_superseded(batch, latest)
            if kept.num_rows:
                yield kept

    def get(self, keys: Sequence[bytes]) -> pa.Table:
        """Return the last version of posts by key; those not heard are absent."""
        with self._reached():
            table = self._table()
            if table is None or not keys:
                return ARCHIVE.empty_table()
            wanted = _among("post_key", keys)
            data = table.to_pyarrow_dataset()
            found = data.to_table(columns=_known(ARCHIVE.names, data), filter=wanted)
        rows = found.sort_by([("version", "descending")]).to_pylist()
        last = {row["post_key"]: row for row in reversed(rows)}
        return pa.Table.from_pylist(list(last.values()), schema=ARCHIVE)

    def posts_of(self, author_keys: Sequence[bytes]) -> tuple[bytes, ...]:
        """Return the keys of the posts of authors, each once."""
        with self._reached():
            table = self._table()
            if table is None or not author_keys:
                return ()
            test, _ = _targets((), author_keys)
            found = table.to_pyarrow_dataset().to_table(columns=["post_key"], filter=test)
            return tuple(set(found["post_key"].to_pylist()))

    def below_version(self, version: int) -> Iterator[pa.Table]:
        """Yield month, author's hash and version of the rows whose hashes an older key than this version made."""
        with self._reached(), _unmoved():
            table = self._table()
            if table is None:
                return
            data = table.to_pyarrow_dataset()
            names = ["heard_month", "author_key", "key_version"]
            older = _older(data, version)
            for batch in data.to_batches(columns=_known(names, data), filter=older, batch_size=READ_ROWS):
                rows = pa.Table.from_batches([batch])
                if "key_version" not in rows.column_names:
                    rows = rows.append_column("key_version", pa.nulls(len(rows), pa.int16()))
                yield rows

    def rewrite(self, month: str, change: Callable[[pa.Table], pa.Table]) -> None:
        """Write a month anew with its rows changed, in one commit; the old files stay until `sweep`."""
        with self._reached(), self._alone():
            self._retried(partial(self._rewrite_month, month, change))

    def sweep(self) -> None:
        """Remove at once the files that the table no longer names."""
        with self._reached():
            if self._table() is not None:
                with self._alone():
                    self._vacuum()

    def erase(self, *, post_keys: Sequence[bytes] = (), author_keys: Sequence[bytes] = ()) -> Erased:
        """Delete every version of posts, by key or by author, and their bytes from the files.

        What a commit that was killed left behind goes too. Cost: the two key columns of all, the files hit, and a list
        of all files. Safe to repeat after a crash at any step.
        """
        if not (post_keys or author_keys):
            return Erased(0, ())
        test, predicate = _targets(post_keys, author_keys)
        with self._reached():
            return self._erase(test, predicate) if self._table() is not None else Erased(0, ())

    def _erase(self, test: ds.Expression, predicate: str) -> Erased:
        with self._alone():
            found = self._open().to_pyarrow_dataset().to_table(columns=["post_key"], filter=test)
            if found.num_rows:
                self._delete(predicate)
            self._vacuum()
        return Erased(found.num_rows, tuple(set(found["post_key"].to_pylist())))

    def _delete(self, predicate: str) -> None:
        self._retried(lambda: self._open().delete(predicate, writer_properties=WRITING))

    def _open(self) -> DeltaTable:
        return DeltaTable(self.location, storage_options=self.options)

    def _vacuum(self) -> None:
        """Remove the files that no version needs any more, at once: what is erased must be gone.

        Also those that no version ever named: in a folder, whose writers are held off, at once; in an object store once
        they are an hour old, at the next erasure or the tidying of the day.
        """
        self._open().vacuum(retention_hours=0, enforce_retention_duration=False, dry_run=False, full=self._is_folder)
        if not self._is_folder:
            self._open().vacuum(retention_hours=LEFT_HOURS, enforce_retention_duration=False, dry_run=False, full=True)

    def compact(self, *, most_files: int = 8) -> int:
        """Write each month of many small files anew as one, keeping the sort; return the months written.

        Memory holds one month at a time, twice. The old files stay, for readers at work, until the next `erase` or
        `drop_before`.
        """
        with self._reached():
            return self._compact(most_files) if self._table() is not None else 0

    def _compact(self, most_files: int) -> int:
        with self._alone():
            counts = Counter(pa.table(self._open().get_add_actions(flatten=True))["partition.heard_month"].to_pylist())
            crowded = [month for month, n in sorted(counts.items()) if n > most_files]
            for month in crowded:
                self._retried(partial(self._rewrite_month, month))
        return len(crowded)

    def _rewrite_month(self, month: str, change: Callable[[pa.Table], pa.Table] = lambda rows: rows) -> None:
        """Write a month anew from one version of the table, so that a change since is a conflict, not a loss."""
        table, wanted = self._open(), ds.field("heard_month") == month
        data = table.to_pyarrow_dataset()
        rows = data.to_table(columns=_known(ARCHIVE.names, data), filter=wanted)
        ordered = change(rows).sort_by([("space_id", "ascending"), ("heard_at", "ascending")])
        write_deltalake(
            table,
            ordered,
            mode="overwrite",
            schema_mode="merge",
            predicate=f"heard_month = '{month}'",
            writer_properties=WRITING,
        )

    def drop_before(self, month: str) -> None:
        """Delete the months before one (YYYY-MM), with their bytes."""
        with self._reached():
            if self._table() is not None:
                with self._alone():
                    self._delete(f"heard_month < '{month}'")
                    self._vacuum()


@contextmanager
def _unmoved() -> Iterator[None]:
    """Tell a reader that an erasure, which removes files at once, took them from under it."""
    try:
        yield
    except FileNotFoundError as exc:
        sentence = "The archive was written anew while it was read."
        raise RetryableError(sentence, code="archive.moved", retry_after=5) from exc


def _conformed(tables: Iterable[pa.Table]) -> list[pa.Table]:
    """Return tables as `tables.ARCHIVE`; those of one schema are put together first: a batch may hold a post, and each column costs."""
    alike: dict[pa.Schema, list[pa.Table]] = {}
    for table in tables:
        alike.setdefault(table.schema, []).append(table)
    return [conform(pa.concat_tables(some).combine_chunks(), ARCHIVE, what="archive") for some in alike.values()]


def _stretches(since: datetime, until: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Cut a time from its end into stretches, each twice as long as the one before: what is asked is mostly recent."""
    end, span = until, FIRST_STRETCH
    while end > since:
        begin = max(since, end - span)
        yield begin, end
        end, span = begin, span * 2


def _test(
    since: datetime | None = None, until: datetime | None = None, space_ids: Sequence[int] | None = None
) -> ds.Expression | None:
    """Return the test that a row is of a time and of spaces; its month, the partition, spares most files."""
    tests: list[ds.Expression] = []
    month, heard = ds.field("heard_month"), ds.field("heard_at")
    if since is not None:
        utc = since.astimezone(UTC)
        tests += [month >= f"{utc:%Y-%m}", heard >= pa.scalar(utc, INSTANT)]
    if until is not None:
        utc = until.astimezone(UTC)
        tests += [month <= f"{utc:%Y-%m}", heard < pa.scalar(utc, INSTANT)]
    if space_ids is not None:
        tests.append(ds.field("space_id").isin(list(space_ids)))
    return reduce(and_, tests) if tests else None


def _edited(data: ds.Dataset) -> dict[bytes, int]:
    """Return the last version of each post that was ever edited."""
    edited = data.to_table(columns=["post_key", "version"], filter=ds.field("version") > 1)
    latest: dict[bytes, int] = {}
    for key, version in zip(edited["post_key"].to_pylist(), edited["version"].to_pylist(), strict=True):
        latest[key] = max(version, latest.get(key, 0))
    return latest


def _batches(
    data: ds.Dataset, names: list[str], test: ds.Expression | None, rng: random.Random | None
) -> Iterator[pa.RecordBatch]:
    wanted = list(dict.fromkeys([*names, "post_key", "version"]))
    if rng is None:
        yield from data.to_batches(columns=wanted, filter=test, batch_size=READ_ROWS)
        return
    pieces = [piece for fragment in data.get_fragments() for piece in fragment.split_by_row_group()]
    rng.shuffle(pieces)
    for piece in pieces:
        yield from piece.to_batches(schema=data.schema, columns=wanted, filter=test, batch_size=READ_ROWS)


def _known(names: Sequence[str], data: ds.Dataset) -> list[str]:
    """Return the columns that an archive has: one that no version with a newer column has written to lacks it."""
    return [name for name in names if name in data.schema.names]


def _without_superseded(batch: pa.RecordBatch, latest: Mapping[bytes, int]) -> pa.RecordBatch:
    """Leave out the versions that a later one replaced."""
    if not latest:
        return batch
    keys, versions = batch["post_key"].to_pylist(), batch["version"].to_pylist()
    return batch.filter(pa.array([latest.get(k, v) <= v for k, v in zip(keys, versions, strict=True)]))


def _older(data: ds.Dataset, version: int) -> ds.Expression | None:
    """Return the test that a row's hashes are of an older key; an archive older than that column has no others."""
    if "key_version" not in data.schema.names:
        return None
    column = ds.field("key_version")
    return column.is_null() | (column < version)


def _among(column: str, keys: Sequence[bytes]) -> ds.Expression:
    """Return the test that a key is one of some.

    The cast keeps Arrow from comparing them with the statistics of files that a deletion wrote: those are of a type
    (binary view) that it can't compare, and the read fails.
    """
    return ds.field(column).cast(pa.binary()).isin(pa.array(list(keys), pa.binary()))


def _targets(post_keys: Sequence[bytes], author_keys: Sequence[bytes]) -> tuple[ds.Expression, str]:
    """Return which rows are meant, for Arrow and for Delta; keys are bytes of ours, written as hexadecimal."""
    tests, words = [], []
    for column, keys in (("post_key", post_keys), ("author_key", author_keys)):
        if keys:
            tests.append(_among(column, keys))
            words.append(f"encode({column}, 'hex') IN ({', '.join(repr(key.hex()) for key in keys)})")
    test = tests[0] if len(tests) == 1 else tests[0] | tests[1]
    return test, " OR ".join(words)
