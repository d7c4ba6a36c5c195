"""Ask an object store whether it keeps one writer from writing over another: what commits of the archive rest on.

A commit is an object that may be made once (`If-None-Match: *`). Amazon S3 refuses the second (412, since August 2024);
a store that does not know the condition takes both, and one writer's posts are gone without a word. The Delta library
sends the condition and does not say whether it was understood, so one object is made twice here, in signed requests of
our own (Signature Version 4, docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html).
"""

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from datetime import datetime
from urllib.parse import quote, urlsplit

import httpx

from vigie.errors import RetryableError

TIMEOUT_S = 10.0
"""Seconds that one small request may take: a store that is slower can't take a commit a minute either."""

PROBE = "_vigie_probe"
"""Folder, beside the archive's own files, of the objects that are made to ask; Delta passes over such names."""

REFUSED = (409, 412)
"""Answers that mean: this object is there already (RFC 9110 §15.5.13; Amazon S3 says 409 of two at once)."""

Environment = Mapping[str, str]


def refuses_second(location: str, environment: Environment, *, now: datetime) -> bool | None:
    """Say whether a store refuses to make an object that is there; `None` without keys in the environment.

    Raises:
        RetryableError: the store does not answer, or refuses the first object too.
    """
    if not {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"} <= environment.keys():
        return None
    address = address_of(f"{location}/{PROBE}/{secrets.token_hex(8)}", environment)
    first = _send("PUT", address, environment, now)
    if first >= httpx.codes.BAD_REQUEST:
        sentence = f"The object store refuses to be written to ({first})."
        raise RetryableError(sentence, code="archive.refused", facts={"status": first})
    second = _send("PUT", address, environment, now)
    _send("DELETE", address, environment, now)
    return second in REFUSED


def address_of(location: str, environment: Environment) -> str:
    """Return the address of an object: under the endpoint that is set, else Amazon's of the region."""
    parts = urlsplit(location)
    default = f"https://s3.{_region(environment)}.amazonaws.com"
    endpoint = (environment.get("AWS_ENDPOINT_URL") or default).rstrip("/")
    return f"{endpoint}/{parts.netloc}{quote(parts.path)}"


def _region(environment: Environment) -> str:
    return environment.get("AWS_REGION") or environment.get("AWS_DEFAULT_REGION") or "us-east-1"


def _send(method: str, address: str, environment: Environment, now: datetime) -> int:
    headers = signed(method, address, environment, now=now)
    # The condition is not among the signed headers: what stands between may drop it, and that is to be seen.
    conditional = {"If-None-Match": "*"} if method == "PUT" else {}
    try:
        return httpx.request(method, address, headers=headers | conditional, timeout=TIMEOUT_S).status_code
    except httpx.HTTPError as exc:
        sentence = f"The object store does not answer ({type(exc).__name__})."
        raise RetryableError(sentence, code="archive.away", retry_after=60) from exc


def signed(method: str, address: str, environment: Environment, *, now: datetime) -> dict[str, str]:
    """Return the headers of a request without a body, signed with the keys of the environment."""
    parts, stamp = urlsplit(address), now.strftime("%Y%m%dT%H%M%SZ")
    empty = hashlib.sha256(b"").hexdigest()
    headers = {"host": parts.netloc, "x-amz-content-sha256": empty, "x-amz-date": stamp}
    if token := environment.get("AWS_SESSION_TOKEN"):
        headers["x-amz-security-token"] = token
    names = ";".join(sorted(headers))
    lines = "".join(f"{name}:{headers[name]}\n" for name in sorted(headers))
    request = "\n".join((method, parts.path, "", lines, names, empty))
    scope = f"{stamp[:8]}/{_region(environment)}/s3/aws4_request"
    text = "\n".join(("AWS4-HMAC-SHA256", stamp, scope, hashlib.sha256(request.encode()).hexdigest()))
    signature = hmac.new(_key(environment, scope), text.encode(), hashlib.sha256).hexdigest()
    credential = f"{environment['AWS_ACCESS_KEY_ID']}/{scope}"
    authorization = f"AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders={names}, Signature={signature}"
    return {**{k: v for k, v in headers.items() if k != "host"}, "Authorization": authorization}


def _key(environment: Environment, scope: str) -> bytes:
    """Derive the key of a day, a region and a service."""
    key = b"AWS4" + environment["AWS_SECRET_ACCESS_KEY"].encode()
    for part in scope.split("/"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return key
