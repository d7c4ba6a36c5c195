"""The mirror: mention rows as Parquet files by month, sorted by watch and time, listed by one manifest.

A disposable copy: deleting the folder is always safe. One writer at a time: the caller holds the lease, and a lock of
the system, which dies with its process, keeps out a writer whose lease ran out. Files are written whole under new
names; the manifest is swapped by `os.replace`, so a crash at any step leaves either the old list or the new one, and
at worst files that nobody lists, which `clean` removes.
"""

import fcntl
import json
import os
import shutil
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from vigie.errors import RetryableError
from vigie.schema.tables import FOUND_COLUMNS, MENTIONS

SCHEMA_VERSION = 2
"""Grows with every change of `tables.MENTIONS`: files of another one are built anew."""

SORT = ("watch_id", "published_at", "mention_id")
"""Order of a month's rows: most reads ask for some watches and a span of days (DESIGN §1)."""

DICTIONARIES = ["network", "language", "tone", *(f"{name}.list.element" for name in FOUND_COLUMNS.values())]
"""Columns of few different values, which are written once a row group."""

ROW_GROUP = 65_536
"""Rows of a row group: small enough that one watch's month skips most others, large enough to compress."""

KEEP_UNLISTED_S = 60.0
"""Seconds that a file stays after the manifest stopped listing it: longer than any read may take (DESIGN §1, rule 3)."""

MANIFEST = "manifest.json"
LOCK = "lock"
SPILL = "spill-"


Columns = Callable[[str], pa.ChunkedArray]
"""Gives a column of some rows by its name."""


@dataclass(frozen=True, slots=True)
class MonthFile:
    """The file of one month."""

    name: str
    rows: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """What the files hold, and of which history."""

    epoch: int
    revision: int
    """Every change up to this one is in the files."""
    schema_version: int
    time_zone: str
    max_mention_id: int
    """No file holds a greater id: newer mentions need not be looked for."""
    months: Mapping[str, MonthFile]
    """By month of `day`, YYYY-MM."""
    written_at: datetime

    def to_json(self) -> str:
        """Return the manifest as text."""
        plain = {name: getattr(self, name) for name in ("epoch", "revision", "schema_version", "time_zone")}
        months = {month: asdict(file) for month, file in self.months.items()}
        written = self.written_at.isoformat()
        return json.dumps(plain | {"max_mention_id": self.max_mention_id, "months": months, "written_at": written})

    @classmethod
    def from_json(cls, text: str) -> "Manifest":
        """Read a manifest; ValueError, KeyError, TypeError or AttributeError when it is none."""
        values = json.loads(text)
        values["months"] = {month: MonthFile(**file) for month, file in values["months"].items()}
        values["written_at"] = datetime.fromisoformat(values["written_at"])
        for name in ("epoch", "revision", "schema_version", "max_mention_id"):
            values[name] = int(values[name])
        return cls(**values)


