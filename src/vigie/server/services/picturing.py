"""Fetch the media of evidence through the guarded client, keep them sealed, and make the small pictures that pages show."""

from datetime import datetime, timedelta

from vigie.collect.source import Fetch
from vigie.errors import RetryableError, SkippableError, VigieError
from vigie.net.media import MAX_BYTES, sniffed, thumbnail
from vigie.server import vault
from vigie.server.models import EvidenceMedia
from vigie.server.services.work import Outcome, Progress, told
from vigie.store.evidence import digest

AGAIN_S = 3_600.0
"""Seconds until a medium is tried again whose server was away: an outage of a morning is outlived by the tries below."""

TRIES = 6
"""Tries of one medium; then it is told as lost."""


def due() -> bool:
    """Say whether any medium was not tried yet."""
    return EvidenceMedia.objects.filter(fetched_at=None, code="").exists()


def run(job: Progress, *, fetch: Fetch, now: datetime) -> Outcome:
    """Read what was not read yet, one row after another: what dies in between goes on with the next."""
    after, read = 0, 0
    while (row := _next(after)) is not None:
        after = row.pk
        if row.facts.get("again_at", "") <= now.isoformat():
            read += _read(row, fetch, now)
        job.checkpoint(done=read)
    waiting = EvidenceMedia.objects.filter(fetched_at=None).exists()
    return Outcome("evidence.media", {"read": read}, again_in_s=AGAIN_S if waiting else None)


def _next(after: int) -> EvidenceMedia | None:
    rows = EvidenceMedia.objects.filter(fetched_at=None, pk__gt=after)
    return rows.only("url", "facts").order_by("pk").first()


def _read(row: EvidenceMedia, fetch: Fetch, now: datetime) -> int:
    mine = EvidenceMedia.objects.filter(pk=row.pk)
    try:
        body = fetch(row.url).body
        values = _kept(body)
    except RetryableError as error:
        tries = int(row.facts.get("tries", 0)) + 1
        again = (now + timedelta(seconds=AGAIN_S * 0.9)).isoformat()
        facts = {**told(error), "tries": tries, "again_at": again}
        mine.update(code=error.code, facts=facts, fetched_at=now if tries >= TRIES else None)
        return 0
    except VigieError as error:
        mine.update(code=error.code, facts=told(error), fetched_at=now)
        return 0
    mine.update(**values, fetched_at=now)
    return 1


def _kept(body: bytes) -> dict[str, object]:
    """Return what is kept of a medium.

    Raises:
        SkippableError: it is too large, or none.
    """
    if len(body) > MAX_BYTES:
        megabytes = MAX_BYTES // 2**20
        sentence = f"It is larger than {megabytes} MB; its address alone is kept."
        raise SkippableError(sentence, code="media.large", facts={"megabytes": megabytes})
    media_type = sniffed(body)
    if media_type is None:
        raise SkippableError("It is no picture, sound or film; its address alone is kept.", code="media.unknown")
    values = {"media_type": media_type, "sha256": digest(body), "body": vault.seal(body), "code": "", "facts": {}}
    try:
        small = thumbnail(body, media_type)
    except SkippableError as error:
        # What can't be shown is kept all the same.
        return values | {"code": error.code, "facts": told(error)}
    return values | {"thumbnail": vault.seal(small) if small else None}
