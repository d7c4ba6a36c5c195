"""Addresses of the AT Protocol, and who is behind a name.

Source: atproto.com/specs/xrpc, atproto.com/specs/handle, atproto.com/specs/did, web.plc.directory, read on 2026-11-25.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import unquote, urlencode, urlsplit

import msgspec

from vigie.collect.source import Fetch, Response
from vigie.errors import FatalError, RetryableError, SkippableError
from vigie.platforms.bluesky.settings import Servers

BAD_REQUEST = 400
"""What servers of the network answer for a repository, account or post that they do not hold (XRPC: InvalidRequest)."""

_DID = re.compile(r"did:(?:plc:[a-z2-7]{24}|web:[A-Za-z0-9._%-]{1,253})")
_HANDLE = re.compile(r"(?=.{3,253}$)(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z][A-Za-z0-9-]{0,62}")
T = TypeVar("T")
_WEB_HOSTS = ("bsky.app", "www.bsky.app", "staging.bsky.app")


@dataclass(frozen=True, slots=True)
class Identity:
    """An account: its DID, its handle where one is claimed, and the server of its repository."""

    did: str
    handle: str
    server: str


class _Did(msgspec.Struct):
    did: str = ""


class _Service(msgspec.Struct, rename="camel"):
    id: str = ""
    service_endpoint: Any = None


class Document(msgspec.Struct, rename="camel"):
    """What of a DID document is read."""

    id: str = ""
    also_known_as: list[str] = []
    service: list[_Service] = []


def actor_of(url: str) -> str | None:
    """Return the handle or DID that an address names: `at://…` of an account, or its page at bsky.app."""
    try:
        parts = urlsplit(url.strip())
        host = parts.hostname
    except ValueError:
        return None
    if parts.scheme == "at":
        name, rest = parts.netloc, parts.path.strip("/")
    elif parts.scheme in ("http", "https") and host in _WEB_HOSTS and parts.path.startswith("/profile/"):
        name, _, rest = unquote(parts.path.removeprefix("/profile/")).strip("/").partition("/")
    else:
        return None
    name = name.removeprefix("@")
    return name if not rest and (_DID.fullmatch(name) or _HANDLE.fullmatch(name)) else None


def xrpc(server: str, method: str, query: Mapping[str, object]) -> str:
    """Return the address of a method; values that are absent are left out, lists repeat their name."""
    told = {name: value for name, value in query.items() if value is not None}
    return f"{server}/xrpc/{method}?{urlencode(told, doseq=True)}"


def asked(fetch: Fetch, url: str, headers: Mapping[str, str] | None = None) -> Response:
    """Read an address; a bad request is what these servers say of what they do not hold, and so is gone."""
    try:
        return fetch(url, headers=headers)
    except FatalError as error:
        if not is_bad_request(error):
            raise
        host = urlsplit(url).hostname or ""
        raise FatalError(
            f"{host} says that there is nothing at this address any more ({BAD_REQUEST}).",
            code="net.gone",
            facts={"host": host, "status": BAD_REQUEST},
        ) from error


def is_bad_request(error: FatalError) -> bool:
    """Say whether a server found fault with what was asked."""
    return error.code == "net.status" and error.facts.get("status") == BAD_REQUEST


def did_of(name: str, servers: Servers, fetch: Fetch) -> str:
    """Return the DID of a handle: as the index knows it, else as its own host says.

    Raises:
        FatalError: nobody has this handle.
    """
    if name.startswith("did:"):
        return name
    handle = name.lower()
    try:
        answer = asked(fetch, xrpc(servers.appview, "com.atproto.identity.resolveHandle", {"handle": handle}))
        found = answer_of(answer.body, _Did).did
    except FatalError as error:
        if error.code != "net.gone":
            raise
        found = _said_by_its_host(handle, fetch)
    if not _DID.fullmatch(found):
        raise FatalError("Nobody has this handle.", code="bluesky.handle")
    return found


def _said_by_its_host(handle: str, fetch: Fetch) -> str:
    """Return what the host of a handle says whose it is; nothing when it says nothing."""
    try:
        answer = fetch(f"https://{handle}/.well-known/atproto-did")
    except RetryableError:
        return ""
    except FatalError as error:
        if error.code == "net.private":
            raise
        return ""
    return answer.body[:300].decode("ascii", "replace").strip()


def identity_of(name: str, servers: Servers, fetch: Fetch) -> Identity:
    """Return who is behind a handle or DID, and the server of the repository.

    Raises:
        FatalError: there is no such account, or it has no server.
    """
    did = did_of(name, servers, fetch)
    document = answer_of(asked(fetch, _document_address(did, servers)).body, Document)
    server = server_in(document)
    if document.id != did or server is None:
        raise FatalError("The account has no server that holds its posts.", code="bluesky.no_server")
    handles = [alias.removeprefix("at://") for alias in document.also_known_as if alias.startswith("at://")]
    return Identity(did, handles[0] if handles else "", server)


def _document_address(did: str, servers: Servers) -> str:
    if did.startswith("did:plc:"):
        return f"{servers.plc}/{did}"
    return f"https://{unquote(did.removeprefix('did:web:'))}/.well-known/did.json"


def server_in(document: Document) -> str | None:
    """Return the server of the repository that a DID document names."""
    for service in document.service:
        if service.id.endswith("#atproto_pds") and isinstance(service.service_endpoint, str):
            return service.service_endpoint.rstrip("/")
    return None


def server_of(document: Any) -> str | None:
    """Return the server of the repository that the DID document within an answer names."""
    try:
        return server_in(msgspec.convert(document, Document))
    except msgspec.ValidationError:
        return None


def answer_of(body: bytes, kind: type[T]) -> T:
    """Read an answer.

    Raises:
        SkippableError: it is none of the network's.
    """
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as exc:
        raise SkippableError("The answer is none of the network's.", code="bluesky.answer") from exc