class Mirror:
    """The mirror's folder on this machine."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._seen: tuple[tuple[int, int, int], Manifest | None] | None = None

    def manifest(self) -> Manifest | None:
        """Return the manifest; `None` when there is none or it can't be read."""
        try:
            stat = (self.folder / MANIFEST).stat()
            mark = (stat.st_mtime_ns, stat.st_ino, stat.st_size)
            if self._seen is None or self._seen[0] != mark:
                self._seen = (mark, Manifest.from_json((self.folder / MANIFEST).read_text("utf-8")))
            return self._seen[1]
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return None

    def usable(self, epoch: int, revision: int, time_zone: str) -> bool:
        """Say whether the files belong to this history, are not ahead of it, and are all there, whole."""
        found = self.manifest()
        if found is None or (found.epoch, found.schema_version, found.time_zone) != (epoch, SCHEMA_VERSION, time_zone):
            return False
        return found.revision <= revision and all(self._is_whole(file) for file in found.months.values())

    def _is_whole(self, file: MonthFile) -> bool:
        try:
            return self.path(file).stat().st_size == file.bytes
        except OSError:
            return False

    def path(self, file: MonthFile) -> Path:
        """Return where a month's file stands."""
        return self.folder / file.name

    def merge(
        self,
        changed: pa.Table,
        removed: Sequence[int],
        *,
        epoch: int,
        revision: int,
        time_zone: str,
        now: datetime,
    ) -> Manifest:
        """Rewrite each month that a changed mention enters or leaves; `changed` has one row per mention.

        Cost grows with the rows of those months, and, when older mentions changed, with one column of the months that
        may hold them. Files that are at this revision already stay as they are.

        Raises:
            RetryableError: there are no files of this history to merge into, or they went away meanwhile.
        """
        with self._alone():
            current = self.manifest()
            if current is None or (current.epoch, current.time_zone) != (epoch, time_zone):
                raise _gone()
            if current.revision >= revision:
                return current
            gone = np.concatenate([changed["mention_id"].to_numpy(), np.asarray(removed, dtype=np.int64)])
            highest = max(current.max_mention_id, _highest(changed))
            entered = _by_month(_without(changed, removed))
            # The caller's rows stand in their months now: memory holds them once.
            del changed
            months = self._merged(current, entered, gone)
            if self.manifest() != current:
                raise _gone()
            return self._swap(
                Manifest(epoch, revision, SCHEMA_VERSION, time_zone, highest, months, now.astimezone(UTC))
            )

    def _merged(self, current: Manifest, entered: dict[str, pa.Table], gone: np.ndarray) -> dict[str, MonthFile]:
        """Write the months that change, taking each out of what entered; return all of them."""
        months = dict(current.months)
        known = gone[gone <= current.max_mention_id]
        left = {m for m, file in months.items() if known.size and self._holds(file, known)}
        for month in sorted(entered.keys() | left):
            rows = entered.pop(month, MENTIONS.empty_table())
            file = self._rewrite(month, months.pop(month, None), known, rows)
            if file is not None:
                months[month] = file
        return months

    def rebuild(
        self, batches: Iterable[pa.RecordBatch], *, epoch: int, revision: int, time_zone: str, now: datetime
    ) -> Manifest:
        """Write all months anew from mention rows in any order, one per mention; memory holds one month at a time.

        Raises:
            RetryableError: the folder was deleted meanwhile.
        """
        with self._alone():
            spill = self.folder / f"{SPILL}{uuid.uuid4().hex}"
            spill.mkdir()
            try:
                highest = self._spill(spill, batches)
                months = {path.stem: self._sorted(path) for path in sorted(spill.iterdir())}
            finally:
                shutil.rmtree(spill, ignore_errors=True)
            return self._swap(
                Manifest(epoch, revision, SCHEMA_VERSION, time_zone, highest, months, now.astimezone(UTC))
            )

    def _sorted(self, path: Path) -> MonthFile:
        """Write a month's file from the rows spilled for it, and remove these."""
        written = self._write(path.stem, lambda name: _spilled(path, name))
        path.unlink()
        return written

    def _spill(self, spill: Path, batches: Iterable[pa.RecordBatch]) -> int:
        """Append each batch's rows to a file per month; return the highest mention id."""
        writers: dict[str, pa.RecordBatchStreamWriter] = {}
        highest = 0
        try:
            for batch in batches:
                table = pa.Table.from_batches([batch], MENTIONS)
                highest = max(highest, _highest(table))
                for month, rows in _by_month(table).items():
                    if month not in writers:
                        writers[month] = pa.ipc.new_stream(str(spill / f"{month}.arrows"), MENTIONS)
                    writers[month].write_table(rows)
        finally:
            for writer in writers.values():
                writer.close()
        return highest

    def clean(self, now: datetime, *, young_too: bool = False) -> int:
        """Remove files that the manifest does not list, once a minute old; return how many.

        What a writer that was killed left behind goes too; a writer at work is waited for.
        """
        if not self.folder.exists():
            return 0
        with self._alone():
            current = self.manifest()
            kept = {MANIFEST, LOCK, *(file.name for file in (current.months.values() if current else ()))}
            old = [
                path for path in self.folder.iterdir() if path.name not in kept and (young_too or _is_old(path, now))
            ]
            for path in old:
                shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)
            return len(old)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Wait until no other writer is at work in this folder, in this process or another, and keep others out."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with (self.folder / LOCK).open("w") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                yield
        except FileNotFoundError as exc:
            raise _gone() from exc

    def _holds(self, file: MonthFile, ids: np.ndarray) -> bool:
        """Say whether a month holds any of some mentions, by one column of those row groups that may."""
        with pq.ParquetFile(self.path(file)) as month:
            groups = [i for i in range(month.num_row_groups) if _may_hold(month.metadata.row_group(i), ids)]
            column = month.read_row_groups(groups, columns=["mention_id"])["mention_id"].to_numpy()
        return bool(np.isin(column, ids).any())

    def _rewrite(self, month: str, file: MonthFile | None, gone: np.ndarray, entered: pa.Table) -> MonthFile | None:
        """Write a month without the rows that left it, with those that entered; `None` when nothing is left."""
        if file is None:
            return self._write(month, entered.column)
        with pq.ParquetFile(self.path(file)) as old:
            kept = _kept(old, gone)
            if not entered.num_rows and not pc.any(kept).as_py():
                return None
            return self._write(month, lambda name: _joined(entered[name], _column(old, name).filter(kept)))

    def _write(self, month: str, column: Columns) -> MonthFile:
        """Write rows in order; each column is asked for as often as it is needed, so memory holds a month once."""
        name = f"{month}-{uuid.uuid4().hex[:12]}.parquet"
        path = self.folder / name
        table = _in_order(column)
        with pq.ParquetWriter(path, MENTIONS, compression="zstd", use_dictionary=DICTIONARIES) as writer:
            writer.write_table(table, row_group_size=ROW_GROUP)
        _sync(path)
        return MonthFile(name, table.num_rows, path.stat().st_size)

    def _swap(self, manifest: Manifest) -> Manifest:
        draft = self.folder / f"{MANIFEST}.{uuid.uuid4().hex[:8]}"
        draft.write_text(manifest.to_json(), "utf-8")
        _sync(draft)
        # The names of the months' files must be on the disk before the manifest lists them.
        _sync(self.folder)
        os.replace(draft, self.folder / MANIFEST)
        _sync(self.folder)
        return manifest


