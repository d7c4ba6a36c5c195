"""Evidence as pages show it: what was seen first, its digest and its media; never who wrote it."""

from dataclasses import dataclass

import msgspec

from vigie.errors import ConfigError
from vigie.server import vault
from vigie.server.models import Evidence, EvidenceMedia, Post


@dataclass(frozen=True, slots=True)
class Seen:
    """A version of a post as it was kept."""

    evidence: Evidence
    media: tuple[EvidenceMedia, ...]
    title: str
    text: str
    is_readable: bool
    """Whether a key that is set decrypts it."""


def of_post(post: Post) -> tuple[Seen, ...]:
    """Return the evidence of a post, the first version first; two statements, none of the bytes of media."""
    rows = Evidence.objects.filter(post=post).select_related("kept_by").order_by("version")
    media: dict[int, list[EvidenceMedia]] = {}
    for medium in EvidenceMedia.objects.filter(evidence__post=post).defer("body").order_by("pk"):
        media.setdefault(medium.evidence_id, []).append(medium)
    return tuple(_seen(row, tuple(media.get(row.pk, ()))) for row in rows)


def _seen(row: Evidence, media: tuple[EvidenceMedia, ...]) -> Seen:
    try:
        content = msgspec.json.decode(vault.unseal(bytes(row.payload)))
    except ConfigError:
        return Seen(row, media, "", "", is_readable=False)
    return Seen(row, media, content["title"], content["text"], is_readable=True)


def thumbnail(medium_id: int, post: Post) -> bytes | None:
    """Return the small picture of a medium of a post; `None` when there is none.

    Raises:
        ConfigError: no key that is set decrypts it.
    """
    media = EvidenceMedia.objects.filter(pk=medium_id, evidence__post=post).exclude(thumbnail=None)
    row = media.only("thumbnail").first()
    return vault.unseal(bytes(row.thumbnail or b"")) if row is not None else None
