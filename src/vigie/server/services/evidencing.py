"""Keep what was seen, because posts vanish: sealed, with a digest, at first sight or when a person asks for it.

At first sight means in the transaction of the door: nothing can die between the post and its evidence, and a batch pays
three statements, none when no space of ours is in it. The handle as seen stands in the sealed text (docs/adr/0010); it is
read through `document` alone, which leaves an audit row.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from vigie.errors import ConfigError
from vigie.schema.vocab import EvidenceReason, Ownership
from vigie.server import vault
from vigie.server.database import insert, instant, select_in
from vigie.server.models import Evidence, EvidenceMedia, Mention, Post
from vigie.server.permissions import WORKER, Asker, Permission
from vigie.server.pseudonyms import pseudonym
from vigie.server.services import audit, authors
from vigie.server.services.incoming import Incoming
from vigie.store.evidence import canonical, digest, links

Spaces = dict[int, tuple[str, str]]
"""Short name and ownership of each space, by id."""


def at_first_sight(items: Iterable[tuple[Incoming, set[int]]], spaces: Spaces, *, target: str, now: datetime) -> int:
    """Keep posts of the record that were met in a space of ours, in the caller's transaction; return how many were seen.

    Args:
        items: Each post with every space it was met in.
    """
    ours = [(item, space) for item, met in items if (space := _ours(met, spaces)) is not None]
    if not ours:
        return 0
    kept = {(i.heard_id, i.version) for i, _ in ours}
    before = _stored(kept)
    fresh = [(i, space) for i, space in ours if (i.heard_id, i.version) not in before]
    insert(
        "vigie_evidence", ("post_id", "version", "reason", "taken_at", "kept_at", "sha256", "payload"),
        [_row(item, spaces[space][0], now) for item, space in fresh], ignore=True,
    )  # fmt: skip
    stored = _stored({(i.heard_id, i.version) for i, _ in fresh})
    _insert_media((stored[i.heard_id, i.version], i.row["media"]) for i, _ in fresh)
    if fresh:
        audit.write(WORKER, "evidence.keep", target, now=now, after={"count": len(fresh)})
    return len(fresh)


def _ours(met: set[int], spaces: Spaces) -> int | None:
    """Return a space of ours among those in which a post was met."""
    return min((s for s in met if s in spaces and spaces[s][1] != Ownership.EXTERNAL), default=None)


def _row(item: Incoming, space: str, now: datetime) -> tuple[Any, ...]:
    row = item.row
    content = canonical(
        origin=row["origin"], native_id=row["native_id"], version=item.version, space=space, network=row["network"],
        url=row["url"] or "", title=row["title"] or "", text=row["text"],
        author=_author(item.author_key, row["author"], row["author_name"]), media=row["media"] or [],
        published_at=item.published_at, fetched_at=item.heard_at,
    )  # fmt: skip
    return (
        item.heard_id, item.version, EvidenceReason.OWNED.value, instant(item.heard_at), instant(now), digest(content),
        vault.seal(content),
    )  # fmt: skip


def _author(key: bytes | None, handle: str | None, name: str | None) -> dict[str, str | None]:
    return {"pseudonym": pseudonym(key) if key else None, "handle": handle or None, "name": name or None}


def _stored(versions: set[tuple[int, int]]) -> dict[tuple[int, int], int]:
    """Return the evidence of versions of posts, by post and version."""
    sql = "SELECT post_id, version, id FROM vigie_evidence WHERE post_id IN ({in})"
    rows = select_in(sql, sorted({post for post, _ in versions}))
    return {(post, version): pk for post, version, pk in rows if (post, version) in versions}


def _insert_media(of: Iterable[tuple[int, list[str] | None]]) -> None:
    rows = [(pk, link, "", "", "", "{}") for pk, media in of for link in links(media)]
    insert(
        "vigie_evidencemedia", ("evidence_id", "url", "media_type", "sha256", "code", "facts"), rows, ignore=True
    )  # fmt: skip


@transaction.atomic
def keep(mention_id: int, *, asker: Asker, now: datetime) -> Evidence:
    """Keep the post of a mention as it stands, because somebody asks for it; what is kept already stays as it is.

    Raises:
        DecisionError: the role does not allow it.
    """
    mention = Mention.objects.select_related("watch", "post__author", "post__space").get(pk=mention_id)
    asker.require(Permission.MARK_MENTIONS, brand_id=mention.watch.brand_id)
    post = mention.post
    content = _content(post, asker=asker, now=now)
    made, fresh = Evidence.objects.get_or_create(
        post=post,
        version=post.version,
        defaults={
            "reason": EvidenceReason.FLAGGED.value, "taken_at": post.versioned_at, "kept_at": now,
            "kept_by_id": asker.user_id, "sha256": digest(content), "payload": vault.seal(content),
        },
    )  # fmt: skip
    if fresh:
        _insert_media([(made.pk, post.media)])
        audit.write(
            asker, "evidence.keep", f"evidence:{made.pk}", now=now, after={"mention": mention_id, "sha256": made.sha256},
            brand_id=mention.watch.brand_id,
        )  # fmt: skip
    return made


def _content(post: Post, *, asker: Asker, now: datetime) -> bytes:
    seen = authors.for_evidence(post, asker=asker, now=now)
    key = bytes(post.author.key) if post.author else None
    return canonical(
        origin=post.origin, native_id=post.native_id, version=post.version, space=post.space.name, network=post.network,
        url=post.url, title=post.title, text=post.text, media=post.media,
        author=_author(key, seen.handle if seen else None, seen.name if seen else None),
        published_at=post.published_at, fetched_at=post.versioned_at,
    )  # fmt: skip


@transaction.atomic
def document(evidence_id: int, mention: Mention, *, asker: Asker, now: datetime) -> bytes:
    """Return the canonical JSON of evidence of a mention, the handle in it; the audit log keeps who asked.

    Raises:
        DecisionError: the role does not allow it.
        ConfigError: no key that is set decrypts it.
    """
    asker.require(Permission.REVEAL_AUTHOR, brand_id=mention.watch.brand_id)
    evidence = Evidence.objects.get(pk=evidence_id, post=mention.post_id)
    audit.write(
        asker, "evidence.read", f"evidence:{evidence.pk}", now=now, after={"mention": mention.pk},
        brand_id=mention.watch.brand_id,
    )  # fmt: skip
    return vault.unseal(bytes(evidence.payload))


def agrees(evidence: Evidence) -> bool:
    """Say whether evidence, and each of its media that was read, still has the digest taken of it."""
    media = evidence.media.exclude(body=None).only("sha256", "body")
    return _agrees(evidence.payload, evidence.sha256) and all(_agrees(m.body, m.sha256) for m in media.iterator(1))


def _agrees(sealed: bytes | None, sha256: str) -> bool:
    try:
        return digest(vault.unseal(bytes(sealed or b""))) == sha256
    except ConfigError:
        return False


@dataclass(frozen=True, slots=True)
class Verified:
    """What a check of everything found; a mismatch is also what no key decrypts."""

    evidence: int
    media: int
    mismatched: tuple[str, ...]


def verify() -> Verified:
    """Compute every digest again; cost: all evidence is read and decrypted once."""
    evidence = Evidence.objects.order_by("pk").only("sha256", "payload")
    media = EvidenceMedia.objects.exclude(body=None).order_by("pk").only("sha256", "body")
    wrong: list[str] = []
    texts = _checked(((f"evidence:{row.pk}", row.payload, row.sha256) for row in evidence.iterator(1)), wrong)
    bodies = _checked(((f"medium:{row.pk}", row.body, row.sha256) for row in media.iterator(1)), wrong)
    return Verified(texts, bodies, tuple(wrong))


def _checked(rows: Iterable[tuple[str, bytes | None, str]], wrong: list[str]) -> int:
    """Add the names of what does not agree; return how many were looked at."""
    n = 0
    for name, sealed, sha256 in rows:
        n += 1
        if not _agrees(sealed, sha256):
            wrong.append(name)
    return n


def rotate(*, asker: Asker, now: datetime) -> int:
    """Encrypt all evidence anew under the first key, one row a transaction; return how many rows were.

    Whoever is interrupted begins again: what is under the first key already is passed over.

    Raises:
        ConfigError: one can't be decrypted; those before it are done.
    """
    asker.require(Permission.EDIT_SPACES)
    done = 0
    for model, names in ((Evidence, ("payload",)), (EvidenceMedia, ("body", "thumbnail"))):
        for pk in list(model.objects.order_by("pk").values_list("pk", flat=True)):
            done += _resealed(model, pk, names)
    with transaction.atomic():
        audit.write(asker, "evidence.rotate", "evidence", now=now, after={"count": done})
    return done


@transaction.atomic
def _resealed(model: type[Evidence] | type[EvidenceMedia], pk: int, names: tuple[str, ...]) -> int:
    row = model.objects.select_for_update().filter(pk=pk).only(*names).first()
    values = {name: bytes(getattr(row, name)) for name in names if row is not None and getattr(row, name)}
    old = {name: vault.resealed(value) for name, value in values.items() if not vault.is_current(value)}
    if old:
        model.objects.filter(pk=pk).update(**old)
    return int(bool(old))


def erase(post_ids: list[int]) -> int:
    """Remove the evidence of posts, in the caller's transaction; return how many rows of it there were."""
    n = Evidence.objects.filter(post_id__in=post_ids).count()
    Evidence.objects.filter(post_id__in=post_ids).delete()
    return n
