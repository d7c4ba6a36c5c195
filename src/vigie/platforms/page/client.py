"""The envelope that keeps a page together with what of it is watched, and the page as text and tree."""

import codecs
import json
import re
from dataclasses import dataclass

from lxml import etree
from lxml import html as lxml_html
from lxml.html import HtmlElement

from vigie.errors import SkippableError

_MARK = b"vigie-page "
_META = re.compile(rb"<meta[^>]+charset\s*=\s*[\"']?\s*([\w\-]+)", re.IGNORECASE)
_HEADER = re.compile(r"charset\s*=\s*[\"']?\s*([\w\-]+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Watched:
    """What is watched of a page."""

    address: str
    selector: str


def packed(watched: Watched, body: bytes) -> bytes:
    """Return the bytes to keep."""
    head = json.dumps({"address": watched.address, "selector": watched.selector}, ensure_ascii=False)
    return _MARK + head.encode("utf-8", "replace") + b"\n" + body


def opened(body: bytes) -> tuple[Watched, bytes]:
    """Return what is watched, and the page.

    Raises:
        SkippableError: the bytes are none of ours.
    """
    head, found, html = body.partition(b"\n")
    try:
        if not head.startswith(_MARK) or not found:
            raise ValueError
        values = json.loads(head.removeprefix(_MARK))
        return Watched(str(values["address"]), str(values["selector"])), html
    except (ValueError, KeyError, TypeError) as exc:
        raise SkippableError("The page was not kept whole.", code="page.envelope") from exc


def decoded(body: bytes, media_type: str) -> str:
    """Decode a page: by its header, its meta, as UTF-8, else as Windows-1252, which browsers take Latin-1 for."""
    named, in_page = _HEADER.search(media_type), _META.search(body[:4_000])
    charset = named.group(1) if named else in_page.group(1).decode("ascii", "replace") if in_page else "utf-8"
    for name in (charset, "utf-8"):
        try:
            codec = codecs.lookup(name).name
            return body.decode({"iso8859-1": "cp1252", "ascii": "utf-8"}.get(codec, codec)).replace("\0", "")
        except (LookupError, UnicodeDecodeError, ValueError):
            continue
    return body.decode("cp1252", "replace").replace("\0", "")


def document(text: str) -> HtmlElement | None:
    """Return a page as a tree; `None` when there is nothing in it."""
    parser = lxml_html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    try:
        return lxml_html.document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return None
