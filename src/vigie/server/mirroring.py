"""Keep the mirror of this machine in step with the record, and give reads their view of it."""

import logging
import os
import shutil
import socket
import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc
from django.conf import settings
from django.db import connection, transaction

from vigie.errors import RetryableError
from vigie.server import leases
from vigie.server import mention_rows as rows
from vigie.server.context import BEHIND, Behind
from vigie.store.figures import View
from vigie.store.mirror import Manifest, Mirror
from vigie.store.tail import TAIL_MAX, Tail

log = logging.getLogger(__name__)

MERGE_EVERY_S = 30.0
"""Seconds between merges (DESIGN §1, rule 3)."""

MERGE_ROWS = 10_000
"""Revisions behind at which a merge is made at once (DESIGN §1, rule 3)."""

LEASE_S = 600.0
"""Seconds a merge may take: a rebuild of ten million rows was measured at minutes, a merge at seconds."""

STEP_ROWS = 50_000
"""Rows read into the tail in one statement."""


class Reader:
    """The mirror's files plus what changed since, held in this process; one per process."""

    def __init__(self, mirror: Mirror | None, zone: ZoneInfo) -> None:
        self.mirror, self.zone = mirror, zone
        self.tail = Tail()
        self.epoch = -1
        self.behind: Behind | None = None
        self._view: View | None = None
        """The last one, given again as long as nothing changed."""
        self._lock = threading.Lock()

    def view(self, *, now: datetime) -> View:
        """Return what reads see: every change committed before this call, or `behind` says as of when."""
        with self._lock:
            state = rows.state()
            manifest = usable(self.mirror, state, self.zone) if self.mirror else None
            self._start_over_if_needed(state, _base(manifest))
            self.tail.prune(_base(manifest))
            if self._is_beyond(state.revision, manifest):
                manifest = self._catch_up(now, manifest)
            beyond = self._is_beyond(state.revision, manifest)
            self._advance(state.revision, _base(manifest) + TAIL_MAX if beyond else None)
            self.behind = Behind(manifest.written_at if manifest else None) if beyond else None
            if beyond:
                BEHIND.set(self.behind)
            if self._view is None or not self._view.is_of(manifest, self.tail):
                self._view = View(self.mirror, manifest, self.tail)
            return self._view

    def _is_beyond(self, revision: int, manifest: Manifest | None) -> bool:
        """Say whether more changed since the files than a tail may hold; without a mirror all is in the tail."""
        return self.mirror is not None and revision - _base(manifest) > TAIL_MAX

    def _start_over_if_needed(self, state: rows.RecordState, base: int) -> None:
        """Empty the tail when it belongs to another history, begins after the files end, or missed removals."""
        missed = 0 < self.tail.revision < state.forgotten
        if state.epoch != self.epoch or self.tail.base > base or missed:
            self.tail, self.epoch = Tail(base), state.epoch

    def _catch_up(self, now: datetime, manifest: Manifest | None) -> Manifest | None:
        """Merge here and now; where that can't be, the files stay what they are."""
        try:
            merged = merge(self.mirror, self.zone, now=now) if self.mirror else None
        except (OSError, RetryableError) as error:
            log.warning("merge failed", extra={"facts": {"error": type(error).__name__}})
            merged = None
        if merged:
            self.tail = Tail(merged.revision)
        return merged or manifest

    def _advance(self, revision: int, bound: int | None) -> None:
        """Read what changed up to a revision, and nothing beyond the bound when there is one."""
        last = revision if bound is None else min(revision, bound)
        while self.tail.revision < last:
            changed = rows.changed_after(self.tail.revision, zone=self.zone, limit=STEP_ROWS)
            full = changed.num_rows == STEP_ROWS
            upto = changed["revision"][-1].as_py() if full else last
            if bound is not None:
                upto = min(upto, bound)
                changed = changed.filter(pc.less_equal(changed["revision"], bound))
            removed = [(i, r) for i, r in rows.removed_after(self.tail.revision) if r <= upto]
            self.tail.advance(changed, removed, upto)
            if not full:
                return


def _base(manifest: Manifest | None) -> int:
    """Return the revision that the files hold everything up to."""
    return manifest.revision if manifest else 0


_readers: dict[tuple[str, str, bool], Reader] = {}
_lock = threading.Lock()


def mirror_on() -> bool:
    """Say whether reads use the mirror; without it they count the record itself."""
    return bool(settings.VIGIE.mirror)


def reader() -> Reader:
    """Return this process's reader of this database."""
    config = settings.VIGIE
    name = (str(connection.settings_dict["NAME"]), str(folder()), mirror_on())
    with _lock:
        if name not in _readers:
            _readers[name] = Reader(Mirror(folder()) if mirror_on() else None, config.time_zone)
        return _readers[name]


