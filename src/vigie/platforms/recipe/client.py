"""Bytes of pages: the envelope that keeps a page together with its recipe, the page as a tree, and its links."""

import codecs
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

from lxml import etree
from lxml import html as lxml_html
from lxml.html import HtmlElement

from vigie.errors import SkippableError
from vigie.platforms.recipe.dates import is_relative
from vigie.platforms.recipe.reading import Recipe, Selector
from vigie.platforms.recipe.settings import SHORT_MOST
from vigie.text.html import DROPPED, text_of_element

_MARK = b"vigie-recipe "
_META = re.compile(rb"<meta[^>]+charset\s*=\s*[\"']?\s*([\w\-]+)", re.IGNORECASE)
_HEADER = re.compile(r"charset\s*=\s*[\"']?\s*([\w\-]+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Sent:
    """What stands before a page's own bytes, so that they can be parsed without looking elsewhere."""

    recipe: str = ""
    thread: str = ""
    """The address of the thread's first page."""
    root: str = ""
    """Native id of the thread's first post, when known."""
    is_alone: bool = True
    """No other thread of this read gave posts: a page without any says that the recipe is broken."""
    notes: Sequence[tuple[str, str]] = field(default_factory=tuple)
    """Threads that could not be read: address and code."""


def packed(sent: Sent, body: bytes) -> bytes:
    """Return the bytes to keep."""
    head = {
        "recipe": sent.recipe, "thread": sent.thread, "root": sent.root, "alone": sent.is_alone, "notes": list(sent.notes),
    }  # fmt: skip
    return _MARK + json.dumps(head, ensure_ascii=False).encode("utf-8", "replace") + b"\n" + body


def opened(body: bytes) -> tuple[Sent, bytes]:
    """Return what stands before a page, and the page.

    Raises:
        SkippableError: the bytes are none of ours.
    """
    head, found, html = body.partition(b"\n")
    try:
        if not head.startswith(_MARK) or not found:
            raise ValueError
        values = json.loads(head.removeprefix(_MARK))
        notes = tuple((str(url), str(code)) for url, code in values["notes"])
        return Sent(values["recipe"], values["thread"], values["root"], bool(values["alone"]), notes), html
    except (ValueError, KeyError, TypeError) as exc:
        raise SkippableError("The page was not read by a recipe.", code="recipe.envelope") from exc


def document(body: bytes, media_type: str) -> HtmlElement | None:
    """Return a page as a tree; `None` when there is nothing in it."""
    text = _decoded(body, media_type).replace("\0", "")
    parser = lxml_html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    try:
        return lxml_html.document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return None


def _decoded(body: bytes, media_type: str) -> str:
    """Decode a page: by its header, its meta, as UTF-8, else as Windows-1252, which browsers take Latin-1 for."""
    named = _HEADER.search(media_type) or None
    in_page = _META.search(body[:4_000])
    charset = named.group(1) if named else in_page.group(1).decode("ascii", "replace") if in_page else "utf-8"
    try:
        codec = codecs.lookup(charset).name
        return body.decode({"iso8859-1": "cp1252", "ascii": "utf-8"}.get(codec, codec))
    except (LookupError, UnicodeDecodeError, ValueError):
        try:
            return body.decode("utf-8")
        except UnicodeDecodeError:
            return body.decode("cp1252", "replace")


def value_of(selector: Selector | None, root: HtmlElement) -> str:
    """Return the attribute or the text of the first element found that has any; short, on one line."""
    if selector is None:
        return ""
    for element in selector.elements(root):
        raw = element.get(selector.attribute, "") if selector.attribute else _text(element)
        if raw.strip():
            return " ".join(raw.split())[:SHORT_MOST]
    return ""


def _text(element: HtmlElement) -> str:
    """Return the text of an element; one without elements in it is its own text."""
    return (element.text or "") if len(element) == 0 and element.tag not in DROPPED else text_of_element(element)


def link_of(selector: Selector | None, root: HtmlElement, page_url: str, ignore: Sequence[str]) -> str:
    """Return the address that the first element found names: by its attribute, `href`, or the link in it."""
    if selector is None:
        return ""
    for element in selector.elements(root):
        named = element.get(selector.attribute) if selector.attribute else element.get("href")
        inner = None if named else element.find(".//a[@href]")
        target = named or (inner.get("href") if inner is not None else "")
        if target and (address := absolute(target, page_url, ignore)):
            return address
    return ""


def base_of(doc: HtmlElement, page_url: str) -> str:
    """Return the address that links of a page start from."""
    base = doc.find(".//base[@href]")
    return str(urljoin(page_url, base.get("href"))) if base is not None else page_url


def absolute(target: str, page_url: str, ignore: Sequence[str]) -> str:
    """Return a link's whole address without the parameters that name a visit; empty when it is none of this site's."""
    end = page_url.find("/", len("https://"))
    if end > 0 and target.startswith(page_url[: end + 1]) and not _names_a_visit(target, ignore):
        # Most links are whole and of this site: taking them apart would cost more than all else of a post.
        return target
    try:
        parts = urlsplit(urljoin(page_url, target.strip()))
        own = parts.hostname == urlsplit(page_url).hostname
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https") or not own:
        return ""
    return urlunsplit(parts._replace(query=_query(parts.query, ignore)))


def _names_a_visit(target: str, ignore: Sequence[str]) -> bool:
    """Say whether an address may have one of some parameters."""
    small = target.lower() if ignore else ""
    return any(f"{name.lower()}=" in small for name in ignore)


def _query(query: str, ignore: Sequence[str]) -> str:
    """Leave out parameters; a query without any of them stays as it was written."""
    if not _names_a_visit(query, ignore):
        return query
    names = {name.lower() for name in ignore}
    return urlencode([(k, v) for k, v in parse_qsl(query, keep_blank_values=True) if k.lower() not in names])


@dataclass(frozen=True, slots=True)
class Thread:
    """A thread as a listing names it."""

    url: str
    mark: str
    """Changes when the thread does: its count, or its last date."""


def threads_of(recipe: Recipe, doc: HtmlElement, page_url: str) -> list[Thread]:
    """Return the threads of a listing, each once, in its order."""
    listing = recipe.listing
    if listing is None:
        return []
    rows = listing.row.elements(doc) if listing.row is not None else listing.thread.elements(doc)
    base, found = base_of(doc, page_url), dict[str, Thread]()
    for row in rows:
        inner = listing.thread if listing.row is not None else Selector("", None, listing.thread.attribute)
        url = link_of(inner, row, base, recipe.ignore).partition("#")[0]
        if url:
            found.setdefault(url, Thread(url, _mark(value_of(listing.count, row), value_of(listing.last, row))))
    return list(found.values())


def _mark(count: str, last: str) -> str:
    """Join count and last date; a date that runs on its own (“3 h”) is left out where there is a count."""
    digits = "".join(c for c in count if c.isdigit())
    return f"{digits}|{'' if digits and is_relative(last) else last}" if digits or last else ""


def next_of(selector: Selector | None, doc: HtmlElement, page_url: str, recipe: Recipe) -> str:
    """Return the address of the next page; empty on the last."""
    return link_of(selector, doc, base_of(doc, page_url), recipe.ignore).partition("#")[0]
