"""The mirror: mention rows as Parquet files by month, sorted by watch and time, listed by one manifest.

A disposable copy: deleting the folder is always safe. One writer at a time (the caller holds the lease). Files are
written whole under new names; the manifest is swapped by `os.replace`, so a crash at any step leaves either the old
list or the new one, and at worst files that nobody lists, which `clean` removes.
"""

import json
import os
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from vigie.schema.tables import MENTIONS

SCHEMA_VERSION = 1
"""Grows with every change of `tables.MENTIONS`: files of another one are built anew."""

ROW_GROUP = 65_536
"""Rows of a row group: small enough that one watch's month skips most others, large enough to compress."""

KEEP_UNLISTED_S = 60.0
"""Seconds that a file stays after the manifest stopped listing it: longer than any read may take (DESIGN §1, rule 3)."""

MANIFEST = "manifest.json"


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
        """Read a manifest; ValueError, KeyError or TypeError when it is none."""
        values = json.loads(text)
        values["months"] = {month: MonthFile(**file) for month, file in values["months"].items()}
        values["written_at"] = datetime.fromisoformat(values["written_at"])
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
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def usable(self, epoch: int, revision: int, time_zone: str) -> bool:
        """Say whether the files belong to this history, are not ahead of it, and are all there."""
        found = self.manifest()
        if found is None or (found.epoch, found.schema_version, found.time_zone) != (epoch, SCHEMA_VERSION, time_zone):
            return False
        return found.revision <= revision and all(self.path(m).exists() for m in found.months.values())

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

        Cost grows with the rows of those months, and, when older mentions changed, with one column of all months.
        """
        current = self.manifest()
        months = dict(current.months) if current else {}
        gone = np.concatenate([changed["mention_id"].to_numpy(), np.asarray(removed, dtype=np.int64)])
        known = gone[gone <= (current.max_mention_id if current else -1)]
        entered = _by_month(changed.filter(pc.invert(pc.is_in(changed["mention_id"], pa.array(removed, pa.int64())))))
        left = {m for m, file in months.items() if known.size and self._holds(file, known)}
        for month in sorted(entered.keys() | left):
            file = self._rewrite(month, months.pop(month, None), gone, entered)
            if file is not None:
                months[month] = file
        highest = max(current.max_mention_id if current else 0, _highest(changed))
        return self._swap(Manifest(epoch, revision, SCHEMA_VERSION, time_zone, highest, months, now.astimezone(UTC)))

    def rebuild(
        self, batches: Iterable[pa.RecordBatch], *, epoch: int, revision: int, time_zone: str, now: datetime
    ) -> Manifest:
        """Write all months anew from mention rows in any order; memory holds one month at a time."""
        self.folder.mkdir(parents=True, exist_ok=True)
        spill = self.folder / f"spill-{uuid.uuid4().hex}"
        spill.mkdir()
        highest = self._spill(spill, batches)
        months = {}
        for path in sorted(spill.iterdir()):
            with path.open("rb") as file:
                months[path.stem] = self._write(path.stem, pa.ipc.open_stream(file).read_all())
            path.unlink()
        spill.rmdir()
        return self._swap(Manifest(epoch, revision, SCHEMA_VERSION, time_zone, highest, months, now.astimezone(UTC)))

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
        """Remove files that the manifest does not list, once a minute old; return how many."""
        current = self.manifest()
        listed = {file.name for file in current.months.values()} if current else set()
        removed = 0
        for path in self.folder.glob("*.parquet") if self.folder.exists() else ():
            old = young_too or now.timestamp() - path.stat().st_mtime > KEEP_UNLISTED_S
            if path.name not in listed and old:
                path.unlink(missing_ok=True)
                removed += 1
        return removed

    def _holds(self, file: MonthFile, ids: np.ndarray) -> bool:
        column = pq.read_table(self.path(file), columns=["mention_id"])["mention_id"].to_numpy()
        return bool(np.isin(column, ids).any())

    def _rewrite(
        self, month: str, file: MonthFile | None, gone: np.ndarray, entered: Mapping[str, pa.Table]
    ) -> MonthFile | None:
        """Write a month without the rows that left it, with those that entered; `None` when nothing is left."""
        parts = [entered[month]] if month in entered else []
        if file is not None:
            old = pq.read_table(self.path(file), schema=MENTIONS)
            parts.append(old.filter(pa.array(~np.isin(old["mention_id"].to_numpy(), gone))))
        table = pa.concat_tables(parts)
        return self._write(month, table) if table.num_rows else None

    def _write(self, month: str, table: pa.Table) -> MonthFile:
        self.folder.mkdir(parents=True, exist_ok=True)
        name = f"{month}-{uuid.uuid4().hex[:12]}.parquet"
        path = self.folder / name
        ordered = table.sort_by([("watch_id", "ascending"), ("published_at", "ascending"), ("mention_id", "ascending")])
        pq.write_table(
            ordered, path, compression="zstd", row_group_size=ROW_GROUP,
            use_dictionary=["network", "language", "tone"],
        )  # fmt: skip
        _sync(path)
        return MonthFile(name, table.num_rows, path.stat().st_size)

    def _swap(self, manifest: Manifest) -> Manifest:
        self.folder.mkdir(parents=True, exist_ok=True)
        draft = self.folder / f"{MANIFEST}.{uuid.uuid4().hex[:8]}"
        draft.write_text(manifest.to_json(), "utf-8")
        _sync(draft)
        os.replace(draft, self.folder / MANIFEST)
        _sync(self.folder)
        return manifest


def _sync(path: Path) -> None:
    """Make sure that a file, or the names in a folder, survive a power cut."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _highest(table: pa.Table) -> int:
    return int(pc.max(table["mention_id"]).as_py() or 0)


def _by_month(table: pa.Table) -> dict[str, pa.Table]:
    """Part rows by the month of their day."""
    if not table.num_rows:
        return {}
    months = pc.strftime(table["day"], "%Y-%m")
    return {m: table.filter(pc.equal(months, m)) for m in pc.unique(months).to_pylist()}
