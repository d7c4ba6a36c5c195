"""Take uploaded files in: the file is kept under `var/imports` until all of it is archived."""

import hashlib
import re
import shutil
from collections.abc import Callable, Iterable, Sequence
from collections.abc import Mapping as Ids
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now

from vigie.collect.imports import ImportBatch, Inspected, Mapping, inspect, read
from vigie.collect.imports.inspect import previewed
from vigie.collect.imports.rows import format_of
from vigie.errors import RetryableError, SchemaError, VigieError
from vigie.schema.vocab import Network, SpaceKind
from vigie.server import mirroring
from vigie.server.models import Fetch, Space, SpaceRead
from vigie.server.permissions import COMMAND, Asker, Permission
from vigie.server.services import audit, collecting, door, spaces, work
from vigie.server.services.backfilling import hold_back
from vigie.server.services.batch import Taken
from vigie.server.services.spaces import SpaceDraft
from vigie.server.services.work import Outcome, Progress, told


def folder() -> Path:
    """Return where uploaded files wait."""
    path = Path(settings.VIGIE.var) / "imports"
    path.mkdir(parents=True, exist_ok=True)
    return path


def store_upload(pieces: Iterable[bytes], *, suffix: str) -> str:
    """Write an upload to disk under the name of its content, and return that name."""
    digest = hashlib.sha256()
    temporary = folder() / f"upload-{id(pieces):x}.part"
    with temporary.open("wb") as file:
        for piece in pieces:
            digest.update(piece)
            file.write(piece)
    name = f"{digest.hexdigest()[:32]}{suffix.lower()}"
    temporary.replace(folder() / name)
    return name


def store_file(path: Path) -> str:
    """Copy a file of this machine among the uploads."""
    with path.open("rb") as file:
        return store_upload(iter(lambda: file.read(1 << 20), b""), suffix=path.suffix)


@transaction.atomic
def start(name: str, mapping: Mapping, *, space_id: int, asker: Asker, now: datetime) -> SpaceRead:
    """Have an uploaded file taken into a space, by the worker.

    Raises:
        DecisionError: the role does not allow it.
        SchemaError: the space takes no imports, or the file is not there.
    """
    space = Space.objects.get(pk=space_id)
    asker.require(Permission.IMPORT_FILES, brand_id=space.brand_id)
    if space.kind != SpaceKind.IMPORT:
        raise SchemaError("This space is read from its address; choose one that takes files.", code="import.space")
    if not (folder() / name).is_file():
        raise SchemaError("The uploaded file is no longer there; upload it again.", code="import.file_gone")
    read_row = SpaceRead.objects.create(space=space, started_at=now)
    fetch = Fetch.objects.create(
        space=space, read=read_row, part="file", url="", fetched_at=now, file=name, mapping=mapping.to_json()
    )
    audit.write(asker, "import.start", f"space:{space.pk}", now=now, after={"fetch": fetch.pk}, brand_id=space.brand_id)
    work.enqueue("import", f"import:{fetch.pk}", {"fetch": fetch.pk, "space": space.pk}, asker=asker)
    return read_row


def run(job: Progress, *, clock: Callable[[], datetime]) -> Outcome:
    """Take a file in, batch by batch, from where an earlier try stopped.

    The read stays open while the work may go on: after a full disk, a worker that stops, or one that lost its lease.
    """
    fetch = Fetch.objects.select_related("space").get(pk=job.args["fetch"])
    if fetch.ingested_at is not None:
        return Outcome("import.done")
    _say(fetch, finished_at=None, code="", facts={})
    try:
        with work.full_disk_told():
            done = _run(job, fetch, clock)
    except RetryableError as error:
        _say(fetch, code=error.code, facts=told(error))
        raise
    except VigieError as error:
        _close(fetch, clock(), error)
        raise
    _close(fetch, clock(), None)
    return Outcome("import.done", {"rows": done})


def _run(job: Progress, fetch: Fetch, clock: Callable[[], datetime]) -> int:
    path, mapping = folder() / fetch.file, Mapping.from_json(fetch.mapping)
    total = inspect(path).rows_estimated
    done = job.claimed.done
    batches = read(
        path, mapping, resume=fetch.position or None, batch_rows=door.MAX_BATCH,
        imported_at=fetch.fetched_at, space=fetch.space.name,
    )  # fmt: skip
    for batch in batches:
        hold_back(job, clock)
        done = batch.rows[1]
        collecting.take(batch.posts, fetch=fetch, now=clock(), done=_saver(fetch, batch))
        job.checkpoint(done=done, total=max(total, done))
    return done