def _in_order(column: Columns) -> pa.Table:
    """Return rows sorted by `SORT`, one column after the other."""
    order = pc.sort_indices(pa.table({name: column(name) for name in SORT}), sort_keys=[(n, "ascending") for n in SORT])
    # Taken of one piece: of several, a column of lists is put together again for every call.
    return pa.table([column(name).combine_chunks().take(order) for name in MENTIONS.names], schema=MENTIONS)


def _joined(one: pa.ChunkedArray, other: pa.ChunkedArray) -> pa.ChunkedArray:
    return pa.chunked_array([*one.chunks, *other.chunks], one.type)


def _spilled(path: Path, name: str) -> pa.ChunkedArray:
    """Return one column of a stream of rows; of the file, memory holds what of it is read."""
    options = pa.ipc.IpcReadOptions(included_fields=[MENTIONS.get_field_index(name)])
    with pa.memory_map(str(path)) as file:
        return pa.ipc.open_stream(file, options=options).read_all()[name]


def _column(file: pq.ParquetFile, name: str) -> pa.ChunkedArray:
    return file.read(columns=[name])[name].cast(MENTIONS.field(name).type)


def _kept(file: pq.ParquetFile, gone: np.ndarray) -> pa.ChunkedArray:
    """Say of each row of a month whether its mention stays; groups of rows that can't hold one are not searched."""
    groups = (file.metadata.row_group(i) for i in range(file.num_row_groups))
    return pa.chunked_array([_kept_of(file, n, group, gone) for n, group in enumerate(groups)], pa.bool_())


def _kept_of(file: pq.ParquetFile, n: int, group: pq.RowGroupMetaData, gone: np.ndarray) -> pa.Array:
    if not _may_hold(group, gone):
        return pa.repeat(True, group.num_rows)
    return pa.array(~np.isin(file.read_row_group(n, columns=["mention_id"])["mention_id"].to_numpy(), gone))


def _gone() -> RetryableError:
    return RetryableError("The mirror's files went away; they are built anew.", code="mirror.gone", retry_after=1)


def _is_old(path: Path, now: datetime) -> bool:
    return now.timestamp() - path.stat().st_mtime > KEEP_UNLISTED_S


def _may_hold(group: pq.RowGroupMetaData, ids: np.ndarray) -> bool:
    """Say whether a row group's least and greatest mention leave room for any of some."""
    found = group.column(MENTIONS.get_field_index("mention_id")).statistics
    return bool(found is None or not found.has_min_max or ((ids >= found.min) & (ids <= found.max)).any())


def _sync(path: Path) -> None:
    """Make sure that a file, or the names in a folder, survive a power cut."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _without(rows: pa.Table, removed: Sequence[int]) -> pa.Table:
    return rows.filter(pa.array(~np.isin(rows["mention_id"].to_numpy(), removed))) if len(removed) else rows


def _highest(table: pa.Table) -> int:
    return int(pc.max(table["mention_id"]).as_py() or 0)


def _by_month(table: pa.Table) -> dict[str, pa.Table]:
    """Part rows by the month of their day."""
    if not table.num_rows:
        return {}
    months = pc.strftime(table["day"], "%Y-%m")
    return {m: table.filter(pc.equal(months, m)) for m in pc.unique(months).to_pylist()}
