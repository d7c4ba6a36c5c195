"""Ids that are the same wherever they are computed."""

import hashlib
import hmac
import re
from collections.abc import Sequence
from urllib.parse import SplitResult, parse_qsl, urlencode, urlsplit, urlunsplit

POST_KEY_BYTES = 16
"""Bytes of a post key: 128 bits, so that among 10^10 posts a collision has odds below 10^-18 (birthday bound)."""

TRACKING_PARAMETERS = ("utm_", "fbclid", "gclid", "mc_cid", "mc_eid", "at_medium", "at_campaign", "xtor")
"""Query parameters that say how a reader came and never which page it is; dropped from canonical links."""


def post_key(origin: str, native_id: str) -> bytes:
    """Return the 16 bytes that name a post in archive, files and commands: BLAKE2b of origin and native id."""
    return hashlib.blake2b(f"{origin}\0{native_id}".encode(), digest_size=POST_KEY_BYTES).digest()


def author_key(secret: bytes, origin: str, handle: str) -> bytes:
    """Return the keyed hash that stands for an author everywhere but in the table of names.

    Handles are compared without case and leading `@`, as networks do.
    """
    name = handle.strip().removeprefix("@").casefold()
    return hashlib.blake2b(f"{origin}\0{name}".encode(), key=secret[:64], digest_size=POST_KEY_BYTES).digest()


RENEWAL = b"vigie.author.key"
"""Keeps the hashes of hashes apart from those of handles (BLAKE2's "personalisation", RFC 7693 §2.8)."""


def renewed(secret: bytes, key: bytes) -> bytes:
    """Return what stands for an author under the next version of the key: the keyed hash of the hash before it."""
    return hashlib.blake2b(key, key=secret[:64], digest_size=POST_KEY_BYTES, person=RENEWAL).digest()


def author_links(secrets: Sequence[bytes], origin: str, handle: str) -> tuple[bytes, ...]:
    """Return what stands for an author under each version of the key, oldest first (docs/adr/0014)."""
    links = [author_key(secrets[0], origin, handle)]
    for secret in secrets[1:]:
        links.append(renewed(secret, links[-1]))
    return tuple(links)


def suppression_key(secret: bytes, kind: str, key: bytes) -> bytes:
    """Return the keyed hash under which an erased post or author is refused when met again."""
    return hmac.digest(secret, kind.encode() + b"\0" + key, "blake2s")[:POST_KEY_BYTES]


def content_hash(*parts: str | None) -> bytes:
    """Return 16 bytes that change when any of the parts changes; `None` and the empty text differ."""
    hasher = hashlib.blake2b(digest_size=16)
    for part in parts:
        hasher.update(b"\1" if part is None else b"\2" + part.encode("utf-8", "surrogatepass") + b"\0")
    return hasher.digest()


def text_id(author: str | None, published: str | None, text: str) -> str:
    """Return the native id of a post whose source gives neither id nor link: a hash of author, time and text."""
    return "h:" + content_hash(author, published, text).hex()


def canonical_link(url: str) -> str:
    """Return the link without fragment, tracking parameters, default port and host capitals; the scheme is https.

    http and https name the same page on the public web, so both give one id.
    """
    parts = urlsplit(url.strip())
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return url.strip()
    kept = [(k, v) for k, v in parse_qsl(parts.query, keep_blank_values=True) if not k.startswith(TRACKING_PARAMETERS)]
    return urlunsplit(("https", _host(parts), parts.path or "/", urlencode(kept), ""))


def _host(parts: SplitResult) -> str:
    host = (parts.hostname or "").rstrip(".").removeprefix("www.")
    port = parts.port
    return host if port in (None, 80, 443) else f"{host}:{port}"


_PLAIN_HOST = re.compile(r"https?://([a-z0-9.-]+)(?:[/?#]|$)")
"""Addresses whose host needs no reading: nearly all that networks give."""


def origin_of(url: str) -> str:
    """Return the host that holds a page: lower case, without `www.`, with its port unless it is the default one.

    Empty when the address names none: one that is broken must not cost the page on which it stands.
    """
    found = _PLAIN_HOST.match(url.strip())
    if found:
        return found[1].rstrip(".").removeprefix("www.")
    try:
        return _host(urlsplit(url.strip()))
    except ValueError:
        return ""


def linked_key(origin: str, native_id: str | None) -> bytes | None:
    """Return the key of a post that one of an origin answers, repeats or quotes; nothing where it names none.

    An id that is an address of the web, as ActivityPub's are, says itself which host holds the post.
    """
    if not native_id:
        return None
    own = origin_of(native_id) if native_id.startswith(("https://", "http://")) else origin
    return post_key(own or origin, native_id)
