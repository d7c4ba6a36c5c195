"""Mails to posts, purely: each entry of a Google Alert, else one post per mail. Nothing in them is fetched or followed."""

import codecs
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from email import message_from_bytes
from email.errors import MessageError
from email.header import decode_header
from email.message import Message
from email.utils import parseaddr, parsedate_to_datetime
from itertools import islice
from typing import Any

from vigie.collect.columns import table_of_rows
from vigie.collect.source import Page, Parsed, Skipped
from vigie.platforms.mail.alerts import entries_of
from vigie.platforms.mail.client import unpacked
from vigie.platforms.mail.settings import HEADER_MOST, PARTS_MOST, TEXT_MOST
from vigie.schema import ids
from vigie.schema.vocab import Network
from vigie.text.html import text_of

ALERTS = "googlealerts-noreply@google.com"
"""Who sends Google Alerts."""

_LIKELY_UTF8 = re.compile(r"^(?:ascii|utf-8|iso8859-\d+|cp125\d)$")
_MESSAGE_ID = re.compile(r"<([^<>\s]+)>")


def parse(page: Page) -> Parsed:
    """Turn mails into posts.

    Raises:
        SkippableError: the page is not whole.
    """
    rows: dict[tuple[str, str], dict[str, Any]] = {}
    skipped, repeated = [], 0
    for uid, raw in unpacked(page.body).items():
        found = _rows(raw)
        if not found:
            skipped.append(Skipped(f"mail {uid}", "mail.no_words", "The mail holds no text that can be read."))
        for row in found:
            key = (row["origin"], row["native_id"])
            repeated += key in rows
            rows.setdefault(key, row)
    return Parsed(table_of_rows(list(rows.values())), tuple(skipped), repeated)


def _rows(raw: bytes) -> list[dict[str, Any]]:
    try:
        mail = message_from_bytes(raw)
        sender, name = _sender(mail)
        html, plain, attached = _parts(mail)
        if sender.lower() == ALERTS:
            return _alert(html, _instant(mail))
        row = _letter(mail, sender, name, text_of(html) or plain.strip(), attached)
        return [row] if row is not None else []
    except (
        MessageError,
        RecursionError,
        ValueError,
        LookupError,
        AssertionError,
        TypeError,
        AttributeError,
        IndexError,
    ):
        # The standard library lets each of these through on hostile mails.
        return []


def _alert(html: str, at: datetime | None) -> list[dict[str, Any]]:
    return [
        {
            "origin": ids.origin_of(entry.link), "native_id": ids.canonical_link(entry.link), "network": Network.PRESS.value,
            "site": entry.source or ids.origin_of(entry.link), "url": entry.link, "title": entry.title or None,
            "text": entry.snippet[:TEXT_MOST], "published_at": at, "media": [],
        }
        for entry in entries_of(html)
    ]  # fmt: skip


def _letter(mail: Message, sender: str, name: str, text: str, attached: list[str]) -> dict[str, Any] | None:
    title = header(mail, "Subject")
    if not text and not title:
        return None
    at = _instant(mail)
    body = "\n".join([text[:TEXT_MOST], *(f"📎 {file}" for file in attached)]).strip()
    found = _MESSAGE_ID.search(header(mail, "Message-ID"))
    answered = _MESSAGE_ID.search(header(mail, "In-Reply-To"))
    host = sender.rpartition("@")[2].strip().lower()
    return {
        "origin": host or "mail", "native_id": found.group(1) if found else ids.text_id(sender, str(at), title + text),
        "network": Network.OTHER.value, "site": host or None, "title": title or None, "text": body,
        "author": name or sender or None, "published_at": at, "in_reply_to": answered.group(1) if answered else None,
        "media": [],
    }  # fmt: skip


def header(mail: Message, name: str) -> str:
    """Return a header as a person reads it: encoded words and bare bytes decoded, on one line."""
    raw = next((value for key, value in mail.raw_items() if key.lower() == name.lower()), "")
    text = _decoded(str(raw)[: 4 * HEADER_MOST].encode("utf-8", "surrogateescape"), "utf-8")
    try:
        pieces = decode_header(text) if "=?" in text else [(text, None)]
    except (MessageError, ValueError):
        pieces = [(text, None)]
    words = (p if isinstance(p, str) else _decoded(p, charset or "utf-8") for p, charset in pieces)
    return " ".join("".join(words).split())[:HEADER_MOST]


def _sender(mail: Message) -> tuple[str, str]:
    """Return address and name of the sender."""
    name, address = parseaddr(header(mail, "From"))
    return (address if "@" in address else ""), name.strip()


def _instant(mail: Message) -> datetime | None:
    try:
        found = parsedate_to_datetime(header(mail, "Date"))
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def _parts(mail: Message) -> tuple[str, str, list[str]]:
    """Return HTML, plain text, and the names of what is attached, which is not read."""
    html, plain, attached = "", "", []
    for part in islice(_leaves(mail), PARTS_MOST):
        kind, file = part.get_content_type(), part.get_filename()
        if file or part.get_content_disposition() == "attachment":
            attached.append(" ".join(_words(str(file or kind)).split())[:200])
        elif kind == "text/html":
            html = html or _payload(part)
        elif kind == "text/plain":
            plain = plain or _payload(part)
    return html, plain, attached[:20]


def _words(text: str) -> str:
    try:
        return "".join(p if isinstance(p, str) else _decoded(p, c or "utf-8") for p, c in decode_header(text))
    except (MessageError, ValueError):
        return text


def _leaves(mail: Message) -> Iterator[Message]:
    """Yield the parts that hold something, without recursion; a mail within a mail is a thing attached."""
    waiting = [mail]
    while waiting:
        part = waiting.pop(0)
        payload = part.get_payload()
        if isinstance(payload, list) and part.get_content_maintype() == "multipart":
            waiting[:0] = [inner for inner in payload[:PARTS_MOST] if isinstance(inner, Message)]
        else:
            yield part


def _payload(part: Message) -> str:
    raw = part.get_payload(decode=True)
    return _decoded(raw, str(part.get_content_charset() or "utf-8")) if isinstance(raw, bytes) else ""


def _decoded(raw: bytes, charset: str) -> str:
    """Decode bytes: as UTF-8 where they are that and the charset is of one byte, for then it lies; else as it says."""
    try:
        named = codecs.lookup(charset).name
        # Latin-1 is what mails say that hold the curly quotes of Windows-1252; browsers take the one for the other.
        named = "cp1252" if named == "iso8859-1" else named
    except (LookupError, ValueError):
        named = "utf-8"
    for name in ("utf-8", named) if _LIKELY_UTF8.match(named) else (named, "utf-8"):
        try:
            return raw.decode(name).replace("\0", "")
        except (UnicodeDecodeError, LookupError, ValueError):
            continue
    return raw.decode("cp1252", "replace").replace("\0", "")
