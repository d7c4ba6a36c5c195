"""IMAP over a guarded connection, by the standard library's client: read-only, within bounds.

Source: RFC 9051 and RFC 3501. `EXAMINE` and `BODY.PEEK` leave every flag as it is.
"""

import imaplib
import json
import re
import socket
import ssl
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from vigie.collect.source import Fetch, Place
from vigie.errors import Facts, FatalError, RetryableError, SkippableError
from vigie.platforms.mail.settings import IMAP_PORT, IMAPS_PORT, MAIL_MOST, SESSION_MOST

_SIZE = re.compile(rb"UID (\d+).*?RFC822\.SIZE (\d+)|RFC822\.SIZE (\d+).*?UID (\d+)")
_UID = re.compile(rb"UID (\d+)")
_LATER = re.compile(rb"\[(?:UNAVAILABLE|INUSE|LIMIT|SERVERBUG|CONTACTADMIN)\]|temporar|too many", re.IGNORECASE)
"""What a server says when a log-in may do later (RFC 5530 §3)."""

_MARK = b"vigie-mails "


@dataclass(frozen=True, slots=True)
class Mailbox:
    """A folder of a mail server, as an address names it."""

    host: str
    port: int
    folder: str
    begins_encrypted: bool

    @property
    def address(self) -> str:
        """The canonical address."""
        scheme = "imaps" if self.begins_encrypted else "imap"
        usual = IMAPS_PORT if self.begins_encrypted else IMAP_PORT
        return f"{scheme}://{self.host}{'' if self.port == usual else f':{self.port}'}/{self.folder}"


def mailbox_of(address: str) -> Mailbox:
    """Read an address such as `imaps://mail.example/INBOX`.

    Raises:
        FatalError: it is none, or holds a password.
    """
    try:
        parts = urlsplit(address.strip())
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port, parts = None, None, urlsplit("")
    if parts.scheme not in ("imap", "imaps") or not host:
        raise FatalError("This is no mailbox; its address is such as imaps://mail.example/INBOX.", code="mail.address")
    if parts.password is not None or parts.username is not None:
        raise FatalError(
            "Leave user and password out of the address of a mailbox: they have fields of their own.",
            code="mail.userinfo",
        )
    at_once = parts.scheme == "imaps" or port == IMAPS_PORT
    folder = unquote(parts.path).strip("/") or "INBOX"
    return Mailbox(host, port or (IMAPS_PORT if at_once else IMAP_PORT), folder, at_once)


class _Connection(imaplib.IMAP4):
    """The standard library's client on a connection that was made elsewhere."""

    def __init__(self, host: str, given: socket.socket) -> None:
        self._given, self._received = given, 0
        super().__init__(host)
        self._encoding = "utf-8"

    def _create_socket(self, timeout: float | None = None) -> socket.socket:
        return self._given

    def read(self, size: int) -> bytes:
        """Read a literal, unless the server announces more than was asked for."""
        self._count(size)
        return super().read(size)

    def readline(self) -> bytes:
        """Read a line; a server does not send lines without end."""
        line = super().readline()
        self._count(len(line))
        return line

    def _count(self, size: int) -> None:
        self._received += size
        if size > 2 * MAIL_MOST or self._received > SESSION_MOST:
            raise self.abort("more than was asked for")


class Session:
    """A folder that is open for reading."""

    def __init__(self, connection: _Connection) -> None:
        self._connection = connection

    def uid_validity(self) -> int:
        """Return the number under which the folder's numbers hold; another number, and they mean nothing."""
        _, found = self._connection.response("UIDVALIDITY")
        text = found[0] if found else None
        return int(text) if isinstance(text, bytes) and text.isdigit() else 0

    def after(self, uid: int) -> list[tuple[int, int]]:
        """Return number and size of the mails above a number, lowest first.

        `n:*` gives the last mail even when its number is below n (RFC 9051 §9, seq-range): it is left out here.
        """
        found: dict[int, int] = {}
        for line in self._fetched(f"{uid + 1}:*", "(UID RFC822.SIZE)"):
            if isinstance(line, bytes) and (match := _SIZE.search(line)):
                first, size, other, last = match.groups()
                found[int(first or last)] = int(size or other)
        return sorted((n, size) for n, size in found.items() if n > uid)

    def mails(self, uids: Sequence[int]) -> dict[int, bytes]:
        """Return mails by their numbers, the beginnings of long ones; nothing is marked as read."""
        answer = self._fetched(",".join(map(str, uids)), f"(UID BODY.PEEK[]<0.{MAIL_MOST}>)")
        found: dict[int, bytes] = {}
        for place, item in enumerate(answer):
            if not isinstance(item, tuple):
                continue
            after = answer[place + 1] if place + 1 < len(answer) else b""
            match = _UID.search(item[0]) or (_UID.search(after) if isinstance(after, bytes) else None)
            if match and int(match.group(1)) in uids:
                found[int(match.group(1))] = item[1]
        return found

    def _fetched(self, uids: str, what: str) -> Sequence[bytes | tuple[bytes, bytes]]:
        status, data = self._connection.uid("FETCH", uids, what)
        if status != "OK":
            raise self._connection.abort(f"FETCH: {status}")
        return [item for item in data if item is not None]