def _saver(fetch: Fetch, batch: ImportBatch) -> Callable[[Taken], None]:
    def done(taken: Taken) -> None:
        collecting.add_to_read(fetch.read_id, taken, batch.skipped, repeated=batch.repeated, undated=batch.undated)
        Fetch.objects.filter(pk=fetch.pk).update(position=batch.resume)

    return done


def _say(fetch: Fetch, **values: Any) -> None:
    SpaceRead.objects.filter(pk=fetch.read_id).update(**values)


def _cancelled(args: Ids[str, Any]) -> None:
    """Close the read of an import that a person cancelled; the file stays, so that it can be tried again."""
    reads = SpaceRead.objects.filter(fetches=args["fetch"], finished_at=None)
    reads.update(finished_at=Now(), code="import.cancelled", facts={})


work.when_cancelled("import", _cancelled)


@transaction.atomic
def _close(fetch: Fetch, now: datetime, error: VigieError | None) -> None:
    failure = {} if error is None else {"code": error.code, "facts": told(error)}
    _say(fetch, finished_at=now, **failure)
    Fetch.objects.filter(pk=fetch.pk).update(ingested_at=now)


def forget_files() -> int:
    """Delete uploaded files of which everything is archived; return how many."""
    waiting = set(Fetch.objects.filter(dropped_at=None).exclude(file="").values_list("file", flat=True))
    known = set(Fetch.objects.exclude(file="").values_list("file", flat=True))
    gone = [name for name in known - waiting if (folder() / name).exists()]
    for name in gone:
        (folder() / name).unlink(missing_ok=True)
    return len(gone)


def free_bytes() -> int:
    """Return the free space where uploads are written."""
    return shutil.disk_usage(folder()).free


def import_now(
    path: Path, *, space: str, map_file: Path | None, clock: Callable[[], datetime], progress: Callable[..., None]
) -> dict[str, Any]:
    """Take a file into a space from the command line, and wait until it is in; return what the read brought.

    Raises:
        SchemaError: the file or the mapping can't be read.
        RetryableError: a part is in, and the worker goes on later.
    """
    mapping = Mapping.from_toml(map_file) if map_file else replace(inspect(path).suggested, time_zone=zone_name())
    target = _space(space, clock())
    row = start(store_file(path), mapping, space_id=target.pk, asker=COMMAND, now=clock())
    fetch = Fetch.objects.get(read=row)
    for claimed in work.claim_key(f"import:{fetch.pk}", holder=mirroring.holder()):
        work.run_inline(claimed, lambda job: run(job, clock=clock), progress=progress)
    row.refresh_from_db()
    if row.finished_at is None and row.code:
        raise RetryableError(row.facts["sentence"], code=row.code, facts=row.facts)
    names = ("heard", "new", "changed", "kept", "mentions", "skipped", "repeated", "undated", "refused")
    return {"space": target.name, **{name: getattr(row, name) for name in names}}


def _space(name: str, now: datetime) -> Space:
    found = Space.objects.filter(name=name).first()
    if found is not None:
        return found
    draft = SpaceDraft(name, SpaceKind.IMPORT.value, Network.OTHER.value, name=spaces.short_name(name))
    return spaces.add(draft, asker=COMMAND, now=now)


def is_name(name: str) -> bool:
    """Say whether this is the name of an upload that is there; nothing else of the disk can be named."""
    return bool(re.fullmatch(r"[0-9a-f]{32}\.[a-z0-9]{1,8}", name)) and (folder() / name).is_file()


def check_suffix(suffix: str) -> None:
    """Refuse a file whose ending is none we read, before its bytes are kept.

    Raises:
        SchemaError: naming the endings that are read.
    """
    format_of(Path(f"file{suffix}"))


def look(name: str) -> Inspected:
    """Look at an upload; dates without a zone are in the company's.

    Raises:
        SchemaError: it can't be read.
    """
    found = inspect(folder() / name)
    return replace(found, suggested=replace(found.suggested, time_zone=zone_name()))


def preview(name: str, mapping: Mapping, *, space: str) -> Sequence[dict[str, Any]]:
    """Return the first posts of an upload as they would be.

    Raises:
        SchemaError: the mapping does not fit the file.
    """
    return previewed(folder() / name, mapping, space=space)


def zone_name() -> str:
    """Return the company's time zone."""
    return str(settings.VIGIE.time_zone.key)
