"""Feeds in and out as OPML, the lists that readers of feeds exchange (opml.org, version 2.0). All pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lxml import etree

from vigie.errors import SchemaError
from vigie.schema.ids import canonical_link

LARGEST = 2_000_000
"""Bytes of a file that is read: a thousand feeds are a tenth of it."""

MOST = 500
"""Feeds taken of one file: what a form can carry, and more than one press should add."""

LONGEST_ADDRESS = 1_500
"""Letters of an address."""


@dataclass(frozen=True, slots=True)
class Outline:
    """One feed of a list."""

    title: str
    address: str
    folder: str = ""
    """Titles of the outlines around it."""


@dataclass(frozen=True, slots=True)
class Outlines:
    """What a file holds."""

    feeds: tuple[Outline, ...]
    """Each address once, in the order of the file."""
    repeated: int
    """Feeds that stand there again."""
    unreadable: int
    """Outlines whose address is none of the web."""
    left: int
    """Feeds beyond `MOST`."""


def read(data: bytes) -> Outlines:
    """Read a list of feeds, however its outlines are nested.

    Raises:
        SchemaError: it is too large, is no OPML, or declares a document type: entities may say anything.
    """
    if len(data) > LARGEST:
        raise SchemaError("The file is larger than 2 MB: no list of feeds is.", code="opml.too_large")
    root = _root(data)
    feeds: dict[str, Outline] = {}
    repeated = unreadable = 0
    for element in root.iter("{*}outline"):
        address = _attribute(element, "xmlurl")
        if not address:
            continue
        if not address.startswith(("http://", "https://")) or len(address) > LONGEST_ADDRESS or " " in address:
            unreadable += 1
        elif (key := canonical_link(address)) in feeds:
            repeated += 1
        else:
            feeds[key] = Outline(_title(element) or address, address, _folder(element))
    found = tuple(feeds.values())
    return Outlines(found[:MOST], repeated, unreadable, max(0, len(found) - MOST))


def _root(data: bytes) -> etree._Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as exc:
        raise SchemaError("The file is not OPML, or it is damaged.", code="opml.broken") from exc
    if str(getattr(root.getroottree().docinfo, "doctype", "")):
        raise SchemaError("The file declares a document type; a list of feeds needs none.", code="opml.doctype")
    if etree.QName(root).localname.lower() != "opml":
        raise SchemaError("The file is not OPML, or it is damaged.", code="opml.broken")
    return root


def _attribute(element: etree._Element, name: str) -> str:
    """Return an attribute whatever the capitals of its name: writers differ."""
    return next((str(v).strip() for k, v in element.attrib.items() if str(k).lower() == name), "")


def _title(element: etree._Element) -> str:
    text = _attribute(element, "title") or _attribute(element, "text")
    return " ".join(text.split())[:200]


def _folder(element: etree._Element) -> str:
    around = [_title(parent) for parent in element.iterancestors("{*}outline")]
    return " / ".join(title for title in reversed(around) if title)[:200]


def write(feeds: Iterable[Outline], *, title: str) -> bytes:
    """Write feeds as a list that every reader of feeds takes."""
    root = etree.Element("opml", version="2.0")
    etree.SubElement(etree.SubElement(root, "head"), "title").text = _printable(title)
    body = etree.SubElement(root, "body")
    for feed in feeds:
        name = _printable(feed.title)
        etree.SubElement(body, "outline", type="rss", text=name, title=name, xmlUrl=_printable(feed.address))
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True))


def _printable(text: str) -> str:
    """Drop what XML 1.0 has no place for (§2.2)."""
    return "".join(
        c
        for c in text
        if c in "\t\n\r" or (ord(c) >= 0x20 and not 0xD800 <= ord(c) <= 0xDFFF and ord(c) not in (0xFFFE, 0xFFFF))
    )


def new_ones(feeds: Sequence[Outline], known: Iterable[str]) -> tuple[list[Outline], list[Outline]]:
    """Part feeds into those that are new and those whose address is known already."""
    taken = {canonical_link(address) for address in known}
    new = [feed for feed in feeds if canonical_link(feed.address) not in taken]
    return new, [feed for feed in feeds if canonical_link(feed.address) in taken]
