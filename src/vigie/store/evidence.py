"""What evidence is made of: one text in one form, and a digest of it that anybody can compute again."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

FORM = 1
"""Number of the form below; a reader years later must know what it reads."""

MEDIA_MOST = 10
"""Media kept of a post: more is a gallery or a page of links, and each is a request to somebody's server."""


def canonical(
    *,
    origin: str,
    native_id: str,
    version: int,
    space: str,
    network: str,
    url: str,
    title: str,
    text: str,
    author: Mapping[str, str | None],
    media: Sequence[str],
    published_at: datetime,
    fetched_at: datetime,
) -> bytes:
    """Return what was seen as JSON in one form: keys in order, no white space, UTF-8, times in UTC (after RFC 8785)."""
    values = {
        "form": FORM, "origin": origin, "native_id": native_id, "version": version, "space": space, "network": network,
        "url": url, "title": title, "text": text, "author": dict(author), "media": list(media),
        "published_at": _utc(published_at), "fetched_at": _utc(fetched_at),
    }  # fmt: skip
    return json.dumps(values, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode("utf-8", "replace")


def _utc(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def digest(content: bytes) -> str:
    """Return the SHA-256 of a content, in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def links(media: Sequence[str] | None) -> list[str]:
    """Return the links of a post that are fetched: those of the web, each once, the first ones."""
    web = (link for link in media or () if link.startswith(("https://", "http://")))
    return list(dict.fromkeys(web))[:MEDIA_MOST]