@contextmanager
def opened_folder(place: Place, box: Mailbox, fetch: Fetch) -> Iterator[Session]:
    """Log in and open a folder for reading.

    Raises:
        FatalError: the log-in is refused (`net.login`), there is no such folder (`net.gone`), or no encryption.
        RetryableError: the server can't be reached, or does not answer as it should.
    """
    given = fetch.dial(box.host, box.port, tls=box.begins_encrypted)
    try:
        yield Session(_ready(place, box, given))
    except imaplib.IMAP4.error as exc:
        raise RetryableError(f"{box.host} can't be reached.", code="net.unreachable", facts={"host": box.host}) from exc
    except ssl.SSLCertVerificationError as exc:
        raise FatalError(
            f"{box.host} shows a certificate that is not its own.", code="net.certificate", facts={"host": box.host}
        ) from exc
    except (OSError, EOFError, ValueError) as exc:
        raise RetryableError(f"{box.host} can't be reached.", code="net.unreachable", facts={"host": box.host}) from exc
    finally:
        with suppress(OSError):
            given.close()


def _ready(place: Place, box: Mailbox, given: socket.socket) -> _Connection:
    connection = _Connection(box.host, given)
    if not box.begins_encrypted and place.options.get("encryption") != "none":
        if "STARTTLS" not in connection.capabilities:
            raise FatalError(
                f"{box.host} offers no encryption; the password is not sent.",
                code="mail.clear",
                facts={"host": box.host},
            )
        connection.starttls(ssl.create_default_context())
    _log_in(connection, box, place.options.get("user", ""), place.secrets.get("password", ""))
    status, _ = connection.select(quoted(folder_name(box.folder)), readonly=True)
    if status != "OK":
        facts: Facts = {"host": box.host, "status": box.folder}
        raise FatalError(
            f"{box.host} says that there is nothing at this address any more ({box.folder}).",
            code="net.gone",
            facts=facts,
        )
    return connection


def _log_in(connection: _Connection, box: Mailbox, user: str, password: str) -> None:
    facts: Facts = {"host": box.host, "status": "IMAP"}
    if not user or not password:
        raise FatalError(f"{box.host} asks for a log-in (IMAP).", code="net.login", facts=facts)
    try:
        if "AUTH=PLAIN" in connection.capabilities:
            connection.authenticate("PLAIN", lambda _: b"\0".join([b"", user.encode(), password.encode()]))
        else:
            connection.login(quoted(user), password)
    except imaplib.IMAP4.abort:
        raise
    except imaplib.IMAP4.error as exc:
        if _LATER.search(str(exc).encode()):
            raise
        raise FatalError(f"{box.host} asks for a log-in (IMAP).", code="net.login", facts=facts) from exc


def quoted(text: str) -> str:
    """Return a quoted string (RFC 9051 §4.3); what it can't hold is left out."""
    plain = "".join(c for c in text if c not in "\r\n\0")
    return '"' + plain.replace("\\", "\\\\").replace('"', '\\"') + '"'


def folder_name(name: str) -> str:
    """Return a folder's name in the modified UTF-7 of RFC 3501 §5.1.3."""
    pieces = re.split(r"([^\x20-\x7e]+)", name)
    return "".join(_shifted(piece) if place % 2 else piece.replace("&", "&-") for place, piece in enumerate(pieces))


def _shifted(text: str) -> str:
    return "&" + text.encode("utf-7").decode("ascii").strip("+-").replace("/", ",") + "-"


def packed(mails: Mapping[int, bytes]) -> bytes:
    """Return the bytes of a page: a line that says numbers and lengths, then the mails."""
    head = json.dumps([[uid, len(raw)] for uid, raw in mails.items()], separators=(",", ":"))
    return _MARK + head.encode() + b"\n" + b"".join(mails.values())


def unpacked(body: bytes) -> dict[int, bytes]:
    """Return the mails of a page by their numbers.

    Raises:
        SkippableError: the bytes are none of ours, or not whole.
    """
    head, found, rest = body.partition(b"\n")
    try:
        if not head.startswith(_MARK) or not found:
            raise ValueError
        lengths = [(int(uid), int(length)) for uid, length in json.loads(head.removeprefix(_MARK))]
        if sum(length for _, length in lengths) != len(rest) or any(length < 0 for _, length in lengths):
            raise ValueError
    except (ValueError, TypeError) as exc:
        raise SkippableError("The page of mails is not whole.", code="mail.page") from exc
    mails, start = {}, 0
    for uid, length in lengths:
        mails[uid] = rest[start : start + length]
        start += length
    return mails
