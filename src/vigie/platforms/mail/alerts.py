"""The entries of a Google Alert: title, link without Google's redirect, source, snippet.

Alerts mark their entries up as `schema.org/Article`; where they do not, every link through Google's redirect is an entry.
No documentation gives that shape, and it could not be checked on a mail of today: tests hold one rebuilt with invented words.
"""

from dataclasses import dataclass
from typing import cast
from urllib.parse import parse_qs, urlsplit

from lxml import etree
from lxml import html as lxml_html
from lxml.html import HtmlElement

from vigie.text.html import text_of_element

ENTRIES_MOST = 200
"""Entries of one mail: an alert holds at most a few dozen."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One result of an alert."""

    link: str
    title: str
    source: str
    snippet: str


def entries_of(html: str) -> list[Entry]:
    """Return the entries of an alert, each link once."""
    try:
        doc = lxml_html.document_fromstring(
            html.encode("utf-8", "replace"), parser=lxml_html.HTMLParser(encoding="utf-8")
        )
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return []
    articles = _all(doc, "//*[contains(@itemtype, 'schema.org/Article')]")
    found = (
        [_marked_up(a) for a in articles]
        if articles
        else [_bare(a) for a in _all(doc, "//a[contains(@href, '/url?')]")]
    )
    entries: dict[str, Entry] = {}
    for entry in found[:ENTRIES_MOST]:
        if entry is not None:
            entries.setdefault(entry.link, entry)
    return list(entries.values())


def unwrapped(link: str) -> str:
    """Return where Google's redirect leads, without asking it; empty when it is no such link."""
    try:
        parts = urlsplit(link.strip())
        host = parts.hostname or ""
    except ValueError:
        return ""
    if not (host == "google.com" or host.startswith(("www.google.", "google."))) or parts.path != "/url":
        return ""
    query = parse_qs(parts.query)
    target = (query.get("url") or query.get("q") or [""])[0]
    return target if target.startswith(("http://", "https://")) and "." in target else ""


def _marked_up(article: HtmlElement) -> Entry | None:
    anchors = _all(article, ".//a[@itemprop='url'][@href]") or _all(article, ".//a[contains(@href, '/url?')]")
    link = next((target for a in anchors if (target := unwrapped(a.get("href", "")))), "")
    if not link:
        return None
    publisher = _all(article, ".//*[@itemprop='publisher']")
    source = _first(_all(publisher[0], ".//*[@itemprop='name']")) if publisher else ""
    names = [e for e in _all(article, ".//*[@itemprop='name']") if not _all(e, "ancestor::*[@itemprop='publisher']")]
    title = _first(names) or _first(anchors)
    snippet = _first(_all(article, ".//*[@itemprop='description']"))
    return Entry(link, title, source, snippet) if title or snippet else None


def _bare(anchor: HtmlElement) -> Entry | None:
    link, title = unwrapped(anchor.get("href", "")), text_of_element(anchor)
    return Entry(link, title, "", "") if link and title else None


def _first(elements: list[HtmlElement]) -> str:
    return " ".join(text_of_element(elements[0]).split()) if elements else ""


def _all(root: HtmlElement, path: str) -> list[HtmlElement]:
    return cast("list[HtmlElement]", root.xpath(path))