def forget() -> None:
    """Forget every reader: another database is in place."""
    _readers.clear()


def folder() -> Path:
    """Return the folder of this machine's mirror."""
    return Path(settings.VIGIE.var) / "mirror"


def view(*, now: datetime) -> View:
    """Return what reads see now."""
    return reader().view(now=now)


def holder() -> str:
    """Name this process, as leases do."""
    return f"{socket.gethostname()}:{os.getpid()}:{threading.get_ident()}"


def lease_name() -> str:
    """Name the lease of this machine's mirror: every machine has a folder, and merges, of its own."""
    return f"mirror:{socket.gethostname()}"[:60]


def usable(mirror: Mirror, state: rows.RecordState, zone: ZoneInfo) -> Manifest | None:
    """Return the manifest of files that belong to this history and missed no removal; else `None`."""
    if not mirror.usable(state.epoch, state.revision, zone.key):
        return None
    manifest = mirror.manifest()
    return manifest if manifest and manifest.revision >= state.forgotten else None


def merge(mirror: Mirror, zone: ZoneInfo, *, now: datetime) -> Manifest | None:
    """Bring the files up to the record, or build them anew when they are of no use; `None` when another is at it."""
    with leases.lease(lease_name(), holder=holder(), seconds=LEASE_S) as ours:
        return _merge(mirror, zone, now) if ours else None


def _merge(mirror: Mirror, zone: ZoneInfo, now: datetime) -> Manifest:
    state = rows.state()
    manifest = usable(mirror, state, zone)
    if manifest is None:
        everything = rows.everything(zone=zone)
        manifest = mirror.rebuild(everything, epoch=state.epoch, revision=state.revision, time_zone=zone.key, now=now)
    while manifest.revision < state.revision:
        manifest = _merge_step(mirror, manifest, state, zone, now)
    mirror.clean(now)
    forget_tombstones(manifest.revision)
    # What a merge took goes back to the system: months grow, and so would the process.
    pa.default_memory_pool().release_unused()
    return manifest


def _merge_step(mirror: Mirror, manifest: Manifest, state: rows.RecordState, zone: ZoneInfo, now: datetime) -> Manifest:
    changed = [rows.changed_after(manifest.revision, zone=zone, limit=TAIL_MAX)]
    upto = changed[0]["revision"][-1].as_py() if changed[0].num_rows == TAIL_MAX else state.revision
    removed = [i for i, r in rows.removed_after(manifest.revision) if r <= upto]
    # Handed over, not kept: the merge lets go of the rows month by month.
    return mirror.merge(changed.pop(), removed, epoch=state.epoch, revision=upto, time_zone=zone.key, now=now)


@transaction.atomic
def forget_tombstones(revision: int) -> None:
    """Remove tombstones that the manifest has passed, and remember how far."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM vigie_tombstone WHERE revision <= %s", [revision])
        if cursor.rowcount > 0:
            sql = "UPDATE vigie_counter SET value = %s WHERE name = 'forgotten' AND value < %s"
            cursor.execute(sql, [revision, revision])


def revisions_behind() -> int:
    """Return how many revisions the files are behind the record; a whole record when they are of no use."""
    active = reader()
    if active.mirror is None:
        return 0
    state = rows.state()
    manifest = usable(active.mirror, state, active.zone)
    return state.revision - (manifest.revision if manifest else -1)


def rows_held() -> int:
    """Return the mentions that this machine's files hold, of use or not."""
    active = reader()
    manifest = active.mirror.manifest() if active.mirror else None
    return sum(month.rows for month in manifest.months.values()) if manifest else 0


def written_at() -> datetime | None:
    """Return when the files that reads use were written; `None` when there are none of use."""
    active = reader()
    manifest = usable(active.mirror, rows.state(), active.zone) if active.mirror else None
    return manifest.written_at if manifest else None


def merge_now(*, clock: Callable[[], datetime]) -> Manifest | None:
    """Merge this machine's mirror; nothing when it is off."""
    active = reader()
    return merge(active.mirror, active.zone, now=clock()) if active.mirror else None


def rebuild(*, clock: Callable[[], datetime]) -> int:
    """Throw the files away and build them anew; return their rows."""
    shutil.rmtree(folder(), ignore_errors=True)
    manifest = merge_now(clock=clock)
    return sum(month.rows for month in manifest.months.values()) if manifest else 0


def forget_old_files(now: datetime) -> None:
    """Remove files that no manifest lists any more, however young: what they hold was erased."""
    active = reader()
    if active.mirror is not None:
        active.mirror.clean(now, young_too=True)
